"""Changes to accounts and posts, and the recording of looks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import pghistory
from django.db import transaction
from django.db.models import Max, Min, Q, QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from jiuye.office.staff.models import Account, LookedAt, LookRecord, Post
from jiuye.office.staff.places import place_on_file
from jiuye.office.staff.queries import Actor, require
from jiuye.office.staff.roles import ADMINISTRATOR, CONFIRMED_ROLES, INCOMPATIBLE, OFFICES, ROLES
from jiuye.office.staff.rows import unscoped


class IncompatiblePostsError(ValueError):
    """Two roles that must not meet in one person (不相容岗位分离)."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(
            f"“{ROLES[first]}”与“{ROLES[second]}”不能由同一人担任；请另派一人，或先结束其中一个岗位。"
        )


class PostRefusedError(ValueError):
    """A post that cannot be given, ended or handed on; the sentence says why. `field` is what of a form it is about, or empty."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


@transaction.atomic
def give_post(
    *,
    actor: Actor,
    account: Account,
    role: str,
    division_code: str,
    start: date,
    until: date | None,
    at: datetime,
    department: str = "",
) -> Post:
    """Give a post over a place that is on file and lies in one of the actor's own. One that approves, pays, publishes, audits or administers
    (`CONFIRMED_ROLES`) is in force only once a second administrator confirms it (`confirming_posts`).

    Raises PostRefusedError without such a place, for a day that is past, an end before the beginning and for a post to oneself, to a shut account or of no known role;
    IncompatiblePostsError for one that does not go with a post held in the same time; NotPermittedError for a place beyond the actor's.
    """
    if not division_code:
        raise PostRefusedError(_("没有写明管辖区划，岗位没有派；请选一个区划。"), "division_code")
    require(actor, "staff.manage", division_code)
    if not place_on_file(division_code):
        raise PostRefusedError(
            _("区划目录里没有“%(code)s”，岗位没有派；请从列表里选。") % {"code": division_code},
            "division_code",
        )
    not_to_oneself(actor, account)
    if account.kind != Account.Kind.OFFICER or not account.is_active or role not in OFFICES:
        raise PostRefusedError(_("岗位只能给在用的工作人员账号，角色要在目录内。"))
    _from_today_on(start, at)
    if until is not None and until <= start:
        raise PostRefusedError(_("结束日期必须晚于开始日期。"), "until")
    return place_in_post(
        account=account,
        role=role,
        division_code=division_code,
        start=start,
        until=until,
        department=department,
        given_by_id=actor.account_id,
        given_at=at,
        awaits_second=role in CONFIRMED_ROLES,
    )


@transaction.atomic
def end_post(*, actor: Actor, post: Post, until: date, at: datetime) -> Post:
    """End a post on a day from today on, and with it what was delegated from it; where it was the last of its holder's own, what colleagues
    handed on to them as well. One that is still to begin and is to end by then never comes into force.

    Raises PostRefusedError where it has ended by then, or would end in the past.
    """
    require(actor, "staff.manage", post.division_code)
    not_to_oneself(actor, post.account)
    post = Post.every.select_for_update().get(pk=post.pk)
    if post.void:
        raise PostRefusedError(_("这个岗位没有生效，不用结束。"))
    if post.until is not None and post.until <= until:
        raise PostRefusedError(_("这个岗位到那一天已经结束。"))
    if until < at.date():
        raise PostRefusedError(_("岗位从今天或以后的一天起结束；已经过去的日子里它确实有效，不能改。"))
    to_come = post.start > at.date()
    if until <= post.start and not to_come:
        raise PostRefusedError(_("结束日期必须晚于开始日期。"))
    with pghistory.context(operation="staff.end_post", account=actor.account_id):
        by: dict[str, Any] = {"ended_by_id": actor.account_id, "ended_at": at}
        _end_by(Post.objects.filter(delegated_from=post), until, by)
        post.ended_by_id, post.ended_at = actor.account_id, at
        if until <= post.start:
            post.void = True
        else:
            post.until = until
        post.save(update_fields=["until", "void", "ended_by", "ended_at"])
        last = _last_day_of_own(post.account_id) if post.delegated_from_id is None else None
        if last is not None:
            # Who leaves the office keeps no colleague's rights.
            handed_on = Post.objects.filter(account_id=post.account_id, delegated_from__isnull=False)
            _end_by(handed_on, max(last, at.date()), by)
    return post


def _end_by(posts: QuerySet[Post], until: date, by: dict[str, Any]) -> None:
    """Those of the posts that would outlast the day end then, and those that would only begin by then never do."""
    later = posts.filter(Q(until__isnull=True) | Q(until__gt=until))
    later.filter(start__gte=until).update(void=True, **by)
    later.update(until=until, **by)


def _last_day_of_own(account_id: int) -> date | None:
    """The day on which the last post ends that is the officer's own; None where one has no end, and for whoever never had any."""
    own = Post.every.filter(account_id=account_id, delegated_from__isnull=True)
    if own.filter(until__isnull=True, void=False).exists():
        return None
    ends = own.aggregate(last=Max("until", filter=Q(void=False)), begun=Min("start"))
    return ends["last"] or ends["begun"]


