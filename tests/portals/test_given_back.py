"""A form that could not be taken at all gives back what was typed: the token was old, nobody was signed in any more, the right was gone."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.test import Client

from jiuye.engine.basis.identity import NUMBERS_OF_SOMEBODY
from jiuye.office.staff.models import Post
from jiuye.portals.common import actors, middleware
from jiuye.portals.common.given_back import LEFT_OUT

pytestmark = pytest.mark.django_db
HERE = {"Origin": "http://testserver", "Referer": "http://testserver/desk/cases/7/?tab=acts"}
WRITTEN = "缺二〇二五年四月的缴费凭证，请补来。"
ACT = "/desk/cases/7/acts/refuse/"


@pytest.fixture
def strict(account_of) -> Client:
    """A case worker's browser whose forms' tokens are checked."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(account_of("caseworker"))
    return client


def hidden(page: str) -> list[tuple[str, str]]:
    return re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"', page.split("data-again")[1])


def test_a_form_with_an_old_token_is_given_back_whole_and_can_be_sent_again(strict):
    answer = strict.post(
        ACT, {"csrfmiddlewaretoken": "old", "note": WRITTEN, "clause": "insured"}, headers=HERE
    )
    assert answer.status_code == 403
    assert "打开得太久" in answer.text
    assert f'<blockquote class="given">{WRITTEN}</blockquote>' in answer.text
    assert f'action="{ACT}"' in answer.text
    fields = dict(hidden(answer.text))
    assert (fields["note"], fields["clause"]) == (WRITTEN, "insured")
    assert "no-store" in answer.headers["Cache-Control"]
    again = strict.post(ACT, fields, headers=HERE)
    assert "打开得太久" not in again.text  # the fresh token is taken; the case does not exist here
    assert again.status_code == 404


def test_what_another_site_posts_is_not_given_back_and_cannot_be_sent_on(strict):
    for sent in ({"Origin": "https://evil.example"}, {"Referer": "https://evil.example/desk/"}, {}):
        answer = strict.post(ACT, {"note": WRITTEN}, headers=sent)
        assert answer.status_code == 403
        assert WRITTEN not in answer.text
        assert "data-again" not in answer.text


@pytest.mark.parametrize(
    ("typed", "secret"),
    [
        ({"old_password": "Vorher-und-nachher"}, "Vorher-und-nachher"),
        ({"code": "482913"}, "482913"),
        ({"phone": "0514 8234 567"}, "0514 8234 567"),
        ({"bank_account": "6222021234567890123"}, "6222021234567890123"),
        ({"said": "身份证 321003199001011234 看过原件"}, "321003199001011234"),
        ({"said": "打 138 1234 5678 找她"}, "138 1234 5678"),
        ({"said": "换到 6222 0212 3456 7890 123"}, "3456"),
    ],
)
def test_passwords_codes_and_protected_numbers_are_never_shown_again_nor_sent_on(strict, typed, secret):
    answer = strict.post(ACT, {"note": WRITTEN, **typed}, headers=HERE)
    assert WRITTEN in answer.text
    assert secret not in answer.text
    assert "不再显示" in answer.text
    assert "data-again" not in answer.text  # half of a form would be another form
    assert 'href="/desk/cases/7/?tab=acts"' in answer.text
    assert (LEFT_OUT in answer.text) == ("said" in typed)


def test_numbers_of_our_own_are_no_protected_ones():
    own = "办件 321003-20250609-000123，苏人社规〔2020〕2号，2025-06-09，20250609，1234567.89 元，0514-12333"
    assert NUMBERS_OF_SOMEBODY.search(own) is None


def test_a_session_that_ended_overnight_gives_the_words_back_and_they_are_sent_after_signing_in(
    account_of, monkeypatch
):
    account_of("caseworker")
    client = Client()
    client.post("/login/", {"username": "caseworker", "password": "demo"})
    late = actors.clock() + timedelta(hours=7)
    monkeypatch.setattr(middleware, "clock", lambda: late)
    answer = client.post(ACT, {"note": WRITTEN}, headers=HERE)
    monkeypatch.undo()
    assert answer.status_code == 403
    assert "您已经退出登录" in answer.text
    assert WRITTEN in answer.text
    assert 'href="/login/?next=%2Fdesk%2Fcases%2F7%2F%3Ftab%3Dacts"' in answer.text
    client.post("/login/", {"username": "caseworker", "password": "demo"})
    assert client.post(ACT, dict(hidden(answer.text)), headers=HERE).status_code == 404


def test_signed_in_again_in_another_window_the_old_token_is_renewed_for_the_form(account_of):
    account_of("caseworker")
    client = Client(enforce_csrf_checks=True)
    page = client.post(ACT, {"note": WRITTEN}, headers=HERE)
    assert "您已经退出登录" in page.text
    token = {"csrfmiddlewaretoken": client.get("/login/").context["csrf_token"]}
    client.post("/login/", {"username": "caseworker", "password": "demo", **dict(token)}, headers=HERE)
    stale = client.post(ACT, dict(hidden(page.text)), headers=HERE)
    assert "现在登录的是李敏" in stale.text
    assert client.post(ACT, dict(hidden(stale.text)), headers=HERE).status_code == 404


def test_a_form_without_anything_in_it_leads_to_the_login_page_as_ever():
    assert Client().post("/desk/cases/7/acts/accept/").headers["Location"] == "/login/?next=%2F"


def test_who_lost_the_right_meanwhile_is_told_and_gets_the_words_back(client_of):
    client = client_of("caseworker")
    Post.objects.update(void=True)
    answer = client.post(ACT, {"note": WRITTEN}, headers=HERE)
    assert answer.status_code == 403
    assert "没有权限" in answer.text
    assert WRITTEN in answer.text
    assert "data-again" not in answer.text  # it would be refused again


def test_what_is_gone_gives_the_words_back(client_of):
    answer = client_of("caseworker").post(ACT, {"note": WRITTEN}, headers=HERE)
    assert answer.status_code == 404
    assert WRITTEN in answer.text


def test_a_page_that_asks_by_htmx_keeps_what_is_typed_and_gets_a_fresh_token(strict):
    answer = strict.post(ACT, {"note": WRITTEN}, headers={**HERE, "hx-request": "true"})
    told = json.loads(answer.headers["HX-Trigger"])
    assert answer.content == b""
    assert "还在页面上" in told["jiuye:toast"]["text"]
    again = {**HERE, "hx-request": "true", "X-CSRFToken": told["jiuye:token"]}
    assert (
        strict.post(ACT, {"note": WRITTEN}, headers=again).status_code == 302
    )  # the case does not exist here


def test_a_visitor_who_asks_by_htmx_stays_on_the_page_that_holds_the_words():
    answer = Client().post(ACT, {"note": WRITTEN}, headers={"hx-request": "true"})
    assert "HX-Redirect" not in answer.headers
    assert "新窗口登录" in json.loads(answer.headers["HX-Trigger"])["jiuye:toast"]["text"]


def test_a_request_that_is_too_large_to_read_is_not_read_again(client_of, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    assert client_of("caseworker").post(ACT, {"note": WRITTEN}, headers=HERE).status_code in (400, 413)
