# ruff: noqa: F811 (the fixtures are imported, and asked for by name)
"""Cases in a browser, from the first word to the last yuan: a firm's subsidy, a refusal overturned, a recognition paid by the month.

What registers say comes in their files, and who is entitled to what the night finds, both by the command line.
"""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import expect

from jiuye.engine.ledger.funds_file import load_funds
from jiuye.office.casework.models import Case
from jiuye.office.entitlements.models import Benefit, Entitlement
from jiuye.office.funds.models import PaymentBatch
from jiuye.office.funds.operations import appropriate_for_demonstration, record_funds
from jiuye.office.matters.content import service_items
from jiuye.office.matters.models import Matter
from jiuye.office.registry.models import Employer, EmploymentSpell, Person, Status
from jiuye.office.staff.models import Account
from tests.office.casework.conftest import (  # noqa: F401 (the fixtures are used by name)
    DAY,
    _pack,
    approver,
    at,
    caseworker,
    cashier,
    divisions,
    employer,
    entitlement,
    make_officer,
    owner,
    person,
    reviewer,
    rules,
    second_cashier,
)
from tests.office.places import VILLAGE
from tests.portals.browser.walking import Console, console  # noqa: F401 (the fixture is used by name)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

APPROVAL_DAY = "2025-06-17"  # five workdays of public notice after the ninth are over
PAID = "缴费方,起缴月份,缴费基数,基本养老,基本医疗"  # the columns of what the insurance register reports


@pytest.fixture(autouse=True)
def _office(settings, divisions, pack_dir, tmp_path):
    """The office works on the tests' day by the pack's own rules, with a million yuan and a bank of its own."""
    settings.OFFICE_DATE = DAY.isoformat()
    settings.BANK_FOLDER = tmp_path
    settings.MEDIA_ROOT = tmp_path
    make_officer("数据交换", "caseworker", "3210", username="exchange")
    service_items()
    definitions, _ = load_funds(pack_dir / "funds.yaml")
    record_funds(funds=definitions.values())
    appropriate_for_demonstration(
        fund="employment-subsidy", year=2025, amount_fen=100_000_000, on=DAY, at=at(DAY)
    )


def account(actor) -> Account:
    return Account.objects.get(pk=actor.account_id)


def own_account(kind: str, key: int, name: str) -> Account:
    return Account.objects.create_account(
        username=f"{kind}{key}", display_name=name, password="x", kind=kind, subject_key=str(key)
    )


def take(window, case: Case, button: str, words: str = "") -> None:
    """Take one act on the case's page, through its dialog where it has one."""
    page = window.at((1440, 900)).open(f"/desk/cases/{case.pk}/")
    page.get_by_role("button", name=button).first.click()
    dialog = page.locator("dialog[open]")
    if dialog.count():
        if words:
            dialog.locator("textarea").fill(words)
        dialog.get_by_role("button", name=button).click()
    expect(page.locator(".notice", has_text="已办理").first).to_be_visible()


def press(page, name: str) -> None:
    page.get_by_role("button", name=name).first.click()
    page.wait_for_load_state()


def pay_batch(visit, cashier, second_cashier, *, choose_all: bool = False) -> None:
    """What waits (ticked, or all of it) goes into a batch by one cashier; the other approves, sends and settles it."""
    maker = visit(account=account(cashier)).at((1440, 900))
    maker.page.set_default_timeout(300_000)
    page = maker.open("/desk/payments/")
    if choose_all:
        page.locator("[data-check-all]").check()
    page.get_by_role("button", name="列入付款批次").first.click()
    expect(page).not_to_have_url(f"{maker.address}/desk/payments/", timeout=300_000)
    batch = PaymentBatch.objects.order_by("-pk")[0]
    checker = visit(account=account(second_cashier)).at((1440, 900))
    checker.page.set_default_timeout(300_000)
    for words in ("已复核", "已发送", "银行结果已取回"):
        page = checker.open(f"/desk/payments/batches/{batch.pk}/")
        page.keyboard.press("a")
        expect(page.locator(".notice").first).to_contain_text(words, timeout=300_000)


