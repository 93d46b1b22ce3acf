"""What every act on a matter shares: locking it, moving it, and writing what happened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

import pghistory
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext

from jiuye.engine.services import Item
from jiuye.office.matters.access import MatterNotFoundError
from jiuye.office.matters.content import awaited, item_of, workdays_later
from jiuye.office.matters.models import Matter, MatterEvent
from jiuye.office.matters.refusals import Refusal
from jiuye.office.matters.states import (
    ACT_NAMES,
    ENDED_STATES,
    STEP_ACTS,
    advance,
    transition,
)
from jiuye.office.staff.queries import Actor

SYSTEM_NAME = "系统"
CORRECTION_WORKDAYS = 10  # the same as for claims; `services/claims.yaml` says that no document sets it


class DoneBeforeError(Refusal):
    """The same act was done before (a form posted twice): nothing was done twice. Carries the matter."""

    def __init__(self, matter: Matter, event: MatterEvent) -> None:
        self.matter, self.event = matter, event
        super().__init__(
            gettext("“%(act)s”已由%(who)s于 %(on)s 办理，没有重复办理。")
            % {"act": gettext(ACT_NAMES[event.act]), "who": event.actor_name, "on": event.on_date.isoformat()}
        )


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


def refuse_repetition(matter: Matter, act: str) -> None:
    """Raise DoneBeforeError where the last thing that moved the matter was this very act."""
    last = matter.timeline.exclude(from_state=F("to_state")).order_by("-pk").first()
    row = transition(act)
    if (
        last is not None
        and last.act == act
        and matter.state == row.target
        and matter.state not in row.sources
    ):
        raise DoneBeforeError(matter, last)


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
    matter.state = advance(before, act, matter.awaits, note=note)
    changes |= _next(matter, act, item_of(matter.item_id), due_from or on)
    for field, value in changes.items():
        setattr(matter, field, value)
    matter.save(update_fields=["state", *changes])
    return record(matter, act, actor=actor, on=on, at=at, note=note, from_state=before, details=details)


def _next(matter: Matter, act: str, item: Item, start: date) -> dict[str, Any]:
    if matter.state in ENDED_STATES:
        return {"awaits": "", "awaits_role": "", "awaits_digits": 0, "due_on": None}
    if matter.state == "correction_requested":
        return {
            "awaits": "",
            "awaits_role": "",
            "awaits_digits": 0,
            "due_on": workdays_later(start, CORRECTION_WORKDAYS),
        }
    return awaited(item, act if act in STEP_ACTS else "", start=start)


def record(
    matter: Matter,
    act: str,
    *,
    actor: Actor | None,
    on: date,
    at: datetime,
    note: str = "",
    from_state: str | None = None,
    details: dict[str, Any] | None = None,
) -> MatterEvent:
    """One row of the timeline. Without an actor it was the system itself."""
    return MatterEvent.objects.create(
        matter=matter,
        act=act,
        from_state=matter.state if from_state is None else from_state,
        to_state=matter.state,
        actor_id=actor.account_id if actor is not None else None,
        actor_name=actor.name if actor is not None else SYSTEM_NAME,
        on_date=on,
        at=at,
        note=note.strip(),
        details=details or {},
    )
