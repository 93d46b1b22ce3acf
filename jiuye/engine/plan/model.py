"""The parts of a plan, frozen. Numbers are exact fractions in the base unit; periods are half-open intervals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from jiuye.engine.basis.dates import Interval
from jiuye.engine.basis.problems import Place

COMPARATORS = (">=", "<=", "~")
"""At least, at most, about. What "about" allows is a matter of assessment, not of the plan."""

BASES = ("published", "inferred")
"""Whether the published text names the departments, or they were inferred from it."""

GOALS = "goals"
"""The section key of the main goals, which stand before the numbered tasks as task 0."""


@dataclass(frozen=True, slots=True)
class Department:
    """A department or body that answers for something; `id` is the stable Latin key."""

    id: str
    name: str
    short: str
    name_en: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Responsibility:
    """Who leads and who joins in, as department ids, and on what basis that is known."""

    lead: tuple[str, ...] = ()
    joint: tuple[str, ...] = ()
    basis: str = "inferred"
    note: str = ""

    def __contains__(self, department: str) -> bool:
        return department in self.lead or department in self.joint


@dataclass(frozen=True, slots=True)
class Target:
    """One number to be reached. `key` is as written: "2023", "2023-2025", or "none" for no year named.

    `period` is the year, or the whole plan where the key is a span or none.
    """

    key: str
    value: Fraction
    period: Interval

    @property
    def year(self) -> int | str | None:
        """2023, or "2023-2025" for a total over the years of the plan, or None where the plan names no year."""
        if self.key == "none":
            return None
        return int(self.key) if self.key.isdigit() else self.key


@dataclass(frozen=True, slots=True)
class Commitment:
    """A promise with a number, in the plan's own words."""

    id: str
    task: int  # 0 for the main goals
    indicator: str
    name: str
    name_en: str
    text: str
    comparator: str
    unit: str
    targets: tuple[Target, ...]
    departments: Responsibility
    note: str
    place: Place


@dataclass(frozen=True, slots=True)
class Milestone:
    """A promise without a number: a mechanism set up, a document issued, an event held.

    `due` is as written: years (once in each), one span such as "2023-2024", or empty where no year is named.
    `periods` are the intervals of those years or of that span; for an empty `due` the whole plan.
    """

    id: str
    section: str
    name: str
    name_en: str
    text: str
    due: tuple[str, ...]
    periods: tuple[Interval, ...]
    indicator: str
    departments: Responsibility
    note: str
    place: Place


@dataclass(frozen=True, slots=True)
class Task:
    """A numbered task, or the main goals as number 0. `words` is the published text, its title included."""

    number: int
    name: str
    name_en: str
    words: str
    departments: Responsibility
    commitments: tuple[Commitment, ...]
    milestones: tuple[Milestone, ...]

    @property
    def section(self) -> str:
        return f"task-{self.number}" if self.number else GOALS


@dataclass(frozen=True, slots=True)
class Chapter:
    number: int
    name: str
    name_en: str
    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class Safeguard:
    """A measure of organisation (保障措施): words and milestones, no numbers."""

    number: int
    name: str
    name_en: str
    words: str
    departments: Responsibility
    milestones: tuple[Milestone, ...]

    @property
    def section(self) -> str:
        return f"safeguard-{self.number}"


@dataclass(frozen=True, slots=True)
class Principle:
    number: int
    name: str
    name_en: str
    words: str


@dataclass(frozen=True, slots=True)
class Preamble:
    words: str
    guiding_thought: str
    principles: tuple[Principle, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """The document that a plan was taken from."""

    document: str
    url: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole plan. `period` is half-open: a plan for 2023-2025 runs [2023-01-01, 2026-01-01)."""

    id: str
    name: str
    name_en: str
    number: str
    date: date
    source: Source
    period: Interval
    departments: Mapping[str, Department]
    preamble: Preamble
    goals: Task
    chapters: tuple[Chapter, ...]
    safeguards: tuple[Safeguard, ...]

    @property
    def years(self) -> tuple[int, ...]:
        """The calendar years of the plan, first to last."""
        return years_of(self.period)

    def tasks(self) -> Iterator[Task]:
        """The goals as task 0, then the numbered tasks in order."""
        yield self.goals
        for chapter in self.chapters:
            yield from chapter.tasks

    def commitments(self) -> Iterator[Commitment]:
        for task in self.tasks():
            yield from task.commitments

    def milestones(self) -> Iterator[Milestone]:
        for task in self.tasks():
            yield from task.milestones
        for safeguard in self.safeguards:
            yield from safeguard.milestones


def years_of(period: Interval) -> tuple[int, ...]:
    """The calendar years that a closed plan period touches; empty for an open one."""
    if period.start is None or period.end is None or period.start >= period.end:
        return ()
    last = period.end.year if (period.end.month, period.end.day) > (1, 1) else period.end.year - 1
    return tuple(range(period.start.year, last + 1))
