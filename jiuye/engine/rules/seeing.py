"""The values that an expression read, in people's words: each fact, parameter and count with its label and its source."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

from jiuye.engine.rules.closures import Closure, Compiler, Decision
from jiuye.engine.rules.parameters import Parameter
from jiuye.engine.rules.rows import Row
from jiuye.engine.rules.tree import Aggregate, Lookup, Marginal, Node, Read
from jiuye.engine.rules.types import Type
from jiuye.engine.rules.values import plain_value, show_value

MOST_KEPT = 256  # shown values a leaf remembers; most leaves have a handful of values


@dataclass(frozen=True, slots=True)
class Seen:
    """One value that was read: a fact by its path, or a parameter with its document."""

    path: str
    label: str
    value: Any
    shown: str
    source: str
    label_en: str = ""
    shown_en: str = ""


@dataclass(slots=True)
class Leaf:
    """Something an expression reads, with its closure and its words made ready. `parameter` is looked up by `index`."""

    type: Type
    read: Closure
    path: str
    label: str
    label_en: str
    source: str
    parameter: Parameter | None = None
    index: tuple[Closure, ...] = ()
    kept: dict[Hashable, Seen] = field(default_factory=dict)

    def see(self, row: Row, decision: Decision, enums: dict[str, dict[str, str]]) -> Seen:
        """The value for this row and day, with its words."""
        value = self.read(row, decision)
        key: Hashable = value
        source = self.source
        if self.parameter is not None:
            index = tuple(closure(row, decision) for closure in self.index)
            key = (decision.on, index)
        found = self.kept.get(key)
        if found is not None:
            return found
        if self.parameter is not None:
            entry = self.parameter.lookup(decision.on, index) if None not in index else None
            source = (entry.source.citation if entry.source else entry.unset) if entry is not None else ""
        if len(self.kept) >= MOST_KEPT:
            self.kept.clear()
        found = self.kept[key] = Seen(
            self.path,
            self.label,
            plain_value(value, self.type),
            show_value(value, self.type, enums),
            source,
            self.label_en,
            show_value(value, self.type, enums, "en"),
        )
        return found


def leaves_of(node: Node, compiler: Compiler) -> list[Leaf]:
    """Facts, parameters and aggregates an expression reads, in its order, each once."""
    found: dict[str, Leaf] = {}

    def collect(part: Node) -> None:
        leaf = _leaf(part, compiler)
        if leaf is not None:
            found.setdefault(leaf.path, leaf)
        if isinstance(part, Aggregate):
            return  # its body speaks of other rows
        for child in part.children:
            collect(child)

    collect(node)
    return list(found.values())


def _leaf(part: Node, compiler: Compiler) -> Leaf | None:
    if isinstance(part, Read):
        fact = part.fact
        return Leaf(part.type, compiler.node(part), part.path, fact.label, fact.label_en, fact.register)
    if isinstance(part, Lookup):
        table = part.parameter
        index = tuple(compiler.node(item) for item in part.index)
        path = part.text or table.name
        return Leaf(part.type, compiler.node(part), path, table.label, table.label_en, "", table, index)
    if isinstance(part, Aggregate):
        rel = part.relation
        return Leaf(part.type, compiler.node(part), part.text, rel.label, rel.label_en, rel.register)
    if isinstance(part, Marginal):
        scale = part.scale
        return Leaf(part.type, compiler.node(part), part.text, scale.label, scale.label_en, "")
    return None
