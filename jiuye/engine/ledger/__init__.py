"""A double-entry ledger: what may be moved, what is reserved, what was paid. Pure: no clock, no database."""

from jiuye.engine.ledger.book import AccountExistsError, Ledger, UnreplayableError, replay
from jiuye.engine.ledger.judging import Surroundings, judge
from jiuye.engine.ledger.records import (
    Applied,
    Kind,
    LedgerAccount,
    Limit,
    Outcome,
    Refusal,
    Transfer,
    moved,
)

__all__ = [
    "AccountExistsError",
    "Applied",
    "Kind",
    "Ledger",
    "LedgerAccount",
    "Limit",
    "Outcome",
    "Refusal",
    "Surroundings",
    "Transfer",
    "UnreplayableError",
    "judge",
    "moved",
    "replay",
]
