"""What the values of a file are held to: questions that count what is wrong, and the sentences for it."""

from __future__ import annotations

from dataclasses import dataclass

from jiuye.engine.rules.sql import Dialect, quoted
from jiuye.engine.rules.types import Type
from jiuye.engine.rules.vocabulary import Entity, Fact, Vocabulary


@dataclass(frozen=True, slots=True)
class Questions:
    """What is asked of one file."""

    entity: Entity
    reading: str
    identifiers: str  # the family of their type
    tests: list[ValueTest]  # that of the identifiers comes first
    numbers: list[str]  # the facts whose size may be wanted
    place: int  # where its notices go among those of all files
    here: bool = False  # whether this machine looks at it by itself, whatever the engine

    def counting(self, tests: list[ValueTest], measured: bool = False) -> str:
        """The query of these tests' counts, with the least and the greatest of each number where `measured`."""
        asked = [test.count for test in tests]
        if measured:
            asked += [f"{end}({quoted(name)})" for name in self.numbers for end in ("min", "max")]
        return f"SELECT {', '.join(asked)} FROM {self.reading}" if asked else ""


@dataclass(frozen=True, slots=True)
class ValueTest:
    """One question to a file: how many rows are wrong, with an example; and the sentence for it."""

    count: str
    example: str
    zh: str
    en: str
    notice: bool = False
    members: tuple[str, ...] = ()

    @staticmethod
    def of_identifiers(file: str) -> ValueTest:
        return ValueTest(
            "count(*) - count(DISTINCT id)",
            "NULL",
            f"{file} 的 id 有 {{count}} 行重复或为空，会算重。请让每行的 id 唯一。",
            f"{file}: {{count}} row(s) have an id that is empty or stands twice, and would be counted twice; make every id unique.",
        )

    @staticmethod
    def of_values(
        column: str, value: str, wrong: str, zh: str, en: str, file: str, dialect: Dialect
    ) -> ValueTest:
        return ValueTest(
            f"count(*) FILTER (WHERE {wrong})",
            f"CAST(min({value}) FILTER (WHERE {wrong}) AS {dialect.text})",
            f"{file} 的列“{column}”有 {{count}} 行{zh}，例如 {{example}}。请改正数据。",
            f"{file}: column '{column}' has {{count}} row(s) with {en}, such as {{example}}; correct the data.",
        )

    @staticmethod
    def of_members(column: str, of: Type, vocabulary: Vocabulary, file: str, dialect: Dialect) -> ValueTest:
        members = tuple(vocabulary.enums[of.enum])
        listed = ", ".join(dialect.literal(member, of) for member in members)
        wrong = f"{quoted(column)} NOT IN ({listed})"
        return ValueTest(
            f"count(*) FILTER (WHERE {wrong})",
            f"min({quoted(column)}) FILTER (WHERE {wrong})",
            f"{file} 的列“{column}”有 {{count}} 行不是枚举“{of.enum}”的值，例如“{{example}}”。",
            f"{file}: column '{column}' has {{count}} row(s) that are no member of '{of.enum}', such as '{{example}}'; ",
            members=members,
        )

    @staticmethod
    def of_range(fact: Fact, value: str, file: str, dialect: Dialect) -> ValueTest:
        """Outside `min` and `max`: noticed, not refused, since one slip of the pen must not stop a city's sweep."""
        outside = " OR ".join(
            f"{value} {op} {dialect.literal(bound, fact.type)}"
            for op, bound in (("<", fact.low), (">", fact.high))
            if bound is not None
        )
        return ValueTest(
            f"count(*) FILTER (WHERE {outside})",
            "NULL",
            f"{file} 的列“{fact.name}”（{fact.label}）有 {{count}} 行不在规定的范围内，请核对。",
            f"{file}: column '{fact.name}' has {{count}} row(s) outside the range of its fact; check them.",
            notice=True,
        )
