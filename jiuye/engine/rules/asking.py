"""What is known of somebody who asks: their row, the things of theirs that policies are counted by, and what follows from what."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from jiuye.engine.basis.dates import Interval
from jiuye.engine.rules.audiences import Audience, Facts
from jiuye.engine.rules.closures import (
    DATE_FUNCTIONS,
    ROUNDING,
    Closure,
    Compiler,
    Decision,
    entry_value,
)
from jiuye.engine.rules.parameters import Parameter
from jiuye.engine.rules.rows import Row
from jiuye.engine.rules.spans import Between, ends, lifted, resolved
from jiuye.engine.rules.tree import (
    Aggregate,
    Arithmetic,
    DateCall,
    Dated,
    Extreme,
    FloorDivide,
    Known,
    Lookup,
    Marginal,
    Node,
    Rounded,
    Scaled,
)
from jiuye.engine.rules.vocabulary import Vocabulary

ARITHMETIC: dict[str, Callable[..., Any]] = {"+": operator.add, "-": operator.sub, "*": operator.mul}


class OpenCompiler(Compiler):
    """What was not asked yet may still be known one day: `known(x)` is unknown, not no, while x is. And what is known only roughly
    (a span) goes through whatever rises or falls with it; anything else of a span is unknown."""

    def __init__(self, derived: dict[tuple[str, str], Dated], enums: dict[str, dict[str, str]]) -> None:
        super().__init__(derived)
        self.enums = enums

    def _known(self, node: Known) -> Closure:
        item = self.node(node.item)
        return lambda row, decision: True if item(row, decision) is not None else None

    def _over(self, parts: Sequence[Node], function: Callable[..., Any]) -> Closure:
        closures = [self.node(part) for part in parts]

        def compute(row: Row, decision: Decision) -> Any:
            values = [closure(row, decision) for closure in closures]
            if None in [value for value in values if not isinstance(value, Between)]:
                return None
            if any(isinstance(value, Between) for value in values):
                return lifted(function, values)
            return function(*values)

        return compute

    def _arithmetic(self, node: Arithmetic) -> Closure:
        return self._over((node.left, node.right), ARITHMETIC[node.op])

    def _floordivide(self, node: FloorDivide) -> Closure:
        return self._over((node.left, node.right), operator.floordiv)

    def _scaled(self, node: Scaled) -> Closure:
        return self._over((node.item,), lambda value: value * node.factor)

    def _rounded(self, node: Rounded) -> Closure:
        divide = ROUNDING[node.mode]
        return self._over((node.item,), lambda value: divide(value, node.divisor) * node.unit)

    def _extreme(self, node: Extreme) -> Closure:
        pick = min if node.which == "min" else max
        return self._over(node.items, lambda *values: pick(values))

    def _datecall(self, node: DateCall) -> Closure:
        return self._over(node.arguments, DATE_FUNCTIONS[node.name])

    def _lookup(self, node: Lookup) -> Closure:
        found = super()._lookup(node)
        indexes = [self.node(item) for item in node.index]

        def find(row: Row, decision: Decision) -> Any:
            index = [closure(row, decision) for closure in indexes]
            if any(isinstance(value, Between) for value in index):
                return self._same_for_all(node, index, decision)
            if len(index) == 1 and index[0] is None:
                return self._anywhere(node.parameter, decision.on)
            return found(row, decision)

        return find if indexes else found

    def _same_for_all(self, node: Lookup, index: list[Any], decision: Decision) -> Any:
        """A table at a span: its value where every step that the span touches has the same one."""
        axes = node.parameter.axes
        if len(index) != 1 or not axes[0].steps:
            return None
        low, high = ends(index[0])
        keys = [key[0] for key in node.parameter.entries if isinstance(key[0], int) and low < key[0] <= high]
        values = {entry_value(node.parameter, decision.on, (key,)) for key in (low, *keys)}
        return values.pop() if len(values) == 1 else None

    def _anywhere(self, table: Parameter, on: date) -> Any:
        """A table whose index is not known yet: between its least and its greatest, where every index has a value."""
        axis = table.axes[0]
        keys: Iterable[Any] = self.enums.get(axis.type.enum, ())
        if axis.type.kind == "boolean":
            keys = (True, False)
        values = [entry_value(table, on, (key,)) for key in keys]
        if not values or None in values or table.type.kind not in ("number", "money", "date"):
            return None
        low, high = min(values), max(values)
        return low if low == high else Between(low, high)

    def _marginal(self, node: Marginal) -> Closure:
        found, item = super()._marginal(node), self.node(node.item)
        return lambda row, decision: (
            None if isinstance(item(row, decision), Between) else found(row, decision)
        )

    def _aggregate(self, node: Aggregate) -> Closure:
        found = super()._aggregate(node)

        def compute(row: Row, decision: Decision) -> Any:
            value = found(row, decision)
            return None if isinstance(value, Between) else value

        return compute


class _Related(dict[str, Row | None]):
    """To-one relations that come into being when an expression follows them: each leads to a row of which nothing is known."""

    def __init__(self, vocabulary: Vocabulary, entity: str) -> None:
        super().__init__()
        self._vocabulary, self._entity = vocabulary, entity

    def get(self, name: str, default: Any = None) -> Any:
        if name not in self:
            to = self._vocabulary.entities[self._entity].relations[name].to
            self[name] = Row(to, ones=_Related(self._vocabulary, to))
        return self[name]


@dataclass(slots=True)
class World:
    """Rows with what is known so far. `exists` says of each slot whether there is such a thing; absent is not known yet."""

    vocabulary: Vocabulary
    audience: Audience
    root: Row = field(init=False)
    things: dict[str, Row] = field(init=False)
    exists: dict[str, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.root = self._row(self.audience.entity)
        self.things = {}
        for slot in self.audience.slots.values():
            row = self.things[slot.name] = self._row(slot.entity)
            row.ones[slot.recipient] = self.root

    def _row(self, entity: str) -> Row:
        return Row(entity, ones=_Related(self.vocabulary, entity))

    def find(self, path: str) -> tuple[dict[str, Any], str]:
        """(where the value at a path is kept, its name there)."""
        parts = path.split(".")
        row = self.root
        if parts[0] in self.things:
            if len(parts) == 1:
                return self.exists, parts[0]
            row, parts = self.things[parts[0]], parts[1:]
        for hop in parts[:-1]:
            found = row.ones.get(hop)
            assert found is not None, path
            row = found
        return row.values, parts[-1]

    def value(self, path: str) -> Any:
        where, name = self.find(path)
        return where.get(name)

    def put(self, facts: Iterable[tuple[str, Any]]) -> list[tuple[dict[str, Any], str, Any]]:
        """Write values; what stood there before is handed back for `restore`."""
        before = []
        for path, value in facts:
            where, name = self.find(path)
            before.append((where, name, where.get(name)))
            where[name] = value
        return before


def restore(before: list[tuple[dict[str, Any], str, Any]]) -> None:
    """Undo a `World.put`."""
    for where, name, value in reversed(before):
        if value is None:
            where.pop(name, None)
        else:
            where[name] = value


class Follower:
    """Applies an audience's implications: what follows from what is known, until nothing more does."""

    def __init__(self, audience: Audience, compiler: Compiler) -> None:
        self.rules = [
            (rule.slot, compiler.dated(rule.test), rule.then, rule.id) for rule in audience.implications
        ]

    def follow(self, world: World, on: date) -> tuple[list[tuple[dict[str, Any], str, Any]], Facts]:
        """(how to undo it, what was concluded). What is known already is never overwritten."""
        before: list[tuple[dict[str, Any], str, Any]] = []
        concluded: list[tuple[str, Any]] = []
        changed = True
        while changed:
            changed = False
            decision = Decision(on, Interval())  # values computed before a change would be stale after it
            for slot, test, then, _ in self.rules:
                fresh = [(path, resolved(value, on)) for path, value in then if world.value(path) is None]
                if fresh and test(world.things[slot] if slot else world.root, decision) is True:
                    before += world.put(fresh)
                    concluded += fresh
                    changed = True
        return before, tuple(concluded)
