# ruff: noqa: F811 (the fixtures are imported, and asked for by name)
"""A recognition a year on, in a browser: objected to and answered, due for review, confirmed, and a year later ended."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import expect

from jiuye.office.matters import operations
from jiuye.office.matters.content import service_items
from jiuye.office.matters.models import Matter
from jiuye.office.registry.models import Status
from jiuye.office.staff.models import Account
from tests.office.matters.conftest import (  # noqa: F401 (the fixtures are used by name)
    DAY,
    _pack,
    approver,
    at,
    divisions,
    me,
    other_reviewer,
    person,
    reviewer,
    station,
    street,
)
from tests.office.matters.test_objections import shown  # noqa: F401
from tests.office.matters.test_placing import take

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _office(settings, divisions):
    settings.OFFICE_DATE = DAY.isoformat()
    service_items()


def account(actor) -> Account:
    return Account.objects.get(pk=actor.account_id)


def test_a_recognition_is_objected_to_granted_reviewed_and_a_year_later_ended(
    visit, shown, person, me, street, other_reviewer, approver, settings
):
    settings.OFFICE_DATE = "2024-06-12"
    visitor = visit().at((390, 844))
    page = visitor.open("/notice/")
    visitor.assert_well_made("notice-with-matters")
    page.get_by_role("link", name="提出异议").click()
    visitor.assert_well_made("notice-object")
    page.fill("#id_text", "她在开小店")
    page.get_by_role("button", name="提出异议").click()
    expect(page.locator("main")).to_contain_text("异议已收到")

    county = visit(account=account(other_reviewer)).at((1440, 900))
    desk = county.open(f"/desk/matters/{shown.pk}/")
    expect(desk.locator("#objections")).to_contain_text("她在开小店")
    county.assert_well_made("matter-objected")
    desk.check("#id_r-upheld_0")
    desk.fill("#id_r-resolution", "实地看过，是她妹妹的店")
    desk.get_by_role("button", name="处理异议").click()
    expect(desk.locator("#objections")).to_contain_text("异议不成立")

    granted = take(shown, approver, "decide", date(2024, 6, 21))
    settings.OFFICE_DATE = "2025-06-23"
    assert operations.open_due_reviews(on=date(2025, 6, 23), at=at(date(2025, 6, 23))) == 1
    at_street = visit(account=account(street)).at((1440, 900))
    page = at_street.open("/desk/matters/reviews/")
    at_street.assert_well_made("reviews-due")
    page.get_by_role("link", name=granted.number).click()
    expect(page.locator("#review")).to_contain_text("2025")
    at_street.assert_well_made("matter-review")
    page.fill("#review-note", "上门看过，仍在找工作")
    page.get_by_role("button", name="继续有效").click()
    expect(page.locator("main")).to_contain_text("认定继续有效")
    expect(page.locator("#review")).to_have_count(0)
    page = at_street.open("/desk/matters/reviews/")
    expect(page.locator("main")).to_contain_text("没有到期的复核")

    settings.OFFICE_DATE = "2026-06-24"
    above = visit(account=account(approver)).at((1440, 900))
    page = above.open(f"/desk/matters/{granted.pk}/")
    page.get_by_role("button", name="终止").first.click()
    dialog = page.locator("dialog[open]")
    dialog.locator("#end-reason").select_option("stable_employment")
    dialog.locator("#end-note").fill("已在某公司参保六个月")
    above.screenshot("matter-end-dialog")
    dialog.get_by_role("button", name="终止").click()
    expect(page.locator("main")).to_contain_text("已实现稳定就业")
    above.assert_well_made("matter-ended")
    status = Status.objects.get(person=person, kind="employment_difficulty")
    assert status.until == date(2026, 6, 24)
    phone = visit(account=account(me)).at((390, 844))
    page = phone.open(f"/my/services/matters/{granted.pk}/")
    expect(page.locator(".verdict")).to_contain_text("已终止")
    expect(page.locator("main")).to_contain_text("行政复议")
    phone.assert_well_made("matter-ended-own")
    assert Matter.objects.get(pk=granted.pk).state == "ended"
