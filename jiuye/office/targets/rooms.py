"""The plan of a pack, read once and again whenever a file of it changes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jiuye.engine.basis.problems import Problems
from jiuye.engine.indicators import Assessment, Indicator
from jiuye.engine.plan import Plan, load_plan_room
from jiuye.office.targets.measure_names import MEASURE_NAMES


class PlanUnusableError(ValueError):
    """The pack's plan, indicators or assessment cannot be relied on; the message lists what is wrong."""

    def __init__(self, pack: Path, problems: Problems) -> None:
        self.problems = problems
        listed = "\n".join(problem.render() for problem in problems.errors)
        super().__init__(f"方案 {pack} 有错误，看板暂不能显示；请用 jiuye check 查看并改正。\n{listed}")


@dataclass(frozen=True, slots=True)
class Room:
    """A plan that was read without an error, with its indicators and the thresholds of its lights."""

    plan: Plan
    indicators: dict[str, Indicator]
    assessment: Assessment


def plan_room(pack: Path) -> Room:
    """The plan in the folder `pack`. Raises PlanUnusableError where it has errors."""
    files = [pack / "plan.yaml", pack / "assessment.yaml", *sorted((pack / "indicators").glob("*.yaml"))]
    stamp = tuple((file.name, file.stat().st_mtime_ns) for file in files if file.exists())
    return _read(pack, stamp)


@lru_cache(maxsize=4)
def _read(pack: Path, stamp: tuple[tuple[str, int], ...]) -> Room:
    """`stamp` is only the key: another state of the files is read anew."""
    room, problems = load_plan_room(pack, measures=MEASURE_NAMES)
    if problems.errors or room.plan is None or room.assessment is None:
        raise PlanUnusableError(pack, problems)
    return Room(room.plan, dict(room.indicators), room.assessment)
