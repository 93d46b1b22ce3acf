# ruff: noqa: F811 (the fixtures are imported, and asked for by name)
"""A payment file down, the bank's return file up: what differs stands on a page, what agrees is booked."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import expect

from jiuye.exchange.bank.file_format import Answer
from jiuye.exchange.bank.tables import answer_table, read_order_table
from jiuye.office.funds.operations import claim_back, confirm_claim_back, equal_instalments
from jiuye.office.staff.models import Account
from jiuye.office.staff.operations import place_in_post
from tests.office.funds.conftest import (  # noqa: F401 (the fixture is used by name)
    AT,
    DAY,
    claim,
    lasting_office,
    officer,
)
from tests.office.funds.test_return_files import paid, rejected, sent_batch

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_return_file_is_compared_and_then_booked(visit, lasting_office, settings_day, tmp_path):
    batch = sent_batch(lasting_office, 1, 2, 3)
    cashier = Account.objects.get(pk=lasting_office.checker.account_id)
    place_in_post(account=cashier, role="cashier", division_code="3210", start=DAY, until=None, department="")
    window = visit(account=cashier)
    page = window.open(f"/desk/payments/batches/{batch.pk}/")
    with page.expect_download() as download:
        page.get_by_role("button", name="下载代发文件（XLSX）").click()
    order = read_order_table(Path(download.value.path()).read_bytes(), settings.BANK_KEY)
    assert order.total_fen == 30_000

    wrong, right = tmp_path / "回盘一.csv", tmp_path / "回盘二.xlsx"
    answers = (paid(1), rejected(2), paid(3))
    wrong.write_bytes(
        answer_table(Answer(batch.number, "YH1", (paid(1), paid(2, 9_999))), settings.BANK_KEY, "csv")
    )
    right.write_bytes(answer_table(Answer(batch.number, "YH1", answers), settings.BANK_KEY, "xlsx"))
    page = window.open("/desk/payments/")
    window.assert_well_made("desk-payments-return")
    page.set_input_files("input[type=file]", wrong)
    page.get_by_role("button", name="读入并对账").click()
    expect(page.get_by_text("整个文件没有入账")).to_be_visible()
    expect(page.get_by_text("金额与发送的不同")).to_be_visible()
    window.assert_well_made("desk-reconciliation")

    page = window.open("/desk/payments/")
    page.set_input_files("input[type=file]", right)
    page.get_by_role("button", name="读入并对账").click()
    expect(page.get_by_text("到账 2 笔，退回 1 笔")).to_be_visible()
    expect(page.get_by_text("银行的回盘与发送的逐笔一致")).to_be_visible()
    page = window.open("/desk/payments/")
    page.set_input_files("input[type=file]", right)
    page.get_by_role("button", name="读入并对账").click()
    expect(page.get_by_text("没有重复入账")).to_be_visible()


@pytest.fixture
def settings_day(settings, tmp_path):
    """The office works on the batch's day."""
    settings.OFFICE_DATE = DAY.isoformat()
    settings.BANK_FOLDER = tmp_path


def test_an_overpayment_is_claimed_back_received_and_the_rest_waived_by_another(
    visit, lasting_office, settings_day
):
    office = lasting_office
    office.pay(claim(1))
    people = {}
    # Who granted the payment confirms the claim, and another gives up the rest.
    for role, actor in (("cashier", office.maker), ("approver", officer("另一审批", "approver"))):
        people[role] = Account.objects.get(pk=actor.account_id)
        place_in_post(
            account=people[role], role=role, division_code="3210", start=DAY, until=None, department=""
        )
    place_in_post(
        account=Account.objects.get(pk=office.approver.account_id), role="approver", division_code="3210",
        start=DAY, until=None, department="",
    )  # fmt: skip
    days = [date(2024, 3, 20), date(2024, 4, 20), date(2024, 5, 20)]
    found = claim_back(
        actor=office.maker,
        claim_key="case:1",
        amount_fen=10_000,
        ground="重复领取",
        document="扬人社追〔2024〕1号",
        debtor_name="张秀兰",
        debtor_is_person=True,
        schedule=equal_instalments(10_000, days),
        on=DAY,
        at=AT,
    )
    window = visit(account=people["cashier"])
    window.open("/desk/payments/recoveries/new/?case=321002-20240310-000001")
    window.assert_well_made("desk-recovery-form")
    page = window.open(f"/desk/payments/recoveries/{found.pk}/")
    expect(page.get_by_text("等另一位审批人员确认")).to_be_visible()
    confirm_claim_back(actor=office.approver, recovery_id=found.pk, on=DAY, at=AT)
    page = window.open(f"/desk/payments/recoveries/{found.pk}/")
    page.get_by_label("到账金额（元）").fill("33.34")
    page.get_by_label("银行流水号").fill("LS-1")
    page.get_by_role("button", name="登记还款").click()
    expect(page.get_by_text("还款已入账。")).to_be_visible()
    window.assert_well_made("desk-recovery")
    address = page.url.removeprefix(window.address)
    granter = visit(account=Account.objects.get(pk=office.approver.account_id))
    expect(granter.open(address).get_by_label("核销理由")).to_have_count(0)
    other = visit(account=people["approver"])
    page = other.open(address)
    page.get_by_label("核销理由").fill("本人死亡，无遗产")
    page.get_by_role("button", name="核销", exact=True).click()
    expect(page.get_by_text("已核销。")).to_be_visible()
    other.open("/desk/payments/recoveries/")
    other.assert_well_made("desk-recoveries")
