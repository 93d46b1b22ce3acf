"""A proof that two expressions mean the same: every answer of every part, tried out.

An expression is taken apart down to parts whose value is left open: facts, counts, sums, lookups. Each open part takes every value
that can make a difference (yes, no and unknown; each member of an enum; a number just below, at and just above whatever it is compared with,
as far as its range in the vocabulary goes), independently of the others. Where both expressions agree on all of them, no case can
tell them apart. Where they do not, nothing is said: the parts may still be bound to each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from math import gcd, prod
from typing import Any

from jiuye.engine.rules.mutations import rebuilt
from jiuye.engine.rules.pack import Pack
from jiuye.engine.rules.tree import (
    Aggregate,
    Arithmetic,
    Choice,
    Compare,
    Constant,
    DateCall,
    Extreme,
    FloorDivide,
    Known,
    Logic,
    Lookup,
    Node,
    Not,
    Read,
    Rounded,
    Scaled,
)

ELSEWHERE = 10**30  # beyond every number of a pack
MOST_TRIED = 200_000  # combinations; beyond them nothing is proved
Range = tuple[int | None, int | None]  # the least and the greatest value; None where there is no bound
OPERATORS: dict[str, Callable[[int], bool]] = {
    "==": lambda sign: sign == 0, "!=": lambda sign: sign != 0, "<": lambda sign: sign < 0,
    "<=": lambda sign: sign <= 0, ">": lambda sign: sign > 0, ">=": lambda sign: sign >= 0,
}  # fmt: skip
FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


def same(before: Node, after: Node, pack: Pack) -> bool:
    """True where it is proved that both always have the same value."""
    before, after = (_plainest(node, pack) for node in (before, after))
    if before == after:
        return True
    model = _Model(pack)
    first, second = model.value(before), model.value(after)
    if prod(len(values) for values in model.domains) > MOST_TRIED:
        return False
    return all(first(given) == second(given) for given in product(*model.domains))


STRICT = (
    Arithmetic,
    Compare,
    DateCall,
    Extreme,
    FloorDivide,
    Not,
    Rounded,
    Scaled,
)  # unknown where an operand is


def never_known(node: Node) -> bool:
    """True where the node is unknown whatever the facts: a table without any value, and what is reckoned from it."""
    if isinstance(node, Constant):
        return node.value is None
    if isinstance(node, Lookup):
        return all(entry.value is None for entry in node.parameter.all_entries())
    if isinstance(node, STRICT):
        return any(never_known(child) for child in node.children)
    if isinstance(node, Choice):
        return never_known(node.condition) or (never_known(node.then) and never_known(node.otherwise))
    return isinstance(node, Logic) and all(never_known(item) for item in node.items)


def parts_that_count(node: Node) -> Iterator[Node]:
    """The node and everything below it, but for what is below something that is never known: no value there changes anything."""
    if not never_known(node):
        yield node
        for child in node.children:
            yield from parts_that_count(child)


def _plainest(node: Node, pack: Pack) -> Node:
    """The same in its plainest form: what has no part in the value is left out."""

    def plain(part: Node) -> Node:
        if never_known(part):
            return Constant(type=part.type, value=None, place=part.place)
        if isinstance(part, DateCall) and part.name == "calendar_months":
            return replace(part, arguments=tuple(_first_of_month(item) for item in part.arguments))
        if isinstance(part, Rounded):
            return _rounded(part, pack)
        if isinstance(part, Lookup) and part.index and all(isinstance(item, Constant) for item in part.index):
            return _looked_up(part)
        return part

    return rebuilt(node, plain)


def _first_of_month(node: Node) -> Node:
    """The day of the month has no part in a difference of calendar months."""
    return replace(node, value=node.value.replace(day=1)) if isinstance(node, Constant) else node


def _rounded(node: Rounded, pack: Pack) -> Node:
    """Rounding what is always whole, and rounding up what is whole or a half, is all one with rounding to the nearest."""
    unit = divisor_of(node.item)
    low, _ = range_of(node.item, pack)
    halves = unit * 2 % node.divisor == 0 and low is not None and low >= 0
    if unit % node.divisor == 0 or (halves and node.mode == "ceil"):
        return replace(node, mode="round")
    return node


def _looked_up(node: Lookup) -> Node:
    """A table at a constant: the keys that are tried there, in the place of what they are found by."""
    index = tuple(item.value for item in node.index if isinstance(item, Constant))
    table = node.parameter
    first = next((key for key in table.candidates(index) if key in table.entries), None)
    if first is None:
        return node
    return replace(node, index=tuple(replace(node.index[0], value=part) for part in first))  # type: ignore[call-arg]


def divisor_of(node: Node) -> int:
    """A whole number that every value of the node is a multiple of; 0 where it is always zero or never known."""
    below = [divisor_of(child) for child in node.children]
    if isinstance(node, Constant):
        return abs(node.value) if type(node.value) is int else 1
    if isinstance(node, Lookup):
        return gcd(*(entry.value for entry in node.parameter.all_entries() if type(entry.value) is int))
    if isinstance(node, Scaled):
        return below[0] * node.factor
    if isinstance(node, Arithmetic):
        return below[0] * below[1] if node.op == "*" else gcd(*below)
    if isinstance(node, Choice):
        return gcd(*below[1:])
    return gcd(*below) if isinstance(node, Extreme) else 1


Given = tuple[Any, ...]


class _Model:
    """The open parts of expressions, each with the values that it may take, and what an expression comes to under them."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.parts: list[Any] = []  # nodes, or pairs of nodes that are compared with each other
        self.domains: list[list[Any]] = []

    def value(self, node: Node) -> Callable[[Given], Any]:
        """The node's value under the values given to the open parts, in their order."""
        if never_known(node):
            return lambda given: None
        if isinstance(node, Constant):
            return lambda given: node.value
        if isinstance(node, Logic):
            items = [self.value(item) for item in node.items]
            decisive = node.op == "or"

            def logic(given: Given) -> Any:
                values = [item(given) for item in items]
                return decisive if decisive in values else None if None in values else not decisive

            return logic
        if isinstance(node, Not):
            inner = self.value(node.item)
            return lambda given: None if inner(given) is None else not inner(given)
        if isinstance(node, Known):
            known = self.value(node.item)
            return lambda given: known(given) is not None
        if isinstance(node, Choice):
            condition, then, otherwise = (self.value(part) for part in node.children)

            def choice(given: Given) -> Any:
                decided = condition(given)
                return None if decided is None else then(given) if decided else otherwise(given)

            return choice
        if isinstance(node, Compare):
            return self._compare(node)
        return self._open(node, self._plain(node))

    def _compare(self, node: Compare) -> Callable[[Given], Any]:
        left, right, op = node.left, node.right, node.op
        if isinstance(left, Constant):
            left, right, op = right, left, FLIPPED[op]
        if isinstance(right, Constant) and isinstance(left, Choice):
            then, otherwise = (replace(node, op=op, left=part, right=right) for part in left.children[1:])
            return self.value(replace(left, type=node.type, then=then, otherwise=otherwise))
        if isinstance(right, Constant):
            read, value = self._open(left, self._around(left, right.value)), right.value
            return lambda given: _told(read(given), value, op)
        sign = self._open((left, right), [-1, 0, 1, None])
        return lambda given: None if sign(given) is None else OPERATORS[op](sign(given))

    def _open(self, part: Any, values: list[Any]) -> Callable[[Given], Any]:
        """The part as one of the open ones; the same part met again takes the same value."""
        for number, other in enumerate(self.parts):
            if other == part:
                self.domains[number] += [value for value in values if value not in self.domains[number]]
                return lambda given: given[number]
        self.parts.append(part)
        self.domains.append(list(values))
        number = len(self.parts) - 1
        return lambda given: given[number]

    def _plain(self, node: Node) -> list[Any]:
        kind = node.type.kind
        if kind == "boolean":
            return [True, False, None]
        if kind == "enum":
            return [*self.pack.vocabulary.enums[node.type.enum], None]
        number = len(self.parts)  # a value that nothing else has
        if kind == "date":
            return [date(9000, 1, 1) + timedelta(days=number), None]
        return [f"\0{number}" if kind == "text" else ELSEWHERE + number, None]

    def _around(self, node: Node, value: Any) -> list[Any]:
        if node.type.kind in ("boolean", "enum"):
            return self._plain(node)
        if isinstance(value, date):
            near: list[Any] = [value + timedelta(days=step) for step in (-2, -1, 0, 1, 2)]
        elif isinstance(value, int):
            low, high = range_of(node, self.pack)
            near = [value + step for step in (-2, -1, 0, 1, 2)]
            near += [bound for bound in (low, high) if bound is not None]
            near = [item for item in near if (low is None or item >= low) and (high is None or item <= high)]
        else:
            near = [value, f"not {value}"]
        return [*near, None]


