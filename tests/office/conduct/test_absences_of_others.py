"""Somebody who is ill cannot declare an absence: whoever heads the office or administers it does, says why, and both are told."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from jiuye.office.casework.refusals import WordsMissingError
from jiuye.office.conduct import operations, queries
from jiuye.office.conduct.models import Absence, AbsenceReason
from jiuye.office.conduct.operations import AbsenceRefusedError
from jiuye.office.messages.models import Message
from jiuye.office.messages.queries import inbox
from jiuye.office.staff.models import Account, Post
from jiuye.office.staff.operations import IncompatiblePostsError
from jiuye.office.staff.queries import actor_for
from tests.office.conduct.absent import BACK, WHY, as_, ill
from tests.office.matters.conftest import DAY, at, officer


def test_the_head_of_the_county_declares_it_and_the_substitute_has_the_work(
    matter, station, second, reviewer
):
    operations.take(actor=station, matter_id=matter.pk, on=DAY, at=at(DAY))
    absence = ill(reviewer, station, second)
    assert (absence.declared_by_id, absence.why.reason) == (reviewer.account_id, WHY)
    fresh = actor_for(Account.objects.get(pk=second.account_id), on=DAY)
    assert list(queries.matters_at_hand(fresh, "mine", on=DAY)) == [matter]
    kept = Absence.pgh_event_model.objects.get(pgh_obj_id=absence.pk)
    assert kept.pgh_context.metadata["account"] == reviewer.account_id


def test_both_are_told_who_did_it_and_whoever_is_ill_where_the_reason_stands(station, second, reviewer):
    ill(reviewer, station, second)
    (to_ill,), (to_second,) = inbox(station), inbox(second)
    assert "区审核替您登记了外出" in to_ill.body
    assert "登记的原因只有您本人、登记人、管理人员和审计人员看得到，在“外出和代办”里" in to_ill.body
    assert "请您替社区协理员代办" in to_second.title
    # Whoever stands in needs to know of the work, not of the illness; and a message lies where the whole office's do.
    assert all(WHY not in told.body + told.body_en for told in (to_ill, to_second))


def test_an_administrator_of_the_place_may_too(station, second):
    assert ill(officer("管理员", "administrator", "321002"), station, second).pk


@pytest.mark.parametrize(
    ("role", "place"),
    [("caseworker", "321002"), ("reviewer", "321003"), ("administrator", "321003"), ("leader", "321002")],
)
def test_nobody_else_may(station, second, role, place):
    other = officer("别人", role, place)
    with pytest.raises((AbsenceRefusedError, PermissionError)):
        ill(other, station, second)
    assert not Absence.objects.exists()
    assert not Post.objects.filter(delegated_from__isnull=False).exists()


def test_of_two_heads_of_one_office_neither_chooses_who_does_the_others_work(reviewer, approver):
    third = officer("另一审批", "approver", "321002")
    with pytest.raises(AbsenceRefusedError, match="由上一级或者系统管理员登记"):
        ill(reviewer, approver, third)
    city = officer("市就业办", "city_office", "3210")
    assert ill(city, approver, third).substitute_id == third.account_id


@pytest.mark.parametrize("role", ["leader", "auditor", "administrator", "budget_officer"])
def test_a_leader_an_auditor_and_the_finance_bureau_are_in_no_offices_charge(divisions, role):
    head, other = officer("市就业办", "city_office", "3210"), officer("另一人", role, "3210")
    with pytest.raises(AbsenceRefusedError):
        ill(head, other, officer("代办", "leader", "3210"))


def test_an_approvers_post_that_the_head_hands_on_waits_for_an_administrator_and_both_and_the_page_say_so(
    approver, divisions, settings
):
    settings.OFFICE_DATE = DAY.isoformat()
    head, stand_in = officer("市就业办", "city_office", "3210"), officer("代办", "policy_officer", "3210")
    officer("管理员", "administrator", "321002")
    given = {"account": approver.account_id, "substitute": stand_in.account_id, "reason": WHY}
    days = {"start": DAY.isoformat(), "until": BACK.isoformat()}
    page = as_(head).post("/desk/work/away/colleague/", given | days, follow=True).text
    assert "待另一名系统管理员确认后生效：管理员。" in page
    assert "还在等系统管理员确认，没有生效" in page
    fresh = actor_for(Account.objects.get(pk=stand_in.account_id), on=DAY)
    assert fresh.roles == {"policy_officer"}
    for told in (inbox(approver), inbox(stand_in)):
        assert "要由系统管理员确认后才生效" in told[0].body
    assert "还在等系统管理员确认" in as_(stand_in).get("/desk/work/away/").text


def test_an_administrator_who_sees_no_messages_of_the_place_declares_and_ends_it_on_the_page(
    station, second, settings
):
    settings.OFFICE_DATE = DAY.isoformat()
    administrator = as_(officer("管理员", "administrator", "321002"))
    given = {"account": station.account_id, "substitute": second.account_id, "reason": WHY}
    days = {"start": DAY.isoformat(), "until": BACK.isoformat()}
    page = administrator.post("/desk/work/away/colleague/", given | days, follow=True).text
    assert "已替同事登记外出" in page
    assert "请您替社区协理员代办" in inbox(second)[0].title
    absence = Absence.objects.get()
    assert "外出已结束" in administrator.post(f"/desk/work/away/{absence.pk}/back/", follow=True).text


def test_one_who_stands_in_from_another_county_is_told_on_the_page_too(station, settings):
    settings.OFFICE_DATE = DAY.isoformat()
    elsewhere = officer("外区协理员", "caseworker", "321003")
    given = {"substitute": elsewhere.account_id, "start": DAY.isoformat(), "until": BACK.isoformat()}
    assert "已登记外出" in as_(station).post("/desk/work/away/declare/", given, follow=True).text
    assert "请您替社区协理员代办" in inbox(elsewhere)[0].title


def test_whoever_holds_a_post_elsewhere_too_is_in_nobodys_charge_there(station, second, reviewer):
    Post.objects.create(
        account_id=station.account_id, role="caseworker", division_code="321003", start=date(2023, 1, 1)
    )
    with pytest.raises(AbsenceRefusedError):
        ill(reviewer, station, second)
    assert station.account_id not in {one.pk for one in queries.colleagues_in_charge(reviewer, on=DAY)}


def test_nobody_takes_a_colleagues_posts_for_themselves(station, divisions):
    head = officer("街道审核", "reviewer", "321002001")
    with pytest.raises(AbsenceRefusedError, match="不能把同事的岗位委托给自己"):
        ill(head, station, head)


def test_roles_that_must_not_meet_do_not_meet_in_the_substitute(station, reviewer, approver):
    with pytest.raises(IncompatiblePostsError):
        ill(reviewer, station, approver)
    assert not Absence.objects.exists()


def test_the_reason_and_an_end_are_wanted(station, second, reviewer):
    with pytest.raises(WordsMissingError):
        ill(reviewer, station, second, reason="  ")
    with pytest.raises(AbsenceRefusedError, match="到更晚的一天为止"):
        ill(reviewer, station, second, until=DAY)
    absence = ill(reviewer, station, second)
    with pytest.raises(IntegrityError, match="absence_reason_is_written"), transaction.atomic():
        AbsenceReason.objects.filter(absence=absence).update(reason="")
    Absence.objects.create(
        account_id=reviewer.account_id, substitute_id=second.account_id, declared_by_id=station.account_id,
        start=DAY, until=BACK, declared_on=DAY,
    )  # fmt: skip
    # Told at the end of the transaction, since the reason stands in a row of its own.
    with pytest.raises(IntegrityError, match="替别人登记外出必须写明原因"), transaction.atomic():
        connection.check_constraints()
    Absence.objects.exclude(pk=absence.pk).delete()


def test_back_earlier_they_end_it_themselves_or_the_head_does(station, second, reviewer):
    absence = ill(reviewer, station, second)
    with pytest.raises(AbsenceRefusedError):
        operations.come_back(
            actor=second, absence_id=absence.pk, on=DAY + timedelta(days=1), at=at(DAY + timedelta(days=1))
        )
    assert (
        operations.come_back(
            actor=station, absence_id=absence.pk, on=DAY + timedelta(days=2), at=at(DAY + timedelta(days=2))
        )
        == 0
    )
    again = ill(reviewer, station, second, start=DAY + timedelta(days=3))
    operations.come_back(actor=reviewer, absence_id=again.pk, on=DAY, at=at(DAY))
    assert Absence.objects.count() == 1


def test_ended_by_the_head_both_are_told_and_ended_by_oneself_the_substitute_is(station, second, reviewer):
    absence = ill(reviewer, station, second)
    later = DAY + timedelta(days=2)
    operations.come_back(actor=reviewer, absence_id=absence.pk, on=later, at=at(later))
    to_ill, to_second = inbox(station)[0], inbox(second)[0]
    assert (to_ill.occasion, to_second.occasion) == ("absence_ended", "standing_in_ended")
    assert "已提前结束，由区审核于2024年6月13日办理" in to_ill.body
    assert "委托给协理员乙的岗位已经收回" in to_ill.body
    assert to_second.title == "您不再替社区协理员代办"
    again = ill(reviewer, station, second, start=DAY + timedelta(days=5))
    operations.come_back(actor=station, absence_id=again.pk, on=later, at=at(later))
    assert "已取消，由社区协理员于2024年6月13日办理" in inbox(second)[0].body
    assert not Message.objects.filter(key=f"absence_ended:{again.pk}").exists()


def test_whoever_stands_in_is_told_also_where_the_absence_is_declared_by_oneself(station, second):
    operations.declare_absence(
        actor=station, substitute_id=second.account_id, start=DAY, until=BACK, on=DAY, at=at(DAY)
    )
    (told,) = inbox(second)
    assert "请您替社区协理员代办" in told.title
    assert "由社区协理员登记。" in told.body
    assert list(inbox(station)) == []


def test_the_page_offers_it_to_heads_alone_and_loses_nothing(station, second, reviewer, settings):
    settings.OFFICE_DATE = DAY.isoformat()
    address = "/desk/work/away/colleague/"
    assert address not in as_(station).get("/desk/work/away/").text
    head = as_(reviewer)
    assert address in head.get("/desk/work/away/").text
    given = {
        "account": station.account_id,
        "substitute": second.account_id,
        "start": DAY.isoformat(),
        "until": "",
        "reason": WHY,
    }
    refused = head.post(address, given)
    assert refused.status_code == 422
    assert WHY in refused.text
    assert f'<option value="{station.account_id}" selected>' in refused.text
    said = head.post(address, given | {"until": BACK.isoformat()}, follow=True).text
    assert "已替同事登记外出" in said
    assert f"区审核代为登记：{WHY}" in said
    assert f"区审核代为登记：{WHY}" in as_(station).get("/desk/work/away/").text
    assert "今天回来" in said


def test_a_post_in_another_county_that_begins_meanwhile_is_not_handed_on_with_the_absence(
    station, second, reviewer
):
    change = DAY + timedelta(days=3)
    Post.objects.filter(account_id=station.account_id).update(until=change)
    Post.objects.create(
        account_id=station.account_id, role="caseworker", division_code="321003", start=change
    )
    with pytest.raises(AbsenceRefusedError, match="不在您的管辖范围内"):
        ill(reviewer, station, second, start=DAY, until=BACK)
    assert not Post.objects.filter(account_id=second.account_id, delegated_from__isnull=False).exists()
