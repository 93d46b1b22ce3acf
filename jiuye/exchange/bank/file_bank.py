"""A bank reached by files: we put payment files into one folder and find return files in another.

How the files travel (a front-end computer, a USB key, SFTP) is the bank's affair and not ours.
"""

from __future__ import annotations

import os
from pathlib import Path

from jiuye.exchange.bank.file_format import (
    Answer,
    DamagedFileError,
    decode_answer,
    decode_order,
    encode_order,
)
from jiuye.exchange.bank.protocol import BankError, BankUnreachableError, BatchAlteredError, BatchUnknownError
from jiuye.exchange.bank.records import LineResult, Receipt, Submission, UnfitInstructionError


class ReturnFileDamagedError(BankError):
    """A return file does not hold together, or answers something else than what was sent. Nothing of it is used."""

    def __init__(self, name: str, *, zh: str, en: str) -> None:
        super().__init__(
            zh=f"回盘文件 {name} 不可用：{zh}", en=f"The return file {name} cannot be used: {en}"
        )


class FileBank:
    """`outbox` is where payment files are written, `inbox` where return files appear; `key` seals their lines."""

    def __init__(self, *, outbox: Path, inbox: Path, key: bytes) -> None:
        self.outbox, self.inbox, self._key = outbox, inbox, key

    def order_path(self, batch_key: str) -> Path:
        return self.outbox / f"{batch_key}.pay"

    def answer_path(self, batch_key: str) -> Path:
        return self.inbox / f"{batch_key}.ret"

    def submit(self, batch: Submission) -> Receipt:
        """Write the payment file, whole or not at all. The same batch again finds its own file.

        Raises BatchAlteredError where a file of this key holds something else, BankUnreachableError where the folder
        cannot be written.
        """
        content = encode_order(batch, self._key)
        path = self.order_path(batch.batch_key)
        try:
            self.outbox.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not _write_once(path, content) and path.read_bytes() != content:
                raise BatchAlteredError(batch.batch_key)
        except OSError as error:
            raise BankUnreachableError(str(error)) from error
        seal = content.decode("gb18030").rstrip().rpartition("|")[2]
        return Receipt(batch.batch_key, f"FILE-{seal[:16]}", len(batch.lines), batch.total_fen)

    def results(self, batch_key: str) -> list[LineResult]:
        """The return file's lines, checked against the payment file; empty while there is no return file.

        Raises BatchUnknownError, ReturnFileDamagedError, BankUnreachableError.
        """
        order_path, answer_path = self.order_path(batch_key), self.answer_path(batch_key)
        try:
            if not order_path.exists():
                raise BatchUnknownError(batch_key)
            order = decode_order(order_path.read_bytes(), self._key)
            if not answer_path.exists():
                return []
            answer = decode_answer(answer_path.read_bytes(), self._key)
        except (DamagedFileError, UnfitInstructionError) as error:
            raise ReturnFileDamagedError(answer_path.name, zh=error.zh, en=error.en) from error
        except OSError as error:
            raise BankUnreachableError(str(error)) from error
        return _matched(order, answer, answer_path.name)


def _matched(order: Submission, answer: Answer, name: str) -> list[LineResult]:
    """The results in the order of the batch, each of the amount that was ordered."""
    if answer.batch_key != order.batch_key:
        raise ReturnFileDamagedError(
            name,
            zh=f"它回答的是批次“{answer.batch_key}”。请向银行索取本批次的回盘文件。",
            en=f"it answers batch '{answer.batch_key}'; ask the bank for this batch's file.",
        )
    by_key = {line.line_key: line for line in answer.lines}
    for line in order.lines:
        result = by_key.get(line.line_key)
        if result is not None and result.amount_fen != line.amount_fen:
            raise ReturnFileDamagedError(
                name,
                zh=f"付款“{line.line_key}”的金额与发送的不同。请与银行核对。",
                en=f"the amount of payment '{line.line_key}' is not what was sent; settle it with the bank.",
            )
    strangers = sorted(by_key.keys() - {line.line_key for line in order.lines})
    if strangers:
        raise ReturnFileDamagedError(
            name,
            zh=f"付款“{strangers[0]}”不在发送的批次里。请与银行核对。",
            en=f"payment '{strangers[0]}' is not in the batch that was sent; settle it with the bank.",
        )
    return [by_key[line.line_key] for line in order.lines if line.line_key in by_key]


def _write_once(path: Path, content: bytes) -> bool:
    """Put the file there, complete and on the disk, unless one stands there already; True where it was put."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(temporary, path)
        except FileExistsError:
            return False
    finally:
        temporary.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return True
