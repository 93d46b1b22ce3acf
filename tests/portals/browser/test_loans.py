# ruff: noqa: F811 (the fixtures are imported, and asked for by name)
"""A start-up loan in the browser: applied for at home, guaranteed, paid out, subsidised, and late."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from jiuye.office.funds.models import PaymentLine
from jiuye.office.staff.models import Account
from jiuye.office.ventures.models import Loan
from tests.office.entitlements.conftest import town  # noqa: F401 (the fixture is used by name)
from tests.office.ventures.conftest import _pack, furnish  # noqa: F401 (the fixture is used by name)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def lasting_street(transactional_db, town, tmp_path, settings):
    settings.BANK_FOLDER = tmp_path
    settings.BANK_KIND = "pretend"
    return furnish(town, tmp_path)


def account(actor) -> Account:
    return Account.objects.get(pk=actor.account_id)


def test_a_start_up_loan_from_application_to_interest_subsidy_to_arrears(visit, lasting_street, settings):
    street = lasting_street
    settings.OFFICE_DATE = "2024-03-20"
    founder = Account.objects.create_account(
        username="founder",
        display_name="张秀兰",
        password="demo",
        kind="resident",
        subject_key=str(street.founder.pk),
    )
    home, clerk = visit(account=founder), visit(account=account(street.clerk))
    approver, second, maker, checker = (
        visit(account=account(who)) for who in (street.approver, street.second, street.maker, street.checker)
    )

    page = home.open("/my/loans/")
    page.get_by_label("想借多少（元）").fill("500000")
    with page.expect_response("**/my/loans/save/"):
        page.get_by_label("想借多少（元）").blur()
    page = home.open("/my/loans/")  # she left and came back
    expect(page.get_by_label("想借多少（元）")).to_have_value("500000")
    page.get_by_role("button", name="申请", exact=True).click()
    expect(page.get_by_text("不能受理").first).to_be_visible()
    page.get_by_label("想借多少（元）").fill("200000")
    page.get_by_role("button", name="申请", exact=True).click()
    expect(page.get_by_text("申请已收到")).to_be_visible()
    home.assert_well_made("my-loans-applied")
    loan = Loan.objects.get()
    street.show_papers(loan)
    address = f"/desk/loans/{loan.pk}/"

    page = second.open(address)
    page.get_by_role("button", name="认领").click()
    expect(page.get_by_text("已由您承办。")).to_be_visible()
    second.assert_well_made("desk-loan-in-hand")
    page.get_by_text("转交给同事").click()
    page.get_by_label("转交给", exact=True).select_option("审批")
    page.get_by_label("转交的原因").fill("下午外出")
    page.get_by_role("button", name="转交", exact=True).click()
    expect(page.get_by_text("已转交审批承办。")).to_be_visible()
    page = approver.open("/desk/?whose=mine")
    expect(page.locator("#loans").get_by_text(loan.number)).to_be_visible()
    approver.assert_well_made("desk-today-loans")
    page = approver.open(address)
    approver.assert_well_made("desk-loan-applied")
    page.get_by_label("担保金额（元）").fill("200000")
    page.get_by_role("button", name="同意担保").click()
    expect(page.get_by_text("已签批；还需其他审批人员签批")).to_be_visible()
    page = second.open(address)
    expect(page.get_by_text("第 1 签，共需 2 签")).to_be_visible()
    page.get_by_label("担保金额（元）").fill("200000")
    page.get_by_role("button", name="同意担保").click()
    expect(page.get_by_text("“同意担保”已办理。")).to_be_visible()

    settings.OFFICE_DATE = "2024-04-10"
    page = clerk.open(address)
    page.get_by_label("经办银行").fill("扬州农商银行")
    page.get_by_label("银行收款账号").fill("3210880101200000012345")
    page.get_by_label("借款合同号").fill("借字2024-001")
    page.get_by_label("放款金额（元）").fill("200000")
    page.get_by_label("年利率（%）").fill("4.35")
    page.get_by_label("放款日期").fill("2024-04-10")
    page.get_by_label("第一期还本日期").fill("2024-08-15")
    page.get_by_label("还本期数").fill("2")
    page.get_by_label("每隔几个月一期").fill("6")
    page.get_by_role("button", name="登记放款").click()
    expect(page.get_by_text("“登记放款”已办理。")).to_be_visible()

    settings.OFFICE_DATE = "2024-07-02"
    page = clerk.open(address)
    page.get_by_label("季度中的任一天").fill("2024-06-30")
    page.get_by_role("button", name="核算贴息").click()
    expect(page.get_by_text("¥990.83").first).to_be_visible()
    clerk.assert_well_made("desk-loan-interest")
    page = approver.open(address)
    page.get_by_role("button", name="批准2024 年第 2 季度贴息").click()
    expect(page.get_by_text("资金已预留")).to_be_visible()
    page = maker.open(address)
    page.get_by_role("button", name="支付2024 年第 2 季度贴息").click()
    expect(page.get_by_text("付款批次已建立")).to_be_visible()
    batch_address = page.url.removeprefix(maker.address)
    page = checker.open(batch_address)
    for button in ("复核通过", "发送银行", "取回结果"):
        page.get_by_role("button", name=button).click()
    expect(page.get_by_text("已到账").first).to_be_visible()
    assert PaymentLine.objects.get().state == "paid"

    settings.OFFICE_DATE = "2024-09-20"
    page = clerk.open(address)
    expect(page.get_by_text("逾期 36 天").first).to_be_visible()
    clerk.assert_well_made("desk-loan-late")
    page.get_by_role("listitem").filter(has_text="登记放款").get_by_role("link").click()
    expect(page.get_by_text("时的样子，不是现在的")).to_be_visible()
    expect(page.get_by_text("还款中").first).to_be_visible()
    for later in ("逾期 36 天", "¥990.83"):
        expect(page.get_by_text(later)).to_have_count(0)
    clerk.assert_well_made("desk-loan-past")
    page.get_by_text("看过去某一时刻的样子").click()
    page.get_by_label("时刻").fill("2024-03-25T12:00")
    page.get_by_role("button", name="查看", exact=True).click()
    expect(page.get_by_text("待银行审批").first).to_be_visible()
    expect(page.get_by_text("借字2024-001")).to_have_count(0)
    clerk.assert_well_made("desk-loan-past-guaranteed")
    page.get_by_role("link", name="回到现在").click()
    expect(page.get_by_text("逾期 36 天").first).to_be_visible()
    clerk.open("/desk/loans/?view=late")
    expect(clerk.page.locator("tbody tr")).to_have_count(1)
    clerk.assert_well_made("desk-loans")
    page = home.open("/my/loans/")
    expect(page.get_by_text("逾期 36 天")).to_be_visible()
    expect(page.get_by_text("990.83")).to_be_visible()
    home.assert_well_made("my-loans-late")
