"""What goes to a bank and what comes back. Amounts are integer fen; keys are ours, and a bank pays a key once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

_BATCH_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
# A payment file is opened in a spreadsheet on both sides, which runs a cell that begins so; the wide forms are taken for the narrow
# ones where Chinese is typed. A mark put before it would be part of the name for the bank, so that it is refused instead.
_RUN_BY_SPREADSHEETS = tuple("=+-@＝＋－＠")


class UnfitInstructionError(ValueError):
    """A payment that no bank could carry out; the sentence says which part and what to do."""

    def __init__(self, key: str, zh: str, en: str) -> None:
        self.key, self.zh, self.en = key, f"付款“{key}”{zh}", f"Payment '{key}' {en}"
        super().__init__(f"{self.zh} {self.en}")


class Outcome(StrEnum):
    """What became of a line."""

    PAID = "paid"
    REJECTED = "rejected"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Instruction:
    """One payment. `purpose` is printed on the payee's statement."""

    line_key: str
    payee_name: str
    payee_account: str
    payee_bank: str
    amount_fen: int
    purpose: str = ""

    def __post_init__(self) -> None:
        if not self.line_key or not self.payee_name.strip() or not self.payee_account.strip():
            raise UnfitInstructionError(
                self.line_key,
                "缺少键、户名或账号；请补全收款信息。",
                "lacks a key, a name or an account; complete it.",
            )
        if self.amount_fen <= 0:
            raise UnfitInstructionError(
                self.line_key, "金额必须大于零；请核对。", "has an amount that is not above zero; check it."
            )
        for text in (self.line_key, self.payee_name, self.payee_account, self.payee_bank, self.purpose):
            if any(char == "|" or ord(char) < 32 or char in "\x7f\x85\u2028\u2029" for char in text):
                raise UnfitInstructionError(
                    self.line_key,
                    "含有竖线或换行等不能写入银行文件的字符；请更正。",
                    "holds a bar or a control character, which a bank's file cannot carry; correct it.",
                )
            if text.lstrip().startswith(_RUN_BY_SPREADSHEETS):
                raise UnfitInstructionError(
                    self.line_key,
                    f"的户名、账号、开户行或摘要以“{text.lstrip()[0]}”开头，电子表格会把它当公式运行；请更正登记的信息。",
                    f"has a name, account, bank or purpose that begins with '{text.lstrip()[0]}', which a spreadsheet runs as a "
                    "formula; correct what is on record.",
                )


@dataclass(frozen=True, slots=True)
class Submission:
    """A batch for the bank. `on` is the day on which it is ordered, and stays the same when it is submitted again."""

    batch_key: str
    payer: str  # the account or fund that pays, as agreed with the bank
    on: date
    lines: tuple[Instruction, ...]

    def __post_init__(self) -> None:
        if not _BATCH_KEY.fullmatch(self.batch_key):
            raise UnfitInstructionError(
                self.batch_key,
                "批次号只能用字母、数字、点、横线。",
                "may hold letters, digits, dots and dashes only.",
            )
        if not self.lines:
            raise UnfitInstructionError(
                self.batch_key, "批次里没有付款明细。", "has no lines; there is nothing to pay."
            )
        if len({line.line_key for line in self.lines}) != len(self.lines):
            raise UnfitInstructionError(
                self.batch_key, "批次里有重复的付款键。", "holds the same line key twice."
            )

    @property
    def total_fen(self) -> int:
        return sum(line.amount_fen for line in self.lines)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The bank has the batch. It says nothing yet of the single lines."""

    batch_key: str
    reference: str
    line_count: int
    total_fen: int


@dataclass(frozen=True, slots=True)
class LineResult:
    """What the bank says of one line. Paid and rejected are final; a rejected line is never paid later."""

    line_key: str
    outcome: Outcome
    amount_fen: int
    reference: str = ""  # the bank's own number of the payment, where paid
    code: str = ""
    reason: str = ""  # a sentence for people, where rejected
    on: date | None = None
