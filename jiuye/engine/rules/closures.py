"""The evaluator for one subject: each typed node becomes a Python closure over (row, decision); None is unknown.

Meaning is fixed by docs/rule-language.md and shared with `columns`; a property test holds the two together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from jiuye.engine.basis import dates
from jiuye.engine.basis.dates import Interval
from jiuye.engine.basis.money import divide_down, divide_half_up, divide_up
from jiuye.engine.rules.parameters import Parameter
from jiuye.engine.rules.rows import Row
from jiuye.engine.rules.tree import (
    Aggregate,
    Arithmetic,
    Choice,
    Compare,
    Constant,
    DateCall,
    Dated,
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
from jiuye.engine.rules.vocabulary import Relation


@dataclass(slots=True)
class Decision:
    """One decision: the day, its period, and what has been computed so far for it."""

    on: date
    period: Interval
    memo: dict[tuple[Row, str], Any] = field(default_factory=dict)  # derived facts, by the row itself


Closure = Callable[[Row, Decision], Any]
ROUNDING = {"round": divide_half_up, "floor": divide_down, "ceil": divide_up}


class Compiler:
    """Turns nodes into closures. `derived` gives the expression behind a derived fact."""

    def __init__(self, derived: dict[tuple[str, str], Dated]) -> None:
        self.derived = derived
        self._derived_closures: dict[tuple[str, str], Closure] = {}

    def dated(self, value: Dated) -> Closure:
        """A closure that picks the version in force on the day; unknown before the first."""
        if len(value.versions) == 1 and value.versions[0][0] == date.min:
            return self.node(value.versions[0][1])
        versions = [(start, self.node(node)) for start, node in value.versions]

        def pick(row: Row, decision: Decision) -> Any:
            found = None
            for start, closure in versions:
                if start <= decision.on:
                    found = closure
            return found(row, decision) if found is not None else None

        return pick

    def node(self, node: Node) -> Closure:
        return getattr(self, "_" + type(node).__name__.lower())(node)  # type: ignore[no-any-return]

    def _constant(self, node: Constant) -> Closure:
        value = node.value
        return lambda row, decision: value

    def _day(self, node: Day) -> Closure:
        if node.which == "on":
            return lambda row, decision: decision.on
        if node.which == "period_start":
            return lambda row, decision: decision.period.start
        return lambda row, decision: decision.period.end

    def _read(self, node: Read) -> Closure:
        name, hops = node.fact.name, tuple(hop.name for hop in node.hops)
        key = (node.fact.entity, name)
        here = self.derived_fact(key) if key in self.derived else lambda row, decision: row.values.get(name)
        if not hops:
            return here

        def follow(row: Row, decision: Decision) -> Any:
            found: Row | None = row
            for hop in hops:
                found = found.ones.get(hop) if found is not None else None
            return here(found, decision) if found is not None else None

        return follow

    def derived_fact(self, key: tuple[str, str]) -> Closure:
        """The derived fact of that entity and name, of the row that has it: as given with the facts, else computed once a decision."""
        if key not in self._derived_closures:
            compute = self.dated(self.derived[key])
            name = key[1]

            def read(row: Row, decision: Decision) -> Any:
                given = row.values.get(name)
                if given is not None:
                    return given
                key, memo = (row, name), decision.memo
                found = memo.get(key, memo)
                if found is memo:  # None is an answer as well: not known
                    found = memo[key] = compute(row, decision)
                return found

            self._derived_closures[key] = read
        return self._derived_closures[key]

    def _lookup(self, node: Lookup) -> Closure:
        parameter = node.parameter
        if not node.index:
            return lambda row, decision: entry_value(parameter, decision.on, ())
        indexes = [self.node(item) for item in node.index]

        def find(row: Row, decision: Decision) -> Any:
            index = tuple(closure(row, decision) for closure in indexes)
            return None if None in index else entry_value(parameter, decision.on, index)

        return find

    def _known(self, node: Known) -> Closure:
        item = self.node(node.item)
        return lambda row, decision: item(row, decision) is not None

    def _not(self, node: Not) -> Closure:
        item = self.node(node.item)

        def negate(row: Row, decision: Decision) -> Any:
            value = item(row, decision)
            return None if value is None else not value

        return negate

    def _logic(self, node: Logic) -> Closure:
        items = [self.node(item) for item in node.items]
        decisive = node.op == "or"  # one yes decides an `or`, one no decides an `and`

        def decide(row: Row, decision: Decision) -> Any:
            unknown = False
            for item in items:
                value = item(row, decision)
                if value is None:
                    unknown = True
                elif value is decisive:
                    return decisive
            return None if unknown else not decisive

        return decide

    def _compare(self, node: Compare) -> Closure:
        left, right = self.node(node.left), self.node(node.right)
        return _comparison(node.op, left, right)

    def _arithmetic(self, node: Arithmetic) -> Closure:
        left, right = self.node(node.left), self.node(node.right)
        op = node.op

        def compute(row: Row, decision: Decision) -> Any:
            first, second = left(row, decision), right(row, decision)
            if first is None or second is None:
                return None
            return first + second if op == "+" else first - second if op == "-" else first * second

        return compute

    def _floordivide(self, node: FloorDivide) -> Closure:
        left, right = self.node(node.left), self.node(node.right)

        def compute(row: Row, decision: Decision) -> Any:
            first, second = left(row, decision), right(row, decision)
            return None if first is None or second is None else first // second

        return compute

    def _scaled(self, node: Scaled) -> Closure:
        item, factor = self.node(node.item), node.factor

        def scale(row: Row, decision: Decision) -> Any:
            value = item(row, decision)
            return None if value is None else value * factor

        return scale

    def _rounded(self, node: Rounded) -> Closure:
        item, divide, divisor, unit = self.node(node.item), ROUNDING[node.mode], node.divisor, node.unit

        def round_it(row: Row, decision: Decision) -> Any:
            value = item(row, decision)
            return None if value is None else divide(value, divisor) * unit

        return round_it

    def _choice(self, node: Choice) -> Closure:
        condition, then, otherwise = (
            self.node(node.condition),
            self.node(node.then),
            self.node(node.otherwise),
        )

        def choose(row: Row, decision: Decision) -> Any:
            value = condition(row, decision)
            if value is None:
                return None
            return then(row, decision) if value else otherwise(row, decision)

        return choose

    def _extreme(self, node: Extreme) -> Closure:
        items = [self.node(item) for item in node.items]
        pick = min if node.which == "min" else max

        def extreme(row: Row, decision: Decision) -> Any:
            values = [item(row, decision) for item in items]
            return None if None in values else pick(values)

        return extreme

    def _datecall(self, node: DateCall) -> Closure:
        arguments = [self.node(item) for item in node.arguments]
        function = DATE_FUNCTIONS[node.name]

        def compute(row: Row, decision: Decision) -> Any:
            values = [item(row, decision) for item in arguments]
            return None if None in values else function(*values)

        return compute

    def _marginal(self, node: Marginal) -> Closure:
        item, scale = self.node(node.item), node.scale

        def compute(row: Row, decision: Decision) -> Any:
            amount, brackets = item(row, decision), entry_value(scale, decision.on, ())
            if amount is None or brackets is None:
                return None
            total = 0
            for position, (threshold, rate) in enumerate(brackets):
                top = brackets[position + 1][0] if position + 1 < len(brackets) else amount
                total += max(0, min(amount, top) - threshold) * rate
            return total

        return compute

    def _aggregate(self, node: Aggregate) -> Closure:
        body = self.node(node.body) if node.body is not None else None
        hops, relation, combine = node.hops, node.relation, AGGREGATES[node.which]

        def compute(row: Row, decision: Decision) -> Any:
            members = related(row, hops, relation)
            if members is None:
                return None
            if body is None:
                return len(members)
            return combine([body(member, decision) for member in members])

        return compute


def related(row: Row, hops: tuple[Relation, ...], relation: Relation) -> list[Row] | None:
    """The rows of a to-many relation, or None where nobody has listed them."""
    found: Row | None = row
    for hop in hops:
        found = found.ones.get(hop.name) if found is not None else None
    return found.many.get(relation.name) if found is not None else None


def entry_value(parameter: Parameter, on: date, index: tuple[Any, ...]) -> Any:
    """The parameter's value on that day, None where it is unset or not on file."""
    entry = parameter.lookup(on, index)
    return entry.value if entry is not None else None


