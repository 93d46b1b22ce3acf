"""Reading the promises below a section: commitments with their targets, milestones, and who answers."""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingOf
from datetime import date
from fractions import Fraction

from jiuye.engine.basis.dates import Interval
from jiuye.engine.basis.documents import Mapping, Scalar, is_plain_number
from jiuye.engine.basis.problems import Place, Problems, did_you_mean
from jiuye.engine.plan.model import (
    BASES,
    COMPARATORS,
    Commitment,
    Department,
    Milestone,
    Responsibility,
    Target,
    years_of,
)
from jiuye.engine.plan.words import matching_prefix, numbers_in

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_SCALED_UNIT = re.compile(r"[\d十百千万亿]")
_SPAN = re.compile(r"(\d{4})-(\d{4})")


class PromiseReader:
    """Reads commitments and milestones of one plan; remembers ids and departments across its sections."""

    nobody = Responsibility()

    def __init__(
        self,
        problems: Problems,
        period: Interval,
        departments: MappingOf[str, Department],
        indicators: MappingOf[str, str] | None,
    ) -> None:
        self.problems = problems
        self.period = period
        self.years = years_of(period)
        self.departments = departments
        self.indicators = indicators
        self.seen: dict[str, Place] = {}
        self.used_departments: set[str] = set()

    def commitment(self, node: Mapping, task: int, words: str, inherited: Responsibility) -> Commitment:
        text = node.text("text", required=True)
        self._quoted(node, text, words)
        unit = self._unit(node)
        self._about(node, text)
        note = node.text("note")
        commitment = Commitment(
            id=self._id(node),
            task=task,
            indicator=self._indicator(node, unit, required=True),
            name=node.text("name", required=True),
            name_en=node.text("name_en", required=True),
            text=text,
            comparator=node.choice("comparator", COMPARATORS),
            unit=unit,
            targets=self._targets(node, text, noted=bool(note)),
            departments=self.responsibility(node, default=inherited),
            note=note,
            place=node.place,
        )
        node.finish()
        return commitment

    def milestone(self, node: Mapping, section: str, words: str, inherited: Responsibility) -> Milestone:
        text = node.text("text", required=True)
        self._quoted(node, text, words)
        due, periods = self._due(node)
        milestone = Milestone(
            id=self._id(node),
            section=section,
            name=node.text("name", required=True),
            name_en=node.text("name_en", required=True),
            text=text,
            due=due,
            periods=periods,
            indicator=self._indicator(node, "", required=False),
            departments=self.responsibility(node, default=inherited),
            note=node.text("note"),
            place=node.place,
        )
        node.finish()
        return milestone

    def responsibility(self, node: Mapping, *, default: Responsibility | None) -> Responsibility:
        """Who answers; without an entry the section's departments, which the section itself must name."""
        mapping = node.mapping("departments", required=default is None)
        if mapping is None:
            return default or self.nobody
        lead, joint = self._names(mapping, "lead", required=True), self._names(mapping, "joint")
        for double in sorted(set(lead) & set(joint)):
            self.problems.add(
                mapping.place,
                "department-twice",
                zh=f"“{double}”既牵头又配合。请只留一处。",
                en=f"'{double}' both leads and joins in; keep one.",
            )
        found = Responsibility(lead, joint, mapping.choice("basis", BASES), mapping.text("note"))
        mapping.finish()
        return found

    def report_unused_departments(self, root: Mapping) -> None:
        """Warn of departments that answer for nothing: mostly a reference that was mistyped or lost."""
        mapping = root.mapping("departments")
        for key in mapping.keys() if mapping is not None else ():
            if key not in self.used_departments:
                assert mapping is not None
                self.problems.add(
                    mapping.key_place(key),
                    "unused-department",
                    zh=f"部门“{key}”没有承担任何事项。",
                    en=f"the department '{key}' answers for nothing.",
                    warning=True,
                )

    def _names(self, mapping: Mapping, key: str, *, required: bool = False) -> tuple[str, ...]:
        scalars = mapping.texts(key, required=required)
        for scalar in scalars:
            if scalar.text in self.departments:
                self.used_departments.add(scalar.text)
                continue
            zh, en = did_you_mean(scalar.text, self.departments)
            self.problems.add(
                scalar.place,
                "unknown-department",
                zh=f"没有部门“{scalar.text}”。{zh}",
                en=f"there is no department '{scalar.text}'; {en}",
            )
        return tuple(scalar.text for scalar in scalars if scalar.text in self.departments)

    def _id(self, node: Mapping) -> str:
        scalar = node.scalar("id", required=True)
        if scalar is None:
            return ""
        if not _ID.fullmatch(scalar.text):
            self.problems.add(
                scalar.place,
                "bad-id",
                zh=f"“{scalar.text}”不能作编号。请用小写拉丁字母、数字和连字符。",
                en=f"'{scalar.text}' is no id; use lower-case Latin letters, digits and hyphens.",
            )
        elif scalar.text in self.seen:
            line = self.seen[scalar.text].line
            self.problems.add(
                scalar.place,
                "duplicate-id",
                zh=f"编号“{scalar.text}”在第 {line} 行已经用过。请另起一个。",
                en=f"the id '{scalar.text}' is already used on line {line}; choose another.",
            )
        self.seen.setdefault(scalar.text, scalar.place)
        return scalar.text

    def _quoted(self, node: Mapping, text: str, words: str) -> None:
        """The text must stand in the section's words letter for letter; else say where it goes astray."""
        scalar = node.scalar("text")
        if not text or scalar is None or text in words:
            return
        fits = matching_prefix(text, words)
        self.problems.add(
            scalar.place.shifted(fits, len(text) - fits),
            "text-not-in-words",
            zh=f"原文里没有这句话：前 {fits} 个字相符，从“{text[fits : fits + 6]}”起不符。请照抄原文。",
            en=f"the words do not hold this text: {fits} characters fit, '{text[fits : fits + 6]}' does not; "
            "copy the text as it stands.",
        )

    def _about(self, node: Mapping, text: str) -> None:
        """左右 in the words and "~" as the comparator go together."""
        scalar = node.scalar("comparator")
        if scalar is None or not text or ("左右" in text) == (scalar.text == "~"):
            return
        self.problems.add(
            scalar.place,
            "comparator-differs",
            zh="原文有“左右”时 comparator 写“~”，没有时不写。",
            en="the comparator is '~' where the text says 左右 (about), and only there.",
        )

    def _unit(self, node: Mapping) -> str:
        scalar = node.scalar("unit", required=True)
        if scalar is None:
            return ""
        if _SCALED_UNIT.search(scalar.text):
            self.problems.add(
                scalar.place,
                "unit-not-base",
                zh=f"“{scalar.text}”不是基本单位。请用人、元、个等，并把数值换算过来（15万人写 150000 人）。",
                en=f"'{scalar.text}' is not a base unit; use the plain one and convert the number.",
            )
        return scalar.text

    def _indicator(self, node: Mapping, unit: str, *, required: bool) -> str:
        scalar = node.scalar("indicator", required=required)
        if scalar is None:
            return ""
        if self.indicators is None:
            return scalar.text
        if scalar.text not in self.indicators:
            zh, en = did_you_mean(scalar.text, self.indicators)
            self.problems.add(
                scalar.place,
                "unknown-indicator",
                zh=f"没有指标“{scalar.text}”。{zh}",
                en=f"there is no indicator '{scalar.text}'; {en}",
            )
        elif unit and unit != self.indicators[scalar.text]:
            self.problems.add(
                node.key_place("unit"),
                "unit-differs",
                zh=f"单位是“{unit}”，而指标“{scalar.text}”的单位是“{self.indicators[scalar.text]}”。请改成一致。",
                en=f"the unit is '{unit}', the indicator '{scalar.text}' has "
                f"'{self.indicators[scalar.text]}'; make them agree.",
            )
        return scalar.text

    def _targets(self, node: Mapping, text: str, *, noted: bool) -> tuple[Target, ...]:
        mapping = node.mapping("targets", required=True)
        if mapping is None:
            return ()
        stated = numbers_in(text)
        found = []
        for key, place, value_node in mapping.items():
            period = self._target_period(key, place)
            if not isinstance(value_node, Scalar) or not is_plain_number(value_node.text):
                self.problems.add(
                    value_node.place,
                    "not-a-number",
                    zh="目标值应当是一个普通数字，例如 150000 或 5.5，不带单位、逗号和“万”。",
                    en="a target is a plain number such as 150000 or 5.5, without unit, commas or scale.",
                )
                continue
            value = Fraction(value_node.text)
            if value not in stated and not noted:
                self.problems.add(
                    value_node.place,
                    "number-not-in-text",
                    zh=f"条文里没有 {value_node.text} 这个数。请核对；确需换算的，用 note 写明理由。",
                    en=f"the text does not state {value_node.text}; check it, or explain it in a 'note'.",
                )
            if period is not None:
                found.append(Target(key, value, period))
        if not mapping.keys():
            self.problems.add(
                mapping.place,
                "no-target",
                zh="没有目标值。没有数字的承诺请写在 milestones 下。",
                en="there is no target; a promise without a number belongs under 'milestones'.",
            )
        return tuple(found)

    def _target_period(self, key: str, place: Place) -> Interval | None:
        """The interval of a target's key: a year of the plan, its whole span, or none."""
        if not self.years:
            return None
        span = f"{self.years[0]}-{self.years[-1]}"
        if key in ("none", span):
            return self.period
        if key.isdigit() and int(key) in self.years:
            return year_interval(int(key))
        years = "、".join(str(year) for year in self.years)
        self.problems.add(
            place,
            "year-outside-plan",
            zh=f"“{key}”不是方案期内的年份。可用：{years}、“{span}”（几年合计）或 none（未写年份）。",
            en=f"'{key}' is no year of the plan; use one of {', '.join(map(str, self.years))}, "
            f"'{span}' for a total, or none.",
        )
        return None

    def _due(self, node: Mapping) -> tuple[tuple[str, ...], tuple[Interval, ...]]:
        keys, periods = [], []
        for scalar in node.texts("due", required=True):
            if scalar.text == "none":
                continue
            span = _SPAN.fullmatch(scalar.text)
            years = [int(part) for part in (span.groups() if span else (scalar.text,)) if part.isdigit()]
            if not years or not all(year in self.years for year in years) or years != sorted(years):
                self.problems.add(
                    scalar.place,
                    "year-outside-plan",
                    zh=f"“{scalar.text}”不在方案期内。请写年份、年份列表、“2023-2024”这样的区间，或 none。",
                    en=f"'{scalar.text}' is outside the plan; write a year, a list of years, a span, or none.",
                )
                continue
            keys.append(scalar.text)
            periods.append(Interval(date(years[0], 1, 1), date(years[-1] + 1, 1, 1)))
        return tuple(keys), tuple(periods) or (self.period,)


def year_interval(year: int) -> Interval:
    """The calendar year, half-open."""
    return Interval(date(year, 1, 1), date(year + 1, 1, 1))
