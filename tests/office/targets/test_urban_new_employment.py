"""城镇新增就业 by 劳社部发〔2004〕9号: what counts, what does not, and where."""

from __future__ import annotations

from datetime import date

import pytest

from jiuye.engine.basis.dates import Interval
from jiuye.office.targets.measures import MEASURES, tallies
from jiuye.office.targets.measures.counting import within
from tests.office.targets.people import GUANGLING, HANJIANG, day, firm, holds, person, works

pytestmark = pytest.mark.django_db
MEASURE = MEASURES["urban_new_employment"]
YEAR = Interval(date(2025, 1, 1), date(2026, 1, 1))
PLAN = Interval(date(2023, 1, 1), date(2026, 1, 1))


@pytest.fixture(autouse=True)
def _places(divisions) -> None:
    pass


def counted(part: str = "hired", period: Interval = YEAR, prefix: str = "") -> int:
    return within(MEASURE.part(part).records(period), prefix).count()


def figure(period: Interval = YEAR, prefix: str = "") -> int:
    signs = {part.key: part.sign for part in MEASURE.parts}
    rows = tallies([MEASURE], period=period, on=date(2025, 12, 31), prefix=prefix)[MEASURE.name]
    return sum(signs[row.part] * row.total for row in rows)


def test_a_first_job_with_an_employer_is_counted():
    works(person(), "2025-03-01", at=firm())
    assert figure() == 1


def test_flexible_work_own_business_and_a_public_welfare_post_are_counted():
    works(person("张一"), "2025-03-01")
    works(person("张二"), "2025-03-01", kind="self_employed")
    works(person("张三"), "2025-03-01", at=firm(), kind="public_welfare_post")
    assert figure() == 3


def test_finding_work_again_after_unemployment_is_counted():
    who = person()
    works(who, "2020-01-01", "2025-01-31", at=firm())
    works(who, "2025-02-01", at=firm("另一家厂"))
    assert figure() == 1


def test_a_hiring_marked_as_a_transfer_is_not_counted():
    works(person(), "2025-03-01", at=firm(), transferred_in=True)
    assert figure() == 0
    assert counted("moved") == 1


def test_changing_employers_without_a_day_between_is_not_counted():
    who = person()
    works(who, "2020-01-01", "2025-03-01", at=firm())
    works(who, "2025-03-01", at=firm("另一家厂"))
    assert figure() == 0
    assert counted("moved") == 1


def test_one_day_between_two_employers_makes_the_second_a_new_employment():
    who = person()
    works(who, "2020-01-01", "2025-03-01", at=firm())
    works(who, "2025-03-02", at=firm("另一家厂"))
    assert figure() == 1


def test_a_second_job_beside_a_running_one_is_not_counted():
    who = person()
    works(who, "2020-01-01", at=firm())
    works(who, "2025-03-01", at=firm("另一家厂"))
    assert figure() == 0


def test_a_person_is_counted_once_a_year_however_often_they_are_hired():
    who = person()
    works(who, "2025-01-10", "2025-02-10", at=firm())
    works(who, "2025-04-01", "2025-05-01", at=firm("另一家厂"))
    assert figure() == 1
    assert counted("again") == 1


def test_a_person_hired_in_two_years_is_counted_in_each():
    who = person()
    works(who, "2024-06-01", "2024-09-01", at=firm())
    works(who, "2025-06-01", at=firm("另一家厂"))
    assert figure(PLAN) == 2
    assert figure(YEAR) == 1


def test_farming_is_not_urban_employment_and_leaving_it_for_a_factory_is_new():
    who = person()
    works(who, "2019-03-01", kind="self_employed", urban=False)
    assert figure(PLAN) == 0
    works(who, "2025-03-01", at=firm())
    assert figure() == 1


def test_rural_employment_begun_in_the_year_is_left_out_and_shown_as_such():
    works(person(), "2025-03-01", kind="self_employed", urban=False)
    assert figure() == 0
    assert counted("not_urban") == 1


@pytest.mark.parametrize(
    ("start", "expected"), [("2024-12-31", 0), ("2025-01-01", 1), ("2025-12-31", 1), ("2026-01-01", 0)]
)
def test_the_year_holds_its_first_and_its_last_day(start, expected):
    works(person(), start, at=firm())
    assert figure() == expected


