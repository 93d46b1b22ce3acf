"""Deadlines as lights, by the workdays that are left, and this installation's rules for them (`deadlines.yaml`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from jiuye.engine.basis.workdays import (
    expected_workdays_between,
    is_expected_workday,
    is_on_file,
    is_workday,
    workdays_between,
)
from jiuye.engine.deadlines import FILE_NAME, Deadlines, load_deadlines

LEVELS = {
    "none": "none",
    "applicant": "none",
    "stopped": "none",
    "in_time": "good",
    "soon": "watch",
    "today": "watch",
    "late": "bad",
}


@dataclass(frozen=True, slots=True)
class Light:
    """Where a deadline stands: none, applicant and stopped (the clock stands still), in_time, soon, today, late; and by how many workdays."""

    kind: str
    workdays: int | None = None

    @property
    def level(self) -> str:
        return LEVELS[self.kind]


def deadlines() -> Deadlines:
    """The rules, read again when their file changes. A file with mistakes gives what of it can be read; `jiuye check` names them."""
    path = Path(settings.PACK) / FILE_NAME
    return _read(Path(settings.PACK), path.stat().st_mtime_ns if path.exists() else 0)


@lru_cache(maxsize=4)
def _read(folder: Path, changed: int) -> Deadlines:
    return load_deadlines(folder)[0]


def light(
    due_on: date | None,
    on: date,
    *,
    with_applicant: bool = False,
    stopped: bool = False,
    soon_workdays: int | None = None,
) -> Light:
    """The light of a deadline on a day. What is with its applicant, or objected to, is never late for the office.

    It turns so many workdays before the last day as `soon_workdays` says, else as the pack does.
    """
    if due_on is None:
        return Light("none")
    if with_applicant:
        return Light("applicant")
    if stopped:
        return Light("stopped")
    if due_on == on:
        return Light("today", 0)
    if due_on < on:
        # From a weekend to its Monday no workday has passed: late all the same.
        return Light("late", _expected(due_on, on))
    left = _expected(on, due_on)
    soon = left <= (deadlines().soon_workdays if soon_workdays is None else soon_workdays)
    return Light("soon" if soon else "in_time", left)


_expected = lru_cache(maxsize=4096)(expected_workdays_between)


def beyond_soon_services(on: date) -> date:
    """The first day on which a promised service may be due whose light has not turned on that day."""
    day, left = on, deadlines().soon_service_workdays + 1
    while left:
        day += timedelta(days=1)
        left -= is_expected_workday(day)
    return day


def last_day_of_review(due_on: date) -> date:
    """The last day on which an office that looks again at what was granted, as was due on `due_on`, is in time."""
    day, left = due_on, deadlines().review_workdays
    while left:
        day += timedelta(days=1)
        left -= _is_workday(day)
    return day


def latest_late_review(on: date) -> date:
    """The latest day on which a review may have been due that is late on that day."""
    day, left = on - timedelta(days=1), deadlines().review_workdays
    while left:
        left -= _is_workday(day)
        day -= timedelta(days=1)
    return day


def _is_workday(day: date) -> bool:
    return is_workday(day) if is_on_file(day.year) else is_expected_workday(day)


@lru_cache(maxsize=4096)
def counted(start: date, end: date) -> int:
    """Workdays after `start` up to and with `end`. Raises CalendarNotPublishedError."""
    return workdays_between(start, end)
