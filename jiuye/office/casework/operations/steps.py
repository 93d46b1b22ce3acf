"""What every act on a case shares: locking it, checking who acts, moving it, and writing what happened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

import pghistory
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext

from jiuye.office.casework.access import CaseNotFoundError
from jiuye.office.casework.models import Case, CaseEvent
from jiuye.office.casework.procedures import deadline
from jiuye.office.casework.refusals import Refusal
from jiuye.office.casework.states import ACT_NAMES, advance, transition
from jiuye.office.entitlements.models import Entitlement
from jiuye.office.registry.models import Employer, Person
from jiuye.office.staff.queries import Actor

SYSTEM_NAME = "系统"


class AlreadyDoneError(Refusal):
    """The same act was done before (a form posted twice): nothing was done twice. Carries the case."""

    def __init__(self, case: Case, event: CaseEvent) -> None:
        self.case = case
        self.event = event
        super().__init__(
            gettext("“%(act)s”已由%(who)s于 %(on)s 办理，没有重复办理。")
            % {
                "act": gettext(ACT_NAMES[event.act]),
                "who": event.actor_name,
                "on": event.on_date.isoformat(),
            }
        )


@contextmanager
def one_act(name: str) -> Iterator[None]:
    """One transaction, and its name in the audit trail."""
    with transaction.atomic(), pghistory.context(operation=f"casework.{name}"):
        yield


def locked(case_id: int) -> Case:
    """The case, held until the transaction ends. Raises CaseNotFoundError."""
    case = Case.objects.select_for_update(of=("self",)).filter(pk=case_id).first()
    if case is None:
        raise CaseNotFoundError
    return case


def locked_entitlement(entitlement_id: int) -> Entitlement:
    """The entitlement, then its recipient, held until the transaction ends, always in this order.

    The recipient is held so that two policies that exclude each other cannot be granted to one person at once.
    Raises Entitlement.DoesNotExist.
    """
    entitlement = Entitlement.objects.select_for_update(of=("self",)).get(pk=entitlement_id)
    if entitlement.person_id is not None:
        entitlement.person = Person.objects.select_for_update(no_key=True).get(pk=entitlement.person_id)
    if entitlement.employer_id is not None:
        entitlement.employer = Employer.objects.select_for_update(no_key=True).get(pk=entitlement.employer_id)
    return entitlement


def refuse_repetition(case: Case, act: str) -> None:
    """Raise AlreadyDoneError where the last thing that moved the case was this very act."""
    last = case.timeline.exclude(from_state=F("to_state")).order_by("-pk").first()
    if last is None or last.act != act:
        return
    if case.state == transition(act).target and case.state not in transition(act).sources:
        raise AlreadyDoneError(case, last)


def move(
    case: Case,
    act: str,
    *,
    actor: Actor | None,
    on: date,
    at: datetime,
    note: str = "",
    due_from: date | None = None,
    details: dict[str, Any] | None = None,
    **changes: Any,
) -> CaseEvent:
    """Walk the table: the case takes the new state and the given changes, and the timeline one more row.

    The next deadline counts from `due_from`, else from `on`. The caller has checked permission.
    """
    before = case.state
    case.state = advance(case.state, act, note=note)
    case.due_on = deadline(case.claim, case.state, start=due_from or on)
    for field, value in changes.items():
        setattr(case, field, value)
    case.save(update_fields=["state", "due_on", *changes])
    return record(case, act, actor=actor, on=on, at=at, note=note, from_state=before, details=details)


def record(
    case: Case,
    act: str,
    *,
    actor: Actor | None,
    on: date,
    at: datetime,
    note: str = "",
    from_state: str | None = None,
    details: dict[str, Any] | None = None,
) -> CaseEvent:
    """One row of the timeline. Without an actor it was the system itself."""
    return CaseEvent.objects.create(
        case=case,
        act=act,
        from_state=case.state if from_state is None else from_state,
        to_state=case.state,
        actor_id=actor.account_id if actor is not None else None,
        actor_name=actor.name if actor is not None else SYSTEM_NAME,
        on_date=on,
        at=at,
        note=note.strip(),
        details=details or {},
    )
