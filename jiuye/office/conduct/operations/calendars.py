"""Setting right what was counted before a year's holidays were known."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import pghistory
import pgtrigger
from django.db import transaction
from django.db.models import Case as Choice
from django.db.models import DateField, F, Model, Q, Value, When

from jiuye.engine.basis.workdays import is_expected_workday, is_on_file, is_workday
from jiuye.office.casework.calendar import hold_calendar
from jiuye.office.casework.models import Case, ProvisionalYear, RefusalReview
from jiuye.office.casework.states import OPEN_STATES
from jiuye.office.conduct.models import Rating
from jiuye.office.matters.models import Matter, MatterRefusalReview
from jiuye.office.matters.states import UNDER_WAY
from jiuye.office.ventures.models import Loan, LoanRefusalReview
from jiuye.office.ventures.states import APPLYING

# What has a last day in workdays, which of its rows still wait for it, and in which columns it stands.
DEADLINES: tuple[tuple[type[Model], Q, tuple[str, ...]], ...] = (
    (Case, Q(state__in=OPEN_STATES), ("due_on", "promised_on")),
    (Matter, Q(state__in=UNDER_WAY), ("due_on", "promised_on")),
    (RefusalReview, Q(decided_on__isnull=True), ("due_on",)),
    (MatterRefusalReview, Q(decided_on__isnull=True), ("due_on",)),
    (Loan, Q(state__in=APPLYING), ("promised_on", "due_on")),
    (LoanRefusalReview, Q(decided_on__isnull=True), ("due_on",)),
    (Rating, Q(answer__isnull=True), ("answer_due",)),
)


def settle_calendars(*, at: datetime) -> dict[int, int]:
    """For each year whose calendar has come on file: every open deadline in it moves to the same workday of the true calendar, once.

    Returns how many deadlines moved, by year; a year that nothing was counted into provisionally is not named.
    """
    settled = {}
    for year in list(
        ProvisionalYear.objects.filter(settled_at__isnull=True)
        .order_by("year")
        .values_list("year", flat=True)
    ):
        if not is_on_file(year):
            continue
        # A mark is never edited; the day on which its answer is due is no word of whoever gave it.
        with (
            transaction.atomic(),
            pgtrigger.ignore("conduct.Rating:append_only"),
            pghistory.context(operation="conduct.settle_calendars", year=year),
        ):
            hold_calendar(alone=True)
            row = ProvisionalYear.objects.select_for_update().get(year=year)
            if row.settled_at is None:
                row.moved = sum(
                    _move(model, waiting, column, year)
                    for model, waiting, columns in DEADLINES
                    for column in columns
                )
                row.settled_at = at
                row.save(update_fields=["moved", "settled_at"])
                settled[year] = row.moved
    return settled


def still_provisional() -> list[int]:
    """The years into which deadlines are counted by expected workdays, for want of a calendar."""
    waiting = ProvisionalYear.objects.filter(settled_at__isnull=True).order_by("year")
    return [row.year for row in waiting if not is_on_file(row.year)]


def _move(model: type[Model], waiting: Q, column: str, year: int) -> int:
    """All at once, so that a day that one moves to is not moved again."""
    first, beyond = date(year, 1, 1), date(year + 1, 1, 1)
    rows = model._default_manager.filter(waiting, **{f"{column}__gte": first, f"{column}__lt": beyond})
    days = set(rows.order_by().values_list(column, flat=True).distinct())
    new = {old: right for old, right in _right_days(year) if old in days and old != right}
    if not new:
        return 0
    choice = Choice(
        *(When(**{column: old}, then=Value(right)) for old, right in sorted(new.items())),
        default=F(column),
        output_field=DateField(),
    )
    return rows.filter(**{f"{column}__in": list(new)}).update(**{column: choice})


def _right_days(year: int) -> Iterator[tuple[date, date]]:
    """Each expected workday of the year with the true workday of the same number; beyond the last of those a day stays as it was."""
    days = [
        date.fromordinal(ordinal)
        for ordinal in range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal())
    ]
    return zip(filter(is_expected_workday, days), filter(is_workday, days), strict=False)
