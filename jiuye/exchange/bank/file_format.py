"""The two files of agency payment (代发): the order that we write, and the answer that the bank writes.

Text in GB 18030-2022, which every Chinese bank reads and which holds every character of a name. Fields stand between
bars, one payment a line. Each line ends with an HMAC-SM3 (GB/T 32905-2016) over itself and the one before it, under a
key agreed with the bank: a line that was changed, added, dropped or moved is found. Count and total stand in the first
and the last line. Amounts are yuan with two decimals, as banks write them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cryptography.hazmat.primitives import hashes, hmac

from jiuye.engine.basis.dates import parse_date
from jiuye.engine.basis.money import fen_from_yuan, yuan_text
from jiuye.exchange.bank.records import Instruction, LineResult, Outcome, Submission

ENCODING = "gb18030"
_ORDER, _ANSWER, _END = "JIUYE-PAY-1", "JIUYE-RET-1", "END"
OUTCOMES = {"P": Outcome.PAID, "R": Outcome.REJECTED, "W": Outcome.WAITING}
LETTERS = {outcome: letter for letter, outcome in OUTCOMES.items()}


class DamagedFileError(ValueError):
    """A payment or return file does not hold together: nothing of it is used."""

    def __init__(self, line: int, zh: str, en: str) -> None:
        self.line = line
        self.zh = f"文件第 {line} 行：{zh}整个文件未采用，请向对方重新索取。"
        self.en = f"Line {line} of the file: {en} Nothing of it was used; ask for it again."
        super().__init__(f"{self.zh} {self.en}")


@dataclass(frozen=True, slots=True)
class Answer:
    """A return file as read: which batch, the bank's number for it, and the lines."""

    batch_key: str
    reference: str
    lines: tuple[LineResult, ...]

    @property
    def paid_fen(self) -> int:
        return sum(line.amount_fen for line in self.lines if line.outcome is Outcome.PAID)


def encode_order(batch: Submission, key: bytes) -> bytes:
    """The payment file. The same batch always gives the same bytes."""
    head = [
        _ORDER,
        batch.batch_key,
        batch.payer,
        batch.on.isoformat(),
        *control_total(len(batch.lines), batch.total_fen),
    ]
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
    return _sealed(head, rows, control_total(len(batch.lines), batch.total_fen), key)


def decode_order(content: bytes, key: bytes) -> Submission:
    """What `encode_order` wrote. Raises DamagedFileError."""
    head, rows, tail = _opened(content, key, _ORDER, head_width=6, row_width=6)
    lines = []
    for number, row in enumerate(rows, start=2):
        line_key, name, account, bank, amount, purpose = row
        lines.append(Instruction(line_key, name, account, bank, fen_at(amount, number), purpose))
    batch = Submission(head[1], head[2], day_at(head[3], 1), tuple(lines))
    _agree(len(rows) + 2, head[4:6], tail, control_total(len(lines), batch.total_fen))
    return batch


def encode_answer(answer: Answer, key: bytes) -> bytes:
    """The return file, as the bank writes it."""
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
    return _sealed([_ANSWER, answer.batch_key, answer.reference, *totals], rows, totals, key)


def decode_answer(content: bytes, key: bytes) -> Answer:
    """A return file as read. Raises DamagedFileError where a hash, a total or a field does not fit."""
    head, rows, tail = _opened(content, key, _ANSWER, head_width=5, row_width=7)
    lines = []
    for number, row in enumerate(rows, start=2):
        line_key, letter, amount, reference, code, reason, on = row
        if letter not in OUTCOMES:
            raise DamagedFileError(
                number, f"结果“{letter}”不是 P、R 或 W。", f"the result '{letter}' is not P, R or W."
            )
        lines.append(
            LineResult(
                line_key,
                OUTCOMES[letter],
                fen_at(amount, number),
                reference,
                code,
                reason,
                day_at(on, number) if on else None,
            )
        )
    if len({line.line_key for line in lines}) != len(lines):
        raise DamagedFileError(1, "同一付款键出现两次。", "a line key stands there twice.")
    answer = Answer(head[1], head[2], tuple(lines))
    _agree(len(rows) + 2, head[3:5], tail, control_total(len(lines), answer.paid_fen))
    return answer


def control_total(count: int, total_fen: int) -> list[str]:
    """The control total as it is written: how many lines, and their sum in yuan."""
    return [str(count), yuan(total_fen)]


def yuan(fen: int) -> str:
    """Fen as yuan with two decimals, as banks write them."""
    return yuan_text(fen, separators=False)


def fen_at(text: str, line: int) -> int:
    """The amount on that line, in fen. Raises DamagedFileError."""
    try:
        return fen_from_yuan(text)
    except ValueError as error:
        raise DamagedFileError(
            line, f"金额“{text}”读不懂。", f"the amount '{text}' cannot be read."
        ) from error


def day_at(text: str, line: int) -> date:
    """The day on that line. Raises DamagedFileError."""
    try:
        return parse_date(text)
    except ValueError as error:
        raise DamagedFileError(line, f"日期“{text}”读不懂。", f"the date '{text}' cannot be read.") from error


def _agree(last_line: int, head: list[str], tail: list[str], counted: list[str]) -> None:
    if head != counted or tail != counted:
        raise DamagedFileError(
            last_line,
            f"笔数与合计对不上：首行 {head}，末行 {tail}，实际 {counted}。",
            f"count and total disagree: first line {head}, last line {tail}, counted {counted}.",
        )


def _seal(text: str, previous: str, key: bytes) -> str:
    digest = hmac.HMAC(key, hashes.SM3())
    digest.update(f"{previous}\n{text}".encode())
    return digest.finalize().hex()


def _sealed(head: list[str], rows: list[list[str]], totals: list[str], key: bytes) -> bytes:
    lines, previous = [], ""
    for fields in [head, *rows, [_END, *totals]]:
        text = "|".join(fields)
        previous = _seal(text, previous, key)
        lines.append(f"{text}|{previous}")
    return ("\r\n".join(lines) + "\r\n").encode(ENCODING)


def _opened(
    content: bytes, key: bytes, magic: str, *, head_width: int, row_width: int
) -> tuple[list[str], list[list[str]], list[str]]:
    """The fields of the first line, of the payments, and of the last line, every hash checked."""
    try:
        lines = content.decode(ENCODING).split("\r\n")
    except UnicodeDecodeError as error:
        raise DamagedFileError(1, "不是 GB 18030 编码的文本。", "it is not text in GB 18030.") from error
    if len(lines) < 3 or lines[-1] != "":
        raise DamagedFileError(len(lines), "文件不完整。", "the file is not complete.")
    lines.pop()
    fields, previous = [], ""
    for number, line in enumerate(lines, start=1):
        text, _, seal = line.rpartition("|")
        previous = _seal(text, previous, key)
        if seal != previous:
            raise DamagedFileError(
                number,
                "校验码不符，内容被改动或有增减。",
                "its hash does not fit: something was changed, added or dropped.",
            )
        fields.append(text.split("|"))
    head, rows, end = fields[0], fields[1:-1], fields[-1]
    if head[0] != magic or len(head) != head_width:
        raise DamagedFileError(1, f"不是 {magic} 文件。", f"it is no {magic} file.")
    if end[0] != _END or len(end) != 3:
        raise DamagedFileError(len(lines), "没有结束行。", "the closing line is missing.")
    for number, row in enumerate(rows, start=2):
        if len(row) != row_width:
            raise DamagedFileError(number, f"应有 {row_width} 栏。", f"it should have {row_width} fields.")
    return head, rows, end[1:]
