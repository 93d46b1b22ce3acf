"""Small papers that are what they say: for tests of whatever takes an upload."""

from __future__ import annotations

import io
import struct
import zlib

from pypdf import PdfWriter
from pypdf.generic import NameObject, StreamObject, TextStringObject


def pdf(words: str = "a paper") -> bytes:
    """A PDF of one empty page; other words make another file."""
    writer = PdfWriter()
    writer.add_blank_page(width=200, height=200)
    writer.add_metadata({"/Title": words})
    return written(writer)


def scanned(picture: bytes) -> bytes:
    """A PDF whose page carries these bytes as a compressed picture would."""
    writer = PdfWriter()
    page = writer.add_blank_page(width=200, height=200)
    stream = StreamObject()
    stream._data = picture
    stream.update({NameObject("/Type"): NameObject("/XObject")})
    page[NameObject("/Picture")] = writer._add_object(stream)
    return written(writer)


def locked(password: str) -> bytes:
    """A PDF that only the password opens."""
    writer = PdfWriter()
    writer.add_blank_page(width=200, height=200)
    writer.add_metadata({"/Title": TextStringObject("locked")})
    writer.encrypt(password, algorithm="AES-256")
    return written(writer)


def written(writer: PdfWriter) -> bytes:
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def png(wide: int = 1, high: int = 1) -> bytes:
    """A grey PNG that says it has this size; its one line is that of a picture of one pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", wide, high, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\x00\x80")) + chunk(b"IEND", b"")


def jpeg(wide: int = 8, high: int = 8) -> bytes:
    """The segments of a JPEG as far as its frame header."""
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, high, wide, 1) + b"\x01\x11\x00"
    return b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + frame + b"\xff\xd9"
