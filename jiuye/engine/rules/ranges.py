"""Clauses that can never hold: contradictory bounds on one value, inside a clause or between clauses.

Only plain conjunctions of comparisons with constants are looked at: what is reported is certainly impossible; what is not
reported may still be.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from jiuye.engine.basis.problems import Problems
from jiuye.engine.rules.policies import Policy
from jiuye.engine.rules.tree import Compare, Constant, Logic, Node, Read

FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


class Bounds:
    """What the clauses so far leave of one value."""

    def __init__(self) -> None:
        self.low: tuple[Any, bool] | None = None  # (bound, included)
        self.high: tuple[Any, bool] | None = None
        self.equal: list[Any] = []
        self.unequal: list[Any] = []

    def add(self, op: str, value: Any) -> None:
        if op == "==":
            self.equal.append(value)
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

    @property
    def empty(self) -> bool:
        """True where no value is left."""
        if len(set(self.equal)) > 1 or any(value in self.unequal for value in self.equal):
            return True
        for value in self.equal:
            if self.low is not None and (value < self.low[0] or (value == self.low[0] and not self.low[1])):
                return True
            if self.high is not None and (
                value > self.high[0] or (value == self.high[0] and not self.high[1])
            ):
                return True
        if self.low is None or self.high is None:
            return False
        (low, low_in), (high, high_in) = self.low, self.high
        if isinstance(low, int) and not isinstance(low, date):  # whole numbers: 17 < x < 18 leaves nothing
            return bool(low + (not low_in) > high - (not high_in))
        return bool(low > high or (low == high and not (low_in and high_in)))


def contradictions(policy: Policy, problems: Problems) -> None:
    """Report the first comparison that leaves no value, per path; versions by date are judged one at a time."""
    bounds: dict[str, Bounds] = {}
    for clause in policy.clauses:
        if len(clause.test.versions) != 1:
            continue
        for comparison in _conjuncts(clause.test.versions[0][1]):
            found = _bound(comparison)
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
                    comparison.place,
                    "never-holds",
                    zh=f"与前面对“{read.fact.label}”的限制合在一起，永远不能满足。请检查界限。",
                    en=f"together with what is already asked of '{read.path}' this can never hold; check the bounds.",
                )


def _conjuncts(node: Node) -> list[Compare]:
    if isinstance(node, Logic) and node.op == "and":
        return [found for item in node.items for found in _conjuncts(item)]
    return [node] if isinstance(node, Compare) else []


def _bound(node: Compare) -> tuple[Read, str, Any] | None:
    left, right = node.left, node.right
    if isinstance(left, Read) and isinstance(right, Constant):
        return left, node.op, right.value
    if isinstance(left, Constant) and isinstance(right, Read):
        return right, FLIPPED[node.op], left.value
    return None
