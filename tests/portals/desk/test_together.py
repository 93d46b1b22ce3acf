"""Approving many cases on one screen, a case as it then was, and a refusal reviewed: what the desk's pages show and do."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.core import signing
from django.db import IntegrityError

from jiuye.office.casework import operations
from jiuye.office.casework.models import Case
from jiuye.office.casework.operations import together as acting
from jiuye.office.funds.models import Reservation
from jiuye.portals.desk.cases import together
from tests.office.casework.conftest import DAY, at, make_entitlement, make_officer, make_person
from tests.office.casework.journey import APPROVAL_DAY, publicised_case
from tests.portals.desk.test_cases import messages_of
from tests.portals.refused_forms import forms_of, losses


@pytest.fixture
def three(divisions, caseworker, reviewer, rules, budget):
    """Three cases whose public notice is over."""
    cases = []
    for position in range(3):
        person = make_person(f"周{'甲乙丙'[position]}", number=f"32100219780305003{position}")
        entitlement = make_entitlement(person)
        case = operations.confirm_on_behalf(
            actor=caseworker, entitlement_id=entitlement.pk, note="本人来电", rules=rules, on=DAY, at=at(DAY)
        )
        cases.append(publicised_case(case, caseworker, reviewer))
    return cases


@pytest.fixture(autouse=True)
def _later(_office, settings):
    settings.OFFICE_DATE = APPROVAL_DAY.isoformat()


def shown(yuan: str) -> str:
    """A whole amount of yuan as a page draws it."""
    return f'¥</span>{yuan}<span class="money__part">.00'


def test_totals_and_what_stays_out_are_seen_before_anything_is_approved(desk_of, approver, three):
    three[2].person.death_date = DAY
    three[2].person.save()
    page = desk_of(approver).post("/desk/cases/together/look/", {"case": [case.pk for case in three]})
    words = page.content.decode()
    assert "可以批准 2 件，不能批准 1 件" in words
    assert "登记的死亡日期是 2025-06-09" in words
    assert shown("3,000") in words
    assert set(Case.objects.values_list("state", flat=True)) == {"publicised"}
    assert not Reservation.objects.exists()


def test_the_sound_ones_are_approved_in_one_act_and_the_others_named(desk_of, approver, three):
    three[1].person.bank_account = ""
    three[1].person.save()
    page = desk_of(approver).post("/desk/cases/together/approve/", {"case": [case.pk for case in three]})
    words = page.content.decode()
    assert "批准 2 件，留下 1 件" in words
    assert "没有登记收款账号" in words
    assert Reservation.objects.count() == 2


def test_what_was_approved_together_is_undone_together_with_a_reason(desk_of, approver, three):
    client = desk_of(approver)
    ids = {"case": [case.pk for case in three]}
    client.post("/desk/cases/together/approve/", ids)
    assert "要写明理由" in client.post("/desk/cases/together/undo/", ids | {"note": ""}).content.decode()
    assert (
        "撤销批准 3 件"
        in client.post("/desk/cases/together/undo/", ids | {"note": "名单有误"}).content.decode()
    )
    assert set(Reservation.objects.values_list("state", flat=True)) == {"released"}


def test_a_budget_that_ends_in_the_middle_leaves_the_rest_out_and_says_what_is_short(
    desk_of, approver, three, caseworker, reviewer, rules
):
    large = make_person("吴丁", number="321002197803050061")
    entitlement = make_entitlement(large, amount_fen=900_000)
    case = operations.confirm_on_behalf(
        actor=caseworker, entitlement_id=entitlement.pk, note="本人来电", rules=rules, on=DAY, at=at(DAY)
    )
    publicised_case(case, caseworker, reviewer)
    chosen = {"case": [one.pk for one in (*three, case)]}
    seen = desk_of(approver).post("/desk/cases/together/look/", chosen).content.decode()
    assert "不够" in seen
    done = desk_of(approver).post("/desk/cases/together/approve/", chosen).content.decode()
    assert "批准 3 件，留下 1 件" in done
    assert "不够预留" in done


def test_nothing_chosen_too_many_and_another_countys_are_refused(desk_of, approver, three):
    client = desk_of(approver)
    (said,) = messages_of(client.post("/desk/cases/together/approve/", {}, follow=True))
    assert "没有选中办件" in said
    (said,) = messages_of(
        client.post("/desk/cases/together/approve/", {"case": list(range(1, 502))}, follow=True)
    )
    assert "一次最多办理 500 件" in said
    stranger = make_officer("周审批", "approver", "321003")
    (said,) = messages_of(
        desk_of(stranger).post("/desk/cases/together/approve/", {"case": [three[0].pk]}, follow=True)
    )
    assert "没有这件办件" in said


def test_who_reviewed_sees_none_of_them_and_a_reviewer_does_not_open_the_screen(desk_of, reviewer, three):
    assert desk_of(reviewer).get("/desk/cases/together/").status_code == 403


@pytest.mark.django_db(transaction=True)
def test_a_case_is_shown_as_it_then_was_with_a_banner(desk_of, approver, three, reviewer):
    case = three[0]
    client = desk_of(approver)
    client.post(f"/desk/cases/{case.pk}/acts/approve/")
    now = client.get(f"/desk/cases/{case.pk}/").content.decode()
    assert "待付款" in now
    assert "这是 " not in now
    events = list(case.timeline.order_by("pk"))
    then = client.get(f"/desk/cases/{case.pk}/", {"at": events[-2].at.isoformat()}).content.decode()
    assert "不是现在的" in then
    assert "公示中" in then
    assert then.count("timeline__step--done") == len(events) - 1
    assert "现在可以办理" not in then
    early = client.get(f"/desk/cases/{case.pk}/", {"at": "2020-01-01"}, follow=True)
    assert any("那时还没有这件办件" in words for words in messages_of(early))
    odd = client.get(f"/desk/cases/{case.pk}/", {"at": "yesterday"})
    assert any("2025-06-09T15:30" in words for words in messages_of(odd))
    ahead = client.get(f"/desk/cases/{case.pk}/", {"at": "2031-01-01"})
    assert any("这个时间还没有到" in words for words in messages_of(ahead))
    assert "待付款" in ahead.text
    assert "不是现在的" not in ahead.text


@pytest.mark.django_db(transaction=True)
def test_the_amount_of_a_past_moment_is_the_amount_of_that_moment(
    desk_of, caseworker, reviewer, entitlement, owner, rules
):
    case = operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))
    next_day = DAY + timedelta(days=1)
    operations.request_correction(
        actor=caseworker,
        case_id=case.pk,
        corrections={"clause:insured": "补缴费单"},
        rules=rules,
        on=next_day,
        at=at(next_day),
    )
    entitlement.amount_fen = 123_400
    entitlement.save()
    third = date(2025, 6, 11)
    operations.correct(actor=owner, case_id=case.pk, note="已补", rules=rules, on=third, at=at(third))
    client = desk_of(caseworker)
    assert shown("1,234") in client.get(f"/desk/cases/{case.pk}/").content.decode()
    then = client.get(f"/desk/cases/{case.pk}/?at=2025-06-10").content.decode()
    assert shown("1,500") in then
    assert shown("1,234") not in then
    assert "待补正" in then


def test_a_refusal_is_objected_to_and_overturned_from_the_page(
    desk_of, three, caseworker, reviewer, approver, rules
):
    case = three[0]
    operations.refuse(
        actor=reviewer, case_id=case.pk, clause_id="insured", note="没有缴费", rules=rules, on=DAY, at=at(DAY)
    )
    desk_of(caseworker).post(f"/desk/cases/{case.pk}/review/", {"text": "缴费单在此"})
    review = case.refusal_reviews.get()
    page = desk_of(approver).get(f"/desk/cases/{case.pk}/").content.decode()
    assert "缴费单在此" in page
    desk_of(approver).post(
        f"/desk/cases/reviews/{review.pk}/", {"v-overturned": "yes", "v-words": "缴费记录属实"}
    )
    case.refresh_from_db()
    assert case.state == "confirmed"
    assert "缴费记录属实" in desk_of(approver).get(f"/desk/cases/{case.pk}/").content.decode()


def test_why_approvals_are_taken_back_is_not_lost_when_it_is_refused(desk_of, approver, three):
    client = desk_of(approver)
    client.post("/desk/cases/together/approve/", {"case": [case.pk for case in three]})
    for note, reason in (("  ", "要写明理由或说明"), ("批早了" * 1000, "现在多了 1000 字")):
        page = client.post("/desk/cases/together/undo/", {"case": [case.pk for case in three], "note": note})
        assert page.status_code == 422
        ((_, fields, wrong),) = [form for form in forms_of(page.text) if form[0].endswith("/undo/")]
        assert next(one.value for one in fields if one.name == "note") == note
        assert {int(one.value) for one in fields if one.name == "case"} == {case.pk for case in three}
        assert wrong
        assert reason in page.text
    assert set(Case.objects.values_list("state", flat=True)) == {"approved"}
    assert losses([(client, "/desk/cases/together/")]) == {}


def the_next(page: str) -> dict[str, list[str]]:
    """What the script of a page that goes on by itself posts."""
    form = page.split("data-go-on")[1].split("</form>")[0]
    fields = re.findall(r'name="(so_far|case)" value="([^"]*)"', form)
    return {name: [value for key, value in fields if key == name] for name, _ in fields}


def portions(client, address: str, cases) -> list[str]:
    """The pages that follow each other as the script of each asks for the next, until one asks for nothing more."""
    pages = [client.post(address, {"case": [case.pk for case in cases]}).content.decode()]
    while "data-go-on" in pages[-1]:
        pages.append(client.post(address, the_next(pages[-1])).content.decode())
    return pages


def test_a_long_list_is_approved_portion_by_portion_and_the_last_page_tells_of_the_whole(
    desk_of, approver, three, monkeypatch
):
    monkeypatch.setattr(together, "PORTION_SECONDS", -1)  # after each case somebody has waited long enough
    three[1].person.bank_account = ""
    three[1].person.save()
    pages = portions(desk_of(approver), "/desk/cases/together/approve/", three)
    assert "已批准 1 件，没有批准 0 件；还有 2 件" in pages[0]
    assert "已批准 1 件，没有批准 1 件；还有 1 件" in pages[1]
    assert "批准 2 件，留下 1 件" in pages[2]
    assert "没有登记收款账号" in pages[2]
    assert "撤销这 2 件的批准" in pages[2]
    assert len(pages) == 3
    assert Reservation.objects.count() == 2


def test_a_long_list_is_looked_at_portion_by_portion_with_the_same_totals(
    desk_of, approver, three, monkeypatch
):
    monkeypatch.setattr(together, "PORTION_SECONDS", -1)
    three[0].person.death_date = DAY
    three[0].person.save()
    pages = portions(desk_of(approver), "/desk/cases/together/look/", three)
    assert "可以批准 0 件，不能批准 1 件；还有 2 件" in pages[0]
    assert "可以批准 2 件，不能批准 1 件" in pages[-1]
    assert "登记的死亡日期是 2025-06-09" in pages[-1]
    assert shown("3,000") in pages[-1]
    assert not Reservation.objects.exists()


def test_what_an_officer_did_not_get_from_here_is_not_shown_as_done(desk_of, approver, three):
    told = signing.dumps({"done": [three[2].pk], "signed": [], "left": []}, salt="desk.together.approve.0")
    given = {"case": [three[0].pk], "so_far": told}
    assert (
        "批准 1 件，留下 0 件"
        in desk_of(approver).post("/desk/cases/together/approve/", given).content.decode()
    )


def test_looking_at_nothing_or_at_too_many_says_so(desk_of, approver, three):
    client = desk_of(approver)
    (said,) = messages_of(client.post("/desk/cases/together/look/", {}, follow=True))
    assert "没有选中办件" in said
    many = {"case": list(range(1, 502))}
    (said,) = messages_of(client.post("/desk/cases/together/look/", many, follow=True))
    assert "一次最多办理 500 件" in said
    for act in ("look", "approve"):
        (said,) = messages_of(
            client.post(f"/desk/cases/together/{act}/", {"case": ["9" * 5000]}, follow=True)
        )
        assert "没有选中办件" in said


def test_what_somebody_else_approves_while_a_list_is_looked_at_is_not_promised_at_its_end(
    desk_of, approver, three, monkeypatch, rules
):
    monkeypatch.setattr(together, "PORTION_SECONDS", -1)
    client = desk_of(approver)
    page = client.post("/desk/cases/together/look/", {"case": [case.pk for case in three]}).text
    other = make_officer("钱审批", "approver")
    operations.approve(actor=other, case_id=three[0].pk, rules=rules, on=APPROVAL_DAY, at=at(APPROVAL_DAY))
    while "data-go-on" in page:
        page = client.post("/desk/cases/together/look/", the_next(page)).text
    assert "可以批准 2 件，不能批准 1 件" in page
    assert "这件办件现在是“待付款”" in page


@pytest.mark.parametrize("act", ["look", "approve"])
def test_what_leaves_the_officers_places_meanwhile_is_counted_and_keeps_no_other_back(
    act, desk_of, approver, three, monkeypatch
):
    monkeypatch.setattr(together, "PORTION_SECONDS", -1)
    client = desk_of(approver)
    page = client.post(f"/desk/cases/together/{act}/", {"case": [case.pk for case in three]}).text
    Case.objects.filter(pk=three[1].pk).update(division_code="321003001001")
    while "data-go-on" in page:
        page = client.post(f"/desk/cases/together/{act}/", the_next(page)).text
    assert ("批准 2 件，留下 0 件" if act == "approve" else "可以批准 2 件，不能批准 0 件") in page
    assert "另有 1 件已不在您的管辖范围内" in page


def test_where_all_that_is_left_has_gone_the_page_still_tells_what_was_done(
    desk_of, approver, three, monkeypatch
):
    monkeypatch.setattr(together, "PORTION_SECONDS", -1)
    client = desk_of(approver)
    page = client.post("/desk/cases/together/approve/", {"case": [case.pk for case in three]}).text
    Case.objects.exclude(pk=three[0].pk).update(division_code="321003001001")
    page = client.post("/desk/cases/together/approve/", the_next(page)).text
    assert "批准 1 件，留下 0 件" in page
    assert "撤销这 1 件的批准" in page
    assert "没有这件办件" in page


def test_a_case_that_the_database_refuses_keeps_no_other_back(desk_of, approver, three, monkeypatch):
    real = acting.approve

    def approve(*, case_id: int, **given):
        if case_id == three[1].pk:
            raise IntegrityError("signature_once_a_person")
        return real(case_id=case_id, **given)

    monkeypatch.setattr(acting, "approve", approve)
    page = desk_of(approver).post("/desk/cases/together/approve/", {"case": [case.pk for case in three]}).text
    assert "批准 2 件，留下 1 件" in page
    assert "刚才有人同时办理了这一件" in page
