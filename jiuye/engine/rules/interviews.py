"""Interviews with subjects of whom everything is known: how many questions they need, and how common each answer is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from jiuye.engine.basis.dates import Interval, period_of
from jiuye.engine.rules.answers import UNSURE, Answer, answer_from
from jiuye.engine.rules.audiences import Question
from jiuye.engine.rules.closures import Closure, Decision
from jiuye.engine.rules.decide import NO, Decider, Outcome
from jiuye.engine.rules.questions import OPEN, Inquiry, Shares, State
from jiuye.engine.rules.rows import Row

MOST_ANSWERS = 12  # kept of one question's answers: more would weigh little and cost time
Truth = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody on record: their row, and of each slot the one thing of theirs that the calculator would speak of, if any."""

    root: Row
    things: Mapping[str, Row | None]


@dataclass(frozen=True, slots=True)
class Interview:
    """The questions in their order with the answers given, and where everything stood at the end."""

    answers: dict[str, Answer]
    state: State
    until_verdicts: int  # questions after which no verdict was open any more (what followed were amounts)
    pages: int  # bare facts that are left at the end are asked several on a page
    pages_until_verdicts: int
    progress: tuple[int, ...] = field(default_factory=tuple)  # policies certain after each page


class Interviewer:
    """Asks subjects on record. `assumed` answers what no register knows: path → value."""

    def __init__(self, inquiry: Inquiry, on: date, assumed: Mapping[str, Any] | None = None) -> None:
        self.inquiry, self.on = inquiry, on
        self.assumed = assumed or {}
        self.decider = Decider(inquiry.pack)
        self._derived: dict[tuple[str, str], Closure] = {}

    def truth(self, subject: Subject) -> Truth:
        """What is true of the subject at a path, derived facts worked out; None where nobody knows."""

        def tell(path: str) -> Any:
            parts = path.split(".")
            row: Row | None = subject.root
            if parts[0] in self.inquiry.audience.slots:
                row = subject.things.get(parts[0])
                if len(parts) == 1:
                    return row is not None
                parts = parts[1:]
            for hop in parts[:-1]:
                row = row.ones.get(hop) if row is not None else None
            if row is None:
                return None
            found = self._value(row, parts[-1])
            return self.assumed.get(path) if found is None else found

        return tell

    def _value(self, row: Row, name: str) -> Any:
        found = row.values.get(name)
        derived = self.inquiry.pack.derived.get((row.entity, name))
        if found is None and derived is not None:
            key = (row.entity, name)
            if key not in self._derived:
                self._derived[key] = self.decider.compiler.dated(derived.value)
            found = self._derived[key](row, Decision(self.on, Interval()))
        return found

    def interview(
        self, subject: Subject, shares: Shares | None = None, *, together: bool = True
    ) -> Interview:
        """Ask until nothing more can be settled, page by page, or without `together` one question after the other."""
        truth = self.truth(subject)
        answers: dict[str, Answer] = {}
        state = self.inquiry.state(answers, self.on, shares)
        until_verdicts, pages, pages_until_verdicts, progress = 0, 0, 0, []
        while state.question is not None:
            pages += 1
            if any(standing.status == OPEN for standing in state.standings):
                until_verdicts, pages_until_verdicts = len(answers) + len(state.together), pages
            for question in state.together if together else (state.question,):
                answers[question.id] = answer_from(question, truth, self.on)
            state = self.inquiry.state(answers, self.on, shares)
            progress.append(state.certain)
        return Interview(answers, state, until_verdicts, pages, pages_until_verdicts, tuple(progress))

    def outcome(self, subject: Subject, policy_id: str) -> Outcome:
        """What the rules say on everything that is known: what an interview must not contradict."""
        policy = self.inquiry.pack.policies[policy_id]
        slot = self.inquiry.slots[policy_id]
        row = subject.root if slot is None else subject.things.get(slot.name)
        if row is None:
            return Outcome(NO, 0, 0, None)
        return self.decider.decide_within(policy, row, Decision(self.on, period_of(policy.period, self.on)))

    def shares(self, subjects: Iterable[Subject]) -> Shares:
        """How common each answer to each question is among these subjects; those who do not know are not counted."""
        found: dict[str, Counter[Answer]] = {question_id: Counter() for question_id in self.inquiry.questions}
        for subject in subjects:
            truth = self.truth(subject)
            for question in self.inquiry.questions.values():
                if self._of_nothing(question, truth):
                    continue
                answer = answer_from(question, truth, self.on)
                if answer is not UNSURE:
                    found[question.id][answer] += 1
        return {question_id: _common(answers) for question_id, answers in found.items() if answers}

    def _of_nothing(self, question: Question, truth: Truth) -> bool:
        """True where a question is all about a thing that the subject has none of: nobody would put it to them."""
        things = {path.partition(".")[0] if "." in path else "" for path in question.paths}
        only = things.pop() if len(things) == 1 else ""
        return only in self.inquiry.audience.slots and not truth(only)


def _common(answers: Counter[Answer]) -> tuple[tuple[Answer, int], ...]:
    """The most common answers; of values that hardly repeat, evenly spaced ones that each stand for their neighbours."""
    if len(answers) <= MOST_ANSWERS:
        return tuple(sorted(answers.items(), key=lambda item: (-item[1], str(item[0]))))
    if all(isinstance(answer, (tuple, str)) for answer in answers):
        return tuple(sorted(answers.items(), key=lambda item: (-item[1], str(item[0])))[:MOST_ANSWERS])
    ordered = sorted(answers.elements())
    step = len(ordered)
    return tuple((ordered[(2 * place + 1) * step // (2 * MOST_ANSWERS)], 1) for place in range(MOST_ANSWERS))
