"""Whether the night of a day is still owed, and the nights that were."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from jiuye.office.nights.models import Night
from jiuye.office.staff.alone import being_worked_on
from jiuye.office.staff.queries import Actor, require

MOST_TRIES = 3
PAUSE = timedelta(hours=1)  # after a try that failed: what it failed of is rarely mended at once
LOCK_CLASS, LOCK_NUMBER = 0x4E696768, 1  # "Nigh"


def owed(*, on: date, at: datetime) -> bool:
    """Whether the night of that day is to be begun now, or gone on with: not done, nobody at it, and not tried too often or just before.

    A day on which nothing ran is not made up for: each night takes whatever fell due up to its day.
    """
    night = Night.objects.filter(on_date=on).first()
    return night is None or (may_begin(night, at) and LOCK_NUMBER not in being_worked_on(LOCK_CLASS))


def may_begin(night: Night, at: datetime) -> bool:
    """The same of a night that was begun before, by what stands in its row. One that was killed too often is begun to be given up."""
    if night.state == "failed":
        ended = night.ended_at
        assert ended is not None  # a constraint of the table
        # On a fixed office date the clock goes back to its morning every midnight.
        return night.tries < MOST_TRIES and not ended <= at < ended + PAUSE
    return night.state == "running"


def nights(actor: Actor) -> QuerySet[Night]:
    """Every night that was begun, the latest first. Raises NotPermittedError."""
    require(actor, "staff.manage")
    return Night.objects.order_by("-on_date", "-pk")


def night_of(on: date) -> Night | None:
    """The night of that day, where it was begun."""
    return Night.objects.filter(on_date=on).first()
