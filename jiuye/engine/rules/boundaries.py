"""Boundary cases of a draft, found by the rules themselves: what just below, at and just above each comparison comes to.

Each begins from one of the policy's own cases. One fact of it is moved until a comparison turns, by bisection with the very
closures that decide, so that an age is found behind its birth date and a limit behind its parameter. Every date from which
something else holds is tried from both sides. What a case says nothing of cannot be moved, and lists are left as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from jiuye.engine.basis.dates import period_of
from jiuye.engine.basis.problems import Problems
from jiuye.engine.rules.closures import Closure, Decision
from jiuye.engine.rules.decide import YES, Decider
from jiuye.engine.rules.pack import Pack
from jiuye.engine.rules.policies import ALWAYS, Case, Clause, Derived, Policy
from jiuye.engine.rules.rows import Row, read_row
from jiuye.engine.rules.tree import Aggregate, Compare, Lookup, Marginal, Node, Read, walk
from jiuye.engine.rules.types import Type
from jiuye.engine.rules.values import show_value
from jiuye.engine.rules.vocabulary import Fact, Relation

MOST_SITUATIONS = 24  # of the policy's own cases that are tried for one comparison
FARTHEST = 1 << 40  # steps away from the case that a turning point is looked for
FIRST, LAST = date(1, 1, 1).toordinal(), date(9999, 12, 31).toordinal()

Hops = tuple[Relation, ...]


@dataclass(frozen=True, slots=True)
class Boundary:
    """One generated case: which fact of which case was moved to where, and what comes of it."""

    clause: Clause
    comparison: str  # as the author wrote it
    path: str
    label: str
    label_en: str
    shown: str
    shown_en: str
    turns: bool  # the comparison says otherwise than one step before
    verdict: str
    clause_verdict: str
    amount_fen: int | None
    case: str
    on: date


@dataclass(frozen=True, slots=True)
class DayBoundary:
    """One of the policy's own cases decided on the eve of a date, or on it."""

    day: date
    first: date  # the date from which something else holds
    what: str
    what_en: str
    verdict: str
    amount_fen: int | None
    case: str


@dataclass(slots=True)
class _Situation:
    case: Case
    row: Row
    verdict: str


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A recorded fact that a comparison rests on, seen from the subject."""

    hops: Hops
    fact: Fact

    @property
    def path(self) -> str:
        return ".".join([*(hop.name for hop in self.hops), self.fact.name])


def boundaries(pack: Pack, policy: Policy) -> list[Boundary]:
    """The boundary cases of every comparison in the policy's conditions, in their order. The pack must be sound."""
    return list(_Finder(pack, policy).all())


def day_boundaries(pack: Pack, policy: Policy) -> list[DayBoundary]:
    """Both sides of every date on which the policy begins, ends or changes, for a case of its own that is entitled there."""
    return list(_Finder(pack, policy).days())


