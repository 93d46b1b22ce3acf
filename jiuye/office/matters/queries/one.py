"""One matter whole: its form, what proves it, whether its conditions hold, who has it until when, what may be done now."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from jiuye.engine.messages import Words
from jiuye.engine.rules.explain import Explanation
from jiuye.engine.rules.policies import Policy
from jiuye.engine.services import Item
from jiuye.engine.services.items import Evidence as EvidenceRow
from jiuye.engine.services.items import Follow, Ground, Question
from jiuye.office.casework.authorities import MayBeHolder, words_for_holder
from jiuye.office.casework.models import NoticeProof
from jiuye.office.casework.objections import turn_to_settle
from jiuye.office.casework.operations.overturning import last_day_to_ask
from jiuye.office.casework.procedures import procedures, require_at_level
from jiuye.office.entitlements.rulebook import rulebook
from jiuye.office.entitlements.values import FactNow
from jiuye.office.matters.access import MatterNotFoundError, is_own, require_for
from jiuye.office.matters.content import item_of
from jiuye.office.matters.forms import Known, answers_of, known_answer
from jiuye.office.matters.limits import NO_LIMITS, Limits, party, resident_of
from jiuye.office.matters.models import (
    Evidence,
    Matter,
    MatterEvent,
    MatterObjection,
    MatterRefusalReview,
    PromisedService,
    Review,
)
from jiuye.office.matters.operations.deciding import grounds_of
from jiuye.office.matters.operations.objecting import OBJECTORS, settlers_of
from jiuye.office.matters.queries.beside import NOTHING_KNOWN, beside_of, facts_of
from jiuye.office.matters.queries.lists import own_matters, visible_matters
from jiuye.office.matters.states import OPEN_STATES, REVIEWERS, STEP_ACTS, TRANSITIONS, UNDER_WAY, Transition
from jiuye.office.matters.telling import ground_words
from jiuye.office.messages.models import Message
from jiuye.office.staff.queries import Actor, NotPermittedError, require, scope_filter


@dataclass(frozen=True, slots=True)
class Answer:
    """One field of the form as it stands, with what a register says of it and what was sent back."""

    question: Question
    text: str
    known: Known | None
    correction: str
    limits: Limits = NO_LIMITS
    named: str = ""  # the employer whose credit code the answer is, or the resident (masked) whose ID number


@dataclass(frozen=True, slots=True)
class Proof:
    """One point to be proved: what was given for it, or which register knows it already."""

    row: EvidenceRow
    given: tuple[Evidence, ...]
    known: bool
    correction: str

    @property
    def settled(self) -> bool:
        return bool(self.given) or self.known or not self.row.required


@dataclass(frozen=True, slots=True)
class InHand:
    """Who had a matter in hand at a past moment, and since when."""

    name: str
    since: date


@dataclass(frozen=True, slots=True)
class MatterView:
    """What one page shows of a matter. `acts` are those that this actor may take in this state, on this day."""

    matter: Matter
    item: Item
    answers: tuple[Answer, ...]
    proofs: tuple[Proof, ...]
    conditions: Explanation | None
    grounds: tuple[Ground, ...]  # the clauses that a refusal may name
    ground: Words  # what a refusal rests on
    timeline: tuple[MatterEvent, ...]
    promised: tuple[PromisedService, ...]
    acts: tuple[Transition, ...]
    overdue: bool
    review: Review | None  # that waits for an answer
    looks: tuple[FactNow, ...]  # what it looks at, today
    may_review: bool
    reviews: tuple[MatterRefusalReview, ...]  # of its refusal
    may_ask_review: bool
    may_decide_review: bool
    objections: tuple[MatterObjection, ...]
    may_object: bool
    may_resolve: bool
    settled_by: str  # who else settles an open one, where this actor had a hand in the matter
    notices: tuple[NoticeProof, ...]
    told: tuple[Message, ...]  # for officers; of a past moment the page leaves out what was told later
    not_theirs: str  # why this actor, who may be a relative, does nothing here
    holder: str  # the division whose officers have it
    division_name: str
    places: dict[str, str]  # the names of both, by code
    in_hand: InHand | None = None  # of a past moment; now it is asked of `conduct`
    as_of: datetime | None = None  # the past moment that is shown; None: now

    @property
    def open(self) -> bool:
        return self.matter.state in OPEN_STATES

    @property
    def appeals(self) -> list[dict[str, str]]:
        """The ways open after a refusal, as they were told with it: name, to, last_day."""
        acts = ("refuse", "end")
        told = [event.details.get("appeals", []) for event in self.timeline if event.act in acts]
        return told[-1] if told else []

    @property
    def leads(self) -> list[Policy]:
        """The policies that the item opens once it is granted."""
        policies = rulebook().pack.policies if self.matter.state == "granted" else {}
        return [policies[key] for key in self.item.leads_to if key in policies]

    @property
    def has_files(self) -> bool:
        """Whether a paper was uploaded, so that somebody may want to look at one."""
        return any(given.kind == "file" for proof in self.proofs for given in proof.given)

    @property
    def notice_last_day(self) -> date | None:
        until = self.matter.publicity_until
        return until - timedelta(days=1) if until is not None else None


def seen_matter(actor: Actor, matter_id: int, *, on: date, past: bool = False) -> MatterView:
    """The matter for an officer of its division. Raises MatterNotFoundError.

    With `past` it is only the ground on which `as_it_was` tells of an earlier moment: everything that was ever handed in or promised, and
    nothing that is asked of the registers or may be done.
    """
    return _view(_one(visible_matters(actor).filter(pk=matter_id), actor), actor, on, past=past)


def own_matter(actor: Actor, matter_id: int, *, on: date) -> MatterView:
    """The matter for its applicant. Raises MatterNotFoundError."""
    return _view(
        own_matters(actor).filter(pk=matter_id).select_related("person", "employer").first(), actor, on
    )


def counter_matter(actor: Actor, matter_id: int, *, on: date) -> MatterView:
    """A matter that an officer fills in for somebody, drafts included. Raises MatterNotFoundError, NotPermittedError."""
    require(actor, "matters.start_on_behalf")
    found = Matter.objects.filter(
        scope_filter(actor, "matters.start_on_behalf", "division_code"), pk=matter_id
    )
    found = found.exclude(
        state="draft", way="own"
    )  # what somebody writes at home is theirs until it is handed in
    return _view(_one(found, actor), actor, on)


def _one(found: QuerySet[Matter], actor: Actor) -> Matter | None:
    """The matter with whom its page names, and whether the officer may be a relative of its applicant."""
    whole = found.select_related("person", "employer", "accepted_by", "decided_by")
    return whole.annotate(may_be_holder=MayBeHolder(actor.account_id, person="person_id")).first()


def _view(matter: Matter | None, actor: Actor, on: date, *, past: bool = False) -> MatterView:
    if matter is None:
        raise MatterNotFoundError
    item = item_of(matter.item_id)
    key = matter.person_id or matter.employer_id
    assert key is not None  # held by a constraint
    answers = answers_of(matter)
    officer = actor.kind == "officer"
    beside = beside_of(matter, officer=officer, past=past)
    facts = (
        facts_of(matter, item, key, looks=officer and beside.review is not None, on=on)
        if not past
        else NOTHING_KNOWN
    )
    not_theirs = words_for_holder(getattr(matter, "may_be_holder", False))
    theirs = not not_theirs and not past
    objections, timeline = beside.objections, beside.timeline
    asked = any(event.act == "ask_review" for event in timeline)
    reviews = tuple(matter.refusal_reviews.select_related("decided_by").order_by("pk")) if asked else ()
    review, conditions = beside.review, facts.conditions
    may_resolve, settled_by = False, ""
    if theirs and any(row.resolved_on is None for row in objections):
        may_resolve, settled_by = turn_to_settle(matter, timeline, by=settlers_of(matter), actor=actor, on=on)
    accepted = {matter.accepted_by_id, *(event.actor_id for event in timeline if event.act == "accept")}
    return MatterView(
        matter=matter,
        item=item,
        answers=answered(matter, item, answers, facts.known, facts.limits) if not past else (),
        proofs=proven(
            matter, item.evidence if past else called_for(item, answers), facts.known, beside.evidence
        ),
        conditions=conditions,
        grounds=tuple(grounds_of(item, conditions)),
        ground=ground_words(matter),
        timeline=timeline,
        promised=beside.promised,
        acts=tuple(row for row in TRANSITIONS if theirs and _may_now(row, matter, actor, on, accepted)),
        review=review,
        looks=facts.looks,
        may_review=theirs and review is not None and _may(REVIEWERS, item.review, actor, matter),
        reviews=reviews,
        may_ask_review=theirs and _may_ask_review(matter, reviews, actor, on),
        may_decide_review=theirs and _may_decide_review(matter, reviews, actor),
        objections=objections,
        may_object=officer
        and not past
        and _in_notice(matter, on)
        and _may_at(OBJECTORS, "village", actor, matter),
        may_resolve=may_resolve,
        settled_by=settled_by,
        notices=beside.notices,
        told=beside.told,
        overdue=is_overdue(matter, on),
        not_theirs=not_theirs,
        holder=beside.places.get(held_in(matter), ""),
        division_name=beside.places.get(matter.division_code, matter.division_code),
        places=beside.places,
    )


def is_overdue(matter: Matter, on: date) -> bool:
    """True where the step's day has passed: not while an objection to its notice is open, nor while its clocks stand otherwise."""
    awaited = matter.state in UNDER_WAY and matter.stopped_on is None
    return awaited and matter.due_on is not None and matter.due_on < on


