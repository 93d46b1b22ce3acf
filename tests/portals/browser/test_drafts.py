# ruff: noqa: F811 (the fixtures are imported, and asked for by name)
"""Drafts save themselves in a browser: somebody types half a line, leaves it neither by a key nor by a click, and loads the page again."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from jiuye.office.matters.content import service_items
from jiuye.office.matters.models import Matter
from jiuye.office.staff.models import Account
from tests.office.matters.conftest import (  # noqa: F401 (the fixtures are used by name)
    DAY,
    _pack,
    divisions,
    me,
    person,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _office(settings, divisions):
    """The pack is read before the first page asks for it."""
    settings.OFFICE_DATE = DAY.isoformat()
    service_items()


def typed_and_loaded_again(page, field: str, text: str) -> None:
    with page.expect_response(lambda answer: "/save/" in answer.url or "/fields/" in answer.url):
        page.locator(field).press_sequentially(text)
    page.reload()
    expect(page.locator(field)).to_have_value(text)


def test_half_a_line_is_there_when_the_page_is_loaded_again(visit, me):
    window = visit(account=Account.objects.get(pk=me.account_id))
    page = window.at((390, 844)).open("/my/services/events/graduated/")
    typed_and_loaded_again(page, '[name="graduate-registration.school"]', "扬州大")
    draft = Matter.objects.get()
    page = window.open(f"/my/services/matters/{draft.pk}/")
    expect(page.locator('[name="school"]')).to_have_value("扬州大")
    page.locator('[name="school"]').fill("")
    typed_and_loaded_again(page, '[name="school"]', "扬州大学")
