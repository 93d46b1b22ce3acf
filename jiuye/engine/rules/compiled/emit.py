"""From typed nodes to LLVM's intermediate language: straight-line code for one row, without branches.

An unknown is carried beside every value: a number is (value, known), a yes/no is (yes, no) where neither means unknown, so that
Kleene's `and` is two machine instructions. Numbers are 64 bits wide; where `magnitudes` cannot prove that an operation stays
inside, it is done with LLVM's overflow check, and a row that overflows raises a flag: the sweep is then done by `columns` with its
128 bits. Dates are days since 1970-01-01, months are months since year 0, members of an enum are their positions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from jiuye.engine.basis.dates import Interval
from jiuye.engine.rules.compiled.calendar import CalendarCode, days_of
from jiuye.engine.rules.compiled.values import FALSE, TRUE, UNKNOWN_BOOLEAN, Boolean, Lines, Number, Value
from jiuye.engine.rules.magnitudes import own_bound
from jiuye.engine.rules.parameters import ELSE, Parameter, entry_on
from jiuye.engine.rules.tree import (
    Aggregate,
    Arithmetic,
    Choice,
    Compare,
    Constant,
    DateCall,
    Day,
    Extreme,
    FloorDivide,
    Known,
    Logic,
    Lookup,
    Marginal,
    Node,
    Not,
    Read,
    Rounded,
    Scaled,
)
from jiuye.engine.rules.types import DATE, Type

SAFE = 2**62  # a result whose absolute value stays below needs no check
COMPARISONS = {"==": "eq", "!=": "ne", "<": "slt", "<=": "sle", ">": "sgt", ">=": "sge"}


@dataclass(frozen=True, slots=True)
class World:
    """What the code of one sweep may take for granted.

    `column` gives the value of a fact (or of a staged aggregate, under its key) reached over `hops`, None where no data hold it;
    `code` turns a member of an enum or a text into its number; `bounds` is the greatest absolute value of derived facts.
    """

    on: date
    period: Interval
    column: Callable[[Lines, tuple[Any, ...], str, Type], Value | None]
    code: Callable[[Type, str], int]
    bound: Callable[[str, str], int | None]
    aggregate: Callable[[Aggregate], str]


class Emitter:
    """Emits the code of expressions into `lines`; a node that stands in several places is computed once."""

    def __init__(self, lines: Lines, world: World) -> None:
        self.lines, self.world = lines, world
        self.dates = CalendarCode(lines)
        self._done: dict[int, Value] = {}

    def value(self, node: Node) -> Value:
        """The node's value on the row at hand."""
        found = self._done.get(id(node))
        if found is None:
            found = getattr(self, "_" + type(node).__name__.lower())(node)
            self._done[id(node)] = found
        return found

    def number(self, node: Node) -> Number:
        value = self.value(node)
        assert isinstance(value, Number), node
        return value

    def truth(self, node: Node) -> Boolean:
        value = self.value(node)
        assert isinstance(value, Boolean), node
        return value

    def unknown(self, of: Type) -> Value:
        return UNKNOWN_BOOLEAN if of.kind == "boolean" else Number("0", FALSE, 0)

    def literal(self, value: Any, of: Type) -> Value:
        """A constant of that type; None is unknown."""
        if value is None:
            return self.unknown(of)
        if of.kind == "boolean":
            return Boolean(TRUE, FALSE) if value else Boolean(FALSE, TRUE)
        if of == DATE:
            return Number(str(days_of(value)), TRUE, 0)
        if of.kind in ("enum", "text"):
            return Number(str(self.world.code(of, value)), TRUE, 0)
        return Number(str(int(value)), TRUE, abs(int(value)))

    def choose(self, condition: str, then: Value, otherwise: Value) -> Value:
        """One of two values by a single bit."""
        pick = self.lines.select
        if isinstance(then, Boolean):
            assert isinstance(otherwise, Boolean)
            return Boolean(
                pick("i1", condition, then.yes, otherwise.yes), pick("i1", condition, then.no, otherwise.no)
            )
        assert isinstance(otherwise, Number)
        value = pick("i64", condition, then.value, otherwise.value)
        return Number(
            value, pick("i1", condition, then.known, otherwise.known), max(then.most, otherwise.most)
        )

    def only_where(self, condition: str, value: Value) -> Value:
        """The value where the bit is set, unknown elsewhere."""
        both = self.lines.both
        if isinstance(value, Boolean):
            return Boolean(both(value.yes, condition), both(value.no, condition))
        return Number(value.value, both(value.known, condition), value.most)

    # --- leaves

    def _constant(self, node: Constant) -> Value:
        return self.literal(node.value, node.type)

    def _day(self, node: Day) -> Value:
        period = self.world.period
        day = {"on": self.world.on, "period_start": period.start, "period_end": period.end}[node.which]
        return self.literal(day, DATE)

    def _read(self, node: Read) -> Value:
        value = self.world.column(self.lines, node.hops, node.fact.name, node.type)
        if value is None:
            return self.unknown(node.type)
        return self._bounded(node, value)

    def _aggregate(self, node: Aggregate) -> Value:
        value = self.world.column(self.lines, node.hops, self.world.aggregate(node), node.type)
        return self.unknown(node.type) if value is None else self._bounded(node, value)

    def _bounded(self, node: Node, value: Value) -> Value:
        if isinstance(value, Boolean) or not node.type.numeric:
            return value
        if isinstance(node, Aggregate):
            return Number(
                value.value, value.known, 10**18
            )  # held in 64 bits; its making is checked for overflow
        assert isinstance(node, Read)
        bound = self.world.bound(node.fact.entity, node.fact.name)
        return Number(value.value, value.known, own_bound(node, [], {}) if bound is None else bound)

    # --- yes and no

    def _known(self, node: Known) -> Value:
        value = self.value(node.item)
        known = value.known if isinstance(value, Number) else self.lines.either(value.yes, value.no)
        return Boolean(known, self.lines.negated(known))

    def _not(self, node: Not) -> Value:
        value = self.truth(node.item)
        return Boolean(value.no, value.yes)

    def _logic(self, node: Logic) -> Value:
        lines = self.lines
        found = self.truth(node.items[0])
        for item in node.items[1:]:
            other = self.truth(item)
            if node.op == "and":
                found = Boolean(lines.both(found.yes, other.yes), lines.either(found.no, other.no))
            else:
                found = Boolean(lines.either(found.yes, other.yes), lines.both(found.no, other.no))
        return found

    def _compare(self, node: Compare) -> Value:
        lines = self.lines
        left, right = self.value(node.left), self.value(node.right)
        if isinstance(left, Boolean):
            assert isinstance(right, Boolean)
            known = lines.both(lines.either(left.yes, left.no), lines.either(right.yes, right.no))
            holds = lines.op(f"xor i1 {left.yes}, {right.yes}")
            holds = lines.negated(holds) if node.op == "==" else holds
        else:
            assert isinstance(right, Number)
            known = lines.both(left.known, right.known)
            holds = lines.op(f"icmp {COMPARISONS[node.op]} i64 {left.value}, {right.value}")
        return Boolean(lines.both(known, holds), lines.both(known, lines.negated(holds)))

    # --- numbers

    def _numeric(self, node: Node, known: str, value: str, below: list[int]) -> Number:
        return Number(value, known, own_bound(node, below, {}) if node.type.numeric else 0)

    def _arithmetic(self, node: Arithmetic) -> Value:
        left, right = self.number(node.left), self.number(node.right)
        known = self.lines.both(left.known, right.known)
        most = left.most * right.most if node.op == "*" else left.most + right.most
        value = self.lines.arithmetic(node.op, left.value, right.value, known, most >= SAFE)
        return Number(value, known, most)

    def _scaled(self, node: Scaled) -> Value:
        item = self.number(node.item)
        most = item.most * node.factor
        value = self.lines.arithmetic("*", item.value, str(node.factor), item.known, most >= SAFE)
        return Number(value, item.known, most)

    def _floordivide(self, node: FloorDivide) -> Value:
        lines = self.lines
        left, right = self.number(node.left), self.number(node.right)
        known = lines.both(left.known, right.known)
        divisor = lines.select("i64", known, right.value, "1")
        return Number(lines.divided("floor", left.value, divisor), known, left.most + 1)

    def _rounded(self, node: Rounded) -> Value:
        item = self.number(node.item)
        most = (item.most // node.divisor + 1) * node.unit
        quotient = self.lines.divided(node.mode, item.value, str(node.divisor))
        value = self.lines.arithmetic("*", quotient, str(node.unit), item.known, most >= SAFE)
        return Number(value, item.known, most)

    def _choice(self, node: Choice) -> Value:
        condition = self.truth(node.condition)
        chosen = self.choose(condition.yes, self.value(node.then), self.value(node.otherwise))
        return self.only_where(self.lines.either(condition.yes, condition.no), chosen)

    def _extreme(self, node: Extreme) -> Value:
        lines = self.lines
        found = self.number(node.items[0])
        for item in node.items[1:]:
            other = self.number(item)
            better = lines.op(
                f"icmp {'slt' if node.which == 'min' else 'sgt'} i64 {other.value}, {found.value}"
            )
            value = lines.select("i64", better, other.value, found.value)
            found = Number(value, lines.both(found.known, other.known), max(found.most, other.most))
        return found

    def _datecall(self, node: DateCall) -> Value:
        items = [self.number(item) for item in node.arguments]
        value, known = self.dates.call(node.name, [(item.value, item.known) for item in items])
        return self._numeric(node, known, value, [])

    # --- tables

    def _marginal(self, node: Marginal) -> Value:
        entry = entry_on(node.scale.entries.get((), []), self.world.on)
        if entry is None or entry.value is None:
            return self.unknown(node.type)
        lines, item = self.lines, self.number(node.item)
        total, most = "0", 0
        for position, (threshold, rate) in enumerate(entry.value):
            top = item.value
            if position + 1 < len(entry.value):
                limit = str(entry.value[position + 1][0])
                below = lines.op(f"icmp slt i64 {item.value}, {limit}")
                top = lines.select("i64", below, item.value, limit)
            part = lines.op(f"sub i64 {top}, {threshold}")
            positive = lines.op(f"icmp sgt i64 {part}, 0")
            part = lines.select("i64", positive, part, "0")
            most += (item.most + abs(threshold)) * abs(rate)
            part = lines.arithmetic("*", part, str(rate), item.known, most >= SAFE)
            total = lines.arithmetic("+", total, part, item.known, most >= SAFE)
        return Number(total, item.known, most)

    def _lookup(self, node: Lookup) -> Value:
        parameter, on = node.parameter, self.world.on
        if not node.index:
            entry = entry_on(parameter.entries.get((), []), on)
            return self.literal(entry.value if entry is not None else None, node.type)
        index = [self.value(item) for item in node.index]
        found = self.unknown(node.type)
        # The first match wins, so the most particular key is asked last and overrides; `else` stands at the end.
        for key in sorted(
            parameter.entries, key=lambda parts: [part == ELSE for part in parts], reverse=True
        ):
            entry = entry_on(parameter.entries[key], on)
            value = self.literal(entry.value if entry is not None else None, node.type)
            matches = TRUE
            for position, part in enumerate(key):
                if part != ELSE:
                    matches = self.lines.both(
                        matches, self._matches(parameter, position, part, index[position])
                    )
            found = self.choose(matches, value, found)
        for item in index:
            known = item.known if isinstance(item, Number) else self.lines.either(item.yes, item.no)
            found = self.only_where(known, found)
        return found

    def _matches(self, parameter: Parameter, position: int, part: Any, index: Value) -> str:
        axis = parameter.axes[position]
        if isinstance(index, Boolean):
            return index.yes if part else index.no
        key = self.literal(part, axis.type)
        assert isinstance(key, Number)
        if not axis.steps:
            return self.lines.op(f"icmp eq i64 {index.value}, {key.value}")
        reached = self.lines.op(f"icmp sge i64 {index.value}, {key.value}")
        higher = sorted(
            {keys[position] for keys in parameter.entries if keys[position] != ELSE and keys[position] > part}
        )
        if not higher:
            return reached
        top = self.literal(higher[0], axis.type)
        assert isinstance(top, Number)
        return self.lines.both(reached, self.lines.op(f"icmp slt i64 {index.value}, {top.value}"))
