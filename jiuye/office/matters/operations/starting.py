"""Starting a matter: a draft filled in with what the city knows, saved, submitted, put right."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext

from jiuye.engine.services import Item
from jiuye.engine.services.items import Evidence as EvidenceRow
from jiuye.office.casework.access import owns
from jiuye.office.casework.authorities import by_relative, require_no_relative
from jiuye.office.casework.papers import EvidenceMissingError
from jiuye.office.casework.refusals import Refusal
from jiuye.office.entitlements.operations import answer as record_answer
from jiuye.office.entitlements.rulebook import rulebook
from jiuye.office.matters.access import NotForYouError, require_for
from jiuye.office.matters.clocks import promised_after
from jiuye.office.matters.content import item_of
from jiuye.office.matters.forms import (
    Known,
    answers_of,
    check_answers,
    kept,
    known_facts,
    packed,
)
from jiuye.office.matters.models import Evidence, Matter
from jiuye.office.matters.operations.drafting import (
    open_draft,
    refuse_second_of_household,
)
from jiuye.office.matters.operations.speaking import speak_for
from jiuye.office.matters.operations.steps import applicant_key, locked, move, one_act, refuse_repetition
from jiuye.office.matters.states import TO_FILL, WrongStateError, transition
from jiuye.office.matters.telling_apart import open_of, refuse_the_same, tell_apart
from jiuye.office.registry.models import Employer, Person
from jiuye.office.staff.queries import Actor


class WrongApplicantError(Refusal):
    """The item is for employers and a resident starts it, or the other way round."""

    def __init__(self, item: Item) -> None:
        who = gettext("居民") if item.applicant == "person" else gettext("用人单位")
        super().__init__(gettext("“%(item)s”由%(who)s办理；请核对事项。") % {"item": item.name, "who": who})


class CarriedByLoanError(Refusal):
    """The item is asked for as a loan: a matter of it would be granted and nobody would act on it."""

    def __init__(self, item: Item) -> None:
        super().__init__(
            gettext("“%(item)s”作为贷款申请，不另开事项；请在“创业贷款”里申请。") % {"item": item.name}
        )


class ProxyMissingError(Refusal):
    """A relative acts for somebody: by an authority that is on record with its proof."""

    def __init__(self) -> None:
        super().__init__(gettext("亲属代办要凭登记的授权；请先在居民页面登记授权，再选持授权的亲属。"))


class WrittenAtHomeError(Refusal):
    """What somebody writes on their own page is theirs until they hand it in: the counter neither sees it nor begins a second one."""

    def __init__(self, item_name: str) -> None:
        super().__init__(
            gettext(
                "本人已在自己的账号里开始填写“%(item)s”，还没有提交；请本人提交，或者先在自己的页面撤回，再在窗口办理。"
            )
            % {"item": item_name}
        )


def start(
    *,
    actor: Actor,
    item_id: str,
    applicant_kind: str,
    applicant_id: int,
    way: str = "own",
    authority_id: int | None = None,
    life_event: str = "",
    answers: dict[str, str] | None = None,
    on: date,
    at: datetime,
) -> Matter:
    """Open a draft, or return the one that is open: what the city knows stands in it already. Of an item whose file tells several apart, the
    one that is open for the same.

    `way`: own, on_behalf (at the counter), relative (by the authority of that key). One that is open at the counter
    goes on with whoever came this time. Raises UnknownItemError, WrongApplicantError, CarriedByLoanError, NotForYouError,
    ProxyMissingError, WrittenAtHomeError, AuthorityNotFoundError, AuthorityEndedError, HolderActsError, NoHouseholdError, HouseholdUnderWayError.
    """
    item = item_of(item_id)
    if item.applicant != applicant_kind:
        raise WrongApplicantError(item)
    if item.carried_by == "loan":
        raise CarriedByLoanError(item)
    with one_act("start"):
        applicant = _held(applicant_kind, applicant_id)
        division = _division(applicant)
        _require_way(actor, applicant_kind, applicant_id, division, way, authority_id)
        if (found := open_of(item, applicant, kept(item, answers or {}))) is not None:
            if way != "own" and found.way == "own" and found.state == "draft":
                raise WrittenAtHomeError(found.item_name)
            if way != "own" and found.state in TO_FILL:
                speak_for(found, authority_id, actor=actor, on=on, at=at)
            return found
        refuse_second_of_household(item, applicant)
        return open_draft(
            item,
            applicant,
            division=division,
            way=way,
            authority_id=authority_id,
            life_event=life_event,
            answers=answers,
            actor=actor,
            on=on,
            at=at,
        )


def save(*, actor: Actor, matter_id: int, answers: dict[str, str], on: date, at: datetime) -> Matter:
    """Keep what was filled in so far; nothing is checked, so that nothing is lost. No row of the timeline."""
    with one_act("save"):
        matter = locked(matter_id)
        require_for(transition("submit"), actor=actor, matter=matter)
        if matter.state not in TO_FILL:
            raise WrongStateError("save", matter.state, matter.awaits)
        item = item_of(matter.item_id)
        given = kept(item, answers)
        matter.answers = packed(given)
        matter.save(update_fields=["answers"])
        tell_apart(matter, item, given)
    return matter


def hand_in(*, actor: Actor, matter_id: int, answers: dict[str, str], on: date, at: datetime) -> Matter:
    """Check the form and the evidence, and hand the matter in, or in again after a correction; its promise
    counts from today, after a correction for the workdays that were left.

    What the registers know is taken from them and noted as evidence. Raises NotPermittedError, AlreadyDoneError,
    WrongStateError, FormRefusedError, EvidenceMissingError, AuthorityEndedError; what was filled in stays kept in each case.
    """
    act, given = _keep_whatever_comes(actor, matter_id, answers, on)
    with one_act(act):
        matter = locked(matter_id)
        spoken = by_relative(matter, act, actor=actor, on=on, at=at)
        item = item_of(matter.item_id)
        tell_apart(matter, item, given)
        refuse_the_same(matter, item, given)
        _prove(matter, item, given, on, at)
        _tell_rules(matter, item, given, actor, on, at)
        move(
            matter,
            act,
            actor=actor,
            on=on,
            at=at,
            details=spoken,
            corrections={},
            answers=packed(given),  # those that were checked, whatever else was saved between the two
            submitted_on=matter.submitted_on or on,
            item_version=item.version,
            promised_on=promised_after(matter, item, on=on),
        )
    return matter


# ---------------------------------------------------------------------------------------------- internals


def _held(kind: str, key: int) -> Person | Employer:
    """The applicant, held so that the same matter is not opened twice at once."""
    if kind == "person":
        return Person.objects.select_for_update(no_key=True).get(pk=key)
    return Employer.objects.select_for_update(no_key=True).get(pk=key)


def _division(applicant: Person | Employer) -> str:
    code = applicant.residence_division_id if isinstance(applicant, Person) else applicant.division_id
    return str(code or "")


def _require_way(
    actor: Actor, kind: str, key: int, division: str, way: str, authority_id: int | None
) -> None:
    mine = owns(actor, person_id=key, employer_id=key, recipient_kind=kind)
    if way == "own":
        if not mine or not actor.may("own.confirm"):
            raise NotForYouError(division)
        return
    if not actor.may("matters.start_on_behalf", division):
        raise NotForYouError(division)
    require_no_relative(key if kind == "person" else None, actor)
    if way == "relative" and authority_id is None:
        raise ProxyMissingError


def _keep_whatever_comes(
    actor: Actor, matter_id: int, answers: dict[str, str], on: date
) -> tuple[str, dict[str, str]]:
    """Keep the answers in a transaction of their own, then check them: a form that is refused loses nothing.

    Returns the act that hands the form in, and the answers as they are kept.
    """
    with one_act("save"):
        matter = locked(matter_id)
        act = "correct" if matter.corrected_before else "submit"
        require_for(transition(act), actor=actor, matter=matter)
        refuse_repetition(matter, act)
        if matter.state not in transition(act).sources:
            raise WrongStateError(act, matter.state, matter.awaits)
        item = item_of(matter.item_id)
        given = kept(item, answers)
        matter.answers = packed(given)
        matter.save(update_fields=["answers"])
        tell_apart(matter, item, given)
    check_answers(
        item, given, applicant_kind=matter.applicant_kind, applicant_id=applicant_key(matter), on=on
    )
    return act, given


def _tell_rules(
    matter: Matter, item: Item, answers: dict[str, str], actor: Actor, on: date, at: datetime
) -> None:
    """What only the applicant knows (告知承诺) is recorded as their answer, so that the conditions are decided by it.

    A fact that a register holds is never overwritten by a form.
    """
    facts = rulebook().pack.vocabulary.entities[matter.applicant_kind].facts
    for question in item.asked(answers):
        fact = facts.get(question.prefill)
        if fact is None or fact.binding or not fact.ask or not answers.get(question.id):
            continue
        record_answer(
            actor=actor,
            entity=matter.applicant_kind,
            subject_key=str(applicant_key(matter)),
            fact=fact.name,
            value=answers[question.id],
            on=on,
            at=at,
        )


def _prove(matter: Matter, item: Item, answers: dict[str, str], on: date, at: datetime) -> None:
    """Note what the registers prove, and stop where something is neither known nor given."""
    known = known_facts(item, applicant_kind=matter.applicant_kind, applicant_id=applicant_key(matter), on=on)
    by_register, missing = _proofs(matter, item, answers, known)
    for row in by_register:
        _note_register(matter, row.id, [known[fact] for fact in row.known_by], on, at)
    if missing:
        raise EvidenceMissingError([row.name for row in missing])


def _proofs(
    matter: Matter, item: Item, answers: dict[str, str], known: dict[str, Known]
) -> tuple[list[EvidenceRow], list[EvidenceRow]]:
    """Of what these answers call for and nobody has given: what the registers prove, and what is missing."""
    given = set(matter.evidence.order_by("pk").values_list("evidence_id", flat=True))
    open_rows = [row for row in item.needed(answers) if row.id not in given]
    by_register = [row for row in open_rows if row.known_by and all(fact in known for fact in row.known_by)]
    return by_register, [row for row in open_rows if row.required and row not in by_register]


def missing_papers(matter: Matter, *, on: date) -> list[EvidenceRow]:
    """The papers that a matter still lacks before it can be handed in."""
    item = item_of(matter.item_id)
    known = known_facts(item, applicant_kind=matter.applicant_kind, applicant_id=applicant_key(matter), on=on)
    return _proofs(matter, item, answers_of(matter), known)[1]


def _note_register(matter: Matter, evidence_id: str, known: list[Known], on: date, at: datetime) -> None:
    registers = sorted({row.register for row in known})
    Evidence.objects.create(
        matter=matter,
        evidence_id=evidence_id,
        kind="register",
        said="、".join(registers),
        given_by_name="、".join(registers)[:60],
        on_date=on,
        at=at,
    )
