"""The policy workbench in a browser: every page in both languages, and the way from an edit to a resident's page."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from jiuye.engine.ledger.funds_file import load_funds
from jiuye.office.entitlements import operations as entitlements
from jiuye.office.entitlements.asked_simulations import SIMULATIONS
from jiuye.office.entitlements.publishing import publish_and_apply
from jiuye.office.entitlements.simulating import simulate_drafts
from jiuye.office.funds.operations import appropriate_for_demonstration, record_funds
from jiuye.office.policies import operations
from jiuye.office.policies.grids import Grid, GridAxis
from jiuye.office.policies.models import Draft, PolicyVersion
from jiuye.office.staff.models import Account
from tests.office.entitlements.conftest import hold, make_person, own_actor, pay
from tests.office.policies.conftest import (
    AT,
    FILE,
    ON,
    PARAMETERS,
    POLICY,
    changed,
    drafted,
    with_share,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def account(actor) -> Account:
    return Account.objects.get(pk=actor.account_id)


@pytest.fixture
def city(pack, flexible_worker):
    """A few residents of different ages who pay their own insurance, a budget, and a first sweep."""
    from datetime import date

    for number, (year, sex) in enumerate(
        [(1966, "male"), (1985, "female"), (1992, "male"), (1979, "female")]
    ):
        other = make_person(
            f"居民{number}", f"32100219{number:02}01010{number:03}", birth_date=date(year, 3, 1), sex=sex
        )
        hold(other, "employment_difficulty", date(2025, 1, 1), category="disabled")
        hold(other, "flexible_employment", date(2025, 1, 10))
        pay(other, None, date(2025, 1, 1), pension_fen=60_000 + 7_000 * number)
    definitions, _ = load_funds(pack / "funds.yaml")
    record_funds(funds=definitions.values())
    appropriate_for_demonstration(fund="employment-subsidy", year=2025, amount_fen=50_000_000, on=ON, at=AT)
    entitlements.run_sweep(actor=None, on=ON, at=AT)


def look(window, address: str, name: str) -> None:
    """The page is there, fits, is accessible, and is photographed: an error page would be all of that as well."""
    answer = window.page.goto(window.address + address)
    assert answer.ok, f"{address}: {answer.status}"
    window.assert_well_made(name)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_of_the_workbench_fits_is_accessible_and_is_quiet(
    visit,
    city,
    pack,
    writer,
    reviewer,
    language,
):
    broken = drafted(
        writer, changed(pack, "test: flexible_registered\n", "test: flexibel_registered\n"), title="改条件"
    )
    draft = drafted(writer, with_share(pack), title="补贴比例提高到六成")
    operations.add_file(actor=writer, draft_id=draft.pk, path=PARAMETERS, at=AT)
    less = drafted(writer, with_share(pack, "0.55", "667.36"), title="补贴比例提高到五成半")
    grid = Grid(
        (
            GridAxis(FILE, "share/2022-01-01", ("0.55", "0.6", "0.65")),
            GridAxis(PARAMETERS, "difficult_subsidy_months/2022-01-01", ("36", "48")),
        )
    )
    one = simulate_drafts(actor=writer, draft_ids=[draft.pk], grid=grid, on=ON, at=AT)
    both = simulate_drafts(actor=writer, draft_ids=[draft.pk, less.pk], on=ON, at=AT)
    operations.submit_draft(actor=writer, draft_id=less.pk, at=AT)
    kept = PolicyVersion.objects.get(policy_id=POLICY).version
    window = visit(account=account(writer), language=language)
    for name, address in {
        "home": "/policies/",
        "policy": f"/policies/of/{POLICY}/",
        "version": f"/policies/of/{POLICY}/versions/{kept}/",
        "drafts": "/policies/drafts/",
        "editor": f"/policies/drafts/{draft.pk}/",
        "editor-broken": f"/policies/drafts/{broken.pk}/",
        "values": f"/policies/drafts/{draft.pk}/values/",
        "boundaries": f"/policies/drafts/{draft.pk}/boundaries/",
        "boundaries-broken": f"/policies/drafts/{broken.pk}/boundaries/",
        "simulate": f"/policies/drafts/{draft.pk}/simulate/",
        "simulation": f"/policies/drafts/simulations/{one.pk}/",
        "comparison": f"/policies/drafts/simulations/{both.pk}/",
        "review-own": f"/policies/drafts/{draft.pk}/review/",
        "published-empty": "/policies/published/",
    }.items():
        look(window, address, f"workbench-{name}-{language}")
    window = visit(account=account(reviewer), language=language)
    look(window, f"/policies/drafts/{less.pk}/review/", f"workbench-review-{language}")
    operations.approve_draft(actor=reviewer, draft_id=less.pk, note="同意", at=AT)
    publication = publish_and_apply(actor=reviewer, draft_id=less.pk, effective_on=ON, on=ON, at=AT)
    for name, address in {
        "publication": f"/policies/published/{publication.pk}/",
        "published": "/policies/published/",
        "home-published": "/policies/",
    }.items():
        look(window, address, f"workbench-{name}-{language}")


def replace_in_editor(page, old: str, new: str, *, all: bool = False) -> None:
    """Type as a person would: the text changes and the page hears of it."""
    page.locator("#editor-text").evaluate(
        """(field, [old, now, every]) => {
          const before = field.value;
          field.value = every ? before.replaceAll(old, now) : before.replace(old, now);
          if (field.value === before) throw new Error(old + " is not in the text");
          field.dispatchEvent(new Event("input", { bubbles: true }));
        }""",
        [old, new, all],
    )


def test_an_edit_becomes_a_residents_amount_by_way_of_errors_simulation_comparison_and_another_person(
    visit,
    city,
    pack,
    writer,
    reviewer,
    flexible_worker,
):
    other = drafted(writer, with_share(pack, "0.55", "667.36"), title="五成半")
    resident = visit(account=account(own_actor(flexible_worker)))
    page = resident.at((390, 844)).open("/my/")
    expect(page.get_by_text("600")).to_be_visible()

    # Edit: a slip is shown at its line while one types, and kept when one saves.
    desk = visit(account=account(writer)).at((1440, 900))
    page = desk.open("/")
    expect(page).to_have_url(desk.address + "/policies/")
    page.get_by_role("link", name="灵活就业社会保险补贴").click()
    page.get_by_label("要改什么").fill("补贴比例提高到六成")
    page.get_by_role("button", name="起草").click()
    expect(page.get_by_text("没有错误，全部案例相符。")).to_be_visible()
    replace_in_editor(page, "test: flexible_registered\n", "test: flexibel_registered\n")
    expect(page.get_by_text("1 处错误")).to_be_visible()
    expect(page.locator("#L66.is-bad")).to_be_visible()
    expect(page.locator("#editor-notes li").nth(65)).to_contain_text("flexibel_registered")
    expect(page.locator(".note__code mark")).to_have_text("flexibel_registered")
    page.get_by_role("link", name="第 66 行").click()
    expect(page.locator("#editor-text")).to_be_focused()
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("已保存。")).to_be_visible()
    expect(page.get_by_text("1 处错误")).to_be_visible()

    # Corrected, with the share at 60 %: now the cases say what they expected.
    replace_in_editor(page, "flexibel_registered\n", "flexible_registered\n")
    page.get_by_role("button", name="保存").click()
    page.get_by_role("link", name="参数和日期").click()
    form = page.locator("form.value").filter(has=page.locator("input[value='share/2022-01-01']"))
    form.get_by_label("值", exact=False).fill("60%")
    form.get_by_role("button", name="改这个值").click()
    expect(page.get_by_text("已写进文本。")).to_be_visible()
    page.get_by_role("link", name="文本", exact=True).click()
    expect(page.get_by_text("个案例不符").first).to_be_visible()
    replace_in_editor(page, "amount: 606.69", "amount: 728.03", all=True)
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("没有错误，全部案例相符。")).to_be_visible()

    # Boundary cases, then both drafts beside today's rules in one run.
    page.get_by_role("link", name="边界案例").click()
    expect(page.get_by_role("heading", name="界限的两边")).to_be_visible()
    page.get_by_role("link", name="测算", exact=True).click()
    page.get_by_label("五成半").check()
    # The whole population is decided under both rules beside the page, which looks by itself whether it is done.
    page.get_by_role("button", name="开始测算").click(timeout=60_000)
    expect(page.get_by_text("等待测算")).to_be_visible(timeout=60_000)
    assert [asked.state for asked in SIMULATIONS.carry_out(clock=lambda: AT)] == ["done"]
    page.get_by_role("link", name="看测算结果").click(timeout=60_000)
    expect(page.get_by_role("heading", name="测算结果")).to_be_visible(timeout=60_000)
    compared = page.get_by_role("region", name="比较")
    expect(compared.get_by_role("row")).to_have_count(3)
    expect(compared.get_by_role("link", name="五成半")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="下载 Excel").click()
    assert download.value.suggested_filename.endswith(".xlsx")
    draft_id = Draft.objects.exclude(pk=other.pk).get().pk
    page = desk.open(f"/policies/drafts/{draft_id}/review/")
    expect(page.locator(".diff__line--add").first).to_contain_text("0.6")
    page.get_by_role("button", name="送审").click()
    expect(page.get_by_text("已送审，由另一人审核。")).to_be_visible()

    # Another person reads it and publishes it as of today.
    second = visit(account=account(reviewer)).at((1440, 900))
    page = second.open("/policies/drafts/")
    page.get_by_role("link", name="补贴比例提高到六成").click()
    page.get_by_role("link", name="送审和公布").click()
    page.get_by_role("button", name="审核通过").click()
    expect(page.get_by_text("审核通过，可以公布。")).to_be_visible()
    page.get_by_role("button", name="公布", exact=True).click()
    expect(page.get_by_text("已公布并施行，涉及的对象已重新判定。")).to_be_visible(timeout=60_000)

    page = resident.open("/my/")
    expect(page.get_by_text("720")).to_be_visible()


def test_the_editor_works_without_javascript(visit, city, pack, writer):
    draft = drafted(writer, with_share(pack))
    window = visit(account=account(writer), javascript=False)
    page = window.open(f"/policies/drafts/{draft.pk}/")
    text = page.get_by_label("文件内容").input_value()
    page.get_by_label("文件内容").fill(
        text.replace("test: flexible_registered\n", "test: flexibel_registered\n")
    )
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("1 处错误")).to_be_visible()
    page.get_by_role("link", name="第 66 行").click()
    expect(page.locator("#L66")).to_be_in_viewport()
