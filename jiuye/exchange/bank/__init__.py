"""Banks: the protocol, a bank reached by files, and a pretend one for demonstrations and tests."""

from __future__ import annotations

from pathlib import Path

from jiuye.exchange.bank.file_bank import FileBank, ReturnFileDamagedError
from jiuye.exchange.bank.pretend import PretendBank
from jiuye.exchange.bank.protocol import (
    Bank,
    BankError,
    BankUnreachableError,
    BatchAlteredError,
    BatchUnknownError,
)
from jiuye.exchange.bank.records import (
    Instruction,
    LineResult,
    Outcome,
    Receipt,
    Submission,
    UnfitInstructionError,
)

__all__ = [
    "Bank",
    "BankError",
    "BankUnreachableError",
    "BatchAlteredError",
    "BatchUnknownError",
    "FileBank",
    "Instruction",
    "LineResult",
    "Outcome",
    "PretendBank",
    "Receipt",
    "ReturnFileDamagedError",
    "Submission",
    "UnfitInstructionError",
    "UnknownBankError",
    "open_bank",
]


class UnknownBankError(ValueError):
    """The installation names a kind of bank that there is not."""

    def __init__(self, kind: str) -> None:
        super().__init__(
            f"没有“{kind}”这种银行接口；请写 pretend（演示）或 file（文件代发）。 "
            f"There is no bank of kind '{kind}'; write 'pretend' (demonstration) or 'file' (payment files)."
        )


def open_bank(kind: str, *, folder: Path, key: bytes) -> Bank:
    """The bank of that kind with its files below `folder`. Raises UnknownBankError."""
    if kind == "pretend":
        return PretendBank(folder / "pretend.sqlite3")
    if kind == "file":
        return FileBank(outbox=folder / "outbox", inbox=folder / "inbox", key=key)
    raise UnknownBankError(kind)
