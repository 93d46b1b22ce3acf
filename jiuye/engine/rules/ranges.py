"""Clauses that can never hold: contradictory bounds on one value, inside a clause or between clauses.

Only plain conjunctions of comparisons with constants are looked at: what is reported is certainly impossible; what is not
reported may still be.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import date
from typing import Any

from jiuye.engine.basis.problems import Problems
from jiuye.engine.rules.policies import ALWAYS, Policy
from jiuye.engine.rules.tree import Compare, Constant, Logic, Node, Not, Read, Scaled

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


class Bounds:
    """What the clauses so far leave of one value."""

    def __init__(self) -> None:
        self.low: tuple[Any, bool] | None = None  # (bound, included)
        self.high: tuple[Any, bool] | None = None
        self.options: frozenset[Any] | None = None  # the values it must be one of
        self.unequal: list[Any] = []

    def add(self, op: str, value: Any) -> None:
        if op == "==" or op == "in":
            options = value if op == "in" else frozenset([value])
            self.options = options if self.options is None else self.options & options
        elif op == "!=":
            self.unequal.append(value)
        elif op in (">", ">="):
            bound = (value, op == ">=")
            if self.low is None or (value, op == ">") > (self.low[0], not self.low[1]):
                self.low = bound
        else:
            bound = (value, op == "<=")
            if self.high is None or (value, op == "<=") < (self.high[0], self.high[1]):
                self.high = bound

    def _allows(self, value: Any) -> bool:
        """True where the bounds, and what it must not be, leave this value."""
        if value in self.unequal:
            return False
        if self.low is not None and (value < self.low[0] or (value == self.low[0] and not self.low[1])):
            return False
        above = self.high is not None and (
            value > self.high[0] or (value == self.high[0] and not self.high[1])
        )
        return not above

    @property
    def empty(self) -> bool:
        """True where no value is left."""
        if self.options is not None:
            return not any(self._allows(value) for value in self.options)
        if self.low is None or self.high is None:
            return False
        (low, low_in), (high, high_in) = self.low, self.high
        if isinstance(low, int):  # whole numbers: 17 < x < 18 leaves nothing
            return bool(low + (not low_in) > high - (not high_in))
        return bool(low > high or (low == high and not (low_in and high_in)))


def contradictions(policy: Policy, problems: Problems) -> None:
    """Report the first comparison that leaves no value, per path, for each time at which some clause changes."""
    begin = policy.in_force.start or ALWAYS
    starts = {
        start for clause in policy.clauses for start, _ in clause.test.versions if start in policy.in_force
    }
    for day in sorted({begin, *starts}):
        _contradictions_on(policy, day, problems)


def _contradictions_on(policy: Policy, day: date, problems: Problems) -> None:
    bounds: dict[str, Bounds] = {}
    for clause in policy.clauses:
        node = clause.test.at(day)
        for conjunct in _conjuncts(node) if node is not None else ():
            if _constant_no(conjunct):
                problems.add(
                    conjunct.place,
                    "never-holds",
                    zh="这里比较的是两个常数，永远不能满足。请检查写法。",
                    en="this compares two constants and can never hold; check what was meant.",
                )
            found = _bound(conjunct)
            if found is None:
                continue
            read, op, value = found
            here = bounds.get(read.path)
            if here is None:
                here = bounds[read.path] = Bounds()
                if read.fact.low is not None:
                    here.add(">=", read.fact.low)
                if read.fact.high is not None:
                    here.add("<=", read.fact.high)
            already = here.empty
            here.add(op, value)
            if here.empty and not already:
                problems.add(
                    conjunct.place,
                    "never-holds",
                    zh=f"与前面对“{read.fact.label}”的限制合在一起，永远不能满足。请检查界限。",
                    en=f"together with what is already asked of '{read.path}' this can never hold; check the bounds.",
                )


def _conjuncts(node: Node) -> list[Node]:
    if isinstance(node, Logic) and node.op == "and":
        return [found for item in node.items for found in _conjuncts(item)]
    return [node]


def _constant_no(node: Node) -> bool:
    """True for `1 > 2` and for `False`."""
    if isinstance(node, Constant):
        return node.value is False
    if not (
        isinstance(node, Compare) and isinstance(node.left, Constant) and isinstance(node.right, Constant)
    ):
        return False
    return not COMPARISONS[node.op](node.left.value, node.right.value)


def _bound(node: Node) -> tuple[Read, str, Any] | None:
    """What the node asks of one value: (the value, comparison, constant)."""
    if isinstance(node, Read):
        return node, "==", True
    if isinstance(node, Not) and isinstance(node.item, Read):
        return node.item, "==", False
    if isinstance(node, Logic) and node.op == "or":
        return _options(node)
    if not isinstance(node, Compare):
        return None
    left, right = node.left, node.right
    if isinstance(left, Scaled) and isinstance(left.item, Read) and isinstance(right, Constant):
        # A whole number beside a decimal one, as in age >= 16.5; the bound is exact only where it is whole.
        whole, rest = divmod(right.value, left.factor)
        return None if rest else (left.item, node.op, whole)
    if isinstance(left, Read) and isinstance(right, Constant):
        return left, node.op, right.value
    if isinstance(left, Constant) and isinstance(right, Read):
        return right, FLIPPED[node.op], left.value
    return None


def _options(node: Logic) -> tuple[Read, str, Any] | None:
    """`kind in (a, b)`, which is an `or` of equalities over one value."""
    found = [_bound(item) for item in node.items]
    reads = {item[0].path for item in found if item is not None and item[1] == "=="}
    if None in found or len(reads) != 1 or not all(item is not None and item[1] == "==" for item in found):
        return None
    first = found[0]
    assert first is not None
    return first[0], "in", frozenset(item[2] for item in found if item is not None)
