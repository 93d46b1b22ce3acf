"""Deadlines in workdays, also into a year whose holidays the State Council has not published yet.

Its notice appears in November, and the calendar on file follows it: until then a deadline in the next year is counted by expected workdays
and stands as a `ProvisionalYear`. When the calendar is there, the night sets all of them right together (`conduct.operations.settle_calendars`);
only from then on does that year count by its calendar, so that no deadline is moved twice.
"""

from __future__ import annotations

from datetime import date, timedelta

from django.db import connection

from jiuye.engine.basis.workdays import is_expected_workday, is_on_file, is_workday
from jiuye.office.casework.models import ProvisionalYear

# The calendars up to here were on file before a deadline could be counted without one.
LAST_CERTAIN_YEAR = 2026
_LOCK = 0x63616C20  # "cal ": keeps our advisory locks apart from others'


def workdays_later(start: date, workdays: int) -> date:
    """The last of so many workdays after `start`, in the caller's transaction where it reaches into a year that is not on file."""
    expected: dict[int, bool] = {}
    day = start
    while workdays:
        day += timedelta(days=1)
        if day.year not in expected:
            expected[day.year] = is_provisional(day.year, on=start)
        workdays -= is_expected_workday(day) if expected[day.year] else is_workday(day)
    return day


def is_provisional(year: int, *, on: date) -> bool:
    """Whether that year still counts by expected workdays; noted with the first deadline that does."""
    if year <= LAST_CERTAIN_YEAR:
        return False
    hold_calendar()
    noted = ProvisionalYear.objects.filter(year=year).first()
    if noted is not None:
        return noted.settled_at is None
    if is_on_file(year):
        return False
    ProvisionalYear.objects.get_or_create(year=year, defaults={"since": on})
    return True


def hold_calendar(*, alone: bool = False) -> None:
    """Until the caller's transaction ends no year is settled; `alone`: until all who are counting now have ended theirs."""
    lock = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {lock}(%s)", [_LOCK])
