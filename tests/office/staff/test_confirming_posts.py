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
from jiuye.office.staff.keeping_accounts import give_password
from jiuye.office.staff.models import Account, AccountAct, Post
from jiuye.office.staff.operations import PostRefusedError, delegate_post, end_post, give_post
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


def test_an_administrators_own_post_handed_on_waits_too_since_it_would_confirm_what_they_give(administrator):
    """A second account of the same person would else be the second administrator."""
    puppet, approver = officer("puppet"), officer("approver")
    own = Post.objects.get(account_id=administrator.account_id)
    delegate_post(actor=administrator, post=own, to=puppet, start=TODAY, until=LATER, at=AT)
    assert acting(puppet).posts == ()
    post = give(administrator, approver, "approver")
    with pytest.raises(NotPermittedError):
        confirm_post(actor=acting(puppet), post_id=post.pk, at=AT)


def test_what_the_head_of_an_office_hands_on_for_an_approver_who_is_ill_waits_for_an_administrator(
    administrator, second
):
    """One administrator gives a head's post alone, or a password to a head: by that nobody becomes an approver."""
    head, ill, stand_in = officer("head"), officer("ill", "approver"), officer("stand_in")
    give(administrator, head, "city_office", "3210")
    post = ill.posts.get()
    handed = delegate_post(
        actor=acting(head), post=post, to=stand_in, start=TODAY, until=LATER, at=AT, in_charge=True
    )
    assert acting(stand_in).posts == ()
    assert who_confirms(handed, on=TODAY).endswith("：second。")
    with pytest.raises(PostRefusedError, match="岗位或者密码是您给的"):
        confirm_post(actor=administrator, post_id=handed.pk, at=AT)
    give_password(actor=second, account_id=head.pk, because="忘了", on=TODAY, at=AT)
    with pytest.raises(PostRefusedError, match="岗位或者密码是您给的"):
        confirm_post(actor=second, post_id=handed.pk, at=AT)
    third = acting(officer("third", "administrator"))
    confirm_post(actor=third, post_id=handed.pk, at=AT)
    assert acting(stand_in).roles == {"approver"}
    with pytest.raises(IntegrityError, match="post_handed_on_waits"), transaction.atomic():
        Post.objects.create(
            account=officer("another"), role="approver", division_code="321002", start=TODAY, until=LATER,
            delegated_from=post, given_by_id=head.pk, given_at=AT,
        )  # fmt: skip


def test_what_one_gave_oneself_does_not_hide_what_others_wait_for(administrator, second):
    for number in range(6):
        give(administrator, officer(f"new{number}"), "approver")
    theirs = give(second, officer("newest"), "auditor")
    assert posts_awaiting(administrator).first() == theirs


def test_a_post_is_not_ended_in_the_past_one_to_come_is_called_off_and_one_never_in_force_is_not_ended(
    administrator, second
):
    old = officer("old", "leader").posts.get()
    with pytest.raises(PostRefusedError, match="今天或以后"):
        end_post(actor=administrator, post=old, until=date(2025, 3, 1), at=AT)
    to_come = give_post(
        actor=administrator, account=officer("new"), role="leader", division_code="321002", start=LATER,
        until=None, at=AT,
    )  # fmt: skip
    end_post(actor=administrator, post=to_come, until=TODAY, at=AT)
    assert Post.every.get(pk=to_come.pk).void
    declined = give(administrator, officer("another"), "cashier")
    decline_post(actor=second, post_id=declined.pk, at=AT)
    with pytest.raises(PostRefusedError, match="没有生效"):
        end_post(actor=administrator, post=declined, until=LATER, at=AT)


@pytest.mark.parametrize(
    "change",
    ["role = 'approver'", "division_code = '3210'", "start = '2020-01-01'", "until = NULL", "void = false", "given_by_id = NULL"],
)  # fmt: skip
def test_a_post_given_is_ended_and_never_made_another_one(administrator, second, change):
    post = give(administrator, officer("new"), "cashier")
    end_post(actor=administrator, post=post, until=LATER, at=AT)
    decline_post(actor=second, post_id=post.pk, at=AT)
    with pytest.raises(DatabaseError, match="只能确认、缩短或者结束"):
        in_a_request(f"UPDATE staff_post SET {change} WHERE id = {post.pk}")
