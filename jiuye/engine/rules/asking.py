"""What is known of somebody who asks: their row, the things of theirs that policies are counted by, and what follows from what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from jiuye.engine.basis.dates import Interval
from jiuye.engine.rules.audiences import Audience, Facts
from jiuye.engine.rules.closures import Closure, Compiler, Decision
from jiuye.engine.rules.rows import Row
from jiuye.engine.rules.tree import Known
from jiuye.engine.rules.vocabulary import Vocabulary


class OpenCompiler(Compiler):
    """What was not asked yet may still be known one day: `known(x)` is unknown, not no, while x is."""

    def _known(self, node: Known) -> Closure:
        item = self.node(node.item)
        return lambda row, decision: True if item(row, decision) is not None else None


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
                fresh = [(path, value) for path, value in then if world.value(path) is None]
                if fresh and test(world.things[slot] if slot else world.root, decision) is True:
                    before += world.put(fresh)
                    concluded += fresh
                    changed = True
        return before, tuple(concluded)