def deliver_what_the_firm_paid(console: Console, person: Person, firm: Employer) -> None:
    """The health register reports her second child, the insurance register what the firm has paid for her since that month."""
    who = f"{person.id_number},{firm.credit_code}"
    console.deliver(
        "births",
        "birth",
        ["身份证号,统一社会信用代码,孩次,出生日期", f"{who},2,2024-07-20"],
        as_of="2025-06-01",
        by="exchange",
    )
    console.deliver(
        "insurance",
        "contribution",
        [f"身份证号,统一社会信用代码,{PAID}", f"{who},单位缴纳,2024-07,5000,800,400"],
        as_of="2025-06-01",
        by="exchange",
    )


def test_a_firms_maternity_subsidy_is_found_confirmed_and_paid(
    visit, console, employer, person, caseworker, reviewer, approver, cashier, second_cashier, settings
):
    """Nobody applies: the night finds it, but keeps it back, since nobody knows where the firm's money goes."""
    EmploymentSpell.objects.create(
        person=person, employer=employer, kind="employee", start=date(2023, 1, 1), source="测试登记"
    )
    Employer.objects.filter(pk=employer.pk).update(bank_account="", bank_name="")
    deliver_what_the_firm_paid(console, person, employer)
    console.night(DAY.isoformat())
    assert not Case.objects.exists()
    firm = visit(account=own_account("employer", employer.pk, employer.name))
    page = firm.at((390, 844)).open("/my/")
    expect(page.locator("main")).to_contain_text("3,600")  # six months of 1,200 yuan, half for a second child
    page.get_by_role("link", name="女职工产假期间企业社会保险补贴").first.click()
    press(page, "一键确认")
    expect(page.locator(".notice", has_text="没有登记收款账号").first).to_be_visible()
    firm.assert_well_made("case-firm-kept-back")
    desk = visit(account=account(caseworker)).at((1440, 900))
    page = desk.open(f"/desk/employers/{employer.pk}/")
    page.locator("summary", has_text="更正信息").click()
    page.get_by_label("对公账号").fill("3205000000009876")
    page.get_by_label("开户行").fill("扬州农商银行")
    page.get_by_label("依据的材料").fill("开户许可证 J3120")
    page.get_by_label("更正理由").fill("来窗口登记账户")
    page.get_by_role("button", name="更正信息").click()
    expect(page.get_by_text("信息已更正。")).to_be_visible()
    page = firm.at((390, 844)).open("/my/")
    page.get_by_role("link", name="女职工产假期间企业社会保险补贴").first.click()
    press(page, "一键确认")
    expect(page.locator("main")).to_contain_text("登记里已有，不用提交")
    firm.assert_well_made("case-firm-confirmed")
    case = Case.objects.get()
    assert case.state == "accepted"  # the system takes on what registers prove whole
    county = visit(account=account(reviewer))
    take(county, case, "审核通过")
    take(county, case, "开始公示")
    settings.OFFICE_DATE = APPROVAL_DAY
    above = visit(account=account(approver))
    page = above.at((1440, 900)).open(f"/desk/cases/{case.pk}/")
    expect(page.locator("#signing")).to_contain_text("已签 0 人，共需 1 人")
    expect(page.locator("#papers")).to_contain_text("卫健生育登记")
    take(above, case, "批准")
    above.assert_well_made("case-desk-approved")
    pay_batch(visit, cashier, second_cashier)
    page = firm.at((390, 844)).open(f"/my/cases/{case.pk}/")
    expect(page.locator(".verdict")).to_contain_text("已到账")
    assert Benefit.objects.get(case_key=case.claim_key).amount_fen == 360_000
    what_was_paid_is_doubted_and_settled(visit, console, case, person, employer)


def what_was_paid_is_doubted_and_settled(
    visit, console: Console, case: Case, person: Person, firm: Employer
) -> None:
    """Afterwards the insurance register says that the firm stopped paying in the autumn before: the night sees it, and somebody else asks."""
    head = f"身份证号,统一社会信用代码,{PAID},末缴月份"
    row = f"{person.id_number},{firm.credit_code},单位缴纳,2024-07,5000,800,400,2024-09"
    console.deliver("insurance", "contribution", [head, row], as_of=APPROVAL_DAY, by="exchange")
    console.night("2025-07-02")
    other = visit(account=account(make_officer("吴复核", "reviewer")))
    page = other.at((1440, 900)).open("/desk/")
    page.get_by_role("link", name="发放疑点（1）").click()
    expect(page.locator("tbody")).to_contain_text("3,600.00")
    other.assert_well_made("doubts")
    page.get_by_role("link", name=case.number).click()
    expect(page.locator("#doubts")).to_contain_text("现在登记为")
    other.assert_well_made("case-doubted")
    page.get_by_label("为什么仍应发放").fill("社保中心来函：九月以后由劳务公司代缴，已补录")
    press(page, "经核实应当发放")
    expect(page.locator(".notice", has_text="已记下").first).to_be_visible()
    expect(page.locator("#doubts")).to_contain_text("劳务公司代缴")
    other.open("/desk/doubts/?view=settled")
    other.assert_well_made("doubts-settled")
    console.night("2025-07-03")
    expect(other.open("/desk/doubts/").locator("main")).to_contain_text("没有等待核实的疑点")