def _comparison(op: str, left: Closure, right: Closure) -> Closure:
    tests: dict[str, Callable[[Any, Any], bool]] = {
        "==": lambda a, b: a == b,
        "!=": lambda a, b: a != b,
        "<": lambda a, b: a < b,
        "<=": lambda a, b: a <= b,
        ">": lambda a, b: a > b,
        ">=": lambda a, b: a >= b,
    }
    test = tests[op]

    def compare(row: Row, decision: Decision) -> Any:
        first, second = left(row, decision), right(row, decision)
        return None if first is None or second is None else test(first, second)

    return compare


def _count(values: list[Any]) -> Any:
    return None if None in values else sum(values)


def _any(values: list[Any]) -> Any:
    return True if True in values else None if None in values else False


def _all(values: list[Any]) -> Any:
    return False if False in values else None if None in values else True


AGGREGATES: dict[str, Callable[[list[Any]], Any]] = {
    "count": _count,
    "sum": _count,
    "any": _any,
    "all": _all,
    "largest": lambda values: None if not values or None in values else max(values),
    "smallest": lambda values: None if not values or None in values else min(values),
}


def _add_months(day: date, months: int) -> date | None:
    """Unknown outside the calendar, as in the other evaluator."""
    try:
        return dates.add_months(day, months)
    except ValueError:
        return None


def _add_days(day: date, days: int) -> date | None:
    ordinal = day.toordinal() + days
    return date.fromordinal(ordinal) if 1 <= ordinal <= date.max.toordinal() else None


DATE_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "age": dates.age,
    "months_between": dates.months_between,
    "days_between": lambda start, end: (end - start).days,
    "calendar_months": lambda start, end: dates.month_index(end) - dates.month_index(start),
    "add_months": _add_months,
    "add_days": _add_days,
    "year_of": lambda day: day.year,
    "month_of": dates.month_index,
}
