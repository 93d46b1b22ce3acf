"""Logging in and out, and where each is sent."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from jiuye.office.staff.models import Account
from jiuye.office.staff.operations import place_in_post

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("role", "address"),
    [
        ("resident", "/my/"),
        ("employer", "/my/"),
        ("caseworker", "/desk/"),
        ("city_office", "/desk/"),
        ("leader", "/board/"),
        ("department", "/board/"),
        ("statistician", "/board/"),
    ],
)
def test_the_first_address_sends_each_to_their_portal(client_of, role, address):
    assert client_of(role).get("/").headers["Location"] == address


def test_right_credentials_log_in_and_lead_back_to_the_page_asked_for(account_of):
    account_of("caseworker")
    client = Client()
    asked = client.get("/desk/")
    assert asked.headers["Location"] == "/login/?next=%2Fdesk%2F"
    answer = client.post("/login/", {"username": "caseworker", "password": "demo", "next": "/desk/"})
    assert answer.headers["Location"] == "/desk/"
    assert client.get("/desk/").status_code == 200


def test_a_wrong_password_is_refused_with_a_sentence_and_keeps_the_user_name(account_of):
    account_of("caseworker")
    answer = Client().post("/login/", {"username": "caseworker", "password": "wrong"})
    assert answer.status_code == 422
    assert "登录名或密码不对" in answer.text
    assert 'value="caseworker"' in answer.text


def test_an_account_that_was_disabled_cannot_log_in(account_of):
    account = account_of("caseworker")
    account.is_active = False
    account.save()
    client = Client()
    assert client.post("/login/", {"username": "caseworker", "password": "demo"}).status_code == 422
    assert client.get("/desk/").status_code == 302


def test_log_in_never_leads_to_another_site(account_of):
    account_of("resident")
    answer = Client().post(
        "/login/", {"username": "resident", "password": "demo", "next": "https://example.com/"}
    )
    assert answer.headers["Location"] == "/"


def test_a_link_cannot_log_anybody_out(client_of):
    client = client_of("resident")
    assert client.get("/logout/").status_code == 405
    assert client.get("/my/").status_code == 200
    client.post("/logout/")
    assert client.get("/my/").status_code == 302


def test_the_demonstration_offers_its_own_accounts_in_one_tap_and_no_others(account_of, settings):
    account_of("caseworker")
    account_of("leader")
    Account.objects.create_account(
        username="zhangxiulan", display_name="张秀兰", password="demo", kind="resident", subject_key="7"
    )
    Account.objects.create_account(
        username="a.real.person", display_name="某某", password="secret", kind="resident", subject_key="8"
    )
    page = Client().get("/login/").text
    for shown in ("经办人员", "县区领导", "张秀兰", "灵活就业，自己缴社保"):
        assert shown in page
    assert "a.real.person" not in page
    settings.DEMO = False
    assert "zhangxiulan" not in Client().get("/login/").text


def test_a_demonstration_button_opens_no_account_that_has_a_password_of_its_own(account_of):
    account = account_of("administrator")
    account.set_password("a password of its own")
    account.save()
    client = Client()
    assert client.post("/login/", {"username": "administrator", "password": "demo"}).status_code == 422


def test_an_officer_whose_post_has_ended_is_told_so_instead_of_running_in_circles(db):
    account = Account.objects.create_account(
        username="former", display_name="李敏", password="demo", kind="officer"
    )
    place_in_post(
        account=account,
        role="caseworker",
        division_code="3210",
        start=date(2023, 1, 1),
        until=date(2023, 6, 1),
    )
    client = Client()
    client.force_login(account)
    answer = client.get("/")
    assert answer.status_code == 403
    assert "今天没有在任岗位" in answer.text
