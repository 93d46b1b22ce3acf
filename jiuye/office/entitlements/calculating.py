"""The calculator: what somebody who is not logged in could get, by their own answers. Nothing is stored.

The answers travel with the page; a domain call takes them all, in their order, and hands back everything that the page shows.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from jiuye.engine.basis.problems import nearest
from jiuye.engine.rules.answers import UNSURE, UNSURE_WORD, Answer, WrongAnswerError, read_answer
from jiuye.engine.rules.audiences import ONE, SEVERAL, Audience, Question, slots_of
from jiuye.engine.rules.explain import Explanation
from jiuye.engine.rules.interviews import Interviewer
from jiuye.engine.rules.pack import Pack
from jiuye.engine.rules.questions import Inquiry, Shares, Standing, State
from jiuye.engine.rules.values import plain_value
from jiuye.office.entitlements.facts.catalogue import SOURCES
from jiuye.office.entitlements.facts.subjects import some_keys, subjects_on_record
from jiuye.office.entitlements.models import Sweep
from jiuye.office.entitlements.rulebook import rulebook

RESIDENT = "person"
Given = tuple[str, tuple[str, ...]]  # (question id, texts as the form sent them)


class NoSuchAudienceError(LookupError):
    """The pack asks nothing of such an entity."""

    def __init__(self, entity: str, known: Sequence[str]) -> None:
        near = nearest(entity, known)
        super().__init__(
            f"测算没有“{entity}”这一类对象。" + (f"是否指“{near}”？" if near else "请从页面上选择。")
        )


@dataclass(frozen=True, slots=True)
class Answered:
    """A question with the answer that was given: as texts for the form, and as options or a value for people."""

    question: Question
    answer: Answer
    texts: tuple[str, ...]

    @property
    def unsure(self) -> bool:
        return self.answer is UNSURE


@dataclass(frozen=True, slots=True)
class Result:
    """Where one policy stands, explained clause by clause where there is a subject to speak of."""

    standing: Standing
    explanation: Explanation | None
    fresh: bool  # became certain with the last answer


@dataclass(frozen=True, slots=True)
class Calculation:
    """The whole page: what to ask, what was answered, where every policy stands."""

    entity: str
    state: State
    questions: tuple[
        Question, ...
    ]  # the next one, with those that one page asks besides, or the one that is being changed
    changing: bool
    answered: tuple[Answered, ...]
    results: tuple[Result, ...]
    refused: Mapping[str, WrongAnswerError] = field(
        default_factory=dict
    )  # by question, with what was sent in `sent`
    sent: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def finished(self) -> bool:
        return not self.questions


MOST_SAMPLED = 300  # of those on record, to measure how common each answer is
_lock = threading.Lock()
_kept: dict[str, tuple[Pack, Inquiry]] = {}
_shares: dict[str, tuple[tuple[int, int], Shares]] = {}


def audiences() -> tuple[str, ...]:
    """Who may ask for themselves, in the order of the pack's file."""
    return tuple(_audiences(rulebook().pack))


def _audiences(pack: Pack) -> dict[str, Audience]:
    """Those of the pack's file; without one (a pack from the archive), residents, asked in the vocabulary's own words."""
    return pack.audiences or {RESIDENT: Audience(RESIDENT, slots_of(pack, RESIDENT))}


def inquiry_of(entity: str) -> Inquiry:
    """The questions of an audience, made ready once a pack. Raises NoSuchAudienceError."""
    pack = rulebook().pack
    known = _audiences(pack)
    if entity not in known:
        raise NoSuchAudienceError(entity, tuple(known))
    with _lock:
        kept = _kept.get(entity)
        if kept is None or kept[0] is not pack:
            kept = _kept[entity] = (pack, Inquiry(pack, known[entity]))
        return kept[1]


