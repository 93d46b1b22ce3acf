"""Accounts from the first log-in on: the one-time password, the administrators' pages, and what their owner sees of it."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import pytest
from django.test import Client

from jiuye.office.staff import second_factor
from jiuye.office.staff.models import (
    Account,
    AccountAct,
    FactorRelease,
    OutsideIdentity,
    SecondFactor,
    SignIn,
)
from jiuye.office.staff.operations import place_in_post
from jiuye.office.staff.signing_on import tie
from jiuye.portals.common import actors, middleware
from jiuye.portals.common.actors import CHINA
from jiuye.portals.common.views import account as account_views
from jiuye.portals.common.views import accounts as accounts_views
from jiuye.portals.common.views import session as session_views
from tests.office.places import make_divisions

pytestmark = pytest.mark.django_db
NOON = datetime(2025, 6, 10, 12, 0, tzinfo=CHINA)
ACCOUNTS, PASSWORD = "/desk/staff/accounts/", "/account/password/"
NEW = {"username": "zhaoli", "display_name": "赵莉", "division_code": "321002", "because": "新入职"}
OWN = "Kuaile-2025x"


@pytest.fixture(autouse=True)
def clock(monkeypatch, settings):
    """The real moment, as the test sets it; two counties to be an officer of."""
    settings.OFFICE_DATE = "2025-06-10"
    make_divisions()

    class Clock:
        at = NOON

        def __call__(self) -> datetime:
            return self.at

    one = Clock()
    for module in (actors, session_views, account_views, accounts_views, middleware):
        monkeypatch.setattr(module, "clock", one)
    return one


def officer(name: str, role: str, place: str = "321002") -> Account:
    account = Account.objects.create_account(username=name, display_name=name, password="x", kind="officer")
    place_in_post(account=account, role=role, division_code=place, start=date(2023, 1, 1), until=None)
    return account


def as_(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


def password_on(page) -> str:
    found = re.search(r"<b>(\S{4}-\S{4}-\S{4})</b>", page.text)
    assert found is not None, page.text[-3000:]
    assert "no-store" in page.headers["Cache-Control"]
    return found.group(1)


def log_in(name: str, password: str) -> tuple[Client, str]:
    client = Client()
    answer = client.post("/login/", {"username": name, "password": password})
    return client, answer.headers.get("Location", answer.text)


def change_password(client: Client, old: str, new: str):
    return client.post(PASSWORD, {"old_password": old, "new_password1": new, "new_password2": new})


def test_an_administrator_unties_an_account_from_the_single_sign_on_with_a_reason_and_its_sessions_end(
    client_of,
):
    mine = officer("zhaoli", "caseworker")
    administrator, page = client_of("administrator"), f"{ACCOUNTS}{mine.pk}/"
    assert "没有绑定" in administrator.get(page).text
    assert administrator.post(f"{page}untie/", {"because": "换了人"}).status_code == 422
    tie(account_id=mine.pk, issuer="https://id.example.cn", subject="P-1", at=NOON)
    signed_on = Client()
    log_in_here = {"username": "zhaoli", "password": "x"}
    signed_on.post("/login/", log_in_here)
    assert signed_on.get("/desk/").status_code == 200
    assert "编号 P-1" in administrator.get(page).text
    assert administrator.post(f"{page}untie/", {"because": " "}).status_code == 422
    done = administrator.post(f"{page}untie/", {"because": "登录名换了人"}, follow=True).text
    assert "绑定已解除" in done
    assert not OutsideIdentity.objects.exists()
    assert signed_on.get("/desk/").status_code == 302
    act = AccountAct.objects.get(account=mine, act="untied")
    assert (act.because, act.by.username) == ("登录名换了人", "administrator")
    tie(account_id=mine.pk, issuer="https://id.example.cn", subject="P-2", at=NOON)


def test_nobody_unties_their_own_account_nor_one_of_another_county(client_of):
    mine = Account.objects.get(username=client_of("administrator").get("/").wsgi_request.user.username)
    elsewhere = officer("elsewhere", "administrator", "321003")
    stranger = officer("zhaoli", "caseworker")
    for account in (mine, stranger):
        tie(account_id=account.pk, issuer="https://id.example.cn", subject=account.username, at=NOON)
    as_(elsewhere).post(f"{ACCOUNTS}{stranger.pk}/untie/", {"because": "试试"})
    as_(mine).post(f"{ACCOUNTS}{mine.pk}/untie/", {"because": "试试"})
    assert OutsideIdentity.objects.count() == 2


def test_an_officer_is_given_an_account_and_sets_a_password_before_anything_else(client_of):
    administrator = client_of("administrator")
    once = password_on(administrator.post(f"{ACCOUNTS}open/", NEW))
    assert once not in administrator.get(ACCOUNTS).text
    client, onward = log_in("zhaoli", once)
    assert onward == "/"
    for page in ("/", "/account/", "/desk/", "/account/second-factor/"):
        assert client.get(page).headers["Location"] == PASSWORD
    assert "一次性密码登录" in client.get(PASSWORD).text
    assert "别人也知道" in change_password(client, once, once).text
    assert change_password(client, once, OWN).status_code == 302
    page = client.get("/account/").text
    assert "开设账号" in page
    assert "新入职" in page, "who it is about reads what was done to the account, and why"
    again, onward = log_in("zhaoli", OWN)
    assert again.get("/account/").status_code == 200
    assert "登录名或密码不对" in log_in("zhaoli", once)[1]


def test_a_one_time_password_is_over_after_its_hours(client_of, clock):
    once = password_on(client_of("administrator").post(f"{ACCOUNTS}open/", NEW))
    clock.at = NOON + timedelta(hours=72)
    assert "一次性密码已过期" in log_in("zhaoli", once)[1]
    clock.at -= timedelta(seconds=1)
    assert log_in("zhaoli", once)[1] == "/"


def test_who_approves_changes_the_password_first_and_then_enrols(settings, client_of):
    settings.DEMO = False
    account = officer("approver2", "approver")
    administrator = client_of("administrator")
    once = password_on(administrator.post(f"{ACCOUNTS}{account.pk}/password/", {"because": "当面核实"}))
    client, _ = log_in("approver2", once)
    assert client.get("/desk/").headers["Location"] == PASSWORD
    change_password(client, once, OWN)
    assert client.get("/desk/").headers["Location"] == "/account/second-factor/"


def test_what_is_wrong_with_a_new_account_is_said_at_its_field_and_nothing_is_lost(client_of):
    client = client_of("administrator")
    answer = client.post(f"{ACCOUNTS}open/", {**NEW, "username": "administrator"})
    assert answer.status_code == 422
    assert "已经有人用" in answer.text
    assert 'value="赵莉"' in answer.text
    assert 'value="新入职"' in answer.text


def test_a_shut_account_is_out_at_once_and_opened_again_with_a_new_password(client_of):
    account = officer("caseworker2", "caseworker")
    inside, _ = log_in("caseworker2", "x")
    administrator = client_of("administrator")
    page = administrator.post(f"{ACCOUNTS}{account.pk}/shut/", {"because": "调离"}, follow=True)
    assert "账号已停用" in page.text
    assert "/login/" in inside.get("/desk/").headers["Location"]
    assert SignIn.objects.get().ended_at == NOON
    assert "caseworker2" not in administrator.get(ACCOUNTS).text
    assert "caseworker2" in administrator.get(f"{ACCOUNTS}?shut=1").text
    once = password_on(administrator.post(f"{ACCOUNTS}{account.pk}/reopen/", {"because": "调回"}))
    assert log_in("caseworker2", once)[1] == "/"
    assert "登录名或密码不对" in log_in("caseworker2", "x")[1]


def test_a_lost_device_takes_two_administrators(client_of):
    account = officer("approver2", "approver")
    second_factor.begin(account=account)
    SecondFactor.objects.update(confirmed_at=NOON)
    one, two = client_of("administrator"), as_(officer("second", "administrator", "3210"))
    one.post(f"{ACCOUNTS}{account.pk}/release/", {"because": "手机丢了"})
    release = FactorRelease.objects.get()
    decide = f"{ACCOUNTS}{account.pk}/release/{release.pk}/"
    assert "手机丢了" in two.get(ACCOUNTS).text
    assert f'action="{decide}"' not in one.get(f"{ACCOUNTS}{account.pk}/").text
    assert "是您提出的" in one.post(decide, {"free": "yes"}, follow=True).text
    assert second_factor.is_enrolled(account.pk)
    assert f'action="{decide}"' in two.get(f"{ACCOUNTS}{account.pk}/").text
    assert "已解除" in two.post(decide, {"free": "yes"}, follow=True).text
    assert not second_factor.is_enrolled(account.pk)


def test_a_county_sees_and_keeps_its_own_accounts_only(client_of):
    county = as_(officer("county", "administrator", "321002"))
    here, there = officer("here", "leader", "321002001"), officer("there", "leader", "321003")
    page = county.get(ACCOUNTS).text
    assert "here" in page
    assert "县区领导 · 东关街道" in page
    assert "there" not in page
    assert county.get(f"{ACCOUNTS}{here.pk}/").status_code == 200
    for address in ("", "password/", "shut/", "release/"):
        ask = county.post if address else county.get
        assert ask(f"{ACCOUNTS}{there.pk}/{address}", {"because": "x"} if address else {}).status_code == 404
    assert county.post(f"{ACCOUNTS}open/", {**NEW, "division_code": "321003"}).status_code == 422
    assert not AccountAct.objects.exists()


def test_accounts_are_found_by_name(client_of):
    officer("here", "leader")
    client = client_of("administrator")
    assert "here" in client.get(f"{ACCOUNTS}?q=her").text
    assert "没有账号" in client.get(f"{ACCOUNTS}?q=nobody").text


def test_an_account_of_which_nothing_was_recorded_still_says_what_the_empty_list_is_of():
    kept = officer("quiet", "caseworker")
    page = as_(officer("administrator", "administrator", "3210")).get(f"{ACCOUNTS}{kept.pk}/").text
    for heading in ('<h2 id="posts">岗位</h2>', '<h2 id="history">账号办理记录</h2>'):
        assert heading in page
    assert "没有记录" in page