@pytest.fixture
def flexible(person, console) -> Person:
    """Recognised as hard to employ, registered as a flexible worker, and paying her insurance herself."""
    since = date(2025, 1, 1)
    Status.objects.create(
        person=person, kind="employment_difficulty", start=since, category="older", source="测试登记"
    )
    Status.objects.create(person=person, kind="flexible_employment", start=since, source="测试登记")
    EmploymentSpell.objects.create(person=person, kind="flexible", start=since, source="测试登记")
    pays_for_herself(console, person, "2025-01", as_of="2025-06-05")
    return person


def pays_for_herself(console: Console, person: Person, since: str, *, as_of: str) -> None:
    """The insurance register reports that she has paid 1,200 yuan a month herself since that month."""
    rows = [f"身份证号,{PAID}", f"{person.id_number},个人缴纳,{since},5000,800,400"]
    console.deliver("insurance", "contribution", rows, as_of=as_of, by="exchange")


def test_a_refused_case_is_objected_to_overturned_by_another_officer_and_goes_on_to_its_money(
    visit, console, flexible, owner, caseworker, reviewer, approver, cashier, second_cashier, settings
):
    console.night(DAY.isoformat())
    found = Entitlement.objects.get(policy_id="flexible-employment-insurance-subsidy", verdict="yes")
    me = visit(account=account(owner))
    page = me.at((390, 844)).open(f"/my/benefits/{found.pk}/")
    press(page, "一键确认")
    case = Case.objects.get()
    take(visit(account=account(caseworker)), case, "受理")
    county = visit(account=account(reviewer)).at((1440, 900))
    page = county.open(f"/desk/cases/{case.pk}/")
    page.keyboard.press("x")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("不符合的条件").select_option("paid-oneself")
    dialog.get_by_label("理由").fill("六月没有查到缴费")
    # The decision shows the condition as met: who refuses on it says by which papers it is not.
    dialog.get_by_label("据什么材料认定不满足").fill("社保系统六月五日的查询单上没有这一笔")
    dialog.get_by_role("button", name="不予支付").click()
    page = me.at((390, 844)).open(f"/my/cases/{case.pk}/")
    me.assert_well_made("case-refused-own")
    page.fill("#review-note", "六月已经缴费，缴费单在手边。")
    press(page, "申请复核")
    expect(page.locator("main")).to_contain_text("正在复核")
    above = visit(account=account(approver)).at((1440, 900))
    page = above.open(f"/desk/cases/{case.pk}/")
    page.locator("[name=v-overturned][value=yes]").check()
    page.fill("[name=v-words]", "社保系统六月缴费已到账，原决定撤销。")
    above.assert_well_made("case-review")
    press(page, "办理复核")
    case.refresh_from_db()
    assert case.state == "confirmed"
    page = me.at((390, 844)).open(f"/my/cases/{case.pk}/")
    expect(page.locator("main")).to_contain_text("撤销原决定，重新办理")
    take(visit(account=account(caseworker)), case, "受理")
    # What it looked like while it was refused can still be seen.
    page = county.at((1440, 900)).open(f"/desk/cases/{case.pk}/")
    page.locator(".timeline__step--failed a").first.click()
    expect(page.locator(".notice").first).to_contain_text("不是现在的")
    expect(page.locator("main")).to_contain_text("六月没有查到缴费")
    expect(page.get_by_role("heading", name="现在可以办理")).to_have_count(0)
    county.assert_well_made("case-as-it-was")
    take(county, case, "审核通过")
    take(county, case, "开始公示")
    settings.OFFICE_DATE = APPROVAL_DAY
    take(visit(account=account(make_officer("另一审批", "approver", "321002"))), case, "批准")
    pay_batch(visit, cashier, second_cashier)
    page = me.at((390, 844)).open(f"/my/cases/{case.pk}/")
    expect(page.locator(".verdict")).to_contain_text("已到账")
    expect(page.locator("main")).to_contain_text("撤销原决定，重新办理")
    me.assert_well_made("case-overturned-and-paid")
    assert Benefit.objects.get(case_key=case.claim_key).amount_fen == found.amount_fen


