"""Payment and return files as CSV and workbooks: one signature with the text form, and nothing changed passes."""

from __future__ import annotations

import csv
import io

import fastexcel
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from jiuye.exchange.bank import LineResult, Outcome, tables
from jiuye.exchange.bank.file_format import Answer, DamagedFileError, encode_order
from jiuye.exchange.bank.tables import (
    answer_table,
    order_table,
    read_answer_table,
    read_bank_file,
    read_order_table,
    signature_of,
)
from tests.exchange.test_file_bank import BATCH, DAY, KEY, PAID, REJECTED

ANSWER = Answer("B-1", "BK-1", (PAID, REJECTED))


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_was_written_is_read_back_in_either_kind(kind):
    assert read_order_table(order_table(BATCH, KEY, kind), KEY) == BATCH
    assert read_answer_table(answer_table(ANSWER, KEY, kind), KEY) == ANSWER


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_a_table_is_is_told_from_the_same_reading_that_gives_its_lines(kind, monkeypatch):
    read = []
    for name in ("_workbook", "_csv"):
        parse = getattr(tables, name)
        monkeypatch.setattr(tables, name, lambda content, parse=parse: read.append(content) or parse(content))
    order, answer = order_table(BATCH, KEY, kind), answer_table(ANSWER, KEY, kind)
    assert read_bank_file(order, KEY) == BATCH
    assert read_bank_file(answer, KEY) == ANSWER
    assert read == [order, answer]


def test_a_long_account_number_stays_text_in_the_workbook_and_the_total_stands_in_the_first_and_last_row():
    sheet = fastexcel.read_excel(order_table(BATCH, KEY, "xlsx")).load_sheet(
        0, header_row=None, dtypes="string"
    )
    rows = [
        list(row) for row in zip(*[column.to_pylist() for column in sheet.to_arrow().columns], strict=True)
    ]
    assert rows[2][2] == "6222021108000000017"
    assert rows[0][4:6] == ["2", "617.29"]
    assert rows[-1][1:3] == ["2", "617.29"]
    assert rows[-1][3] == signature_of(encode_order(BATCH, KEY))


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_changed_byte_of_a_csv_is_refused_with_a_sentence(data):
    content = bytearray(answer_table(ANSWER, KEY, "csv"))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(DamagedFileError, match="整个文件未采用"):
        read_answer_table(bytes(content), KEY)


def rewritten(rows: list[list[str]]) -> bytes:
    """A workbook of these rows, as somebody with Excel would save it."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    sheet = book.add_worksheet()
    for line, row in enumerate(rows):
        for position, value in enumerate(row):
            sheet.write_string(line, position, value)
    book.close()
    return buffer.getvalue()


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_a_doubled_line_a_wrong_total_and_a_changed_cell_of_a_workbook_are_each_said():
    rows = rows_of(answer_table(ANSWER, KEY, "csv"))
    assert read_answer_table(rewritten(rows), KEY) == ANSWER
    with pytest.raises(DamagedFileError, match=r"第 4 行.*“case:1#1”在第 3 行已有，重复了"):
        read_answer_table(rewritten([*rows[:3], rows[2], *rows[3:]]), KEY)
    wrong = [[*rows[0][:4], "617.29"], *rows[1:]]
    with pytest.raises(DamagedFileError, match="控制总数不符"):
        read_answer_table(rewritten(wrong), KEY)
    changed = [*rows[:2], [*rows[2][:3], "LS78", *rows[2][4:]], *rows[3:]]
    with pytest.raises(DamagedFileError, match="签名不符"):
        read_answer_table(rewritten(changed), KEY)
    with pytest.raises(DamagedFileError, match="签名不符"):
        read_answer_table(answer_table(ANSWER, b"another key", "xlsx"), KEY)


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 no workbook", b"\xff\xfe\x00", "姓名,金额\r\n".encode()]
)
def test_what_is_no_return_file_is_said_to_be_none(content):
    with pytest.raises(DamagedFileError):
        read_answer_table(content, KEY)


def test_a_name_with_commas_and_quotes_survives_the_csv():
    odd = Answer("B-1", "BK-1", (LineResult("k#1", Outcome.REJECTED, 1, "", "X", '户名"张,三"不符', DAY),))
    assert read_answer_table(answer_table(odd, KEY, "csv"), KEY) == odd
