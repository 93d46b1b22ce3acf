"""Random and boundary populations for any pack: every constant and parameter of the pack, one step below, at, above."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from jiuye.engine.basis.dates import add_months
from jiuye.engine.rules.pack import Pack
from jiuye.engine.rules.rows import Row
from jiuye.engine.rules.tree import Constant, Lookup, Node, walk
from jiuye.engine.rules.types import Type
from jiuye.engine.rules.vocabulary import Entity, Fact

ODD_DAYS = [date(2000, 2, 29), date(2004, 2, 28), date(1999, 12, 31), date(2001, 1, 1), date(2003, 8, 31)]


def all_nodes(pack: Pack) -> Iterator[Node]:
    """Every node of every expression of the pack."""
    expressions = [derived.value for derived in pack.derived.values()]
    for policy in pack.policies.values():
        expressions += [clause.test for clause in policy.clauses] + ([policy.amount] if policy.amount else [])
    for dated in expressions:
        for _, node in dated.versions:
            yield from walk(node)


class Population:
    """`size` subjects of each entity, related at random, with holes; the same seed gives the same city."""

    def __init__(self, pack: Pack, on: date, size: int, seed: int) -> None:
        self.pack, self.on, self.size = pack, on, size
        self.random = random.Random(seed)
        self.pools = self._pools()
        self.rows: dict[str, list[Row]] = {}
        self.links: dict[tuple[str, str], list[int | None]] = {}
        for entity in pack.vocabulary.entities.values():
            self.rows[entity.name] = [self._row(entity) for _ in range(size)]
        for entity in pack.vocabulary.entities.values():
            self._relate(entity)

    def _pools(self) -> dict[str, list[int]]:
        """Whole numbers worth trying, by kind: constants and parameters of the pack with their neighbours."""
        pools: dict[str, set[int]] = {
            "number": {0, 1, 2},
            "money": {0, 1, 100, 5_000_000_001},
            "months": {0, 1, 12, 24},
        }
        for node in all_nodes(self.pack):
            values: list[Any] = []
            if isinstance(node, Constant):
                values = [node.value]
            elif isinstance(node, Lookup):
                values = [entry.value for entry in node.parameter.all_entries() if entry.value is not None]
                for key in node.parameter.entries:
                    values += [part for part in key if isinstance(part, int)]
            for value in values:
                if type(value) is not int:
                    continue
                kind = "money" if node.type.kind == "money" else "number"
                pools[kind] |= {value - 1, value, value + 1}
                if kind == "number" and 0 < value < 1500:
                    pools["months"] |= {value, value * 12}
        return {kind: sorted(values) for kind, values in pools.items()}

    def _row(self, entity: Entity) -> Row:
        row = Row(entity.name)
        for fact in entity.facts.values():
            if (entity.name, fact.name) in self.pack.derived or self.random.random() < 0.08:
                continue
            row.values[fact.name] = self._value(fact)
        return row

    def _value(self, fact: Fact) -> Any:
        pick, of = self.random, fact.type
        if of.kind == "boolean":
            return pick.random() < 0.5
        if of.kind == "enum":
            return pick.choice(list(self.pack.vocabulary.enums[of.enum]))
        if of.kind == "text":
            return pick.choice(["", "甲", "𠮷"])
        if of.kind == "date":
            return self._date()
        if of.kind == "month":
            day = self._date()
            return day.year * 12 + day.month - 1
        value = pick.choice(self.pools["money" if of.kind == "money" else "number"])
        if pick.random() < 0.3:
            value = pick.randrange(0, 10**6 if of.kind == "money" else 400)
        low = fact.low if fact.low is not None else -(10**12)
        return max(low, min(value, fact.high if fact.high is not None else 10**12))

    def _date(self) -> date:
        if self.random.random() < 0.2:
            return self.random.choice(ODD_DAYS)
        if self.random.random() < 0.3:
            return self.on + timedelta(days=self.random.randint(-900, 400))
        months = self.random.choice(self.pools["months"])
        return add_months(self.on, -min(months, 1400)) + timedelta(
            days=self.random.choice([-31, -1, 0, 1, 30])
        )

    def _relate(self, entity: Entity) -> None:
        for relation in entity.relations.values():
            if relation.many:
                continue
            targets = self.rows[relation.to]
            links: list[int | None] = []
            for row in self.rows[entity.name]:
                number = None if self.random.random() < 0.1 else self.random.randrange(len(targets))
                links.append(number)
                row.ones[relation.name] = targets[number] if number is not None else None
            self.links[entity.name, relation.name] = links
        for other in self.pack.vocabulary.entities.values():
            for relation in other.relations.values():
                if relation.many and relation.to == entity.name:
                    self._list_members(other, relation.name, relation.to, relation.via)

    def _list_members(self, owner: Entity, name: str, to: str, via: str) -> None:
        for row in self.rows[owner.name]:
            row.many[name] = []
        for number, target in zip(self.links.get((to, via), []), self.rows[to], strict=False):
            if number is not None:
                self.rows[owner.name][number].many[name].append(target)

    def write(self, folder: Path) -> None:
        """One Parquet file an entity, as the sweep reads them."""
        folder.mkdir(parents=True, exist_ok=True)
        for entity in self.pack.vocabulary.entities.values():
            columns: dict[str, pa.Array] = {"id": pa.array(range(self.size), pa.int64())}
            for fact in entity.facts.values():
                if (entity.name, fact.name) not in self.pack.derived:
                    values = [row.values.get(fact.name) for row in self.rows[entity.name]]
                    columns[fact.name] = column_of(values, fact.type)
            for relation in entity.relations.values():
                if not relation.many:
                    links = self.links[entity.name, relation.name]
                    columns[f"{relation.name}_id"] = pa.array(links, pa.int64())
            pq.write_table(pa.table(columns), folder / f"{entity.name}.parquet")


def column_of(values: list[Any], of: Type) -> pa.Array:
    if of.kind == "boolean":
        return pa.array(values, pa.bool_())
    if of.kind == "date":
        return pa.array(values, pa.date32())
    if of.kind == "month":
        return pa.array([None if v is None else date(v // 12, v % 12 + 1, 1) for v in values], pa.date32())
    if of.kind == "number" and of.scale:
        from decimal import Decimal

        scaled = [None if v is None else Decimal(v).scaleb(-of.scale) for v in values]
        return pa.array(scaled, pa.decimal128(30, of.scale))
    if of.numeric:
        return pa.array(values, pa.int64())
    return pa.array(values, pa.string())
