"""Which question to ask next: only one whose answer can still change something, and of those the one that settles most.

Three-valued logic drives it. A policy of which a condition fails, or all conditions hold, is certain whatever else is answered;
of any other, only the facts that keep a condition unknown can change it (`Explainer.unknown`), and the amount's facts only once all
conditions hold. A question is worth the policies that its possible answers decide, weighted by how common each answer is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from jiuye.engine.basis.dates import period_of
from jiuye.engine.rules.answers import UNSURE, Answer, Unsure, facts_of, possible_answers
from jiuye.engine.rules.asking import Follower, World, restore
from jiuye.engine.rules.audiences import (
    VALUE,
    Audience,
    Facts,
    Question,
    Reads,
    Slot,
    canonical,
    policies_for,
    reads_of,
    reads_of_policy,
    slot_of,
    type_at,
)
from jiuye.engine.rules.closures import Decision
from jiuye.engine.rules.decide import NO, UNKNOWN, YES
from jiuye.engine.rules.explain import Explanation
from jiuye.engine.rules.lacking import Missing
from jiuye.engine.rules.opening import OpenDecider, OpenExplainer
from jiuye.engine.rules.pack import Pack
from jiuye.engine.rules.policies import Policy
from jiuye.engine.rules.rows import Row
from jiuye.engine.rules.spans import unsettled
from jiuye.engine.rules.tree import Dated

# Where a policy stands. `open` waits for answers, or for what nobody here can answer; the others are certain. `unwanted` is a no for
# want of a wish alone: who asks for no loan is refused none, and could ask for one.
AMOUNT_OPEN, NO_RULE, OPEN, UNWANTED = "amount_open", "no_rule", "open", "unwanted"
CERTAIN = (YES, NO, NO_RULE, AMOUNT_OPEN, UNWANTED)
Shares = Mapping[str, Sequence[tuple[Answer, int]]]  # question id → answers with how common each is
MOST_TOGETHER = 8  # bare facts on one page
VERDICT_WORTH, AMOUNT_WORTH = 4, 1  # what deciding a policy counts for beside learning an amount


@dataclass(frozen=True, slots=True)
class Standing:
    """One policy after the answers so far. `leaves` are the paths that keep it open, those that no question asks included."""

    policy: Policy
    status: str
    amount_fen: int | None = None
    leaves: frozenset[str] = frozenset()
    failing: tuple[str, ...] = ()
    lacking: tuple[Missing, ...] = ()
    absent: str = ""  # the slot of which the asker has none
    could: bool = False  # of what is unwanted: whether everything else holds, as far as it was told

    @property
    def certain(self) -> bool:
        return self.status in CERTAIN


@dataclass(frozen=True, slots=True)
class State:
    """Everything after the answers so far: where each policy stands, what is asked next, how many questions at most are left."""

    on: date
    standings: tuple[Standing, ...]
    question: Question | None
    most_left: int
    together: tuple[Question, ...] = ()  # with `question` first: bare facts that are asked on one page
    known: dict[str, Any] = field(default_factory=dict)
    concluded: Facts = ()

    @property
    def certain(self) -> int:
        return sum(standing.certain for standing in self.standings)


class Inquiry:
    """An audience's questions made ready. Closures are made once and used for everybody."""

    def __init__(self, pack: Pack, audience: Audience) -> None:
        self.pack, self.audience = pack, audience
        self.decider = OpenDecider(pack)
        self.explainer = OpenExplainer(self.decider)
        self.follower = Follower(audience, self.decider.compiler)
        self.policies = policies_for(pack, audience.entity)
        self.slots = {policy.id: slot_of(policy, audience.slots) for policy in self.policies}
        self._reads = {policy.id: reads_of_policy(pack, policy, audience.slots) for policy in self.policies}
        self._touched = {
            policy_id: reads.recorded | set(reads.derived) for policy_id, reads in self._reads.items()
        }
        self._clause_reads: dict[int, set[str]] = {}
        self.questions = self._with_plain_questions()
        self._rests_on = self._resting()
        self._covers = {
            question.id: frozenset(
                set(question.paths).union(*(self._rests_on.get(path, set()) for path in question.paths))
            )
            for question in self.questions.values()
        }

    # --- what is asked at all

    def _with_plain_questions(self) -> dict[str, Question]:
        """The declared questions, then for each other fact that some policy reads its question in the vocabulary's own words."""
        found = dict(self.audience.questions)
        wanted = set().union(*(reads.recorded for reads in self._reads.values())) if self._reads else set()
        for path in sorted(wanted):
            typed = type_at(self.pack, self.audience.entity, self.audience.slots, path)
            if typed is None or path in self.audience.unasked:
                continue
            if any(question.kind == VALUE and question.path == path for question in found.values()):
                continue
            kind, fact = typed
            if fact is None:
                slot = self.audience.slots[path]
                ask, ask_en = f"您有{slot.label}吗？", f"Is there a {slot.label_en}?"
            else:
                ask, ask_en = fact.ask, fact.ask_en
            if ask:
                found[path] = Question(
                    path, VALUE, ask, ask_en, path=path, type=kind, fact=fact, declared=False
                )
        return found

    def _resting(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for reads in self._reads.values():
            for path, below in reads.derived.items():
                found.setdefault(path, set()).update(below)
        return found

    # --- after some answers

    def state(self, answers: Mapping[str, Answer], on: date, shares: Shares | None = None) -> State:
        """Where every policy in force stands after these answers, and what to ask next. Later answers overrule earlier ones."""
        world, unsure, concluded = self.world(answers, on)
        standings = tuple(
            self.standing(policy, world, on) for policy in self.policies if on in policy.in_force
        )
        waiting = [standing for standing in standings if standing.status in (OPEN, AMOUNT_OPEN)]
        asked = set(answers)
        question = self._next(waiting, world, unsure, asked, on, shares or {})
        left = self._most_left(waiting, world, unsure, asked, on) if question is not None else 0
        known = {
            path: world.value(path) for path in sorted(self._all_paths()) if world.value(path) is not None
        }
        together = self._together(question, waiting, world, unsure, asked)
        return State(on, standings, question, left, together, known, concluded)

    def world(self, answers: Mapping[str, Answer], on: date) -> tuple[World, set[str], Facts]:
        """(what is known, what the asker does not know, what followed by itself)."""
        world = World(self.pack.vocabulary, self.audience)
        unsure: set[str] = set()
        for question_id, answer in answers.items():
            question = self.questions[question_id]
            if isinstance(answer, Unsure):
                unsure |= self._covers[question_id]
            else:
                world.put(facts_of(question, answer, on))
        _, concluded = self.follower.follow(world, on)
        return world, {path for path in unsure if unsettled(world.value(path))}, concluded

    def _all_paths(self) -> set[str]:
        found = set().union(*self._touched.values()) if self._touched else set()
        return found | {path for question in self.questions.values() for path in question.paths}

    def standing(self, policy: Policy, world: World, on: date) -> Standing:
        """Where one policy stands."""
        slot = self.slots[policy.id]
        if slot is not None and world.exists.get(slot.name) is False:
            return Standing(policy, NO, absent=slot.name)
        row = world.things[slot.name] if slot is not None else world.root
        decision = Decision(on, period_of(policy.period, on))
        outcome = self.decider.decide_within(policy, row, decision)
        if outcome.verdict == NO:
            failing = tuple(
                clause.id
                for position, clause in enumerate(policy.clauses)
                if not (outcome.clause_bits | outcome.unknown_bits) >> position & 1
            )
            return self._for_want_of_a_wish(policy, world, row, on) or Standing(policy, NO, failing=failing)
        lacking: list[Missing] = []
        ruleless = False
        for position, clause in enumerate(policy.clauses):
            if outcome.unknown_bits >> position & 1:
                found = self._lacking(clause.test, row, decision)
                ruleless |= all(item.kind == "rule" for item in found)
                lacking += found
        amount = self._lacking(policy.amount, row, decision) if policy.amount is not None else []
        # Without a rule for the amount no answer leads to a payment: that is said at once.
        if ruleless or any(item.kind == "rule" for item in amount):
            rules = tuple(dict.fromkeys(item for item in [*lacking, *amount] if item.kind == "rule"))
            return Standing(policy, NO_RULE, lacking=rules)
        exists = slot is None or world.exists.get(slot.name) is True
        if outcome.verdict == YES and exists:
            return Standing(policy, YES, outcome.amount_fen)
        if not lacking and exists:
            return self._waiting(policy, AMOUNT_OPEN, amount, slot)
        waiting = self._waiting(policy, OPEN, lacking, slot)
        if slot is not None and slot.name not in world.exists:
            return Standing(policy, OPEN, leaves=waiting.leaves | {slot.name}, lacking=waiting.lacking)
        return waiting

    def _for_want_of_a_wish(self, policy: Policy, world: World, row: Row, on: date) -> Standing | None:
        """Where a policy stands that fails only since nothing is wanted; None where it fails all the same."""
        wishes = self._reads[policy.id].recorded.intersection(self.audience.wishes)
        nothing = [(path, None) for path in sorted(wishes) if world.value(path) in (0, False)]
        if not nothing:
            return None
        before = world.put(nothing)
        try:
            decision = Decision(on, period_of(policy.period, on))
            outcome = self.decider.decide_within(policy, row, decision)
            if outcome.verdict == NO:
                return None
            slot = self.slots[policy.id]
            open_paths = {
                canonical(slot, item.path)
                for position, clause in enumerate(policy.clauses)
                if outcome.unknown_bits >> position & 1
                for item in self._lacking(clause.test, row, decision)
            }
        finally:
            restore(before)
        return Standing(policy, UNWANTED, could=open_paths <= wishes)

    def _waiting(
        self, policy: Policy, status: str, lacking: Sequence[Missing], slot: Slot | None
    ) -> Standing:
        found = tuple(dict.fromkeys(lacking))
        leaves = frozenset(canonical(slot, item.path) for item in found if item.kind != "rule")
        return Standing(policy, status, leaves=leaves, lacking=found)

    def _lacking(self, dated: Dated, row: Any, decision: Decision) -> tuple[Missing, ...]:
        node = dated.at(decision.on)
        if node is None:
            return (Missing("rule", "", "", "", ""),)
        return self.explainer.unknown(node, row, decision, "")

    def explanation(self, policy: Policy, world: World, on: date) -> Explanation:
        """The policy's conditions one by one, on what is known."""
        slot = self.slots[policy.id]
        return self.explainer.explain(policy, world.things[slot.name] if slot else world.root, on)

    # --- what is asked next

    def _candidates(
        self, leaves: Iterable[str], unsure: set[str], asked: set[str], slots_open: set[str]
    ) -> list[Question]:
        """Questions that could tell one of these leaves. A plain one waits while a declared one covers its fact."""
        wanted = {path for path in leaves if path not in unsure}
        covered = {
            path
            for question in self.questions.values()
            if question.declared and question.id not in asked
            for path in question.paths
        }
        found = []
        for question in self.questions.values():
            if question.id in asked or not wanted & self._covers[question.id]:
                continue
            if not question.declared and question.path in covered:
                continue
            # Nothing is asked of a certificate before it is known that there is one.
            if question.kind == VALUE and question.path.partition(".")[0] in slots_open - {question.path}:
                continue
            found.append(question)
        return found

    def _next(
        self,
        waiting: Sequence[Standing],
        world: World,
        unsure: set[str],
        asked: set[str],
        on: date,
        shares: Shares,
    ) -> Question | None:
        leaves = {path for standing in waiting for path in standing.leaves}
        slots_open = set(self.audience.slots) - set(world.exists)
        candidates = self._candidates(leaves, unsure, asked, slots_open)
        # A natural question comes before a bare fact, which people answer less readily.
        if any(question.declared for question in candidates):
            candidates = [question for question in candidates if question.declared]
        best: tuple[int, int] | None = None
        chosen = None
        for position, question in enumerate(candidates):
            worth = self._worth(question, waiting, world, on, shares.get(question.id, ()))
            if best is None or (worth, -position) > best:
                best, chosen = (worth, -position), question
        return chosen

    def _together(
        self,
        first: Question | None,
        waiting: Sequence[Standing],
        world: World,
        unsure: set[str],
        asked: set[str],
    ) -> tuple[Question, ...]:
        """Where only bare facts are left to ask, those that one page asks for at once: each can change an answer as things stand."""
        if first is None:
            return ()
        leaves = {path for standing in waiting for path in standing.leaves}
        slots_open = set(self.audience.slots) - set(world.exists)
        left = self._candidates(leaves, unsure, asked, slots_open)
        if any(question.kind != VALUE or question.fact is None for question in left):
            return (first,)
        return (first, *[question for question in left if question.id != first.id][: MOST_TOGETHER - 1])

    def _worth(
        self,
        question: Question,
        waiting: Sequence[Standing],
        world: World,
        on: date,
        shares: Sequence[tuple[Answer, int]],
    ) -> int:
        """What the question is expected to settle, in thousandths of a policy; policies that it merely touches count one each."""
        covers = self._covers[question.id]
        touched = [standing for standing in waiting if standing.leaves & covers]
        worth = len(touched)
        possible = list(shares) or possible_answers(question, self.pack.vocabulary.enums)
        if not possible:
            # Nothing is known of how the answers lie: half of the policies that wait for this alone may fall either way.
            return worth + sum(
                1000 if len(standing.leaves) == 1 else 1000 // (1 + len(standing.leaves))
                for standing in touched
            )
        total = sum(weight for _, weight in possible)
        gained = 0
        for answer, weight in possible:
            before = world.put(
                [
                    (path, value)
                    for path, value in facts_of(question, answer, on)
                    if unsettled(world.value(path))
                ]
            )
            more, _ = self.follower.follow(world, on)
            gained += weight * sum(self._settled(standing, world, on) for standing in waiting)
            restore(more)
            restore(before)
        return worth + 1000 * gained // (VERDICT_WORTH * max(1, total))

    def _settled(self, standing: Standing, world: World, on: date) -> int:
        """What becomes certain of one open policy under a supposed answer."""
        policy = standing.policy
        slot = self.slots[policy.id]
        if slot is not None and world.exists.get(slot.name) is False:
            return VERDICT_WORTH
        row = world.things[slot.name] if slot is not None else world.root
        outcome = self.decider.decide_within(policy, row, Decision(on, period_of(policy.period, on)))
        if standing.status == AMOUNT_OPEN:
            return AMOUNT_WORTH if outcome.verdict == YES else 0
        exists = slot is None or world.exists.get(slot.name) is True
        decided = outcome.verdict == NO or (exists and (outcome.verdict == YES or outcome.unknown_bits == 0))
        return VERDICT_WORTH if decided else 0

    def _most_left(
        self, waiting: Sequence[Standing], world: World, unsure: set[str], asked: set[str], on: date
    ) -> int:
        """A bound: the questions about facts that any open condition or amount may come to read."""
        wanted: set[str] = set()
        for standing in waiting:
            slot = self.slots[standing.policy.id]
            row = world.things[slot.name] if slot is not None else world.root
            decision = Decision(on, period_of(standing.policy.period, on))
            compiled = self.decider.compiled(standing.policy)
            for clause, closure in zip(standing.policy.clauses, compiled.clauses, strict=True):
                if closure(row, decision) is None:
                    wanted |= self._reads_at(clause.test, on, slot)
            if standing.policy.amount is not None:
                wanted |= self._reads_at(standing.policy.amount, on, slot)
            if slot is not None:
                wanted.add(slot.name)
        open_paths = {path for path in wanted if unsettled(world.value(path))}
        return len(self._candidates(open_paths, unsure, asked, set()))

    def _reads_at(self, dated: Dated, on: date, slot: Slot | None) -> set[str]:
        node = dated.at(on)
        if node is None:
            return set()
        key = id(node)
        if key not in self._clause_reads:
            reads: Reads = reads_of(self.pack, node, slot)
            self._clause_reads[key] = reads.recorded
        return self._clause_reads[key]


__all__ = ["CERTAIN", "OPEN", "UNKNOWN", "UNSURE", "Inquiry", "Shares", "Standing", "State"]