def held_in(matter: Matter) -> str:
    """The code of the division whose officers have it; empty where nobody's."""
    return matter.division_code[: matter.awaits_digits] if matter.awaits_digits else ""


def answered(
    matter: Matter,
    item: Item,
    answers: Mapping[str, str],
    known: Mapping[str, Any],
    limits: Mapping[str, Any],
) -> tuple[Answer, ...]:
    """Each question of the item with what was answered, what the city knows of it, and what is to be put right."""
    return tuple(
        Answer(
            question,
            answers.get(question.id, ""),
            known_answer(question, known),
            matter.corrections.get(question.id, ""),
            limits.get(question.id, NO_LIMITS),
            _named(question, answers.get(question.id, "")),
        )
        for question in item.questions
    )


def called_for(item: Item, answers: dict[str, str]) -> tuple[EvidenceRow, ...]:
    """The papers that the answers call for; all of the item where nothing is answered yet."""
    return tuple(item.needed(answers) if answers or not item.questions else item.evidence)


def proven(
    matter: Matter, rows: Iterable[EvidenceRow], known: Mapping[str, Any], given: Sequence[Evidence]
) -> tuple[Proof, ...]:
    """Each of these papers, with what was given of it."""
    return tuple(
        Proof(
            row,
            tuple(one for one in given if one.evidence_id == row.id),
            bool(row.known_by) and all(fact in known for fact in row.known_by),
            matter.corrections.get(row.id, ""),
        )
        for row in rows
    )


