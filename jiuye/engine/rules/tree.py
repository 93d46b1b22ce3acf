"""The typed tree: what an expression means, after every name, type and scale has been settled.

Both evaluators walk this tree and nothing else, so one rule has one meaning. Scales are aligned by explicit `Scaled` nodes;
a node never needs to look at its neighbour's decimals.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from jiuye.engine.basis.problems import Place
from jiuye.engine.rules.parameters import Parameter
from jiuye.engine.rules.types import Type
from jiuye.engine.rules.vocabulary import Fact, Relation


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    type: Type
    place: Place = field(compare=False, repr=False)
    text: str = field(default="", compare=False, repr=False)  # as the author wrote it

    @property
    def children(self) -> tuple[Node, ...]:
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant(Node):
    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Day(Node):
    """`on`, `period_start` or `period_end`."""

    which: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Read(Node):
    """A fact of the entity at hand, or of one reached over to-one relations."""

    hops: tuple[Relation, ...]
    fact: Fact

    @property
    def path(self) -> str:
        return ".".join([*(hop.name for hop in self.hops), self.fact.name])


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup(Node):
    """A parameter at an index on the day of decision."""

    parameter: Parameter
    index: tuple[Node, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return self.index


@dataclass(frozen=True, slots=True, kw_only=True)
class Known(Node):
    item: Node

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.item,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Not(Node):
    item: Node

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.item,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Logic(Node):
    """`and` or `or` over two or more items, after Kleene."""

    op: str
    items: tuple[Node, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return self.items


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare(Node):
    """One of == != < <= > >= over two operands of one kind and scale."""

    op: str
    left: Node
    right: Node

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.left, self.right)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arithmetic(Node):
    """+ or - over one kind and scale, or * (scales add up)."""

    op: str
    left: Node
    right: Node

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.left, self.right)


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorDivide(Node):
    """Division rounded down; the divisor is a whole number that is never zero."""

    left: Node
    right: Node

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.left, self.right)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaled(Node):
    """The same number with more decimals: the integer times `factor`."""

    item: Node
    factor: int

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.item,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounded(Node):
    """The integer divided by `divisor` under `mode` (round, floor, ceil), then times `unit`."""

    mode: str
    item: Node
    divisor: int
    unit: int

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.item,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Node):
    condition: Node
    then: Node
    otherwise: Node

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.condition, self.then, self.otherwise)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extreme(Node):
    """`min` or `max`; unknown where any item is."""

    which: str
    items: tuple[Node, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return self.items


@dataclass(frozen=True, slots=True, kw_only=True)
class DateCall(Node):
    name: str
    arguments: tuple[Node, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return self.arguments


@dataclass(frozen=True, slots=True, kw_only=True)
class Marginal(Node):
    """Each bracket's rate on the part of the amount inside it; negative amounts count as none."""

    scale: Parameter
    item: Node

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.item,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate(Node):
    """count, sum, any, all, largest or smallest over a to-many relation; `body` is typed in the other entity."""

    which: str
    hops: tuple[Relation, ...]
    relation: Relation
    body: Node | None

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.body,) if self.body is not None else ()

    @property
    def path(self) -> str:
        return ".".join([*(hop.name for hop in self.hops), self.relation.name])


@dataclass(frozen=True, slots=True)
class Dated:
    """An expression with its versions: each holds from its date until the next. A plain one holds always."""

    versions: tuple[tuple[date, Node], ...]

    def at(self, on: date) -> Node | None:
        """The version in force on the day, or None before the first."""
        found = None
        for start, node in self.versions:
            if start <= on:
                found = node
        return found


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, outermost first, bodies of aggregates included."""
    yield node
    for child in node.children:
        yield from walk(child)