def begin(window, name: str):
    """Open the list of services at a phone's width and begin one of them."""
    page = window.at((390, 844)).open("/my/services/")
    page.locator("article", has_text=name).first.get_by_role("button").click()
    return page


def recognised(visit, me, at_community, caseworker, reviewer, approver, settings) -> None:
    """From her phone through community, street and county; after the public notice she is recognised."""
    page = begin(me, "就业困难人员认定")
    page.select_option("#id_category", "older")
    page.check("#id_true_statement")
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.locator(".verdict")).to_contain_text("等待受理")
    matter = Matter.objects.get()
    take_matter(at_community, matter, "受理")
    take_matter(visit(account=account(caseworker)), matter, "核查属实", "入户见到本人。")
    county = visit(account=account(reviewer))
    take_matter(county, matter, "审核通过")
    take_matter(county, matter, "开始公示")
    settings.OFFICE_DATE = "2025-05-14"
    take_matter(visit(account=account(approver)), matter, "予以办结")
    assert Status.objects.filter(kind="employment_difficulty").exists()


def registered_as_flexible(visit, me, at_community, reviewer) -> None:
    """She begins to work for herself and registers it: she is unemployed no longer."""
    page = begin(me, "就业登记（个体经营、灵活就业）")
    page.select_option("#id_kind", "flexible")
    page.fill("#id_began_on", "2025-05-14")
    page.fill("#id_work", "上门做家政")
    page.check("#id_true_statement")
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.locator(".verdict")).to_contain_text("等待受理")
    matter = Matter.objects.order_by("-pk")[0]
    take_matter(at_community, matter, "受理")
    take_matter(visit(account=account(reviewer)), matter, "予以办结")
    assert Status.objects.get(kind="registered_unemployed").until == date(2025, 5, 14)


def test_a_hard_to_employ_resident_is_recognised_and_then_paid_by_the_month(
    visit, console, person, owner, caseworker, reviewer, approver, cashier, second_cashier, settings
):
    Status.objects.create(
        person=person, kind="registered_unemployed", start=date(2024, 3, 1), source="测试登记"
    )
    settings.OFFICE_DATE = "2025-05-06"
    me = visit(account=account(owner))
    at_community = visit(account=account(make_officer("社区协理员", "caseworker", VILLAGE)))
    recognised(visit, me, at_community, caseworker, reviewer, approver, settings)
    registered_as_flexible(visit, me, at_community, reviewer)
    settings.OFFICE_DATE = "2025-05-20"
    pays_for_herself(console, person, "2025-05", as_of="2025-05-19")
    street, county, above = (visit(account=account(who)) for who in (caseworker, reviewer, approver))
    for month, approval in ((date(2025, 5, 20), "2025-05-28"), (date(2025, 6, 9), APPROVAL_DAY)):
        console.night(month.isoformat())
        page = me.at((390, 844)).open("/my/")
        page.get_by_role("link", name="灵活就业社会保险补贴").first.click()
        press(page, "一键确认")
        case = Case.objects.get(period_start=month.replace(day=1))
        take(street, case, "受理")
        take(county, case, "审核通过")
        take(county, case, "开始公示")
        settings.OFFICE_DATE = approval
        take(above, case, "批准")
        pay_batch(visit, cashier, second_cashier)
        page = me.at((390, 844)).open(f"/my/cases/{case.pk}/")
        expect(page.locator(".verdict")).to_contain_text("已到账")
    me.assert_well_made("case-paid-by-the-month")
    drawn = Benefit.objects.order_by("period_start").values_list("amount_fen", "months")
    assert list(drawn) == [(60_000, 1), (60_000, 1)]


def take_matter(window, matter: Matter, button: str, words: str = "") -> None:
    page = window.at((1440, 900)).open(f"/desk/matters/{matter.pk}/")
    page.get_by_role("button", name=button).first.click()
    dialog = page.locator("dialog[open]")
    if dialog.count():
        if words:
            dialog.locator("textarea").fill(words)
        dialog.get_by_role("button", name=button).click()
    expect(page.locator(".notice", has_text="已办理").first).to_be_visible()
