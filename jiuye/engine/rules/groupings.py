"""groups.yaml: by what a simulation breaks down who gains and who loses (county, sex, age …), named by the pack.

    groups:
      age:
        name: 年龄段
        name_en: age
        by: {person: "age(birth_date, on)", hire: "age(worker.birth_date, on)"}    # an expression for each entity
        bands: [25, 35, 45, 55]                                                    # of a number: below 25, 25 to 34, …

An expression gives a member of an enum, yes or no, or a whole number in bands; it reads recorded facts only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb

from jiuye.engine.basis.dates import Interval
from jiuye.engine.basis.documents import Mapping, Scalar, read_yaml, whole_number
from jiuye.engine.basis.problems import Problems, did_you_mean
from jiuye.engine.rules.columns import DUCKDB, MACROS, ColumnCompiler
from jiuye.engine.rules.pack import Pack
from jiuye.engine.rules.sql import Scope, quoted
from jiuye.engine.rules.sweep_data import DataFolder, Needs
from jiuye.engine.rules.sweep_duckdb import DuckDbOpening
from jiuye.engine.rules.tree import Aggregate, Lookup, Marginal, Node, Read, walk
from jiuye.engine.rules.types import TEXT
from jiuye.engine.rules.typing import type_expression
from jiuye.engine.rules.vocabulary import check_name

FILE_NAME = "groups.yaml"
NOT_KNOWN = ""  # the group of those whose value no register knows


@dataclass(frozen=True, slots=True)
class Member:
    """One group of a grouping. An empty key stands for those of whom it is not known."""

    key: str
    label: str
    label_en: str


@dataclass(slots=True)
class Grouping:
    """What to group by: an expression for each entity that has one."""

    id: str
    label: str
    label_en: str
    by: dict[str, Node]
    members: tuple[Member, ...]
    bands: tuple[int, ...] = ()


@dataclass(slots=True)
class _Opened:
    """The data as typed views, for as long as groups are asked for."""

    connection: duckdb.DuckDBPyConnection
    folder: DataFolder
    compiler: ColumnCompiler
    tables: dict[str, str] = field(default_factory=dict)

    def linked(self, entity: str, relation: str) -> bool:
        found = self.folder.opened.get(entity)
        return found is not None and relation in found.relations


def load_groupings(
    pack: Pack, folder: Path, problems: Problems | None = None
) -> tuple[list[Grouping], Problems]:
    """The groupings that `groups.yaml` of the pack's folder names, in its order; none where there is no such file."""
    problems = Problems() if problems is None else problems
    if not (folder / FILE_NAME).exists():
        return [], problems
    root = read_yaml(folder / FILE_NAME, problems, base=folder.parent)
    node = root.mapping("groups", required=True) if root is not None else None
    if root is None or node is None:
        return [], problems
    root.finish()
    found = []
    for key, place, item in node.mappings("分组", "the grouping"):
        check_name(key, place, problems)
        grouping = _read(key, item, pack, problems)
        item.finish()
        if grouping is not None:
            found.append(grouping)
    return found, problems


def _read(key: str, item: Mapping, pack: Pack, problems: Problems) -> Grouping | None:
    label, label_en = item.text("name", required=True), item.text("name_en", required=True)
    edges = [whole_number(scalar, problems) for scalar in item.texts("bands")]
    bands = tuple(sorted({edge for edge in edges if edge is not None}))
    by: dict[str, Node] = {}
    expressions = item.mapping("by", required=True)
    for entity, place, node in expressions.items() if expressions is not None else ():
        if entity not in pack.vocabulary.entities:
            zh, en = did_you_mean(entity, pack.vocabulary.entities)
            problems.add(
                place, "unknown-entity", zh=f"没有实体“{entity}”。{zh}", en=f"no entity '{entity}'; {en}"
            )
        elif isinstance(node, Scalar):
            typed = type_expression(node, entity, pack.vocabulary, {}, problems)
            if typed is not None and _fits(typed, bands, pack, problems):
                by[entity] = typed
    if not by:
        return None
    return Grouping(key, label, label_en, by, _members(by, bands, pack), bands)


