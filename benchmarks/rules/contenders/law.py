"""The country template's numbers for a month, as the hand-written contenders carry them: whole fen and whole hundredths."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

EARLIEST, LATEST = date(2016, 1, 1), date(2017, 12, 31)


@dataclass(frozen=True, slots=True)
class Law:
    """Rates are in hundredths; brackets are (threshold in fen, rate)."""

    brackets: tuple[tuple[int, int], ...]
    retirement: int  # the first whole year of age that counts
    any_salary: bool  # basic income whatever the salary
    rent_share: int
    majority: int = 18
    pension: int = 100
    basic_income: int = 600_00
    parenting: int = 600_00
    parenting_limit: int = 500_00
    income_tax: int = 15
    tax_a_hundredth: int = 10  # fen a year for each hundredth of a square metre
    tax_minimum: int = 200_00


def law_on(on: date) -> Law:
    """The numbers of that month. Raises ValueError outside 2016 and 2017, for which they were written down."""
    if not EARLIEST <= on <= LATEST:
        raise ValueError(
            f"the hand-written contenders know the law from {EARLIEST} to {LATEST} only, not on {on}."
        )
    late = on >= date(2017, 1, 1)
    return Law(
        brackets=((0, 2), (6_000_00, 6), (12_400_00, 12)) if late else ((0, 4), (12_300_00, 12)),
        retirement=62 if late else 61,
        any_salary=on >= date(2016, 12, 1),
        rent_share=25 if on < date(2016, 12, 1) else 0,
    )
