"""From what was projected and what is assumed to what a year is likely to take: whole fen, whole persons, no hidden number.

Three parts are kept apart: those on record, month by month; those who start within the year (as many as in the last twelve months, times
a percentage, spread evenly, each at the mean amount of those entitled today); and one-off payments that wait from this year.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jiuye.engine.budgets.projecting import MONTHS, Projected

# The months of a year in which a period begins.
BEGINNINGS = {"month": tuple(range(1, MONTHS + 1)), "quarter": (1, 4, 7, 10), "year": (1,)}


@dataclass(frozen=True, slots=True)
class Percentages:
    """The assumptions of one policy, in percent."""

    entrants: int
    take_up: int
    carried_over: int

    @classmethod
    def of(cls, values: Mapping[str, int]) -> Percentages:
        return cls(values["entrants"], values["take_up"], values["carried_over"])


@dataclass(frozen=True, slots=True)
class Reckoned:
    """What one policy is likely to take in one county, in fen, by its parts; `periods` counts payments.

    `unknown_most_fen` is what those of whom it cannot be told would take if every one of them were entitled: never part of the sum.
    """

    known_periods: int
    known_fen: int
    new_periods: int
    new_fen: int
    carried_fen: int
    unknown_most_fen: int

    @property
    def total_fen(self) -> int:
        return self.known_fen + self.new_fen + self.carried_fen


def reckon(
    row: Projected,
    *,
    period: str,
    mean_fen: int,
    newcomers: int,
    months_ahead: int,
    percentages: Percentages,
    in_force: int = MONTHS,
) -> Reckoned:
    """One row under these assumptions.

    `mean_fen` is the amount of one payment, `newcomers` how many started in the last twelve months, `months_ahead` the whole months between
    the day of the facts and the year, `in_force` in how many of the year's first months the policy is in force. A part of a fen is dropped.
    """
    known_periods = sum(count for count, _ in row.months)
    known = _percent(sum(fen for _, fen in row.months), percentages.take_up)
    starting = _percent(newcomers, percentages.entrants)
    new_periods = periods_of(starting, period=period, months_ahead=months_ahead, in_force=in_force)
    new = _percent(new_periods * mean_fen, percentages.take_up)
    carried = _percent(row.waiting_fen, percentages.carried_over)
    begins = len([month for month in BEGINNINGS.get(period, (1,)) if month <= in_force])
    return Reckoned(known_periods, known, new_periods, new, carried, row.unknown * begins * mean_fen)


def periods_of(starting: int, *, period: str, months_ahead: int, in_force: int = MONTHS) -> int:
    """How many payments fall into the year, where `starting` begin every twelve months, evenly, and stay to the year's end.

    Those who begin before the year draw all of it; what is paid once counts only who begins within it.
    """
    if not in_force:
        return 0
    if period == "once":
        return starting * (months_ahead + in_force) // MONTHS - starting * months_ahead // MONTHS
    if period == "year":  # whoever starts within the year is entitled for it, whichever month it is
        return starting * (months_ahead + in_force) // MONTHS
    return sum(
        starting * (months_ahead + month) // MONTHS for month in BEGINNINGS[period] if month <= in_force
    )


def mean_of(rows: list[Projected]) -> int:
    """The mean amount of one payment of those entitled today; of those entitled within the year where nobody is today; else 0."""
    count, fen = sum(row.standing for row in rows), sum(row.standing_fen for row in rows)
    if not count:
        count = sum(number for row in rows for number, _ in row.months)
        fen = sum(amount for row in rows for _, amount in row.months)
    return fen // count if count else 0


def _percent(value: int, percent: int) -> int:
    return value * percent // 100
