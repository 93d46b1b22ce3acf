"""The files a sweep reads: opened as typed columns, and checked before anything is decided.

What would be a silent no, a guess or a double payment is refused here: a string that is no member of its enum, money as a
binary float, decimals that would have to be rounded, an identifier that stands twice. What is merely absent is unknown for
everyone, and noticed.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from jiuye.engine.basis.problems import did_you_mean
from jiuye.engine.rules.columns import DUCKDB
from jiuye.engine.rules.sql import Dialect, quoted
from jiuye.engine.rules.sweep_task import SweepDataError
from jiuye.engine.rules.types import Type
from jiuye.engine.rules.values import LARGEST
from jiuye.engine.rules.vocabulary import Entity, Fact, Relation, Vocabulary

WHOLE_NUMBERS = (
    "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT",
)  # fmt: skip
EMPTY = ('"NULL"', "NULL")  # a column that is empty for everyone carries no type


@dataclass(slots=True)
class Needs:
    """What some policies read: entities, facts and relations, each by the names of the vocabulary."""

    entities: set[str] = field(default_factory=set)
    facts: set[tuple[str, str]] = field(default_factory=set)
    relations: set[tuple[str, str]] = field(default_factory=set)


@dataclass(slots=True)
class Opened:
    """One entity's file as a view: the facts and relations that it supplies."""

    view: str
    facts: set[str]
    relations: set[str]
    identifier: str  # the type of `id`


class Opening(ABC):
    """How an engine reads a file and answers a question about it."""

    dialect: Dialect
    measures = False  # whether it wants to know how large the numbers are
    apart = False  # whether counting what is distinct is better asked by itself
    trusts = (
        False  # whether it looks at the values itself, and asks for `check_values` where something is odd
    )

    @abstractmethod
    def read(self, entity: str, path: Path, columns: dict[str, str]) -> str:
        """What stands after FROM to read these columns (name → DuckDB's type) of the file."""

    @abstractmethod
    def view(self, name: str, query: str) -> None:
        """Name a query, to be run again wherever it is read."""

    @abstractmethod
    def row(self, query: str) -> tuple[Any, ...]:
        """The one row of a query."""


