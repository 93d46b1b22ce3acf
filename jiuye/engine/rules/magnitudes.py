"""How large numbers can become: what might not fit the 128 bits of the columnar evaluator is refused when the pack is loaded.

Recorded facts and parameters are at most `LARGEST` (10^15 fen or units), by reading; a fact's `min` and `max` say more. The walk
over one subject has no such limit, so that without this check the two evaluators could part on absurd numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jiuye.engine.basis.problems import Problems
from jiuye.engine.rules.parameters import Parameter
from jiuye.engine.rules.tree import (
    Aggregate,
    Arithmetic,
    Choice,
    Constant,
    DateCall,
    Extreme,
    FloorDivide,
    Lookup,
    Marginal,
    Node,
    Read,
    Rounded,
    Scaled,
)
from jiuye.engine.rules.values import LARGEST

if TYPE_CHECKING:
    from jiuye.engine.rules.pack import Pack

MOST = 10**37  # rounding doubles a number before it divides: 2 × 10^37 is still below 2^127
MOST_MEMBERS = 10**6  # of one to-many relation
MOST_DAYS = 4 * 10**6  # between the first and the last day of the calendar; months and years are fewer


def check_magnitudes(pack: Pack, problems: Problems) -> None:
    """Report the first operation of each expression whose result may be too large."""
    known: dict[tuple[str, str], int] = {}
    for key, derived in pack.derived.items():  # each needs only earlier ones
        known[key] = max(_check(node, known, problems) for _, node in derived.value.versions)
    for policy in pack.policies.values():
        for dated in [clause.test for clause in policy.clauses] + ([policy.amount] if policy.amount else []):
            for _, node in dated.versions:
                _check(node, known, problems)


class Magnitudes:
    """The greatest absolute value that a number can have, from those of the facts: no more than that is promised of `known`.

    Used where numbers are computed in the narrowest type that holds them. The data may lie outside a fact's `min` and `max`,
    which is noticed and not refused, so the facts' own bounds are measured on the data.
    """

    def __init__(self, known: dict[tuple[str, str], int]) -> None:
        self.known = known
        self._found: dict[
            int, tuple[Node, int]
        ] = {}  # by identity; the node is kept, so that it stays itself

    def most(self, node: Node) -> int:
        """Of the node's own value; 0 where it is no number."""
        if id(node) not in self._found:
            below = [self.most(child) for child in node.children]
            self._found[id(node)] = (node, own_bound(node, below, self.known))
        return self._found[id(node)][1]


class _TooLarge(Exception):
    """Carries the node whose result may be too large."""

    def __init__(self, node: Node) -> None:
        super().__init__(node.text)
        self.node = node


def _check(node: Node, known: dict[tuple[str, str], int], problems: Problems) -> int:
    try:
        return _most(node, known)
    except _TooLarge as found:
        problems.add(
            found.node.place,
            "too-large",
            zh="这里的结果可能大到无法精确计算（超过 10^37）。请先取整，或给事实写上 min 和 max。",
            en="the result here may be too large to be exact (above 10^37); round first, or give the facts `min` and `max`.",
        )
        return LARGEST


def _most(node: Node, known: dict[tuple[str, str], int]) -> int:
    """The greatest absolute value that the node can have; 0 where it is no number."""
    below = [_most(child, known) for child in node.children]
    found = own_bound(node, below, known)
    if found > MOST:
        raise _TooLarge(node)
    return found


def own_bound(node: Node, below: list[int], known: dict[tuple[str, str], int]) -> int:
    """The greatest absolute value of one operation over operands that are at most `below`."""
    if not node.type.numeric:
        return 0
    if isinstance(node, Constant):
        return abs(int(node.value))
    if isinstance(node, Read):
        low, high = node.fact.low, node.fact.high
        recorded = max(abs(low), abs(high)) if low is not None and high is not None else LARGEST
        return known.get((node.fact.entity, node.fact.name), recorded)
    if isinstance(node, Lookup):
        return _greatest(node.parameter)
    if isinstance(node, Arithmetic):
        return below[0] * below[1] if node.op == "*" else below[0] + below[1]
    if isinstance(node, Scaled):
        return below[0] * node.factor
    if isinstance(node, Rounded):
        return (below[0] // node.divisor + 1) * node.unit
    if isinstance(node, FloorDivide):
        return below[0] + 1
    if isinstance(node, Choice):
        return max(below[1], below[2])
    if isinstance(node, Extreme):
        return max(below)
    if isinstance(node, Marginal):
        return below[0] * max(1, _greatest(node.scale))
    if isinstance(node, Aggregate):
        return {"count": MOST_MEMBERS, "sum": MOST_MEMBERS * (below[0] if below else 1)}.get(
            node.which, max(below, default=0)
        )
    assert isinstance(node, DateCall), node
    return MOST_DAYS


def _greatest(parameter: Parameter) -> int:
    """The greatest absolute value of a table; of a scale, the sum of its rates, since a negative amount has none."""
    found = [0]
    for entry in parameter.all_entries():
        if parameter.type.kind == "scale" and entry.value is not None:
            found.append(sum(abs(rate) for _, rate in entry.value))
        elif entry.value is not None:
            found.append(abs(entry.value))
    return max(found)
