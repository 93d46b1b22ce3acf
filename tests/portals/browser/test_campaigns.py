# ruff: noqa: F811 (the fixtures are imported, and asked for by name)
"""A list is told in a browser: tried first, its words seen with masked names, and released by a second person where it is long."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from jiuye.office.campaigns.models import Campaign
from jiuye.office.messages.models import Message
from jiuye.office.staff.models import Account
from tests.office.casework.conftest import make_entitlement, make_person
from tests.portals.desk.conftest import (  # noqa: F401 (the fixtures are used by name)
    _office,
    _pack,
    caseworker,
    divisions,
    entitlement,
    owner,
    person,
    reviewer,
    rules,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
POLICY = "unemployment-benefit"
MANY = 101


def try_it(page: Page) -> None:
    """Open what stands folded under the list, and try."""
    form = page.locator("details", has=page.locator("form[action='/desk/campaigns/prepare/']"))
    form.locator("summary").click()
    form.locator("button").click()
    page.wait_for_url("**/desk/campaigns/*/")


def test_a_hundred_and_one_are_tried_by_one_officer_and_released_by_another(visit, caseworker, reviewer):
    for number in range(MANY):
        resident = make_person(f"居民{number}", number=f"321002197803060{number:03d}")
        make_entitlement(resident, policy_id=POLICY)
    first = visit(account=Account.objects.get(pk=caseworker.account_id))
    first.page.set_default_timeout(60_000)  # the first page reads the pack
    first.open("/desk/campaigns/")
    first.assert_well_made("campaigns-none")
    page = first.open(f"/desk/gap/{POLICY}/unclaimed/")
    try_it(page)
    campaign = Campaign.objects.get()
    assert "没有发送任何消息" in page.content()
    samples = page.locator("p.card")
    assert samples.count() == 3
    assert "居**" in samples.first.inner_text()
    assert "居民0" not in page.content()
    assert page.get_by_role("button", name="放行").count() == 0
    assert "由准备人以外的另一人放行" in page.content()
    first.assert_well_made("campaign-tried")
    assert not Message.objects.exists()
    second = visit(account=Account.objects.get(pk=reviewer.account_id))
    second.page.set_default_timeout(60_000)
    page = second.open("/desk/campaigns/")
    second.assert_well_made("campaigns")
    page.locator(f"a[href='/desk/campaigns/{campaign.pk}/']").first.click()
    page.wait_for_load_state()
    page.get_by_role("button", name="放行", exact=True).click()
    second.assert_well_made("campaign-asked")
    page.get_by_role("button", name="确认放行").click()
    page.wait_for_load_state()
    assert "已放行" in page.content()
    second.assert_well_made("campaign-released")
    assert Message.objects.filter(about=f"campaign:{campaign.pk}").count() == MANY
    campaign.refresh_from_db()
    assert (campaign.prepared_by_id, campaign.released_by_id) == (caseworker.account_id, reviewer.account_id)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_short_list_is_given_up_by_who_prepared_it_in_both_languages(visit, caseworker, person, language):
    make_entitlement(person, policy_id=POLICY)
    window = visit(account=Account.objects.get(pk=caseworker.account_id), language=language)
    window.page.set_default_timeout(60_000)
    page = window.open(f"/desk/gap/{POLICY}/unclaimed/")
    try_it(page)
    window.assert_well_made(f"campaign-short-{language}")
    page.locator("button[commandfor=discard]").first.click()
    page.locator("#discard form button:not([type=button])").click()
    page.wait_for_load_state()
    assert Campaign.objects.get().state == "discarded"
    window.assert_well_made(f"campaign-given-up-{language}")
    assert not Message.objects.exists()
