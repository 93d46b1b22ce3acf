"""What every act on a matter shares: locking it, moving it, and writing what happened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

import pghistory
from django.db import transaction

from jiuye.engine.services import Item
from jiuye.office.casework.clocks import RUNNING
from jiuye.office.casework.notices import take_down
from jiuye.office.casework.procedures import procedures, workdays_later
from jiuye.office.casework.timeline import record, refuse_second
from jiuye.office.matters.access import MatterNotFoundError
from jiuye.office.matters.clocks import due_after, stopped
from jiuye.office.matters.content import NOTHING_AWAITED, awaited, item_of
from jiuye.office.matters.models import Matter, MatterEvent
from jiuye.office.matters.states import (
    ACT_NAMES,
    ENDED_STATES,
    STEP_ACTS,
    advance,
    transition,
)
from jiuye.office.matters.telling import tell
from jiuye.office.staff.queries import Actor


@contextmanager
def one_act(name: str) -> Iterator[None]:
    """One transaction, and its name in the audit trail."""
    with transaction.atomic(), pghistory.context(operation=f"matters.{name}"):
        yield


def locked(matter_id: int) -> Matter:
    """The matter, held until the transaction ends. Raises MatterNotFoundError."""
    matter = Matter.objects.select_for_update(of=("self",)).filter(pk=matter_id).first()
    if matter is None:
        raise MatterNotFoundError
    return matter


def applicant_key(matter: Matter) -> int:
    """The applicant's key among residents, or among employers."""
    key = matter.person_id if matter.applicant_kind == "person" else matter.employer_id
    assert key is not None  # held by a constraint
    return key


def refuse_repetition(matter: Matter, act: str) -> None:
    """Raise AlreadyDoneError where the last thing that moved the matter was this very act."""
    refuse_second(matter, transition(act), ACT_NAMES)


def move(
    matter: Matter,
    act: str,
    *,
    actor: Actor | None,
    on: date,
    at: datetime,
    note: str = "",
    due_from: date | None = None,
    details: dict[str, Any] | None = None,
    **changes: Any,
) -> MatterEvent:
    """Walk the table: the matter takes the new state, awaits its item's next step, and the timeline has one more row."""
    before = matter.state
    target = advance(before, act, matter.awaits, note=note)
    clocks = stopped(matter, on=on) if target == "correction_requested" else RUNNING
    matter.state = target
    changes |= _next(matter, act, item_of(matter.item_id), due_from or on)
    if before == "correction_requested" and changes["due_on"] is not None:
        changes["due_on"] = due_after(matter, changes["due_on"], on=on)
    changes |= clocks
    for field, value in changes.items():
        setattr(matter, field, value)
    matter.save(update_fields=["state", *changes])
    if before == "publicised" and target != "publicised":
        take_down(about=matter.about, objections=matter.objections.count(), on=on)
    event: MatterEvent = record(
        matter, act, actor=actor, on=on, at=at, note=note, from_state=before, details=details
    )
    tell(matter, event, on=on, at=at)
    return event


def _next(matter: Matter, act: str, item: Item, start: date) -> dict[str, Any]:
    """The next step; nothing is awaited of the office once a matter has ended or gone back to its applicant."""
    if matter.state == "correction_requested":
        due_on = workdays_later(start, procedures().correction_workdays)
        return {**NOTHING_AWAITED, "due_on": due_on}
    if matter.state in ENDED_STATES:
        return NOTHING_AWAITED
    return awaited(item, act if act in STEP_ACTS else "", start=start)
