# ruff: noqa: F811 (the fixtures are imported, and asked for by name)
"""What a matter registered is ended in a browser, before its time: a trainee who leaves, with the base told."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import expect

from jiuye.office.matters.content import service_items
from jiuye.office.skills.models import Traineeship
from jiuye.office.staff.models import Account
from tests.office.matters.conftest import (  # noqa: F401 (the fixtures are used by name)
    _pack,
    divisions,
    me,
    person,
    reviewer,
    street,
)
from tests.office.matters.test_exits import LATER, LEFT, base, graduate, training  # noqa: F401 (used by name)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_trainee_who_leaves_early_is_ended_at_the_desk_with_the_day_and_the_reason(
    visit, training, street, settings
):
    settings.OFFICE_DATE = LATER.isoformat()
    service_items()
    desk = visit(account=Account.objects.get(pk=street.account_id)).at((1440, 900))
    page = desk.open(f"/desk/matters/{training.pk}/")
    expect(page.locator("section", has_text="接下来可以享受").last).to_contain_text("就业见习补贴")
    page.get_by_role("button", name="终止").first.click()
    dialog = page.locator("dialog[open]")
    expect(dialog).to_contain_text("留用的，劳动合同从哪天起")
    dialog.locator("select[name=reason]").select_option("left_early")
    dialog.locator("input[name=from]").fill(LEFT.isoformat())
    dialog.locator("textarea").fill("本人九月九日离开，基地已确认")
    desk.screenshot("matter-ending")
    desk.at((1440, 900))
    dialog.get_by_role("button", name="终止").click()
    expect(page.locator(".notice", has_text="已办理").first).to_be_visible()
    desk.assert_well_made("matter-ended")
    assert Traineeship.objects.get().until == LEFT
    page = desk.at((1440, 900)).open(f"/desk/matters/{training.pk}/?at={date(2024, 9, 1)}")
    expect(page.locator("main")).not_to_contain_text("基地已确认")
