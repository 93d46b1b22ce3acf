"""The files a sweep reads: opened as typed columns, and checked before anything is decided.

What would be a silent no, a guess or a double payment is refused here: a string that is no member of its enum, money as a
binary float, decimals that would have to be rounded, an identifier that stands twice. What is merely absent is unknown for
everyone, and noticed.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from jiuye.engine.basis.problems import did_you_mean
from jiuye.engine.rules.columns import DUCKDB, MACROS
from jiuye.engine.rules.sql import Dialect, quoted
from jiuye.engine.rules.sweep_questions import Questions, ValueTest
from jiuye.engine.rules.sweep_task import SweepDataError
from jiuye.engine.rules.types import Type
from jiuye.engine.rules.values import LARGEST
from jiuye.engine.rules.vocabulary import Entity, Fact, Relation, Vocabulary

WHOLE_NUMBERS = (
    "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT",
)  # fmt: skip
SMALL_ROWS = 1_000_000  # a file of no more is checked sooner here than a cluster begins
AT_ONCE = 4  # questions under way together, where they are asked together
UNSIGNED = ("HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")  # and what 64 bits do not hold
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
    together = False  # whether it is asked about all files together, about small ones not at all, and how large their numbers are
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
        self.rows: dict[str, int] = {}  # of each file, where an engine is asked about all together
        self.notices: list[tuple[str, str]] = []
        self._unchecked: list[Questions] = []

    def check_values(self) -> None:
        """The checks of values that an engine which trusts left for later. Raises SweepDataError, or adds notices."""
        row = self.opening.row
        self._settle([(asked, row(asked.counting(asked.tests))) for asked in self._unchecked])

    def open(self, needs: Needs, derived: set[tuple[str, str]]) -> None:
        """Open every needed entity. Raises SweepDataError at the first thing that does not fit."""
        with duckdb.connect() as self._footers:
            self._footers.execute(MACROS)
            for name in sorted(needs.entities):
                self._open_entity(self.vocabulary.entities[name], needs, derived)
            for entity, name in sorted(needs.relations):
                self._check_link(self.vocabulary.entities[entity].relations[name])
            if self.opening.together:
                self._check_together()

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
        here = self.opening.together and self._count(entity.name, path) <= SMALL_ROWS
        dialect = DUCKDB if here else self.dialect
        supplied, tests, used = (
            set(),
            [ValueTest.of_identifiers(path.name)],
            ["id", *(f"{name}_id" for name in sorted(relations))],
        )
        for fact in entity.facts.values():
            key = (entity.name, fact.name)
            if fact.name in columns:
                expression = _typed(fact.name, columns[fact.name], fact.type, path.name, self.dialect)
                if key in needs.facts:
                    tests += self._tests(fact, columns[fact.name], path.name, dialect)
                    selected.append(f"{expression} AS {quoted(fact.name)}")
                    supplied.add(fact.name)
                    used.append(fact.name)
            elif key in needs.facts and key not in derived:
                selected.append(f"{self.dialect.null_of(fact.type)} AS {quoted(fact.name)}")
                self._notice_absent(fact, path.name)
        self._notice_columns(entity, columns, path.name)
        reading = self.opening.read(entity.name, path, {name: columns[name] for name in used})
        numbers = [
            name for name in supplied if entity.facts[name].type.numeric and columns[name] not in EMPTY
        ]
        self._unchecked.append(
            Questions(
                entity,
                parquet(path) if here else reading,
                _family(columns["id"]),
                tests,
                sorted(numbers),
                len(self.notices),
                here,
            )
        )
        if not (self.opening.trusts or self.opening.together):
            self.check_values()
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

    def _count(self, entity: str, path: Path) -> int:
        """How many rows a file has, as its footers say."""
        row = self._footers.execute(f"SELECT count(*) FROM {parquet(path)}").fetchone()
        assert row is not None
        self.rows[entity] = int(row[0])
        return self.rows[entity]

    def _row(self, asked: Questions, query: str) -> tuple[Any, ...]:
        """The one row of a query about a file, from whoever looks after it."""
        if not asked.here:
            return self.opening.row(query)
        row = self._footers.execute(query).fetchone()
        assert row is not None
        return row

    def _tests(self, fact: Fact, found: str, file: str, dialect: Dialect) -> list[ValueTest]:
        """What the values of one column are held to."""
        name, of = quoted(fact.name), fact.type
        tests: list[ValueTest] = []
        if found in EMPTY:
            return tests
        if of.kind == "enum":
            tests.append(ValueTest.of_members(fact.name, of, self.vocabulary, file, dialect))
        elif of.kind in ("date", "month"):
            outside = f"{name} NOT BETWEEN DATE '0001-01-01' AND DATE '9999-12-31'"
            zh, en = "日期不在公元 1 年至 9999 年之间", "a date outside the years 1 to 9999"
            tests.append(ValueTest.of_values(fact.name, name, outside, zh, en, file, dialect))
        elif of.numeric and found.startswith("DECIMAL"):
            exact = f"TRY_CAST({name} AS DECIMAL(18,{of.scale}))"
            wrong = f"{name} IS NOT NULL AND ({exact} IS NULL OR {exact} <> {name})"
            zh = f"数值超过 {of.scale} 位小数，或太大"
            en = f"a value with more than {of.scale} decimals, or too large"
            tests.append(ValueTest.of_values(fact.name, name, wrong, zh, en, file, dialect))
        elif of.numeric:
            most = LARGEST // 10**of.scale
            value = f"CAST({name} AS {dialect.wide})" if found in UNSIGNED else name
            wrong = f"{value} NOT BETWEEN -{most} AND {most}"
            zh, en = "数值太大", "a value that is too large"
            tests.append(ValueTest.of_values(fact.name, name, wrong, zh, en, file, dialect))
        if fact.low is not None or fact.high is not None:
            value = _typed(fact.name, found, of, file, dialect, cast="TRY_CAST")
            tests.append(ValueTest.of_range(fact, value, file, dialect))
        return tests

    def _check_together(self) -> None:
        """What `check_values` asks, in few questions: a query costs a cluster seconds before it has read anything.

        Identifiers of one type are counted in one pass; the rest of each file in another, which also measures its numbers. Small
        files are looked at here.
        """
        there = [asked for asked in self._unchecked if not asked.here]
        wrong = self._wrong_identifiers(there)
        queries = {asked.entity.name: asked.counting(asked.tests[1:], measured=True) for asked in there}
        with ThreadPoolExecutor(AT_ONCE) as pool:
            answers = dict(
                zip(queries, pool.map(lambda sql: self.opening.row(sql) if sql else (), queries.values()), strict=True)
            )  # fmt: skip
        settled = []
        for asked in self._unchecked:
            name = asked.entity.name
            if asked.here:
                found = self._row(asked, asked.counting(asked.tests, measured=True))
            else:
                found = (wrong[name], *answers[name])
            settled.append((asked, found[: len(asked.tests)]))
            self._keep_bounds(asked, found[len(asked.tests) :])
        self._settle(settled)

    def _keep_bounds(self, asked: Questions, ends: tuple[Any, ...]) -> None:
        """Note how large each number is, from the least and the greatest of each."""
        for position, name in enumerate(asked.numbers):
            fact = asked.entity.facts[name]
            most = max(abs(end or 0) for end in ends[2 * position : 2 * position + 2])
            self.bounds[fact.entity, name] = int(most * 10**fact.type.scale)

    def _wrong_identifiers(self, there: list[Questions]) -> dict[str, int]:
        """By entity: how many rows have an id that is empty or stands twice."""
        found: dict[str, int] = {}
        for family in sorted({questions.identifiers for questions in there}):
            asked = [questions for questions in there if questions.identifiers == family]
            ids = " UNION ALL ".join(
                f"SELECT {file} AS file, id FROM {questions.reading}" for file, questions in enumerate(asked)
            )
            wrong = ", ".join(
                f"coalesce(sum(times) FILTER (WHERE file = {file}), 0) - count(id) FILTER (WHERE file = {file})"
                for file in range(len(asked))
            )
            row = self.opening.row(
                f"SELECT {wrong} FROM (SELECT file, id, count(*) AS times FROM ({ids}) GROUP BY file, id)"
            )
            found |= {questions.entity.name: int(count) for questions, count in zip(asked, row, strict=True)}
        return found

    def _settle(self, answered: list[tuple[Questions, tuple[Any, ...]]]) -> None:
        """Judge the answers in the order of the files, and put each file's notices beside its others."""
        found = [(asked.place, self._judge(asked, counts)) for asked, counts in answered]
        for place, notices in reversed(found):
            self.notices[place:place] = notices
        self._unchecked.clear()

    def _judge(self, asked: Questions, counts: tuple[Any, ...]) -> list[tuple[str, str]]:
        """Raise SweepDataError for the first test that finds something; return a notice where that is enough."""
        notices = []
        for test, count in zip(asked.tests, counts, strict=True):
            if not count:
                continue
            example = self._row(asked, f"SELECT {test.example} FROM {asked.reading}")[0]
            zh, en = (text.format(count=count, example=example) for text in (test.zh, test.en))
            if test.members:
                near_zh, near_en = did_you_mean(str(example), test.members)
                zh, en = zh + near_zh, en + near_en
            if not test.notice:
                raise SweepDataError(zh, en)
            notices.append((zh, en))
        return notices

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