class DataFolder:
    """Opens entities' files with an engine. `notices` collects (zh, en) sentences about what is absent or odd.

    What columns a file has, and of which types, is read from its footer by DuckDB whatever the engine: so every engine refuses
    the same files in the same words.
    """

    def __init__(self, folder: Path, vocabulary: Vocabulary, opening: Opening) -> None:
        self.folder, self.vocabulary, self.opening = folder, vocabulary, opening
        self.dialect = opening.dialect
        self.opened: dict[str, Opened] = {}
        self.bounds: dict[
            tuple[str, str], int
        ] = {}  # the greatest absolute value of each number that is read
        self.notices: list[tuple[str, str]] = []
        self._unchecked: list[tuple[list[_Test], str]] = []

    def check_values(self) -> None:
        """The checks of values that an engine which trusts left for later. Raises SweepDataError, or adds notices."""
        for tests, reading in self._unchecked:
            self._run(tests, reading)
        self._unchecked.clear()

    def open(self, needs: Needs, derived: set[tuple[str, str]]) -> None:
        """Open every needed entity. Raises SweepDataError at the first thing that does not fit."""
        with duckdb.connect() as self._footers:
            for name in sorted(needs.entities):
                self._open_entity(self.vocabulary.entities[name], needs, derived)
            for entity, name in sorted(needs.relations):
                self._check_link(self.vocabulary.entities[entity].relations[name])

    def _open_entity(self, entity: Entity, needs: Needs, derived: set[tuple[str, str]]) -> None:
        path = self.folder / f"{entity.name}.parquet"
        if not path.exists():
            self.notices.append(
                (
                    f"没有 {entity.name}.parquet：与“{entity.label}”有关的信息一律按未知处理。",
                    f"no {entity.name}.parquet: what depends on '{entity.name}' is unknown for everyone.",
                )
            )
            return
        columns = self._columns(path)
        if "id" not in columns:
            raise SweepDataError(
                f"{path.name} 没有 id 列。请加上每行唯一的标识。",
                f"{path.name} has no column 'id'; add one that tells the rows apart.",
            )
        relations = {
            rel.name for rel in entity.relations.values() if not rel.many and f"{rel.name}_id" in columns
        }
        selected = ["id", *(quoted(f"{name}_id") for name in sorted(relations))]
        supplied, tests, used = (
            set(),
            [_Test.of_identifiers(path.name)],
            ["id", *(f"{name}_id" for name in sorted(relations))],
        )
        for fact in entity.facts.values():
            key = (entity.name, fact.name)
            if fact.name in columns:
                expression = _typed(fact.name, columns[fact.name], fact.type, path.name, self.dialect)
                if key in needs.facts:
                    tests += self._tests(fact, columns[fact.name], path.name)
                    selected.append(f"{expression} AS {quoted(fact.name)}")
                    supplied.add(fact.name)
                    used.append(fact.name)
            elif key in needs.facts and key not in derived:
                selected.append(f"{self.dialect.null_of(fact.type)} AS {quoted(fact.name)}")
                self._notice_absent(fact, path.name)
        self._notice_columns(entity, columns, path.name)
        reading = self.opening.read(entity.name, path, {name: columns[name] for name in used})
        if self.opening.trusts:
            self._unchecked.append((tests, reading))
        else:
            self._run(tests, reading)
        self._measure(entity, {name: columns[name] for name in supplied}, reading)
        view = quoted(f"raw_{entity.name}")
        self.opening.view(view, f"SELECT {', '.join(selected)} FROM {reading}")
        self.opened[entity.name] = Opened(view, supplied, relations, columns["id"])

    def _columns(self, path: Path) -> dict[str, str]:
        """Column → DuckDB's type."""
        try:
            described = self._footers.execute(f"DESCRIBE SELECT * FROM {parquet(path)}").fetchall()
        except duckdb.Error as error:
            raise SweepDataError(
                f"{path.name} 不是可读的 Parquet 文件（{error}）。请重新导出。",
                f"{path.name} is not a readable Parquet file ({error}); export it again.",
            ) from error
        return {row[0]: str(row[1]) for row in described}

    def _tests(self, fact: Fact, found: str, file: str) -> list[_Test]:
        """What the values of one column are held to."""
        name, of = quoted(fact.name), fact.type
        tests: list[_Test] = []
        if found in EMPTY:
            return tests
        if of.kind == "enum":
            tests.append(_Test.of_members(fact.name, of, self.vocabulary, file, self.dialect))
        elif of.kind in ("date", "month"):
            outside = f"{name} NOT BETWEEN DATE '0001-01-01' AND DATE '9999-12-31'"
            zh, en = "日期不在公元 1 年至 9999 年之间", "a date outside the years 1 to 9999"
            tests.append(_Test.of_values(fact.name, name, outside, zh, en, file, self.dialect))
        elif of.numeric and found.startswith("DECIMAL"):
            exact = f"TRY_CAST({name} AS DECIMAL(18,{of.scale}))"
            wrong = f"{name} IS NOT NULL AND ({exact} IS NULL OR {exact} <> {name})"
            zh = f"数值超过 {of.scale} 位小数，或太大"
            en = f"a value with more than {of.scale} decimals, or too large"
            tests.append(_Test.of_values(fact.name, name, wrong, zh, en, file, self.dialect))
        elif of.numeric:
            most = LARGEST // 10**of.scale
            wrong = f"CAST({name} AS {self.dialect.wide}) NOT BETWEEN -{most} AND {most}"
            zh, en = "数值太大", "a value that is too large"
            tests.append(_Test.of_values(fact.name, name, wrong, zh, en, file, self.dialect))
        if fact.low is not None or fact.high is not None:
            value = _typed(fact.name, found, of, file, self.dialect, cast="TRY_CAST")
            tests.append(_Test.of_range(fact, value, file, self.dialect))
        return tests

    def _run(self, tests: list[_Test], reading: str) -> None:
        """All tests of a file in one pass. Raises SweepDataError, or adds a notice, for each that finds something."""
        groups = [tests[:1], tests[1:]] if self.opening.apart else [tests]
        found: list[int] = []
        for group in groups:
            if group:
                found += self.opening.row(f"SELECT {', '.join(test.count for test in group)} FROM {reading}")
        for test, count in zip(tests, found, strict=True):
            if not count:
                continue
            example = self.opening.row(f"SELECT {test.example} FROM {reading}")[0]
            zh, en = (text.format(count=count, example=example) for text in (test.zh, test.en))
            if test.members:
                near_zh, near_en = did_you_mean(str(example), test.members)
                zh, en = zh + near_zh, en + near_en
            if not test.notice:
                raise SweepDataError(zh, en)
            self.notices.append((zh, en))

    def _measure(self, entity: Entity, supplied: dict[str, str], reading: str) -> None:
        """Note how large the numbers of a file are, where the engine computes in the narrowest type that holds them."""
        numbers = [
            name
            for name in sorted(supplied)
            if entity.facts[name].type.numeric and supplied[name] not in EMPTY
        ]
        if not self.opening.measures or not numbers:
            return
        asked = ", ".join(f"min({quoted(name)}), max({quoted(name)})" for name in numbers)
        found = [abs(value or 0) for value in self.opening.row(f"SELECT {asked} FROM {reading}")]
        for position, name in enumerate(numbers):
            fact = entity.facts[name]
            most = max(found[2 * position], found[2 * position + 1])
            self.bounds[entity.name, name] = int(most * 10**fact.type.scale)

    def _notice_absent(self, fact: Fact, file: str) -> None:
        self.notices.append(
            (
                f"{file} 没有列“{fact.name}”（{fact.label}）：对所有人按未知处理。",
                f"{file} has no column '{fact.name}': it is unknown for everyone.",
            )
        )

    def _notice_columns(self, entity: Entity, columns: dict[str, str], file: str) -> None:
        known = {
            "id",
            *entity.facts,
            *(f"{rel.name}_id" for rel in entity.relations.values() if not rel.many),
        }
        for column in sorted(set(columns) - known):
            zh, en = did_you_mean(column, known)
            self.notices.append(
                (
                    f"{file} 的列“{column}”不在词汇里，未使用。{zh}",
                    f"{file}: column '{column}' is not in the vocabulary and was not used; {en}",
                )
            )

    def _check_link(self, relation: Relation) -> None:
        """A to-one relation's column is of the type of the identifiers it points at."""
        here, there = self.opened.get(relation.entity), self.opened.get(relation.to)
        column, file = f"{relation.name}_id", f"{relation.entity}.parquet"
        if here is None:
            return
        if relation.name not in here.relations:
            self.notices.append(
                (
                    f"{file} 没有列“{column}”：谁与谁有关系，一律按未知处理。",
                    f"{file} has no column '{column}': who belongs to whom is unknown for everyone.",
                )
            )
            return
        found = self._columns(self.folder / file)[column]
        if there is not None and found not in EMPTY and _family(found) != _family(there.identifier):
            raise SweepDataError(
                f"{file} 的列“{column}”是 {found}，而 {relation.to}.parquet 的 id 是 {there.identifier}，对不上。请改成同一类型。",
                f"{file}: column '{column}' is {found}, while the ids of {relation.to}.parquet are {there.identifier}; make them one type.",
            )


