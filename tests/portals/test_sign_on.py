"""The government's single sign-on, from the log-in page to the desk: whose account it opens, and whose it never opens."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from urllib.parse import urlsplit

import pytest
import requests
from django.test import Client

from jiuye.exchange.sign_on import OpenIdProvider, ProviderUnreachableError
from jiuye.exchange.sign_on.pretend import PretendProvider
from jiuye.office.staff import second_factor
from jiuye.office.staff.models import OutsideIdentity, SignIn
from jiuye.portals.common import actors, middleware
from jiuye.portals.common.views import sign_on as sign_on_views

pytestmark = pytest.mark.django_db


@pytest.fixture
def government(settings):
    with PretendProvider() as running:
        settings.SIGN_ON_ISSUER = running.issuer
        settings.SIGN_ON_CLIENT, settings.SIGN_ON_SECRET = "jiuye", "pretend"
        yield running


def out_and_back(client: Client, onward: str = "/desk/") -> str:
    """The browser's way to the provider; returns the address it comes back to."""
    gone = client.get("/login/government/", {"next": onward})
    assert gone.status_code == 302
    answer = requests.get(gone["Location"], allow_redirects=False, timeout=5)
    parts = urlsplit(answer.headers["Location"])
    return f"{parts.path}?{parts.query}"


def said(client: Client, answer) -> str:
    assert (answer.status_code, answer["Location"]) == (302, "/login/")
    return client.get("/login/").text


def test_an_officer_comes_in_and_the_account_is_tied_to_the_person(government, account_of):
    account = account_of("caseworker")
    client = Client()
    assert "统一身份认证登录" in client.get("/login/").text
    answer = client.get(out_and_back(client, "/desk/cases/"))
    assert (answer.status_code, answer["Location"]) == (302, "/desk/cases/")
    assert client.get("/desk/cases/").status_code == 200
    assert OutsideIdentity.objects.get().subject == "gov-0001"
    assert SignIn.objects.get().account_id == account.pk


def test_the_person_is_found_again_by_number_when_the_name_there_has_changed(government, account_of):
    account_of("caseworker")
    client = Client()
    client.get(out_and_back(client))
    government.behaviour.name = "wang.newname"
    another = Client()
    assert another.get(out_and_back(another))["Location"] == "/desk/"


def test_a_name_given_to_somebody_else_there_does_not_open_the_account(government, account_of):
    account_of("caseworker")
    client = Client()
    client.get(out_and_back(client))
    government.behaviour.subject = "gov-0002"
    stranger = Client()
    assert "属于统一身份认证里的另一个人" in said(stranger, stranger.get(out_and_back(stranger)))
    assert stranger.get("/desk/").status_code == 302


def test_somebody_without_an_account_is_told_and_none_is_made(government, account_of):
    account_of("caseworker")
    government.behaviour.name = "nobody.here"
    client = Client()
    assert "在本系统没有可用的账号" in said(client, client.get(out_and_back(client)))
    assert not OutsideIdentity.objects.exists()


def test_an_account_that_was_shut_stays_shut_also_for_the_person_tied_to_it(government, account_of):
    account = account_of("caseworker")
    client = Client()
    client.get(out_and_back(client))
    account.is_active = False
    account.save()
    again = Client()
    assert "在本系统没有可用的账号" in said(again, again.get(out_and_back(again)))


def test_a_second_factor_is_asked_for_as_after_a_password(government, account_of, settings, monkeypatch):
    settings.DEMO = False
    monkeypatch.setattr(second_factor, "is_enrolled", lambda account_id: True)
    account_of("caseworker")
    client = Client()
    assert client.get(out_and_back(client))["Location"] == "/login/code/"
    assert client.get("/desk/").status_code == 302


def test_the_account_is_tied_once_the_code_was_given_and_a_stranger_of_that_name_ties_nothing(
    government, account_of, settings, monkeypatch
):
    settings.DEMO = False
    monkeypatch.setattr(second_factor, "is_enrolled", lambda account_id: True)
    account_of("caseworker")
    government.behaviour.subject = "gov-stranger"
    stranger = Client()
    assert stranger.get(out_and_back(stranger))["Location"] == "/login/code/"
    assert stranger.post("/login/code/", {"code": "000000"}).status_code == 422
    assert not OutsideIdentity.objects.exists()
    government.behaviour.subject = "gov-0001"
    officer = Client()
    assert officer.get(out_and_back(officer))["Location"] == "/login/code/"
    monkeypatch.setattr(second_factor, "check", lambda **given: None)
    assert officer.post("/login/code/", {"code": "123456"})["Location"] == "/desk/"
    assert OutsideIdentity.objects.get().subject == "gov-0001"
    late = stranger.post("/login/code/", {"code": "123456"})  # the stranger was asked before, and is too late
    assert "属于统一身份认证里的另一个人" in said(stranger, late)
    assert stranger.get("/desk/").status_code == 302
    assert OutsideIdentity.objects.get().subject == "gov-0001"


def test_where_a_post_needs_a_factor_that_is_not_enrolled_the_account_is_tied_with_its_first_code(
    government, account_of, settings, monkeypatch
):
    settings.DEMO = False
    monkeypatch.setattr(second_factor, "needed_by", lambda actor: True)
    account_of("caseworker")
    client = Client()
    client.get(out_and_back(client))
    assert not OutsideIdentity.objects.exists()
    secret = client.get("/account/second-factor/")
    assert secret.status_code == 200
    monkeypatch.setattr(second_factor, "confirm", lambda **given: ["code-1"])
    client.post("/account/second-factor/", {"act": "confirm", "code": "123456"})
    assert OutsideIdentity.objects.get().subject == "gov-0001"


