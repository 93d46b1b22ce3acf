"""Reading `deadlines.yaml`: how many workdays before a deadline its light turns, in how many a low mark is to be answered, and when what is
late goes to the level above. A promised service takes longer than a step, so that its light may turn earlier; what was granted is looked at
again within some workdays of its day."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from jiuye.engine.basis.documents import Mapping, Sequence, read_yaml
from jiuye.engine.basis.problems import Problems
from jiuye.engine.services.reading import MOST_WORKDAYS, SourcedReader

__all__ = ["Deadlines", "Rise", "load_deadlines"]

FILE_NAME = "deadlines.yaml"
MOST_LEVELS = 3  # from a community: street, county, city


@dataclass(frozen=True, slots=True)
class Rise:
    """What is late by so many workdays goes so many levels up from the office whose step it is."""

    late_workdays: int
    levels: int
    basis: str


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The whole file. Without one a light turns on the last day, a low mark has no last day, and nothing goes up by itself."""

    soon_workdays: int = 0
    rises: tuple[Rise, ...] = ()
    answer_workdays: int | None = None  # of a low mark; None where the pack sets none
    service_workdays: int | None = (
        None  # of a promised service's light; None where it turns as every other does
    )
    review_workdays: int = 0  # to look again at what was granted, from the day on which that is due

    @property
    def soon_service_workdays(self) -> int:
        """So many workdays before its last day the light of a promised service turns."""
        return self.soon_workdays if self.service_workdays is None else self.service_workdays


def load_deadlines(folder: Path, *, problems: Problems | None = None) -> tuple[Deadlines, Problems]:
    """The rules in the pack's `deadlines.yaml`, and what is wrong with them."""
    problems = problems if problems is not None else Problems()
    path = folder / FILE_NAME
    root = read_yaml(path, problems, base=folder) if path.exists() else None
    if root is None:
        return Deadlines(), problems
    return _Reader(problems).deadlines(root), problems


class _Reader(SourcedReader):
    def deadlines(self, root: Mapping) -> Deadlines:
        root.text("id", required=True)
        self.read_sources(root)
        soon = root.mapping("soon", required=True)
        soon_workdays = 0
        if soon is not None:
            soon_workdays = self.workdays(soon, "workdays")
            self.basis(soon, "basis")
            self.source(soon)
            soon.finish()
        answer_workdays = self.some_workdays(root.mapping("low_mark"))
        service_workdays = self.some_workdays(root.mapping("promised_service"))
        review_workdays = self.some_workdays(root.mapping("due_review")) or 0
        sequence = root.sequence("escalation", required=True)
        rises = [self.rise(node) for node in sequence or () if isinstance(node, Mapping)]
        if sequence is not None:
            self.in_order(sequence, rises)
        self.unused_sources(root)
        root.finish()
        return Deadlines(soon_workdays, tuple(rises), answer_workdays, service_workdays, review_workdays)

    def some_workdays(self, node: Mapping | None) -> int | None:
        if node is None:
            return None
        workdays = self.workdays(node, "workdays")
        self.basis(node, "basis")
        self.source(node)
        node.finish()
        return workdays

    def rise(self, node: Mapping) -> Rise:
        rise = Rise(
            self.workdays(node, "late_workdays"),
            node.whole("levels", required=True) or 0,
            self.basis(node, "basis"),
        )
        self.source(node)
        node.finish()
        return rise

    def in_order(self, sequence: Sequence, rises: list[Rise]) -> None:
        late, levels = [rise.late_workdays for rise in rises], [rise.levels for rise in rises]
        grow = late == sorted(set(late)) and levels == sorted(set(levels))
        if (
            grow
            and all(1 <= one <= MOST_WORKDAYS for one in late)
            and all(1 <= one <= MOST_LEVELS for one in levels)
        ):
            return
        self.problems.add(
            sequence.place,
            "escalation-out-of-order",
            zh=f"逾期上报要按逾期工作日从少到多写，至少 1 个工作日；上报的级数也要逐行增加，在 1 到 {MOST_LEVELS} 之间。",
            en=f"escalation runs from few workdays late to many, at least one; the levels grow from row to row, from 1 to {MOST_LEVELS}.",
        )
