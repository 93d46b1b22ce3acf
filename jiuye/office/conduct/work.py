"""A case, a matter or an application for a loan as the office's work: which step it waits for, who takes that step where, and whom it waits for today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from jiuye.office.casework.access import CaseNotFoundError
from jiuye.office.casework.models import Case
from jiuye.office.casework.operations.steps import locked as locked_case
from jiuye.office.casework.procedures import AWAITED_STEP, LEVEL_DIGITS, procedure_of
from jiuye.office.casework.queries import todays_work
from jiuye.office.matters.access import MatterNotFoundError
from jiuye.office.matters.models import Matter
from jiuye.office.matters.operations.steps import locked as locked_matter
from jiuye.office.matters.queries import todays_matters
from jiuye.office.staff.queries import Actor
from jiuye.office.staff.roles import PERMISSIONS, ROLES
from jiuye.office.ventures.answering import ANSWERED_IN, GUARANTORS, answered_at
from jiuye.office.ventures.models import Loan
from jiuye.office.ventures.operations import LoanNotFoundError
from jiuye.office.ventures.operations.steps import locked as locked_loan
from jiuye.office.ventures.queries import applications_to_answer
from jiuye.office.ventures.rules import loan_item
from jiuye.office.ventures.states import LOAN_NAME

Work = Case | Matter | Loan
ACCEPTED_OTHERWISE = next(role for role in ROLES if "casework.accept" in PERMISSIONS[role])
SEEN_WITH = {Case: "casework.see", Matter: "matters.see", Loan: "ventures.see"}
COLUMNS = {Case: "case", Matter: "matter", Loan: "loan"}  # of a row that is about one of them


@dataclass(frozen=True, slots=True)
class Awaited:
    """The step that a thing waits for: its name, the role that takes it, and the division whose office it is."""

    step: str
    role: str
    digits: int
    division: str


def step_of(thing: Work) -> str:
    """What tells one step from another: a case's state, the act that a matter awaits, the state in which an application for a loan waits
    for its answer; empty where it awaits none."""
    if isinstance(thing, Loan):
        return thing.state if thing.state == ANSWERED_IN else ""
    return thing.state if isinstance(thing, Case) else thing.awaits


def awaited_of(thing: Work) -> Awaited | None:
    """The office's step; None where the applicant, the bank or the system has the thing, or nobody has. Raises NoLoanTermsError."""
    if isinstance(thing, Case):
        act = AWAITED_STEP.get(thing.state)
        step = procedure_of(thing).step(act) if act else None
        if step is None:
            return None
        # What the system could not accept by itself (its own check failed) is accepted by a person at that level.
        role = ACCEPTED_OTHERWISE if act == "accept" and step.by not in ROLES else step.by
        digits = LEVEL_DIGITS[step.level]
    elif isinstance(thing, Loan):
        if not step_of(thing):
            return None
        role, digits = GUARANTORS[0], answered_at(thing)
    else:
        role, digits = thing.awaits_role, thing.awaits_digits
    if role not in ROLES:
        return None
    return Awaited(step_of(thing), role, digits, thing.division_code[:digits])


def locked_work(
    actor: Actor, *, case_id: int | None = None, matter_id: int | None = None, loan_id: int | None = None
) -> Work:
    """The case, the matter or the loan, held until the transaction ends, where the actor may see it. The caller names one of the three.

    Raises CaseNotFoundError, MatterNotFoundError, LoanNotFoundError.
    """
    if case_id is not None:
        case = locked_case(case_id)
        if not actor.may("casework.see", case.division_code):
            raise CaseNotFoundError
        return case
    if loan_id is not None:
        loan = locked_loan(loan_id)
        if not actor.may("ventures.see", loan.division_code):
            raise LoanNotFoundError
        return loan
    assert matter_id is not None
    matter = locked_matter(matter_id)
    if matter.state == "draft" or not actor.may("matters.see", matter.division_code):
        raise MatterNotFoundError
    return matter


def waits_for(actor: Actor, thing: Work, *, on: date) -> bool:
    """True where the next step of the thing lies with this actor: right role, place and level, and not against their own hand."""
    if not actor.may(SEEN_WITH[type(thing)], thing.division_code):
        return False
    waiting: QuerySet[Case] | QuerySet[Matter] | QuerySet[Loan]
    if isinstance(thing, Loan):
        waiting = applications_to_answer(actor)
    else:
        waiting = todays_work(actor, on=on) if isinstance(thing, Case) else todays_matters(actor, on=on)
    return waiting.filter(pk=thing.pk).exists()


def naming(thing: Work) -> dict[str, Work | None]:
    """The three columns of a row that is about one of the three."""
    return {column: thing if isinstance(thing, model) else None for model, column in COLUMNS.items()}


def title_of(thing: Work) -> tuple[str, str]:
    """What the thing is called, in Chinese and in English."""
    if isinstance(thing, Loan):
        item = loan_item(thing.kind)
        return (item.name, item.name_en) if item is not None else LOAN_NAME
    return thing.names
