"""What every act on a loan shares: one transaction, the lock, the permission, the move, and what is written of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

import pghistory
from django.db import transaction
from django.utils.translation import gettext

from jiuye.office.casework.procedures import workdays_later
from jiuye.office.casework.timeline import SYSTEM_NAME
from jiuye.office.staff.queries import Actor, require
from jiuye.office.staff.rows import unscoped
from jiuye.office.ventures.models import Loan, LoanEvent
from jiuye.office.ventures.rules import loan_item
from jiuye.office.ventures.states import BORROWERS, LoanRefusal, advance, transition
from jiuye.office.ventures.telling import tell


class LoanNotFoundError(LoanRefusal):
    """There is no such loan, or it lies outside what the actor may see."""

    def __init__(self) -> None:
        super().__init__(gettext("没有这笔贷款，或者它不在您的管辖范围内；请核对编号。"))


def is_borrower(actor: Actor, loan: Loan) -> bool:
    """Whether it is the actor's own loan: the founder's, or the firm's."""
    borrower = loan.person_id if loan.person_id is not None else loan.employer_id
    return actor.kind == BORROWERS[loan.kind] and actor.subject_key == str(borrower)


def promised(kind: str, on: date) -> date | None:
    """The day by which an application of that day is answered, as its service item promises; None beyond the calendar."""
    item = loan_item(kind)
    return workdays_later(on, item.promised_workdays) if item is not None else None


@contextmanager
def one_act(name: str) -> Iterator[None]:
    """One transaction, and its name in the audit trail."""
    with transaction.atomic(), pghistory.context(operation=f"ventures.{name}"):
        yield


def locked(loan_id: int) -> Loan:
    """The loan, held until the transaction ends. Raises LoanNotFoundError."""
    with unscoped(
        "the founder may live elsewhere; the act's permission is checked in the loan's own division"
    ):
        found = (
            Loan.objects.select_for_update(of=["self"])
            .select_related("employer", "person")
            .filter(pk=loan_id)
            .order_by("pk")
            .first()
        )
    if found is None:
        raise LoanNotFoundError
    return found


def move(
    loan: Loan,
    act: str,
    *,
    actor: Actor,
    on: date,
    at: datetime,
    note: str = "",
    details: dict[str, Any] | None = None,
    **changes: Any,
) -> None:
    """Walk the table, after the permission. Raises NotPermittedError, WrongLoanStateError, NoteMissingError."""
    require_for(act, actor=actor, loan=loan)
    walk(loan, act, actor=actor, on=on, at=at, note=note, details=details, **changes)


def require_for(act: str, *, actor: Actor, loan: Loan) -> None:
    """Return where one of the act's permissions is the actor's in the loan's division. Raises NotPermittedError."""
    row = transition(act)
    if not (row.or_permission and actor.may(row.or_permission, loan.division_code)):
        require(actor, row.permission, loan.division_code)


def walk(
    loan: Loan,
    act: str,
    *,
    actor: Actor,
    on: date,
    at: datetime,
    note: str = "",
    details: dict[str, Any] | None = None,
    **changes: Any,
) -> None:
    """Walk the table; the caller has seen that the actor may. Raises WrongLoanStateError, NoteMissingError, TooLongError."""
    before = loan.state
    loan.state = advance(loan.state, act, note=note)
    if before == "correction_requested":  # the clock stood still for the borrower, and is left behind
        changes = {"stopped_on": None, "promised_workdays_left": None, "due_on": None, **changes}
    for name, value in changes.items():
        setattr(loan, name, value)
    loan.save(update_fields=["state", *changes])
    record(loan, act, before, actor=actor, on=on, at=at, note=note, details=details)


def record(
    loan: Loan,
    act: str,
    before: str,
    *,
    actor: Actor | None,
    on: date,
    at: datetime,
    note: str = "",
    details: dict[str, Any] | None = None,
) -> LoanEvent:
    """One more row of the timeline, and the message of it; without an actor the system did it. Raises MessagesUnreadableError."""
    event: LoanEvent = LoanEvent.objects.create(
        loan=loan,
        act=act,
        from_state=before,
        to_state=loan.state,
        actor_id=actor.account_id if actor is not None else None,
        actor_name=actor.name if actor is not None else SYSTEM_NAME,
        on_date=on,
        at=at,
        note=note.strip(),
        details=details or {},
    )
    tell(loan, event, on=on, at=at)
    return event