def _may_ask_review(matter: Matter, reviews: tuple[MatterRefusalReview, ...], actor: Actor, on: date) -> bool:
    """Whether the refusal can be taken to review: in time, none under way, by the applicant or at the counter for them."""
    return (
        matter.state == "refused"
        and all(row.decided_on is not None for row in reviews)
        and matter.decided_on is not None
        and on <= last_day_to_ask(matter.decided_on)
        and (is_own(matter, actor) or _may_at(("matters.start_on_behalf",), "village", actor, matter))
    )


def _may_decide_review(matter: Matter, reviews: tuple[MatterRefusalReview, ...], actor: Actor) -> bool:
    """Whether this actor may decide the review that waits: neither who refused nor who accepted."""
    again = procedures().refusal_review
    waits = any(
        row.decided_on is None and actor.account_id not in (row.refused_by_id, matter.accepted_by_id)
        for row in reviews
    )
    return waits and _may_at((MatterRefusalReview.decided_with,), again.level, actor, matter, again.by)


def _named(question: Question, text: str) -> str:
    """The name of the employer (masked: of the resident) that an answer means; empty for every other kind of field."""
    if question.kind == "person" and text:
        known = resident_of(text)
        return known.masked_name if known is not None else ""
    employer = party(text) if question.kind == "employer" and text else None
    return employer.name if employer is not None else ""


def _may(permissions: tuple[str, ...], how: Follow | None, actor: Actor, matter: Matter) -> bool:
    return how is not None and _may_at(permissions, how.level, actor, matter, how.by)


def _may_at(permissions: tuple[str, ...], level: str, actor: Actor, matter: Matter, role: str = "") -> bool:
    try:
        require_at_level(actor, permissions, matter.division_code, level, role)
    except NotPermittedError:
        return False
    return True


def _in_notice(matter: Matter, on: date) -> bool:
    return matter.state == "publicised" and matter.publicity_until is not None and on < matter.publicity_until


def _may_now(
    row: Transition, matter: Matter, actor: Actor, on: date, accepted: Collection[int | None]
) -> bool:
    """True where the actor may take the act today: no button is shown that would then refuse. `accepted` are those who ever accepted it."""
    if row.act == "overturn":
        return False  # taken with the answer to a request for review, never by itself
    if matter.state not in row.sources or (row.act in STEP_ACTS and row.act != matter.awaits):
        return False
    if row.act in ("decide", "refuse") and actor.account_id in accepted:
        return False
    over = matter.publicity_until is None or (on >= matter.publicity_until and matter.stopped_on is None)
    if row.act == "decide" and not over:
        return False
    if row.act == "end" and item_of(matter.item_id).ends is None:
        return False
    if row.act == "request_correction" and matter.corrected_before:
        return False
    try:
        require_for(row, actor=actor, matter=matter)
    except NotPermittedError:
        return False
    return True
