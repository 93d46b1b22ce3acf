"""What is known of each indicator by one day: from the records, or from what departments reported."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from django.db.models import QuerySet

from jiuye.engine.basis.dates import Interval, period_of
from jiuye.engine.indicators import Indicator
from jiuye.engine.plan import Target
from jiuye.office.registry.models import Division
from jiuye.office.targets.measures import MEASURES, Measure, Tally, tallies
from jiuye.office.targets.models import ReportedFigure
from jiuye.office.targets.rooms import Room

COUNTY_LEVEL = ("county", "zone")


@dataclass(frozen=True, slots=True)
class Reading:
    """A figure with the last day it covers. `report` is the department's row, None where it was measured."""

    value: Fraction
    until: date
    report: ReportedFigure | None = None

    @property
    def origin(self) -> str:
        return "reported" if self.report is not None else "measured"


@dataclass(frozen=True, slots=True)
class Known:
    """The reading of one target, the county's part of it, and what it is compared with.

    `earlier` is the figure of the year before on the same day (measured), or the report before this one.
    """

    reading: Reading | None = None
    local: Fraction | None = None
    earlier: Reading | None = None


@dataclass(frozen=True, slots=True)
class Places:
    """The city and its county-level divisions, by code."""

    city: str
    names: dict[str, Division]

    @classmethod
    def read(cls) -> Places:
        found = Division.objects.filter(kind__in=["city", *COUNTY_LEVEL]).order_by("code")
        names = {division.code: division for division in found}
        city = next((code for code, division in names.items() if division.kind == "city"), "")
        return cls(city, names)

    @property
    def counties(self) -> list[Division]:
        return [division for division in self.names.values() if division.kind in COUNTY_LEVEL]


def standing_reports() -> QuerySet[ReportedFigure]:
    """Reports that no correction has replaced, the oldest figure first."""
    return ReportedFigure.objects.filter(superseded_by__isnull=True).order_by(
        "indicator_id", "division_code", "period_key", "as_of", "pk"
    )


class Book:
    """Everything known by the end of the day `on` about some indicators, read in a fixed number of queries.

    One query for all measures, one for all reports, one for the divisions: however many targets are asked for.
    """

    def __init__(
        self, room: Room, *, on: date, indicators: Iterable[str] | None = None, left_out: bool = False
    ) -> None:
        self.room, self.on = room, on
        self.places = Places.read()
        wanted = set(room.indicators if indicators is None else indicators)
        self.tallies = self._tallies(
            [indicator for name, indicator in room.indicators.items() if name in wanted], left_out
        )
        self.reports: dict[tuple[str, str, str], list[ReportedFigure]] = {}
        for report in standing_reports().filter(indicator_id__in=sorted(wanted), as_of__lte=on):
            key = (report.indicator_id, report.division_code, report.period_key)
            self.reports.setdefault(key, []).append(report)

    def _tallies(self, indicators: list[Indicator], left_out: bool) -> dict[str, list[Tally]]:
        """By the name of the indicator; nothing before the plan begins."""
        start, end = self.room.plan.period.start, self.room.plan.period.end
        assert start is not None  # the loader refuses an open plan
        assert end is not None
        until = min(end, self.on + timedelta(days=1))
        measured = {one.id: one.measure for one in indicators if one.measure in MEASURES}
        if until <= start:
            return {name: [] for name in measured}
        found = tallies(
            [MEASURES[name] for name in sorted(set(measured.values()))],
            period=Interval(start, until),
            on=self.on,
            prefix=self.places.city,
            left_out=left_out,
        )
        return {name: found[measure] for name, measure in measured.items()}

    def known(self, indicator: Indicator, target: Target, *, county: str = "") -> Known:
        """What is known of that target by the day."""
        if indicator.measure in MEASURES:
            return self._measured(indicator, target, county)
        return self._reported(indicator, target, county)

    def _measured(self, indicator: Indicator, target: Target, county: str) -> Known:
        measure, rows = MEASURES[indicator.measure], self.tallies.get(indicator.id, [])
        years = years_in(target.period)
        if not rows or target.period.start is None or target.period.start > self.on:
            return Known()  # nothing of this kind was ever recorded: that is no zero
        until = self.on if self.on in target.period else last_day(target.period)
        value = net(measure, (row for row in rows if row.year in years))
        if value is None:
            return Known()
        local = net(measure, (row for row in rows if row.year in years and row.county == county))
        earlier = None
        if len(years) == 1:
            before = [row for row in rows if row.year == years[0] - 1]
            if before:
                day = same_day(until, years[0] - 1)
                then = net(measure, before, by_day=self.on in target.period)
                earlier = Reading(then, day) if then is not None else None
        return Known(Reading(value, until), local if county else None, earlier)

    def _reported(self, indicator: Indicator, target: Target, county: str) -> Known:
        reports = self.reports.get((indicator.id, self.places.city, target.key), [])
        if (
            not reports
            and indicator.kind == "level"
            and target.period.start
            and target.period.start > self.on
        ):
            reports = self._on_the_way(indicator)
        local = self.reports.get((indicator.id, county, target.key), []) if county else []
        return Known(
            _reading(reports[-1]) if reports else None,
            Fraction(local[-1].value) if local else None,
            _reading(reports[-2]) if len(reports) > 1 else None,
        )

    def _on_the_way(self, indicator: Indicator) -> list[ReportedFigure]:
        """Where a stock stands before the year of its target has begun: shown, and not judged."""
        found = [
            report
            for (name, place, _), reports in self.reports.items()
            for report in reports
            if name == indicator.id and place == self.places.city
        ]
        return sorted(found, key=lambda report: (report.as_of, report.pk))


def _reading(report: ReportedFigure) -> Reading:
    return Reading(Fraction(report.value), report.as_of, report)


def net(measure: Measure, rows: Iterable[Tally], *, by_day: bool = False) -> Fraction | None:
    """What is counted less what is deducted, in the indicator's base unit; of a share the percentage, None where there is nobody."""
    signs = {part.key: part.sign for part in measure.parts}
    totals: dict[int, int] = {}
    for row in rows:
        sign = signs[row.part]
        totals[sign] = totals.get(sign, 0) + (row.by_day if by_day else row.total)
    if measure.share:
        whole = totals.get(1, 0) + totals.get(2, 0)
        return Fraction(100 * totals.get(1, 0), whole) if whole else None
    return measure.in_base_unit(totals.get(1, 0) - totals.get(-1, 0))


def years_in(period: Interval) -> range:
    """The calendar years of a closed period of whole years."""
    assert period.start is not None
    return range(period.start.year, last_day(period).year + 1)


def last_day(period: Interval) -> date:
    """The last day inside a closed half-open period."""
    assert period.end is not None
    return period.end - timedelta(days=1)


def same_day(day: date, year: int) -> date:
    """That day in another year; 29 February becomes 28 February."""
    return date(year, day.month, 28 if (day.month, day.day) == (2, 29) else day.day)


def is_stale(indicator: Indicator, reading: Reading, on: date) -> bool:
    """True where a whole further month, quarter or year, as the indicator is due, has ended without a report."""
    if reading.report is None:
        return False
    begun = period_of(indicator.frequency, on).start
    assert begun is not None
    ended = on if on == last_day(period_of(indicator.frequency, on)) else begun - timedelta(days=1)
    return reading.until < ended
