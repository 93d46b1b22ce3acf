"""The government's single sign-on, from the log-in page to the desk: whose account it opens, and whose it never opens."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import requests
from django.test import Client

from jiuye.exchange.sign_on.pretend import PretendProvider
from jiuye.office.staff import second_factor
from jiuye.office.staff.models import OutsideIdentity, SignIn
from jiuye.portals.common import actors
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
