"""What is shared by everything that can be shown as it was at a past moment: cases here, matters and loans above.

What happened by then is told by the timeline, what the thing itself then was by the versions that each saving of it leaves behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from datetime import date, datetime, timedelta, timezone
from typing import Any, TypeVar

from django.db.models import Model, Q
from django.utils.translation import gettext

from jiuye.office.casework.models import NoticeProof
from jiuye.office.casework.refusals import Refusal

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
SAVED_WITHIN = timedelta(minutes=1)  # an act is saved a little after the moment that its event names
NONE_SINCE = Q(pk__in=())
Kept = TypeVar("Kept", bound=Model)
Row = TypeVar("Row")


class NotYetThereError(Refusal):
    """At that moment the thing had not begun."""

    def __init__(self, began: date) -> None:
        super().__init__(
            gettext("那时还没有这件办件；它从 %(began)s 开始。请选这一天以后的时间。")
            % {"began": began.isoformat()}
        )


def day_of(moment: datetime) -> date:
    """The day of a moment in China, as deadlines and notices are counted."""
    return moment.astimezone(CHINA).date()


def version_left_by(
    thing: Kept, event: Any, version: int | None, *, keeping: Sequence[str], or_since: Q = NONE_SINCE
) -> Kept:
    """`thing` as that event left it: `version` is what the event names of it.

    `or_since` are later versions that were saved without an event and count as well. Of an event that was written before versions were
    named (None) it is the last one of the state that it led to, saved by then. `keeping` are the relations whose rows the caller holds with
    `thing`: they stay read where the past one has the same.
    """
    versions = thing.pgh_event_model.objects.filter(pgh_obj_id=thing.pk).order_by("pgh_id")
    if version is not None:
        kept = versions.filter(Q(pgh_id=version) | or_since).last()
    else:
        of_state = versions.filter(state=event.to_state)
        kept = of_state.filter(pgh_created_at__lte=event.at + SAVED_WITHIN).last() or of_state.first()
    return as_kept(thing, kept, keeping=keeping)


def as_kept(thing: Kept, kept: Any, *, keeping: Sequence[str]) -> Kept:
    """`thing` with the values of one of its versions; not to be saved."""
    values = {field.attname: getattr(kept, field.attname) for field in thing._meta.concrete_fields}
    past = type(thing)(**values | {"id": thing.pk})
    past._state.adding = False
    for name in keeping:
        if getattr(past, f"{name}_id") == getattr(thing, f"{name}_id"):
            setattr(past, name, getattr(thing, name))
    return past


def told(events: Iterable[Any], act: str, **details: Any) -> bool:
    """Whether an act of these events was about what `details` name."""
    return any(
        event.act == act and all(event.details.get(key) == value for key, value in details.items())
        for event in events
    )


def notices_then(notices: Iterable[NoticeProof], moment: datetime) -> list[NoticeProof]:
    """The notices that had been put up by then, still up where they were taken down later."""
    return [_notice(row, day_of(moment)) for row in notices if row.put_up_at <= moment]


def _notice(row: NoticeProof, on: date) -> NoticeProof:
    if row.taken_down_on is not None and row.taken_down_on > on:
        row = copy(row)
        row.taken_down_on = row.objections = None
    return row


def objections_then(objections: Iterable[Row], events: Sequence[Any]) -> list[Row]:
    """The objections of which these events tell, unanswered where the answer came later."""
    return [_objection(row, events) for row in objections if told(events, "object", objection=row.pk)]  # type: ignore[attr-defined]


def _objection(row: Any, events: Sequence[Any]) -> Any:
    row = copy(row)
    if not told(events, "resolve_objection", objection=row.pk):
        row.resolved_on = row.resolved_by_id = row.upheld = None
        row.resolution = row.answer = ""
        row.by_hand = False
    if not told(events, "answer_objection", objection=row.pk):
        row.answered_on = row.answered_by_id = None
        row.answered_how = ""
    return row


def reviews_then(rows: Sequence[Row], events: Sequence[Any]) -> list[Row]:
    """Of the requests to look at a refusal again, in their order, those made by then; one whose decision came later is still open."""
    asked = sum(event.act == "ask_review" for event in events)
    decided = sum(event.act in ("overturn", "uphold_refusal") for event in events)
    return [*rows[: min(asked, decided)], *(_undecided(row) for row in rows[decided:asked])]


def _undecided(row: Any) -> Any:
    row = copy(row)
    row.decided_on = row.decided_by_id = row.overturned = None
    row.words = ""
    return row
