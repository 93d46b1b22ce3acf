"""A real browser on the live server: pages as people see them, at a phone's and a desk's width."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.portals.browser.looking import Visit

# Playwright's synchronous interface runs an event loop in this thread, where Django would refuse database work.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

RESULTS = Path(__file__).resolve().parents[3] / "test-results"
# How long a page may take before a test gives up: what a page costs is measured elsewhere, and a machine that does two things is no fault.
WAIT = 60_000
expect.set_options(timeout=WAIT)
NAMES = ("chromium", "chromium-browser", "google-chrome")
# Without these Chromium asks its maker's hosts, which a closed network refuses many times a second.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the whole run; `CHROMIUM` names another than the one on the path."""
    found = os.environ.get("CHROMIUM") or next((path for path in map(shutil.which, NAMES) if path), None)
    if found is None:
        pytest.skip("no Chromium on this machine: install the package chromium, or set CHROMIUM=path")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(live_server: Any, browser: Browser, account_of: Any) -> Iterator[Callable[..., Visit]]:
    """Open pages as a visitor or as somebody of a role; at the end no page may have complained in its console."""
    RESULTS.mkdir(exist_ok=True)
    visits: list[Visit] = []

    def begin(
        role: str = "",
        *,
        language: str = "zh-hans",
        size: str = "normal",
        contrast: str = "normal",
        javascript: bool = True,
        account: Any = None,
    ) -> Visit:
        context = browser.new_context(
            viewport={"width": 390, "height": 844}, java_script_enabled=javascript, locale="zh-CN"
        )
        context.set_default_timeout(WAIT)
        context.set_default_navigation_timeout(WAIT)
        cookies = {"django_language": language, "jiuye_size": size, "jiuye_contrast": contrast}
        if role or account is not None:
            client = Client()
            client.force_login(account if account is not None else account_of(role))
            cookies["sessionid"] = client.cookies["sessionid"].value
        context.add_cookies(
            [{"name": name, "value": value, "url": live_server.url} for name, value in cookies.items()]
        )
        page: Page = context.new_page()
        visits.append(Visit(page, live_server.url, RESULTS))
        return visits[-1]

    yield begin
    complaints = [complaint for one in visits for complaint in one.complaints]
    for one in visits:
        one.page.context.close()
    assert complaints == []
