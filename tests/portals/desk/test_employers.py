"""An employer at the desk: its account is corrected there, and what the bank sent back is paid to the right one."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection

from jiuye.office.casework import operations
from jiuye.office.casework.models import Case
from jiuye.office.funds import operations as funds
from jiuye.office.matters.models import Matter
from jiuye.office.registry.models import Employer
from jiuye.office.staff.models import LookRecord
from jiuye.office.ventures.models import Loan
from tests.office.casework.conftest import DAY, at, make_entitlement, make_officer
from tests.office.casework.journey import approve, publicised_case
from tests.portals.counting import MOST, queries_of

PAY_DAY = date(2025, 6, 18)
GIVEN = {"on": PAY_DAY, "at": at(PAY_DAY)}
CLOSED = "3205000000004040"  # the bank of the tests says that it is closed
MENDED = {
    "bank_account": "3205 0000 0000 7777",
    "document": "开户许可证 J3120000000001",
    "reason": "单位换了开户行",
}


def pay(case: Case, cashier, second_cashier, bank, rules) -> None:
    made = operations.put_into_batch(actor=cashier, case_ids=[case.pk], rules=rules, **GIVEN)
    funds.approve_batch(actor=second_cashier, batch=made.batch, **GIVEN)
    sent = funds.send_batch(actor=second_cashier, batch=made.batch, bank=bank, **GIVEN)
    operations.settle_batch(actor=second_cashier, batch=sent, bank=bank, **GIVEN)
    case.refresh_from_db()


@pytest.mark.django_db(transaction=True)
def test_a_payment_sent_back_from_a_firms_closed_account_is_paid_to_the_one_corrected_at_the_desk(
    desk_of, employer, caseworker, reviewer, approver, cashier, second_cashier, budget, bank, rules, settings
):
    Employer.objects.filter(pk=employer.pk).update(bank_account=CLOSED)
    firm = {"recipient_kind": "employer", "employer": employer, "subject_kind": "employer"}
    found = make_entitlement(subject_key=str(employer.pk), **firm)
    case = operations.confirm_on_behalf(
        actor=caseworker, entitlement_id=found.pk, note="单位来人", rules=rules, on=DAY, at=at(DAY)
    )
    case = approve(publicised_case(case, caseworker, reviewer), approver, rules)
    pay(case, cashier, second_cashier, bank, rules)
    assert (case.state, bool(case.rejection)) == ("payment_rejected", True)

    settings.OFFICE_DATE = PAY_DAY.isoformat()
    desk = desk_of(caseworker)
    page = desk.get(f"/desk/cases/{case.pk}/").text
    assert "请与单位核对账户" in page
    assert f'href="/desk/employers/{employer.pk}/"' in page
    assert desk.post(f"/desk/employers/{employer.pk}/correct/", MENDED).status_code == 302
    desk.post(f"/desk/cases/{case.pk}/acts/refresh_payee/", {"note": "与单位财务电话核对"})
    pay(case, cashier, second_cashier, bank, rules)
    assert (case.state, case.payee_account, case.rejection) == ("paid", "3205000000007777", "")


def test_a_firms_page_shows_where_its_money_goes_now_and_the_form_that_corrects_it(
    desk_of, employer, caseworker, reviewer
):
    page = desk_of(caseworker).get(f"/desk/employers/{employer.pk}/").text
    assert "现在登记的收款账户：**** 9876，扬州农商银行。" in page
    assert employer.bank_account not in page
    assert f"/desk/employers/{employer.pk}/correct/" in page
    assert "/correct/" not in desk_of(reviewer).get(f"/desk/employers/{employer.pk}/").text
    Employer.objects.filter(pk=employer.pk).update(bank_account="")
    assert "现在没有登记收款账户。" in desk_of(caseworker).get(f"/desk/employers/{employer.pk}/").text


def test_a_firms_account_is_seen_in_clear_after_the_look_was_recorded(desk_of, employer, caseworker):
    client, address = desk_of(caseworker), f"/desk/employers/{employer.pk}/reveal/"
    client.post(address, {"field": "bank_account", "purpose": " "})
    assert not LookRecord.objects.exists()
    answer = client.post(address, {"field": "bank_account", "purpose": "与单位核对"})
    assert employer.bank_account in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    look = LookRecord.objects.get()
    assert (look.subject_kind, look.subject_key, look.field) == (
        "employer",
        str(employer.pk),
        "bank_account",
    )


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"reason": ""}, "必填"),
        ({"document": " "}, "必填"),
        ({"bank_account": "3205-77"}, "银行账号应为10至30位数字"),
        ({"bank_account": "6222021108000000019"}, "校验位不对"),
        ({"reason": "长" * 201}, "200"),
    ],
)
def test_a_correction_that_cannot_be_taken_comes_back_as_typed_with_the_reason(
    desk_of, employer, caseworker, wrong, says
):
    given = MENDED | wrong
    answer = desk_of(caseworker).post(f"/desk/employers/{employer.pk}/correct/", given)
    assert answer.status_code == 422
    assert says in answer.text
    assert all(value in answer.text for value in given.values() if value.strip())
    employer.refresh_from_db()
    assert employer.bank_account == "3205000000009876"


def test_only_who_may_change_the_register_there_corrects_a_firm(desk_of, employer, reviewer):
    address = f"/desk/employers/{employer.pk}/correct/"
    assert desk_of(reviewer).post(address, MENDED).status_code == 403
    elsewhere = make_officer("孙经办", "caseworker", "321003001")
    assert desk_of(elsewhere).post(address, MENDED).status_code == 404
    employer.refresh_from_db()
    assert employer.bank_account == "3205000000009876"


def test_a_correction_keeps_its_document_and_reason_in_the_audit_trail_and_the_account_sealed(
    desk_of, employer, caseworker
):
    desk_of(caseworker).post(f"/desk/employers/{employer.pk}/correct/", MENDED)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.metadata->>'operation', c.metadata->>'document', c.metadata->>'reason', "
            "position('32050000'::bytea in e.bank_account) FROM registry_employerevent e "
            "JOIN pghistory_context c ON c.id = e.pgh_context_id WHERE e.pgh_label = 'update'"
        )
        assert cursor.fetchall() == [("registry.correct_employer", MENDED["document"], MENDED["reason"], 0)]


def test_a_firm_is_found_where_residents_are_and_opens_to_its_page(desk_of, employer, person, caseworker):
    client, link = desk_of(caseworker), f'href="/desk/employers/{employer.pk}/"'
    for text in ("琼花", employer.credit_code, employer.credit_code.lower()):
        page = client.get("/desk/people/", {"q": text}).text
        assert link in page, text
        assert "没有找到" not in page
    elsewhere = desk_of(make_officer("孙经办", "caseworker", "321003001"))
    for text in ("琼花", employer.credit_code):
        assert "没有找到" in elsewhere.get("/desk/people/", {"q": text}).text
    page = client.get("/desk/people/", {"q": person.name}).text
    assert f'href="/desk/people/{person.pk}/"' in page
    assert link not in page


def test_a_resident_and_a_firm_of_one_name_are_both_found_within_fifteen_queries(
    desk_of, employer, person, caseworker, django_assert_max_num_queries
):
    Employer.objects.filter(pk=employer.pk).update(name=f"{person.name}小吃店")
    client = desk_of(caseworker)
    with django_assert_max_num_queries(15):
        page = client.get("/desk/people/", {"q": person.name}).text
    assert f'href="/desk/employers/{employer.pk}/"' in page
    assert f'href="/desk/people/{person.pk}/"' in page


def test_a_firms_page_stands_under_residents_and_employers(desk_of, employer, caseworker):
    page = desk_of(caseworker).get(f"/desk/employers/{employer.pk}/").text
    assert '<a href="/desk/people/">居民和单位</a>' in page


def test_a_firms_page_lists_what_it_asked_for_with_the_state_of_each(desk_of, employer, caseworker, rules):
    firm = {"recipient_kind": "employer", "employer": employer, "subject_kind": "employer"}
    found = make_entitlement(subject_key=str(employer.pk), division_code="321002001001", **firm)
    case = operations.confirm_on_behalf(
        actor=caseworker, entitlement_id=found.pk, note="单位来人", rules=rules, on=DAY, at=at(DAY)
    )
    matter = Matter.objects.create(
        item_id="traineeship-base-recognition",
        applicant_kind="employer",
        employer=employer,
        applicant_name=employer.name,
        way="counter",
        division_code="321002001001",
        state="submitted",
        awaits="accept",
        started_on=DAY,
        submitted_on=DAY,
    )
    loan = Loan.objects.create(
        kind="enterprise",
        employer=employer,
        division_code="321002001001",
        wanted_fen=1_000_000,
        applied_on=DAY,
        applied_by_id=caseworker.account_id,
    )
    desk, address = desk_of(caseworker), f"/desk/employers/{employer.pk}/"
    page = desk.get(address).text
    for link, word in (
        (f"/desk/cases/{case.pk}/", "待受理"),
        (f"/desk/matters/{matter.pk}/", "待受理"),
        (f"/desk/loans/{loan.pk}/", "待担保审核"),
    ):
        row = page.partition(f'href="{link}"')[2].partition("</tr>")[0]
        assert word in row, (link, row[:400])
    asked = queries_of(desk, address)
    assert asked is not None
    assert asked <= MOST
