"""Residents and firms over the government's single sign-on: whose account their vouched number opens, and whose it never opens."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlsplit

import pytest
import requests
from django.test import Client
from django.urls import reverse

from jiuye.exchange.sign_on.pretend import PretendProvider
from jiuye.office.messages.models import Message
from jiuye.office.staff.models import Account, AccountAct, OutsideIdentity, RefusedSignOn
from tests.office.casework.conftest import (  # noqa: F401 (fixtures by name)
    DAY,
    _pack,
    caseworker,
    divisions,
    employer,
    person,
)

pytestmark = pytest.mark.django_db
ZHANG = {"name": "张秀兰", "id_number": "321002197803050029", "acr": "real"}


@pytest.fixture
def public(settings):
    """A provider of residents and firms, and none of officers."""
    settings.OFFICE_DATE = DAY.isoformat()
    with PretendProvider(client="jiuye-public", secret="other") as running:
        settings.PUBLIC_SIGN_ON_ISSUER, settings.PUBLIC_SIGN_ON_LEVELS = running.issuer, "real, face"
        settings.PUBLIC_SIGN_ON_CLIENT, settings.PUBLIC_SIGN_ON_SECRET = "jiuye-public", "other"
        running.behaviour.claims = dict(ZHANG)
        yield running


def came(client: Client, onward: str = "/my/"):
    gone = client.get("/login/public/", {"next": onward})
    answer = requests.get(gone["Location"], allow_redirects=False, timeout=5)
    parts = urlsplit(answer.headers["Location"])
    return client.get(f"{parts.path}?{parts.query}")


def refused(client: Client) -> str:
    answer = came(client)
    assert (answer.status_code, answer["Location"]) == (302, "/login/")
    assert client.get("/account/").status_code == 302
    return client.get("/login/").text


def test_the_first_sign_on_opens_the_residents_account_and_the_second_finds_it(public, person):  # noqa: F811
    client = Client()
    assert "居民、单位用统一身份认证登录" in client.get("/login/").text
    assert came(client)["Location"] == "/my/"
    account = Account.objects.get()
    assert (account.kind, account.subject_key, account.display_name) == ("resident", str(person.pk), "张秀兰")
    assert not account.has_usable_password()
    act = AccountAct.objects.get()
    assert (act.act, act.by_id) == ("vouched", None)
    assert "统一身份认证核验了身份证号和姓名" in client.get("/account/").text
    assert "经统一身份认证开通了您的账号" in Message.objects.get().body
    assert ZHANG["id_number"] not in account.username
    assert "张秀兰" in client.get("/my/", follow=True).text
    assert came(Client())["Location"] == "/my/"
    assert Account.objects.count() == 1


def test_the_account_that_a_counter_opened_is_the_one_that_is_found(public, person):  # noqa: F811
    Account.objects.create_account(
        username="zhangxl", display_name="张秀兰", password="x", kind="resident", subject_key=str(person.pk)
    )
    assert came(Client())["Location"] == "/my/"
    assert Account.objects.count() == 1


def test_a_number_that_nobody_on_record_has_opens_nothing_and_says_where_to_register(public, person):  # noqa: F811
    for number in ("321002199001021234", "321002198801010049", "abc"):
        public.behaviour.claims["id_number"] = number
        assert "请带身份证到常住地的街道（社区）服务窗口登记" in refused(Client())
    assert not Account.objects.exists()


def test_another_name_than_the_one_on_record_is_refused_and_seen_at_the_counter(public, person, caseworker):  # noqa: F811
    public.behaviour.claims["name"] = "张秀英"
    assert "姓名与登记的不一致" in refused(Client())
    assert not Account.objects.filter(kind="resident").exists()
    kept = RefusedSignOn.objects.get()
    assert (kept.kind, kept.subject_key, kept.reason) == ("resident", str(person.pk), "name")
    counter = Client()
    counter.force_login(Account.objects.get(pk=caseworker.account_id))
    page = counter.get(reverse("desk:person_own", args=[person.pk])).text
    assert "统一身份认证登录没有通过" in page
    assert "姓名与登记的不一致" in page


@pytest.mark.parametrize("name", ["买买提·艾力", "买买提•艾力", " 买买提．艾力 "])
def test_the_dot_in_a_name_is_written_in_several_ways(public, person, name):  # noqa: F811
    person.name = "买买提·艾力"
    person.save()
    public.behaviour.claims["name"] = name
    assert came(Client())["Location"] == "/my/"


def test_who_has_died_is_refused_with_an_account_and_without(public, person):  # noqa: F811
    person.death_date = date(2025, 6, 1)
    person.save()
    assert "登记显示已经去世" in refused(Client())
    assert RefusedSignOn.objects.get().reason == "gone"
    assert not Account.objects.exists()


def test_a_shut_account_stays_shut(public, person):  # noqa: F811
    came(Client())
    Account.objects.update(is_active=False)
    assert "账号已停用" in refused(Client())
    assert RefusedSignOn.objects.get().reason == "shut"


def test_a_level_of_assurance_that_is_not_taken_lets_nobody_in(public, person, settings):  # noqa: F811
    for level in ("phone", ""):
        public.behaviour.claims["acr"] = level
        assert "实名等级" in refused(Client())
    assert not Account.objects.exists()
    settings.PUBLIC_SIGN_ON_LEVELS = " "
    client = Client()
    assert client.get("/login/public/")["Location"] == "/login/"
    assert "JIUYE_PUBLIC_SIGN_ON_LEVELS" in client.get("/login/").text


def test_a_provider_that_tells_no_number_or_no_name_lets_nobody_in(public, person):  # noqa: F811
    for claim in ("id_number", "name"):
        public.behaviour.claims = ZHANG | {claim: None}
        assert "没有给出姓名和身份证号" in refused(Client())
    assert not Account.objects.exists()


def test_claims_are_read_under_the_names_in_the_settings(public, person, settings):  # noqa: F811
    settings.PUBLIC_SIGN_ON_NAME, settings.PUBLIC_SIGN_ON_ID_NUMBER = "real_name", "cert_no"
    settings.PUBLIC_SIGN_ON_LEVEL = "loa"
    public.behaviour.claims = {"real_name": "张秀兰", "cert_no": ZHANG["id_number"], "loa": "face"}
    assert came(Client())["Location"] == "/my/"


def test_a_firm_comes_by_its_credit_code_and_whom_it_authorised_is_kept(public, person, employer):  # noqa: F811
    public.behaviour.claims = ZHANG | {"credit_code": employer.credit_code.lower()}
    client = Client()
    assert came(client)["Location"] == "/my/"
    account = Account.objects.get()
    assert (account.kind, account.subject_key) == ("employer", str(employer.pk))
    assert AccountAct.objects.get().because == "统一身份认证核验了信用代码，经办人张秀兰"
    # The same person for themselves: another account, and neither stands in the other's way.
    public.behaviour.claims = dict(ZHANG)
    assert came(Client())["Location"] == "/my/"
    assert Account.objects.filter(kind="resident", subject_key=str(person.pk)).exists()
    assert not OutsideIdentity.objects.exists()


def test_a_firm_that_is_not_on_record_or_struck_off_is_let_in_by_nobody(public, employer):  # noqa: F811
    public.behaviour.claims = ZHANG | {"credit_code": "91321002MA00000000"}
    assert "请带营业执照到单位所在地的服务窗口登记" in refused(Client())
    employer.closed_on = date(2025, 1, 1)
    employer.save()
    public.behaviour.claims = ZHANG | {"credit_code": employer.credit_code}
    assert "登记显示已经去世（注销）" in refused(Client())
    assert not Account.objects.exists()


def test_no_officer_is_let_in_or_made_by_it(public, caseworker, divisions):  # noqa: F811
    public.behaviour.name = "王经办"
    public.behaviour.claims = ZHANG | {"name": "王经办"}
    assert "没有登记过这个身份证号" in refused(Client())
    assert Account.objects.count() == 1


def test_the_officers_sign_on_opens_no_residents_account_of_that_name(settings, person):  # noqa: F811
    Account.objects.create_account(
        username="caseworker", display_name="张", password="x", kind="resident", subject_key=str(person.pk)
    )
    with PretendProvider() as officers:
        settings.SIGN_ON_ISSUER = officers.issuer
        settings.SIGN_ON_CLIENT, settings.SIGN_ON_SECRET = "jiuye", "pretend"
        client = Client()
        gone = client.get("/login/government/")
        back = urlsplit(requests.get(gone["Location"], allow_redirects=False, timeout=5).headers["Location"])
        assert client.get(f"{back.path}?{back.query}")["Location"] == "/login/"
    assert "在本系统没有可用的账号" in client.get("/login/").text
    assert not OutsideIdentity.objects.exists()


def test_an_answer_for_officers_is_not_taken_for_the_public(public, person, settings):  # noqa: F811
    settings.SIGN_ON_ISSUER = public.issuer
    settings.SIGN_ON_CLIENT, settings.SIGN_ON_SECRET = "jiuye-public", "other"
    client = Client()
    gone = client.get("/login/government/")
    back = urlsplit(requests.get(gone["Location"], allow_redirects=False, timeout=5).headers["Location"])
    answer = client.get(f"/login/public/back/?{back.query}")
    assert answer["Location"] == "/login/"
    assert "不属于这次登录" in client.get("/login/").text


def test_signing_out_ends_the_session_at_the_providers_of_the_public(public, person):  # noqa: F811
    client = Client()
    came(client)
    assert client.post("/logout/")["Location"] == "/logout/government/"
    assert f"{public.issuer}/end" in client.get("/logout/government/").text


def test_an_installation_without_it_offers_none(settings):
    settings.PUBLIC_SIGN_ON_ISSUER = ""
    assert "居民、单位用统一身份认证登录" not in Client().get("/login/").text
    assert Client().get("/login/public/").status_code == 404