def _fits(node: Node, bands: tuple[int, ...], pack: Pack, problems: Problems) -> bool:
    """True where the data of a sweep can be grouped by it; otherwise the reason is recorded."""
    countable = node.type.kind in ("enum", "boolean") or (
        node.type.kind == "number" and node.type.scale == 0 and bool(bands)
    )
    derived = any(
        isinstance(part, (Aggregate, Lookup, Marginal))
        or (isinstance(part, Read) and (part.fact.entity, part.fact.name) in pack.derived)
        for part in walk(node)
    )
    if countable and not derived:
        return True
    problems.add(
        node.place,
        "cannot-group-by",
        zh="分组只能按枚举、是否，或写了 bands 的整数，而且只读登记的事实，不读派生事实和列表。",
        en="a grouping goes by an enum, by yes or no, or by a whole number with `bands`, and reads recorded facts only, no derived ones and no lists.",
    )
    return False


def _members(by: dict[str, Node], bands: tuple[int, ...], pack: Pack) -> tuple[Member, ...]:
    of = next(iter(by.values())).type
    found = []
    if of.kind == "enum":
        labels = pack.vocabulary.enums[of.enum]
        found = [Member(key, label, key.replace("_", " ")) for key, label in labels.items()]
    elif of.kind == "boolean":
        found = [Member("true", "是", "yes"), Member("false", "否", "no")]
    elif bands:
        found = [Member("0", f"{bands[0]} 以下", f"below {bands[0]}")]
        for position, (low, high) in enumerate(pairwise(bands), start=1):
            found.append(Member(str(position), f"{low}–{high - 1}", f"{low} to {high - 1}"))
        found.append(Member(str(len(bands)), f"{bands[-1]} 及以上", f"{bands[-1]} and over"))
    return (*found, Member(NOT_KNOWN, "未知", "not known"))


def needed_facts(groupings: Iterable[Grouping]) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """(facts, to-one relations) that the groupings read, each as (entity, name): what columns must hold for them."""
    facts: set[tuple[str, str]] = set()
    relations: set[tuple[str, str]] = set()
    for grouping in groupings:
        for node in grouping.by.values():
            for part in walk(node):
                if isinstance(part, Read):
                    facts.add((part.fact.entity, part.fact.name))
                    relations |= {(hop.entity, hop.name) for hop in part.hops}
    return facts, relations


def lay_groups(
    connection: duckdb.DuckDBPyConnection,
    pack: Pack,
    data: Path,
    on: date,
    groupings: list[Grouping],
    entities: set[str],
) -> dict[str, list[Grouping]]:
    """Make a table `groups_<entity>` (subject, a column a grouping) for each entity; returns which groupings each has.

    Raises SweepDataError where a column does not fit.
    """
    connection.execute(MACROS)
    facts, relations = needed_facts(groupings)
    reached = set(entities) | {entity for entity, _ in facts}
    reached |= {pack.vocabulary.entities[entity].relations[name].to for entity, name in relations}
    there = {entity for entity in reached if (data / f"{entity}.parquet").exists()}
    folder = DataFolder(data, pack.vocabulary, DuckDbOpening(connection))
    folder.open(Needs(there, facts, relations), set(pack.derived))
    tables = {name: opened.view for name, opened in folder.opened.items()}
    opened = _Opened(connection, folder, ColumnCompiler(on, Interval()), tables)
    laid = {}
    for entity in sorted(entities & there):
        laid[entity] = [grouping for grouping in groupings if entity in grouping.by]
        _lay_entity(opened, entity, laid[entity])
    return laid


def column_of(grouping: Grouping) -> str:
    """The column of `groups_<entity>` that holds the members' keys."""
    return f"by_{grouping.id}"


def _lay_entity(opened: _Opened, entity: str, groupings: list[Grouping]) -> None:
    scope = Scope(entity, "s", opened.tables.get, opened.linked)
    columns = ["s.id AS subject"]
    for grouping in groupings:
        value: Any = opened.compiler.node(grouping.by[entity], scope)
        columns.append(f"{_key(grouping, value)} AS {quoted(column_of(grouping))}")
    connection = opened.connection
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {quoted('groups_' + entity)} AS "
        f"SELECT {', '.join(columns)} FROM {opened.tables[entity]} s {' '.join(scope.joins)}"
    )


def _key(grouping: Grouping, value: str) -> str:
    """SQL for the member's key, NULL as the member of those not known."""
    if grouping.bands:
        cases = " ".join(
            f"WHEN {value} < {edge} THEN '{position}'" for position, edge in enumerate(grouping.bands)
        )
        text = (
            f"CASE WHEN {value} IS NULL THEN {DUCKDB.null_of(TEXT)} {cases} ELSE '{len(grouping.bands)}' END"
        )
    else:
        text = f"CAST({value} AS VARCHAR)"
    return f"coalesce({text}, '{NOT_KNOWN}')"
