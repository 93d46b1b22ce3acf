"""What is outstanding, what is late, and the interest of a quarter: integer arithmetic over days, rounded once at the end.

A loan bears interest from the day on which it is paid out up to, not including, the day on which it is paid back. A day on
which principal that was due is missing is late, and late days are not subsidised (逾期期间不贴息); neither are days on which principal is
missing that the contract wanted by then and that may come later (展期不贴息). The subsidy of a quarter is the sum over its other days of balance × rate × share ÷ days a year, rounded half up to the fen once, at the end: no document
says how to round, and one rounding errs least.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal


@dataclass(frozen=True, slots=True)
class Book:
    """A loan as arithmetic sees it: (day, fen) of what was paid out, is due, and came back.

    `contract` is what the contract wanted by which day, where an extension has put any of it off; `due` then holds the later days.
    """

    disbursed_on: date
    disbursed_fen: int
    due: Sequence[tuple[date, int]]
    repaid: Sequence[tuple[date, int]]
    contract: Sequence[tuple[date, int]] = ()

    def balance_fen(self, day: date) -> int:
        """What is outstanding during that day."""
        if day < self.disbursed_on:
            return 0
        return self.disbursed_fen - _sum_until(self.repaid, day)

    def late_fen(self, day: date) -> int:
        """Principal that was due before that day and has not come by its end."""
        due = sum(fen for on, fen in self.due if on < day)
        return max(0, due - _sum_until(self.repaid, day))

    def extended_fen(self, day: date) -> int:
        """Principal that the contract wanted before that day, that has not come by its end, and that is not late: it may come later."""
        wanted = sum(fen for on, fen in self.contract if on < day)
        return max(0, wanted - _sum_until(self.repaid, day) - self.late_fen(day))

    def late_since(self, day: date) -> date | None:
        """The due day of the oldest principal that is late on that day; None where nothing is."""
        repaid, reached = _sum_until(self.repaid, day), 0
        for on, fen in sorted(self.due):
            reached += fen
            if on < day and reached > repaid:
                return on
        return None


@dataclass(frozen=True, slots=True)
class Accrual:
    """The subsidised days of a span: fen × days, how many days, the last of them, and the highest balance among them; and how many days
    were not subsidised because something was late, or was put off."""

    balance_days: int
    days: int
    last_day: date | None
    late_days: int
    highest_fen: int
    extended_days: int = 0


def accrue(book: Book, start: date, until: date) -> Accrual:
    """The days of [start, until) on which something is outstanding and nothing is late or put off."""
    total = days = late = extended = highest = 0
    last = None
    day = max(start, book.disbursed_on)
    while day < until:
        balance = book.balance_fen(day)
        if balance > 0:
            if book.late_fen(day):
                late += 1
            elif book.extended_fen(day):
                extended += 1
            else:
                total += balance
                days += 1
                last = day
                highest = max(highest, balance)
        day += timedelta(days=1)
    return Accrual(total, days, last, late, highest, extended)


def subsidy_fen(balance_days: int, rate: Decimal, share: Decimal, days_a_year: int) -> int:
    """fen × days × rate × share ÷ days a year, half up to the fen."""
    exact = Decimal(balance_days) * rate * share / Decimal(days_a_year)
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def quarter_of(day: date) -> tuple[date, date]:
    """The calendar quarter that holds the day, half-open."""
    first = 3 * ((day.month - 1) // 3) + 1
    start = date(day.year, first, 1)
    return start, date(day.year + (first == 10), first % 12 + 3 if first < 10 else 1, 1)


def _sum_until(moves: Iterable[tuple[date, int]], day: date) -> int:
    return sum(fen for on, fen in moves if on <= day)
