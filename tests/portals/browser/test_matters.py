# ruff: noqa: F811 (the fixtures are imported, and asked for by name)
"""Matters in a browser: a resident asks for recognition from a phone, station, street and county carry it to the end."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import expect

from jiuye.office.matters.content import service_items
from jiuye.office.matters.models import Matter, PromisedService
from jiuye.office.registry.models import Status
from jiuye.office.staff.models import Account
from tests.office.authorities import authority
from tests.office.matters.conftest import (  # noqa: F401 (the fixtures are used by name)
    DAY,
    _pack,
    approver,
    divisions,
    me,
    person,
    reviewer,
    station,
    street,
)
from tests.papers import pdf, png

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _office(settings, divisions):
    """The office works on the tests' day; the pack is read before the first page asks for it."""
    settings.OFFICE_DATE = DAY.isoformat()
    service_items()


def account(actor) -> Account:
    return Account.objects.get(pk=actor.account_id)


@pytest.fixture
def unemployed(person) -> None:
    Status.objects.create(
        person=person, kind="registered_unemployed", start=date(2023, 3, 1), source="测试登记"
    )


def begin(window, name: str):
    """Open the list of services at a phone's width and begin one of them."""
    page = window.at((390, 844)).open("/my/services/")
    page.locator("article", has_text=name).first.get_by_role("button").click()
    return page


def take(window, matter: Matter, button: str, words: str = "") -> None:
    """Take one act on the matter's page, through its dialog where it has one."""
    page = window.at((1440, 900)).open(f"/desk/matters/{matter.pk}/")
    page.get_by_role("button", name=button).first.click()
    dialog = page.locator("dialog[open]")
    if dialog.count():
        if words:
            dialog.locator("textarea").fill(words)
        dialog.get_by_role("button", name=button).click()
    expect(page.locator(".notice", has_text="已办理").first).to_be_visible()


def look_back(window, matter: Matter) -> None:
    """From a step of the timeline to the matter as that step left it, to a moment that is chosen, and back to now."""
    page = window.at((1440, 900)).open(f"/desk/matters/{matter.pk}/")
    page.locator(".timeline__step", has_text="核查").get_by_role("link").click()
    expect(page.locator(".notice", has_text="不是现在的")).to_be_visible()
    expect(page.locator(".page__lead")).to_contain_text("已核查")
    expect(page.locator("main")).not_to_contain_text("予以办结")
    expect(page.locator("main").locator("form[method=post]")).to_have_count(0)
    window.assert_well_made("matter-then")
    page.get_by_text("看过去某一时刻的样子").click()
    page.fill("#at", f"{DAY}T00:00")
    page.get_by_role("button", name="查看").click()
    expect(page.locator("main")).to_contain_text("那时这件事项还没有提交")
    page.locator(".timeline__step", has_text="受理").first.get_by_role("link").click()
    page.get_by_role("link", name="回到现在").click()
    expect(page.locator(".page__lead")).to_contain_text("已办结")


def test_a_resident_is_recognised_as_hard_to_employ_from_a_phone_to_the_registry(
    visit, me, person, unemployed, station, street, reviewer, approver, settings
):
    phone = visit(account=account(me))
    page = begin(phone, "就业困难人员认定")
    page.select_option("#id_category", "older")
    page.check("#id_true_statement")
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.locator(".verdict")).to_contain_text("已提交，等待受理")
    phone.assert_well_made("matter-submitted")
    matter = Matter.objects.get()
    take(visit(account=account(station)), matter, "受理")
    at_street = visit(account=account(street))
    take(at_street, matter, "核查属实", "入户见到本人，独居，2023年3月起没有工作。")
    county = visit(account=account(reviewer))
    take(county, matter, "审核通过")
    take(county, matter, "开始公示")
    notice = visit().open("/notice/")
    expect(notice.locator("main")).to_contain_text("张**")
    expect(notice.locator("main")).not_to_contain_text("张秀兰")
    settings.OFFICE_DATE = "2024-06-19"
    above = visit(account=account(approver))
    take(above, matter, "予以办结")
    above.assert_well_made("matter-granted")
    look_back(above, matter)
    status = Status.objects.get(kind="employment_difficulty")
    assert (status.person_id, status.category, status.start) == (person.pk, "older", date(2024, 6, 19))
    page = phone.at((390, 844)).open(f"/my/services/matters/{matter.pk}/")
    expect(page.locator(".verdict")).to_contain_text("已办结")
    expect(page.locator(".verdict")).to_contain_text("下次复核")


def test_the_form_asks_what_an_answer_calls_for_and_says_at_each_field_what_is_wrong(visit, me):
    phone = visit(account=account(me))
    page = begin(phone, "失业登记")
    expect(page.locator("#id_left_on")).to_have_count(0)
    page.select_option("#id_reason", "resigned")
    expect(page.locator("#id_left_on")).to_be_visible()
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.locator(".field--wrong")).to_have_count(3)
    expect(page.locator("#id_reason")).to_have_value("resigned")
    phone.assert_well_made("matter-form-refused")


