"""A NUL, half of a pair, or bytes that are no text, anywhere in a request: refused in words, once for all, and nothing typed is lost."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from django.urls import reverse

from jiuye.office.staff.models import FailedLogIn, LookRecord

pytestmark = pytest.mark.django_db
HERE = {"Origin": "http://testserver", "Referer": "http://testserver/desk/people/"}
WHY = "系统不能保存的字符"


def test_a_log_in_name_with_a_nul_comes_back_in_its_form_and_nobody_is_looked_up():
    answer = Client().post("/login/", {"username": "zhang\x00xiulan", "password": "demo"})
    assert answer.status_code == 422
    assert WHY in answer.text
    assert 'value="zhang\ufffdxiulan"' in answer.text
    assert "demo" not in answer.text.split('name="password"')[1].split(">")[0]
    assert not FailedLogIn.objects.exists()


def test_what_is_shown_for_such_a_character_is_refused_again_when_it_is_sent_again():
    answer = Client().post("/login/", {"username": "zhang\ufffdxiulan", "password": "demo"})
    assert answer.status_code == 422
    assert WHY in answer.text


@pytest.mark.parametrize("sent", ["%00", "%FF%FE", "%ED%A0%80"], ids=["NUL", "no text", "half a pair"])
@pytest.mark.parametrize(
    "address",
    ["/desk/people/?q=", "/desk/things/?q=", "/desk/gap/?division=", "/notice/?county=", "/none/?q="],
)
def test_no_address_takes_such_a_query_and_what_was_looked_for_is_given_back(client_of, address, sent):
    answer = client_of("caseworker").get(f"{address}张秀兰{sent}", headers=HERE)
    assert answer.status_code == 400
    assert WHY in answer.text
    assert "<blockquote" in answer.text
    assert "张秀兰\ufffd" in answer.text
    assert 'href="/desk/people/"' in answer.text


def test_an_id_number_in_such_a_query_is_not_shown_again(client_of):
    answer = client_of("caseworker").get("/desk/people/?q=321003199001011234%00")
    assert answer.status_code == 400
    assert "321003199001011234" not in answer.text.split("<main")[1]


@pytest.mark.parametrize("address", ["/static/a%00b", "/desk/found/a%00b/", "/nowhere/a%00b/"])
def test_an_address_with_a_nul_is_no_address(client_of, address):
    answer = client_of("caseworker").get(address)
    assert answer.status_code in (400, 404)
    answer = client_of("resident").post(address, {"q": "1"})
    assert answer.status_code in (400, 404, 405)


def test_a_form_that_no_page_has_any_more_gives_its_words_back(client_of):
    answer = client_of("caseworker").post(
        "/desk/people/1/reveal/", {"purpose": "核对\x00来信", "field": "phone"}, headers=HERE
    )
    assert answer.status_code == 422
    assert WHY in answer.text
    assert '<blockquote class="given">核对\ufffd来信</blockquote>' in answer.text
    assert "data-again" not in answer.text
    assert not LookRecord.objects.exists()


def test_a_field_whose_name_holds_a_nul_is_refused_as_well(client_of):
    answer = client_of("caseworker").post("/desk/people/1/reveal/", {"pur\x00pose": "核对来信"}, headers=HERE)
    assert answer.status_code == 422
    assert "核对来信" in answer.text


def test_an_own_form_comes_back_on_its_own_page(client_of):
    client = client_of("caseworker")
    page = {"Origin": "http://testserver", "Referer": f"http://testserver{reverse('desk:away')}"}
    answer = client.post(reverse("desk:away_declare"), {"start": "出差\x00两天"}, headers=page)
    assert answer.status_code == 422
    assert "data-again" not in answer.text
    assert "出差\ufffd两天" in answer.text
    assert 'class="errorlist"' in answer.text
    assert "no-store" in answer.headers["Cache-Control"]


def test_asked_by_htmx_the_page_keeps_what_was_typed_and_a_toast_says_why(client_of):
    headers = {**HERE, "hx-request": "true"}
    answer = client_of("caseworker").post("/desk/people/1/reveal/", {"purpose": "核\x00对"}, headers=headers)
    assert answer.status_code == 422
    assert WHY in json.loads(answer.headers["HX-Trigger"])["jiuye:toast"]["text"]


def test_what_another_site_posts_is_not_given_back(account_of):
    client = Client(enforce_csrf_checks=True)
    client.force_login(account_of("caseworker"))
    typed = {"purpose": "没有人写过的\x00话"}
    for address in ("/desk/people/1/reveal/", "/desk/people/1/reveal/?q=%00"):
        answer = client.post(address, typed, headers={"Origin": "https://evil.example"})
        assert answer.status_code in (400, 403)
        assert "没有人写过" not in answer.text


def test_a_cookie_with_a_nul_is_dropped_and_the_page_that_says_so_stands():
    client = Client()
    client.cookies.load('sessionid="ab\\000cd1234567890"')
    answer = client.get("/desk/people/")
    assert answer.status_code == 400
    assert "Cookie" in answer.text
    assert answer.cookies["sessionid"]["max-age"] == 0


def test_a_page_named_by_the_browser_with_a_nul_in_it_is_not_drawn(client_of):
    page = {"Origin": "http://testserver", "Referer": "http://testserver/desk/people/?q=%00"}
    answer = client_of("caseworker").post("/desk/people/1/reveal/", {"purpose": "字\x00"}, headers=page)
    assert answer.status_code == 422
