"""Objections raised while a case is publicised."""

from __future__ import annotations

from datetime import date, datetime

from jiuye.office.casework.access import CaseNotFoundError
from jiuye.office.casework.answering import look_at_contact, note_answer
from jiuye.office.casework.authorities import require_no_relative
from jiuye.office.casework.models import Case, Objection
from jiuye.office.casework.objections import Settlers, put_on_record, settle
from jiuye.office.casework.operations.steps import (
    locked,
    one_act,
)
from jiuye.office.casework.procedures import require_at_level
from jiuye.office.casework.states import ACT_NAMES, HANDLING_ACTS, STATE_LABELS
from jiuye.office.registry.models import Employer, Person
from jiuye.office.staff.queries import Actor
from jiuye.office.staff.rows import unscoped

RESOLVERS = ("casework.settle",)


def object_to(
    *, actor: Actor, case_id: int, raised_by_name: str, contact: str, text: str, on: date, at: datetime
) -> Objection:
    """Put on record at the counter what somebody objects; the name may be left out (anonymous objections count).

    Raises NotPermittedError, NotPublicisedError, WordsMissingError, AlreadyDoneError.
    """
    with one_act("object"):
        case = locked(case_id)
        require_at_level(actor, ("casework.publicise",), case.division_code, "street")
        objection: Objection = put_on_record(
            case,
            state_label=STATE_LABELS[case.state],
            names=ACT_NAMES,
            actor=actor,
            raised_by_name=raised_by_name,
            contact=contact,
            text=text,
            on=on,
            at=at,
        )
    return objection


@unscoped("anybody may object to what is publicised; nothing of the case is handed out")
def object_in_public(
    *, case_id: int, raised_by_name: str, contact: str, text: str, address: str, on: date, at: datetime
) -> Objection:
    """The same from the public page, by whoever reads it there from that client address.

    Raises CaseNotFoundError, NotPublicisedError, WordsMissingError, TooManyObjectionsError, TooManyFromAddressError,
    AlreadyDoneError.
    """
    with one_act("object"):
        case = locked(case_id)
        objection: Objection = put_on_record(
            case,
            state_label=STATE_LABELS[case.state],
            names=ACT_NAMES,
            actor=None,
            raised_by_name=raised_by_name,
            contact=contact,
            text=text,
            address=address,
            on=on,
            at=at,
        )
    return objection


def resolve_objection(
    *,
    actor: Actor,
    objection_id: int,
    upheld: bool,
    resolution: str,
    answer: str = "",
    on: date,
    at: datetime,
) -> Objection:
    """Answer an objection; with the last one the clocks run on. One that is upheld keeps the case from being approved: it goes back or is refused.

    `answer` is what whoever left a contact is told. Raises CaseNotFoundError, NotPermittedError, HadAHandError,
    WordsMissingError, AnswerNamesApplicantError, AlreadyDoneError.
    """
    with one_act("resolve_objection"):
        objection, case = _locked_objection(actor, objection_id)
        require_no_relative(case.person_id, actor)
        settle(
            case,
            objection,
            names=ACT_NAMES,
            actor=actor,
            upheld=upheld,
            resolution=resolution,
            answer=answer,
            parties=_parties(case),
            kind="case",
            by=settlers_of(case),
            on=on,
            at=at,
        )
    return objection


def look_at_objectors_contact(*, actor: Actor, objection_id: int, purpose: str, at: datetime) -> str:
    """The contact that was left with an objection, after the look is recorded.

    Raises CaseNotFoundError, NotPermittedError, PurposeMissingError.
    """
    with one_act("look_at_contact"):
        objection, _ = _locked_objection(actor, objection_id)
        return look_at_contact(objection, kind="case", actor=actor, purpose=purpose, at=at)


def note_objector_answered(*, actor: Actor, objection_id: int, how: str, on: date, at: datetime) -> Objection:
    """Whoever objected was told the outcome by hand.

    Raises CaseNotFoundError, NotPermittedError, NothingToAnswerError, WordsMissingError.
    """
    with one_act("answer_objection"):
        objection, case = _locked_objection(actor, objection_id)
        note_answer(case, objection, actor=actor, how=how, on=on, at=at)
    return objection


def settlers_of(case: Case) -> Settlers:
    """Who settles objections to this case."""
    return Settlers(RESOLVERS, HANDLING_ACTS, case.division_code)


@unscoped("the names of the parties are held against the officer's words; none is handed out")
def _parties(case: Case) -> list[Person | Employer | str]:
    """Whom the case is about: who receives, for whom, and whose account it goes to."""
    people = Person.objects.filter(pk=case.person_id).order_by("pk")
    employers = Employer.objects.filter(pk=case.employer_id).order_by("pk")
    return [*people, *employers, case.payee_name, case.payee_account]


def _locked_objection(actor: Actor, objection_id: int) -> tuple[Objection, Case]:
    """The objection and its case, for somebody who decides on objections there."""
    objection = Objection.objects.select_for_update(of=("self",)).filter(pk=objection_id).first()
    if objection is None:
        raise CaseNotFoundError
    case = locked(objection.case_id)
    require_at_level(actor, RESOLVERS, case.division_code, "county")
    return objection, case
