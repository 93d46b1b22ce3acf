# ruff: noqa: F811 (the fixtures are imported, and asked for by name)
"""A start-up loan in the browser: applied for at home, guaranteed, paid out, subsidised, late, paid to the bank by the fund, and paid back."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from playwright.sync_api import expect

from jiuye.office.funds.models import PaymentBatch, PaymentLine
from jiuye.office.funds.queries import verify_ledger
from jiuye.office.staff.models import Account
from jiuye.office.ventures.models import Loan
from tests.office.entitlements.conftest import town  # noqa: F401 (the fixture is used by name)
from tests.office.ventures.conftest import Street, _pack, furnish, versions_wrongly_named  # noqa: F401 (the fixture is used by name)
from tests.papers import pdf
from tests.portals.browser.looking import Visit
from tests.portals.browser.walking import Console, console  # noqa: F401 (the fixture is used by name)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def lasting_street(transactional_db, town, tmp_path, settings):
    settings.BANK_FOLDER = tmp_path
    settings.BANK_KIND = "pretend"
    return furnish(town, tmp_path)


def account(actor) -> Account:
    return Account.objects.get(pk=actor.account_id)


@dataclass
class Walk:
    """Everybody's window, and the loan once it is applied for."""

    street: Street
    home: Visit
    clerk: Visit
    approver: Visit
    second: Visit
    third: Visit
    fourth: Visit
    maker: Visit
    checker: Visit

    @property
    def address(self) -> str:
        return f"/desk/loans/{Loan.objects.get().pk}/"


@pytest.fixture
def walk(visit, lasting_street) -> Walk:
    street = lasting_street
    founder = Account.objects.create_account(
        username="founder",
        display_name="张秀兰",
        password="demo",
        kind="resident",
        subject_key=str(street.founder.pk),
    )
    officers = ("clerk", "approver", "second", "third", "fourth", "maker", "checker")
    windows = {name: visit(account=account(getattr(street, name))) for name in officers}
    return Walk(street=street, home=visit(account=founder), **windows)


def settle(walk: Walk) -> None:
    """The other cashier approves the newest batch, sends it and fetches the bank's answers."""
    page = walk.checker.open(f"/desk/payments/batches/{PaymentBatch.objects.order_by('-pk')[0].pk}/")
    for button in ("复核通过", "发送银行", "取回结果"):
        page.get_by_role("button", name=button).click()
    expect(page.get_by_text("已到账").first).to_be_visible()


def test_a_start_up_loan_from_application_to_interest_subsidy_to_arrears_to_what_came_back(
    walk, console, settings
):
    settings.OFFICE_DATE = "2024-03-20"
    applied_for_at_home(walk)
    proved(walk)
    guaranteed_by_two(walk)
    settings.OFFICE_DATE = "2024-04-10"
    paid_out(walk)
    settings.OFFICE_DATE = "2024-07-02"
    interest_paid(walk)
    console.night("2024-09-20")
    late(walk)
    settings.OFFICE_DATE = "2024-10-08"
    a_part_repaid(walk)
    settings.OFFICE_DATE = "2024-11-20"
    paid_by_the_fund(walk)
    claimed_from_the_founder(walk)
    settings.OFFICE_DATE = "2025-02-10"
    come_back(walk)
    assert versions_wrongly_named() == []
    assert verify_ledger().faults == ()


def applied_for_at_home(walk: Walk) -> None:
    page = walk.home.open("/my/loans/")
    page.get_by_label("想借多少（元）").fill("500000")
    with page.expect_response("**/my/loans/save/"):
        page.get_by_label("想借多少（元）").blur()
    page = walk.home.open("/my/loans/")  # she left and came back
    expect(page.get_by_label("想借多少（元）")).to_have_value("500000")
    page.get_by_role("button", name="申请", exact=True).click()
    expect(page.get_by_text("不能受理").first).to_be_visible()
    page.get_by_label("想借多少（元）").fill("200000")
    page.get_by_role("button", name="申请", exact=True).click()
    expect(page.get_by_text("申请已收到")).to_be_visible()
    walk.home.assert_well_made("my-loans-applied")


