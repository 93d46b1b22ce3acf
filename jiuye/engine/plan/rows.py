"""The commitments of a plan as flat rows: one for each number that somebody has to reach."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from jiuye.engine.basis.dates import Interval
from jiuye.engine.plan.model import Plan, Responsibility


@dataclass(frozen=True, slots=True)
class CommitmentRow:
    """One target of one commitment. `year` as in `Target.year`; `period` is what the number is for."""

    commitment: str
    task: int
    year: int | str | None
    comparator: str
    value: Fraction
    unit: str
    text: str
    indicator: str
    name: str
    name_en: str
    departments: Responsibility
    period: Interval

    def as_json(self) -> dict[str, object]:
        """The row for other programs: task, year, comparator, value (a plain number), unit, text, indicator."""
        return {
            "task": self.task,
            "year": self.year,
            "comparator": self.comparator,
            "value": plain_number(self.value),
            "unit": self.unit,
            "text": self.text,
            "indicator": self.indicator,
        }


def commitments(plan: Plan) -> list[CommitmentRow]:
    """Every target of every commitment, in the order of the plan and then of the years as written."""
    return [
        CommitmentRow(
            commitment=commitment.id,
            task=commitment.task,
            year=target.year,
            comparator=commitment.comparator,
            value=target.value,
            unit=commitment.unit,
            text=commitment.text,
            indicator=commitment.indicator,
            name=commitment.name,
            name_en=commitment.name_en,
            departments=commitment.departments,
            period=target.period,
        )
        for commitment in plan.commitments()
        for target in commitment.targets
    ]


def plain_number(value: Fraction) -> int | float:
    """A number for JSON: an integer where it is one, which every amount of money here is.

    JSON knows only binary floats for the rest (5.5 %), so this is the last step before printing, never a
    step of a computation.
    """
    return value.numerator if value.denominator == 1 else float(value)
