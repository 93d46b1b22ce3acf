"""How a figure stands against its target: integers and fractions only, the day handed in.

A flow is held against the share of its period that is gone (序时进度, counted in months as the ministry does:
half a year is 6/12). A level is held against the target as it stands, and before its period ends it may still
be on the way. 左右 is a band: the good side of it is never wrong.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from jiuye.engine.basis.dates import Interval, month_index
from jiuye.engine.indicators.assessment import Thresholds

LIGHTS = {
    "green": ("绿", "green"),
    "yellow": ("黄", "yellow"),
    "red": ("红", "red"),
    "none": ("无", "none"),
}
"""The lights with their words: a colour is never shown alone."""

STATES: dict[str, tuple[str, str, str]] = {
    "no_figure": ("none", "尚无数据", "no figure yet"),
    "not_begun": ("none", "尚未开始", "not begun"),
    "met": ("green", "已达目标", "target met"),
    "on_pace": ("green", "达到序时进度", "on schedule"),
    "behind": ("yellow", "略低于序时进度", "slightly behind schedule"),
    "near": ("yellow", "接近目标", "near the target"),
    "far_behind": ("red", "明显低于序时进度", "well behind schedule"),
    "off": ("red", "与目标差距较大", "far from the target"),
    "missed": ("red", "期满未达目标", "period over, target missed"),
}
"""Each state with its light and its words in Chinese and English."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where one target stands on one day.

    `elapsed` is the share of the period gone, 0 to 1. `expected` is what a flow should have reached by then,
    rounded down to whole units (half a contest cannot be held). `completion` is actual / target, and `gap`
    completion less elapsed; both are None where there is no figure or where less is better.
    """

    comparator: str
    target: Fraction
    actual: Fraction | None
    elapsed: Fraction
    expected: Fraction | None
    completion: Fraction | None
    gap: Fraction | None
    state: str

    @property
    def light(self) -> str:
        return STATES[self.state][0]

    def word(self, lang: str = "zh") -> str:
        return STATES[self.state][1 if lang == "zh" else 2]


def share_gone(period: Interval, as_of: date) -> Fraction:
    """The share of a closed period gone by the end of the day `as_of`, in months and parts of a month.

    On 30 June it is exactly 6/12 of the year. Raises ValueError for a period without both ends.
    """
    if period.start is None or period.end is None:
        raise ValueError(f"the period {period} has no end on one side; progress needs both")
    start, end = _position(period.start), _position(period.end)
    gone = (_position(as_of + timedelta(days=1)) - start) / (end - start)
    return min(max(gone, Fraction(0)), Fraction(1))


def _position(day: date) -> Fraction:
    """The day's first moment in months since year 0."""
    return month_index(day) + Fraction(day.day - 1, calendar.monthrange(day.year, day.month)[1])


def progress(
    *,
    kind: str,
    better: str,
    comparator: str,
    target: Fraction,
    actual: Fraction | int | None,
    period: Interval,
    as_of: date,
    thresholds: Thresholds,
) -> Progress:
    """How `actual`, the figure by the end of `as_of`, stands against `target` for `period`.

    `kind` and `better` are the indicator's; for ">=" and "<=" the comparator itself says which side is good.
    Raises ValueError for an unknown kind or comparator and for a period without both ends.
    """
    if kind not in ("flow", "level") or comparator not in (">=", "<=", "~"):
        raise ValueError(f"cannot assess a {kind!r} with the comparator {comparator!r}")
    elapsed = share_gone(period, as_of)
    figure = Fraction(actual) if actual is not None else None
    more_is_better = comparator == ">=" or (comparator == "~" and better == "higher")
    needed = _needed(comparator, target, more_is_better, thresholds)
    paced = kind == "flow" and more_is_better
    completion = figure / target if figure is not None and more_is_better and target > 0 else None
    return Progress(
        comparator=comparator,
        target=target,
        actual=figure,
        elapsed=elapsed,
        expected=_whole(target * elapsed) if paced else None,
        completion=completion,
        gap=completion - elapsed if completion is not None else None,
        state=_state(figure, target, needed, elapsed, more_is_better, paced, thresholds),
    )


def _needed(comparator: str, target: Fraction, more_is_better: bool, thresholds: Thresholds) -> Fraction:
    """The value that fulfils the promise: the target itself, or the wrong side's edge of the band."""
    if comparator != "~":
        return target
    tolerance = abs(target) * thresholds.about_tolerance
    return target - tolerance if more_is_better else target + tolerance


def _state(
    figure: Fraction | None,
    target: Fraction,
    needed: Fraction,
    elapsed: Fraction,
    more_is_better: bool,
    paced: bool,
    thresholds: Thresholds,
) -> str:
    if elapsed == 0:
        return "not_begun"
    if figure is None:
        return "no_figure"
    short = needed - figure if more_is_better else figure - needed
    if short <= 0:
        return "met"
    if elapsed == 1:
        return "missed"
    if paced:
        lag = _whole(needed * elapsed) - figure
        if lag <= 0:
            return "on_pace"
        return "behind" if lag <= target * thresholds.yellow_shortfall else "far_behind"
    return "near" if short <= abs(target) * thresholds.level_shortfall else "off"


def _whole(value: Fraction) -> Fraction:
    """Rounded down to whole units."""
    return Fraction(value.numerator // value.denominator)
