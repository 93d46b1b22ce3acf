"""Traineeships, apprentices, training, certificates and subsidies: what counts and what does not."""

from __future__ import annotations

from datetime import date
from itertools import count

import pytest

from jiuye.engine.basis.dates import Interval
from jiuye.office.casework.models import Case
from jiuye.office.entitlements.models import Entitlement
from jiuye.office.registry.models import Education
from jiuye.office.skills.models import Apprenticeship, Certificate, Traineeship, TrainingEnrolment
from jiuye.office.staff.models import Account
from jiuye.office.targets.measures import MEASURES, tallies
from tests.office.targets.people import GUANGLING, HANJIANG, day, firm, holds, person, works

pytestmark = pytest.mark.django_db
YEAR = Interval(date(2025, 1, 1), date(2026, 1, 1))
_numbers = count(1)


@pytest.fixture(autouse=True)
def _places(divisions) -> None:
    pass


def counted(measure: str, part: str) -> int:
    return MEASURES[measure].part(part).records(YEAR).count()


# --- Traineeships ---


def graduate(on: str, *, level: str = "bachelor", full_time: bool = True):
    who = person(birth_date=date(1999, 6, 1))
    Education.objects.create(
        person=who, level=level, full_time=full_time, graduated_on=day(on), source="测试登记"
    )
    return who


def trains(who, start: str, until: str, *, base: bool = True):
    return Traineeship.objects.create(
        person=who,
        employer=firm(traineeship_base=base),
        start=day(start),
        until=day(until),
        monthly_stipend_fen=150_000,
        source="测试登记",
    )


def test_an_unemployed_graduate_of_two_years_ago_to_the_day_is_counted_and_a_day_later_is_not():
    trains(graduate("2023-06-30"), "2025-06-30", "2025-10-01")
    assert counted("internship_participants", "trainees") == 1
    trains(graduate("2023-06-29"), "2025-06-30", "2025-10-01")
    assert counted("internship_participants", "trainees") == 1
    assert counted("internship_participants", "outside") == 1


def test_a_traineeship_at_an_employer_that_is_no_base_is_not_counted():
    trains(graduate("2024-06-30"), "2025-03-01", "2025-06-01", base=False)
    assert counted("internship_participants", "trainees") == 0


def test_a_graduate_of_part_time_study_and_one_at_work_are_not_counted():
    trains(graduate("2024-06-30", full_time=False), "2025-03-01", "2025-06-01")
    at_work = graduate("2024-06-30")
    works(at_work, "2024-09-01", at=firm("已有单位"))
    trains(at_work, "2025-03-01", "2025-06-01")
    assert counted("internship_participants", "trainees") == 0


@pytest.mark.parametrize(
    ("born", "registered", "expected"),
    [
        ("2009-03-01", True, 1),  # sixteen on the day
        ("2009-03-02", True, 0),  # sixteen tomorrow
        ("2000-03-02", True, 1),  # twenty-four, twenty-five tomorrow
        ("2000-03-01", True, 0),  # twenty-five on the day
        ("2004-01-01", False, 0),  # young, and not registered as unemployed
    ],
)
def test_young_people_count_from_sixteen_to_twenty_four_where_they_are_registered(born, registered, expected):
    who = person(birth_date=day(born))
    if registered:
        holds(who, "registered_unemployed", "2025-01-01")
    trains(who, "2025-03-01", "2025-06-01")
    assert counted("internship_participants", "trainees") == expected


def test_a_person_without_a_birth_date_is_left_out_and_shown_as_such():
    who = person(birth_date=None)
    holds(who, "registered_unemployed", "2025-01-01")
    trains(who, "2025-03-01", "2025-06-01")
    assert counted("internship_participants", "trainees") == 0
    assert counted("internship_participants", "outside") == 1


def test_a_second_traineeship_in_the_year_is_not_counted_again():
    who = graduate("2024-06-30")
    trains(who, "2025-01-10", "2025-04-10")
    trains(who, "2025-05-01", "2025-08-01")
    assert counted("internship_participants", "trainees") == 1
    assert counted("internship_participants", "again") == 1


# --- Apprentices ---


def test_an_apprentice_counts_in_the_year_they_begin_and_not_in_the_year_they_finish():
    for start, until in (("2025-01-01", "2026-01-01"), ("2024-12-31", "2025-12-31")):
        Apprenticeship.objects.create(
            person=person(),
            employer=firm(),
            level="level_4",
            start=day(start),
            until=day(until),
            source="测试登记",
        )
    assert counted("new_apprentices", "apprentices") == 1


# --- Training ---


def course(who=None, finished: str | None = "2025-05-20", **more) -> TrainingEnrolment:
    return TrainingEnrolment.objects.create(
        person=who or person(),
        course_name=more.pop("course_name", "电工"),
        kind="employment_skills",
        subsidised=more.pop("subsidised", True),
        start=day(more.pop("start", "2025-05-01")),
        finished_on=day(finished) if finished else None,
        certificate_kind=more.pop("certificate_kind", "completion" if finished else ""),
        source="测试登记",
        **more,
    )


