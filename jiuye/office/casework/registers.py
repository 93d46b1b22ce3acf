"""What registers say of a subject, answers of its own left out: only a register spares a paper or settles a cross-check."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from jiuye.engine.rules.vocabulary import Entity, Fact
from jiuye.office.entitlements.facts.prepared import fetch
from jiuye.office.entitlements.facts.reading import FactReader
from jiuye.office.entitlements.rulebook import rulebook
from jiuye.office.staff.rows import unscoped


@dataclass(frozen=True, slots=True)
class RegisterFact:
    """One fact as its register has it. `value` is empty where there is no record, `register` where nothing holds the fact."""

    label: str
    label_en: str
    register: str
    value: str  # yes, no, a date, a number, a member of an enum
    shown: str


@unscoped("a register answers for whomever the case is about, wherever its other records lie")
def register_facts(
    entity: str, subject_key: str, paths: Iterable[str], *, on: date
) -> dict[str, RegisterFact]:
    """The facts at `paths` (`fact`, or `relation.fact`) of one subject on that day, read in one query.

    A path that leads to no fact is left out: nothing knows it.
    """
    book = rulebook()
    entities = book.pack.vocabulary.entities
    found: dict[str, tuple[str, Fact]] = {}
    for path in paths:
        holder = _holder(entities, entity, path)
        if holder is not None:
            found[path] = holder
    relations = {path.rpartition(".")[0] for path in found} - {""}
    needs = replace(
        book.needs,
        facts=frozenset((holder, fact.name) for holder, fact in found.values()),
        ones=frozenset((entity, relation) for relation in relations),
        manies=frozenset(),
    )
    reader = FactReader(book.pack, on, book.counties, needs)
    own = _row(reader, entity, subject_key)
    rows = {"": own}
    for relation in sorted(relations):
        rows[relation] = _row(reader, entities[entity].relations[relation].to, own.get(f"{relation}_id"))
    return {
        path: _told(fact, rows[path.rpartition(".")[0]].get(fact.name), book.pack.vocabulary.enums)
        for path, (_, fact) in found.items()
    }


def _holder(entities: dict[str, Entity], entity: str, path: str) -> tuple[str, Fact] | None:
    """The entity that holds the fact at the end of a path, and the fact."""
    relation, _, name = path.rpartition(".")
    if entity not in entities or (relation and relation not in entities[entity].relations):
        return None
    holder = entities[entity].relations[relation].to if relation else entity
    fact = entities[holder].facts.get(name)
    return (holder, fact) if fact is not None else None


def _row(reader: FactReader, entity: str, key: Any) -> dict[str, Any]:
    if key is None or not str(key).isdecimal() or entity not in reader.sources:
        return {}
    sql, names = reader.select(entity, f"{reader.sources[entity].key} = ANY(%s)")
    records = fetch(sql, [int(key)])
    return dict(zip(names, records[0], strict=True)) if records else {}


def _told(fact: Fact, value: Any, enums: dict[str, dict[str, str]]) -> RegisterFact:
    register = fact.register if fact.binding else ""
    names = fact.label, fact.label_en or fact.label
    if value is None or not register:
        return RegisterFact(*names, register, "", "")
    if isinstance(value, bool):
        return RegisterFact(*names, register, "yes" if value else "no", "是" if value else "否")
    text = value.isoformat() if isinstance(value, date) else str(value)
    members = enums.get(getattr(fact.type, "enum", "") or "", {})
    return RegisterFact(*names, register, text, members.get(text, text))
