# ruff: noqa: F811 (the fixtures are imported, and asked for by name)
"""Cases in a browser, from the first word to the last yuan: a firm's subsidy, a refusal overturned, 300 at once, a recognition paid by the month."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import transaction
from playwright.sync_api import expect

from jiuye.engine.ledger.funds_file import load_funds
from jiuye.office.casework.models import Case
from jiuye.office.entitlements.models import Benefit, Entitlement
from jiuye.office.entitlements.operations import redecide_employer, redecide_person
from jiuye.office.funds.models import PaymentBatch
from jiuye.office.funds.operations import appropriate_for_demonstration, record_funds
from jiuye.office.matters.content import service_items
from jiuye.office.matters.models import Matter
from jiuye.office.registry.models import (
    Birth,
    ContributionSpell,
    EmploymentSpell,
    Person,
    Status,
)
from jiuye.office.registry.secrets import blind_index
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
    make_entitlement,
    make_officer,
    owner,
    person,
    reviewer,
    rules,
    second_cashier,
)
from tests.office.places import VILLAGE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

APPROVAL_DAY = "2025-06-17"  # five workdays of public notice after the ninth are over
REJECTED = "4040"  # the pretend bank refuses accounts that end so


@pytest.fixture(autouse=True)
def _office(settings, divisions, pack_dir, tmp_path):
    """The office works on the tests' day by the pack's own rules, with a million yuan and a bank of its own."""
    settings.OFFICE_DATE = DAY.isoformat()
    settings.BANK_FOLDER = tmp_path
    settings.MEDIA_ROOT = tmp_path
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


def test_a_firms_maternity_subsidy_is_found_confirmed_and_paid(
    visit, employer, person, caseworker, reviewer, approver, cashier, second_cashier, settings
):
    Birth.objects.create(
        mother=person, employer=employer, child_order=2, birth_date=date(2024, 7, 20), source="测试登记"
    )
    EmploymentSpell.objects.create(
        person=person, employer=employer, kind="employee", start=date(2023, 1, 1), source="测试登记"
    )
    ContributionSpell.objects.create(
        person=person,
        employer=employer,
        payer="employer",
        start=date(2024, 7, 1),
        base_fen=500_000,
        pension_fen=80_000,
        medical_fen=40_000,
        source="测试登记",
    )
    redecide_employer(employer_id=employer.pk, on=DAY, at=at(DAY))
    found = Entitlement.objects.get(policy_id="maternity-insurance-subsidy", verdict="yes")
    assert found.amount_fen == 360_000  # six months of 1,200 yuan, half of it for a second child
    firm = visit(account=own_account("employer", employer.pk, employer.name))
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


@pytest.fixture
def flexible(person) -> Person:
    """Recognised as hard to employ and paying her insurance herself."""
    Status.objects.create(
        person=person,
        kind="employment_difficulty",
        start=date(2025, 1, 1),
        category="older",
        source="测试登记",
    )
    works_for_herself(person, date(2025, 1, 1))
    return person


def works_for_herself(person: Person, since: date) -> None:
    for row in self_employed_rows(person, since):
        row.save()


def self_employed_rows(person: Person, since: date) -> list[Status | EmploymentSpell | ContributionSpell]:
    """Registered as a flexible worker since that day, paying 1,200 yuan a month herself."""
    return [
        Status(person=person, kind="flexible_employment", start=since, source="测试登记"),
        EmploymentSpell(person=person, kind="flexible", start=since, source="测试登记"),
        ContributionSpell(
            person=person,
            payer="person",
            start=since.replace(day=1),
            base_fen=500_000,
            pension_fen=80_000,
            medical_fen=40_000,
            source="测试登记",
        ),
    ]


def test_a_refused_case_is_objected_to_overturned_by_another_officer_and_goes_on_to_its_money(
    visit, flexible, owner, caseworker, reviewer, approver, cashier, second_cashier, settings
):
    redecide_person(person_id=flexible.pk, on=DAY, at=at(DAY))
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


@transaction.atomic
def three_hundred(caseworker, reviewer) -> list[Case]:
    """Three hundred cases whose public notice is over, written in bulk; the bank will return three of them."""
    people = Person.objects.bulk_create(
        Person(
            name=f"居民{number:03}",
            sex="female",
            birth_date=date(1978, 3, 5),
            id_number=f"3210021978030{number:05}",
            id_number_index=blind_index(f"3210021978030{number:05}"),
            phone="13800000000",
            bank_account=f"62220000{number:04}{REJECTED if number % 100 == 0 else '1234'}",
            bank_name="扬州农商银行",
            residence_division_id=VILLAGE,
            source="测试登记",
            registered_on=date(2023, 1, 1),
        )
        for number in range(300)
    )
    rows = [self_employed_rows(one, date(2025, 1, 1)) for one in people]
    for kind, mine in zip((Status, EmploymentSpell, ContributionSpell), zip(*rows, strict=True), strict=True):
        kind.objects.bulk_create(mine)
    Status.objects.bulk_create(
        Status(
            person=one,
            kind="employment_difficulty",
            start=date(2025, 1, 1),
            category="older",
            source="测试登记",
        )
        for one in people
    )
    cases = []
    for one in people:
        found = make_entitlement(
            one,
            policy_id="flexible-employment-insurance-subsidy",
            amount_fen=60_000,
            period_start=date(2025, 6, 1),
            period_until=date(2025, 7, 1),
        )
        cases.append(
            Case(
                entitlement=found,
                policy_id=found.policy_id,
                policy_name="灵活就业社会保险补贴",
                rule_version="v1",
                subject_kind="person",
                subject_key=found.subject_key,
                period_start=found.period_start,
                period_until=found.period_until,
                claim="confirm",
                amount_fen=60_000,
                division_code=VILLAGE,
                recipient_kind="person",
                person=one,
                payee_name=one.name,
                payee_account=one.bank_account,
                payee_bank=one.bank_name,
                state="publicised",
                confirmed_on=DAY,
                confirmed_by_way="own",
                accepted_on=DAY,
                accepted_by_id=caseworker.account_id,
                reviewed_on=DAY,
                reviewed_by_id=reviewer.account_id,
                publicity_start=DAY,
                publicity_until=date(2025, 6, 17),
            )
        )
    return Case.objects.bulk_create(cases)


def test_three_hundred_are_approved_in_one_act_paid_and_the_three_returned_are_put_right(
    visit, caseworker, reviewer, approver, cashier, second_cashier, settings
):
    cases = three_hundred(caseworker, reviewer)
    settings.OFFICE_DATE = APPROVAL_DAY
    above = visit(account=account(approver))
    above.page.set_default_timeout(300_000)
    page = above.at((1440, 900)).open("/desk/cases/together/")
    expect(page.locator("tbody tr")).to_have_count(300)
    above.assert_fits()
    above.screenshot("cases-together")
    above.at((1440, 900))
    page.keyboard.press("a")
    expect(page.locator(".card--accent")).to_contain_text("可以批准 300 件，不能批准 0 件", timeout=300_000)
    above.assert_well_made("cases-together-look")
    above.at((1440, 900))
    above.press("a")
    expect(page.locator(".notice").first).to_contain_text("批准 300 件，留下 0 件", timeout=300_000)
    above.assert_well_made("cases-together-done")
    pay_batch(visit, cashier, second_cashier)
    states = [case.state for case in Case.objects.order_by("pk")]
    assert (states.count("paid"), states.count("payment_rejected")) == (297, 3)
    desk = visit(account=account(caseworker)).at((1440, 900))
    for case in Case.objects.filter(state="payment_rejected").order_by("pk"):
        mended = Person.objects.get(pk=case.person_id)
        mended.bank_account = f"62220000{case.pk:06}99"
        mended.save()
        page = desk.open(f"/desk/cases/{case.pk}/")
        expect(page.locator("main")).to_contain_text("收款账户已销户")
        page.fill("#payee-note", "本人来电，换了新卡")
        press(page, "按登记更新收款账户")
    pay_batch(visit, cashier, second_cashier, choose_all=True)
    assert Case.objects.filter(state="paid").count() == 300
    assert Benefit.objects.filter(case_key__in=[case.claim_key for case in cases]).count() == 300


def test_a_hard_to_employ_resident_is_recognised_and_then_paid_by_the_month(
    visit, person, owner, caseworker, reviewer, approver, cashier, second_cashier, settings
):
    Status.objects.create(
        person=person, kind="registered_unemployed", start=date(2024, 3, 1), source="测试登记"
    )
    settings.OFFICE_DATE = "2025-05-06"
    me = visit(account=account(owner))
    page = me.at((390, 844)).open("/my/services/")
    page.locator("article", has_text="就业困难人员认定").first.get_by_role("button").click()
    page.select_option("#id_category", "older")
    page.check("#id_true_statement")
    page.get_by_role("button", name="提交", exact=True).click()
    matter = Matter.objects.get()
    for who, acts in (
        (make_officer("社区协理员", "caseworker", VILLAGE), [("受理", "")]),
        (caseworker, [("核查属实", "入户见到本人。")]),
        (reviewer, [("审核通过", ""), ("开始公示", "")]),
    ):
        window = visit(account=account(who))
        for button, words in acts:
            take_matter(window, matter, button, words)
    settings.OFFICE_DATE = "2025-05-14"
    take_matter(visit(account=account(approver)), matter, "予以办结", "")
    assert Status.objects.get(kind="employment_difficulty").person_id == person.pk
    Status.objects.filter(kind="registered_unemployed").update(until=date(2025, 5, 15))
    works_for_herself(person, date(2025, 5, 15))
    for month, approval in ((date(2025, 5, 20), "2025-05-28"), (date(2025, 6, 9), APPROVAL_DAY)):
        settings.OFFICE_DATE = month.isoformat()
        redecide_person(person_id=person.pk, on=month, at=at(month))
        found = Entitlement.objects.get(
            policy_id="flexible-employment-insurance-subsidy",
            verdict="yes",
            period_start=month.replace(day=1),
        )
        page = me.at((390, 844)).open(f"/my/benefits/{found.pk}/")
        press(page, "一键确认")
        case = Case.objects.get(entitlement=found)
        take(visit(account=account(caseworker)), case, "受理")
        county = visit(account=account(reviewer))
        take(county, case, "审核通过")
        take(county, case, "开始公示")
        settings.OFFICE_DATE = approval
        take(visit(account=account(approver)), case, "批准")
        pay_batch(visit, cashier, second_cashier)
        page = me.at((390, 844)).open(f"/my/cases/{case.pk}/")
        expect(page.locator(".verdict")).to_contain_text("已到账")
    drawn = Benefit.objects.order_by("period_start").values_list("amount_fen", "months")
    assert list(drawn) == [(60_000, 1), (60_000, 1)]


def take_matter(window, matter: Matter, button: str, words: str) -> None:
    page = window.at((1440, 900)).open(f"/desk/matters/{matter.pk}/")
    page.get_by_role("button", name=button).first.click()
    dialog = page.locator("dialog[open]")
    if dialog.count():
        if words:
            dialog.locator("textarea").fill(words)
        dialog.get_by_role("button", name=button).click()
    expect(page.locator(".notice", has_text="已办理").first).to_be_visible()
