"""States of the plan as rows for a template: words, levels, addresses. Nothing is computed here but wording."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext

from jiuye.engine.plan import Milestone, Plan, Responsibility, Safeguard, Target, Task
from jiuye.office.matters.queries import CountyServices
from jiuye.office.targets.queries import MilestoneState, PlanState, SectionState, TargetState
from jiuye.office.targets.queries.readings import last_day
from jiuye.portals.board.choices import Choices
from jiuye.portals.board.quantities import COMPARATORS, decimal, permille, quantity, target_quantity
from jiuye.portals.common.templatetags.jiuye import content, day, english

LEVELS = {"green": "good", "yellow": "watch", "red": "bad", "none": "none"}


def light_words() -> dict[str, str]:
    """What the four lights mean on the board."""
    return {
        "red": gettext("明显落后"),
        "yellow": gettext("略慢或接近"),
        "green": gettext("达标或按序时"),
        "none": gettext("尚无数据或未开始"),
    }


@dataclass(frozen=True, slots=True)
class Shown:
    """A number with its unit."""

    number: str
    unit: str

    def __str__(self) -> str:
        return f"{self.number} {self.unit}".strip() if self.unit != "%" else f"{self.number}%"


@dataclass(frozen=True, slots=True)
class TargetRow:
    """One target as a row of the board."""

    state: TargetState
    name: str
    url: str
    promise: str
    period: str
    actual: Shown | None
    level: str
    word: str
    done: int | None
    elapsed: int | None
    change: str
    rising: bool | None
    notes: tuple[str, ...]
    local: Shown | None
    leads: str


@dataclass(frozen=True, slots=True)
class MilestoneRow:
    """One milestone in one period."""

    state: MilestoneState
    name: str
    period: str
    level: str
    word: str
    leads: str
    report_url: str = ""


@dataclass(frozen=True, slots=True)
class SectionRow:
    """The goals, a task or a safeguard with the rows that the filters leave."""

    state: SectionState
    label: str
    name: str
    url: str
    level: str
    word: str
    leads: str
    targets: tuple[TargetRow, ...]
    milestones: int
    done: int


@dataclass(frozen=True, slots=True)
class ChapterRows:
    """A chapter with its sections; the goals and the safeguards are chapters of their own here."""

    key: str
    label: str
    name: str
    sections: tuple[SectionRow, ...]


def target_row(state: TargetState, plan: Plan, choices: Choices) -> TargetRow:
    """One target in words."""
    unit, standing = state.commitment.unit, state.standing
    change, rising = _change(state)
    paced = standing.expected is not None and standing.state != "not_begun"
    return TargetRow(
        state=state,
        name=content(state.commitment),
        url=reverse("board:indicator", args=[state.indicator.id]) + choices.here,
        promise=promise_words(state.commitment.comparator, state.target, unit),
        period=period_words(state.target, plan),
        actual=Shown(*quantity(state.reading.value, unit)) if state.reading else None,
        level=LEVELS[state.light],
        word=standing.word("en" if english() else "zh"),
        done=permille(standing.completion),
        elapsed=permille(standing.elapsed) if paced else None,
        change=change,
        rising=rising,
        notes=tuple(_notes(state)),
        local=Shown(*quantity(state.known.local, unit)) if state.known.local is not None else None,
        leads=department_names(state.commitment.departments, plan),
    )


def promise_words(comparator: str, target: Target, unit: str) -> str:
    """≥ 15 万人."""
    return f"{COMPARATORS[comparator]} {Shown(*target_quantity(target.value, unit))}"


def period_words(target: Target, plan: Plan) -> str:
    """A target's period where it is not one year: three years together, or no year named."""
    if target.key.isdigit():
        return gettext("%(year)s 年") % {"year": target.key}
    if target.key == "none":
        return gettext("未写年份")
    return gettext("%(first)s–%(last)s 年") % {"first": target.key[:4], "last": target.key[-4:]}


def _change(state: TargetState) -> tuple[str, bool | None]:
    """How the figure moved, with what it is compared to; empty where nothing is known to compare."""
    change, earlier = state.change, state.known.earlier
    if change is None or earlier is None or state.reading is None:
        return "", None
    amount = Shown(*quantity(abs(change), state.commitment.unit))
    if earlier.report is None:
        if change == 0:
            return gettext("与上年同期持平"), None
        words = gettext("比上年同期多 %(amount)s") if change > 0 else gettext("比上年同期少 %(amount)s")
        return words % {"amount": amount}, change > 0
    if change == 0:
        return gettext("与上次（%(day)s）持平") % {"day": day(earlier.until)}, None
    words = (
        gettext("比上次（%(day)s）多 %(amount)s") if change > 0 else gettext("比上次（%(day)s）少 %(amount)s")
    )
    return words % {"day": day(earlier.until), "amount": amount}, change > 0


def _notes(state: TargetState) -> list[str]:
    """What a reader must know of the figure: until when it holds, and whether it is a sample's."""
    notes = []
    if state.reading is not None and state.reading.report is not None:
        notes.append(gettext("截至 %(day)s") % {"day": day(state.reading.until)})
        if state.stale:
            notes.append(gettext("待更新"))
    if state.compared_with != state.target.value:
        scaled = Shown(*quantity(Fraction(int(state.compared_with)), state.commitment.unit))
        notes.append(gettext("演示折算目标 %(target)s") % {"target": scaled})
    return notes


def department_names(responsibility: Responsibility, plan: Plan, *, joint: bool = False) -> str:
    """The leading departments by their short names, in English by their full ones."""
    keys = responsibility.joint if joint else responsibility.lead
    known = [plan.departments[key] for key in keys if key in plan.departments]
    if english():
        return ", ".join(department.name_en for department in known)
    return gettext("、").join(department.short for department in known)


