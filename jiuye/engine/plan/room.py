"""A pack's plan with its indicators and its assessment, loaded together and held against one another."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from jiuye.engine.basis.problems import Place, Problems
from jiuye.engine.indicators.assessment import Assessment, load_assessment
from jiuye.engine.indicators.definitions import Indicator, load_indicators
from jiuye.engine.plan.loading import load_plan
from jiuye.engine.plan.model import Plan


@dataclass(frozen=True, slots=True)
class PlanRoom:
    """What a pack says of goals and figures. A part that could not be read is None (or empty)."""

    plan: Plan | None
    indicators: Mapping[str, Indicator]
    assessment: Assessment | None


def load_plan_room(
    pack: Path, *, measures: Collection[str] | None = None, problems: Problems | None = None
) -> tuple[PlanRoom, Problems]:
    """Read `plan.yaml`, `indicators/*.yaml` and `assessment.yaml` of the folder `pack`, in one run.

    `measures` are the queries that exist in the office, for the indicators that name one.
    """
    problems = problems if problems is not None else Problems()
    if not pack.is_dir():
        problems.add(
            Place(str(pack)),
            "no-such-pack",
            zh="没有这个方案目录。请检查路径；目录里应有 plan.yaml。",
            en="there is no such folder; check the path. A pack's folder holds a plan.yaml.",
        )
        return PlanRoom(None, {}, None), problems
    indicators, _ = load_indicators(pack / "indicators", measures=measures, problems=problems, base=pack)
    units = {name: indicator.unit for name, indicator in indicators.items()}
    plan, _ = load_plan(pack / "plan.yaml", indicators=units, problems=problems, base=pack)
    assessment, _ = load_assessment(pack / "assessment.yaml", problems=problems, base=pack)
    if plan is not None:
        _report_unused(plan, indicators, problems)
    return PlanRoom(plan, indicators, assessment), problems


def _report_unused(plan: Plan, indicators: Mapping[str, Indicator], problems: Problems) -> None:
    """Warn of indicators that no promise of the plan uses."""
    used = {commitment.indicator for commitment in plan.commitments()}
    used |= {milestone.indicator for milestone in plan.milestones()}
    for name, indicator in indicators.items():
        if name not in used:
            problems.add(
                indicator.place,
                "unused-indicator",
                zh=f"方案里没有承诺用到指标“{name}”。",
                en=f"no promise of the plan uses the indicator '{name}'.",
                warning=True,
            )
