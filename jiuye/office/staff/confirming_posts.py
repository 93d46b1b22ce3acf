"""Posts of weight (`CONFIRMED_ROLES`): given by one administrator, in force once another one has confirmed them. So are those that somebody else
than their holder hands on, and an administrator's own when it is handed on.

Whoever opens an account, knows its first password and gives it a post alone could be anybody who approves or pays.
"""

from __future__ import annotations

from datetime import date, datetime

import pghistory
from django.db import transaction
from django.db.models import Case, Q, QuerySet, When
from django.utils.translation import gettext as _

from jiuye.office.staff.models import Account, AccountAct, Post
from jiuye.office.staff.operations import PostRefusedError, not_to_oneself
from jiuye.office.staff.queries import Actor, actor_for, posts_in_force, require, scope_filter
from jiuye.office.staff.refusals import LINE, within

MANAGE = "staff.manage"


def posts_awaiting(actor: Actor) -> QuerySet[Post]:
    """What waits for a second administrator in the actor's places: first what the actor may confirm, the oldest first."""
    require(actor, MANAGE)
    found = Post.objects.filter(scope_filter(actor, MANAGE, "division_code"), awaits_second=True)
    # What the actor gave waits for others; however much of it there is, it does not hide what others wait for.
    mine = Q(given_by=actor.account_id) | Q(account=actor.account_id)
    found = found.annotate(for_others=Case(When(mine, then=1), default=0))
    return found.select_related("account", "given_by", "delegated_from__account").order_by(
        "for_others", "given_at", "pk"
    )


def who_confirms(post: Post, *, on: date) -> str:
    """Who may confirm the post, in a sentence; where nobody else administers the place, what to do."""
    others = (
        posts_in_force(on=on)
        .filter(
            role="administrator",
            account__is_active=True,
            division_code__in=[
                post.division_code[:digits] for digits in range(1, len(post.division_code) + 1)
            ],
        )
        .exclude(account__in={post.account_id, post.given_by_id, *_behind(post, on=on)} - {None})
    )
    names = sorted(set(others.order_by("pk").values_list("account__display_name", flat=True)))
    if names:
        return _("待另一名系统管理员确认后生效：%(names)s。") % {"names": "、".join(names)}
    return _(
        "这里没有另一名系统管理员，岗位还不能生效；请由运行维护人员在服务器上运行 jiuye accounts confirm %(name)s，或先增派一名系统管理员。"
    ) % {"name": post.account.username}


@transaction.atomic
def confirm_post(*, actor: Actor, post_id: int, at: datetime) -> Post:
    """Another administrator than the one who gave it puts the post in force. Raises PostRefusedError, NotPermittedError."""
    post = _awaiting(post_id)
    require(actor, MANAGE, post.division_code)
    not_to_oneself(actor, post.account)
    if post.given_by_id == actor.account_id:
        raise PostRefusedError(_("这个岗位是您派的，不能由您确认；请由另一名系统管理员核实后确认。"))
    if actor.account_id in _behind(post, on=at.date()):
        raise PostRefusedError(
            _(
                "派的人的岗位或者密码是您给的，不能再由您确认；请由另一名系统管理员核实后确认，没有的请运行维护人员在服务器上运行 jiuye accounts confirm %(name)s。"
            )
            % {"name": post.account.username}
        )
    _put_in_force(post, actor.account_id, at)
    return post


@transaction.atomic
def decline_post(*, actor: Actor, post_id: int, at: datetime) -> Post:
    """The post does not come into force: another administrator does not confirm it, or whoever gave it takes it back. It stays on record.

    Raises PostRefusedError, NotPermittedError.
    """
    post = _awaiting(post_id)
    require(actor, MANAGE, post.division_code)
    not_to_oneself(actor, post.account)
    post.void, post.ended_by_id, post.ended_at = True, actor.account_id, at
    with pghistory.context(operation="staff.decline_post", account=actor.account_id):
        post.save(update_fields=["void", "ended_by", "ended_at"])
    return post


@transaction.atomic
def confirm_at_server(*, account: Account, because: str, at: datetime) -> list[Post]:
    """The same by a command, for every post of the account that waits, where no second administrator is there. Raises PostRefusedError."""
    found = list(Post.objects.filter(account=account, awaits_second=True).order_by("pk"))
    if not found:
        raise PostRefusedError(_("“%(name)s”没有等待确认的岗位。") % {"name": account.username})
    words = within(because, LINE, "原因", "because")
    if not words:
        raise PostRefusedError(_("请写明原因；它会留在记录里，本人也看得到。"))
    for post in found:
        _put_in_force(_awaiting(post.pk), None, at)
    AccountAct.objects.create(account=account, act="post_confirmed", by=None, at=at, because=words)
    return found


def _behind(post: Post, *, on: date) -> set[int]:
    """Which administrators gave a post or a password to whoever gave this one, where that is not an administrator (the head of an office, for
    somebody who is ill): one of them could have acted as the head.
    """
    giver = post.given_by
    if giver is None or actor_for(giver, on=on).may(MANAGE, post.division_code):
        return set()
    gave = Post.every.filter(account=giver, given_by__isnull=False).order_by("pk")
    acts = AccountAct.objects.filter(account=giver, by__isnull=False, act__in=AccountAct.GIVES_A_PASSWORD)
    return {
        *gave.values_list("given_by_id", flat=True),
        *acts.order_by("pk").values_list("by_id", flat=True),
    }


def _awaiting(post_id: int) -> Post:
    """The post, held until the end of the transaction. Raises PostRefusedError."""
    post = (
        Post.objects.select_for_update(of=("self",))
        .select_related("account", "given_by")
        .filter(pk=post_id, awaits_second=True)
        .first()
    )
    if post is None:
        raise PostRefusedError(_("这个岗位没有在等待确认；请看最新的列表。"))
    return post


def _put_in_force(post: Post, account_id: int | None, at: datetime) -> None:
    post.awaits_second, post.confirmed_by_id, post.confirmed_at = False, account_id, at
    with pghistory.context(operation="staff.confirm_post", account=account_id):
        post.save(update_fields=["awaits_second", "confirmed_by", "confirmed_at"])
