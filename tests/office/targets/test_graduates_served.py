"""The service rate of graduates, from the services that were promised and given, down to each of them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from fractions import Fraction

import pytest

from jiuye.engine.basis.dates import Interval
from jiuye.engine.services import load_items
from jiuye.office.matters.models import Matter, PromisedService, ServiceGiven
from jiuye.office.targets.measures import MEASURES, tallies
from jiuye.office.targets.queries.readings import net
from tests.office.targets.people import day, holds, person

pytestmark = pytest.mark.django_db
YEAR = Interval(date(2025, 1, 1), date(2026, 1, 1))
MEASURE = MEASURES["graduates_served"]


@pytest.fixture(autouse=True)
def _places(divisions) -> None:
    pass


def registered(on: str, *, promised: bool = True) -> Matter:
    """A graduate on the real-name register who wants work: guidance and three recommendations are promised."""
    who = person(birth_date=date(2001, 6, 1))
    holds(who, "unemployed_graduate", on)
    matter = Matter.objects.create(
        item_id="graduate-registration", item_name="离校未就业高校毕业生实名登记", item_version="x", way="own",
        applicant_kind="person", person=who, applicant_name=who.name, division_code=who.residence_division_id,
        started_on=day(on), state="granted", decided_on=day(on),
    )  # fmt: skip
    if promised:
        for milestone, times in (("guidance", 1), ("recommendation", 3)):
            PromisedService.objects.create(
                matter=matter, milestone_id=milestone, name=milestone, name_en=milestone, times=times
            )
    return matter


def give(matter: Matter, milestone: str, *days: str, by) -> None:
    for on in days:
        ServiceGiven.objects.create(
            promised=matter.promised.get(milestone_id=milestone), on_date=day(on), note="当面",
            given_by_id=by.account_id, at=datetime(2025, 9, 1, tzinfo=UTC),
        )  # fmt: skip


def rate(on: date = date(2025, 12, 31)) -> Fraction | None:
    rows = tallies([MEASURE], period=Interval(YEAR.start, on), on=on)[MEASURE.name]
    return net(MEASURE, rows)


def test_only_who_had_every_promised_service_as_often_as_promised_counts_as_served(city_office):
    whole, short = registered("2025-03-01"), registered("2025-03-02")
    registered("2025-03-03", promised=False)  # does not want work: in neither part
    give(whole, "guidance", "2025-03-05", by=city_office)
    give(whole, "recommendation", "2025-03-06", "2025-04-06", "2025-05-06", by=city_office)
    give(short, "guidance", "2025-03-05", by=city_office)
    give(short, "recommendation", "2025-03-06", by=city_office)
    assert [row.pk for row in MEASURE.part("served").records(YEAR)] == [whole.pk]
    (owed,) = MEASURE.part("still_owed").records(YEAR)
    assert (owed.pk, owed.lacking) == (short.pk, 1)
    assert rate() == Fraction(50)


def test_a_service_given_later_is_not_counted_on_an_earlier_day(city_office):
    graduate = registered("2025-03-01")
    give(graduate, "guidance", "2025-03-05", by=city_office)
    give(graduate, "recommendation", "2025-03-06", "2025-04-06", "2025-05-06", by=city_office)
    assert rate(date(2025, 5, 6)) == 0
    assert rate() == 100


def test_where_nobody_was_promised_anything_there_is_no_rate():
    assert rate() is None


def test_the_graduates_services_are_owed_by_the_end_of_the_year_as_the_plan_counts_them(pack_dir):
    found, _ = load_items(pack_dir)
    (plan,) = [row for row in found.items["graduate-registration"].follows if row.do == "plan"]
    assert all(row.by_year_end for row in plan.milestones)
