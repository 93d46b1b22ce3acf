"""The mutants of parameters: each dated value, and each day from which one holds, one step off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from jiuye.engine.basis.dates import Interval
from jiuye.engine.basis.documents import Mapping
from jiuye.engine.basis.problems import Place
from jiuye.engine.rules.mutants import Files, Mutant, Owner, moved_day, own_expressions, table_of
from jiuye.engine.rules.mutations import dated_neighbours, one_day, rebuilt
from jiuye.engine.rules.pack import Pack
from jiuye.engine.rules.parameters import Entry, Parameter
from jiuye.engine.rules.policies import Policy
from jiuye.engine.rules.tree import Dated, FloorDivide, Lookup, Marginal, Node, walk
from jiuye.engine.rules.values import show_value


def of_tables(pack: Pack, files: Files) -> Iterator[Mutant]:
    """Of every parameter of the pack: its values and its days."""
    readers = _readers(pack)
    values = _value_places(pack, files)
    for owner, table in _tables(pack):
        yield from _of_table(pack, owner, table, tuple(readers.get(id(table), ())), values)


def _tables(pack: Pack) -> Iterator[tuple[str, Parameter]]:
    """(whose it is, parameter), each once."""
    seen: set[int] = set()
    named: list[tuple[str, dict[str, Parameter]]] = [("", pack.parameters)]
    named += [(derived.file, derived.parameters) for derived in pack.derived.values()]
    named += [(policy.id, policy.parameters) for policy in pack.policies.values()]
    for owner, tables in named:
        for table in tables.values():
            if id(table) not in seen:
                seen.add(id(table))
                yield owner or "/".join(table.place.file.split("/")[-2:]), table


def _of_table(
    pack: Pack, owner: str, table: Parameter, readers: tuple[Owner, ...], values: dict[Place, Place]
) -> Iterator[Mutant]:
    for key, entries in table.entries.items():
        for number, entry in enumerate(entries):
            for changed, place, was, now, holds in _changes(pack, table, entries, number, values):
                apply = _with_entry(table, key, number, changed, readers)
                kind = "parameter" if changed.start == entry.start else "since"
                yield Mutant(
                    owner, kind, place, f"{table.name} {was}", now, readers, apply, when=(entries, holds)
                )


Change = tuple[Entry, Place, str, str, Interval]


def _changes(
    pack: Pack, table: Parameter, entries: list[Entry], number: int, values: dict[Place, Place]
) -> Iterator[Change]:
    """Of one row: (as changed, place, what stood there, what stands there now, the days on which it matters)."""
    entry = entries[number]
    starts = [other.start for other in entries]
    end = starts[number + 1] if number + 1 < len(starts) else None
    if entry.value is not None:
        members = pack.vocabulary.enums.get(table.type.enum)
        for value in dated_neighbours(entry.value, table.type.kind, members):
            place = values.get(entry.place, entry.place)
            was, now = _shown(entry.value, table, pack), _shown(value, table, pack)
            yield replace(entry, value=value), place, was, now, Interval(entry.start, end)
    if entry.value == (entries[number - 1].value if number else None):
        return  # what was there before says the same, or as little: no day is decided otherwise
    for day in one_day(entry.start):
        if day not in starts:
            was, now = entry.start.isoformat(), day.isoformat()
            yield replace(entry, start=day), entry.place, was, now, moved_day(entry.start, day)


def _shown(value: Any, table: Parameter, pack: Pack) -> str:
    return (
        str(value)
        if table.type.kind == "scale"
        else show_value(value, table.type, pack.vocabulary.enums, "en")
    )


def _readers(pack: Pack) -> dict[int, list[Owner]]:
    """By a table's identity: who reads it in an expression of their own."""
    expressions: list[tuple[Owner, list[Dated]]] = [(key, [item.value]) for key, item in pack.derived.items()]
    expressions += [(policy.id, own_expressions(policy)) for policy in pack.policies.values()]
    found: dict[int, list[Owner]] = {}
    for owner, own in expressions:
        for table in {
            id(table) for dated in own for _, node in dated.versions for table in _looked_into(node)
        }:
            found.setdefault(table, []).append(owner)
    return found


def _looked_into(node: Node) -> Iterator[Parameter]:
    return (table for part in walk(node) if (table := table_of(part)) is not None)


def _with_entry(
    table: Parameter, key: tuple[Any, ...], number: int, entry: Entry, readers: tuple[Owner, ...]
) -> Callable[[Pack], Pack | None]:
    def apply(pack: Pack) -> Pack | None:
        entries = list(table.entries[key])
        entries[number] = entry
        fresh = replace(table, entries={**table.entries, key: entries})
        derived, policies = dict(pack.derived), dict(pack.policies)
        for owner in readers:
            if isinstance(owner, str):
                policies[owner] = _policy_with(policies[owner], table, fresh)
            else:
                derived[owner] = replace(
                    derived[owner], value=_dated_with(derived[owner].value, table, fresh)
                )
            expressions = (
                own_expressions(policies[owner]) if isinstance(owner, str) else [derived[owner].value]
            )
            if entry.value == 0 and any(_divides(dated, fresh) for dated in expressions):
                return None  # what divides is never zero: the checker would say so
        shared = {name: fresh if item is table else item for name, item in pack.parameters.items()}
        return replace(pack, derived=derived, policies=policies, parameters=shared)

    return apply


def _divides(dated: Dated, table: Parameter) -> bool:
    return any(
        isinstance(part, FloorDivide) and table_of(part.right) is table
        for _, node in dated.versions
        for part in walk(node)
    )


def _policy_with(policy: Policy, table: Parameter, fresh: Parameter) -> Policy:
    clauses = [replace(clause, test=_dated_with(clause.test, table, fresh)) for clause in policy.clauses]
    amount = _dated_with(policy.amount, table, fresh) if policy.amount is not None else None
    return replace(policy, clauses=clauses, amount=amount)


def _dated_with(dated: Dated, table: Parameter, fresh: Parameter) -> Dated:
    return Dated(tuple((start, _node_with(node, table, fresh)) for start, node in dated.versions))


def _node_with(node: Node, table: Parameter, fresh: Parameter) -> Node:
    """The node with one parameter in the place of another, all the way down."""

    def swap(part: Node) -> Node:
        if isinstance(part, Lookup) and part.parameter is table:
            return replace(part, parameter=fresh)
        return replace(part, scale=fresh) if isinstance(part, Marginal) and part.scale is table else part

    return rebuilt(node, swap)


def _value_places(pack: Pack, files: Files) -> dict[Place, Place]:
    """Where the value of each entry stands, by the place of the entry's date."""
    found: dict[Place, Place] = {}
    for file in sorted({table.place.file for _, table in _tables(pack)}):
        stack: list[Any] = [files.document(file).entries["parameters"][1]]
        while stack:
            node = stack.pop()
            for _, (place, child) in node.entries.items() if isinstance(node, Mapping) else ():
                if isinstance(child, Mapping):
                    value = child.entries.get("value") or child.entries.get("scale")
                    if value is not None:
                        found[place] = value[1].place
                    stack.append(child)
    return found
