"""Posts of weight are in force only once a second administrator has confirmed them, and what was done to a post stays on record."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from jiuye.office.staff.confirming_posts import (
    confirm_at_server,
    confirm_post,
    decline_post,
    posts_awaiting,
    who_confirms,
)
from jiuye.office.staff.models import Account, AccountAct, Post
from jiuye.office.staff.operations import PostRefusedError, delegate_post, end_post
from jiuye.office.staff.posts import posts_of
from jiuye.office.staff.queries import Actor, NotPermittedError
from jiuye.office.staff.roles import CONFIRMED_ROLES, OFFICES, PERMISSIONS
from jiuye.office.staff.rows import WEB_ROLE
from tests.office.places import make_divisions
from tests.office.staff.test_giving_posts import (
    AT,
    LATER,
    TODAY,
    acting,
    give,
    officer,
)


@pytest.fixture
def administrator(db) -> Actor:
    make_divisions()
    return acting(officer("administrator", "administrator", "3210"))


@pytest.fixture
def second(administrator) -> Actor:
    return acting(officer("second", "administrator", "3210"))


def test_every_role_that_decides_over_money_rules_or_officers_is_of_weight():
    weighty = {
        "casework.approve", "funds.pay", "funds.waive", "ventures.guarantee", "budgeting.approve", "policies.publish",
        "audit.see", "staff.manage",
    }  # fmt: skip
    assert {role for role in OFFICES if PERMISSIONS[role] & weighty} == set(CONFIRMED_ROLES)


@pytest.mark.parametrize("role", CONFIRMED_ROLES)
def test_a_post_of_weight_given_by_one_administrator_opens_nothing_until_another_confirms_it(
    administrator,
    second,
    role,
):
    new = officer("new")
    post = give(administrator, new, role)
    assert acting(new).posts == ()
    assert list(posts_awaiting(second)) == [post]
    with pytest.raises(PostRefusedError, match="您派的"):
        confirm_post(actor=administrator, post_id=post.pk, at=AT)
    confirm_post(actor=second, post_id=post.pk, at=AT)
    assert acting(new).roles == {role}
    post.refresh_from_db()
    assert (post.given_by_id, post.confirmed_by_id) == (administrator.account_id, second.account_id)
    with pytest.raises(PostRefusedError, match="没有在等待确认"):
        confirm_post(actor=second, post_id=post.pk, at=AT)


def test_a_post_without_weight_is_in_force_at_once(administrator):
    new = officer("new")
    give(administrator, new, "reviewer")
    assert acting(new).roles == {"reviewer"}


def test_whoever_gets_the_post_and_whoever_administers_another_county_do_not_confirm_it(administrator):
    new, stranger = officer("new", "administrator", "3210"), officer("stranger", "administrator", "321003")
    post = give(administrator, new, "auditor", "321002")
    with pytest.raises(PostRefusedError, match="不能给自己"):
        confirm_post(actor=acting(new), post_id=post.pk, at=AT)
    with pytest.raises(NotPermittedError):
        confirm_post(actor=acting(stranger), post_id=post.pk, at=AT)


def test_where_there_is_no_other_administrator_a_sentence_says_what_to_do_and_the_server_confirms(
    administrator,
):
    new = officer("new")
    post = give(administrator, new, "administrator", "3210")
    assert "jiuye accounts confirm new" in who_confirms(post, on=TODAY)
    with pytest.raises(PostRefusedError, match="写明原因"):
        confirm_at_server(account=new, because=" ", at=AT)
    confirm_at_server(account=new, because="第二名管理员", at=AT)
    assert acting(new).roles == {"administrator"}
    assert AccountAct.objects.get(account=new).because == "第二名管理员"
    approver = give(administrator, officer("approver"), "approver")
    assert "new" in who_confirms(approver, on=TODAY)


def test_what_is_declined_never_comes_into_force_stays_on_record_and_may_be_given_again(
    administrator, second
):
    new = officer("new")
    post = give(administrator, new, "approver")
    decline_post(actor=second, post_id=post.pk, at=AT)
    assert (acting(new).posts, list(posts_awaiting(second))) == ((), [])
    (kept,) = posts_of(second, on=TODAY, ended=True)
    assert (kept.void, kept.ended_by_id) == (True, second.account_id)
    again = give(administrator, new, "approver")
    confirm_post(actor=second, post_id=again.pk, at=AT)
    assert acting(new).roles == {"approver"}
    with pytest.raises(DatabaseError), transaction.atomic():
        Post.every.filter(pk=post.pk).delete()


def test_who_ended_a_post_and_what_was_handed_on_from_it_stays_on_record(administrator):
    holder, colleague = officer("holder", "reviewer"), officer("colleague")
    post = holder.posts.get()
    later = delegate_post(
        actor=acting(holder), post=post, to=colleague, start=LATER, until=date(2025, 8, 1), at=AT
    )
    end_post(actor=administrator, post=post, until=LATER, at=AT)
    post.refresh_from_db()
    assert (post.until, post.ended_by_id, post.ended_at) == (LATER, administrator.account_id, AT)
    kept = Post.every.get(pk=later.pk)
    assert (kept.void, kept.given_by_id, kept.ended_by_id) == (True, holder.pk, administrator.account_id)


def test_an_administrator_hands_on_an_approvers_post_only_with_a_second_one(administrator, second):
    holder, colleague = officer("holder", "approver"), officer("colleague")
    handed = delegate_post(
        actor=administrator, post=holder.posts.get(), to=colleague, start=TODAY, until=LATER, at=AT
    )
    assert acting(colleague).posts == ()
    confirm_post(actor=second, post_id=handed.pk, at=AT)
    assert acting(colleague).roles == {"approver"}
    # Declaring that the holder is away is no way round it; whoever holds the post hands it on without them.
    ill, stand_in = officer("ill", "approver"), officer("stand_in")
    given = {"post": ill.posts.get(), "start": TODAY, "until": LATER, "at": AT}
    delegate_post(actor=administrator, to=stand_in, in_charge=True, **given)
    assert acting(stand_in).posts == ()
    delegate_post(actor=acting(ill), to=officer("trusted"), **given)
    assert acting(Account.objects.get(username="trusted")).roles == {"approver"}


def test_the_database_puts_no_post_of_weight_in_force_for_the_one_who_gave_it(administrator, second):
    post = give(administrator, officer("new"), "cashier")
    for change in (
        {"awaits_second": False},
        {"awaits_second": False, "confirmed_at": AT, "confirmed_by_id": administrator.account_id},
        {"awaits_second": False, "confirmed_at": AT, "confirmed_by_id": post.account_id},
        {"confirmed_at": AT, "confirmed_by_id": second.account_id},
    ):
        with pytest.raises(IntegrityError, match="post_"), transaction.atomic():
            Post.objects.filter(pk=post.pk).update(**change)


def in_a_request(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {WEB_ROLE}")
        cursor.execute(statement)


def test_a_request_writes_no_post_that_names_nobody(administrator):
    new = officer("new")
    post = give(administrator, new, "cashier")
    for statement in (
        "INSERT INTO staff_post (account_id, role, division_code, department, start, awaits_second, void) "
        f"VALUES ({new.pk}, 'policy_reviewer', '3210', '', '2025-06-10', false, false)",
        f"UPDATE staff_post SET awaits_second = false, confirmed_at = now() WHERE id = {post.pk}",
    ):
        with pytest.raises(DatabaseError, match="由谁派"):
            in_a_request(statement)