@dataclass(frozen=True, slots=True)
class _Test:
    """One question to a file: how many rows are wrong, with an example; and the sentence for it."""

    count: str
    example: str
    zh: str
    en: str
    notice: bool = False
    members: tuple[str, ...] = ()

    @staticmethod
    def of_identifiers(file: str) -> _Test:
        return _Test(
            "count(*) - count(DISTINCT id)",
            "NULL",
            f"{file} 的 id 有 {{count}} 行重复或为空，会算重。请让每行的 id 唯一。",
            f"{file}: {{count}} row(s) have an id that is empty or stands twice, and would be counted twice; make every id unique.",
        )

    @staticmethod
    def of_values(
        column: str, value: str, wrong: str, zh: str, en: str, file: str, dialect: Dialect
    ) -> _Test:
        return _Test(
            f"count(*) FILTER (WHERE {wrong})",
            f"CAST(min({value}) FILTER (WHERE {wrong}) AS {dialect.text})",
            f"{file} 的列“{column}”有 {{count}} 行{zh}，例如 {{example}}。请改正数据。",
            f"{file}: column '{column}' has {{count}} row(s) with {en}, such as {{example}}; correct the data.",
        )

    @staticmethod
    def of_members(column: str, of: Type, vocabulary: Vocabulary, file: str, dialect: Dialect) -> _Test:
        members = tuple(vocabulary.enums[of.enum])
        listed = ", ".join(dialect.literal(member, of) for member in members)
        wrong = f"{quoted(column)} NOT IN ({listed})"
        return _Test(
            f"count(*) FILTER (WHERE {wrong})",
            f"min({quoted(column)}) FILTER (WHERE {wrong})",
            f"{file} 的列“{column}”有 {{count}} 行不是枚举“{of.enum}”的值，例如“{{example}}”。",
            f"{file}: column '{column}' has {{count}} row(s) that are no member of '{of.enum}', such as '{{example}}'; ",
            members=members,
        )

    @staticmethod
    def of_range(fact: Fact, value: str, file: str, dialect: Dialect) -> _Test:
        """Outside `min` and `max`: noticed, not refused, since one slip of the pen must not stop a city's sweep."""
        outside = " OR ".join(
            f"{value} {op} {dialect.literal(bound, fact.type)}"
            for op, bound in (("<", fact.low), (">", fact.high))
            if bound is not None
        )
        return _Test(
            f"count(*) FILTER (WHERE {outside})",
            "NULL",
            f"{file} 的列“{fact.name}”（{fact.label}）有 {{count}} 行不在规定的范围内，请核对。",
            f"{file}: column '{fact.name}' has {{count}} row(s) outside the range of its fact; check them.",
            notice=True,
        )