def test_an_answer_is_taken_once_and_only_by_the_browser_that_asked(government, account_of):
    account_of("caseworker")
    client = Client()
    address = out_and_back(client)
    stranger = Client()
    assert "不属于这次登录" in said(stranger, stranger.get(address))
    assert client.get(address)["Location"] == "/desk/"
    again = client.get(address)
    assert again["Location"] == "/login/"


def test_an_answer_that_comes_after_ten_minutes_is_too_late(government, account_of, monkeypatch):
    account_of("caseworker")
    client = Client()
    address = out_and_back(client)
    late = actors.clock() + timedelta(minutes=11)
    monkeypatch.setattr(sign_on_views, "clock", lambda: late)
    assert "等得太久" in said(client, client.get(address))


def test_who_gives_up_at_the_provider_is_asked_to_try_again(government, account_of):
    account_of("caseworker")
    government.behaviour.refuses = "access_denied"
    client = Client()
    assert "统一身份认证没有完成（access_denied）" in said(client, client.get(out_and_back(client)))


def test_a_provider_that_is_away_leaves_the_password(government, settings):
    settings.SIGN_ON_ISSUER = "http://127.0.0.1:9"
    client = Client()
    assert "联系不上统一身份认证" in said(client, client.get("/login/government/"))


def test_nobody_is_led_to_a_foreign_address(government, account_of):
    account_of("caseworker")
    client = Client()
    assert client.get(out_and_back(client, "https://evil.example/"))["Location"] == "/"


def test_an_installation_without_it_offers_none(settings):
    settings.SIGN_ON_ISSUER = ""
    assert "统一身份认证登录" not in Client().get("/login/").text
    assert Client().get("/login/government/").status_code == 404


def signed_in(client: Client, account_of) -> Client:
    account_of("caseworker")
    client.get(out_and_back(client))
    assert client.get("/desk/").status_code == 200
    return client


def led_on(client: Client) -> str:
    """Where the page after signing out leads on to at the provider."""
    assert client.post("/logout/")["Location"] == "/logout/government/"
    page = client.get("/logout/government/")
    (address,) = set(re.findall(r'(?:url=|href=")(http[^"]*)"', page.text))
    return unescape(address)


def test_signing_out_here_ends_the_providers_session_too_and_says_so(government, account_of):
    client = signed_in(Client(), account_of)
    answer = requests.get(led_on(client), allow_redirects=False, timeout=5)
    assert government.left == ["gov-0001"]
    assert client.get("/desk/").status_code == 302  # out here already, whatever becomes of it there
    back = urlsplit(answer.headers["Location"])
    assert back.path == "/logout/government/back/"
    assert "已退出本系统和统一身份认证" in said(client, client.get(f"{back.path}?{back.query}"))


def test_no_form_leads_to_the_provider_since_our_content_policy_forbids_it(government, account_of):
    client = signed_in(Client(), account_of)
    assert led_on(client).startswith(f"{government.issuer}/end?")
    page = client.get("/logout/government/")
    assert "form-action 'self'" in page["Content-Security-Policy"]
    assert "no-store" in page["Cache-Control"]


def test_an_answer_of_another_sign_out_is_not_taken_for_ours(government, account_of):
    client = signed_in(Client(), account_of)
    led_on(client)
    assert "不属于这次退出" in said(client, client.get("/logout/government/back/?state=anything"))
    stranger = Client()
    assert "不属于这次退出" in said(stranger, stranger.get("/logout/government/back/?state="))


def test_a_provider_that_ends_no_sessions_is_said_to_be_signed_on_still(government, account_of):
    government.behaviour.ends_sessions = False
    client = signed_in(Client(), account_of)
    assert "统一身份认证的登录还在" in said(client, client.post("/logout/"))


def test_a_provider_that_is_away_keeps_nobody_signed_in_here(government, account_of, monkeypatch):
    client = signed_in(Client(), account_of)

    def away(*args, **named):
        raise ProviderUnreachableError("away")

    monkeypatch.setattr(OpenIdProvider, "leave", away)
    assert "统一身份认证的登录还在" in said(client, client.post("/logout/"))
    assert client.get("/desk/").status_code == 302


def test_after_a_second_factor_the_providers_session_is_still_ended(
    government, account_of, settings, monkeypatch
):
    settings.DEMO = False
    monkeypatch.setattr(second_factor, "is_enrolled", lambda account_id: True)
    monkeypatch.setattr(second_factor, "check", lambda **named: None)
    account_of("caseworker")
    client = Client()
    client.get(out_and_back(client))
    client.post("/login/code/", {"code": "123456"})
    requests.get(led_on(client), allow_redirects=False, timeout=5)
    assert government.left == ["gov-0001"]


def test_the_providers_token_lies_sealed_in_the_session(government, account_of):
    client = signed_in(Client(), account_of)
    kept = client.session["sign_in"]["outside"]
    assert kept
    # How every token begins, and its second part; the three letters alone may stand anywhere in what is sealed.
    assert not kept.startswith("eyJ")
    assert ".eyJ" not in kept


def test_who_came_with_a_password_is_led_to_no_provider(government, account_of):
    account_of("caseworker")
    client = Client()
    client.post("/login/", {"username": "caseworker", "password": "demo"})
    page = said(client, client.post("/logout/"))
    assert "统一身份认证的登录还在" not in page
    assert client.get("/logout/government/")["Location"] == "/login/"


def test_who_was_signed_out_for_being_idle_is_told_of_the_providers_session(
    government, account_of, monkeypatch
):
    client = signed_in(Client(), account_of)
    late = actors.clock() + timedelta(hours=7)
    monkeypatch.setattr(middleware, "clock", lambda: late)
    assert client.get("/desk/").status_code == 302
    assert "统一身份认证的登录还在" in client.get("/login/").text
