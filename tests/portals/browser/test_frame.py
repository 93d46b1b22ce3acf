"""The frame, the log-in page and the gallery, as they look and work in a browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.portals.browser.looking import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(
    ("language", "size", "contrast"),
    [
        ("zh-hans", "normal", "normal"),
        ("en", "normal", "normal"),
        ("zh-hans", "large", "normal"),
        ("en", "large", "high"),
    ],
)
def test_the_gallery_fits_is_accessible_and_is_quiet(visit, language, size, contrast):
    window = visit(language=language, size=size, contrast=contrast)
    window.open("/gallery/")
    window.assert_well_made(f"gallery-{language}-{size}-{contrast}")


def test_the_log_in_page_fits_is_accessible_and_logs_in_with_one_tap(visit, account_of):
    for role in ("resident", "caseworker", "leader"):
        account_of(role)
    window = visit()
    page = window.open("/login/")
    window.assert_well_made("login")
    page.get_by_role("button", name="经办人员").click()
    expect(page).to_have_url(window.address + "/desk/")
    window.assert_well_made("desk-frame")


def test_a_wrong_password_is_said_at_the_form_and_announced(visit):
    window = visit()
    page = window.open("/login/")
    page.get_by_label("登录名").fill("nobody")
    page.get_by_label("密码").fill("wrong")
    page.locator("main form").first.get_by_role("button").click()
    expect(page.get_by_role("alert")).to_contain_text("登录名或密码不对")
    window.assert_accessible()


def test_large_type_and_high_contrast_are_one_tap_away_and_stay(visit):
    page = visit().open("/login/")
    before = page.evaluate("getComputedStyle(document.body).fontSize")
    page.get_by_role("button", name="大字版").click()
    expect(page.locator("html")).to_have_attribute("data-size", "large")
    assert float(page.evaluate("getComputedStyle(document.body).fontSize")[:-2]) > float(before[:-2]) * 1.25
    page.get_by_role("button", name="高对比").click()
    page.wait_for_load_state("networkidle")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-size", "large")
    expect(page.locator("html")).to_have_attribute("data-contrast", "high")


def test_large_type_language_and_log_in_work_without_javascript(visit, account_of):
    account_of("leader")
    window = visit(javascript=False)
    page = window.open("/login/")
    page.get_by_role("button", name="大字版").click()
    expect(page.locator("html")).to_have_attribute("data-size", "large")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("button", name="County leader").click()
    expect(page).to_have_url(window.address + "/board/")


def test_the_first_stop_of_the_keyboard_is_the_link_to_the_content(visit):
    page = visit("caseworker").open("/desk/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()


def test_the_account_menu_opens_and_closes_with_the_keyboard(visit):
    page = visit("caseworker").open("/desk/")
    summary = page.locator("details.menu summary")
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="退出登录")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="退出登录")).to_be_hidden()
    expect(summary).to_be_focused()


def test_a_residents_entries_lie_under_the_thumb_on_a_phone(visit):
    window = visit("resident").at(PHONE)
    page = window.open("/my/")
    nav = page.locator("nav.nav").bounding_box()
    assert nav is not None
    assert nav["y"] + nav["height"] == PHONE[1]
    window.at(DESK)
    nav = page.locator("nav.nav").bounding_box()
    assert nav is not None
    assert nav["y"] < 100


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("role", ["caseworker", "approver", "city_office", "auditor"])
def test_the_desks_navigation_is_one_line_and_its_groups_open_within_the_window(visit, role, language):
    window = visit(role, language=language)
    page = window.at(DESK).open("/desk/imports/" if role == "caseworker" else "/desk/gap/")
    tops = page.evaluate(
        "[...document.querySelectorAll('nav.nav .nav__link')].map(one => Math.round(one.getBoundingClientRect().top))"
    )
    assert len(set(tops)) == 1
    for size in (DESK, PHONE):
        window.at(size)
        group = page.locator("nav.nav details", has=page.locator("summary[aria-current]"))
        group.locator("summary").click()
        panel = group.locator(".nav__panel")
        expect(panel).to_be_visible()
        box = panel.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= size[0]
        expect(panel.locator("[aria-current=page]")).to_have_count(1)
        window.assert_fits()
        window.at(size)
        page.keyboard.press("Escape")
        expect(panel).to_be_hidden()
    window.assert_well_made(f"desk-navigation-{role}-{language}")


def test_a_protected_value_is_shown_only_for_a_purpose_and_masked_again(visit):
    page = visit().at(DESK).open("/gallery/")
    place = page.locator("#masked .masked").first
    expect(place).not_to_contain_text("321002197804021234")
    place.locator("summary").click()
    place.get_by_role("button").click()
    expect(place).not_to_contain_text("321002197804021234")  # the browser asks for the purpose first
    place.get_by_label("查看事由").select_option(index=1)
    place.get_by_role("button").click()
    expect(page.locator("#masked .masked").first).to_contain_text("321002197804021234")


def test_what_cannot_be_taken_back_is_asked_first(visit):
    page = visit().at(DESK).open("/gallery/")
    page.get_by_role("button", name="不予通过").last.click()
    dialog = page.get_by_role("dialog", name="不予通过这件申请？")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="再想想").click()
    expect(dialog).to_be_hidden()


def test_a_form_is_sent_once_however_often_its_button_is_pressed(visit):
    window = visit()
    page = window.open("/gallery/")
    sent: list[str] = []

    def answer_late(route):
        sent.append(route.request.url)
        page.wait_for_timeout(300)
        route.fulfill(status=204)

    page.route("**/gallery/reveal/", answer_late)
    button = page.get_by_role("button", name="快捷键")
    button.click(no_wait_after=True)
    page.evaluate("document.querySelector('.post-button').requestSubmit()")
    button.click(force=True, no_wait_after=True)
    page.wait_for_timeout(600)
    assert len(sent) == 1


def test_the_keyboard_walks_the_rows_of_a_list_and_can_be_switched_off(visit):
    page = visit("caseworker").at(DESK).open("/desk/")
    page.evaluate(
        """() => {
          const list = document.createElement("ul");
          list.dataset.rows = "";
          for (const name of ["one", "two"]) {
            const row = document.createElement("li");
            const link = document.createElement("a");
            link.href = "#" + name; link.id = name; link.textContent = name;
            row.append(link); list.append(row);
          }
          document.querySelector("main").append(list);
        }"""
    )
    page.keyboard.press("j")
    expect(page.locator("#one")).to_be_focused()
    page.keyboard.press("j")
    expect(page.locator("#two")).to_be_focused()
    page.keyboard.press("k")
    expect(page.locator("#one")).to_be_focused()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="键盘快捷键")
    dialog.get_by_label("启用单键快捷键").uncheck()
    dialog.get_by_role("button", name="关闭").click()
    page.locator("#one").focus()
    page.keyboard.press("j")
    expect(page.locator("#one")).to_be_focused()


def test_on_paper_there_is_the_content_and_no_controls(visit):
    window = visit("caseworker").at(DESK)
    page = window.open("/gallery/")
    page.emulate_media(media="print")
    for hidden in (".strip", ".masthead__end", ".button >> nth=0", ".pages", ".filters"):
        expect(page.locator(hidden).first).to_be_hidden()
    expect(page.locator(".clauses blockquote").first).to_be_visible()
    page.pdf(path=window.results / "gallery.pdf", format="A4")


def test_error_pages_fit_and_are_accessible(visit):
    window = visit("resident")
    window.open("/desk/")
    window.assert_well_made("refused")
    window.open("/nowhere/")
    window.assert_accessible()
