"""What single facts are today for somebody, recorded or derived: for bounds of a form, and for looking again at what was granted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from jiuye.engine.basis.dates import period_of
from jiuye.engine.rules.closures import Decision, entry_value
from jiuye.engine.rules.rows import Row
from jiuye.engine.rules.vocabulary import Fact
from jiuye.office.entitlements.facts.reading import FactReader
from jiuye.office.entitlements.rulebook import Rulebook, rulebook
from jiuye.office.staff.rows import unscoped


@dataclass(frozen=True, slots=True)
class FactNow:
    """One fact and its value: None where it cannot be told."""

    path: str
    fact: Fact
    value: Any


@unscoped("rules read households, employers and hires beyond a county's border")
def row_now(*, entity: str, key: int, paths: Iterable[str], on: date) -> Row | None:
    """One subject as policies read it, with the facts of `paths` besides: read once where a page asks several questions of it. None
    where it is not on record."""
    return _reader(rulebook(), entity, list(paths), on).rows(entity, [key]).get(key)


@unscoped("rules read households, employers and hires beyond a county's border")
def values_now(
    *, entity: str, keys: Iterable[int], paths: Iterable[str], on: date
) -> dict[int, dict[str, FactNow]]:
    """The facts of `paths` (`fact`, or `relation.fact` over a to-one relation) by subject; only subjects on record are in it."""
    wanted = list(paths)
    rows = _reader(rulebook(), entity, wanted, on).rows(entity, keys)
    return values_of(rows, entity=entity, paths=wanted, on=on)


def values_of(
    rows: Mapping[int, Row], *, entity: str, paths: Iterable[str], on: date
) -> dict[int, dict[str, FactNow]]:
    """The same of rows that were read with these paths."""
    book, wanted = rulebook(), list(paths)
    decision = Decision(on, period_of("once", on))
    return {
        key: {
            path: FactNow(path, _fact(book, entity, path), _value(book, row, path, decision))
            for path in wanted
        }
        for key, row in rows.items()
    }


def own_values_now(*, entity: str, key: int, names: Iterable[str], on: date) -> dict[str, FactNow]:
    """One subject's own facts, recorded or derived, in one reading; relations are followed only where a derived one reads beyond the
    subject. Nothing where the subject is not on record.
    """
    book, wanted = rulebook(), list(names)
    facts = facts_behind(book, entity, wanted)
    needs = replace(book.needs, facts=frozenset(facts))
    if all(of == entity for of, _ in facts):
        needs = replace(needs, ones=frozenset(), manies=frozenset())
    rows = FactReader(book.pack, on, book.counties, needs).rows(entity, [key] if wanted else [])
    return values_of(rows, entity=entity, paths=wanted, on=on).get(key, {})


def parameter_now(name: str, *, on: date) -> Any:
    """What a shared parameter without an axis is on that day; None where no rule is on file. Raises KeyError."""
    return entry_value(rulebook().pack.parameters[name], on, ())


def is_parameter(name: str) -> bool:
    """True where the pack has a shared parameter of that name."""
    return name in rulebook().pack.parameters


def _fact(book: Rulebook, entity: str, path: str) -> Fact:
    *relations, name = path.split(".")
    for relation in relations:
        entity = book.pack.vocabulary.entities[entity].relations[relation].to
    return book.pack.vocabulary.entities[entity].facts[name]


def _reader(book: Rulebook, entity: str, paths: list[str], on: date) -> FactReader:
    """The day's reader where policies read all of it anyway, as they nearly always do; else one that reads more."""
    more = facts_behind(book, entity, paths)
    if more <= book.needs.facts:
        return book.reader(on)
    return FactReader(book.pack, on, book.counties, replace(book.needs, facts=book.needs.facts | more))


def facts_behind(book: Rulebook, entity: str, paths: Iterable[str]) -> set[tuple[str, str]]:
    """These facts, and what those of them that are derived read."""
    found: set[tuple[str, str]] = set()
    for path in paths:
        fact = _fact(book, entity, path)
        found.add((fact.entity, fact.name))
        if (derived := book.pack.derived.get((fact.entity, fact.name))) is not None:
            for _, node in derived.value.versions:
                found |= book.pack.reads(node)
    return found


def _value(book: Rulebook, row: Row, path: str, decision: Decision) -> Any:
    *relations, name = path.split(".")
    here: Row | None = row
    for relation in relations:
        here = here.ones.get(relation) if here is not None else None
    if here is None:
        return None
    key = (here.entity, name)
    if key in book.pack.derived:
        return book.decider.compiler.derived_fact(key)(here, decision)
    return here.values.get(name)