def test_retiring_is_deducted_on_the_day_the_employment_ends():
    works(person(), "2000-01-01", "2025-06-01", at=firm(), ended_because="退休")
    assert figure() == -1
    assert MEASURE.part("attrition").records(YEAR).get().counted_on == day("2025-06-01")


def test_resigning_is_not_natural_attrition():
    works(person(), "2000-01-01", "2025-06-01", at=firm(), ended_because="本人辞职")
    assert figure() == 0


def test_whoever_draws_a_pension_from_the_end_has_retired_though_the_register_gives_no_reason():
    who = person()
    works(who, "2000-01-01", "2025-06-01", at=firm())
    holds(who, "pensioner", "2025-06-01")
    assert figure() == -1


def test_a_pensioner_who_ends_a_later_job_is_not_deducted_again():
    who = person()
    works(who, "2000-01-01", "2023-06-01", at=firm(), ended_because="退休")
    holds(who, "pensioner", "2023-06-01")
    works(who, "2024-02-01", "2025-06-01", at=firm("另一家厂"), ended_because="合同期满终止")
    assert figure(YEAR) == 0


def test_a_death_ends_an_employment_that_the_register_has_not_closed():
    works(person(death_date=day("2025-04-05")), "2010-01-01", at=firm())
    assert figure() == -1
    assert MEASURE.part("attrition").records(YEAR).get().counted_on == day("2025-04-05")


def test_a_death_recorded_as_the_reason_and_as_a_date_is_deducted_once():
    works(person(death_date=day("2025-04-05")), "2010-01-01", "2025-04-05", at=firm(), ended_because="死亡")
    assert figure() == -1


def test_the_death_of_somebody_out_of_work_is_not_deducted():
    works(
        person(death_date=day("2025-08-01")), "2010-01-01", "2025-02-01", at=firm(), ended_because="本人辞职"
    )
    assert figure() == 0


def test_retiring_from_farming_is_not_deducted():
    works(person(), "2000-01-01", "2025-06-01", kind="self_employed", urban=False, ended_because="退休")
    assert figure() == 0


def test_a_retirement_of_another_year_is_not_deducted_in_this_one():
    works(person(), "2000-01-01", "2024-12-31", at=firm(), ended_because="退休")
    assert figure(YEAR) == 0
    assert figure(PLAN) == -1


def test_an_employment_is_counted_where_the_employer_is_and_own_work_where_the_person_lives():
    works(person(lives_in=GUANGLING), "2025-03-01", at=firm(lies_in=HANJIANG))
    works(person(lives_in=GUANGLING), "2025-03-01")
    assert (figure(prefix="321003"), figure(prefix="321002"), figure(prefix="3210")) == (1, 1, 2)


def test_the_counties_add_up_to_the_city_also_where_somebody_worked_in_two():
    who = person()
    works(who, "2025-01-10", "2025-02-10", at=firm(lies_in=HANJIANG))
    works(who, "2025-04-01", "2025-05-01", at=firm("另一家厂", lies_in=GUANGLING))
    assert (figure(prefix="321003"), figure(prefix="321002"), figure(prefix="3210")) == (1, 0, 1)


def test_the_tally_compares_years_up_to_the_same_day():
    works(person("张一"), "2024-03-10", at=firm())
    works(person("张二"), "2024-03-11", at=firm())
    works(person("张三"), "2024-07-01", at=firm())
    rows = [
        row for row in tallies([MEASURE], period=PLAN, on=date(2025, 3, 10))[MEASURE.name] if row.year == 2024
    ]
    assert [(row.month, row.total, row.by_day) for row in rows] == [(3, 2, 1), (7, 1, 0)]


def test_names_in_the_list_are_masked():
    works(person("欧阳修"), "2025-03-01", at=firm("示例机械厂"))
    part = MEASURE.part("hired")
    line = part.line(part.records(YEAR).get())
    assert (line.who, line.what, line.counted_on) == ("欧**", "示例机械厂", day("2025-03-01"))
