"""Dates, months and half-open intervals: integer arithmetic on year, month and day only.

Databases disagree on month ends and on what a year's difference is, so both evaluators of the rule language
use the definitions written here.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def parse_date(text: str) -> date:
    """`2023-07-01` as a date. Raises ValueError for anything else, 2023-02-30 included."""
    if not _DATE.fullmatch(text):
        raise ValueError(f"{text!r} is not a date written YYYY-MM-DD")
    return date.fromisoformat(text)


@dataclass(frozen=True, slots=True)
class Interval:
    """The days from `start` (included) until `end` (not included); None is open on that side."""

    start: date | None = None
    end: date | None = None

    def __contains__(self, day: date) -> bool:
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)

    def overlaps(self, other: Interval) -> bool:
        """True where both hold at least one day in common."""
        starts_before = self.start is None or other.end is None or self.start < other.end
        ends_after = self.end is None or other.start is None or other.start < self.end
        return starts_before and ends_after

    def __str__(self) -> str:
        start = self.start.isoformat() if self.start else "…"
        end = self.end.isoformat() if self.end else "…"
        return f"[{start}, {end})"


def age(birth: date, on: date) -> int:
    """Completed years of life on the day `on`; somebody born on 29 February turns on 1 March.

    Negative where `on` lies before the birth by more than the part of a year.
    Source: 民法典 第十七条 and GB/T practice: 周岁 counted by the birthday.
    """
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


def months_between(start: date, end: date) -> int:
    """Completed months from `start` to `end` (negative where `end` is earlier by more than a part)."""
    return (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)


def add_months(day: date, months: int) -> date:
    """The same day of the month `months` later, or that month's last day where it is shorter.

    Raises ValueError outside the years 1 to 9999.
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    if not 1 <= year <= 9999:
        raise ValueError(f"{months} months from {day} lies outside the calendar")
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def month_index(day: date) -> int:
    """Months since year 0: consecutive integers, so that months are compared and subtracted."""
    return day.year * 12 + day.month - 1


def months_from(start: date | None, end: date | None) -> int:
    """The months from one day's month to another's; 0 where the period is open at an end."""
    return month_index(end) - month_index(start) if start is not None and end is not None else 0


PERIODS = ("once", "month", "quarter", "year")


@lru_cache(maxsize=512)  # of the days that are decided on, few come only once
def period_of(kind: str, day: date) -> Interval:
    """The period of that kind which holds `day`; `once` is the whole of time.

    The last periods of the year 9999 are open at their end: the calendar has no day after them. Raises ValueError for a
    word that is no period.
    """
    if kind == "once":
        return Interval()
    months = {"month": 1, "quarter": 3, "year": 12}.get(kind)
    if months is None:
        raise ValueError(f"{kind!r} is no period; use one of {', '.join(PERIODS)}")
    start = date(day.year, (day.month - 1) // months * months + 1, 1)
    last_one = month_index(start) + months > month_index(date.max)
    return Interval(start, None if last_one else add_months(start, months))


def days_later(day: date, days: int) -> date:
    return day + timedelta(days=days)
