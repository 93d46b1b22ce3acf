"""The same two files as tables: CSV and XLSX, for a bank's web page that wants no other.

The first row says what the file is, for which batch, and its control total (lines, sum); the second heads the columns; the
last repeats the control total and signs. The signature is the last HMAC-SM3 of the text form of the same content
(`file_format`), so that a .pay file, a CSV and a workbook of one batch bear one signature. A CSV is held to its bytes: it must
be exactly what its content gives when it is written again.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Sequence

import fastexcel
import xlsxwriter

from jiuye.exchange.bank.file_format import (
    LETTERS,
    OUTCOMES,
    Answer,
    DamagedFileError,
    control_total,
    day_at,
    decode_answer,
    decode_order,
    encode_answer,
    encode_order,
    fen_at,
    yuan,
)
from jiuye.exchange.bank.records import Instruction, LineResult, Submission, UnfitInstructionError
from jiuye.exchange.workbooks import too_far

KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
LARGEST_BYTES = 20 * 1024 * 1024
LARGEST_UNPACKED = 200 * 1024 * 1024  # a workbook that unpacks to more is a trap and no return file
ORDER, ANSWER, END = "JIUYE-PAY-1", "JIUYE-RET-1", "END"
ORDER_HEADS = ("付款键", "户名", "账号", "开户行", "金额（元）", "摘要")
ANSWER_HEADS = ("付款键", "结果", "金额（元）", "流水号", "退回代码", "退回原因", "日期")
_BOM = b"\xef\xbb\xbf"


def order_table(batch: Submission, key: bytes, kind: str) -> bytes:
    """The payment file of that kind (csv, xlsx). The same batch gives the same CSV, byte by byte."""
    totals = control_total(len(batch.lines), batch.total_fen)
    rows = [
        [
            line.line_key,
            line.payee_name,
            line.payee_account,
            line.payee_bank,
            yuan(line.amount_fen),
            line.purpose,
        ]
        for line in batch.lines
    ]
    head = [ORDER, batch.batch_key, batch.payer, batch.on.isoformat(), *totals]
    return _written(head, ORDER_HEADS, rows, [END, *totals, signature_of(encode_order(batch, key))], kind)


def answer_table(answer: Answer, key: bytes, kind: str) -> bytes:
    """The return file of that kind, as the bank writes it."""
    totals = control_total(len(answer.lines), answer.paid_fen)
    rows = [
        [
            line.line_key,
            LETTERS[line.outcome],
            yuan(line.amount_fen),
            line.reference,
            line.code,
            line.reason,
            line.on.isoformat() if line.on else "",
        ]
        for line in answer.lines
    ]
    head = [ANSWER, answer.batch_key, answer.reference, *totals]
    return _written(head, ANSWER_HEADS, rows, [END, *totals, signature_of(encode_answer(answer, key))], kind)


def read_order_table(content: bytes, key: bytes) -> Submission:
    """What `order_table` wrote, in either kind. Raises DamagedFileError."""
    return _order(_table(content), content, key)


def _order(table: list[list[str]], content: bytes, key: bytes) -> Submission:
    head, rows, end = _parts(table, ORDER, 6, ORDER_HEADS)
    try:
        lines = tuple(
            Instruction(row[0], row[1], row[2], row[3], fen_at(row[4], number), row[5])
            for number, row in enumerate(rows, start=3)
        )
        batch = Submission(head[1], head[2], day_at(head[3], 1), lines)
    except UnfitInstructionError as error:
        raise DamagedFileError(1, error.zh, error.en) from error
    _agree(len(rows) + 3, head[4:6], end[1:3], control_total(len(lines), batch.total_fen))
    _signed(len(rows) + 3, end[3], encode_order(batch, key))
    _as_written(content, lambda: order_table(batch, key, "csv"))
    return batch


def read_answer_table(content: bytes, key: bytes) -> Answer:
    """A return file in either kind. Raises DamagedFileError: a doubled line, a wrong total, a changed byte."""
    return _answer(_table(content), content, key)


def _answer(table: list[list[str]], content: bytes, key: bytes) -> Answer:
    head, rows, end = _parts(table, ANSWER, 5, ANSWER_HEADS)
    lines: list[LineResult] = []
    places: dict[str, int] = {}
    for number, row in enumerate(rows, start=3):
        if row[0] in places:
            raise DamagedFileError(
                number,
                f"付款键“{row[0]}”在第 {places[row[0]]} 行已有，重复了。",
                f"the line key '{row[0]}' stands on line {places[row[0]]} already.",
            )
        places[row[0]] = number
        if row[1] not in OUTCOMES:
            raise DamagedFileError(
                number, f"结果“{row[1]}”不是 P、R 或 W。", f"the result '{row[1]}' is not P, R or W."
            )
        on = day_at(row[6], number) if row[6] else None
        lines.append(LineResult(row[0], OUTCOMES[row[1]], fen_at(row[2], number), row[3], row[4], row[5], on))
    answer = Answer(head[1], head[2], tuple(lines))
    _agree(len(rows) + 3, head[3:5], end[1:3], control_total(len(lines), answer.paid_fen))
    _signed(len(rows) + 3, end[3], encode_answer(answer, key))
    _as_written(content, lambda: answer_table(answer, key, "csv"))
    return answer


def read_bank_file(content: bytes, key: bytes) -> Submission | Answer:
    """A payment file or a return file, as text (.pay, .ret), CSV or workbook; which it is stands at its beginning. Raises DamagedFileError."""
    if content.startswith(f"{ORDER}|".encode()):
        return decode_order(content, key)
    if content.startswith(f"{ANSWER}|".encode()):
        return decode_answer(content, key)
    table = _table(content)
    is_order = bool(table) and table[0][:1] == [ORDER]
    return _order(table, content, key) if is_order else _answer(table, content, key)


def signature_of(text_form: bytes) -> str:
    """The last HMAC-SM3 of a payment or return file in its text form."""
    return text_form.decode("gb18030").rstrip().rpartition("|")[2]


def _written(
    head: list[str], heads: Sequence[str], rows: list[list[str]], end: list[str], kind: str
) -> bytes:
    table = [head, list(heads), *rows, end]
    if kind == "csv":
        text = io.StringIO()
        csv.writer(text, lineterminator="\r\n").writerows(table)
        return _BOM + text.getvalue().encode()
    assert kind == "xlsx", kind
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer, {"strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet("JIUYE")
    text_format = book.add_format({"num_format": "@"})
    sheet.set_column(0, 6, 22)
    for line, row in enumerate(table):
        for position, value in enumerate(row):
            # Everything is text: an account number that a spreadsheet takes for a number loses its last digits.
            sheet.write_string(line, position, value, text_format)
    book.close()
    return buffer.getvalue()


def _table(content: bytes) -> list[list[str]]:
    """Every row of a CSV or of a workbook's first sheet. Raises DamagedFileError."""
    if len(content) > LARGEST_BYTES:
        raise DamagedFileError(1, "文件超过20 MB。", "the file is larger than 20 MB.")
    return _workbook(content) if content[:2] == b"PK" else _csv(content)


