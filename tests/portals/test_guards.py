"""Who may open what; what a reading request can never do; what an error page says."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import InternalError
from django.http import HttpResponse
from django.template import engines
from django.template.response import TemplateResponse
from django.test import Client, RequestFactory

from jiuye.config.settings_test import UndefinedTemplateVariableError
from jiuye.office.staff.models import Account
from jiuye.portals.common.actors import PUBLIC, NoActorError, actor, allowed
from jiuye.portals.common.middleware import POLICY
from jiuye.portals.common.views import errors

pytestmark = pytest.mark.django_db


@allowed(PUBLIC)
def writes(request):
    Account.objects.create_account(username="intruder", display_name="甲", password="x", kind="officer")
    return HttpResponse("written")


def test_a_get_request_cannot_write_even_where_its_view_tries():
    with pytest.raises(InternalError, match="read-only"):
        writes(RequestFactory().get("/"))
    assert not Account.objects.filter(username="intruder").exists()


def test_a_post_request_to_the_same_view_may_write():
    assert writes(RequestFactory().post("/")).content == b"written"
    assert Account.objects.filter(username="intruder").exists()


def test_a_template_that_is_rendered_late_still_reads_inside_the_read_only_transaction(monkeypatch):
    rendered = []
    template = engines["django"].from_string("{{ late }}")

    @allowed(PUBLIC)
    def view(request):
        response = TemplateResponse(request, template, {"late": "now"})
        response.add_post_render_callback(lambda one: rendered.append(one.content))
        return response

    view(RequestFactory().get("/"))
    assert rendered == [b"now"]


def test_a_role_that_may_not_open_a_page_is_told_which_role_may(client_of):
    answer = client_of("resident").get("/desk/")
    assert answer.status_code == 403
    assert "没有权限" in answer.text
    assert "经办人员" in answer.text
    assert "系统管理员" in answer.text


def test_a_refusal_is_in_the_language_of_the_visitor(client_of):
    client = client_of("resident")
    client.cookies["django_language"] = "en"
    answer = client.get("/desk/")
    assert answer.status_code == 403
    assert "Case worker" in answer.text
    assert "经办" not in answer.text


def test_a_refusal_inside_an_htmx_request_is_a_toast_and_swaps_nothing(client_of):
    answer = client_of("resident").get("/desk/", headers={"hx-request": "true"})
    assert answer.status_code == 403
    assert answer.content == b""
    toast = json.loads(answer.headers["HX-Trigger"])["jiuye:toast"]
    assert toast["kind"] == "bad"
    assert "经办人员" in toast["text"]


def test_a_visitor_inside_an_htmx_request_is_sent_to_log_in_and_back():
    answer = Client().get(
        "/desk/", headers={"hx-request": "true", "hx-current-url": "http://testserver/desk/?page=2"}
    )
    assert answer.headers["HX-Redirect"] == "/login/?next=%2Fdesk%2F%3Fpage%3D2"


def test_asking_for_the_actor_of_a_visitor_names_the_missing_guard():
    request = RequestFactory().get("/somewhere/")
    request.user = AnonymousUser()
    with pytest.raises(NoActorError, match="@allowed"):
        actor(request)


@pytest.mark.urls("tests.portals.probes")
def test_the_frame_asks_the_database_for_nothing_but_session_account_and_posts(
    client_of, django_assert_num_queries
):
    client = client_of("caseworker")
    client.get("/probe/quiet/")  # the city's name is read from the pack once a process
    # Session, account, posts; and the reading transaction: its savepoint, its mode with the scope of rows, its end (a savepoint's
    # takes two statements, a transaction's one).
    with django_assert_num_queries(7):
        assert client.get("/probe/quiet/").status_code == 200


def test_every_answer_carries_the_strict_content_security_policy(client_of):
    for address in ("/login/", "/nowhere/", "/desk/"):
        policy = Client().get(address).headers["Content-Security-Policy"]
        assert policy == POLICY
    assert "unsafe" not in POLICY
    assert "http" not in POLICY


def test_no_page_of_the_frame_holds_an_inline_script_style_or_handler(client_of):
    client = client_of("caseworker")
    for address in ("/login/", "/desk/", "/gallery/", "/nowhere/"):
        page = client.get(address).text
        assert "<style" not in page
        assert " style=" not in page
        assert "<script>" not in page
        for handler in ("onclick=", "onsubmit=", "onchange=", "onload=", "javascript:"):
            assert handler not in page


def test_an_unknown_address_says_so_and_leads_home():
    answer = Client().get("/nowhere/")
    assert answer.status_code == 404
    assert "没有这个页面" in answer.text
    assert 'href="/"' in answer.text


def test_a_form_without_its_token_is_refused_and_explained():
    answer = Client(enforce_csrf_checks=True).post("/login/", {"username": "a", "password": "b"})
    assert answer.status_code == 403
    assert "页面已过期" in answer.text


def test_the_page_of_a_failure_needs_neither_database_nor_context(django_assert_num_queries):
    request = RequestFactory().get("/")
    with django_assert_num_queries(0):
        answer = errors.server_error(request)
    assert answer.status_code == 500
    assert "系统出错了" in answer.text
    assert "12333" in answer.text


@pytest.mark.urls("tests.portals.probes")
def test_an_operation_that_refuses_ends_in_the_same_page(client_of):
    answer = client_of("leader").get("/probe/refused/")
    assert answer.status_code == 403
    assert "资金支付人员" in answer.text
    assert "在这个区划" in answer.text


def test_an_undefined_template_variable_fails_instead_of_leaving_an_empty_place():
    template = engines["django"].from_string("{{ nobody.gave.this }}")
    with pytest.raises(UndefinedTemplateVariableError, match=r"nobody\.gave\.this"):
        template.render({})


def test_the_gallery_exists_only_on_a_demonstration_or_a_development_installation(settings):
    import importlib

    from jiuye.config import urls

    try:
        for debug, demo, there in ((False, True, True), (True, False, True), (False, False, False)):
            settings.DEBUG, settings.DEMO = debug, demo
            addresses = [str(one.pattern) for one in importlib.reload(urls).urlpatterns]
            assert ("gallery/" in addresses) is there
    finally:
        settings.DEBUG, settings.DEMO = False, True
        importlib.reload(urls)
