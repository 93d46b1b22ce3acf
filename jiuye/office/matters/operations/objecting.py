"""Objections to the public notice of a matter: its clocks stand still until the last of them is decided."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Q

from jiuye.office.casework.answering import look_at_contact, note_answer
from jiuye.office.casework.authorities import require_no_relative
from jiuye.office.casework.objections import Settlers, put_on_record, settle
from jiuye.office.casework.procedures import require_at_level
from jiuye.office.matters.access import MatterNotFoundError
from jiuye.office.matters.content import item_of
from jiuye.office.matters.forms import answers_of
from jiuye.office.matters.limits import party
from jiuye.office.matters.models import Matter, MatterObjection
from jiuye.office.matters.operations.steps import locked, one_act
from jiuye.office.matters.states import ACT_NAMES, HANDLING_ACTS, STATE_LABELS
from jiuye.office.registry.models import Employer, Person
from jiuye.office.staff.queries import Actor
from jiuye.office.staff.rows import unscoped

OBJECTORS = ("matters.accept", "matters.review")  # who writes an objection down at the counter
RESOLVERS = ("matters.review", "matters.decide")


def object_to(
    *, actor: Actor, matter_id: int, raised_by_name: str, contact: str, text: str, on: date, at: datetime
) -> MatterObjection:
    """Put on record at the counter what somebody objects; the name may be left out.

    Raises MatterNotFoundError, NotPermittedError, NotPublicisedError, WordsMissingError, AlreadyDoneError.
    """
    with one_act("object"):
        matter = locked(matter_id)
        require_at_level(actor, OBJECTORS, matter.division_code, "village")
        return _raised(matter, actor, raised_by_name, contact, text, on, at)


@unscoped("anybody may object to what is publicised; nothing of the matter is handed out")
def object_in_public(
    *, matter_id: int, raised_by_name: str, contact: str, text: str, address: str, on: date, at: datetime
) -> MatterObjection:
    """The same from the public page, by whoever reads it there from that client address.

    Raises MatterNotFoundError, NotPublicisedError, WordsMissingError, TooManyObjectionsError, TooManyFromAddressError,
    AlreadyDoneError.
    """
    with one_act("object"):
        return _raised(locked(matter_id), None, raised_by_name, contact, text, on, at, address=address)


def resolve_objection(
    *,
    actor: Actor,
    objection_id: int,
    upheld: bool,
    resolution: str,
    answer: str = "",
    on: date,
    at: datetime,
) -> MatterObjection:
    """Answer an objection; with the last one the clocks run on for the workdays that were left.

    One that is upheld keeps the matter from being granted. `answer` is what whoever left a contact is told. Raises
    MatterNotFoundError, NotPermittedError, HadAHandError, WordsMissingError, AnswerNamesApplicantError, AlreadyDoneError.
    """
    with one_act("resolve_objection"):
        found, matter = _locked_objection(actor, objection_id)
        require_no_relative(matter.person_id, actor)
        settle(
            matter,
            found,
            names=ACT_NAMES,
            actor=actor,
            upheld=upheld,
            resolution=resolution,
            answer=answer,
            parties=_parties(matter),
            kind="matter",
            by=settlers_of(matter),
            on=on,
            at=at,
        )
    return found


def look_at_objectors_contact(*, actor: Actor, objection_id: int, purpose: str, at: datetime) -> str:
    """The contact that was left with an objection, after the look is recorded.

    Raises MatterNotFoundError, NotPermittedError, PurposeMissingError.
    """
    with one_act("look_at_contact"):
        found, _ = _locked_objection(actor, objection_id)
        return look_at_contact(found, kind="matter", actor=actor, purpose=purpose, at=at)


def note_objector_answered(
    *, actor: Actor, objection_id: int, how: str, on: date, at: datetime
) -> MatterObjection:
    """Whoever objected was told the outcome by hand.

    Raises MatterNotFoundError, NotPermittedError, NothingToAnswerError, WordsMissingError.
    """
    with one_act("answer_objection"):
        found, matter = _locked_objection(actor, objection_id)
        note_answer(matter, found, actor=actor, how=how, on=on, at=at)
    return found


def settlers_of(matter: Matter) -> Settlers:
    """Who settles objections to this matter."""
    return Settlers(RESOLVERS, HANDLING_ACTS, matter.division_code)


@unscoped("the names of the parties are held against the officer's words; none is handed out")
def _parties(matter: Matter) -> list[Person | Employer | str]:
    """Whom the matter is about: the applicant, the household where it is about one, and the employers that its form names."""
    mine = Q(pk=matter.person_id)
    if matter.household_id is not None:
        mine |= Q(household_id=matter.household_id)
    people = Person.objects.filter(mine).order_by("pk")
    employers = list(Employer.objects.filter(pk=matter.employer_id).order_by("pk"))
    given = answers_of(matter)
    named = [
        party(given.get(question.id, ""))
        for question in item_of(matter.item_id).questions
        if question.kind == "employer"
    ]
    return [*people, *employers, *(found for found in named if found is not None), matter.applicant_name]


def _locked_objection(actor: Actor, objection_id: int) -> tuple[MatterObjection, Matter]:
    """The objection and its matter, for somebody who decides on objections there."""
    found = MatterObjection.objects.select_for_update(of=("self",)).filter(pk=objection_id).first()
    if found is None:
        raise MatterNotFoundError
    matter = locked(found.matter_id)
    require_at_level(actor, RESOLVERS, matter.division_code, "county")
    return found, matter


def _raised(
    matter: Matter,
    actor: Actor | None,
    name: str,
    contact: str,
    text: str,
    on: date,
    at: datetime,
    *,
    address: str = "",
) -> MatterObjection:
    objection: MatterObjection = put_on_record(
        matter,
        state_label=STATE_LABELS[matter.state],
        names=ACT_NAMES,
        actor=actor,
        raised_by_name=name,
        contact=contact,
        text=text,
        address=address,
        on=on,
        at=at,
    )
    return objection