def calculate(
    *, entity: str, given: Sequence[Given], on: date, answering: Sequence[Given] = (), changing: str = ""
) -> Calculation:
    """Everything after these answers and those that are being given; with `changing`, that question is shown again.

    What a form sends that the pack does not know any more is passed over; where an answer does not fit, none of its page is taken, and
    the page is shown again with the sentence. Raises NoSuchAudienceError.
    """
    inquiry = inquiry_of(entity)
    enums = inquiry.pack.vocabulary.enums
    answers: dict[str, Answer] = {}
    texts: dict[str, tuple[str, ...]] = {}
    for question_id, sent in given:
        question = inquiry.questions.get(question_id)
        if question is None:
            continue
        try:
            answers[question_id] = read_answer(question, sent, enums)
        except WrongAnswerError:
            continue
        texts[question_id] = sent
    fresh, refused = _read_page(inquiry, answering)
    before = inquiry.state(answers, on, shares_of(entity)) if answering else None
    shown: tuple[Question, ...] = ()
    if refused:
        shown = tuple(inquiry.questions[name] for name, _ in answering if name in inquiry.questions)
    else:
        for name, (answer, sent) in fresh.items():
            # An answer that is changed counts as the latest: it overrules what was said before.
            answers.pop(name, None)
            texts.pop(name, None)
            answers[name], texts[name] = answer, sent
        if changing in inquiry.questions:
            shown = (inquiry.questions[changing],)
    state = inquiry.state(answers, on, shares_of(entity))
    return Calculation(
        entity=entity,
        state=state,
        questions=shown or state.together,
        changing=bool(shown) and shown[0].id in answers,
        answered=tuple(
            Answered(inquiry.questions[question_id], answer, texts[question_id])
            for question_id, answer in answers.items()
        ),
        results=_results(inquiry, answers, state, before, on),
        refused=refused,
        sent=dict(answering) if refused else {},
    )


def _read_page(
    inquiry: Inquiry, answering: Sequence[Given]
) -> tuple[dict[str, tuple[Answer, tuple[str, ...]]], dict[str, WrongAnswerError]]:
    """What one page sent: the answers that fit, and those that do not. Of several on a page, what is left empty is not known."""
    enums = inquiry.pack.vocabulary.enums
    fresh: dict[str, tuple[Answer, tuple[str, ...]]] = {}
    refused: dict[str, WrongAnswerError] = {}
    for name, sent in answering:
        question = inquiry.questions.get(name)
        if question is None:
            continue
        said = (UNSURE_WORD,) if len(answering) > 1 and not any(sent) else sent
        try:
            fresh[name] = (read_answer(question, said, enums), said)
        except WrongAnswerError as error:
            refused[name] = error
    return fresh, refused


def shares_of(entity: str) -> Shares | None:
    """How common each answer is among those on record, as the last sweep measured it; None before the first."""
    newest = (
        Sweep.objects.filter(state="done").exclude(shares={}).order_by("-pk").only("pk", "shares").first()
    )
    if newest is None:
        return None
    inquiry = inquiry_of(entity)
    with _lock:
        kept = _shares.get(entity)
        if kept is None or kept[0] != (newest.pk, id(inquiry)):
            kept = _shares[entity] = (
                (newest.pk, id(inquiry)),
                _read_shares(inquiry, newest.shares.get(entity, {})),
            )
        return kept[1]


def _read_shares(inquiry: Inquiry, kept: dict[str, list[Any]]) -> Shares:
    """Shares as a sweep kept them; what the pack does not ask any more, or asks otherwise, is passed over."""
    enums = inquiry.pack.vocabulary.enums
    found: dict[str, list[tuple[Answer, int]]] = {}
    for question_id, answers in kept.items():
        question = inquiry.questions.get(question_id)
        if question is None:
            continue
        for texts, weight in answers:
            try:
                answer = read_answer(question, texts, enums)
            except WrongAnswerError:
                continue
            found.setdefault(question_id, []).append((answer, weight))
    return found


def measured_shares(on: date) -> dict[str, dict[str, list[Any]]]:
    """How some of those on record would answer each question of each audience, as plain data: nobody can be made out in it."""
    measured: dict[str, dict[str, list[Any]]] = {}
    for entity in audiences():
        if entity not in SOURCES:
            continue
        inquiry = inquiry_of(entity)
        subjects = subjects_on_record(inquiry, some_keys(entity, MOST_SAMPLED), on)
        shares = Interviewer(inquiry, on).shares(subjects.values())
        measured[entity] = {
            question_id: [
                [list(texts_of(inquiry.questions[question_id], answer)), weight] for answer, weight in answers
            ]
            for question_id, answers in shares.items()
        }
    return measured


def _results(
    inquiry: Inquiry, answers: dict[str, Answer], state: State, before: State | None, on: date
) -> tuple[Result, ...]:
    world, _, _ = inquiry.world(answers, on)
    open_before = (
        {standing.policy.id for standing in before.standings if not standing.certain} if before else set()
    )
    found = []
    for standing in state.standings:
        explanation = None if standing.absent else inquiry.explanation(standing.policy, world, on)
        found.append(Result(standing, explanation, standing.certain and standing.policy.id in open_before))
    return tuple(found)


def texts_of(question: Question, answer: Answer) -> tuple[str, ...]:
    """An answer as a form would send it."""
    if answer is UNSURE:
        return (UNSURE_WORD,)
    if question.kind == ONE:
        return (answer,)
    if question.kind == SEVERAL:
        return tuple(answer)
    value: Any = plain_value(answer, question.type)
    return (("true" if value else "false") if isinstance(value, bool) else str(value),)
