"""One indicator opened: its definition, every year of it, the counties, and how the number came about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from jiuye.engine.basis.dates import Interval, add_months
from jiuye.engine.indicators import Indicator
from jiuye.engine.plan import Commitment, Milestone, Target
from jiuye.office.registry.models import Division
from jiuye.office.staff.queries import ANYWHERE, Actor, require
from jiuye.office.targets.measures import MEASURES, Measure, Part, Tally
from jiuye.office.targets.models import ReportedFigure
from jiuye.office.targets.queries.plan import Judge, NoSuchYearError, TargetState, counties_for
from jiuye.office.targets.queries.readings import Book, net, years_in
from jiuye.office.targets.rooms import Room


class NoSuchIndicatorError(LookupError):
    """An indicator that is not in the pack."""

    def __init__(self, indicator_id: str) -> None:
        super().__init__(f"没有指标“{indicator_id}”。 There is no indicator {indicator_id!r}.")


@dataclass(frozen=True, slots=True)
class PartTotal:
    """A part of the measure: how many records (or fen) it holds in the year, and in the plan up to the day."""

    part: Part
    total: int
    plan_total: int


@dataclass(frozen=True, slots=True)
class CountyFigure:
    """A county's part of the year's figure; None where there is neither a record nor a report."""

    division: Division
    value: Fraction | None
    earlier: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """The figure by the end of a day, for the chart."""

    day: date
    value: Fraction


@dataclass(frozen=True, slots=True)
class IndicatorState:
    """Everything the board says of one indicator in one year as of one day."""

    indicator: Indicator
    year: int
    on: date
    commitments: tuple[Commitment, ...]
    milestones: tuple[Milestone, ...]
    targets: tuple[TargetState, ...]  # all years, as they stood on the day
    current: TargetState | None  # the target that the year belongs to, if the plan sets one
    figure: Fraction | None  # the year's figure, also where the plan sets no target for it
    plan_figure: Fraction | None  # measured over the plan up to the day
    parts: tuple[PartTotal, ...]
    counties: tuple[CountyFigure, ...]
    points: tuple[Point, ...]
    reports: tuple[ReportedFigure, ...]
    county: Division | None  # whose part is shown beside the city's
    places: Mapping[str, Division]  # the city and its counties by code
    share: Fraction

    @property
    def measure(self) -> Measure | None:
        return MEASURES.get(self.indicator.measure)


def indicator_on(
    *,
    actor: Actor,
    room: Room,
    indicator_id: str,
    on: date,
    year: int,
    county: str = "",
    share: Fraction = Fraction(1),
) -> IndicatorState:
    """One indicator with all its targets. Raises NoSuchIndicatorError, NoSuchYearError and NotPermittedError."""
    require(actor, "board.see", county or ANYWHERE)
    indicator = room.indicators.get(indicator_id)
    if indicator is None:
        raise NoSuchIndicatorError(indicator_id)
    if year not in room.plan.years:
        raise NoSuchYearError(year, room.plan)
    book = Book(room, on=on, indicators=[indicator_id], left_out=True)
    judge = Judge(room, book, on=on, county=county, share=share)
    commitments = tuple(one for one in room.plan.commitments() if one.indicator == indicator_id)
    rows = [row for row in book.tallies.get(indicator_id, []) if row.year == year]
    measure = MEASURES.get(indicator.measure)
    states = tuple(judge.state(one, target) for one in commitments for target in one.targets)
    current = _touching(states, year)
    return IndicatorState(
        indicator=indicator,
        year=year,
        on=on,
        commitments=commitments,
        milestones=tuple(one for one in room.plan.milestones() if one.indicator == indicator_id),
        targets=states,
        current=current,
        figure=_figure(book, indicator, measure, rows, year),
        plan_figure=net(measure, book.tallies[indicator_id]) if measure else None,
        parts=tuple(
            PartTotal(part, _total(rows, part), _total(book.tallies[indicator_id], part))
            for part in (measure.parts if measure and book.tallies[indicator_id] else ())
        ),
        counties=tuple(_counties(actor, book, indicator, measure, year)),
        points=tuple(_points(book, indicator, measure, current.target if current else None, year)),
        reports=tuple(_history(indicator_id, on)),
        county=book.places.names.get(county),
        places=book.places.names,
        share=share if measure is not None else Fraction(1),
    )


def _total(rows: list[Tally], part: Part) -> int:
    return sum(row.total for row in rows if row.part == part.key)


def _figure(
    book: Book, indicator: Indicator, measure: Measure | None, rows: list[Tally], year: int
) -> Fraction | None:
    if measure is not None:
        return net(measure, rows) if book.tallies.get(indicator.id) else None
    reports = book.reports.get((indicator.id, book.places.city, str(year)), [])
    return Fraction(reports[-1].value) if reports else None


def _counties(
    actor: Actor, book: Book, indicator: Indicator, measure: Measure | None, year: int
) -> list[CountyFigure]:
    """The year's figure by county, of those in the actor's scope: measured, else as the counties reported it."""
    found = []
    for division in counties_for(actor, book):
        if measure is not None:
            rows = book.tallies.get(indicator.id, [])
            here = [row for row in rows if row.county == division.code]
            before = [row for row in here if row.year == year - 1]
            now = net(measure, (row for row in here if row.year == year)) if rows else None
            found.append(CountyFigure(division, now, net(measure, before, by_day=True) if before else None))
        else:
            reports = book.reports.get((indicator.id, division.code, str(year)), [])
            found.append(CountyFigure(division, Fraction(reports[-1].value) if reports else None))
    return found if any(figure.value is not None for figure in found) else []


def _touching(states: tuple[TargetState, ...], year: int) -> TargetState | None:
    period = Interval(date(year, 1, 1), date(year + 1, 1, 1))
    return next((state for state in states if state.target.period.overlaps(period)), None)


def _points(
    book: Book, indicator: Indicator, measure: Measure | None, target: Target | None, year: int
) -> list[Point]:
    """The course of the target's period (of the year, where the plan sets none) up to the day.

    Month by month, summed from the period's beginning, where it is measured; report by report where it is reported.
    """
    if measure is None:
        key = target.key if target is not None else str(year)
        reports = book.reports.get((indicator.id, book.places.city, key), [])
        return [Point(report.as_of, Fraction(report.value)) for report in reports]
    rows = book.tallies.get(indicator.id, [])
    years = years_in(target.period) if target is not None else range(year, year + 1)
    found: list[Point] = []
    for first in (date(one, month, 1) for one in years for month in range(1, 13)):
        if first > book.on or not rows:
            break
        so_far = net(
            measure,
            (row for row in rows if row.year in years and (row.year, row.month) <= (first.year, first.month)),
        )
        if so_far is not None:
            found.append(Point(min(add_months(first, 1) - timedelta(days=1), book.on), so_far))
    return found


def _history(indicator_id: str, on: date) -> list[ReportedFigure]:
    """Every report, corrections and corrected ones included, the newest first."""
    return list(
        ReportedFigure.objects.filter(indicator_id=indicator_id, as_of__lte=on)
        .select_related("reported_by", "superseded_by")
        .order_by("-as_of", "-pk")[:200]
    )
