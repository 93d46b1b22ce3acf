"""A running loan is taken over from the pages: found on the list, entered from the register, confirmed by an approver; what is refused comes back."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jiuye.office.staff.models import Account
from jiuye.office.ventures.models import Loan, LoanTakeover
from tests.office.ventures.test_taking_over import DAY, list_loan
from tests.portals.refused_forms import losses, walked
from tests.portals.test_query_counts import KEPT_OUT, MOST

FORM = {
    "bank": "扬州农商银行", "bank_account": "", "contract": "借字2024-077", "principal": "200000", "disbursed_on": "2024-04-10",
    "rate_percent": "4.35", "taken_from": "2024-10-01", "balance": "150000", "subsidised": "1800", "loans_drawn": "1",
    "first_due": "2025-04-10", "parts": "2", "months": "12", "document": "担保函〔2024〕77号", "differs_because": "",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _office(settings):
    settings.OFFICE_DATE = DAY.isoformat()


def desk(actor) -> Client:
    client = Client()
    client.force_login(Account.objects.get(pk=actor.account_id))
    return client


def test_a_loan_goes_from_the_register_over_two_desks_into_the_book(street):
    record = list_loan(street)
    window, other = desk(street.clerk), desk(street.approver)
    assert "台账上的在贷贷款" in window.get("/desk/loans/").text
    url = f"/desk/loans/register/{record.pk}/"
    assert url in window.get("/desk/loans/register/").text
    form = window.get(url).text
    assert 'value="2024-04-10"' in form
    assert 'value="150000.00"' in form
    assert "台账没有，请按文件填写" in form
    wrong = window.post(url, FORM | {"balance": "140000"})
    assert wrong.status_code == 422
    assert "台账是 150,000.00，填写的是 140,000.00" in wrong.text
    assert "担保函〔2024〕77号" in wrong.text
    assert window.post(url, FORM).status_code == 302
    takeover = LoanTakeover.objects.get()
    assert window.get(url).status_code == 302
    page = f"/desk/loans/takeovers/{takeover.pk}/"
    assert "等另一位审批人员确认" in window.get(page).text
    assert "由您确认" in other.get(page).text
    other.post(f"{page}confirm/")
    loan = Loan.objects.get()
    shown = other.get(f"/desk/loans/{loan.pk}/").text
    assert "接手自原系统" in shown
    assert "撤销接手" in shown
    assert "150,000" in shown


def test_a_ceiling_that_is_exceeded_is_shown_before_and_after(street):
    record = list_loan(street, startup_loan_balance=600000)
    window, other = desk(street.clerk), desk(street.approver)
    sums = {"principal": "800000", "balance": "600000"}
    window.post(f"/desk/loans/register/{record.pk}/", FORM | sums)
    page = f"/desk/loans/takeovers/{LoanTakeover.objects.get().pk}/"
    assert "超过上限 300,000.00 元" in other.get(page).text
    other.post(f"{page}confirm/")
    assert "超过上限 300,000.00 元：既成事实" in other.get(page).text
    assert "接手时超出 300,000.00 元" in other.get(f"/desk/loans/{Loan.objects.get().pk}/").text


def test_what_was_dropped_need_not_be_typed_again(street):
    record = list_loan(street)
    window, other = desk(street.clerk), desk(street.approver)
    url = f"/desk/loans/register/{record.pk}/"
    window.post(url, FORM)
    page = f"/desk/loans/takeovers/{LoanTakeover.objects.get().pk}/"
    other.post(f"{page}drop/", {"note": "合同号不对"})
    assert "合同号不对" in window.get(page).text
    again = window.get(url).text
    assert 'value="借字2024-077"' in again
    assert 'value="2024-10-01"' in again


def test_an_officer_of_another_county_sees_nothing_of_it(street):
    from jiuye.office.staff.operations import place_in_post

    record = list_loan(street)
    account = Account.objects.create_account(
        username="远", display_name="远", password="demo", kind="officer"
    )
    place_in_post(account=account, role="caseworker", division_code="321084", start=DAY, until=None)
    far = Client()
    far.force_login(account)
    assert "扬州秀兰绣品厂" not in far.get("/desk/loans/register/").text
    assert far.get(f"/desk/loans/register/{record.pk}/").status_code == 404


def test_a_refused_form_comes_back_as_typed_and_no_page_makes_more_than_fifteen_queries(street):
    record = list_loan(street)
    window, other = desk(street.clerk), desk(street.approver)
    url = f"/desk/loans/register/{record.pk}/"
    found = losses([(window, url)])
    window.post(url, FORM)
    takeover = LoanTakeover.objects.get()
    pages = [f"/desk/loans/takeovers/{takeover.pk}/", "/desk/loans/takeovers/", "/desk/loans/register/"]
    found |= losses([(other, pages[0])])
    walked(__file__, found)
    counts = {page: queries(other, page) for page in pages}
    other.post(f"{pages[0]}confirm/")
    counts["loan"] = queries(other, f"/desk/loans/{Loan.objects.get().pk}/")
    assert {page: number for page, number in counts.items() if number > MOST} == {}


def queries(client: Client, page: str) -> int:
    client.get(page)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(page).status_code == 200
    return sum(not query["sql"].startswith(KEPT_OUT) for query in asked.captured_queries)
