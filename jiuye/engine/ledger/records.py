"""What a ledger consists of: accounts with running sums, immutable transfers, and refusals as values.

Money is integer fen. The balance of an account is its credits less its debits. A credit-normal account (a budget) may be
limited so that debits never exceed credits, a debit-normal one the other way round; what is pending counts against the
limit on the side that it will take from, and never for it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

LARGEST_FEN = 2**63 - 1  # what a bigint column holds: the sums of an account must stay below it as well


class Limit(StrEnum):
    """Which side of an account may not be exceeded."""

    NONE = "none"
    CREDIT = "credit"  # credit-normal: debits, pending ones included, never exceed posted credits
    DEBIT = "debit"  # debit-normal: credits, pending ones included, never exceed posted debits


class Kind(StrEnum):
    """What a transfer does."""

    SINGLE = "single"  # moves money at once
    PENDING = "pending"  # reserves it
    POST = "post"  # moves what a pending transfer reserved
    VOID = "void"  # gives it back
    REVERSE = (
        "reverse"  # takes back what was posted (红字冲回): the money came back whole, as if it had never gone
    )


# A post or void finishes a pending transfer, a reversal takes back a post; each names the one it is about.
FOLLOWS = {Kind.POST: Kind.PENDING, Kind.VOID: Kind.PENDING, Kind.REVERSE: Kind.POST}


@dataclass(frozen=True, slots=True)
class LedgerAccount:
    """One account as it stands. Sums are fen and never negative."""

    code: str
    limit: Limit = Limit.NONE
    debits_posted_fen: int = 0
    credits_posted_fen: int = 0
    debits_pending_fen: int = 0
    credits_pending_fen: int = 0
    closed: bool = False

    def __post_init__(self) -> None:
        assert self.code, "an account has a code"
        sums = (
            self.debits_posted_fen,
            self.credits_posted_fen,
            self.debits_pending_fen,
            self.credits_pending_fen,
        )
        assert all(0 <= part <= LARGEST_FEN for part in sums), f"sums of {self.code} are out of range: {sums}"
        assert self.overdrawn_fen <= 0, f"{self.code} is overdrawn by {self.overdrawn_fen} fen"

    @property
    def balance_fen(self) -> int:
        """Posted credits less posted debits."""
        return self.credits_posted_fen - self.debits_posted_fen

    @property
    def available_fen(self) -> int | None:
        """What may still be taken from the limited side; None where there is no limit."""
        if self.limit is Limit.CREDIT:
            return self.credits_posted_fen - self.debits_posted_fen - self.debits_pending_fen
        if self.limit is Limit.DEBIT:
            return self.debits_posted_fen - self.credits_posted_fen - self.credits_pending_fen
        return None

    @property
    def overdrawn_fen(self) -> int:
        """By how much the limit is exceeded; zero or less where it is kept."""
        available = self.available_fen
        return 0 if available is None else -available


@dataclass(frozen=True, slots=True)
class Transfer:
    """One entry, immutable. `key` is the caller's: the same key names the same transfer for ever.

    `pending_key` names the pending transfer that a post or void finishes, or the post that is reversed. `subject` is what the money is for
    (a claim), `document` what it stands on, `clause` the policy with its version, `receipt` the digest of the decision.
    """

    key: str
    kind: Kind
    debit: str
    credit: str
    amount_fen: int
    on: date
    pending_key: str = ""
    subject: str = ""
    document: str = ""
    clause: str = ""
    receipt: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a transfer was not made: a stable code, and a sentence in Chinese and English that says what to do."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Applied:
    """The transfer is in the ledger. `new` is False where it had been there before, and nothing was changed now."""

    transfer: Transfer
    new: bool


Outcome = Applied | Refusal


def moved(account: LedgerAccount, transfer: Transfer) -> LedgerAccount:
    """The account after the transfer; the account itself where it has no part in it.

    Asserts (through `LedgerAccount`) that no sum turns negative and no limit is broken: `judge` comes first.
    """
    debit = transfer.amount_fen if transfer.debit == account.code else 0
    credit = transfer.amount_fen if transfer.credit == account.code else 0
    posted = {Kind.SINGLE: 1, Kind.POST: 1, Kind.REVERSE: -1}.get(transfer.kind, 0)
    pending = {Kind.PENDING: 1, Kind.POST: -1, Kind.VOID: -1}.get(transfer.kind, 0)
    return replace(
        account,
        debits_posted_fen=account.debits_posted_fen + posted * debit,
        credits_posted_fen=account.credits_posted_fen + posted * credit,
        debits_pending_fen=account.debits_pending_fen + pending * debit,
        credits_pending_fen=account.credits_pending_fen + pending * credit,
    )