class _Finder:
    def __init__(self, pack: Pack, policy: Policy) -> None:
        self.pack, self.policy = pack, policy
        self.decider = Decider(pack)
        self.situations = self._situations()
        self._closures: dict[int, Closure] = {}

    def _situations(self) -> list[_Situation]:
        """The policy's own cases, those that are entitled first: around them a single clause decides."""
        found = []
        for case in self.policy.cases:
            row = read_row(case.facts, self.policy.entity, self.pack.vocabulary, Problems())
            verdict = self.decider.decide(self.policy, row, case.on).verdict
            found.append(_Situation(case, row, verdict))
        return sorted(found, key=lambda item: item.verdict != YES)

    # --- comparisons

    def all(self) -> Iterator[Boundary]:
        seen: set[tuple[str, str, str]] = set()
        for clause in self.policy.clauses:
            for hops, node in self._comparisons(clause):
                for leaf in self._leaves(node, hops):
                    key = (clause.id, node.text, leaf.path)
                    if key not in seen:
                        seen.add(key)
                        yield from self._around(clause, hops, node, leaf)

    def _comparisons(self, clause: Clause) -> Iterator[tuple[Hops, Node]]:
        """Comparisons, and facts that are yes or no by themselves, of every version of the test and of the derived facts it reads."""
        done: set[int] = set()
        queue: list[tuple[Hops, Node]] = [((), node) for _, node in clause.test.versions]
        while queue:
            hops, node = queue.pop(0)
            parts = list(_outside_lists(node))
            compared = {id(part) for item in parts if isinstance(item, Compare) for part in walk(item)}
            for part in parts:
                derived = self._derived(part)
                plain = (
                    isinstance(part, Read)
                    and part.type.kind == "boolean"
                    and derived is None
                    and id(part) not in compared
                )
                if (isinstance(part, Compare) or plain) and id(part) not in done:
                    done.add(id(part))
                    yield hops, part
                if isinstance(part, Read) and derived is not None and len(hops) + len(part.hops) < 4:
                    fresh = [version for _, version in derived.value.versions if id(version) not in done]
                    done |= {id(version) for version in fresh}
                    queue += [((*hops, *part.hops), version) for version in fresh]

    def _derived(self, node: Node) -> Derived | None:
        """The derived fact that a node reads; None for a recorded one, and for what is no fact."""
        return self.pack.derived.get((node.fact.entity, node.fact.name)) if isinstance(node, Read) else None

    def _leaves(self, node: Node, hops: Hops) -> Iterator[_Leaf]:
        """The recorded facts that a comparison rests on, through derived ones."""
        for part in _outside_lists(node):
            if not isinstance(part, Read):
                continue
            yield _Leaf((*hops, *part.hops), part.fact)
            derived = self._derived(part)
            if derived is not None:
                for _, version in derived.value.versions:
                    yield from self._leaves(version, (*hops, *part.hops))

    def _around(self, clause: Clause, hops: Hops, node: Node, leaf: _Leaf) -> Iterator[Boundary]:
        """Below, at and above the turning point, from the case in which the clause's own answer turns with it, if there is one."""
        best: list[Boundary] = []
        for situation in self.situations[:MOST_SITUATIONS]:
            found = self._turned(situation, clause, hops, node, leaf)
            if len({row.clause_verdict for row in found}) > 1:
                best = found
                break
            best = best or found
        yield from best

    def _turned(
        self, situation: _Situation, clause: Clause, hops: Hops, node: Node, leaf: _Leaf
    ) -> list[Boundary]:
        owner, target = _reached(situation.row, leaf.hops), _reached(situation.row, hops)
        if owner is None or target is None or owner.values.get(leaf.fact.name) is None:
            return []
        kept = owner.values[leaf.fact.name]

        def holds(value: Any) -> bool | None:
            owner.values[leaf.fact.name] = value
            return self._value(node, target, situation.case.on)  # type: ignore[no-any-return]

        try:
            values = self._values(node, leaf.fact, kept, holds)
            rows = []
            before: bool | None = None
            for number, value in enumerate(values):
                now = holds(value)
                turns = number > 0 and now != before
                rows.append(self._boundary(situation, clause, node, leaf, value, turns=turns))
                before = now
            return rows
        finally:
            owner.values[leaf.fact.name] = kept

    def _values(self, node: Node, fact: Fact, kept: Any, holds: Any) -> list[Any]:
        """The values to try, in their order; none where nothing turns."""
        if fact.type.kind == "boolean":
            return [True, False] if holds(True) != holds(False) else []
        if fact.type.kind == "enum":
            members = list(self.pack.vocabulary.enums[fact.type.enum])
            yes = [member for member in members if holds(member) is True]
            no = [member for member in members if holds(member) is False]
            return [*no[:1], *yes[:1]] if yes and no else []
        if not fact.type.ordered:
            return []
        steps = Steps(fact)
        here = steps.number(kept)
        found: list[int] = []
        for direction in (-1, 1):
            pair = turning(here, direction, lambda number: holds(steps.value(number)), steps)
            if pair is not None:
                found += self._three(node, pair, steps, holds)
        return [steps.value(number) for number in sorted(set(found))]

    def _three(self, node: Node, pair: tuple[int, int], steps: Steps, holds: Any) -> list[int]:
        """The pair around the turn, and one step further on the side where both operands are equal."""
        low, high = sorted(pair)
        equal_low = self._equal(node, steps.value(low), holds)
        third = low - 1 if equal_low else high + 1
        return [number for number in (low, high, third) if steps.low <= number <= steps.high]

    def _equal(self, node: Node, value: Any, holds: Any) -> bool:
        holds(value)
        operands = self._operands
        return operands is not None and operands[0] == operands[1]

    # --- evaluation

    _operands: tuple[Any, Any] | None = None

    def _value(self, node: Node, row: Row, on: date) -> Any:
        decision = Decision(on, period_of(self.policy.period, on))
        self._operands = None
        if isinstance(node, Compare):
            left, right = (self._closure(part)(row, decision) for part in (node.left, node.right))
            self._operands = (left, right) if left is not None and right is not None else None
        return self._closure(node)(row, decision)

    def _closure(self, node: Node) -> Closure:
        if id(node) not in self._closures:
            self._closures[id(node)] = self.decider.compiler.node(node)
        return self._closures[id(node)]

    def _boundary(
        self, situation: _Situation, clause: Clause, node: Node, leaf: _Leaf, value: Any, *, turns: bool
    ) -> Boundary:
        outcome = self.decider.decide(self.policy, situation.row, situation.case.on)
        bit = 1 << self.policy.clauses.index(clause)
        held = outcome.clause_bits & bit
        enums = self.pack.vocabulary.enums
        return Boundary(
            clause,
            " ".join(node.text.split()),
            leaf.path,
            leaf.fact.label,
            leaf.fact.label_en or leaf.fact.name,
            show_value(value, leaf.fact.type, enums),
            show_value(value, leaf.fact.type, enums, "en"),
            turns,
            outcome.verdict,
            "yes" if held else "unknown" if outcome.unknown_bits & bit else "no",
            outcome.amount_fen,
            situation.case.name,
            situation.case.on,
        )

    # --- days

    def days(self) -> Iterator[DayBoundary]:
        for first, what, what_en in self._dates():
            found = [self._decided(situation, first) for situation in self.situations[:MOST_SITUATIONS]]
            # The case that shows most: its answer differs from one day to the next, else it is entitled, else the first.
            found.sort(key=lambda pair: (pair[0][1:3] == pair[1][1:3], YES not in (pair[0][1], pair[1][1])))
            for day, verdict, amount, name in found[0] if found else ():
                yield DayBoundary(day, first, what, what_en, verdict, amount, name)

    def _decided(self, situation: _Situation, first: date) -> list[tuple[date, str, int | None, str]]:
        rows = []
        for day in (first - timedelta(days=1), first):
            outcome = self.decider.decide(self.policy, situation.row, day)
            rows.append((day, outcome.verdict, outcome.amount_fen, situation.case.name))
        return rows

    def _dates(self) -> list[tuple[date, str, str]]:
        """Dates from which something else holds while the policy is in force: (date, what, what in English)."""
        force = self.policy.in_force
        found: dict[date, tuple[str, str]] = {}
        if force.start is not None:
            found[force.start] = ("开始施行", "it comes into force")
        if force.end is not None:
            found[force.end] = ("不再施行", "it is no longer in force")
        for dated in self.pack.expressions(self.policy):
            for start, node in dated.versions:
                if start != ALWAYS and start in force:
                    found.setdefault(start, ("条件或算法改变", "a condition or a formula changes"))
                for part in walk(node):
                    table = (
                        part.parameter
                        if isinstance(part, Lookup)
                        else part.scale
                        if isinstance(part, Marginal)
                        else None
                    )
                    for entry in table.all_entries() if table is not None else ():
                        if entry.start in force and entry.start != date.min:
                            found.setdefault(
                                entry.start,
                                (f"“{table.label}”改变", f"'{table.label_en or table.name}' changes"),  # type: ignore[union-attr]
                            )
        return [(day, *found[day]) for day in sorted(found) if day > date.min]


