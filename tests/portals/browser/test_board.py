"""The board in a browser: every page fits, is accessible and quiet; a number opens; a figure is reported."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import expect

from jiuye.office.registry.models import Division
from jiuye.office.staff.models import Account
from jiuye.office.staff.operations import place_in_post
from jiuye.office.staff.queries import actor_for
from jiuye.office.targets.models import ReportedFigure
from jiuye.office.targets.operations import report_figure, report_milestone
from jiuye.office.targets.rooms import plan_room
from tests.office.targets.people import firm, holds, person, works

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TODAY = date(2025, 9, 15)
PAGES = {
    "board": "/board/",
    "board-county": "/board/?county=321002&order=urgent",
    "board-task": "/board/tasks/task-7/",
    "board-indicator": "/board/indicators/urban-new-employment/",
    "board-reported": "/board/indicators/campus-recruiting/",
    "board-records": "/board/indicators/urban-new-employment/records/?part=hired",
    "board-reporting": "/board/reporting/",
    "board-figure-form": "/board/reporting/figures/startup-loans/",
    "board-milestone-form": "/board/reporting/milestones/fund-budgeting/?period=2025",
}


@pytest.fixture(autouse=True)
def _office(settings, pack_dir) -> None:
    settings.PACK = pack_dir
    settings.OFFICE_DATE = TODAY.isoformat()
    rows = [
        ("3210", "扬州市", "Yangzhou", "city", None),
        ("321002", "广陵区", "Guangling District", "county", "3210"),
        ("321003", "邗江区", "Hanjiang District", "county", "3210"),
        ("321002001", "东关街道", "Dongguan Subdistrict", "street", "321002"),
        ("321002001001", "春晖社区", "Chunhui Community", "village", "321002001"),
    ]
    for code, name, name_en, kind, parent in rows:
        Division.objects.create(code=code, name=name, name_en=name_en, kind=kind, parent_id=parent)


@pytest.fixture
def office() -> Account:
    account = Account.objects.create_account(
        username="office", display_name="李敏", password="demo", kind="officer"
    )
    place_in_post(
        account=account, role="city_office", division_code="3210", start=date(2023, 1, 1), until=None
    )
    return account


def fill(account: Account, pack: Path) -> None:
    """Every light, a correction, a milestone done, records in two years."""
    room, actor = plan_room(pack), actor_for(account, on=TODAY)
    employer = firm()
    for index, start in enumerate(("2024-03-01", "2024-06-01", "2025-02-01", "2025-05-01")):
        who = person(f"赵{index}")
        holds(who, "employment_difficulty", "2023-06-01", category="older")
        works(who, start, at=employer)
    for indicator, value, note in (
        ("campus-recruiting", "4", ""),
        ("campus-recruiting", "9", "漏计"),
        ("startup-loans", "262000000", ""),
        ("insurance-contribution-rate", "93.5", ""),
    ):
        report_figure(
            actor=actor,
            room=room,
            indicator_id=indicator,
            division_code="3210",
            period_key="2025",
            as_of=date(2025, 8, 31),
            value=Decimal(value),
            document="就业统计月报（2025年8月）",
            document_date=date(2025, 9, 3),
            note=note,
            on=TODAY,
            at=datetime(2025, 9, 15, 2, tzinfo=UTC),
        )
    report_milestone(
        actor=actor,
        room=room,
        milestone_id="fund-budgeting",
        period_key="2025",
        done_on=date(2025, 2, 20),
        document="2025年就业资金预算",
        on=TODAY,
        at=datetime(2025, 9, 15, 2, tzinfo=UTC),
    )


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_fits_is_accessible_and_is_quiet(visit, office, pack_dir, language):
    fill(office, pack_dir)
    window = visit(account=office, language=language)
    for name, address in PAGES.items():
        window.open(address)
        window.assert_well_made(f"{name}-{language[:2]}")


def test_the_board_fits_and_is_accessible_in_large_type_and_high_contrast(visit, office, pack_dir):
    fill(office, pack_dir)
    window = visit(account=office, size="large", contrast="high")
    for name in ("board", "board-indicator", "board-figure-form"):
        window.open(PAGES[name])
        window.assert_well_made(f"{name}-large")


def test_a_number_opens_its_definition_and_then_the_records_behind_it(visit, office, pack_dir):
    fill(office, pack_dir)
    page = visit(account=office).open("/board/")
    page.get_by_role("link", name="城镇新增就业", exact=True).first.click()
    expect(page.get_by_role("heading", name="城镇新增就业人数")).to_be_visible()
    expect(page.get_by_text("报告期内城镇累计新就业人数减去自然减员人数")).to_be_visible()
    page.get_by_role("row", name="计入 城镇累计新就业").get_by_role("link").first.click()
    expect(page.get_by_text("共 2 条")).to_be_visible()
    expect(page.get_by_role("rowheader").first).to_have_text("赵*")


def test_a_figure_is_reported_without_javascript_too(visit, office, pack_dir):
    page = visit(account=office, javascript=False).open("/board/reporting/figures/startup-loans/")
    page.get_by_label("数值").fill("2.62")
    page.get_by_label("单位", exact=True).select_option("亿元")
    page.get_by_label("来源文件").fill("创业担保贷款月报（2025年8月）")
    page.get_by_label("文件日期").fill("2025-09-03")
    page.get_by_role("button", name="登记").click()
    expect(page.get_by_text("已登记。看板上的数随之更新。")).to_be_visible()
    assert ReportedFigure.objects.get().value == 262_000_000


def test_the_board_prints_with_its_lights_and_without_its_controls(visit, office, pack_dir):
    fill(office, pack_dir)
    window = visit(account=office)
    page = window.at((1000, 1400)).open("/board/")
    page.emulate_media(media="print")
    page.screenshot(path=window.results / "board-print.png", full_page=True)
    expect(page.locator(".filters")).to_be_hidden()
    expect(page.locator(".goal").first).to_be_visible()
