"""Workdays of the People's Republic: weekends, statutory holidays and the shifted workdays between them.

Source: the State Council's yearly notices (国务院办公厅关于部分节假日安排的通知), as `chinesecalendar` carries them.
"""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar


class CalendarNotPublishedError(ValueError):
    """The holidays of that year are not on file, so that workdays cannot be counted."""

    def __init__(self, day: date) -> None:
        super().__init__(
            f"{day.year} 年的节假日安排尚未收录，无法计算工作日；请升级 chinesecalendar。 "
            f"The holidays of {day.year} are not on file; workdays cannot be counted. Upgrade chinesecalendar."
        )


def is_workday(day: date) -> bool:
    """True where offices work on that day. Raises CalendarNotPublishedError for years not on file."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError as error:
        raise CalendarNotPublishedError(day) from error


def add_workdays(day: date, workdays: int) -> date:
    """The `workdays`-th workday after `day`; the day itself does not count (期间开始当日不计入)."""
    if workdays < 0:
        raise ValueError("a deadline lies ahead: the number of workdays cannot be negative")
    while workdays:
        day += timedelta(days=1)
        workdays -= is_workday(day)
    return day


def workdays_between(start: date, end: date) -> int:
    """Workdays after `start` up to and including `end`; 0 where `end` is not later."""
    count = 0
    while start < end:
        start += timedelta(days=1)
        count += is_workday(start)
    return count


def is_on_file(year: int) -> bool:
    """Whether that year's holidays are on file."""
    try:
        chinese_calendar.is_workday(date(year, 12, 31))
    except NotImplementedError:
        return False
    return True


# Of the holidays that the law itself fixes (《全国年节及纪念日放假办法》，国务院令第795号修订), those that do not go by the moon or the sun.
_FIXED = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})


def is_expected_workday(day: date) -> bool:
    """True where offices will most likely work, for a year whose notice is not out yet: Monday to Friday, less the fixed holidays.

    Good enough for a deadline that is set right once the notice is there, never for a term the law sets, such as a public notice.
    """
    return day.weekday() < 5 and (day.month, day.day) not in _FIXED


def expected_workdays_between(start: date, end: date) -> int:
    """As `workdays_between`, with the expected workdays where a year is not on file."""
    count = 0
    while start < end:
        start += timedelta(days=1)
        count += is_workday(start) if is_on_file(start.year) else is_expected_workday(start)
    return count
