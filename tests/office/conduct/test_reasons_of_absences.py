"""Why a colleague is away may be an illness: whose it is, who wrote it down, administrators and auditors of the place read it, and nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from jiuye.office.conduct import operations, queries
from jiuye.office.conduct.models import Absence, AbsenceReason
from jiuye.office.staff.access import access
from jiuye.office.staff.retention import erase_expired, expired
from jiuye.office.staff.rows import scope_of, scoped
from tests.office.conduct.absent import BACK, WHY, as_, ill
from tests.office.matters.conftest import DAY, at, officer


@pytest.fixture
def absence(station, second, reviewer) -> Absence:
    return ill(reviewer, station, second)


def test_a_query_written_without_any_scoping_shows_the_reason_to_these_alone(
    absence, station, second, reviewer
):
    may = [
        station, reviewer, officer("管理员", "administrator", "3210"), officer("区管理员", "administrator", "321002"),
        officer("审计", "auditor", "3210"),
    ]  # fmt: skip
    may_not = [
        second, officer("同级审核", "reviewer", "321002"), officer("市就业办", "city_office", "3210"),
        officer("外区管理员", "administrator", "321003"), officer("外区审计", "auditor", "321003"),
    ]  # fmt: skip
    for people, seen in ((may, [WHY]), (may_not, [])):
        for actor in people:
            with scoped(scope_of(actor)):
                assert [row.reason for row in AbsenceReason.objects.all()] == seen, actor.name
                # Who stands in for whom everybody may know, or nobody would know whose work is whose.
                assert Absence.objects.count() == 1


def test_the_application_hands_it_to_the_same_people(absence, station, second, reviewer):
    auditor, other = officer("审计", "auditor", "321002"), officer("同级审核", "reviewer", "321002")
    for actor, seen in ((station, [WHY]), (reviewer, [WHY]), (auditor, [WHY]), (second, []), (other, [])):
        found = queries.reasons_of([absence], actor=actor)
        assert [row.reason for row in found.values()] == seen


def test_the_page_shows_another_head_that_somebody_is_away_and_not_why(absence, divisions, settings):
    settings.OFFICE_DATE = DAY.isoformat()
    page = as_(officer("同级审核", "reviewer", "321002")).get("/desk/work/away/").text
    assert "区审核代为登记" in page
    assert WHY not in page
    assert "原因只有本人、登记人、管理人员和审计人员看得到" in page


def test_an_auditor_reads_on_the_page_whose_absence_others_declared_and_why(absence, settings):
    settings.OFFICE_DATE = DAY.isoformat()
    page = as_(officer("审计", "auditor", "321002")).get("/desk/work/away/").text
    assert "替同事登记的外出" in page
    assert WHY in page
    assert WHY not in as_(officer("外区审计", "auditor", "321003")).get("/desk/work/away/").text


def test_a_leader_whose_absence_was_declared_reads_why_and_comes_back_though_they_work_at_no_desk(
    divisions, settings
):
    settings.OFFICE_DATE = DAY.isoformat()
    leader = officer("区领导", "leader", "321002")
    gone = ill(officer("管理员", "administrator", "3210"), leader, officer("代办", "city_office", "3210"))
    page = as_(leader).get("/desk/work/away/")
    assert page.status_code == 200
    assert WHY in page.text
    assert "登记外出</h2>" not in page.text  # who works at the desk declares it there
    assert 'href="/desk/work/away/"' in as_(leader).get("/account/").text
    answer = as_(leader).post(f"/desk/work/away/{gone.pk}/back/", follow=True)
    assert "外出已结束" in answer.text


def test_it_is_sealed_at_rest_and_stands_in_no_history(absence):
    with connection.cursor() as cursor:
        cursor.execute("SELECT reason FROM conduct_absencereason")
        assert WHY.encode() not in bytes(cursor.fetchone()[0])
    assert not any(field.name == "reason" for field in Absence.pgh_event_model._meta.fields)


def test_what_is_called_off_takes_its_reason_along_whoever_calls_it_off(station, second, reviewer):
    later = ill(reviewer, station, second, start=DAY + timedelta(days=2))
    other = officer("同级审核", "reviewer", "321002")
    with scoped(scope_of(other)):
        operations.come_back(actor=other, absence_id=later.pk, on=DAY, at=at(DAY))
    connection.check_constraints()
    assert not AbsenceReason.objects.exists()


@pytest.mark.parametrize("role", ["reviewer", "administrator"])
def test_a_request_that_declares_it_keeps_the_reason_to_the_end_of_its_transaction(station, second, role):
    head = officer("负责人", role, "321002")
    with scoped(scope_of(head)):
        ill(head, station, second)
        connection.check_constraints()
        assert AbsenceReason.objects.count() == 1


def test_once_its_time_is_over_the_reason_goes_and_the_absence_stays(absence):
    connection.check_constraints()
    term = timedelta(days=access().retention["absence_reasons"].days)
    assert expired(at=at(BACK) + term)["absence_reasons"] == 0
    assert erase_expired(at=at(BACK) + term + timedelta(days=1))["absence_reasons"] == 1
    assert not AbsenceReason.objects.exists()
    assert Absence.objects.exists()