def _told(found: Any, value: Any, op: str) -> Any:
    if found is None:
        return None
    if op in ("==", "!="):
        return (found == value) is (op == "==")
    return OPERATORS[op]((found > value) - (found < value))


def range_of(node: Node, pack: Pack) -> Range:
    """The bounds of a number, from the vocabulary's `min` and `max`, the tables and the operations."""
    if isinstance(node, Constant):
        return (node.value, node.value) if type(node.value) is int else (None, None)
    if not node.type.numeric:
        return (None, None)
    if isinstance(node, Read):
        derived = pack.derived.get((node.fact.entity, node.fact.name))
        # A case may set a derived fact directly, and then to any value.
        return (node.fact.low, node.fact.high) if derived is None else (None, None)
    if isinstance(node, Lookup):
        values = [entry.value for entry in node.parameter.all_entries() if entry.value is not None]
        return (min(values), max(values)) if values else (None, None)
    below = [range_of(child, pack) for child in node.children]
    if isinstance(node, Scaled):
        return _times(below[0], (node.factor, node.factor))
    if isinstance(node, Arithmetic):
        return (
            _times(*below)
            if node.op == "*"
            else _plus(below[0], below[1] if node.op == "+" else _minus(below[1]))
        )
    if isinstance(node, Choice):
        return _union(below[1:])
    if isinstance(node, Extreme):
        return _union(below)
    if isinstance(node, Aggregate):
        return _of_aggregate(node, below)
    if isinstance(node, (Rounded, FloorDivide, DateCall)):
        return (None, None)
    return (None, None)


