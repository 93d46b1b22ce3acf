# ruff: noqa: F811 (the fixtures are imported, and asked for by name)
"""A budget in a browser: drawn up, refused for a county at zero, mended, submitted, approved by another officer, and carried out."""

from __future__ import annotations

import pytest
from django.conf import settings

from jiuye.office.budgeting import operations
from jiuye.office.budgeting.models import BudgetVersion
from jiuye.office.staff.models import Account
from tests.office.budgeting.conftest import (  # noqa: F401 (the fixtures are used by name)
    AT,
    FUND,
    ON,
    bureau,
    firm,
    flexible_worker,
    pack,
    person,
    town,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _office_date(monkeypatch):
    monkeypatch.setattr(settings, "OFFICE_DATE", ON.isoformat())


def arrange(page, address: str, version: BudgetVersion, code: str, yuan: str) -> None:
    """Give every giver of a fund the same amount."""
    page.goto(f"{address}/desk/budget/{version.pk}/fund/{code}/")
    for field in page.locator("form[method=post] input[inputmode=decimal]").all():
        field.fill(yuan)
    page.get_by_role("button", name="保存安排").click()
    page.wait_for_load_state()


def test_a_budget_is_refused_for_a_county_at_zero_then_mended_approved_and_carried_out(
    visit, bureau, flexible_worker
):
    drawer = visit(account=Account.objects.get(username="蒋文斌"))
    drawer.page.set_default_timeout(60_000)  # the first page reads the pack, and drawing up reads everyone
    page = drawer.open("/desk/budget/")
    drawer.assert_well_made("budget-list")
    page.get_by_label("版本说明").fill("初稿")
    page.get_by_role("button", name="按实名数据推算").click()
    page.wait_for_load_state()
    assert "等待编制" in page.content()
    drawer.assert_well_made("budget-asked")
    operations.DRAWINGS.carry_out(clock=lambda: AT)  # what goes on beside the pages
    version = BudgetVersion.objects.get()
    page.get_by_role("link", name="看编好没有").click()
    page.locator(f"a[href='/desk/budget/{version.pk}/']").first.click()
    page.wait_for_load_state()
    drawer.assert_well_made("budget-draft")
    page.get_by_role("button", name="提交批准").click()
    page.wait_for_load_state()
    assert "没有安排，不能提交" in page.content()
    for code in ("employment-subsidy", "unemployment-insurance", FUND):
        arrange(page, drawer.address, version, code, "50000000.00")
    drawer.assert_well_made("budget-fund")
    page.goto(f"{drawer.address}/desk/budget/{version.pk}/lines/{version.lines.order_by('pk').first().pk}/")
    drawer.assert_well_made("budget-line")
    page.goto(f"{drawer.address}/desk/budget/{version.pk}/")
    page.get_by_role("button", name="提交批准").click()
    page.wait_for_load_state()
    assert "等待批准" in page.content()
    decider = visit(account=Account.objects.get(username="卞立"))
    decider.page.set_default_timeout(60_000)
    page = decider.open(f"/desk/budget/{version.pk}/")
    decider.assert_well_made("budget-submitted")
    page.get_by_label("批准文件的名称和文号").fill("扬财社〔2025〕88号")
    page.get_by_role("button", name="批准", exact=True).click()
    page.wait_for_load_state()
    assert "资金已下达" in page.content()
    page.goto(f"{decider.address}/desk/budget/execution/2026/")
    assert "扬财社〔2025〕88号" in page.content()
    decider.assert_well_made("budget-execution")
