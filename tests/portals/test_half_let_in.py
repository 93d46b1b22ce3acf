"""Whoever has given the password and not yet the code is let in by what still stands when the code is given; rights are those of each click."""

# ruff: noqa: F811 (fixtures of other files, by name)
from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from jiuye.office.staff.keeping_accounts import decide_release, give_password, shut_account, untie_identity
from jiuye.office.staff.models import FactorRelease, OutsideIdentity, Post, SignIn
from jiuye.office.staff.operations import end_post
from jiuye.office.staff.queries import actor_for
from tests.portals.test_logging_in import NOON, clock, code_of, enrol, log_in  # noqa: F401 (a fixture by name)
from tests.portals.test_sign_on import government, out_and_back  # noqa: F401 (a fixture by name)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _installation(settings):
    settings.DEMO = False
    settings.OFFICE_DATE = NOON.date().isoformat()


@pytest.fixture
def enrolled(account_of, clock):
    account = account_of("caseworker")
    client = Client()
    log_in(client, "caseworker")
    enrol(client, account, clock.at)
    clock.at += timedelta(minutes=5)
    return account


@pytest.fixture
def administrator(account_of):
    return actor_for(account_of("administrator"), on=NOON.date())


def half_in() -> Client:
    client = Client()
    assert log_in(client, "caseworker")["Location"] == "/login/code/"
    return client


def by(administrator, account) -> dict:
    return {
        "actor": administrator,
        "account_id": account.pk,
        "because": "本人来电",
        "on": NOON.date(),
        "at": NOON,
    }


def refused(client: Client, account, at) -> bool:
    """Sent back to begin anew with the sentence, and not in."""
    before = SignIn.objects.count()
    answer = client.post("/login/code/", {"code": code_of(account, at)})
    assert (answer.status_code, answer["Location"]) == (302, "/login/")
    assert "登录没有完成" in client.get("/login/").text
    return client.get("/desk/").status_code == 302 and SignIn.objects.count() == before


def test_a_password_that_was_reset_meanwhile_lets_nobody_in_by_the_code_alone(enrolled, administrator, clock):
    client = half_in()
    give_password(**by(administrator, enrolled))
    assert refused(client, enrolled, clock.at)


def test_an_account_that_was_shut_meanwhile_lets_nobody_in_and_lists_no_session(
    enrolled, administrator, clock
):
    client = half_in()
    shut_account(**by(administrator, enrolled))
    assert refused(client, enrolled, clock.at)


def test_a_password_that_its_owner_changed_meanwhile_ends_the_half_log_in_of_whoever_knew_the_old_one(
    enrolled,
    clock,
):
    client = half_in()
    enrolled.set_password("a new one, long enough 2025")
    enrolled.save(update_fields=["password"])
    assert refused(client, enrolled, clock.at)


def test_who_was_tied_to_the_account_is_not_let_in_by_the_code_after_it_was_untied(
    government,
    account_of,
    administrator,
    clock,
):
    account = account_of("caseworker")
    client = Client()
    client.get(out_and_back(client))
    enrol(client, account, clock.at)
    assert OutsideIdentity.objects.get().account_id == account.pk
    clock.at += timedelta(minutes=5)
    again = Client()
    assert again.get(out_and_back(again))["Location"] == "/login/code/"
    untie_identity(**by(administrator, account))
    assert refused(again, account, clock.at)
    assert not OutsideIdentity.objects.exists()
    # Begun anew, the person of that name is tied again: everything was given.
    third = Client()
    third.get(out_and_back(third))
    assert third.post("/login/code/", {"code": code_of(account, clock.at)})["Location"] == "/desk/"


def test_a_factor_that_was_taken_off_meanwhile_leaves_the_half_log_in_without_a_way_in(
    enrolled,
    administrator,
    account_of,
    clock,
):
    client, code = half_in(), code_of(enrolled, clock.at)
    release = FactorRelease.objects.create(
        account=enrolled, because="手机丢了", asked_by=account_of("city_office"), asked_at=NOON
    )
    decide_release(actor=administrator, release_id=release.pk, free=True, on=NOON.date(), at=NOON)
    answer = client.post("/login/code/", {"code": code})
    assert answer.status_code in (302, 422)
    assert client.get("/desk/").status_code == 302


def test_a_post_that_ended_while_the_code_was_awaited_gives_no_rights(enrolled, administrator, clock):
    client = half_in()
    end_post(actor=administrator, post=Post.objects.get(account=enrolled), until=NOON.date(), at=NOON)
    client.post("/login/code/", {"code": code_of(enrolled, clock.at)})
    assert client.get("/desk/").status_code == 403


def test_a_session_under_way_has_no_rights_from_the_next_click_on_once_its_post_has_ended(
    enrolled,
    administrator,
    clock,
):
    client = half_in()
    client.post("/login/code/", {"code": code_of(enrolled, clock.at)})
    assert client.get("/desk/").status_code == 200
    assert client.get("/desk/people/").status_code == 200
    end_post(actor=administrator, post=Post.objects.get(account=enrolled), until=NOON.date(), at=NOON)
    for address in ("/desk/", "/desk/people/", "/desk/cases/"):
        assert client.get(address).status_code == 403, address
    assert client.post("/desk/people/1/reveal/", {"purpose": "看看"}).status_code in (403, 404)
    assert client.get("/").status_code == 403
