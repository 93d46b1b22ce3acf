"""What a measure is made of: parts, each a query for the records themselves.

The number and the list behind it come from the same query, so that they cannot differ. Every record is annotated with
`counted_on` (the day by which it belongs to a year) and `place` (the division code that it is counted for).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from django.db.models import CharField, Count, F, Model, Q, QuerySet, Sum, Value, Window
from django.db.models.functions import Coalesce, ExtractDay, ExtractMonth, ExtractYear, Left, RowNumber

from jiuye.engine.basis.dates import Interval
from jiuye.office.registry.places import COUNTY_DIGITS
from jiuye.office.targets.measure_names import MEASURE_NAMES

MONTH_AND_COUNTY = ("tally_year", "tally_month", "tally_county")


@dataclass(frozen=True, slots=True)
class RecordLine:
    """One record as the board shows it: whose (masked), what, on which day, where, and who keeps the record."""

    who: str
    what: str
    counted_on: date
    place: str
    source: str
    amount_fen: int | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Records that a measure adds (`sign` 1), deducts (-1), leaves out and says so (0), or that only the whole of a share contains (2)."""

    key: str
    name: str
    sign: int
    records: Callable[[Interval], QuerySet[Any]]
    line: Callable[[Any], RecordLine]


@dataclass(frozen=True, slots=True)
class Measure:
    """A named query over the records. `amount` names the fen column that is summed; without it records are counted.

    With `share` the measure is the percentage that the parts of sign 1 are of these and those of sign 2 together.
    """

    name: str
    parts: tuple[Part, ...]
    amount: str = ""
    share: bool = False

    def __post_init__(self) -> None:
        assert self.name in MEASURE_NAMES, self.name

    def part(self, key: str) -> Part:
        """The part of that key. Raises KeyError for one that the measure does not have."""
        for part in self.parts:
            if part.key == key:
                return part
        raise KeyError(key)

    def in_base_unit(self, total: int) -> Fraction:
        """Persons and certificates as they are; fen as yuan, exactly."""
        return Fraction(total, 100) if self.amount else Fraction(total)


@dataclass(frozen=True, slots=True)
class Tally:
    """How much one part holds in one month in one county; `by_day` until the same day of the year as asked."""

    part: str
    year: int
    month: int
    county: str
    total: int
    by_day: int


def within(records: QuerySet[Any], prefix: str) -> QuerySet[Any]:
    """The records counted for a division and those inside it."""
    return records.filter(place__startswith=prefix) if prefix else records


def tallies(
    measures: Iterable[Measure],
    *,
    period: Interval,
    on: date,
    prefix: str = "",
    left_out: bool = False,
) -> dict[str, list[Tally]]:
    """By the name of each measure: its parts by month and county, all of them in one query.

    `period` is half-open and begins on a 1 January, since persons are counted once a calendar year. `on` is the day
    up to which `by_day` counts in each year, so that a year is compared with the year before on the same day.
    """
    found: dict[str, list[Tally]] = {measure.name: [] for measure in measures}
    counted = [
        _by_month(measure, part, period=period, on=on, prefix=prefix)
        for measure in measures
        for part in measure.parts
        if part.sign != 0 or left_out
    ]
    if not counted:
        return found
    rows = counted[0].union(*counted[1:], all=True) if len(counted) > 1 else counted[0]
    for name, *row in rows.order_by("tally_measure", "tally_part", *MONTH_AND_COUNTY):
        found[name].append(Tally(*row))
    return found


def _by_month(measure: Measure, part: Part, *, period: Interval, on: date, prefix: str) -> QuerySet[Any]:
    """Rows of `tallies` for one part, not yet asked for: the measure, then the fields of a Tally."""
    records = within(part.records(period), prefix).annotate(
        tally_year=ExtractYear("counted_on"),
        tally_month=ExtractMonth("counted_on"),
        tally_day=ExtractDay("counted_on"),
        tally_county=Left("place", COUNTY_DIGITS),
    )
    early = Q(tally_month__lt=on.month) | Q(tally_month=on.month, tally_day__lte=on.day)
    if measure.amount:
        totals = {
            "tally_total": Coalesce(Sum(measure.amount), 0),
            "tally_by_day": Coalesce(Sum(measure.amount, filter=early), 0),
        }
    else:
        totals = {"tally_total": Count("pk"), "tally_by_day": Count("pk", filter=early)}
    names = {"tally_measure": measure.name, "tally_part": part.key}
    return (
        records.order_by()
        .values(*MONTH_AND_COUNTY)
        .annotate(**totals, **{key: Value(name, CharField()) for key, name in names.items()})
        .values_list(*names, *MONTH_AND_COUNTY, *totals)
    )


def first_in_the_year(records: QuerySet[Any], *, by: str = "person_id") -> QuerySet[Any]:
    """Of each person only the first record of each calendar year: the later ones are not counted again.

    The person is thereby counted where that first record lies, and the counties add up to the city.
    """
    firsts = (
        records.annotate(
            turn=Window(
                RowNumber(),
                partition_by=[F(by), ExtractYear("counted_on")],
                order_by=[F("counted_on"), F("pk")],
            )
        )
        .filter(turn=1)
        .values("pk")
    )
    return records.filter(pk__in=firsts)


def later_in_the_year(records: QuerySet[Any], *, by: str = "person_id") -> QuerySet[Any]:
    """The records that `first_in_the_year` leaves out."""
    firsts = first_in_the_year(records, by=by).values("pk")
    return records.exclude(pk__in=firsts)


def started(model: type[Model], period: Interval) -> QuerySet[Any]:
    """Records whose `start` lies in the period."""
    return model._default_manager.filter(start__gte=period.start, start__lt=period.end)