def _of_aggregate(node: Aggregate, below: list[Range]) -> Range:
    if node.which == "count":
        return (0, None)
    if node.which == "sum":
        return (0, None) if below and below[0][0] is not None and below[0][0] >= 0 else (None, None)
    return below[0] if below else (None, None)


def _plus(first: Range, second: Range) -> Range:
    low = first[0] + second[0] if first[0] is not None and second[0] is not None else None
    high = first[1] + second[1] if first[1] is not None and second[1] is not None else None
    return (low, high)


def _minus(of: Range) -> Range:
    return (-of[1] if of[1] is not None else None, -of[0] if of[0] is not None else None)


def _times(first: Range, second: Range) -> Range:
    (low, high), (other_low, other_high) = first, second
    if None not in (low, high, other_low, other_high):
        ends = [a * b for a in (low, high) for b in (other_low, other_high)]  # type: ignore[operator]
        return (min(ends), max(ends))
    if low is not None and other_low is not None and low >= 0 and other_low >= 0:
        return (low * other_low, None)
    return (None, None)


def _union(ranges: list[Range]) -> Range:
    lows, highs = [low for low, _ in ranges], [high for _, high in ranges]
    return (
        None if None in lows else min(low for low in lows if low is not None),
        None if None in highs else max(high for high in highs if high is not None),
    )