def test_without_javascript_the_form_is_handed_in_just_the_same(visit, me):
    page = begin(visit(account=account(me), javascript=False), "失业登记")
    page.select_option("#id_reason", "never_worked")
    page.check("#id_able_to_work")
    page.check("#id_seeking_work")
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.locator(".verdict")).to_contain_text("已提交，等待受理")


def test_a_paper_is_uploaded_looked_at_and_sent_back_with_words_at_its_point(visit, me, street):
    page = begin(visit(account=account(me)), "流动人员人事档案转递")
    page.set_input_files(
        "input[type=file]",
        {"name": "调档函.pdf", "mimeType": "application/pdf", "buffer": pdf("letter")},
    )
    page.get_by_role("button", name="上传").click()
    expect(page.locator("main")).to_contain_text("已提交")
    page.fill("#id_to_name", "南京某公司")
    page.fill("#id_to_address", "南京市")
    page.select_option("#id_why", "employed")
    page.get_by_role("button", name="提交", exact=True).click()
    matter = Matter.objects.get()
    desk = visit(account=account(street)).at((1440, 900))
    counter = desk.open(f"/desk/matters/{matter.pk}/")
    counter.get_by_role("button", name="退回补正").first.click()
    counter.fill("#c-call", "调档函没有盖章")
    counter.locator("dialog[open]").get_by_role("button", name="退回补正").click()
    page.reload()
    expect(page.locator("main")).to_contain_text("调档函没有盖章")


def test_at_the_counter_a_matter_is_begun_for_somebody_and_the_original_is_seen(visit, person, street):
    given = authority(street, person, on=DAY)
    desk = visit(account=account(street)).at((1440, 900))
    page = desk.open(f"/desk/people/{person.pk}/")
    page.select_option("#start-item", "personnel-file-transfer")
    page.select_option("#start-authority", str(given.pk))
    page.locator("form", has=page.locator("#start-item")).get_by_role("button").click()
    page.get_by_role("button", name="提交", exact=False).first.click()
    expect(page.locator(".field--wrong")).to_have_count(3)
    desk.assert_well_made("matter-counter-refused")
    page.fill("#id_to_name", "南京某公司")
    page.get_by_role("button", name="提交", exact=False).first.click()
    page.fill("#id_to_address", "南京市")
    page.select_option("#id_why", "employed")
    # What was typed stays where the original is noted before the form is handed in.
    page.fill("[name=said-call]", "调档函原件，宁人才〔2024〕12号")
    page.get_by_role("button", name="已核对原件").click()
    expect(page.locator("#id_to_address")).to_have_value("南京市")
    page.get_by_role("button", name="提交", exact=False).first.click()
    expect(page.locator("main")).to_contain_text("待受理")
    expect(page.locator("main")).to_contain_text("亲属代办")
    assert Matter.objects.get().way == "relative"


def test_the_131_service_is_owed_until_each_part_of_it_was_given(visit, me, street, reviewer):
    page = begin(visit(account=account(me)), "离校未就业高校毕业生实名登记")
    page.fill("#id_graduated_on", "2023-06-30")
    page.fill("#id_school", "扬州大学")
    page.locator("[name=seeking_work][value=yes]").check()
    page.set_input_files("input[type=file]", {"name": "a.png", "mimeType": "image/png", "buffer": png()})
    page.get_by_role("button", name="上传").click()
    page.get_by_role("button", name="提交", exact=True).click()
    matter = Matter.objects.get()
    desk = visit(account=account(street))
    take(desk, matter, "受理")
    take(visit(account=account(reviewer)), matter, "予以办结", "毕业证书已核对")
    assert sum(row.times for row in PromisedService.objects.all()) == 5
    counter = desk.at((1440, 900)).open("/desk/matters/owed/")
    expect(counter.locator("tbody tr")).to_have_count(4)  # three services, and the figures of their county
    desk.assert_well_made("services-owed")
    counter = desk.at((1440, 900)).open(f"/desk/matters/{matter.pk}/")
    row = counter.locator("li", has_text="职业指导").first
    row.get_by_label("做了什么").fill("当面指导一小时")
    row.get_by_role("button", name="登记一次").click()
    expect(counter.locator("main")).to_contain_text("已提供 1 次，共 1 次")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_of_matters_fits_is_accessible_and_is_quiet(visit, me, person, street, language):
    own = visit(account=account(me), language=language)
    own.open("/my/services/")
    own.assert_well_made(f"services-{language}")
    own.open("/my/services/events/lost_job/")
    own.assert_well_made(f"services-event-{language}")
    desk = visit(account=account(street), language=language)
    for name, address in {
        "desk-matters": "/desk/matters/",
        "desk-matters-all": "/desk/matters/?view=all",
        "desk-person-matters": f"/desk/people/{person.pk}/",
    }.items():
        desk.open(address)
        desk.assert_well_made(f"{name}-{language}")
