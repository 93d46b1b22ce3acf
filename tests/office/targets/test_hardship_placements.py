"""就业困难人员实现就业: recognised, newly employed, once a year."""

from __future__ import annotations

from datetime import date

import pytest

from jiuye.engine.basis.dates import Interval
from jiuye.office.targets.measures import MEASURES, within
from tests.office.targets.people import GUANGLING, HANJIANG, firm, holds, person, works

pytestmark = pytest.mark.django_db
MEASURE = MEASURES["hardship_placements"]
YEAR = Interval(date(2025, 1, 1), date(2026, 1, 1))


@pytest.fixture(autouse=True)
def _places(divisions) -> None:
    pass


def placed(prefix: str = "") -> int:
    return within(MEASURE.part("placed").records(YEAR), prefix).count()


def in_difficulty(since: str, until: str | None = None, **more):
    who = person(**more)
    holds(who, "employment_difficulty", since, until, category="older")
    return who


def test_somebody_recognised_who_finds_work_is_counted_whatever_the_form():
    works(in_difficulty("2024-05-01"), "2025-03-01", at=firm())
    works(in_difficulty("2024-05-01"), "2025-03-01")
    works(in_difficulty("2024-05-01"), "2025-03-01", at=firm(), kind="public_welfare_post")
    works(in_difficulty("2024-05-01"), "2025-03-01", kind="self_employed", urban=False)
    assert placed() == 4


def test_somebody_never_recognised_is_not_counted():
    works(person(), "2025-03-01", at=firm())
    assert placed() == 0


def test_a_recognition_that_ends_with_the_employment_counts_and_one_that_ended_a_day_earlier_does_not():
    works(in_difficulty("2024-05-01", "2025-03-01"), "2025-03-01", at=firm())
    assert placed() == 1
    works(in_difficulty("2024-05-01", "2025-02-28"), "2025-03-01", at=firm())
    assert placed() == 1


def test_a_recognition_of_the_same_day_counts_and_a_later_one_does_not():
    works(in_difficulty("2025-03-01"), "2025-03-01", at=firm())
    assert placed() == 1
    works(in_difficulty("2025-03-02"), "2025-03-01", at=firm())
    assert placed() == 1


def test_another_status_is_no_recognition():
    who = person()
    holds(who, "registered_unemployed", "2024-05-01")
    works(who, "2025-03-01", at=firm())
    assert placed() == 0


def test_a_second_placement_in_the_year_is_not_counted_again():
    who = in_difficulty("2024-05-01")
    works(who, "2025-01-10", "2025-02-10", at=firm())
    works(who, "2025-04-01", at=firm("另一家厂"))
    assert placed() == 1
    assert MEASURE.part("again").records(YEAR).count() == 1


def test_a_post_prolonged_without_a_day_between_is_no_new_placement():
    who = in_difficulty("2023-05-01")
    works(who, "2024-03-01", "2025-03-01", at=firm(), kind="public_welfare_post")
    works(who, "2025-03-01", at=firm("接续单位"), kind="public_welfare_post")
    assert placed() == 0


def test_a_person_is_counted_where_they_live():
    works(in_difficulty("2024-05-01", lives_in=HANJIANG), "2025-03-01", at=firm(lies_in=GUANGLING))
    assert (placed("321003"), placed("321002")) == (1, 0)