def parquet(path: Path) -> str:
    """What stands after FROM in DuckDB's SQL to read a Parquet file, or a folder of them.

    The parts are named one by one: in a pattern, a bracket or a star of the folder's own path would stand for something else.
    """
    parts = sorted(path.glob("*.parquet")) if path.is_dir() else []
    if not parts:
        return f"read_parquet({DUCKDB.string(str(path))})"
    return f"read_parquet([{', '.join(DUCKDB.string(str(part)) for part in parts)}])"


def _family(found: str) -> str:
    return "number" if found in WHOLE_NUMBERS else found


def _typed(column: str, found: str, of: Type, file: str, dialect: Dialect, cast: str = "CAST") -> str:
    """The column cast to the type of its fact. Raises SweepDataError where it is another kind, floats above all."""
    name = quoted(column)
    if of.kind == "boolean" and found == "BOOLEAN":
        return name
    if of.numeric and not of.scale and found in WHOLE_NUMBERS:
        return f"{cast}({name} AS BIGINT)"
    if of.kind == "number" and found in WHOLE_NUMBERS:
        return f"{cast}(CAST({name} AS {dialect.wide}) * {10**of.scale} AS BIGINT)"
    if of.kind == "number" and of.scale and found.startswith("DECIMAL"):
        digits = 18 if of.scale <= 3 else 28  # of the product: a 1 of nine decimals times 10^9 has nineteen
        return f"{cast}({cast}({name} AS DECIMAL({digits},{of.scale})) * {10**of.scale} AS BIGINT)"
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
