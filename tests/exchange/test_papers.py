"""A paper is taken or refused by what stands in it: never by three letters that a scanned picture holds by chance."""

from __future__ import annotations

import io
import random
import zlib

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from jiuye.exchange.papers import (
    DamagedPaperError,
    LockedPaperError,
    TooMuchInPaperError,
    is_active,
    require_jpeg,
    require_png,
)
from tests.papers import jpeg, locked, pdf, png, scanned, written

ACTION = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}


def test_a_scanned_picture_may_hold_any_bytes():
    noise = random.Random(7).randbytes(3_000_000) + b"/JS /AA /OpenAction"
    assert not is_active(scanned(noise))


def test_a_link_to_a_page_that_opens_first_is_no_action_and_any_other_is():
    for kind, acts in (("/GoTo", False), ("/URI", True)):
        writer = PdfWriter()
        writer.add_blank_page(width=9, height=9)
        writer.root_object[NameObject("/OpenAction")] = writer._add_object(
            DictionaryObject({NameObject("/S"): NameObject(kind)})
        )
        assert is_active(written(writer)) is acts


def with_script() -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(width=9, height=9)
    writer.root_object[NameObject("/Names")] = writer._add_object(DictionaryObject(ACTION))
    return written(writer)


def test_a_script_is_found_in_the_open_and_with_its_name_escaped():
    plain = with_script()
    escaped = plain.replace(b"/JavaScript", b"/J#61vaScrip#74").replace(b"/JS ", b"/J#53 ")
    assert b"/JavaScript" not in escaped
    for content in (plain, escaped):
        assert is_active(content)


def test_a_script_is_found_in_a_compressed_object():
    inside = b"5 0 << /S /JavaScript /JS (app.alert\\(1\\)) >>"
    packed = zlib.compress(inside)
    body = b"%PDF-1.5\n"
    places = {}
    for number, text in (
        (1, b"<< /Type /Catalog /Pages 2 0 R /OpenAction 5 0 R >>"),
        (2, b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"),
        (3, b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>"),
        (4, b"<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (len(packed), packed)),
    ):  # fmt: skip
        places[number] = len(body)
        body += b"%d 0 obj\n%s\nendobj\n" % (number, text)
    rows = b"".join(
        row
        for row in (
            b"\x00\x00\x00\xff",
            *(b"\x01" + places[number].to_bytes(2, "big") + b"\x00" for number in (1, 2, 3, 4)),
            b"\x02\x00\x04\x00",
            b"\x01" + len(body).to_bytes(2, "big") + b"\x00",
        )
    )
    start = len(body)
    body += (
        b"6 0 obj\n<< /Type /XRef /Size 7 /W [1 2 1] /Root 1 0 R /Length %d >>\nstream\n%s\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n"
        % (len(rows), rows, start)
    )
    assert b"JavaScript" not in body
    assert len(PdfReader(io.BytesIO(body)).pages) == 1
    assert is_active(body)


def test_what_is_no_whole_pdf_or_is_locked_says_so():
    for broken in (b"%PDF-1.4 a letter", pdf()[:120], b"%PDF-" + b"x" * 5000):
        with pytest.raises(DamagedPaperError):
            is_active(broken)
    with pytest.raises(LockedPaperError):
        is_active(locked("secret"))
    assert not is_active(locked(""))  # some programs lock against changing only: it opens without a word


def test_a_picture_has_a_size_that_can_be_shown_and_an_end():
    require_png(png(4000, 3000))
    require_jpeg(jpeg(12_000, 9_000))
    for check, content in ((require_png, png(60_000, 60_000)), (require_jpeg, jpeg(60_000, 60_000))):
        with pytest.raises(TooMuchInPaperError):
            check(content)
    for check, content in (
        (require_png, b"\x89PNG\r\n\x1a\n<script>alert(1)</script>"),
        (require_png, png()[:-12]),
        (require_jpeg, b"\xff\xd8\xffPK\x03\x04" + b"0" * 99),
        (require_jpeg, b"\xff\xd8\xff"),
    ):
        with pytest.raises(DamagedPaperError):
            check(content)
