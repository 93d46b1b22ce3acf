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
