"""A workbook with one cell far away is found out before a reader lays out the millions between."""

from __future__ import annotations

import io
import zipfile

import pytest
import xlsxwriter

from jiuye.exchange.bank.file_format import DamagedFileError
from jiuye.exchange.bank.tables import read_answer_table
from jiuye.exchange.workbooks import too_far
from jiuye.office.registry.importing.files import UnreadableFileError, read_file


def book(*cells: tuple[int, int], formatted: tuple[int, int] | None = None) -> bytes:
    """A workbook with a word in each of these cells (row, column from nought), and one that has a format and nothing else."""
    buffer = io.BytesIO()
    written = xlsxwriter.Workbook(buffer)
    sheet = written.add_worksheet()
    for row, column in cells:
        sheet.write_string(row, column, "张伟")
    if formatted is not None:
        sheet.write_blank(*formatted, None, written.add_format({"bold": True}))
    written.close()
    return buffer.getvalue()


def rewritten(content: bytes, change) -> bytes:
    """The same workbook with the XML of its sheet changed, and its hint of the extent with it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for member in old.infolist():
            data = old.read(member)
            new.writestr(member, change(data) if "worksheets/" in member.filename else data)
    return buffer.getvalue()


CORNER = (1_048_575, 16_383)


@pytest.mark.parametrize("far", [CORNER, (1_048_575, 150), (600_000, 39), (1_999, 16_383)])
def test_one_stray_cell_is_named_and_neither_reader_takes_the_workbook(far):
    content = book((0, 0), far)
    extent = too_far(content)
    assert extent is not None
    assert (extent.rows, extent.columns) == (far[0] + 1, far[1] + 1)
    with pytest.raises(UnreadableFileError, match=extent.furthest):
        read_file("名单.xlsx", content)
    with pytest.raises(DamagedFileError, match=extent.furthest):
        read_answer_table(content, b"k")


def test_what_the_sheet_says_of_its_own_extent_is_not_believed_nor_how_its_elements_are_prefixed():
    far = book((0, 0), CORNER)
    small = rewritten(far, lambda xml: xml.replace(b'ref="A1:XFD1048576"', b'ref="A1:A1"'))
    assert too_far(small) is not None
    quoted = rewritten(far, lambda xml: xml.replace(b'r="XFD1048576"', b"r='XFD1048576'"))
    assert too_far(quoted) is not None
    prefixed = rewritten(
        far, lambda xml: xml.replace(b"<c ", b"<x:c ").replace(b"<worksheet ", b"<x:worksheet ")
    )
    assert too_far(prefixed) is not None


def test_an_honest_list_a_wide_short_one_and_formats_on_empty_cells_are_read():
    for content in (book((0, 0), (300, 20)), book((0, 0), (30, 150)), book((0, 0), formatted=CORNER)):
        assert too_far(content) is None
        assert read_file("名单.xlsx", content)[0].frame.height >= 1
