"""Officers' accounts: whose they are to keep, what each act leaves, and what one administrator alone cannot do."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.contrib.auth.password_validation import validate_password
from django.db import DatabaseError, IntegrityError, transaction

from jiuye.office.staff import accounts, second_factor
from jiuye.office.staff.keeping_accounts import (
    ONE_TIME_HOURS,
    AccountRefusedError,
    ask_release,
    decide_release,
    free_at_server,
    give_password,
    open_account,
    open_again,
    open_first_administrator,
    shut_account,
)
from jiuye.office.staff.logging_in import locked_until, note_failure
from jiuye.office.staff.models import Account, AccountAct, FactorRelease, SecondFactor
from jiuye.office.staff.operations import place_in_post
from jiuye.office.staff.queries import Actor, NotPermittedError, actor_for
from jiuye.office.staff.refusals import TooLongError
from jiuye.portals.common.actors import CHINA
from tests.office.places import make_divisions

pytestmark = pytest.mark.django_db
START, TODAY = date(2025, 1, 1), date(2025, 6, 10)
NOON = datetime(2025, 6, 10, 12, 0, tzinfo=CHINA)
WHEN = {"on": TODAY, "at": NOON}


def officer(name: str, role: str = "", place: str = "321002") -> Account:
    account = Account.objects.create_account(username=name, display_name=name, password="x", kind="officer")
    if role:
        place_in_post(account=account, role=role, division_code=place, start=START, until=None)
    return account


def acting(account: Account) -> Actor:
    return actor_for(account, on=TODAY)


def enrolled(account: Account) -> Account:
    second_factor.begin(account=account)
    SecondFactor.objects.filter(account=account).update(confirmed_at=NOON)
    return account


@pytest.fixture
def city() -> Actor:
    make_divisions()
    return acting(officer("city", "administrator", "3210"))


@pytest.fixture
def other() -> Actor:
    return acting(officer("other", "administrator", "3210"))


@pytest.fixture
def county(city) -> Actor:
    return acting(officer("county", "administrator", "321002"))


def opened(actor: Actor, **more) -> tuple[Account, str]:
    given = {"username": "zhaoli", "display_name": "赵莉", "division_code": "321002", "because": "新入职"}
    return open_account(actor=actor, **{**given, **more}, at=NOON)


def test_an_account_is_opened_without_a_post_with_a_password_by_the_rule_that_is_good_for_a_time(county):
    account, password = opened(county)
    validate_password(password, account)
    account.refresh_from_db()
    assert account.check_password(password)
    assert account.one_time_until == NOON + timedelta(hours=ONE_TIME_HOURS)
    assert not account.posts.exists()
    act = AccountAct.objects.get(account=account)
    assert (act.act, act.by_id, act.because) == ("opened", county.account_id, "新入职")
    assert password not in str(vars(account))


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"username": "Zhao Li"}, "登录名用 3 到 60 个"),
        ({"username": "zl"}, "登录名用 3 到 60 个"),
        ({"username": "city"}, "已经有人用"),
        ({"display_name": "  "}, "请写姓名"),
        ({"division_code": ""}, "没有写明所属区划"),
        ({"division_code": "321099"}, "没有“321099”"),
        ({"because": " "}, "请写明原因"),
    ],
)
def test_what_does_not_make_an_account_is_refused_in_words_and_leaves_nothing(city, more, words):
    before = Account.objects.count()
    with pytest.raises(AccountRefusedError, match=words):
        opened(city, **more)
    with pytest.raises(TooLongError):
        opened(city, because="长" * 201)
    assert Account.objects.count() == before


def test_a_county_opens_no_account_elsewhere(county):
    for place in ("321003", "3210"):
        with pytest.raises(NotPermittedError):
            opened(county, division_code=place)


ACTS = [
    lambda actor, pk: give_password(actor=actor, account_id=pk, because="忘了", **WHEN),
    lambda actor, pk: shut_account(actor=actor, account_id=pk, because="离职", **WHEN),
    lambda actor, pk: open_again(actor=actor, account_id=pk, because="回来", **WHEN),
    lambda actor, pk: ask_release(actor=actor, account_id=pk, because="手机丢了", **WHEN),
]


@pytest.mark.parametrize("act", ACTS)
def test_an_account_is_kept_by_whoever_manages_every_place_of_its_posts(county, act):
    """A county's administrator who could give the city's approver a password would be the city's approver."""
    approver = enrolled(officer("approver", "approver", "3210"))
    both = enrolled(officer("both", "leader", "321002"))
    place_in_post(account=both, role="leader", division_code="321003", start=date(2026, 1, 1), until=None)
    nowhere, resident = enrolled(officer("nowhere")), Account.objects.create_account(
        username="r", display_name="r", password="x", kind="resident", subject_key="1"
    )  # fmt: skip
    for account in (approver, both, nowhere):
        assert accounts.account_kept(county, account.pk, on=TODAY) is None
        with pytest.raises(NotPermittedError):
            act(county, account.pk)
    with pytest.raises(AccountRefusedError):
        act(county, resident.pk)
    with pytest.raises(AccountRefusedError, match="自己的账号"):
        act(county, county.account_id)
    assert not AccountAct.objects.exists()


