"""Reading facts: rows for a few subjects, Parquet files for everyone."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
from django.db import connection

from jiuye.engine.registers import Register, load_registers
from jiuye.engine.rules.pack import Pack
from jiuye.engine.rules.policies import Policy
from jiuye.engine.rules.rows import Row
from jiuye.engine.rules.tree import Aggregate, Read, walk
from jiuye.engine.rules.types import Type
from jiuye.engine.rules.values import parse_value
from jiuye.engine.rules.vocabulary import Fact
from jiuye.office.entitlements.facts.prepared import fetch
from jiuye.office.entitlements.facts.registers import register_binding, register_expression
from jiuye.office.entitlements.facts.sources import FactSource, quote
from jiuye.office.entitlements.facts.tables import sources_of
from jiuye.office.entitlements.models import Answer

_COUNTY = re.compile(r"\{county:([\w.]+)\}")
Links = dict[int, dict[str, Any]]  # by key: where each to-one relation of the row leads
SQL_TYPES = {"boolean": "BOOLEAN", "number": "BIGINT", "money": "BIGINT", "date": "DATE", "month": "DATE"}


@dataclass(frozen=True, slots=True)
class Needs:
    """What a pack's policies read: facts, to-one relations and to-many relations, each as (entity, name).

    `registers` are those of other departments that the pack's facts may be bound to, `sources` those of its entities that our
    records hold.
    """

    facts: frozenset[tuple[str, str]]
    ones: frozenset[tuple[str, str]]
    manies: frozenset[tuple[str, str]]
    registers: Mapping[str, Register]
    sources: Mapping[str, FactSource]


def needs_of(pack: Pack, policies: Iterable[Policy] | None = None) -> Needs:
    """What these policies (by default all) read. Worked out once a pack: it walks every expression."""
    chosen = list(pack.policies.values()) if policies is None else list(policies)
    ones, manies = _relations(pack, chosen)
    registers, _ = load_registers(pack.folder / "registers.yaml")
    return Needs(
        frozenset(_wanted(pack, chosen)), frozenset(ones), frozenset(manies), registers, sources_of(pack)
    )


class FactReader:
    """Reads the facts that a pack's policies need, as of one day. `counties` maps 6-digit codes to the pack's keys."""

    def __init__(self, pack: Pack, on: date, counties: dict[str, str], needs: Needs) -> None:
        self.pack, self.on, self.counties = pack, on, counties
        self.wanted, self.ones, self.manies = needs.facts, needs.ones, needs.manies
        self.registers, self.sources = needs.registers, needs.sources
        self._selected: dict[tuple[str, str], tuple[str, list[str]]] = {}

    def facts(self, entity: str) -> list[Fact]:
        """The recorded facts of an entity that some policy reads, in a fixed order."""
        facts = self.pack.vocabulary.entities[entity].facts.values()
        return [
            fact for fact in facts
            if (entity, fact.name) in self.wanted and (entity, fact.name) not in self.pack.derived
        ]  # fmt: skip

    def select(self, entity: str, where: str = "") -> tuple[str, list[str]]:
        """(SQL, column names): `id`, `<relation>_id` …, then the facts. A fact without a binding is NULL."""
        found = self._selected.get((entity, where))
        if found is None:
            found = self._selected[entity, where] = self._select(entity, where)
        return found

    def _select(self, entity: str, where: str) -> tuple[str, list[str]]:
        text, names = self.template(entity, where)
        return self.filled(text), names

    def template(self, entity: str, where: str = "") -> tuple[str, list[str]]:
        """The same with {on}, {month} and the counties not yet written in."""
        source = self.sources[entity]
        where = " AND ".join(part for part in (source.where, where) if part)
        names, expressions = ["id"], [source.key]
        for relation, expression in source.relations.items():
            if (entity, relation) in self.ones or (entity, relation) in self.manies:
                names.append(f"{relation}_id")
                expressions.append(expression)
        for fact in self.facts(entity):
            names.append(fact.name)
            expressions.append(f"({self.expression(entity, fact)})::{_postgres_type(fact.type)}")
        joins = source.joins([*expressions, where])
        columns = ", ".join(
            f'{expression} AS "{name}"' for name, expression in zip(names, expressions, strict=True)
        )
        text = f"SELECT {columns} FROM {source.table} {' '.join(joins)}{' WHERE ' + where if where else ''}"
        return text, names

    def expression(self, entity: str, fact: Fact) -> str:
        """The SQL of one fact; NULL where nothing holds it."""
        if not fact.binding:
            return "NULL"
        if (binding := register_binding(fact.binding)) is not None:
            return register_expression(binding, fact.type, self.pack.vocabulary.enums, self.registers)
        return self.sources[entity].expression(fact.binding)

    def filled(self, text: str) -> str:
        """The text with the day, its month and the counties written in."""
        county = "CASE left({}, 6) " + " ".join(
            f"WHEN {quote(code)} THEN {quote(key)}" for code, key in self.counties.items()
        )
        text = _COUNTY.sub(
            lambda match: f"({county.format(match.group(1))} END)" if self.counties else "NULL", text
        )
        month = self.on.replace(day=1)
        return text.replace("{on}", f"DATE '{self.on}'").replace("{month}", f"DATE '{month}'")

    # --- a few subjects

    def rows(self, entity: str, keys: Iterable[int]) -> dict[int, Row]:
        """Rows by key, with the related rows that policies read. Answers fill what no register knows."""
        return self._rows(entity, sorted(set(keys)), frozenset())[0]

    def _rows(
        self, entity: str, keys: list[int], above: frozenset[str], *, via: str = ""
    ) -> tuple[dict[int, Row], Links]:
        """Rows by key and where their to-one relations lead, in the order of keys; of those keys, or that lead to them by `via`."""
        source = self.sources[entity]
        column = source.members[via] if via else source.key
        # The texts hold no other percent sign than the placeholder of the keys.
        sql, names = self.select(entity, f"{column} = ANY(%s)")
        answered = (
            f"SELECT json_object_agg(a.fact, a.value) FROM entitlements_answer a "
            f"WHERE a.entity = {quote(entity)} AND a.subject_key = f.id::text"
        )
        records = fetch(f"SELECT f.*, ({answered}) FROM ({sql}) f ORDER BY f.id", keys) if keys else []
        kinds = {fact.name: fact.type for fact in self.facts(entity)}
        found: dict[int, Row] = {}
        links: Links = {}
        for *record, answers in records:
            values = dict(zip(names, record, strict=True))
            key = values.pop("id")
            links[key] = {
                name.removesuffix("_id"): values.pop(name) for name in names[1:] if name not in kinds
            }
            found[key] = Row(
                entity,
                {name: _month(value, kinds[name]) for name, value in values.items() if value is not None},
            )
            for name, text in (answers or {}).items():
                # What somebody declared stands where the register is silent.
                if name in kinds and name not in found[key].values:
                    found[key].values[name] = parse_value(text, kinds[name], self.pack.vocabulary.enums)
        if found:
            self._follow(entity, found, links, above)
        return found, links

    def _follow(self, entity: str, found: dict[int, Row], links: Links, above: frozenset[str]) -> None:
        """Attach related rows: each relation one query for all subjects together."""
        here = self.pack.vocabulary.entities[entity]
        for relation in here.relations.values():
            path = f"{entity}.{relation.name}"
            if path in above or relation.to not in self.sources:
                continue
            if relation.many and (entity, relation.name) in self.manies:
                self._attach_many(relation.name, relation.to, relation.via, found, above | {path})
            elif not relation.many and (entity, relation.name) in self.ones:
                keys = {link[relation.name] for link in links.values() if link.get(relation.name) is not None}
                others, _ = self._rows(relation.to, sorted(keys), above | {path})
                for key, row in found.items():
                    row.ones[relation.name] = others.get(links[key].get(relation.name, -1))

    def _attach_many(
        self, name: str, to: str, via: str, found: dict[int, Row], above: frozenset[str]
    ) -> None:
        members, links = self._rows(to, sorted(found), above, via=via)
        for row in found.values():
            row.many[name] = []
        for key, member in members.items():
            found[links[key][via]].many[name].append(member)

    # --- everyone

    def write_columns(self, folder: Path, progress: Callable[[str], None] = lambda name: None) -> None:
        """One Parquet file an entity that policies reach, by COPY; then answers fill the holes."""
        folder.mkdir(parents=True, exist_ok=True)
        for entity in sorted(self.entities()):
            progress(entity)
            self.write_entity(entity, folder / f"{entity}.parquet")

    def write_entity(self, entity: str, target: Path, keys: Iterable[int] | None = None) -> int:
        """One entity's file, of these subjects only where they are given; the number of rows."""
        where = ""
        if keys is not None:
            listed = ",".join(str(int(key)) for key in keys)
            where = f"{self.sources[entity].key} = ANY('{{{listed}}}'::bigint[])"
        sql, names = self.select(entity, where)
        text = target.with_suffix(".csv")
        connection.ensure_connection()
        with (
            connection.cursor() as cursor,
            text.open("wb") as file,
            cursor.copy(f"COPY ({sql}) TO STDOUT (FORMAT csv)") as copy,
        ):
            os.chmod(text, 0o600)
            for block in copy:
                file.write(block)
        count = self._to_parquet(entity, text, names, target)
        text.unlink()
        return count

    def entities(self) -> set[str]:
        """Entities that some policy is counted by or reaches, and that our records hold."""
        reached = {policy.entity for policy in self.pack.policies.values()} | {
            entity for entity, _ in self.wanted
        }
        vocabulary = self.pack.vocabulary.entities
        for entity, name in self.ones | self.manies:
            reached.add(vocabulary[entity].relations[name].to)
        return reached & set(self.sources)

    def _to_parquet(self, entity: str, text: Path, names: list[str], target: Path) -> int:
        facts = {fact.name: fact for fact in self.facts(entity)}
        types = {name: _duckdb_type(facts[name].type) if name in facts else "BIGINT" for name in names}
        columns = ", ".join(f"{quote(name)}: {quote(kind)}" for name, kind in types.items())
        answers: dict[str, list[tuple[int, str]]] = {}
        for answer in Answer.objects.filter(entity=entity).order_by("pk"):
            if answer.fact in facts:
                answers.setdefault(answer.fact, []).append((int(answer.subject_key), answer.value))
        with duckdb.connect() as duck:
            selected, joins = [], []
            for name, kind in types.items():
                if name not in answers:
                    selected.append(f's."{name}"')
                    continue
                duck.execute(f'CREATE TEMP TABLE "a_{name}" (key BIGINT, value {kind})')
                parsed = [
                    (
                        key,
                        _plain(
                            parse_value(value, facts[name].type, self.pack.vocabulary.enums), facts[name].type
                        ),
                    )
                    for key, value in answers[name]
                ]
                duck.executemany(f'INSERT INTO "a_{name}" VALUES (?, ?)', parsed)
                joins.append(f'LEFT JOIN "a_{name}" ON "a_{name}".key = s.id')
                selected.append(f'coalesce(s."{name}", "a_{name}".value) AS "{name}"')
            row = duck.execute(
                f"COPY (SELECT {', '.join(selected)} FROM read_csv({quote(str(text))}, header=false, auto_detect=false, "
                f"nullstr='', delim=',', quote='\"', escape='\"', columns={{{columns}}}) s {' '.join(joins)}) "
                f"TO {quote(str(target))} (FORMAT parquet)"
            ).fetchone()
        assert row is not None
        return int(row[0])