def test_each_finished_course_is_a_person_time_also_of_the_same_person():
    who = person()
    course(who)
    course(who, course_name="焊工")
    assert counted("training_person_times", "trained") == 2


def test_a_course_still_going_on_is_not_counted():
    course(finished=None)
    assert counted("training_person_times", "trained") == 0


def test_a_lecture_without_a_certificate_is_left_out_and_shown_as_such():
    course(certificate_kind="")
    assert counted("training_person_times", "trained") == 0
    assert counted("training_person_times", "without_certificate") == 1


@pytest.mark.parametrize("subsidised", [False, None])
def test_a_course_outside_the_catalogue_or_of_which_nobody_knows_is_left_out(subsidised):
    course(subsidised=subsidised)
    assert counted("training_person_times", "trained") == 0
    assert counted("training_person_times", "outside") == 1


def test_a_technical_college_s_course_for_the_public_counts_and_one_for_its_pupils_does_not():
    pupil = person()
    holds(pupil, "student", "2024-09-01")
    course(provider_kind="technical_college")
    course(pupil, provider_kind="technical_college")
    course(provider_kind="training_body")
    assert counted("college_training_person_times", "trained") == 1
    assert counted("college_training_person_times", "pupils") == 1


# --- Certificates ---


def certificate(issued: str, kind: str = "skill_level", level: str = "level_4") -> Certificate:
    return Certificate.objects.create(
        person=person(),
        kind=kind,
        number=f"Z{next(_numbers)}",
        occupation_name="电工",
        level=level,
        issued_on=day(issued),
        source="测试登记",
    )


def test_certificates_of_a_skill_level_count_by_their_date_of_issue():
    certificate("2025-01-01")
    certificate("2025-12-31")
    certificate("2024-12-31")
    assert counted("certificates_issued", "certified") == 2


def test_a_special_ability_is_no_level_assessment():
    certificate("2025-03-01", kind="special_ability", level="")
    assert counted("certificates_issued", "certified") == 0
    assert counted("certificates_issued", "otherwise") == 1


# --- Subsidies ---


def case(state: str, *, amount_fen: int, village: str = GUANGLING, **more) -> Case:
    who = person("张秀兰", lives_in=village)
    approver = Account.objects.create_account(
        username=f"approver{next(_numbers)}", display_name="审批", password="x", kind="officer"
    )
    entitlement = Entitlement.objects.create(
        policy_id="flexible",
        subject_kind="person",
        subject_key=str(who.pk),
        recipient_kind="person",
        person=who,
        division_code=village,
        claim="confirm",
        verdict="yes",
        clause_bits=1,
        unknown_bits=0,
        amount_fen=amount_fen,
        rule_version="v1",
        decided_on=day("2025-01-10"),
        decided_at="2025-01-10T02:00:00Z",
    )
    return Case.objects.create(
        entitlement=entitlement,
        policy_id="flexible",
        policy_name="灵活就业社会保险补贴",
        rule_version="v1",
        subject_kind="person",
        subject_key=str(who.pk),
        claim="confirm",
        amount_fen=amount_fen,
        division_code=village,
        recipient_kind="person",
        person=who,
        payee_name="张秀兰",
        payee_account="6222000000001234",
        confirmed_on=day("2025-01-11"),
        confirmed_by_way="own",
        state=state,
        approved_on=day("2025-02-01"),
        approved_by=approver,
        **more,
    )


def test_paid_cases_are_summed_to_the_fen_and_approved_ones_are_not_money_yet():
    case("paid", amount_fen=61_728, paid_on=day("2025-03-01"))
    case("paid", amount_fen=100_001, paid_on=day("2025-03-02"), village=HANJIANG)
    case("approved", amount_fen=500_000)
    measure = MEASURES["subsidies_paid"]
    rows = tallies([measure], period=YEAR, on=date(2025, 12, 31), left_out=True)[measure.name]
    paid = {row.county: row.total for row in rows if row.part == "paid"}
    assert paid == {"321002": 61_728, "321003": 100_001}
    assert [row.total for row in rows if row.part == "on_the_way"] == [500_000]
    assert measure.in_base_unit(61_728) * 100 == 61_728


def test_a_case_paid_in_another_year_is_not_this_year_s_money():
    case("paid", amount_fen=61_728, paid_on=day("2026-01-01"))
    assert counted("subsidies_paid", "paid") == 0


def test_the_recipient_of_a_paid_case_is_masked():
    case("paid", amount_fen=61_728, paid_on=day("2025-03-01"))
    part = MEASURES["subsidies_paid"].part("paid")
    line = part.line(part.records(YEAR).get())
    assert (line.who, line.what, line.amount_fen) == ("张**", "灵活就业社会保险补贴", 61_728)


def test_the_names_of_the_measures_are_those_that_exist():
    from jiuye.office.targets.measure_names import MEASURE_NAMES

    assert set(MEASURES) == MEASURE_NAMES
