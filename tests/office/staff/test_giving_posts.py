"""Posts given, ended and handed on: never to oneself, never incompatible ones, in the database either."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from jiuye.office.staff.models import Account, Post
from jiuye.office.staff.operations import (
    IncompatiblePostsError,
    PostRefusedError,
    delegate_post,
    end_post,
    give_post,
    place_in_post,
)
from jiuye.office.staff.queries import Actor, NotPermittedError, actor_for, require
from jiuye.office.staff.roles import INCOMPATIBLE
from tests.office.places import make_divisions

START, TODAY, LATER = date(2025, 1, 1), date(2025, 6, 10), date(2025, 7, 1)
AT = datetime(2025, 6, 10, 9, tzinfo=UTC)


def officer(name: str, role: str = "", place: str = "321002") -> Account:
    account = Account.objects.create_account(username=name, display_name=name, password="x", kind="officer")
    if role:
        place_in_post(account=account, role=role, division_code=place, start=START, until=None)
    return account


def acting(account: Account, on: date = TODAY) -> Actor:
    return actor_for(account, on=on)


@pytest.fixture
def administrator(db) -> Actor:
    make_divisions()
    return acting(officer("administrator", "administrator", "3210"))


def give(actor: Actor, account: Account, role: str = "caseworker", place: str = "321002") -> Post:
    return give_post(
        actor=actor, account=account, role=role, division_code=place, start=TODAY, until=None, at=AT
    )


def test_an_administrator_gives_a_post_in_their_places_and_not_beyond(administrator):
    new = officer("new")
    give(administrator, new)
    assert acting(new).may("casework.accept", "321002001")
    county = acting(officer("county", "administrator", "321003"))
    with pytest.raises(NotPermittedError):
        give(county, officer("another"))


@pytest.mark.parametrize("place", ["", "321009", "32100", "321003"])
def test_a_county_administrator_gives_no_post_over_everything_over_no_place_or_over_a_place_elsewhere(
    administrator, place
):
    county, new = acting(officer("county", "administrator", "321002")), officer("new")
    with pytest.raises((PostRefusedError, NotPermittedError)):
        give(county, new, place=place)
    assert not new.posts.exists()


def test_a_post_without_a_place_or_over_an_unknown_one_is_refused_with_what_to_do(administrator):
    new = officer("new")
    with pytest.raises(PostRefusedError, match="没有写明管辖区划"):
        give(administrator, new, place="")
    with pytest.raises(PostRefusedError, match="没有“321099”"):
        give(administrator, new, place="321099")


@pytest.mark.parametrize("place", ["", "32", "3210,", "321002001001001", "city"])
def test_the_database_refuses_a_post_that_names_no_place(db, place):
    with pytest.raises(DatabaseError), transaction.atomic():
        Post.objects.create(account=officer("new"), role="leader", division_code=place, start=TODAY)


def test_a_post_is_given_to_nobody_whose_account_is_shut(administrator):
    new = officer("new")
    Account.objects.filter(pk=new.pk).update(is_active=False)
    new.refresh_from_db()
    with pytest.raises(PostRefusedError, match="在用"):
        give(administrator, new)


def test_what_lies_nowhere_is_within_nobodys_place():
    county = Actor(1, "李敏", "officer", "", (("administrator", "321002", ""),))
    assert county.may("staff.manage")
    for nowhere in ("", None):
        assert not county.may("staff.manage", nowhere)
        with pytest.raises(NotPermittedError):
            require(county, "staff.manage", nowhere)


def test_nobody_gives_himself_a_post_nor_ends_his_own(administrator):
    account = Account.objects.get(pk=administrator.account_id)
    with pytest.raises(PostRefusedError, match="不能给自己"):
        give(administrator, account, "leader")
    with pytest.raises(PostRefusedError, match="不能给自己"):
        end_post(actor=administrator, post=account.posts.get(), until=LATER, at=AT)


def test_a_delegated_post_is_held_from_its_first_day_until_its_last_and_says_whose_it_is(administrator):
    holder, colleague = officer("holder", "reviewer"), officer("colleague")
    post = holder.posts.get()
    given = delegate_post(actor=acting(holder), post=post, to=colleague, start=TODAY, until=LATER, at=AT)
    assert given.delegated_from == post
    assert acting(colleague, TODAY).may("casework.review", "321002")
    assert not acting(colleague, date(2025, 6, 9)).may("casework.review", "321002")
    assert acting(colleague, date(2025, 6, 30)).may("casework.review", "321002")
    assert not acting(colleague, LATER).may("casework.review", "321002")


def test_a_delegation_is_refused_where_the_colleague_holds_an_incompatible_role(administrator):
    approver, caseworker = officer("approver", "approver"), officer("caseworker", "caseworker")
    with pytest.raises(IncompatiblePostsError):
        delegate_post(
            actor=acting(approver), post=approver.posts.get(), to=caseworker, start=TODAY, until=LATER, at=AT
        )


def test_what_was_handed_on_is_not_handed_on_again_nor_outlasts_the_post(administrator):
    holder, one, two = officer("holder", "reviewer"), officer("one"), officer("two")
    post = holder.posts.get()
    given = delegate_post(actor=acting(holder), post=post, to=one, start=TODAY, until=LATER, at=AT)
    with pytest.raises(PostRefusedError, match="不能再委托"):
        delegate_post(actor=acting(one), post=given, to=two, start=TODAY, until=LATER, at=AT)
    end_post(actor=administrator, post=post, until=date(2025, 6, 20), at=AT)
    given.refresh_from_db()
    assert given.until == date(2025, 6, 20)
    with pytest.raises(PostRefusedError, match="之内"):
        delegate_post(actor=acting(holder), post=post, to=two, start=TODAY, until=LATER, at=AT)


def test_who_leaves_the_last_post_of_their_own_keeps_nothing_that_was_handed_on(administrator):
    holder, leaver = officer("holder", "reviewer"), officer("leaver", "caseworker")
    second = place_in_post(
        account=leaver, role="statistician", division_code="321002", start=START, until=None
    )
    days = (TODAY, LATER), (date(2025, 8, 1), date(2025, 9, 1))
    now, to_come = (
        delegate_post(
            actor=acting(holder), post=holder.posts.get(), to=leaver, start=start, until=until, at=AT
        )
        for start, until in days
    )
    end_post(actor=administrator, post=leaver.posts.get(role="caseworker"), until=date(2025, 6, 20), at=AT)
    assert acting(leaver, date(2025, 6, 25)).may("casework.review", "321002")
    end_post(actor=administrator, post=second, until=date(2025, 6, 15), at=AT)
    for given in (now, to_come):
        given.refresh_from_db(from_queryset=Post.every.all())
    assert (now.until, now.void) == (date(2025, 6, 20), False)
    assert to_come.void
    assert (now.ended_by_id, now.ended_at) == (administrator.account_id, AT)
    assert acting(leaver, date(2025, 6, 19)).may("casework.review", "321002")
    assert not acting(leaver, date(2025, 6, 20)).posts


def test_what_is_handed_on_does_not_outlast_the_colleagues_own_post(administrator):
    holder, colleague = officer("holder", "reviewer"), officer("colleague")
    place_in_post(
        account=colleague, role="statistician", division_code="321002", start=START, until=date(2025, 6, 20)
    )
    with pytest.raises(PostRefusedError, match="colleague自己的岗位到 2025-06-20 为止"):
        delegate_post(
            actor=acting(holder), post=holder.posts.get(), to=colleague, start=TODAY, until=LATER, at=AT
        )
    until = date(2025, 6, 20)
    delegate_post(
        actor=acting(holder), post=holder.posts.get(), to=colleague, start=TODAY, until=until, at=AT
    )
    assert acting(colleague, date(2025, 6, 19)).may("casework.review", "321002")
    assert not acting(colleague, until).posts


def test_a_stranger_cannot_hand_on_somebody_elses_post(administrator):
    holder, stranger = officer("holder", "reviewer"), officer("stranger", "caseworker")
    with pytest.raises(NotPermittedError):
        delegate_post(
            actor=acting(stranger),
            post=holder.posts.get(),
            to=officer("friend"),
            start=TODAY,
            until=LATER,
            at=AT,
        )


def test_a_post_gives_no_rights_over_days_that_are_past(administrator):
    new, yesterday = officer("new"), date(2025, 6, 9)
    given = {"account": new, "role": "caseworker", "division_code": "321002", "until": None, "at": AT}
    with pytest.raises(PostRefusedError, match="派岗位的当天") as refused:
        give_post(actor=administrator, start=yesterday, **given)
    assert refused.value.field == "start"
    holder = officer("holder", "reviewer")
    handed = {"post": holder.posts.get(), "to": new, "until": LATER, "at": AT}
    with pytest.raises(PostRefusedError, match="派岗位的当天"):
        delegate_post(actor=acting(holder), start=yesterday, **handed)
    assert not new.posts.exists()
    # From today on, on the calendar of China: at 01:00 there it is still the day before in UTC.
    give_post(actor=administrator, start=TODAY, **given | {"at": datetime(2025, 6, 9, 17, tzinfo=UTC)})


def test_the_database_refuses_a_post_that_was_given_after_its_first_day(administrator):
    row = {"account": officer("new"), "role": "leader", "division_code": "321002", "given_at": AT}
    with pytest.raises(IntegrityError, match="派岗位的当天"), transaction.atomic():
        Post.objects.create(start=date(2025, 6, 9), given_by_id=administrator.account_id, **row)
    Post.objects.create(start=TODAY, given_by_id=administrator.account_id, **row)


@pytest.mark.parametrize("pair", INCOMPATIBLE)
def test_the_database_itself_refuses_incompatible_posts_whichever_comes_first(db, pair):
    for first, second in (pair, pair[::-1]):
        account = officer(f"{first}-{second}", first)
        with pytest.raises(IntegrityError, match="不相容"), transaction.atomic():
            Post.objects.create(account=account, role=second, division_code="321003", start=TODAY)
        Post.objects.filter(account=account).update(until=TODAY)  # half-open: the next may begin that day
        Post.objects.create(account=account, role=second, division_code="321003", start=TODAY)


def test_the_database_refuses_a_delegation_without_an_end(db):
    holder, colleague = officer("holder", "reviewer"), officer("colleague")
    with pytest.raises(IntegrityError), transaction.atomic():
        Post.objects.create(
            account=colleague,
            role="reviewer",
            division_code="321002",
            start=TODAY,
            delegated_from=holder.posts.get(),
        )
