"""What every lifecycle with a timeline shares: a row for what happened, and a form posted twice found out. For cases, and for matters above."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Protocol

from django.db.models import F
from django.utils.translation import gettext

from jiuye.office.casework.refusals import Refusal
from jiuye.office.casework.states import Transition
from jiuye.office.staff.queries import Actor

SYSTEM_NAME = "系统"


class Lived(Protocol):
    """Something with a state, whose events are kept under `timeline`."""

    state: Any
    timeline: Any


class AlreadyDoneError(Refusal):
    """The same act was done before (a form posted twice): nothing was done twice. Carries the event that did it.

    `names` are the words for the acts of that lifecycle.
    """

    def __init__(self, event: Any, names: Mapping[str, str]) -> None:
        self.event = event
        super().__init__(
            gettext("“%(act)s”已由%(who)s于 %(on)s 办理，没有重复办理。")
            % {"act": gettext(names[event.act]), "who": event.actor_name, "on": event.on_date.isoformat()}
        )


def refuse_second(thing: Lived, row: Transition, names: Mapping[str, str]) -> None:
    """Raise AlreadyDoneError where the last act that moved `thing` was the one of `row`, and it cannot be taken again."""
    last = thing.timeline.exclude(from_state=F("to_state")).order_by("-pk").first()
    if last is None or last.act != row.act:
        return
    if thing.state == row.target and thing.state not in row.sources:
        raise AlreadyDoneError(last, names)


def record(
    thing: Lived,
    act: str,
    *,
    actor: Actor | None,
    on: date,
    at: datetime,
    note: str = "",
    from_state: str | None = None,
    details: dict[str, Any] | None = None,
) -> Any:
    """One row of the timeline. Without an actor it was the system itself."""
    return thing.timeline.create(
        act=act,
        from_state=thing.state if from_state is None else from_state,
        to_state=thing.state,
        actor_id=actor.account_id if actor is not None else None,
        actor_name=actor.name if actor is not None else SYSTEM_NAME,
        on_date=on,
        at=at,
        note=note.strip(),
        details=details or {},
    )
