"""Reading `plan.yaml`: everything is checked in one run, and every mistake has its line and a sentence."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from datetime import date
from pathlib import Path

from jiuye.engine.basis.dates import Interval
from jiuye.engine.basis.documents import Mapping, read_yaml, whole_number
from jiuye.engine.basis.problems import Place, Problems
from jiuye.engine.plan.model import (
    Chapter,
    Department,
    Plan,
    Preamble,
    Principle,
    Safeguard,
    Source,
    Task,
    years_of,
)
from jiuye.engine.plan.promises import PromiseReader


def load_plan(
    path: Path,
    *,
    indicators: MappingOf[str, str] | None = None,
    problems: Problems | None = None,
    base: Path | None = None,
) -> tuple[Plan | None, Problems]:
    """The plan in the file `path`, and what is wrong with it.

    `indicators` maps the indicators on file to their units; with it each commitment's indicator and unit are
    held against them, without it they are not. `problems` collects on top of an earlier check's. The plan is
    None where the file cannot be read at all; with errors in `problems` it is what could be understood, fit
    for showing and not for acting upon.
    """
    problems = problems if problems is not None else Problems()
    root = read_yaml(path, problems, base=base)
    if root is None:
        return None, problems
    return _PlanReader(problems, indicators).plan(root), problems


class _PlanReader:
    """One reading of one file: what was seen so far is what later parts are held against."""

    def __init__(self, problems: Problems, indicators: MappingOf[str, str] | None) -> None:
        self.problems = problems
        self.indicators = indicators
        self.task_places: dict[int, Place] = {}

    def plan(self, root: Mapping) -> Plan:
        period = self.period(root)
        departments = self.departments(root)
        self.promises = PromiseReader(self.problems, period, departments, self.indicators)
        plan = Plan(
            id=root.text("id", required=True),
            name=root.text("name", required=True),
            name_en=root.text("name_en", required=True),
            number=root.text("number"),
            date=root.date("date", required=True) or date.min,
            source=self.source(root),
            period=period,
            departments=departments,
            preamble=self.preamble(root),
            goals=self.goals(root),
            chapters=self.chapters(root),
            safeguards=self.safeguards(root),
        )
        self.counts(root, plan)
        self.promises.report_unused_departments(root)
        root.finish()
        return plan

    def period(self, root: Mapping) -> Interval:
        mapping = root.mapping("period", required=True)
        if mapping is None:
            return Interval()
        start, end = mapping.date("from", required=True), mapping.date("until", required=True)
        mapping.finish()
        if start is None or end is None:
            return Interval()
        if not years_of(Interval(start, end)):
            self.problems.add(
                mapping.place,
                "empty-period",
                zh=f"期间从 {start} 到 {end}（不含）一天也没有。until 应写结束后的第一天。",
                en=f"the period from {start} until {end} holds no day; 'until' is the first day after it.",
            )
            return Interval()
        return Interval(start, end)

    def source(self, root: Mapping) -> Source:
        mapping = root.mapping("source", required=True)
        if mapping is None:
            return Source("", "")
        source = Source(mapping.text("document", required=True), mapping.text("url"))
        mapping.finish()
        return source

    def departments(self, root: Mapping) -> dict[str, Department]:
        found: dict[str, Department] = {}
        mapping = root.mapping("departments", required=True)
        if mapping is None:
            return found
        for key, place, node in mapping.items():
            if not isinstance(node, Mapping):
                self.wrong_shape(place)
                continue
            found[key] = Department(
                id=key,
                name=node.text("name", required=True),
                short=node.text("short", required=True),
                name_en=node.text("name_en", required=True),
                note=node.text("note"),
            )
            node.finish()
        return found

    def preamble(self, root: Mapping) -> Preamble:
        mapping = root.mapping("preamble", required=True)
        if mapping is None:
            return Preamble("", "", ())
        principles = []
        for node in self.mappings(mapping, "principles"):
            principles.append(
                Principle(
                    number=node.whole("number", required=True) or 0,
                    name=node.text("name", required=True),
                    name_en=node.text("name_en", required=True),
                    words=node.text("words", required=True),
                )
            )
            node.finish()
        preamble = Preamble(
            mapping.text("words", required=True),
            mapping.text("guiding_thought", required=True),
            tuple(principles),
        )
        mapping.finish()
        return preamble

    def goals(self, root: Mapping) -> Task:
        mapping = root.mapping("goals", required=True)
        if mapping is None:
            return Task(0, "", "", "", self.promises.nobody, (), ())
        return self.task(mapping, number=0)

    def chapters(self, root: Mapping) -> tuple[Chapter, ...]:
        found = []
        for expected, mapping in enumerate(self.mappings(root, "chapters"), start=1):
            number = self.number(mapping, expected)
            tasks = []
            for node in self.mappings(mapping, "tasks"):
                first = len(self.task_places) + 1
                number_of_task = self.number(node, first)
                self.task_places.setdefault(number_of_task, node.place)
                tasks.append(self.task(node, number=number_of_task))
            found.append(
                Chapter(
                    number=number,
                    name=mapping.text("name", required=True),
                    name_en=mapping.text("name_en", required=True),
                    tasks=tuple(tasks),
                )
            )
            mapping.finish()
        return tuple(found)

    def task(self, mapping: Mapping, *, number: int) -> Task:
        name = mapping.text("name", required=True)
        words = mapping.text("words", required=True)
        if number:
            self.title_in_words(mapping, name, words)
        departments = self.promises.responsibility(mapping, default=None)
        section = f"task-{number}" if number else "goals"
        task = Task(
            number=number,
            name=name,
            name_en=mapping.text("name_en", required=True),
            words=words,
            departments=departments,
            commitments=tuple(
                self.promises.commitment(node, number, words, departments)
                for node in self.mappings(mapping, "commitments", required=False)
            ),
            milestones=tuple(
                self.promises.milestone(node, section, words, departments)
                for node in self.mappings(mapping, "milestones", required=False)
            ),
        )
        mapping.finish()
        return task

    def safeguards(self, root: Mapping) -> tuple[Safeguard, ...]:
        found = []
        for expected, mapping in enumerate(self.mappings(root, "safeguards", required=False), start=1):
            number = self.number(mapping, expected)
            name = mapping.text("name", required=True)
            words = mapping.text("words", required=True)
            self.title_in_words(mapping, name, words)
            departments = self.promises.responsibility(mapping, default=None)
            found.append(
                Safeguard(
                    number=number,
                    name=name,
                    name_en=mapping.text("name_en", required=True),
                    words=words,
                    departments=departments,
                    milestones=tuple(
                        self.promises.milestone(node, f"safeguard-{number}", words, departments)
                        for node in self.mappings(mapping, "milestones", required=False)
                    ),
                )
            )
            mapping.finish()
        return tuple(found)

    def counts(self, root: Mapping, plan: Plan) -> None:
        """Hold the sections against what the published text is known to have: the last one can be lost too."""
        mapping = root.mapping("counts", required=True)
        if mapping is None:
            return
        there = {
            "chapters": len(plan.chapters),
            "tasks": sum(len(chapter.tasks) for chapter in plan.chapters),
            "safeguards": len(plan.safeguards),
        }
        for key, number in there.items():
            expected = mapping.whole(key, required=True)
            if expected is not None and expected != number:
                self.problems.add(
                    mapping.key_place(key),
                    "section-missing",
                    zh=f"{key} 应有 {expected} 个，文件里有 {number} 个。请补齐缺的，或删去多的。",
                    en=f"there should be {expected} {key}, the file has {number}; restore or remove the rest.",
                )
        mapping.finish()

    def number(self, mapping: Mapping, expected: int) -> int:
        """The section's number, which must follow the one before; the expected one where it does not."""
        scalar = mapping.scalar("number", required=True)
        found = whole_number(scalar, self.problems) if scalar is not None else None
        if scalar is not None and found is not None and found != expected:
            self.problems.add(
                scalar.place,
                "number-out-of-order",
                zh=f"序号是 {found}，这里应当是 {expected}：序号从 1 起连续，各出现一次。",
                en=f"the number is {found}, {expected} should stand here: numbers run from 1, each once.",
            )
        return expected

    def title_in_words(self, mapping: Mapping, name: str, words: str) -> None:
        if name and words and not words.startswith(name):
            self.problems.add(
                mapping.key_place("name"),
                "title-not-in-words",
                zh=f"原文不是以“{name}”开头。请照抄原文的标题。",
                en=f"the words do not begin with '{name}'; copy the title from the text.",
            )

    def mappings(self, mapping: Mapping, key: str, *, required: bool = True) -> list[Mapping]:
        """The items of a list, each of which must be a mapping."""
        sequence = mapping.sequence(key, required=required)
        found = []
        for node in sequence or ():
            if isinstance(node, Mapping):
                found.append(node)
            else:
                self.wrong_shape(node.place)
        return found

    def wrong_shape(self, place: Place) -> None:
        self.problems.add(
            place,
            "wrong-shape",
            zh="这里应当是一组“键: 值”。",
            en="a mapping of keys to values should stand here.",
        )
