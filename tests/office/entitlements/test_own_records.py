"""Bindings to our own records that many policies' facts stand on: each at its boundary days."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection

from jiuye.office.entitlements.facts.catalogue import SOURCES
from jiuye.office.entitlements.models import Benefit
from jiuye.office.entitlements.rulebook import rulebook
from jiuye.office.registry.models import Status
from jiuye.office.skills.models import Traineeship, TrainingEnrolment
from tests.office.entitlements.conftest import ON, employ, hold, make_person, pay

pytestmark = pytest.mark.django_db


def said(binding: str, key: int, on: date = ON):
    """What the binding's SQL says of one subject."""
    source = SOURCES[binding.split(".")[0]]
    expression = source.expression(binding)
    sql = f"SELECT {expression} FROM {source.table} {' '.join(source.joins([expression]))} WHERE {source.key} = %s"
    with connection.cursor() as cursor:
        cursor.execute(rulebook().reader(on).filled(sql), [key])
        return cursor.fetchone()[0]


def test_months_in_work_this_year_count_each_calendar_month_once_up_to_the_day(person, firm):
    employ(person, firm, date(2024, 3, 1), date(2025, 1, 2))  # held 1 January
    employ(person, None, date(2025, 3, 31), None)
    assert said("person.months_in_work_this_year", person.pk) == 3  # January, March, April
    assert said("person.months_in_work_this_year", person.pk, date(2025, 3, 30)) == 1


def test_a_course_is_passed_once_it_is_finished_and_ends_with_a_certificate(person):
    course = TrainingEnrolment.objects.create(
        person=person, course_name="SYB", kind="startup", provider="学校", provider_kind="training_body",
        start=date(2025, 3, 1), finished_on=date(2025, 4, 1), certificate_kind="", source="测试",
    )  # fmt: skip
    assert said("person.training_passed(startup)", person.pk) is False
    TrainingEnrolment.objects.filter(pk=course.pk).update(certificate_kind="completion")
    days = (date(2025, 3, 31), date(2025, 4, 1))
    assert [said("person.training_passed(startup)", person.pk, day) for day in days] == [False, True]


def test_months_drawn_are_those_of_the_named_policies_whatever_the_status(person):
    for policy, months in (("a", 3), ("b", 4), ("c", 9)):
        Benefit.objects.create(
            policy_id=policy, subject_kind="person", subject_key=str(person.pk), person=person, months=months,
            period_start=date(2025, 1, 1), period_until=date(2025, 2, 1), amount_fen=1, paid_on=date(2025, 2, 1), source="测试",
        )  # fmt: skip
    assert said("person.benefit_months(a, b)", person.pk) == 7
    assert said("person.benefit_months(a, b)", person.pk, date(2025, 1, 31)) == 0


def test_what_was_drawn_for_an_employer_as_subject_is_counted_apart_from_what_it_received(person, firm):
    hire = employ(person, firm, date(2025, 1, 1))
    for year, kind, key in (
        (2024, "employer", firm.pk),
        (2025, "employer", firm.pk),
        (2023, "hire", hire.pk),
    ):
        Benefit.objects.create(
            policy_id="rent", subject_kind=kind, subject_key=str(key), employer=firm, months=0,
            period_start=date(year, 1, 1), amount_fen=1, paid_on=date(2025, 4, 1), source="测试",
        )  # fmt: skip
    assert said("employer.benefit_count(rent)", firm.pk) == 2
    assert said("employer.benefit_ever(rent)", firm.pk) is True
    assert said("employer.benefit_ever(other)", firm.pk) is False


@pytest.mark.parametrize(
    ("start", "contract", "counted"),
    [
        (date(2024, 4, 15), 12, 0),
        (date(2024, 4, 16), 12, 1),
        (date(2025, 4, 15), 11, 0),
        (date(2025, 4, 15), None, 1),
        (date(2025, 4, 16), 12, 0),
    ],
)
def test_hires_of_the_last_year_on_contracts_of_a_year_count_unknown_lengths_as_well(
    person, firm, start, contract, counted
):
    employ(person, firm, start, contract_months=contract)
    assert said("employer.contract_hires_last_year", firm.pk) == counted


def test_a_founders_registration_is_the_one_that_held_the_day_before_the_business_began(person, firm):
    employ(person, firm, date(2025, 2, 1), kind="self_employed")
    hold(person, "registered_unemployed", date(2023, 1, 1), date(2023, 6, 1))
    assert said("employer.founder_registered_since", firm.pk) is None
    hold(person, "registered_unemployed", date(2024, 9, 1), date(2025, 2, 1))
    assert said("employer.founder_registered_since", firm.pk) == date(2024, 9, 1)


