# ruff: noqa: F811 (the fixtures are imported, and asked for by name)
"""The desk in a browser: every page fits, is accessible and quiet; a case is worked through by keyboard and click."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from jiuye.office.casework import operations
from jiuye.office.casework.models import Case
from jiuye.office.staff.models import Account
from tests.office.casework.conftest import DAY, at, make_entitlement, make_person
from tests.office.casework.journey import publicised_case, reviewed_case
from tests.portals.desk.conftest import (  # noqa: F401 (the fixtures are used by name)
    _office,
    _pack,
    approver,
    bank,
    budget,
    caseworker,
    cashier,
    divisions,
    entitlement,
    owner,
    person,
    reviewer,
    rules,
    second_cashier,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def account(actor) -> Account:
    return Account.objects.get(pk=actor.account_id)


@pytest.fixture
def case(owner, entitlement, rules) -> Case:
    return operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))


@pytest.fixture
def neighbour(divisions, rules):
    """Somebody with a rare character in her name and something found for her."""
    return make_entitlement(make_person("𠮷秀英", number="321002199001010028"))


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_of_a_case_worker_fits_is_accessible_and_is_quiet(
    visit,
    case,
    neighbour,
    caseworker,
    language,
):
    window = visit(account=account(caseworker), language=language)
    for name, address in {
        "desk-today": "/desk/",
        "desk-found": "/desk/found/",
        "desk-found-one": f"/desk/found/{neighbour.pk}/",
        "desk-people": "/desk/people/?q=𠮷",
        "desk-person": f"/desk/people/{case.person_id}/",
        "desk-cases": "/desk/cases/",
        "desk-case": f"/desk/cases/{case.pk}/",
    }.items():
        window.open(address)
        window.assert_well_made(f"{name}-{language}")


def test_the_question_before_a_protected_value_stands_within_the_window(visit, case, caseworker):
    window = visit(account=account(caseworker))
    page = window.open(f"/desk/people/{case.person_id}/")
    buttons = page.locator(".masked__open summary")
    assert buttons.count() >= 2
    for width in (390, 800, 1000, 1440):
        window.at((width, 900))
        for number in range(buttons.count()):
            buttons.nth(number).click()
            box = page.locator(".masked__form").nth(number).bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width, f"question {number} at {width} px"
            page.keyboard.press("Escape")


def test_the_payments_and_the_public_notice_fit_and_are_accessible(
    visit,
    case,
    cashier,
    caseworker,
    reviewer,
    budget,
):
    publicised_case(case, caseworker, reviewer)
    window = visit(account=account(cashier))
    for name, address in {
        "desk-payments": "/desk/payments/",
        "desk-ledger": "/desk/payments/ledger/",
        "notice": "/notice/",
    }.items():
        window.open(address)
        window.assert_well_made(name)


def test_a_reviewer_walks_the_list_and_reviews_a_case_without_touching_the_mouse(
    visit,
    case,
    caseworker,
    reviewer,
):
    operations.accept(actor=caseworker, case_id=case.pk, on=DAY, at=at(DAY))
    window = visit(account=account(reviewer))
    page = window.at((1440, 900)).open("/desk/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{window.address}/desk/cases/{case.pk}/")
    window.press("a")
    expect(page.get_by_text("“审核通过”已办理。")).to_be_visible()
    case.refresh_from_db()
    assert case.state == "reviewed"


def test_a_refusal_asks_first_and_needs_its_clause_and_its_reason(
    visit,
    case,
    caseworker,
    reviewer,
):
    reviewed_case(case, caseworker, reviewer)
    window = visit(account=account(reviewer))
    page = window.at((1440, 900)).open(f"/desk/cases/{case.pk}/")
    page.keyboard.press("x")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="不予支付").click()
    case.refresh_from_db()
    assert case.state == "reviewed"  # the browser held the empty form back
    dialog.get_by_label("不符合的条件").select_option("insured")
    dialog.get_by_label("理由").fill("4月没有缴费")
    dialog.get_by_role("button", name="不予支付").click()
    expect(page.get_by_text("行政复议").first).to_be_visible()
    window.assert_well_made("desk-case-refused")


def test_a_look_at_a_number_asks_for_its_purpose_and_shows_it_in_place(
    visit,
    person,
    caseworker,
):
    window = visit(account=account(caseworker))
    page = window.at((1440, 900)).open(f"/desk/people/{person.pk}/")
    page.get_by_text("查看手机号").click()
    page.get_by_label("查看事由").locator("visible=true").select_option("电话联系本人")
    page.get_by_role("button", name="记录并查看").locator("visible=true").click()
    expect(page.get_by_text("13800000000")).to_be_visible()