def test_the_list_shows_exactly_the_accounts_that_may_be_kept(city, county):
    for name, place in (("here", "321002001"), ("there", "321003"), ("above", "3210")):
        officer(name, "leader", place)
    officer("nowhere")
    opened(county)
    assert [row.username for row in accounts.accounts_kept(county, on=TODAY)] == ["here", "zhaoli"]
    everyone = {row.username for row in accounts.accounts_kept(city, on=TODAY)}
    assert everyone == {"here", "there", "above", "nowhere", "county", "zhaoli"}
    for row in accounts.accounts_kept(city, on=TODAY):
        assert accounts.account_kept(city, row.pk, on=TODAY) == row


def test_a_given_password_takes_the_place_of_the_old_one_and_opens_the_shut_door(city):
    account = enrolled(officer("forgetful", "caseworker"))
    for _ in range(5):
        note_failure(username="forgetful", address="203.0.113.7", at=NOON)
    password = give_password(actor=city, account_id=account.pk, because="当面核实", **WHEN)
    account.refresh_from_db()
    assert account.check_password(password)
    assert not account.check_password("x")
    assert locked_until(username="forgetful", address="203.0.113.8", at=NOON) is None
    assert second_factor.is_enrolled(account.pk), "the second factor stays"


def test_a_shut_account_gets_no_password_until_it_is_opened_again(city):
    account = officer("gone", "caseworker")
    shut_account(actor=city, account_id=account.pk, because="调离", **WHEN)
    with pytest.raises(AccountRefusedError, match="已经停用"):
        shut_account(actor=city, account_id=account.pk, because="调离", **WHEN)
    with pytest.raises(AccountRefusedError, match="已停用"):
        give_password(actor=city, account_id=account.pk, because="忘了", **WHEN)
    password = open_again(actor=city, account_id=account.pk, because="调回", **WHEN)
    account.refresh_from_db()
    assert account.is_active
    assert account.check_password(password)
    with pytest.raises(AccountRefusedError, match="在用"):
        open_again(actor=city, account_id=account.pk, because="调回", **WHEN)
    assert [act.act for act in accounts.acts_on(account.pk)] == ["reopened", "shut"]


def test_one_administrator_alone_frees_nobody_of_the_second_factor(city, other):
    account = enrolled(officer("approver", "approver"))
    release = ask_release(actor=city, account_id=account.pk, because="手机丢了", **WHEN)
    with pytest.raises(AccountRefusedError, match="已经提出"):
        ask_release(actor=other, account_id=account.pk, because="手机丢了", **WHEN)
    with pytest.raises(AccountRefusedError, match="是您提出的"):
        decide_release(actor=city, release_id=release.pk, free=True, **WHEN)
    with pytest.raises(IntegrityError, match="release_decided_by_another"), transaction.atomic():
        FactorRelease.objects.update(decided_by=city.account_id, decided_at=NOON, freed=True)
    assert second_factor.is_enrolled(account.pk)
    assert accounts.releases_waiting(other, on=TODAY) == [release]
    decide_release(actor=other, release_id=release.pk, free=True, **WHEN)
    assert not second_factor.is_enrolled(account.pk)
    with pytest.raises(AccountRefusedError, match="已经有人决定"):
        decide_release(actor=other, release_id=release.pk, free=True, **WHEN)
    assert [act.act for act in accounts.acts_on(account.pk)] == ["released", "release_asked"]


def test_a_release_that_is_declined_leaves_the_factor_and_may_be_asked_again(city, other):
    account = enrolled(officer("approver", "approver"))
    release = ask_release(actor=city, account_id=account.pk, because="手机丢了", **WHEN)
    decide_release(actor=other, release_id=release.pk, free=False, **WHEN)
    assert second_factor.is_enrolled(account.pk)
    assert ask_release(actor=other, account_id=account.pk, because="本人到场", **WHEN).freed is None


def test_the_second_administrator_too_keeps_the_accounts_of_their_place_only(city, county):
    account = enrolled(officer("approver", "approver", "3210"))
    release = ask_release(actor=city, account_id=account.pk, because="手机丢了", **WHEN)
    with pytest.raises(NotPermittedError):
        decide_release(actor=county, release_id=release.pk, free=True, **WHEN)


def test_where_there_is_no_second_administrator_the_server_frees_and_the_record_says_so(city):
    account = Account.objects.get(pk=city.account_id)
    with pytest.raises(AccountRefusedError, match="没有启用"):
        free_at_server(account_id=account.pk, because="手机丢了", **WHEN)
    enrolled(account)
    free_at_server(account_id=account.pk, because="手机丢了", **WHEN)
    act = accounts.acts_on(account.pk)[0]
    assert (act.act, act.by) == ("released", None)


def test_what_was_done_to_an_account_is_never_edited_and_never_ones_own(city):
    account, _ = opened(city)
    with pytest.raises(DatabaseError), transaction.atomic():
        AccountAct.objects.update(because="别的")
    with pytest.raises(DatabaseError), transaction.atomic():
        AccountAct.objects.all().delete()
    with pytest.raises(IntegrityError, match="account_act_by_another"), transaction.atomic():
        AccountAct.objects.create(account=account, by=account, act="password", at=NOON, because="自己")


def test_the_first_administrator_is_opened_once(db):
    make_divisions()
    first = {"display_name": "管理员", "division_code": "3210", "because": "安装"}
    account, _ = open_first_administrator(username="chief", **first, **WHEN)
    assert acting(account).may("staff.manage", "321002001001")
    with pytest.raises(AccountRefusedError, match="已经有在用的系统管理员“chief”"):
        open_first_administrator(username="second", **first, **WHEN)
    assert Account.objects.count() == 1