def proved(walk: Walk) -> None:
    """What no register knows of her: one paper is uploaded at home, the others are shown at the counter."""
    page = walk.home.open("/my/loans/")
    upload = page.locator("form", has=page.locator("input[type=file]")).first
    upload.locator("input[type=file]").set_input_files(
        {"name": "一份.pdf", "mimeType": "application/pdf", "buffer": pdf("at home")}
    )
    upload.get_by_role("button", name="上传").click()
    expect(page.get_by_text("一份.pdf")).to_be_visible()
    page = walk.clerk.open(walk.address)
    missing = page.locator("#papers li", has_text="还没有")
    while left := missing.count():
        missing.first.get_by_placeholder("核对了什么原件、编号").fill("原件无误")
        missing.first.get_by_role("button", name="已核对原件").click()
        expect(missing).to_have_count(left - 1)


def guaranteed_by_two(walk: Walk) -> None:
    number = Loan.objects.get().number
    page = walk.second.open(walk.address)
    page.get_by_role("button", name="认领").click()
    expect(page.get_by_text("已由您承办。")).to_be_visible()
    walk.second.assert_well_made("desk-loan-in-hand")
    page.get_by_text("转交给同事").click()
    page.get_by_label("转交给", exact=True).select_option("审批")
    page.get_by_label("转交的原因").fill("下午外出")
    page.get_by_role("button", name="转交", exact=True).click()
    expect(page.get_by_text("已转交审批承办。")).to_be_visible()
    page = walk.approver.open("/desk/?whose=mine")
    expect(page.locator("#loans").get_by_text(number)).to_be_visible()
    walk.approver.assert_well_made("desk-today-loans")
    page = walk.approver.open(walk.address)
    walk.approver.assert_well_made("desk-loan-applied")
    page.get_by_label("担保金额（元）").fill("200000")
    page.get_by_role("button", name="同意担保").click()
    expect(page.get_by_text("已签批；还需其他审批人员签批")).to_be_visible()
    page = walk.second.open(walk.address)
    expect(page.get_by_text("第 1 签，共需 2 签")).to_be_visible()
    page.get_by_label("担保金额（元）").fill("200000")
    page.get_by_role("button", name="同意担保").click()
    expect(page.get_by_text("“同意担保”已办理。")).to_be_visible()


def paid_out(walk: Walk) -> None:
    page = walk.clerk.open(walk.address)
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


def interest_paid(walk: Walk) -> None:
    page = walk.clerk.open(walk.address)
    page.get_by_label("季度中的任一天").fill("2024-06-30")
    page.get_by_role("button", name="核算贴息").click()
    expect(page.get_by_text("¥990.83").first).to_be_visible()
    walk.clerk.assert_well_made("desk-loan-interest")
    page = walk.approver.open(walk.address)
    page.get_by_role("button", name="批准2024 年第 2 季度贴息").click()
    expect(page.get_by_text("资金已预留")).to_be_visible()
    page = walk.maker.open(walk.address)
    page.get_by_role("button", name="支付2024 年第 2 季度贴息").click()
    expect(page.get_by_text("付款批次已建立")).to_be_visible()
    settle(walk)
    assert PaymentLine.objects.get().state == "paid"


def late(walk: Walk) -> None:
    page = walk.clerk.open(walk.address)
    expect(page.get_by_text("逾期 36 天").first).to_be_visible()
    walk.clerk.assert_well_made("desk-loan-late")
    page.get_by_role("listitem").filter(has_text="登记放款").get_by_role("link").click()
    expect(page.get_by_text("时的样子，不是现在的")).to_be_visible()
    expect(page.get_by_text("还款中").first).to_be_visible()
    for later in ("逾期 36 天", "¥990.83"):
        expect(page.get_by_text(later)).to_have_count(0)
    walk.clerk.assert_well_made("desk-loan-past")
    page.get_by_text("看过去某一时刻的样子").click()
    page.get_by_label("时刻").fill("2024-03-25T12:00")
    page.get_by_role("button", name="查看", exact=True).click()
    expect(page.get_by_text("待银行审批").first).to_be_visible()
    expect(page.get_by_text("借字2024-001")).to_have_count(0)
    walk.clerk.assert_well_made("desk-loan-past-guaranteed")
    page.get_by_role("link", name="回到现在").click()
    expect(page.get_by_text("逾期 36 天").first).to_be_visible()
    walk.clerk.open("/desk/loans/?view=late")
    expect(walk.clerk.page.locator("tbody tr")).to_have_count(1)
    walk.clerk.assert_well_made("desk-loans")
    page = walk.home.open("/my/loans/")
    expect(page.get_by_text("逾期 36 天")).to_be_visible()
    expect(page.get_by_text("990.83")).to_be_visible()
    walk.home.assert_well_made("my-loans-late")
    page = walk.home.open("/my/messages/")
    expect(page.locator("main")).to_contain_text("逾期")
    # The fund does not pay for what is late for less than ninety days.
    page = walk.third.open(walk.address)
    promise_the_bank(page)
    expect(page.get_by_text("90 天").first).to_be_visible()


