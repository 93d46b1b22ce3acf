"""A case or a matter as the office's work: which step it waits for, who takes that step where, and whom it waits for today."""

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
from jiuye.office.ventures.models import Loan
from jiuye.office.ventures.rules import loan_item
from jiuye.office.ventures.states import LOAN_NAME

Work = Case | Matter
Thing = (
    Case | Matter | Loan
)  # what may be late in one way or another: a loan has no step of its own here, but an answer that was promised
ACCEPTED_OTHERWISE = next(role for role in ROLES if "casework.accept" in PERMISSIONS[role])
SEEN_WITH = {Case: "casework.see", Matter: "matters.see"}


@dataclass(frozen=True, slots=True)
class Awaited:
    """The step that a thing waits for: its name, the role that takes it, and the division whose office it is."""

    step: str
    role: str
    digits: int
    division: str


def step_of(thing: Work) -> str:
    """What tells one step from another: a case's state, the act that a matter awaits; empty where it awaits none."""
    return thing.state if isinstance(thing, Case) else thing.awaits


def awaited_of(thing: Work) -> Awaited | None:
    """The office's step; None where the applicant, the bank or the system has the thing, or nobody has."""
    if isinstance(thing, Case):
        act = AWAITED_STEP.get(thing.state)
        step = procedure_of(thing).step(act) if act else None
        if step is None:
            return None
        # What the system could not accept by itself (its own check failed) is accepted by a person at that level.
        role = ACCEPTED_OTHERWISE if act == "accept" and step.by not in ROLES else step.by
        digits = LEVEL_DIGITS[step.level]
    else:
        role, digits = thing.awaits_role, thing.awaits_digits
    if role not in ROLES:
        return None
    return Awaited(step_of(thing), role, digits, thing.division_code[:digits])


def locked_work(actor: Actor, *, case_id: int | None, matter_id: int | None) -> Work:
    """The case or the matter, held until the transaction ends, where the actor may see it. Raises CaseNotFoundError, MatterNotFoundError."""
    thing: Work
    if case_id is not None:
        thing = locked_case(case_id)
        if not actor.may("casework.see", thing.division_code):
            raise CaseNotFoundError
        return thing
    assert matter_id is not None  # the caller names one of the two
    thing = locked_matter(matter_id)
    if thing.state == "draft" or not actor.may("matters.see", thing.division_code):
        raise MatterNotFoundError
    return thing


def waits_for(actor: Actor, thing: Work, *, on: date) -> bool:
    """True where the next step of the thing lies with this actor: right role, place and level, and not against their own hand."""
    if not actor.may(SEEN_WITH[type(thing)], thing.division_code):
        return False
    waiting: QuerySet[Case] | QuerySet[Matter] = (
        todays_work(actor, on=on) if isinstance(thing, Case) else todays_matters(actor, on=on)
    )
    return waiting.filter(pk=thing.pk).exists()


def naming(thing: Work) -> dict[str, Work | None]:
    """The two columns of a row that is about one of the two."""
    is_case = isinstance(thing, Case)
    return {"case": thing if is_case else None, "matter": None if is_case else thing}


def title_of(thing: Thing) -> tuple[str, str]:
    """What the thing is called, in Chinese and in English."""
    if isinstance(thing, Loan):
        item = loan_item(thing.kind)
        return (item.name, item.name_en) if item is not None else LOAN_NAME
    return thing.names