def _parts(
    table: list[list[str]], magic: str, head_width: int, heads: Sequence[str]
) -> tuple[list[str], list[list[str]], list[str]]:
    """The first row, those between, and the last one, each as wide as agreed. Raises DamagedFileError."""
    if len(table) < 4:
        raise DamagedFileError(len(table), "文件不完整。", "the file is not complete.")
    head, titles, rows, end = table[0][:head_width], table[1], table[2:-1], table[-1]
    if len(head) != head_width or head[0] != magic or any(table[0][head_width:]):
        raise DamagedFileError(1, f"不是 {magic} 文件。", f"it is no {magic} file.")
    width = len(heads)
    if tuple(titles[:width]) != tuple(heads):
        raise DamagedFileError(2, "列名不符。", "the headings are not those agreed.")
    if len(end) < 4 or end[0] != END or any(end[4:]):
        raise DamagedFileError(len(table), "没有结束行。", "the closing line is missing.")
    for number, row in enumerate(rows, start=3):
        if len(row) < width or any(row[width:]):
            raise DamagedFileError(number, f"应有 {width} 栏。", f"it should have {width} fields.")
    return head, [row[:width] for row in rows], end[:4]


def _csv(content: bytes) -> list[list[str]]:
    try:
        text = content.removeprefix(_BOM).decode()
    except UnicodeDecodeError as error:
        raise DamagedFileError(1, "不是 UTF-8 编码的 CSV。", "it is no CSV in UTF-8.") from error
    try:
        return list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise DamagedFileError(1, "CSV 读不懂。", "the CSV cannot be read.") from error


def _workbook(content: bytes) -> list[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            unpacked = sum(part.file_size for part in packed.infolist())
        if unpacked > LARGEST_UNPACKED:
            raise DamagedFileError(1, "工作簿解开后超过200 MB。", "the workbook unpacks to more than 200 MB.")
        far = too_far(content)
        if far is not None:
            raise DamagedFileError(
                far.rows,
                f"工作簿的内容一直到单元格 {far.furthest}，回盘文件没有这么大。",
                f"its cells reach as far as {far.furthest}: no return file is so large.",
            )
        sheet = fastexcel.read_excel(content).load_sheet(0, header_row=None, dtypes="string")
        columns = [column.to_pylist() for column in sheet.to_arrow().columns]
    except DamagedFileError:  # itself a ValueError
        raise
    except (zipfile.BadZipFile, fastexcel.FastExcelError, ValueError, OSError) as error:
        raise DamagedFileError(1, "工作簿读不懂。", "the workbook cannot be read.") from error
    return [[value or "" for value in row] for row in zip(*columns, strict=True)]


def _agree(last_line: int, head: list[str], end: list[str], counted: list[str]) -> None:
    if head != counted or end != counted:
        raise DamagedFileError(
            last_line,
            f"控制总数不符：首行 {head}，末行 {end}，实际 {counted}（笔数、金额）。",
            f"the control totals differ: first line {head}, last line {end}, counted {counted} (lines, sum).",
        )


def _signed(last_line: int, given: str, text_form: bytes) -> None:
    if given != signature_of(text_form):
        raise DamagedFileError(
            last_line, "签名不符，内容被改动。", "the signature does not fit: something was changed."
        )


def _as_written(content: bytes, write: Callable[[], bytes]) -> None:
    """A CSV is exactly what its content gives; a workbook is held to its cells, since each program packs it otherwise."""
    if content[:2] != b"PK" and content != write():
        raise DamagedFileError(
            1,
            "字节与内容的规范写法不同，文件被别的程序改存过。",
            "its bytes are not as its content is written: another program has saved it.",
        )
