"""What an uploaded paper is, by what stands in it: a PDF that does nothing by itself, a PNG or a JPEG of a size that can be shown.

A PDF's names may be written with escapes (ISO 32000-1, 7.3.5) and its objects may lie compressed in others (7.5.7), and three letters
occur by chance in any scanned picture: so its objects are read, and streams are left packed.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from typing import Any

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject

MOST_OBJECTS = 20_000
MOST_PIXELS = (
    120_000_000  # the largest photographs of today's telephones; a picture unpacks to four bytes a pixel
)
# What acts when a document is opened, looked at or printed (ISO 32000-1, 12.6), and what carries other files (7.11.4).
ACTIVE = frozenset(
    {
        "/JavaScript",
        "/JS",
        "/Launch",
        "/AA",
        "/EmbeddedFile",
        "/EmbeddedFiles",
        "/RichMedia",
        "/ImportData",
        "/SubmitForm",
        "/XFA",
    }
)
# Too long to occur by chance; found even where an object is no longer in use.
_IN_THE_OPEN = (b"/JavaScript", b"/Launch", b"/EmbeddedFile", b"/RichMedia", b"/SubmitForm", b"/ImportData")
_OPENS_AT_A_PAGE = "/GoTo"

logging.getLogger("pypdf").setLevel(logging.ERROR)  # it warns of every blemish that it can read past


class DamagedPaperError(ValueError):
    """The content is not what its first bytes say, or it ends too early."""


class LockedPaperError(ValueError):
    """A PDF that only a password opens."""


class TooMuchInPaperError(ValueError):
    """More objects than a paper has, or more pixels than can be shown."""


def is_active(content: bytes) -> bool:
    """Whether a PDF holds something that acts by itself. Raises DamagedPaperError, LockedPaperError, TooMuchInPaperError."""
    if any(mark in content for mark in _IN_THE_OPEN):
        return True
    try:
        reader = PdfReader(io.BytesIO(content), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise LockedPaperError
        if not reader.pages:
            raise DamagedPaperError
        return any(_acts(thing) for thing in _objects(reader))
    except (LockedPaperError, DamagedPaperError, TooMuchInPaperError):
        raise
    except (PyPdfError, ValueError, LookupError, TypeError, AttributeError, RecursionError, OSError) as error:
        raise DamagedPaperError from error  # the reader fails in many ways on what is no PDF


def _objects(reader: PdfReader) -> Iterator[Any]:
    """Every object of the table of contents, and the trailer, each once; what lies inside of one is walked by `_acts`."""
    keys = {(number, generation) for generation, row in reader.xref.items() for number in row}
    keys |= {(number, 0) for number in reader.xref_objStm}
    if len(keys) > MOST_OBJECTS:
        raise TooMuchInPaperError
    yield reader.trailer
    for number, generation in sorted(keys):
        if number:
            yield reader.get_object(IndirectObject(number, generation, reader))


def _acts(thing: Any) -> bool:
    """Whether a name of `ACTIVE` stands in it, or an action that runs at opening; references are not followed: they are objects themselves."""
    waiting = [thing]
    while waiting:
        part = waiting.pop()
        if isinstance(part, DictionaryObject):
            if ACTIVE & part.keys():
                return True
            opening = part.get("/OpenAction")
            if isinstance(opening, IndirectObject):
                opening = opening.get_object()
            if isinstance(opening, DictionaryObject) and opening.get("/S") != _OPENS_AT_A_PAGE:
                return True
            waiting += [value for value in part.values() if not isinstance(value, IndirectObject)]
        elif isinstance(part, ArrayObject):
            waiting += [value for value in part if not isinstance(value, IndirectObject)]
        elif isinstance(part, NameObject) and part in ACTIVE:
            return True
    return False


def require_png(content: bytes) -> None:
    """A header, a size that can be shown, and an end (ISO/IEC 15948). Raises DamagedPaperError, TooMuchInPaperError."""
    if content[12:16] != b"IHDR" or len(content) < 45 or b"IEND" not in content[-64:]:
        raise DamagedPaperError
    _require_size(int.from_bytes(content[16:20]), int.from_bytes(content[20:24]))


def require_jpeg(content: bytes) -> None:
    """Segments up to a frame header that says the size (ITU-T T.81, annex B). Raises DamagedPaperError, TooMuchInPaperError."""
    place = 2
    while place + 9 < len(content):
        if content[place] != 0xFF:
            break
        marker = content[place + 1]
        if marker == 0xFF:  # a fill byte
            place += 1
            continue
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            high = int.from_bytes(content[place + 5 : place + 7])
            _require_size(int.from_bytes(content[place + 7 : place + 9]), high)
            return
        place += 2 + int.from_bytes(content[place + 2 : place + 4])
    raise DamagedPaperError


def _require_size(wide: int, high: int) -> None:
    if not wide or not high:
        raise DamagedPaperError
    if wide * high > MOST_PIXELS:
        raise TooMuchInPaperError
