"""Accounts, posts and permissions: who may do what, where, on which day; and who must not be both."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from jiuye.office.staff import operations
from jiuye.office.staff.access import access
from jiuye.office.staff.models import Account, LookRecord, Post
from jiuye.office.staff.queries import NotPermittedError, actor_for, require
from jiuye.office.staff.roles import INCOMPATIBLE, PERMISSIONS, ROLES
from tests.office.places import make_divisions

TODAY = date(2024, 7, 1)
NOW = datetime(2024, 7, 1, 9, tzinfo=UTC)


@pytest.fixture
def account(db) -> Account:
    return Account.objects.create_account(
        username="li", display_name="李经办", password="demo", kind="officer"
    )


def post(account: Account, role: str = "caseworker", division: str = "321002", **changes) -> Post:
    values = {"start": date(2024, 1, 1), "until": None, **changes}
    return operations.place_in_post(account=account, role=role, division_code=division, **values)


def test_a_post_allows_its_acts_in_its_divisions_and_below_and_nowhere_else(account):
    post(account, division="321002")
    actor = actor_for(account, on=TODAY)
    assert actor.may("registry.import", "321002001001")
    assert not actor.may("registry.import", "321003")
    assert not actor.may("registry.import", "3210")
    assert not actor.may("casework.approve", "321002")


def test_a_refusal_names_the_roles_that_may(account):
    with pytest.raises(NotPermittedError, match="审批人员"):
        require(actor_for(account, on=TODAY), "casework.approve")


def test_a_post_begins_and_ends_with_its_days(account):
    post(account, start=date(2024, 2, 1), until=date(2024, 3, 1))
    held = [actor_for(account, on=day).may("registry.see") for day in (
        date(2024, 1, 31), date(2024, 2, 1), date(2024, 2, 29), date(2024, 3, 1),
    )]  # fmt: skip
    assert held == [False, True, True, False]


def test_scopes_leave_out_what_lies_inside_another(account):
    post(account, division="321002")
    post(account, division="321002001")
    post(account, division="321003001")
    assert actor_for(account, on=TODAY).scopes("registry.import") == ["321002", "321003001"]


def test_the_same_post_twice_at_a_time_is_refused_by_the_database(account):
    post(account)
    with pytest.raises(IntegrityError, match="post_held_once_at_a_time"):
        post(account, start=date(2024, 5, 1))


def test_a_post_that_ends_before_it_starts_is_refused_by_the_database(account):
    with pytest.raises(IntegrityError, match="post_ends_after_start"):
        post(account, until=date(2024, 1, 1))


@pytest.mark.parametrize(("first", "second"), INCOMPATIBLE)
def test_incompatible_posts_do_not_meet_in_one_person(account, first, second):
    post(account, role=first)
    with pytest.raises(operations.IncompatiblePostsError) as caught:
        post(account, role=second)
    assert ROLES[first] in str(caught.value)
    assert Post.objects.count() == 1


def test_incompatible_posts_one_after_the_other_are_possible(account):
    post(account, role="caseworker", until=date(2024, 4, 1))
    post(account, role="approver", start=date(2024, 4, 1))
    assert Post.objects.count() == 2


def test_only_who_manages_staff_gives_posts(account):
    make_divisions()
    chief = Account.objects.create_account(
        username="chief", display_name="管理员", password="demo", kind="officer"
    )
    post(chief, role="administrator", division="3210")
    given = {
        "account": account,
        "role": "reviewer",
        "division_code": "321002",
        "start": TODAY,
        "until": None,
        "at": datetime(2024, 3, 5, 9, tzinfo=UTC),
    }
    with pytest.raises(NotPermittedError):
        operations.give_post(actor=actor_for(account, on=TODAY), **given)
    assert operations.give_post(actor=actor_for(chief, on=TODAY), **given).role == "reviewer"


def test_a_post_that_would_end_on_its_first_day_is_refused_in_words_at_its_field(account):
    make_divisions()
    chief = Account.objects.create_account(
        username="chief", display_name="管理员", password="demo", kind="officer"
    )
    post(chief, role="administrator", division="3210")
    with pytest.raises(operations.PostRefusedError, match="结束日期必须晚于开始日期") as refused:
        operations.give_post(
            actor=actor_for(chief, on=TODAY),
            account=account,
            role="reviewer",
            division_code="321002",
            start=TODAY,
            until=TODAY,
            at=NOW,
        )
    assert refused.value.field == "until"


def test_every_role_has_permissions_and_incompatibilities_name_roles():
    assert PERMISSIONS.keys() <= ROLES.keys()
    assert all({first, second} <= ROLES.keys() for first, second in INCOMPATIBLE)


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"kind": "robot"}, "account_kind_known"),
        ({"kind": "resident", "subject_key": ""}, "account_subject_iff_not_officer"),
        ({"kind": "officer", "subject_key": "12"}, "account_subject_iff_not_officer"),
    ],
)
def test_an_account_stands_for_a_subject_exactly_where_it_is_no_officers(db, values, constraint):
    with pytest.raises(IntegrityError, match=constraint):
        Account.objects.create_account(username="x", display_name="x", password="x", **values)


def look(account: Account, purpose: str = "核对") -> LookRecord:
    return operations.record_look(
        actor=actor_for(account, on=TODAY), subject_kind="person", subject_key="1", field="id_number",
        purpose=purpose, at=NOW,
    )  # fmt: skip


def test_a_look_needs_a_purpose(account):
    with pytest.raises(IntegrityError, match="look_has_a_purpose"):
        look(account, purpose="")


@pytest.mark.parametrize("sql", ["UPDATE staff_lookrecord SET field = 'x'", "DELETE FROM staff_lookrecord"])
def test_a_look_cannot_be_edited_or_deleted(account, sql):
    look(account)
    refusal = pytest.raises(ProgrammingError, match="Cannot update or delete")
    with refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert LookRecord.objects.count() == 1


# What approves, pays, forgives or claims money back, changes the rules or gives posts, by its act; `see` and the like do none of it.
WEIGHTY = {
    "approve",
    "decide",
    "guarantee",
    "publish",
    "budget",
    "batch",
    "pay",
    "recover",
    "waive",
    "manage",
}


def test_whoever_approves_or_pays_logs_in_with_a_second_factor(settings, pack_dir):
    settings.PACK = pack_dir
    weighty = {
        permission
        for permissions in PERMISSIONS.values()
        for permission in permissions
        if permission.partition(".")[2] in WEIGHTY and not permission.startswith("entitlements.")
    }
    assert weighty == access().second_factor, "entitlements.decide only asks again what the rules say"
    needing = {role for role in ROLES if weighty & PERMISSIONS.get(role, frozenset())}
    assert needing == {
        "approver", "cashier", "reviewer", "city_office", "budget_officer", "policy_reviewer", "administrator"
    }  # fmt: skip


@pytest.mark.parametrize("role", ["caseworker", "reviewer"])
def test_whoever_may_change_a_payees_account_does_not_pay(account, role):
    post(account, role=role)
    with pytest.raises(operations.IncompatiblePostsError):
        post(account, role="cashier")
