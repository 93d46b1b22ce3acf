# ruff: noqa: F811 (the fixtures are imported, and asked for by name)
"""How the office divides its work, in a browser: taken, handed on, visited, late and passed up, stood in for, and judged by the applicant."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from jiuye.office.conduct.operations import escalate_late
from jiuye.office.matters.content import service_items
from jiuye.office.matters.models import Matter
from jiuye.office.staff.models import Account
from tests.office.matters.conftest import (  # noqa: F401 (the fixtures are used by name)
    DAY,
    VILLAGE,
    _pack,
    at,
    divisions,
    me,
    officer,
    person,
    reviewer,
    station,
)
from tests.office.matters.test_registering import hand_in
from tests.office.matters.test_registering import take as take_step

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LATE = date(2024, 6, 13)


@pytest.fixture(autouse=True)
def _office(settings, divisions):
    settings.OFFICE_DATE = DAY.isoformat()
    service_items()


@pytest.fixture
def matter(person, me) -> Matter:
    return hand_in(person, me)


def account(actor) -> Account:
    return Account.objects.get(pk=actor.account_id)


def test_a_matter_is_taken_visited_handed_on_passed_up_and_judged(
    visit, matter, me, station, reviewer, settings
):
    second, above = officer("协理员乙", "caseworker", VILLAGE), officer("街道审核", "reviewer", "321002001")
    desk = visit(account=account(station))
    page = desk.at((1440, 900)).open("/desk/matters/?whose=nobody")
    desk.assert_well_made("conduct-unassigned")
    page.get_by_role("link", name=matter.number).click()
    page.get_by_role("button", name="认领").click()
    expect(page.locator(".notice", has_text="已由您承办").first).to_be_visible()

    page.get_by_text("登记走访或电话").click()
    page.select_option("#id_kind", "phone")
    page.select_option("#id_reached", label="联系到本人")
    page.fill("#id_whom", "本人")
    page.fill("#id_came_of", "合同原件周四送来")
    page.fill("#id_next_step", "核对合同原件")
    page.fill("#id_next_on", LATE.isoformat())
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_text("下一步：2024年6月13日").first).to_be_visible()
    desk.assert_well_made("conduct-matter")
    page.get_by_text("查看情况和结果").click()
    page.get_by_label("查看事由").first.select_option(index=1)
    page.get_by_role("button", name="记录并查看").first.click()
    expect(page.get_by_text("合同原件周四送来").first).to_be_visible()

    page.get_by_text("转交给同事").click()
    page.select_option("#hand-on-to", str(second.account_id))
    page.fill("#hand-on-reason", "周四起休假")
    page.get_by_role("button", name="转交", exact=True).click()
    expect(page.locator(".notice", has_text="已转交协理员乙承办").first).to_be_visible()
    desk.open("/desk/contacts/")
    desk.assert_well_made("conduct-next")
    page = desk.open("/desk/work/away/")
    page.select_option("#away-who", str(second.account_id))
    page.fill("#away-start", LATE.isoformat())
    page.fill("#away-until", (LATE + timedelta(days=7)).isoformat())
    page.get_by_role("button", name="登记外出").click()
    expect(page.get_by_text("由协理员乙代办").first).to_be_visible()
    desk.assert_well_made("conduct-away")

    escalate_late(on=LATE, at=at(LATE))
    settings.OFFICE_DATE = LATE.isoformat()
    upper = visit(account=account(above))
    page = upper.open("/desk/")
    upper.assert_well_made("conduct-today")
    page.get_by_role("link", name="逾期上报（1）").click()
    expect(page.get_by_text("逾期 1 个工作日").first).to_be_visible()
    upper.assert_well_made("conduct-late")
    upper.open("/desk/work/inbox/")
    upper.assert_well_made("conduct-inbox")

    take_step(matter, second, "accept", on=LATE)
    take_step(matter, reviewer, "decide", on=LATE)
    phone = visit(account=account(me))
    page = phone.at((390, 844)).open(f"/my/services/matters/{matter.pk}/")
    page.get_by_label("不满意", exact=True).check()
    page.get_by_label("想说的话").fill("等了两天才受理")
    page.get_by_role("button", name="提交评价").click()
    expect(page.get_by_text("我们最迟在").first).to_be_visible()
    phone.assert_well_made("conduct-rated")


def test_the_administrator_chooses_people_and_places_by_name(visit):
    desk = visit("administrator")
    Account.objects.create_account(username="chenxiao", display_name="陈晓", password="x", kind="officer")
    page = desk.at((1440, 900)).open("/desk/staff/")
    page.select_option("#give_username", "chenxiao")
    page.select_option("#give_role", "caseworker")
    page.select_option("#give_division_code", "321002001")
    page.fill("#give_start", DAY.isoformat())
    page.get_by_role("button", name="派岗位").click()
    expect(page.get_by_role("rowheader", name="陈晓")).to_be_visible()
    desk.assert_well_made("conduct-posts")