def _wanted(pack: Pack, policies: Iterable[Policy]) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for policy in policies:
        for dated in pack.expressions(policy):
            for _, node in dated.versions:
                found |= pack.reads(node)
    return found


def _relations(pack: Pack, policies: Iterable[Policy]) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """(to-one relations, to-many relations) that expressions go over or that lead to a recipient."""
    ones: set[tuple[str, str]] = set()
    manies: set[tuple[str, str]] = set()
    for policy in policies:
        if policy.recipient:
            ones.add((policy.entity, policy.recipient))
        for dated in pack.expressions(policy):
            for _, node in dated.versions:
                for part in walk(node):
                    if isinstance(part, (Read, Aggregate)):
                        ones |= {(hop.entity, hop.name) for hop in part.hops}
                    if isinstance(part, Aggregate):
                        manies.add((part.relation.entity, part.relation.name))
                        ones.add((part.relation.to, part.relation.via))
    return ones, manies


def _postgres_type(of: Type) -> str:
    if of.kind == "number" and of.scale:
        return f"numeric(38,{of.scale})"
    return {"boolean": "boolean", "number": "bigint", "money": "bigint", "date": "date", "month": "date"}.get(
        of.kind, "text"
    )


def _duckdb_type(of: Type) -> str:
    if of.kind == "number" and of.scale:
        return f"DECIMAL(38,{of.scale})"
    return SQL_TYPES.get(of.kind, "VARCHAR")


def _month(value: Any, of: Type) -> Any:
    """Months are held as an index inside the engine, ratios as scaled integers."""
    if of.kind == "month":
        return value.year * 12 + value.month - 1
    if of.kind == "number" and of.scale:
        return int(value.scaleb(of.scale))
    return value


def _plain(value: Any, of: Type) -> Any:
    """An engine value as DuckDB takes it."""
    if of.kind == "month":
        return date(value // 12, value % 12 + 1, 1)
    return value
