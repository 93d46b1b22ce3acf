"""A pretend bank with a memory of its own: it survives our process, refuses by rules anyone can foresee, pays a key once.

It keeps no account number and no name, only digests of them under a salt of its own file.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from jiuye.exchange.bank.protocol import BankUnreachableError, BatchAlteredError, BatchUnknownError
from jiuye.exchange.bank.records import Instruction, LineResult, Outcome, Receipt, Submission
from jiuye.exchange.memory import digest_of, remembering, salt_of

# An account that ends so is refused; everything else is paid. A demonstration picks its rejections by these.
CLOSED_SUFFIX = "4040"
OTHER_NAME_SUFFIX = "4041"
REASONS = {
    "ACCOUNT_CLOSED": "收款账户已销户",
    "NAME_MISMATCH": "收款账号与户名不符",
    "ACCOUNT_INVALID": "收款账号格式不对",
}
_SCHEMA = """
CREATE TABLE IF NOT EXISTS batches (
    batch_key TEXT PRIMARY KEY, digest TEXT NOT NULL, reference TEXT NOT NULL,
    line_count INTEGER NOT NULL, total_fen INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS payments (
    line_key TEXT PRIMARY KEY, digest TEXT NOT NULL, amount_fen INTEGER NOT NULL, outcome TEXT NOT NULL,
    code TEXT NOT NULL, reference TEXT NOT NULL, paid_on TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS batch_lines (
    batch_key TEXT NOT NULL, position INTEGER NOT NULL, line_key TEXT NOT NULL, PRIMARY KEY (batch_key, position)
);
CREATE TABLE IF NOT EXISTS holders (account TEXT PRIMARY KEY, name TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Payout:
    """One payment that the bank really made."""

    line_key: str
    amount_fen: int
    reference: str
    on: date


class PretendBank:
    """`path` is its SQLite file. An account belongs to the first name it was paid under; another name is refused."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def submit(self, batch: Submission) -> Receipt:
        """Take the batch and decide its lines at once, all or nothing.

        The same batch again gives the same receipt. A line key known from another batch keeps its first result.
        Raises BatchAlteredError for a known key with other content, BankUnreachableError where the file cannot be used.
        """
        with remembering(self.path, _SCHEMA, BankUnreachableError) as connection:
            salt = salt_of(connection)
            digest = digest_of(
                salt, batch.payer, batch.on.isoformat(), *(_line_digest(salt, line) for line in batch.lines)
            )
            known = connection.execute(
                "SELECT digest, reference, line_count, total_fen FROM batches WHERE batch_key = ?",
                [batch.batch_key],
            ).fetchone()
            if known is not None:
                if known[0] != digest:
                    raise BatchAlteredError(batch.batch_key)
                return Receipt(batch.batch_key, known[1], known[2], known[3])
            number = connection.execute("SELECT count(*) FROM batches").fetchone()[0] + 1
            receipt = Receipt(batch.batch_key, f"YH{number:08}", len(batch.lines), batch.total_fen)
            connection.execute(
                "INSERT INTO batches VALUES (?, ?, ?, ?, ?)",
                [batch.batch_key, digest, receipt.reference, receipt.line_count, receipt.total_fen],
            )
            for position, line in enumerate(batch.lines):
                _take(connection, salt, line, batch.on)
                connection.execute(
                    "INSERT INTO batch_lines VALUES (?, ?, ?)", [batch.batch_key, position, line.line_key]
                )
            return receipt

    def results(self, batch_key: str) -> list[LineResult]:
        """Every line of the batch, decided. Raises BatchUnknownError, BankUnreachableError."""
        with remembering(self.path, _SCHEMA, BankUnreachableError) as connection:
            if (
                connection.execute("SELECT 1 FROM batches WHERE batch_key = ?", [batch_key]).fetchone()
                is None
            ):
                raise BatchUnknownError(batch_key)
            rows = connection.execute(
                "SELECT line_key, outcome, amount_fen, reference, code, paid_on FROM batch_lines "
                "JOIN payments USING (line_key) WHERE batch_key = ? ORDER BY position",
                [batch_key],
            ).fetchall()
        return [
            LineResult(
                key, Outcome(outcome), amount, reference, code, REASONS.get(code, ""), date.fromisoformat(on)
            )
            for key, outcome, amount, reference, code, on in rows
        ]

    def payouts(self) -> list[Payout]:
        """Every payment made, in the order in which it was made: the bank's own statement."""
        with remembering(self.path, _SCHEMA, BankUnreachableError) as connection:
            rows = connection.execute(
                "SELECT line_key, amount_fen, reference, paid_on FROM payments WHERE outcome = 'paid' ORDER BY rowid"
            ).fetchall()
        return [Payout(key, amount, reference, date.fromisoformat(on)) for key, amount, reference, on in rows]


def _take(connection: sqlite3.Connection, salt: str, line: Instruction, on: date) -> None:
    """Decide one line, unless its key is known: then nothing is paid again."""
    digest = _line_digest(salt, line)
    known = connection.execute("SELECT digest FROM payments WHERE line_key = ?", [line.line_key]).fetchone()
    if known is not None:
        if known[0] != digest:
            raise BatchAlteredError(line.line_key)
        return
    code = _refusal(connection, salt, line)
    number = connection.execute("SELECT count(*) FROM payments").fetchone()[0] + 1
    outcome = Outcome.REJECTED if code else Outcome.PAID
    connection.execute(
        "INSERT INTO payments VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            line.line_key,
            digest,
            line.amount_fen,
            outcome.value,
            code,
            "" if code else f"LS{number:010}",
            on.isoformat(),
        ],
    )


def _refusal(connection: sqlite3.Connection, salt: str, line: Instruction) -> str:
    """The code with which the bank refuses the line, or nothing."""
    account = line.payee_account.replace(" ", "")
    if not (account.isascii() and account.isdigit() and 8 <= len(account) <= 32):
        return "ACCOUNT_INVALID"
    if account.endswith(CLOSED_SUFFIX):
        return "ACCOUNT_CLOSED"
    if account.endswith(OTHER_NAME_SUFFIX):
        return "NAME_MISMATCH"
    holder, name = digest_of(salt, account), digest_of(salt, line.payee_name.strip())
    connection.execute("INSERT OR IGNORE INTO holders VALUES (?, ?)", [holder, name])
    first = connection.execute("SELECT name FROM holders WHERE account = ?", [holder]).fetchone()[0]
    return "" if first == name else "NAME_MISMATCH"


def _line_digest(salt: str, line: Instruction) -> str:
    return digest_of(
        salt, line.line_key, line.payee_name, line.payee_account, line.payee_bank, str(line.amount_fen)
    )
