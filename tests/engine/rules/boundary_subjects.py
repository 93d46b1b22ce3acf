"""Subjects on both sides of every comparison of a pack, all standing on one day: what the evaluators are held to each other by.

Each begins from a row of one of the pack's own cases. One fact of it (or of something it is related to, or of somebody in one of its lists)
is moved until the comparison turns, by bisection with the closures that decide: one subject just before the turn, one just after it,
and where numbers are compared one more on the side on which both are equal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from jiuye.engine.basis.dates import Interval, period_of
from jiuye.engine.basis.problems import Problems
from jiuye.engine.rules.boundaries import Steps, turning
from jiuye.engine.rules.checks_tables import spans_of
from jiuye.engine.rules.closures import Closure, Decision
from jiuye.engine.rules.decide import Decider
from jiuye.engine.rules.equivalence import never_known, range_of
from jiuye.engine.rules.mutants import own_expressions
from jiuye.engine.rules.pack import Pack, in_force
from jiuye.engine.rules.rows import Row, read_row
from jiuye.engine.rules.tree import Aggregate, Compare, Dated, Node, Read
from jiuye.engine.rules.vocabulary import Fact
from tests.engine.rules.populations import column_of
from tests.engine.rules.world import everyone

MOST_ROWS = 60  # of the cases' rows that are tried for one comparison
Follow = Callable[[Row], Row | None]  # from the row that is compared to the one whose fact is moved


@dataclass(frozen=True)
class Comparison:
    """One comparison as it stands in a file, with the entity whose rows it is asked of."""

    owner: str
    entity: str
    period: str
    node: Compare

    def __str__(self) -> str:
        place = self.node.place
        return f"{'/'.join(place.file.split('/')[-2:])}:{place.line}:{place.column} {self.node.text}"


def comparisons(pack: Pack, on: date | None = None) -> list[Comparison]:
    """Every comparison that the pack makes on a day: of conditions and amounts in force, and of derived facts, inside lists too.

    Without a day, those of every version that some day is in force.
    """
    found = []
    for policy in pack.policies.values():
        for dated in own_expressions(policy) if on is None or in_force(policy, on) else ():
            for node in _versions(dated, policy.in_force, on):
                found += _inside(node, policy.id, policy.entity, policy.period)
    for (entity, name), derived in pack.derived.items():
        for node in _versions(derived.value, Interval(), on):
            found += _inside(node, f"{entity}.{name}", entity, "once")
    return found


def _versions(dated: Dated, when: Interval, on: date | None) -> list[Node]:
    return [node for node, span in spans_of(dated, when) if on is None or on in span]


def _inside(node: Node, owner: str, entity: str, period: str) -> list[Comparison]:
    here = [Comparison(owner, entity, period, node)] if isinstance(node, Compare) else []
    inner = node.relation.to if isinstance(node, Aggregate) else entity
    return here + [item for child in node.children for item in _inside(child, owner, inner, period)]


class BoundarySubjects:
    """The subjects of one day. `rows` holds them and all that they are related to, by entity."""

    def __init__(self, pack: Pack, on: date) -> None:
        self.pack, self.on = pack, on
        self.compiler = Decider(pack).compiler
        self._closures: dict[int, Closure] = {}
        self.base = self._base()
        self.rows: dict[str, list[Row]] = {name: [] for name in pack.vocabulary.entities}
        self.comparisons = comparisons(pack, on)
        for comparison in self.comparisons:
            self._turn(comparison)
        self._relate()

    def _base(self) -> dict[str, list[Row]]:
        """Every row that the pack's cases speak of, by entity."""
        found: dict[str, list[Row]] = {name: [] for name in self.pack.vocabulary.entities}
        seen: dict[int, Row] = {}
        owners = [(policy.entity, policy.cases) for policy in self.pack.policies.values()]
        owners += [(key[0], derived.cases) for key, derived in self.pack.derived.items()]
        for entity, cases in owners:
            for case in cases:
                for row in everyone(read_row(case.facts, entity, self.pack.vocabulary, Problems()), seen):
                    found[row.entity].append(row)
        return found

    def sides(self, comparison: Comparison) -> set[bool | None]:
        """What the comparison says of the subjects: yes, no, unknown."""
        decision = Decision(self.on, period_of(comparison.period, self.on))
        closure = self._closure(comparison.node)
        return {closure(row, decision) for row in self.rows[comparison.entity]}

    def _turn(self, comparison: Comparison) -> None:
        """Keep subjects on either side, from the first fact and the first row with which it turns."""
        node = comparison.node
        period = period_of(comparison.period, self.on)
        for fact, follow in self._leaves(node, lambda row: row):
            tried = 0
            for row in self.base[comparison.entity]:
                owner = follow(row)
                if owner is None or owner.values.get(fact.name) is None:
                    continue
                tried += 1
                if tried > MOST_ROWS:
                    break
                values = self._values(node, row, owner, fact, period)
                for value in values:
                    self._keep(row, owner, fact, value)
                if values:
                    return

    def _leaves(self, node: Node, follow: Follow) -> Iterator[tuple[Fact, Follow]]:
        """The facts that a comparison rests on, recorded ones first, through derived facts and into lists."""
        later: list[tuple[Fact, Follow]] = []
        for part in _parts(node):
            if isinstance(part, Aggregate) and part.body is not None:
                yield from self._leaves(part.body, _first_of(follow, part))
            if not isinstance(part, Read):
                continue
            there = _along(follow, part)
            derived = self.pack.derived.get((part.fact.entity, part.fact.name))
            version = derived.value.at(self.on) if derived is not None else None
            if derived is None:
                yield part.fact, there
                continue
            if version is not None:
                yield from self._leaves(version, there)
            later.append((part.fact, there))
        yield from later

    def _values(self, node: Compare, row: Row, owner: Row, fact: Fact, period: Interval) -> list[Any]:
        kept = owner.values[fact.name]
        closure = self._closure(node)

        def holds(value: Any) -> bool | None:
            owner.values[fact.name] = value
            return closure(row, Decision(self.on, period))  # type: ignore[no-any-return]

        try:
            if fact.type.kind in ("boolean", "enum"):
                options = (
                    [True, False]
                    if fact.type.kind == "boolean"
                    else list(self.pack.vocabulary.enums[fact.type.enum])
                )
                sides = [[value for value in options if holds(value) is side] for side in (True, False)]
                return [*sides[0][:1], *sides[1][:1]] if all(sides) else []
            if not fact.type.ordered:
                return []
            steps = Steps(fact)
            here = steps.number(kept)
            found: set[int] = set()
            for direction in (-1, 1):
                pair = turning(here, direction, lambda number: holds(steps.value(number)), steps)
                found |= {number for one in pair or () for number in (one - 1, one, one + 1)}
            return [steps.value(number) for number in sorted(found) if steps.low <= number <= steps.high]
        finally:
            owner.values[fact.name] = kept

    def _closure(self, node: Node) -> Closure:
        if id(node) not in self._closures:
            self._closures[id(node)] = self.compiler.node(node)
        return self._closures[id(node)]

    def _keep(self, row: Row, owner: Row, fact: Fact, value: Any) -> None:
        """A copy of the row, and of all it is related to, with the fact moved."""
        copies: dict[int, Row] = {}
        for other in everyone(row, {}):
            copies[id(other)] = Row(other.entity, dict(other.values))
        for other in everyone(row, {}):
            copy = copies[id(other)]
            copy.ones = {
                name: copies[id(one)] if one is not None else None for name, one in other.ones.items()
            }
        copies[id(owner)].values[fact.name] = value
        for copy in copies.values():
            self.rows[copy.entity].append(copy)

    def _relate(self) -> None:
        """Make every list what the sweep's files say: all whose relation points back, so that none is unlisted."""
        for entity in self.pack.vocabulary.entities.values():
            for relation in entity.relations.values():
                if relation.many:
                    for row in self.rows[entity.name]:
                        row.many[relation.name] = []
        for entity in self.pack.vocabulary.entities.values():
            for relation in entity.relations.values():
                for row in self.rows[relation.to] if relation.many else ():
                    owner = row.ones.get(relation.via)
                    if owner is not None:
                        owner.many[relation.name].append(row)

    def write(self, folder: Path) -> None:
        """One Parquet file an entity, as the sweep reads them; a derived fact that a case sets is a column, with holes."""
        folder.mkdir(parents=True, exist_ok=True)
        index = {id(row): number for rows in self.rows.values() for number, row in enumerate(rows)}
        for entity in self.pack.vocabulary.entities.values():
            rows = self.rows[entity.name]
            columns: dict[str, pa.Array] = {"id": pa.array(range(len(rows)), pa.int64())}
            for fact in entity.facts.values():
                values = [row.values.get(fact.name) for row in rows]
                if (entity.name, fact.name) not in self.pack.derived or any(
                    value is not None for value in values
                ):
                    columns[fact.name] = column_of(values, fact.type)
            for relation in entity.relations.values():
                if not relation.many:
                    others = [row.ones.get(relation.name) for row in rows]
                    links = [index[id(other)] if other is not None else None for other in others]
                    columns[f"{relation.name}_id"] = pa.array(links, pa.int64())
            pq.write_table(pa.table(columns), folder / f"{entity.name}.parquet")