@transaction.atomic
def delegate_post(
    *,
    actor: Actor,
    post: Post,
    to: Account,
    start: date,
    until: date,
    at: datetime,
    in_charge: bool = False,
) -> Post:
    """Hand a post on to a colleague for a time with an end, by its holder or an administrator; or, for somebody who cannot do it themselves,
    by whoever is `in_charge` of them, which the caller has checked.

    It may neither begin before the post nor outlast it or the colleague's own last post, is not handed on again, and is held to incompatible roles as any other post. One of
    weight that somebody else hands on in its holder's place (declaring their absence included) is confirmed as one that is given; so is an
    administrator's, whoever hands it on, since it would confirm what its holder gives.
    Raises PostRefusedError, IncompatiblePostsError and NotPermittedError.
    """
    if post.account_id != actor.account_id:
        if not in_charge:
            require(actor, "staff.manage", post.division_code)
        not_to_oneself(actor, to)
    post = Post.every.select_for_update().get(pk=post.pk)
    if post.void:
        raise PostRefusedError(_("这个岗位没有生效，不能委托。"))
    if post.awaits_second:
        raise PostRefusedError(_("这个岗位还在等另一名系统管理员确认，没有生效，不能委托。"))
    if post.delegated_from_id is not None:
        raise PostRefusedError(_("受托的岗位不能再委托给别人。"))
    if to.pk == post.account_id or to.kind != Account.Kind.OFFICER or not to.is_active:
        raise PostRefusedError(_("只能委托给另一名在用的工作人员账号。"))
    if start < post.start or (post.until is not None and until > post.until) or until <= start:
        raise PostRefusedError(_("委托的起止必须在岗位的起止之内，而且必须写明到哪一天为止。"))
    last = _last_day_of_own(to.pk)
    if last is not None and until > last:
        raise PostRefusedError(
            _("%(name)s自己的岗位到 %(day)s 为止，委托不能晚于这一天；请把截止日期改早，或另选一人。")
            % {"name": to.display_name, "day": last.isoformat()}
        )
    _from_today_on(start, at)
    return place_in_post(
        account=to,
        role=post.role,
        division_code=post.division_code,
        start=start,
        until=until,
        department=post.department,
        delegated_from=post,
        given_by_id=actor.account_id,
        given_at=at,
        awaits_second=post.role in CONFIRMED_ROLES
        and (post.account_id != actor.account_id or post.role == ADMINISTRATOR),
    )


@transaction.atomic
def take_back_post(*, actor: Actor, post: Post, until: date, at: datetime, in_charge: bool = False) -> None:
    """End what was handed on, by its holder, an administrator or whoever is `in_charge` of the holder (which the caller has checked); before
    its first day it never comes into force.

    Raises PostRefusedError for a post that was not handed on, NotPermittedError.
    """
    if post.delegated_from is None:
        raise PostRefusedError(_("只有委托出去的岗位可以收回。"))
    if post.delegated_from.account_id != actor.account_id:
        if not in_charge:
            require(actor, "staff.manage", post.division_code)
        not_to_oneself(actor, post.account)
    with pghistory.context(operation="staff.take_back_post", account=actor.account_id):
        post.ended_by_id, post.ended_at = actor.account_id, at
        if post.start >= until:
            post.void = True
            post.save(update_fields=["void", "ended_by", "ended_at"])
        elif post.until is None or post.until > until:
            post.until = until
            post.save(update_fields=["until", "ended_by", "ended_at"])


def not_to_oneself(actor: Actor, account: Account) -> None:
    if account.pk == actor.account_id:
        raise PostRefusedError(_("不能给自己派岗位，也不能结束自己的岗位；请由另一名系统管理员办理。"))


def _from_today_on(start: date, at: datetime) -> None:
    """A post gives no rights over days that are past, on which somebody else may have decided. Raises PostRefusedError."""
    if start < localdate(at):
        raise PostRefusedError(
            _(
                "岗位从派岗位的当天或以后的一天起：已经过去的日子里没有这个岗位，不能补。登记晚了的，从今天起派；实际到岗的日期以任免文件为准。"
            ),
            "start",
        )


def place_in_post(
    *,
    account: Account,
    role: str,
    division_code: str,
    start: date,
    until: date | None,
    department: str = "",
    delegated_from: Post | None = None,
    given_by_id: int | None = None,
    given_at: datetime | None = None,
    awaits_second: bool = False,
) -> Post:
    """A post held to incompatible roles, after whoever calls has checked who may give it; in force at once unless it `awaits_second`. Without
    `given_by_id` it is one that was set up at the server. Raises IncompatiblePostsError.
    """
    others = Post.objects.filter(account=account).order_by("pk")
    for other in others:
        together = (until is None or other.start < until) and (other.until is None or start < other.until)
        for first, second in INCOMPATIBLE:
            if together and {first, second} == {role, other.role}:
                raise IncompatiblePostsError(first, second)
    with pghistory.context(operation="staff.place_in_post"):
        return Post.objects.create(
            account=account,
            role=role,
            division_code=division_code,
            start=start,
            until=until,
            department=department,
            delegated_from=delegated_from,
            given_by_id=given_by_id,
            given_at=given_at,
            awaits_second=awaits_second,
        )


@transaction.atomic
def record_look(
    *,
    actor: Actor,
    subject_kind: str,
    subject_key: str,
    field: str,
    purpose: str,
    at: datetime,
    showing: Iterable[tuple[str, str]] = (),
) -> LookRecord:
    """Record one look at protected data, before the data is shown. Where that is a file of many, `showing` names each of them (kind and key), so
    that each reads of it.
    """
    look = LookRecord.objects.create(
        account_id=actor.account_id,
        subject_kind=subject_kind,
        subject_key=subject_key,
        field=field,
        purpose=purpose,
        looked_at=at,
    )
    named = sorted(set(showing))
    if named:
        with unscoped("whoever was shown reads of it; whoever hands out the file does not"):
            LookedAt.objects.bulk_create(
                [LookedAt(look=look, subject_kind=kind, subject_key=key) for kind, key in named],
                batch_size=1000,
            )
    return look
