"""The desk's pages: what is shown to whom, and what a posted form does and says."""

from __future__ import annotations

from datetime import date

import pgtrigger
import pytest

from jiuye.office.casework import operations
from jiuye.office.casework.models import Case
from jiuye.office.funds.models import PaymentBatch
from tests.office.casework.conftest import DAY, at, make_officer
from tests.office.casework.journey import approve, publicised_case
from tests.portals.counting import MOST
from tests.portals.refused_forms import losses, walked

LATER = date(2025, 6, 18)
SAVEPOINT = 3  # what a request's transaction is inside a test: begun, rolled back, released


@pytest.fixture
def case(owner, entitlement, rules) -> Case:
    return operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))


def messages_of(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def test_todays_page_lists_what_waits_for_me_with_its_deadline_and_masked_names(desk_of, caseworker, case):
    page = desk_of(caseworker).get("/desk/").content.decode()
    assert case.number in page
    assert "2025年6月11日" in page
    assert "张**" in page
    assert "张秀兰" not in page


def test_somebody_without_cases_is_led_on(desk_of, divisions):
    officer = make_officer("政策员", "policy_officer", "3210")
    assert desk_of(officer).get("/desk/").status_code == 200


def test_a_case_page_shows_the_clause_with_its_law_the_checks_and_the_acts(desk_of, caseworker, case):
    page = desk_of(caseworker).get(f"/desk/cases/{case.pk}/").content.decode()
    for words in (
        "就业困难人员灵活就业后",
        "收款账户齐全",
        "退回补正",
        "受理",
        "缴费额的三分之二",
        "**** 1234",
    ):
        assert words in page
    assert "6222000000001234" not in page


def test_the_page_of_a_case_takes_a_fixed_number_of_queries(
    desk_of, caseworker, reviewer, case, django_assert_max_num_queries
):
    publicised_case(case, caseworker, reviewer)
    client = desk_of(caseworker)
    client.get(f"/desk/cases/{case.pk}/")
    with django_assert_max_num_queries(MOST + SAVEPOINT):
        client.get(f"/desk/cases/{case.pk}/")


def test_words_that_another_officer_forestalled_are_kept_and_the_same_form_twice_is_not_a_refusal(
    desk_of, caseworker, case
):
    address, theirs = f"/desk/cases/{case.pk}/acts/request_correction/", "证书编号与登记簿不一致，请核对。"
    client = desk_of(caseworker)
    client.post(f"/desk/cases/{case.pk}/acts/accept/")
    for _ in range(2):
        assert client.post(address, {"c-clause:insured": "缺少证书复印件。"}).status_code == 302
    answer = client.post(address, {"c-clause:insured": theirs})
    assert answer.status_code == 422
    assert f"<blockquote>{theirs}</blockquote>" in answer.text
    assert "没有重复办理" in answer.text


def test_a_case_is_accepted_from_its_page_and_a_second_post_says_it_was_done(desk_of, caseworker, case):
    client = desk_of(caseworker)
    address = f"/desk/cases/{case.pk}/acts/accept/"
    assert messages_of(client.post(address, follow=True)) == ["“受理”已办理。"]
    (said,) = messages_of(client.post(address, follow=True))
    assert "没有重复办理" in said
    case.refresh_from_db()
    assert case.state == "accepted"


def test_a_refusal_from_the_page_names_its_clause_and_shows_the_ways_of_appeal(desk_of, reviewer, case):
    client = desk_of(reviewer)
    response = client.post(
        f"/desk/cases/{case.pk}/acts/refuse/", {"clause": "insured", "note": "没有缴费"}, follow=True
    )
    page = response.content.decode()
    assert "缴纳社会保险费的" in page
    assert "行政复议" in page
    assert "2025年8月8日" in page


def test_a_case_of_another_county_is_not_found_and_a_wrong_role_is_told_who_may(desk_of, case, cashier):
    stranger = make_officer("孙经办", "caseworker", "321003")
    assert desk_of(stranger).get(f"/desk/cases/{case.pk}/").status_code == 404
    response = desk_of(cashier).post(f"/desk/cases/{case.pk}/acts/accept/")
    assert response.status_code == 403
    assert "经办人员" in response.content.decode()


def test_an_act_that_is_not_in_the_table_is_not_found(desk_of, caseworker, case):
    assert desk_of(caseworker).post(f"/desk/cases/{case.pk}/acts/pay_me/").status_code == 404


def test_an_objection_is_recorded_and_answered_from_the_page_by_whoever_had_no_hand_in_it(
    desk_of, caseworker, reviewer, other_reviewer, case
):
    publicised_case(case, caseworker, reviewer)
    desk_of(caseworker).post(
        f"/desk/cases/{case.pk}/objections/", {"text": "她已经上班", "raised_by_name": ""}
    )
    objection = case.objections.get()
    seen = desk_of(reviewer).get(f"/desk/cases/{case.pk}/").text
    assert "r-resolution" not in seen
    assert "汤审核（审核人员）" in seen
    client = desk_of(other_reviewer)
    assert "她已经上班" in client.get(f"/desk/cases/{case.pk}/").content.decode()
    client.post(f"/desk/cases/objections/{objection.pk}/", {"r-upheld": "no", "r-resolution": "查无此事"})
    objection.refresh_from_db()
    assert (objection.upheld, objection.resolution) == (False, "查无此事")


def test_the_answer_to_an_objector_is_asked_for_at_its_field_and_noted_once_given_by_hand(
    desk_of, caseworker, reviewer, other_reviewer, case
):
    publicised_case(case, caseworker, reviewer)
    house = "扬州市广陵区文昌中路 1 号 3 幢 502 室"
    desk_of(caseworker).post(f"/desk/cases/{case.pk}/objections/", {"text": "她已经上班", "contact": house})
    objection, client = case.objections.get(), desk_of(other_reviewer)
    decide = {"r-upheld": "no", "r-resolution": "社保记录无单位参保"}
    refused = client.post(f"/desk/cases/objections/{objection.pk}/", decide)
    assert refused.status_code == 422
    assert "社保记录无单位参保</textarea>" in refused.text
    fields = refused.text[refused.text.index('name="r-resolution"') :]
    assert "请写明答复异议人的话" in fields[: fields.index('name="r-answer"')]
    assert (
        client.post(f"/desk/cases/objections/{objection.pk}/", {**decide, "r-answer": " "}).status_code == 422
    )
    client.post(f"/desk/cases/objections/{objection.pk}/", {**decide, "r-answer": "社保记录里没有单位参保。"})
    assert case.number in client.get("/desk/objections/").text
    assert "待答复的异议（1）" in client.get("/desk/").text
    assert house not in client.get(f"/desk/cases/{case.pk}/").text
    done = f"/desk/objections/case/{objection.pk}/answered/"
    assert client.post(done, {"how": " "}).status_code == 422
    assert client.post(done, {"how": "当天寄出书面答复"}).status_code == 302
    assert "当天寄出书面答复" in client.get(f"/desk/cases/{case.pk}/").text
    assert "待答复的异议" not in client.get("/desk/").text


def test_an_objection_without_words_is_refused_in_words(desk_of, caseworker, reviewer, case):
    publicised_case(case, caseworker, reviewer)
    response = desk_of(caseworker).post(f"/desk/cases/{case.pk}/objections/", {"text": ""}, follow=True)
    assert response.status_code == 422
    assert messages_of(response) == ["没有办理，请看标出的地方：异议内容。"]


def test_the_found_list_counts_by_policy_and_street_and_opens_to_the_proof(
    desk_of, caseworker, entitlement, person
):
    client = desk_of(caseworker)
    page = client.get("/desk/found/").content.decode()
    assert "东关街道" in page
    assert "1,500" in page
    proof = client.get(f"/desk/found/{entitlement.pk}/").content.decode()
    assert "就业困难人员灵活就业后" in proof
    assert "321*************29" in proof
    assert person.id_number not in proof


def test_confirming_on_behalf_leads_to_the_new_case_and_needs_a_reason(desk_of, caseworker, entitlement):
    client = desk_of(caseworker)
    address = f"/desk/found/{entitlement.pk}/confirm/"
    (said,) = messages_of(client.post(address, {"note": ""}, follow=True))
    assert "怎样委托" in said
    response = client.post(address, {"note": "本人来电"})
    case = Case.objects.get()
    assert response["Location"] == f"/desk/cases/{case.pk}/"
    assert client.post(address, {"note": "本人来电"}, follow=True).status_code == 200
    assert Case.objects.count() == 1


def test_an_english_reader_gets_the_case_in_english(desk_of, caseworker, case, settings):
    client = desk_of(caseworker)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    page = client.get(f"/desk/cases/{case.pk}/").content.decode()
    assert "Social insurance subsidy for flexible workers" in page
    assert "Registered as a flexible worker" in page


@pytest.mark.django_db(transaction=True)
def test_money_goes_from_the_ticked_case_to_the_account_through_four_posts(
    desk_of, settings, case, caseworker, reviewer, approver, cashier, second_cashier, rules, budget
):
    approve(publicised_case(case, caseworker, reviewer), approver, rules)
    settings.OFFICE_DATE = LATER.isoformat()
    maker, checker = desk_of(cashier), desk_of(second_cashier)
    assert case.number in maker.get("/desk/payments/").content.decode()
    maker.post("/desk/payments/make/", {"case": [str(case.pk)], "purpose": "6月灵活就业补贴"})
    batch = PaymentBatch.objects.get()
    address = f"/desk/payments/batches/{batch.pk}/"
    assert "须由另一位资金支付人员复核" in maker.get(address).content.decode()
    (said,) = messages_of(maker.post(f"{address}approve_batch/", follow=True))
    assert "不能是制单人" in said
    for act in ("approve_batch", "send_batch", "settle_batch"):
        checker.post(f"{address}{act}/")
    (said,) = messages_of(checker.get(address))[-1:]
    assert "到账 1 笔" in said
    case.refresh_from_db()
    assert (case.state, case.paid_on) == ("paid", LATER)
    whole = checker.get("/desk/payments/ledger/").content.decode()
    assert "借贷平衡" in whole
    assert "就业补助资金 · 2025 年预算（统筹）" in whole
    assert "就业补助资金 · 已付受益对象" in whole
    assert "还没有封存" in whole
    page = checker.get("/desk/payments/ledger/budget:employment-subsidy:2025:统筹/").content.decode()
    assert "<h1>就业补助资金 · 2025 年预算（统筹）</h1>" in page
    assert "就业补助资金 · 已付受益对象" in page
    assert f'<a href="/desk/cases/{case.pk}/">办件 {case.number}</a>' in page
    assert "1,500" in page


def test_a_batch_of_nothing_is_refused_in_words(desk_of, cashier):
    (said,) = messages_of(desk_of(cashier).post("/desk/payments/make/", follow=True))
    assert "至少选一件" in said


def test_no_form_about_an_objection_a_review_or_an_original_loses_what_was_typed(
    desk_of, caseworker, reviewer, other_reviewer, approver, case
):
    pages = [f"/desk/cases/{case.pk}/"]
    found = losses((desk_of(caseworker), page) for page in pages)
    publicised_case(case, caseworker, reviewer)
    found |= losses((desk_of(caseworker), page) for page in pages)
    desk_of(caseworker).post(f"{pages[0]}objections/", {"text": "她已经上班"})
    found |= losses((desk_of(other_reviewer), page) for page in pages)
    walked(__file__, found)


def test_of_a_batch_of_the_city_a_countys_cashier_sees_their_own_lines_and_no_button(
    desk_of, settings, case, caseworker, reviewer, approver, cashier, second_cashier, rules, budget
):
    approve(publicised_case(case, caseworker, reviewer), approver, rules)
    settings.OFFICE_DATE = LATER.isoformat()
    desk_of(cashier).post("/desk/payments/make/", {"case": [str(case.pk)], "purpose": "6月补贴"})
    with pgtrigger.ignore("funds.PaymentBatch:batch_keeps_its_place"):
        PaymentBatch.objects.update(division_code="3210")  # as if it paid another county besides
    batch = PaymentBatch.objects.get()
    address, county = f"/desk/payments/batches/{batch.pk}/", desk_of(second_cashier)
    page = county.get(address).content.decode()
    assert "张**" in page
    assert "这个批次由市里制单" in page
    assert "approve_batch" not in page
    assert f"{address}reconciliation/" not in page
    for act in ("approve_batch", "discard_batch"):
        assert county.post(f"{address}{act}/").status_code == 403
    assert county.get(f"{address}reconciliation/").status_code == 403
    batch.refresh_from_db()
    assert batch.state == "draft"