def why_one_sided(pack: Pack, comparison: Comparison) -> str:
    """The computed reason why a comparison cannot turn; empty where there is none, and a subject is owed."""
    node = comparison.node
    if never_known(node):
        return "没有查到的数：永远不能判定 / compared with what is on no document: never known"
    (low, high), (least, most) = range_of(node.left, pack), range_of(node.right, pack)
    if (low is not None and most is not None and low > most) or (
        high is not None and least is not None and high < least
    ):
        return "取值范围决定了答案 / the ranges of both sides decide it"
    return ""


def _parts(node: Node) -> Iterator[Node]:
    """The node and everything below it, bodies of lists left out."""
    yield node
    if not isinstance(node, Aggregate):
        for child in node.children:
            yield from _parts(child)


def _along(follow: Follow, read: Read) -> Follow:
    def go(row: Row) -> Row | None:
        found = follow(row)
        for hop in read.hops:
            found = found.ones.get(hop.name) if found is not None else None
        return found

    return go


def _first_of(follow: Follow, aggregate: Aggregate) -> Follow:
    """To the first member of a list; None where there is none."""

    def go(row: Row) -> Row | None:
        found = follow(row)
        for hop in aggregate.hops:
            found = found.ones.get(hop.name) if found is not None else None
        members = found.many.get(aggregate.relation.name) if found is not None else None
        return members[0] if members else None

    return go