def test_a_founders_zero_job_household_counts_on_the_day_itself_and_without_a_founder_nothing_is_known(
    person, firm
):
    assert said("employer.founder_zero_job_at_start", firm.pk) is None
    employ(person, firm, date(2025, 2, 1), kind="self_employed")
    assert said("employer.founder_zero_job_at_start", firm.pk) is False
    hold(person, "zero_job_household", date(2025, 2, 1))
    assert said("employer.founder_zero_job_at_start", firm.pk) is True


@pytest.mark.parametrize(("hukou", "expected"), [("urban", True), ("rural", False), ("", None)])
def test_an_urban_household_on_the_allowance_needs_an_urban_registration(person, firm, hukou, expected):
    employ(person, firm, date(2025, 2, 1), kind="self_employed")
    hold(person, "subsistence_allowance", date(2024, 2, 1))
    type(person).objects.filter(pk=person.pk).update(hukou_kind=hukou)
    assert said("employer.founder_urban_subsistence_at_start", firm.pk) is expected


def test_a_hire_knows_since_when_the_worker_was_registered(person, firm):
    hire = employ(person, firm, date(2025, 2, 1))
    hold(person, "registered_unemployed", date(2024, 8, 1), date(2025, 1, 31))
    assert said("hire.worker_registered_since", hire.pk) is None  # ended before the last day
    Status.objects.update(until=date(2025, 2, 1))
    assert said("hire.worker_registered_since", hire.pk) == date(2024, 8, 1)


@pytest.mark.parametrize(
    ("start", "until", "months"),
    [
        (date(2024, 5, 1), None, 4),
        (date(2025, 4, 15), None, 1),
        (date(2025, 1, 31), date(2025, 3, 1), 2),
        (date(2025, 1, 31), date(2025, 3, 2), 3),
        (date(2024, 5, 1), date(2025, 1, 1), 0),
    ],
)
def test_months_worked_this_year_are_calendar_months_begun(person, firm, start, until, months):
    hire = employ(person, firm, start, until)
    assert said("hire.months_this_year", hire.pk) == months


def test_a_hire_has_ended_on_the_first_day_without_it_and_not_before(person, firm):
    hire = employ(person, firm, date(2025, 1, 1), date(2025, 4, 15))
    assert said("hire.ended_on", hire.pk, date(2025, 4, 14)) is None
    assert said("hire.ended_on", hire.pk) == date(2025, 4, 15)


def test_three_insurances_of_this_month_must_all_be_paid_by_this_employer(person, firm):
    hire = employ(person, firm, date(2025, 1, 1))
    assert said("hire.three_insurances_paid", hire.pk) is False
    spell = pay(person, firm, date(2025, 4, 1), date(2025, 5, 1))
    assert said("hire.three_insurances_paid", hire.pk) is False  # no unemployment insurance
    type(spell).objects.update(unemployment_fen=2_500)
    assert said("hire.three_insurances_paid", hire.pk) is True
    assert said("hire.three_insurances_paid", hire.pk, date(2025, 5, 1)) is False


def test_the_workers_own_share_is_that_of_this_month_with_this_employer(person, firm):
    hire = employ(person, firm, date(2025, 1, 1))
    spell = pay(person, firm, date(2025, 4, 1), unemployment_fen=2_500)
    assert said("hire.worker_contribution_month", hire.pk) == 0
    type(spell).objects.update(payer="person")
    assert said("hire.worker_contribution_month", hire.pk) == 122_500


def test_a_batch_of_trainees_is_those_of_one_base_whose_agreements_ended_in_one_month(town, firm):
    def trainee(number: int, until: date, retained_on: date | None = None) -> Traineeship:
        person = make_person(f"见习{number}", f"32100220000101{number:04}")
        return Traineeship.objects.create(
            person=person, employer=firm, position="测试", start=date(2024, 10, 1), until=until, monthly_stipend_fen=200000,
            outcome="retained" if retained_on else "", retained_on=retained_on, source="测试",
        )  # fmt: skip

    one = trainee(1, date(2025, 4, 1), date(2025, 4, 10))
    trainee(2, date(2025, 4, 15))
    trainee(3, date(2025, 4, 16))  # not over yet
    trainee(4, date(2025, 3, 31))  # the batch before
    assert said("traineeship.batch_finished", one.pk) == 2
    assert said("traineeship.batch_retained", one.pk) == 1
    assert said("traineeship.batch_retained", one.pk, date(2025, 4, 9)) == 0
