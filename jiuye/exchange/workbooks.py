"""How far the cells of a workbook reach, told from its bytes before any reader lays them out.

A reader of .xlsx fills the whole rectangle between the first and the last cell: one stray cell in XFD1048576 asks for 17 thousand million.
Office Open XML (ECMA-376 part 1, 18.3.1.4): a cell's place stands in its own `r`, and `dimension` is only a hint, so the cells are read.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

MAX_CELLS = 20_000_000  # 500,000 rows of 40 columns; about 1 GB once read
_CHUNK = 1 << 20
_HEAD = 4096
_SHEET = re.compile(rb"<(?:\w+:)?worksheet[\s>]")
# An empty cell that only has a format ends in "/>": readers leave it out, and whole rows are often formatted so.
_CELL = re.compile(rb"""<(?:\w+:)?c\s(?:[^>]*?\s)?r=["']([A-Za-z]{1,3})(\d{1,7})["'][^>]*(?<!/)>""")
# One that holds something right of column AN or below row 499,999: most files have none, and looking for them is quick.
_OUTSIDE = re.compile(
    rb"""\sr=["'](?:(?:A[O-Z]|[B-Z][A-Z]|[A-Z]{3}|[A-Z]{0,2}[a-z][A-Za-z]{0,2})\d{1,7}|[A-Z]{1,2}(?:[5-9]\d{5}|\d{7}))["'][^>]*(?<!/)>"""
)


@dataclass(frozen=True, slots=True)
class Extent:
    """The last row and column that hold something, and the cell that reaches furthest, as a spreadsheet names it."""

    rows: int
    columns: int
    furthest: str

    @property
    def cells(self) -> int:
        return self.rows * self.columns


def too_far(content: bytes, *, most_cells: int = MAX_CELLS) -> Extent | None:
    """The first sheet whose rectangle has more cells than may be laid out, None where every sheet may be read.

    Raises zipfile.BadZipFile.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for member in archive.infolist():
            if not member.filename.lower().endswith((".xml", ".bin")):
                continue
            with archive.open(member) as part:
                if not _SHEET.search(part.read(_HEAD)):
                    continue
            extent = _extent(archive, member)
            if extent is not None and extent.cells > most_cells:
                return extent
    return None


def _extent(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Extent | None:
    """None where nothing lies outside the usual rectangle, which is below the limit."""
    if not any(_OUTSIDE.search(chunk) for chunk in _chunks(archive, member)):
        return None
    rows = columns = 0
    furthest, reach = "", 0
    for chunk in _chunks(archive, member):
        for letters, digits in _CELL.findall(chunk):
            column, row = _number(letters), int(digits)
            rows, columns = max(rows, row), max(columns, column)
            if row * column > reach:
                furthest, reach = f"{letters.decode().upper()}{row}", row * column
    return Extent(rows, columns, furthest)


def _chunks(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """The part piece by piece, cut between elements, so that no cell falls in two."""
    left = b""
    with archive.open(member) as part:
        while read := part.read(_CHUNK):
            whole = left + read
            cut = whole.rfind(b"<")
            if cut <= 0:
                left = whole
                continue
            yield whole[:cut]
            left = whole[cut:]
    if left:
        yield left


def _number(letters: bytes) -> int:
    """A column's number: A is 1, Z 26, AA 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