def section_row(state: SectionState, plan: Plan, choices: Choices) -> SectionRow:
    """A section with the targets that the filters leave."""
    return SectionRow(
        state=state,
        label=section_label(state.part),
        name=content(state.part),
        url=reverse("board:section", args=[state.section]) + choices.here,
        level=LEVELS[state.light],
        word=light_words()[state.light] if state.targets else gettext("本年没有量化目标"),
        leads=department_names(state.departments, plan),
        targets=tuple(target_row(one, plan, choices) for one in state.targets if matches(one, choices)),
        milestones=len(state.milestones),
        done=state.done,
    )


def section_label(part: Task | Safeguard) -> str:
    """全市, 任务 7, 保障 2."""
    if isinstance(part, Safeguard):
        return gettext("保障 %(number)s") % {"number": part.number}
    return gettext("任务 %(number)s") % {"number": part.number} if part.number else gettext("全市")


def matches(state: TargetState, choices: Choices) -> bool:
    """True where the filters leave the target."""
    if choices.light and state.light != choices.light:
        return False
    return not choices.department or choices.department in state.commitment.departments


def chapter_rows(state: PlanState, choices: Choices) -> list[ChapterRows]:
    """The plan in its own order; with a filter, only what has a row left."""
    groups: dict[str, tuple[str, str, list[SectionRow]]] = {}
    filtered = bool(choices.light or choices.department)
    for section in state.sections:
        row = section_row(section, state.plan, choices)
        if filtered and not row.targets:
            continue
        key, label, name = _chapter_of(section)
        groups.setdefault(key, (label, name, []))[2].append(row)
    return [ChapterRows(key, label, name, tuple(rows)) for key, (label, name, rows) in groups.items()]


def _chapter_of(section: SectionState) -> tuple[str, str, str]:
    if isinstance(section.part, Safeguard):
        return "safeguards", "", gettext("保障措施")
    if section.chapter is None:
        return "goals", "", gettext("主要目标")
    label = gettext("第 %(number)s 章") % {"number": section.chapter.number}
    return f"chapter-{section.chapter.number}", label, content(section.chapter)


def urgent_rows(state: PlanState, choices: Choices) -> list[TargetRow]:
    """Every target that the filters leave, red first."""
    states = [one for section in state.sections for one in section.targets if matches(one, choices)]
    return [target_row(one, state.plan, choices) for one in sorted(states, key=lambda one: one.urgency)]


def milestone_row(state: MilestoneState, plan: Plan, *, may_report: bool = False) -> MilestoneRow:
    """A milestone with its state and, for whoever may report it, the way to do so."""
    return MilestoneRow(
        state=state,
        name=content(state.milestone),
        period=due_words(state.key),
        level=LEVELS[state.light],
        word=gettext(state.word),
        leads=department_names(state.milestone.departments, plan),
        report_url=(
            f"{reverse('board:report_milestone', args=[state.milestone.id])}?period={state.key}"
            if may_report
            else ""
        ),
    )


def due_words(key: str) -> str:
    """2023 年, 2023–2024 年, or that no year is named."""
    if key == "none":
        return gettext("未写年份")
    if key.isdigit():
        return gettext("%(year)s 年") % {"year": key}
    return gettext("%(first)s–%(last)s 年") % {"first": key[:4], "last": key[-4:]}


def milestone_by_id(plan: Plan, milestone_id: str) -> Milestone | None:
    return next((one for one in plan.milestones() if one.id == milestone_id), None)


def period_choice(key: str, last: date, today: date) -> tuple[str, str]:
    """A period as a form offers it; one that has not begun to end is said to run."""
    running = gettext("进行中") if last >= today else gettext("已结束")
    return key, f"{due_words(key)} · {running}" if key != "none" else due_words(key)


def shown(value: Fraction | None, unit: str, *, exact: bool = False) -> Shown | None:
    """A number with its unit, or None."""
    return Shown(*quantity(value, unit, exact=exact)) if value is not None else None


def share_words(share: Fraction) -> str:
    """A share as a percentage, rounded down to a tenth."""
    return f"{decimal(Fraction(permille(share) or 0, 10), 1)}%"


def day_of(target: Target, on: date) -> date:
    """The day a target is judged on: the day shown, or the last of its period."""
    return min(on, last_day(target.period))


def department_options(plan: Plan) -> list[tuple[str, str]]:
    """Departments that lead or join in a promise with a number, as (key, name)."""
    used = {
        key
        for commitment in plan.commitments()
        for key in (*commitment.departments.lead, *commitment.departments.joint)
    }
    return [
        (key, known.name_en if english() else known.short)
        for key, known in plan.departments.items()
        if key in used
    ]


def lights_row(state: PlanState, choices: Choices) -> list[dict[str, Any]]:
    """The four lights with how many targets show each, and the address that leaves only those."""
    words = light_words()
    return [
        {
            "light": light,
            "level": LEVELS[light],
            "word": word,
            "count": state.lights.get(light, 0),
            "url": choices.query(light="" if choices.light == light else light),
            "current": choices.light == light,
        }
        for light, word in words.items()
    ]


@dataclass(frozen=True, slots=True)
class ServicesRow:
    """The promised services of the places that somebody answers for: how many are late, and in which counties."""

    owed: int
    late: int
    counties: list[tuple[str, int]]


def services_row(counties: Iterable[CountyServices]) -> ServicesRow | None:
    """None where no services were promised."""
    rows = list(counties)
    if not rows:
        return None
    late = [(row.name, row.late) for row in rows if row.late]
    return ServicesRow(sum(row.owed for row in rows), sum(number for _, number in late), late)
