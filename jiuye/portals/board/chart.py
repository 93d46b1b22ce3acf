"""The course of a figure as a plain SVG: coordinates only, drawn by a template, styled by classes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from jiuye.engine.basis.dates import Interval, add_months, months_from
from jiuye.engine.indicators import share_gone
from jiuye.office.targets.queries import IndicatorState, Point
from jiuye.portals.board.quantities import decimal

WIDTH, HEIGHT = 460, 210
LEFT, RIGHT, TOP, BOTTOM = 48, 14, 12, 28


@dataclass(frozen=True, slots=True)
class Mark:
    """A labelled position on an axis."""

    at: int
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything in the units of the view box."""

    line: str
    area: str
    dots: tuple[tuple[int, int], ...]
    pace: (
        tuple[int, int, int, int] | None
    )  # from the period's beginning to its target, or level with the target
    days: tuple[Mark, ...]
    values: tuple[Mark, ...]
    today: int | None
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM


def chart_of(state: IndicatorState) -> Chart | None:
    """The course over the target's period (else the year) beside the way to the target; None below two points."""
    if len(state.points) < 2:
        return None
    target = state.current
    period = target.target.period if target else Interval(date(state.year, 1, 1), date(state.year + 1, 1, 1))
    goal = target.compared_with if target else None
    highest = max([point.value for point in state.points] + ([goal] if goal else []) + [Fraction(1)])
    lowest = min([point.value for point in state.points] + [Fraction(0)])
    top = _round_up(highest)

    def x(day: date) -> int:
        return LEFT + int((WIDTH - LEFT - RIGHT) * share_gone(period, day))

    def y(value: Fraction) -> int:
        return TOP + int((HEIGHT - TOP - BOTTOM) * (top - value) / (top - lowest))

    flow = state.indicator.kind == "flow"
    spots = [(x(point.day), y(point.value)) for point in state.points]
    track = [(LEFT, y(Fraction(0))), *spots] if flow else spots
    return Chart(
        line=" ".join(f"{a},{b}" for a, b in track),
        area=" ".join(f"{a},{b}" for a, b in [*track, (track[-1][0], y(lowest)), (track[0][0], y(lowest))]),
        dots=tuple(spots[-1:] if state.measure else spots),
        pace=(LEFT, y(Fraction(0)) if flow else y(goal), WIDTH - RIGHT, y(goal))
        if goal is not None
        else None,
        days=tuple(_days(period, x)),
        values=tuple(Mark(y(value), decimal(value, 1)) for value in (lowest, (top + lowest) / 2, top)),
        today=x(state.on) if state.on in period else None,
    )


def _round_up(value: Fraction) -> Fraction:
    """To a round number a little above, so that the axis reads easily."""
    size = Fraction(1)
    while size * 10 < value:
        size *= 10
    while size > value:
        size /= 10
    steps = -(-value // (size / 2))
    return steps * size / 2


def _days(period: Interval, x) -> list[Mark]:
    """Beginnings of quarters in a year, of years in a longer period."""
    assert period.start is not None
    assert period.end is not None
    months = months_from(period.start, period.end)
    step = 3 if months <= 12 else 12
    found = []
    for offset in range(0, months, step):
        first = add_months(period.start, offset)
        eve = date.fromordinal(first.toordinal() - 1)
        found.append(
            Mark(x(eve), str(first.year) if step == 12 else f"{first.month:02d}/{first.year % 100:02d}")
        )
    return found


def table_of(points: tuple[Point, ...]) -> list[tuple[date, Fraction]]:
    """The same as numbers, for those who do not see the drawing."""
    return [(point.day, point.value) for point in points]
