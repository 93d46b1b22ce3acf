"""What every act on a case shares: locking it, checking who acts, moving it, and writing what happened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

import pghistory
from django.db import transaction

from jiuye.office.casework.access import CaseNotFoundError
from jiuye.office.casework.clocks import RUNNING, with_applicant
from jiuye.office.casework.models import Case, CaseEvent
from jiuye.office.casework.notices import take_down
from jiuye.office.casework.procedures import deadline, workdays_later
from jiuye.office.casework.states import ACT_NAMES, advance, transition
from jiuye.office.casework.telling import tell
from jiuye.office.casework.timeline import record, refuse_second
from jiuye.office.entitlements.models import Entitlement
from jiuye.office.registry.models import Employer, Person
from jiuye.office.staff.queries import Actor


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


def hold_in_order(case_ids: Sequence[int]) -> None:
    """Hold these cases, their entitlements and their recipients until the transaction ends, each kind in the order of its keys.

    An act on many that held them case by case would hold the recipients in the order of the cases, and two such acts could wait for each
    other for ever. Whoever acts on one case holds one of each kind, in the same order of kinds.
    """
    cases = Case.objects.select_for_update(of=("self",)).filter(pk__in=case_ids).order_by("pk")
    entitlement_ids = list(cases.values_list("entitlement_id", flat=True))
    held = Entitlement.objects.select_for_update(of=("self",)).filter(pk__in=entitlement_ids).order_by("pk")
    recipients = list(held.values_list("person_id", "employer_id"))
    for kind, place in ((Person, 0), (Employer, 1)):
        keys = {row[place] for row in recipients} - {None}
        if keys:
            list(
                kind.objects.select_for_update(no_key=True)
                .filter(pk__in=keys)
                .order_by("pk")
                .values_list("pk")
            )


def refuse_repetition(case: Case, act: str) -> None:
    """Raise AlreadyDoneError where the last thing that moved the case was this very act."""
    refuse_second(case, transition(act), ACT_NAMES)


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
    """Walk the table: the case takes the new state and the given changes, the timeline one more row, and who is concerned is told.

    The next deadline counts from `due_from`, else from `on`. The caller has checked permission.
    """
    before = case.state
    target = advance(case.state, act, note=note)
    back = target == "correction_requested"
    clocks = with_applicant(case, in_first_step=before == "confirmed", on=on) if back else None
    case.state = target
    case.due_on = deadline(case, case.state, start=due_from or on)
    if before == "correction_requested" and case.step_workdays_left is not None and case.state == "confirmed":
        case.due_on = workdays_later(on, case.step_workdays_left)
    # Whatever the clocks stood still for is left behind, unless it now goes to the applicant.
    changes = {**(clocks or RUNNING), **changes}
    for field, value in changes.items():
        setattr(case, field, value)
    case.save(update_fields=["state", "due_on", *changes])
    if before == "publicised" and case.state != "publicised":
        take_down(about=case.claim_key, objections=case.objections.count(), on=on)
    event: CaseEvent = record(
        case, act, actor=actor, on=on, at=at, note=note, from_state=before, details=details
    )
    tell(case, event, on=on, at=at)
    return event
