"""What a sweep is asked, what it answers, and how it refuses: the words that every engine shares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from jiuye.engine.rules.pack import Pack
from jiuye.engine.rules.policies import Policy

Totals = dict[str, int]  # subjects, yes, no, unknown, amount_fen
TOTALS = ("subjects", "yes", "no", "unknown", "amount_fen")


class SweepError(Exception):
    """A sweep that was not carried out; nothing was written. `zh` and `en` say why and what to do."""

    def __init__(self, zh: str, en: str) -> None:
        self.zh, self.en = zh, en
        super().__init__(zh)


class SweepDataError(SweepError, ValueError):
    """The data handed in do not fit the pack: says which file and column, what is wrong, and what to do."""


class SweepFailedError(SweepError, RuntimeError):
    """The machine could not carry the sweep out: memory, disk, a cluster that is not there, a number beyond 64 bits."""


@dataclass(slots=True)
class SweepResult:
    """Totals by policy: subjects, yes, no, unknown, amount_fen; and what was noticed about the data."""

    on: date
    totals: dict[str, Totals] = field(default_factory=dict)
    notices: list[tuple[str, str]] = field(default_factory=list)  # (zh, en)


@dataclass(frozen=True, slots=True)
class SweepTask:
    """One sweep as an engine gets it: write `<policy>.parquet` for each policy into `target`, and return the totals.

    Notices go to `result.notices`; `progress` is told each policy's id as it is begun.
    """

    pack: Pack
    data: Path
    target: Path
    on: date
    policies: list[Policy]
    receipts: bool
    memory_limit: str
    master: str
    progress: Callable[[str], None]
    result: SweepResult
