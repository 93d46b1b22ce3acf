"""What is late goes to the office above by itself: once, told to both, and never while a clock stands still."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction

from jiuye.config.cli import main
from jiuye.office.casework import operations as casework
from jiuye.office.casework.models import Case
from jiuye.office.conduct import operations, queries
from jiuye.office.conduct.deadlines import light
from jiuye.office.conduct.models import Escalation
from jiuye.office.messages.models import Message
from jiuye.office.messages.queries import inbox
from tests.office.casework.conftest import DAY as MONDAY
from tests.office.casework.conftest import (  # noqa: F401 (fixtures by name)
    caseworker,
    entitlement,
    make_entitlement,
    make_officer,
    make_person,
    owner,
    person,
    rules,
)
from tests.office.matters.conftest import DAY, VILLAGE, at, officer
from tests.office.matters.test_clocks import put_right, send_back
from tests.office.matters.test_registering import take as take_step

DUE, DAY_AFTER = date(2024, 6, 12), date(2024, 6, 13)  # a workday to accept a registration as unemployed


def nightly(on: date):
    return operations.escalate_late(on=on, at=at(on))


@pytest.fixture
def case(owner, entitlement, rules) -> Case:  # noqa: F811
    return casework.confirm_own(
        actor=owner, entitlement_id=entitlement.pk, rules=rules, on=MONDAY, at=at(MONDAY)
    )


def test_nothing_goes_up_on_the_last_day_and_what_is_late_goes_up_once(matter, station):
    assert nightly(DUE).rises == 0
    assert (nightly(DAY_AFTER).things, nightly(DAY_AFTER).rises) == (1, 0)
    (row,) = Escalation.objects.all()
    assert (row.from_division, row.to_division, row.late_workdays) == (VILLAGE, "321002001", 1)
    assert [event.act for event in matter.timeline.order_by("pk")][-1] == "escalate"
    assert matter.timeline.filter(act="escalate").count() == 1


def test_both_offices_are_told_once_and_both_have_it_in_their_lists(matter, station):
    above = officer("街道审核", "reviewer", "321002001")
    nightly(DAY_AFTER)
    nightly(DAY_AFTER)
    (to_below,), (to_above,) = inbox(station), inbox(above)
    assert "东关街道" in to_below.body
    assert matter.number in to_below.body
    assert "琼花观社区有 1 件逾期" in to_above.body
    assert [row.matter for row in queries.escalated(above, to_us=True)] == [matter]
    assert not queries.escalated(station, to_us=True).exists()
    assert [row.matter for row in queries.escalated(station, to_us=False)] == [matter]
    assert list(queries.matters_at_hand(station, "all", on=DAY_AFTER)) == [matter]


def test_whoever_has_it_in_hand_is_told_and_nobody_beside_them(matter, station):
    other = officer("协理员乙", "caseworker", VILLAGE)
    operations.take(actor=other, matter_id=matter.pk, on=DAY, at=at(DAY))
    nightly(DAY_AFTER)
    assert inbox(other).count() == 1
    assert not inbox(station).exists()


def test_the_substitute_is_told_for_whoever_is_away(matter, station):
    other = officer("协理员乙", "caseworker", VILLAGE)
    operations.take(actor=station, matter_id=matter.pk, on=DAY, at=at(DAY))
    operations.declare_absence(
        actor=station,
        substitute_id=other.account_id,
        start=DAY,
        until=DAY + timedelta(days=9),
        on=DAY,
        at=at(DAY),
    )
    nightly(DAY_AFTER)
    assert [told.occasion for told in inbox(other)] == ["deadline_passed", "standing_in"]
    assert not inbox(station).exists()


def test_once_it_is_done_it_leaves_the_upper_offices_list(matter, station):
    above = officer("街道审核", "reviewer", "321002001")
    nightly(DAY_AFTER)
    take_step(matter, station, "accept", on=DAY_AFTER)
    assert not queries.escalated(above, to_us=True).exists()


def test_what_stays_late_goes_up_another_level_and_never_above_the_city(case, caseworker):  # noqa: F811
    county, city = make_officer("区审核", "reviewer"), make_officer("市就业办", "city_office", "3210")
    assert case.due_on == date(2025, 6, 11)
    nightly(date(2025, 6, 12))
    assert not inbox(city).exists()
    nightly(date(2025, 6, 19))  # the sixth workday after the deadline
    assert sorted(Escalation.objects.values_list("to_division", flat=True)) == ["3210", "321002"]
    assert inbox(county).count() == 1
    assert [row.case for row in queries.escalated(city, to_us=True)] == [case]
    nightly(date(2025, 7, 19))
    assert Escalation.objects.count() == 2


def test_a_matter_with_its_applicant_is_never_late_and_its_deadline_runs_on_afterwards(matter, me, station):
    send_back(matter, station, DUE)
    assert nightly(date(2024, 7, 9)).rises == 0  # beyond the applicant's ten workdays as well
    back_on = date(2024, 7, 10)
    put_right(matter, me, back_on)
    assert nightly(back_on).rises == 0
    assert nightly(date(2024, 7, 11)).things == 1


def test_over_a_weekend_nothing_is_late_by_a_workday_yet(matter):
    type(matter).objects.filter(pk=matter.pk).update(due_on=date(2024, 6, 14))  # a Friday
    assert nightly(date(2024, 6, 16)).rises == 0
    assert nightly(date(2024, 6, 17)).rises == 1


def test_an_escalation_is_kept_as_it_was(matter):
    nightly(DAY_AFTER)
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        Escalation.objects.update(to_division="3210")


def test_a_run_that_cannot_tell_anybody_records_nothing(matter, station, monkeypatch):
    def broken(**_):
        raise RuntimeError("killed")

    monkeypatch.setattr("jiuye.office.conduct.operations.rising.write", broken)
    with pytest.raises(RuntimeError):
        nightly(DAY_AFTER)
    assert not Escalation.objects.exists()
    monkeypatch.undo()
    assert nightly(DAY_AFTER).told == 1


def test_the_lists_put_what_is_with_its_applicant_last(case, caseworker, rules, divisions):  # noqa: F811
    other = make_entitlement(make_person("李桂英", number="321002197803050045"))
    second = casework.confirm_on_behalf(
        actor=caseworker, entitlement_id=other.pk, note="电话申请", rules=rules, on=MONDAY, at=at(MONDAY)
    )
    casework.request_correction(
        actor=caseworker,
        case_id=case.pk,
        corrections={"clause:insured": "请补缴费凭证"},
        rules=rules,
        on=MONDAY,
        at=at(MONDAY),
    )
    Case.objects.filter(pk=case.pk).update(due_on=date(2025, 6, 10))
    assert list(queries.cases_at_hand(caseworker, "all", on=MONDAY)) == [second, case]


@pytest.mark.parametrize(
    ("due", "kind", "workdays"),
    [
        (date(2024, 6, 11), "today", 0),
        (date(2024, 6, 13), "soon", 2),
        (date(2024, 6, 14), "in_time", 3),
        (
            date(2024, 6, 7),
            "late",
            1,
        ),  # Friday; Monday the 10th was the Dragon Boat festival, so Tuesday is the first workday
        (None, "none", None),
    ],
)
def test_a_light_counts_workdays_of_the_calendar(due, kind, workdays):
    shown = light(due, DAY)
    assert (shown.kind, shown.workdays) == (kind, workdays)


def test_what_is_with_its_applicant_has_no_light_of_the_offices():
    assert light(date(2024, 6, 1), DAY, with_applicant=True).kind == "applicant"


def test_the_command_says_what_went_up_and_again_says_nothing(matter, station, capsys, monkeypatch):
    monkeypatch.setattr("jiuye.config.django_setup.setup_django", lambda: None)
    assert main(["deadlines", "--on", "2024-06-13"]) == 0
    assert "1 件逾期上报（1 级次），告知工作人员 1 次" in capsys.readouterr().out
    assert main(["deadlines", "--on", "2024-06-13", "--lang", "en"]) == 0
    assert "0 late items" in capsys.readouterr().out
    assert Message.objects.filter(recipient_kind="officer").count() == 1


def test_what_the_system_could_not_accept_by_itself_goes_up_as_what_waits_for_the_countys_case_workers(
    person,  # noqa: F811
    rules,  # noqa: F811
):
    found = make_entitlement(person, policy_id="maternity-insurance-subsidy", claim="automatic")
    case = casework.confirm_automatic(entitlement_id=found.pk, rules=rules, on=MONDAY, at=at(MONDAY))
    assert case.state == "confirmed"  # a paper is missing, so that a person has to accept it
    worker = make_officer("区经办", "caseworker", "321002")
    city = officer("市就业办", "city_office", "3210")
    later = case.due_on + timedelta(days=20)
    assert nightly(later).things == 1
    (row,) = Escalation.objects.all()
    assert (row.role, row.from_division, row.to_division) == ("caseworker", "321002", "3210")
    assert case.number in inbox(worker).get().body
    assert [one.case for one in queries.escalated(city, to_us=True)] == [case]
    operations.take(actor=worker, case_id=case.pk, on=later, at=at(later))
    assert queries.cases_at_hand(worker, "mine", on=later).get() == case
