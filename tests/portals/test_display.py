"""Language, large type and high contrast: chosen by the visitor, kept in cookies, applied by the server."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import translation

from jiuye.portals.common.cases import clauses_of
from jiuye.portals.common.templatetags.jiuye import holder_names

pytestmark = pytest.mark.django_db


def test_pages_are_chinese_whatever_the_browser_prefers():
    page = Client(headers={"accept-language": "en-US,en"}).get("/login/")
    assert '<html lang="zh-hans"' in page.text
    assert page.headers["Content-Language"] == "zh-hans"


def test_the_language_switch_shows_the_page_in_english_and_back():
    client = Client()
    answer = client.post("/language/", {"language": "en", "next": "/login/"})
    assert answer.headers["Location"] == "/login/"
    page = client.get("/login/").text
    assert '<html lang="en"' in page
    assert "Log in" in page
    assert "Yangzhou" in page
    client.post("/language/", {"language": "zh-hans", "next": "/login/"})
    assert "登录" in client.get("/login/").text


def test_a_language_cookie_with_nonsense_means_chinese():
    client = Client()
    client.cookies["django_language"] = "xx-nonsense"
    assert '<html lang="zh-hans"' in client.get("/login/").text


@pytest.mark.parametrize(("name", "value"), [("size", "large"), ("contrast", "high")])
def test_a_display_preference_is_applied_by_the_server_on_the_next_page(name, value):
    client = Client()
    assert f'data-{name}="normal"' in client.get("/login/").text
    client.post("/display/", {"name": name, "value": value, "next": "/login/"})
    page = client.get("/login/").text
    assert f'data-{name}="{value}"' in page
    assert 'aria-pressed="true"' in page
    client.post("/display/", {"name": name, "value": "normal", "next": "/login/"})
    assert f'data-{name}="normal"' in client.get("/login/").text


def test_a_display_preference_that_is_not_offered_is_refused_and_not_kept():
    client = Client()
    answer = client.post("/display/", {"name": "size", "value": "huge"})
    assert answer.status_code == 400
    assert "没有这种显示方式" in answer.text
    assert "jiuye_size" not in client.cookies


def test_a_link_cannot_change_how_pages_look():
    assert Client().get("/display/?name=size&value=large").status_code == 405
    assert Client().get("/language/?language=en").status_code == 405


def test_who_holds_what_is_missing_is_named_in_the_language_of_the_page():
    """The engine and the records keep the Chinese name; a page in English would show it where the pack's is not looked up."""
    told = {"clauses": [{"id": "age", "missing": [{"label": "出生日期", "register": "公安人口信息"}]}]}
    with translation.override("zh-hans"):
        assert clauses_of(told)[0].holder == "公安人口信息"
    with translation.override("en"):
        assert clauses_of(told)[0].holder == "population register of the police"
        assert holder_names(["税务系统", "公安人口信息、学信网"]) == (
            "tax administration · population register of the police, national register of higher education (CHSI)"
        )