def _outside_lists(node: Node) -> Iterator[Node]:
    """The node and everything below it, bodies of aggregates left out: they speak of other subjects."""
    yield node
    if not isinstance(node, Aggregate):
        for child in node.children:
            yield from _outside_lists(child)


def _reached(row: Row, hops: Hops) -> Row | None:
    """The row over these to-one relations; None where one of them is not known."""
    found: Row | None = row
    for hop in hops:
        found = found.ones.get(hop.name) if found is not None else None
    return found


class Steps:
    """An ordered fact's values as whole numbers, one step apart, within the fact's own limits."""

    def __init__(self, fact: Fact) -> None:
        self.of: Type = fact.type
        lowest, highest = (FIRST, LAST) if self.of.kind == "date" else (-(10**15), 10**15)
        if self.of.kind == "month":
            lowest, highest = 12, 119_999
        self.low = lowest if fact.low is None else self.number(fact.low)
        self.high = highest if fact.high is None else self.number(fact.high)

    def number(self, value: Any) -> int:
        return value.toordinal() if self.of.kind == "date" else int(value)

    def value(self, number: int) -> Any:
        return date.fromordinal(number) if self.of.kind == "date" else number


def turning(here: int, direction: int, holds: Any, steps: Steps) -> tuple[int, int] | None:
    """The nearest neighbours in that direction between which the answer turns; None where it does not."""
    began = holds(here)
    if began is None:
        return None
    near, far, step = here, here, 1
    while step <= FARTHEST:
        far = max(steps.low, min(steps.high, here + direction * step))
        if holds(far) is (not began):
            break
        if far in (steps.low, steps.high):
            return None
        near, step = far, step * 2
    else:
        return None
    while abs(far - near) > 1:
        middle = (near + far) // 2
        if holds(middle) is began:
            near = middle
        else:
            far = middle
    return near, far
