"""An installation in use: behind a proxy that ends TLS, over HTTP as such a proxy speaks it, with the headers that browsers send."""

from __future__ import annotations

import http.client
import re
import shutil
import tempfile
import urllib.parse
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path

import pytest

from jiuye.config.answering import believed
from jiuye.config.preflight import CannotStartError, require_proxy
from jiuye.exchange.sign_on.pretend import PretendProvider
from tests.config.running import Running, jiuye, running
from tests.config.test_run import python

HOST, PROXY, STRANGER = "jiuye.example", "127.0.0.1", "127.0.0.2"
PASSWORD = "Kuaile-2025x"
OPEN_ACCOUNT = f"""
from jiuye.config.django_setup import setup_django
setup_django()
from datetime import date
from jiuye.office.staff.models import Account
from jiuye.office.staff.operations import place_in_post
account = Account.objects.create_account(username="limin", display_name="李敏", password={PASSWORD!r}, kind="officer")
place_in_post(account=account, role="caseworker", division_code="3210", start=date(2023, 1, 1), until=None)
"""
FAILURES = """
from jiuye.config.django_setup import setup_django
setup_django()
from jiuye.office.staff.models import FailedLogIn
print("from", list(FailedLogIn.objects.order_by("pk").values_list("address", flat=True)))
"""


class Browser:
    """Somebody at `address` whose browser speaks to the proxy at `through`, which speaks to us."""

    def __init__(self, site: Running, address: str, *, through: str = PROXY) -> None:
        self.site, self.address, self.through = site, address, through
        self.cookies: dict[str, str] = {}
        self.seen: SimpleCookie = SimpleCookie()

    def ask(self, path: str, fields: dict[str, str] | None = None) -> tuple[int, str, str]:
        """The status, the address that it leads on to, and the page."""
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.site.port, timeout=30, source_address=(self.through, 0)
        )
        headers = {
            "Host": HOST,
            "X-Forwarded-Proto": "https",
            # A proxy adds the address that it saw to whatever stood there.
            "X-Forwarded-For": f"198.51.100.66, {self.address}",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }
        body = None
        if fields is not None:
            headers |= {"Origin": f"https://{HOST}", "Referer": f"https://{HOST}{path}"}
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urllib.parse.urlencode(fields)
        connection.request("GET" if fields is None else "POST", path, body, headers)
        answer = connection.getresponse()
        page = answer.read().decode()
        for line in answer.headers.get_all("Set-Cookie") or []:
            self.seen.load(line)
        self.cookies = {name: found.value for name, found in self.seen.items()}
        connection.close()
        return answer.status, answer.headers.get("Location", ""), page

    def log_in(self, password: str) -> tuple[int, str, str]:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.ask("/login/")[2])
        assert token is not None
        given = {"csrfmiddlewaretoken": token.group(1), "username": "limin", "password": password}
        return self.ask("/login/", given)


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="jiuye-proxy-")) / "data"
    done = jiuye(folder, "run", "--prepare-only", "--city", "0")
    assert done.returncode == 0, done.stdout + done.stderr
    opened = python(folder, OPEN_ACCOUNT)
    assert opened.returncode == 0, opened.stderr
    yield folder
    shutil.rmtree(folder.parent, ignore_errors=True)


@pytest.fixture(scope="module")
def site(data: Path) -> Iterator[Running]:
    with PretendProvider() as government:
        named = {
            "JIUYE_SIGN_ON_ISSUER": government.issuer,
            "JIUYE_SIGN_ON_CLIENT": "jiuye",
            "JIUYE_SIGN_ON_SECRET": "pretend",
        }
        in_use = {"JIUYE_DEMO": "0", "JIUYE_HTTPS": "1", "JIUYE_HOSTS": HOST, "JIUYE_PROXY": PROXY}
        with running(data, data.parent, "--city", "0", **in_use, **named) as started:
            yield started


def test_an_officer_logs_in_through_the_proxy_and_sees_the_address_they_came_from(site: Running) -> None:
    browser = Browser(site, "203.0.113.7")
    status, onward, page = browser.log_in(PASSWORD)
    assert (status, onward) == (302, "/"), page[:3000]
    assert browser.seen["sessionid"]["secure"]
    status, _, page = browser.ask("/account/")
    assert status == 200
    assert "203.0.113.7" in page, "the session list names the officer's own address"
    assert "198.51.100.66" not in page, "and not what the browser itself wrote into the header"
    assert "127.0.0.1" not in page


def test_failures_count_against_the_address_of_whoever_failed(site: Running, data: Path) -> None:
    status, _, page = Browser(site, "203.0.113.8").log_in("wrong")
    assert status == 422
    assert "登录名或密码不对" in page
    assert "from ['203.0.113.8']" in python(data, FAILURES).stdout


def test_single_sign_on_is_sent_back_to_the_address_over_tls(site: Running) -> None:
    status, onward, page = Browser(site, "203.0.113.9").ask("/login/government/")
    assert status == 302, page[:3000]
    asked = urllib.parse.parse_qs(urllib.parse.urlsplit(onward).query)
    assert asked["redirect_uri"] == [f"https://{HOST}/login/government/back/"]


def test_nobody_but_the_proxy_is_believed(site: Running) -> None:
    status, _, page = Browser(site, "203.0.113.7", through=STRANGER).log_in(PASSWORD)
    assert status == 403, "over plain HTTP the origin of a page over TLS is another one"
    assert "203.0.113.7" not in page


def test_the_page_that_each_process_asks_for_itself_is_asked_under_a_name_of_ours(site: Running) -> None:
    assert "HTTP_HOST" not in site.log.read_text()


def test_without_a_proxy_no_header_of_one_is_believed() -> None:
    assert believed("") == {"clear_untrusted_proxy_headers": True}


@pytest.mark.parametrize("proxy", ["*", "10.0.0.0/8", "proxy.example", ""])
def test_over_tls_the_proxy_is_named_by_one_address(proxy: str) -> None:
    with pytest.raises(CannotStartError, match="JIUYE_PROXY="):
        require_proxy(proxy, https=True)
    require_proxy("127.0.0.1", https=True)
    require_proxy("::1", https=True)
    require_proxy("", https=False)