def parquet(path: Path) -> str:
    """What stands after FROM in DuckDB's SQL to read a Parquet file, or a folder of them."""
    return f"read_parquet({DUCKDB.string(str(path / '*.parquet' if path.is_dir() else path))})"


def _family(found: str) -> str:
    return "number" if found in WHOLE_NUMBERS else found


def _typed(column: str, found: str, of: Type, file: str, dialect: Dialect, cast: str = "CAST") -> str:
    """The column cast to the type of its fact. Raises SweepDataError where it is another kind, floats above all."""
    name = quoted(column)
    if of.kind == "boolean" and found == "BOOLEAN":
        return name
    if of.kind == "money" and found in WHOLE_NUMBERS:
        return f"{cast}({name} AS BIGINT)"
    if of.kind == "number" and found in WHOLE_NUMBERS:
        return f"{cast}(CAST({name} AS {dialect.wide}) * {10**of.scale} AS BIGINT)"
    if of.kind == "number" and of.scale and found.startswith("DECIMAL"):
        return f"{cast}({cast}({name} AS DECIMAL(18,{of.scale})) * {10**of.scale} AS BIGINT)"
    if of.kind == "date" and found == "DATE":
        return name
    if of.kind == "month" and found == "DATE":
        return f"CAST({dialect.month(name)} AS BIGINT)"
    if of.kind in ("enum", "text") and found == "VARCHAR":
        return name
    if found in EMPTY:
        return dialect.null_of(of)
    wanted = {
        "boolean": "BOOLEAN", "money": "INT64（分 fen）", "number": "DECIMAL" if of.scale else "INT64", "date": "DATE", "month": "DATE",
    }.get(of.kind, "STRING")  # fmt: skip
    raise SweepDataError(
        f"{file} 的列“{column}”是 {found}，须为 {wanted}。请改正导出的类型。",
        f"{file}: column '{column}' is {found}, but must be {wanted}; correct the type when exporting.",
    )
