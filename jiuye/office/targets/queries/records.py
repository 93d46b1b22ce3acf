"""The records behind a number, as far as the viewer may see: names masked, the newest first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet

from jiuye.engine.basis.dates import Interval
from jiuye.engine.indicators import Indicator
from jiuye.office.registry.models import Division
from jiuye.office.staff.queries import ANYWHERE, Actor, require, scope_filter
from jiuye.office.targets.measures import MEASURES, Measure, Part, RecordLine, within
from jiuye.office.targets.queries.indicator import NoSuchIndicatorError
from jiuye.office.targets.queries.plan import NoSuchYearError
from jiuye.office.targets.queries.readings import Places
from jiuye.office.targets.rooms import Room


class NoRecordsError(LookupError):
    """The figure is reported by a department, or the part is none of its measure's: there are no records to open."""

    def __init__(self, indicator: Indicator, part: str) -> None:
        self.reported = indicator.is_reported
        if indicator.is_reported:
            sentence = f"“{indicator.name}”由部门填报，系统里没有逐条记录；请看填报的来源文件。"
        else:
            sentence = f"“{indicator.name}”的统计没有“{part}”这一部分。"
        super().__init__(sentence)


@dataclass(frozen=True, slots=True)
class RecordsBehind:
    """The records of one part in one year, or in the whole plan where `year` is None.

    `total` is how many the number counts, `visible` how many of them the viewer may see.
    """

    indicator: Indicator
    measure: Measure
    part: Part
    year: int | None
    on: date
    county: Division | None
    records: QuerySet[Any]
    total: int
    visible: int

    def lines(self, records: Iterable[Any]) -> list[RecordLine]:
        """A page of the records as they are shown, with the names of their places."""
        lines = [self.part.line(record) for record in records]
        known = Division.objects.filter(code__in={line.place for line in lines}).select_related(
            "parent__parent__parent"
        )
        names = {place.code: _full_name(place) for place in known.order_by("code")}
        return [
            RecordLine(
                line.who,
                line.what,
                line.counted_on,
                names.get(line.place, line.place),
                line.source,
                line.amount_fen,
            )
            for line in lines
        ]


def records_behind(
    *, actor: Actor, room: Room, indicator_id: str, part: str, on: date, year: int | None, county: str = ""
) -> RecordsBehind:
    """What one part of an indicator's figure consists of in the year (None: in the plan), up to the day `on`.

    Raises NoSuchIndicatorError, NoSuchYearError, NoRecordsError and NotPermittedError.
    """
    require(actor, "board.open_records", county or ANYWHERE)
    indicator = room.indicators.get(indicator_id)
    if indicator is None:
        raise NoSuchIndicatorError(indicator_id)
    if year is not None and year not in room.plan.years:
        raise NoSuchYearError(year, room.plan)
    measure = MEASURES.get(indicator.measure)
    if measure is None:
        raise NoRecordsError(indicator, part)
    try:
        chosen = measure.part(part)
    except KeyError:
        raise NoRecordsError(indicator, part) from None
    places = Places.read()
    first, last = (year, year) if year is not None else (room.plan.years[0], room.plan.years[-1])
    start = date(first, 1, 1)
    until = max(start, min(date(last + 1, 1, 1), on + timedelta(days=1)))
    everything = within(chosen.records(Interval(start, until)), county or places.city)
    visible = everything.filter(scope_filter(actor, "board.open_records", "place"))
    total = everything.count()
    return RecordsBehind(
        indicator=indicator,
        measure=measure,
        part=chosen,
        year=year,
        on=on,
        county=places.names.get(county),
        records=visible.order_by("-counted_on", "-pk"),
        total=total,
        visible=total if _sees_all(actor, county or places.city) else visible.count(),
    )


def _sees_all(actor: Actor, division_code: str) -> bool:
    return any(division_code.startswith(scope) for scope in actor.scopes("board.open_records"))


def _full_name(place: Division) -> str:
    """A place with its county, so that communities of one name are told apart; the city itself is left out."""
    names, here = [], place
    while here is not None and here.kind != "city":
        names.append(here.name)
        here = here.parent
    return " ".join(reversed(names)) or place.name
