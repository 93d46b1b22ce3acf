"""What every browser test looks at: does the page fit, is it accessible, is its console quiet, how does it look."""

from __future__ import annotations

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page

PHONE, DESK = (390, 844), (1440, 900)
# WCAG 2.1 AA, which GB/T 37668-2019 follows in substance.
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]},
    "resultTypes": ["violations"],  # what passes is not told node by node, which takes most of the time
}


class Visit:
    """One person's browser window on the live server."""

    def __init__(self, page: Page, address: str, results: Path) -> None:
        self.page = page
        self.address = address
        self.results = results
        self.complaints: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))

    def _console(self, message: ConsoleMessage) -> None:
        # A refused address is a result that tests look at, and no fault of the page.
        if (
            message.type in ("error", "warning")
            and "the server responded with a status of" not in message.text
        ):
            self.complaints.append(f"{self.page.url}: {message.text}")

    def open(self, path: str) -> Page:
        self.page.goto(self.address + path)
        return self.page

    def press(self, key: str) -> None:
        """A key on a page that has loaded: its shortcuts answer only once its scripts have run."""
        self.page.wait_for_load_state()
        self.page.keyboard.press(key)

    def at(self, size: tuple[int, int]) -> Visit:
        self.page.set_viewport_size({"width": size[0], "height": size[1]})
        return self

    def screenshot(self, name: str) -> None:
        """The whole page at both widths, as test-results/<name>-390.png and -1440.png."""
        for width, height in (PHONE, DESK):
            self.at((width, height))
            self.page.screenshot(path=self.results / f"{name}-{width}.png", full_page=True)

    def assert_fits(self) -> None:
        """Nothing is wider than the window, at either width."""
        for width, height in (PHONE, DESK):
            self.at((width, height))
            needed = self.page.evaluate("document.documentElement.scrollWidth")
            assert needed <= width, f"{self.page.url} needs {needed} px at a window of {width} px"

    def assert_accessible(self) -> None:
        """No violation of WCAG 2.1 AA that a machine can find, at either width."""
        for size in (PHONE, DESK):
            self.at(size)
            found = Axe().run(self.page, options=RULES).response["violations"]
            said = [
                f"{one['id']}: {one['help']} — {[node['target'] for node in one['nodes']][:4]}"
                for one in found
            ]
            assert not said, f"{self.page.url} at {size[0]} px:\n" + "\n".join(said)

    def assert_well_made(self, name: str) -> None:
        """Fits, is accessible, and is photographed for people to judge."""
        self.assert_fits()
        self.assert_accessible()
        self.screenshot(name)