def a_part_repaid(walk: Walk) -> None:
    page = walk.clerk.open(walk.address)
    form = page.get_by_role("region", name="登记还款")
    form.get_by_label("归还本金（元）").fill("20000")
    form.get_by_label("银行流水号").fill("HK-2024-1")
    form.get_by_label("还款日期").fill("2024-10-08")
    form.get_by_role("button", name="登记还款").click()
    expect(page.get_by_text("“登记还款”已办理。")).to_be_visible()
    page = walk.home.open("/my/loans/")
    expect(page.get_by_role("region").first).to_contain_text("180,000")


def promise_the_bank(page) -> None:
    form = page.get_by_role("region", name="批准代偿")
    form.get_by_label("代偿金额（元）").fill("180000")
    form.get_by_label("理由").fill("逾期满九十天，经营者无力偿还")
    form.get_by_role("button", name="批准代偿").click()


def paid_by_the_fund(walk: Walk) -> None:
    """By two who did not guarantee; then the bank has it back from the fund."""
    page = walk.approver.open(walk.address)
    promise_the_bank(page)
    expect(page.locator(".notice--bad, .field--wrong").first).to_be_visible()
    page = walk.third.open(walk.address)
    promise_the_bank(page)
    expect(page.get_by_text("还需其他审批人员签批")).to_be_visible()
    page = walk.fourth.open(walk.address)
    promise_the_bank(page)
    expect(page.get_by_text("“批准代偿”已办理。")).to_be_visible()
    walk.fourth.assert_well_made("desk-loan-compensated")
    page = walk.maker.open(walk.address)
    page.get_by_role("button", name="向银行支付代偿款").click()
    expect(page.get_by_text("“向银行支付代偿款”已办理。")).to_be_visible()
    settle(walk)
    page = walk.home.open("/my/loans/")
    expect(page.get_by_text("已由基金代偿，向您追偿")).to_be_visible()


def claimed_from_the_founder(walk: Walk) -> None:
    """One officer claims, two others confirm; she is told."""
    page = walk.maker.open(walk.address)
    form = page.get_by_role("region", name="向借款人追偿")
    form.get_by_label("追偿文书").fill("扬担追〔2024〕3号")
    form.get_by_label("第一期应还日期").fill("2024-12-20")
    form.get_by_label("分几期（每月一期）").fill("2")
    form.get_by_role("button", name="向借款人追偿").click()
    expect(page.get_by_text("“向借款人追偿”已办理。")).to_be_visible()
    for who, words in ((walk.third, "还需其他审批人员签批"), (walk.fourth, "追回已确认")):
        page = who.open("/desk/payments/recoveries/")
        page.locator("tbody tr a").first.click()
        page.get_by_role("button", name="确认追回").click()
        expect(page.get_by_text(words).first).to_be_visible()
    walk.fourth.assert_well_made("desk-loan-claimed")
    page = walk.home.open("/my/messages/")
    expect(page.locator("main")).to_contain_text("现请您归还 180,000.00 元")
    page = walk.home.open("/my/loans/")
    expect(page.get_by_role("listitem").filter(has_text="2025年1月20日")).to_contain_text("90,000")
    walk.home.assert_well_made("my-loans-claimed")


def come_back(walk: Walk) -> None:
    """She pays in two parts; with the last the loan ends."""
    page = walk.maker.open(walk.address)
    page.get_by_role("link", name="扬担追〔2024〕3号").click()
    for number, yuan in ((1, "100000"), (2, "80000")):
        page.get_by_label("到账金额（元）").fill(yuan)
        page.get_by_label("银行流水号").fill(f"ZH-{number}")
        page.get_by_role("button", name="登记还款").click()
        expect(page.get_by_text(f"ZH-{number}").first).to_be_visible()
    walk.maker.assert_well_made("desk-loan-come-back")
    page = walk.clerk.open(walk.address)
    page.get_by_role("button", name="追偿完毕").click()
    expect(page.get_by_text("“追偿完毕”已办理。")).to_be_visible()
    page = walk.home.open("/my/loans/")
    expect(page.get_by_text("代偿款已追回")).to_be_visible()
    walk.home.assert_well_made("my-loans-recovered")
