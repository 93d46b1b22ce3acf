"""Being away: the posts are handed on for the time (`staff.delegate_post`), and what is in hand is the substitute's meanwhile."""

from __future__ import annotations

from datetime import date

import pghistory
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext

from jiuye.office.casework.refusals import Refusal
from jiuye.office.conduct.models import Absence
from jiuye.office.staff.models import Account, Post
from jiuye.office.staff.operations import delegate_post, take_back_post
from jiuye.office.staff.queries import Actor, require


class AbsenceRefusedError(Refusal):
    """An absence that cannot be declared or ended; the sentence says why."""


def declare_absence(*, actor: Actor, substitute_id: int, start: date, until: date, on: date) -> Absence:
    """The actor is away from `start` up to and without `until`: every post of their own is handed on to the substitute, who then has
    their work. A post that the substitute holds anyway is not handed on twice.

    Raises NotPermittedError, AbsenceRefusedError, PostRefusedError, IncompatiblePostsError; nothing is then handed on.
    """
    require(actor, "desk.open")
    if until <= start or start < on:
        raise AbsenceRefusedError(gettext("外出从今天或以后的一天起，到更晚的一天为止。"))
    with (
        transaction.atomic(),
        pghistory.context(operation="conduct.declare_absence", account=actor.account_id),
    ):
        # Two declarations in one moment wait for each other, so that nobody stands in for somebody who stands in for them.
        people = {
            row.pk: row
            for row in Account.objects.select_for_update()
            .filter(pk__in=[actor.account_id, substitute_id])
            .order_by("pk")
        }
        substitute = people.get(substitute_id)
        if (
            substitute is None
            or substitute_id == actor.account_id
            or substitute.kind != Account.Kind.OFFICER
            or not substitute.is_active
        ):
            raise AbsenceRefusedError(gettext("代办人要是另一名在用的工作人员；请从名单里选。"))
        _require_nobody_left_alone(actor, substitute, start, until)
        posts = _own_posts(actor, start, until)
        if not posts:
            raise AbsenceRefusedError(gettext("您在这段时间没有岗位，不用登记外出。"))
        for post in posts:
            _hand_on(actor, post, substitute, max(start, post.start), min(until, post.until or until))
        return Absence.objects.create(
            account_id=actor.account_id, substitute=substitute, start=start, until=until, declared_on=on
        )


def come_back(*, actor: Actor, absence_id: int, on: date) -> int:
    """End one's own absence today, or call it off before it begins; what was handed on for it comes back. Returns how many posts.

    Raises AbsenceRefusedError where there is no such absence of one's own, or it has ended.
    """
    with transaction.atomic(), pghistory.context(operation="conduct.come_back", account=actor.account_id):
        absence = (
            Absence.objects.select_for_update().filter(pk=absence_id, account_id=actor.account_id).first()
        )
        if absence is None or absence.until <= on:
            raise AbsenceRefusedError(gettext("没有您自己的这次外出，或者它已经结束。"))
        handed = Post.objects.filter(
            account_id=absence.substitute_id,
            delegated_from__account_id=actor.account_id,
            start__gte=absence.start,
            until__lte=absence.until,
        )
        posts = list(handed.filter(until__gt=on).order_by("pk"))
        for post in posts:
            take_back_post(actor=actor, post=post, until=on)
        if absence.start >= on:
            absence.delete()
        else:
            absence.until = on
            absence.save(update_fields=["until"])
        return len(posts)


def _require_nobody_left_alone(actor: Actor, substitute: Account, start: date, until: date) -> None:
    then = Absence.objects.filter(start__lt=until, until__gt=start).select_related("account").order_by("pk")
    for row in then.filter(
        Q(account_id__in=[actor.account_id, substitute.pk]) | Q(substitute_id=actor.account_id)
    ):
        if row.account_id == actor.account_id:
            raise AbsenceRefusedError(gettext("您在这段时间已经登记过外出。"))
        if row.account_id == substitute.pk:
            raise AbsenceRefusedError(
                gettext("%(name)s在这段时间也外出；请另选一位代办人。") % {"name": substitute.display_name}
            )
        raise AbsenceRefusedError(
            gettext("您在这段时间替%(name)s代办；请先由%(name)s另选代办人。")
            % {"name": row.account.display_name}
        )


def _own_posts(actor: Actor, start: date, until: date) -> list[Post]:
    held = Post.objects.filter(
        Q(until__isnull=True) | Q(until__gt=start),
        account_id=actor.account_id,
        start__lt=until,
        delegated_from__isnull=True,
    )
    return list(held.select_related("account").order_by("pk"))


def _hand_on(actor: Actor, post: Post, substitute: Account, start: date, until: date) -> None:
    """Unless the substitute holds as much already for the whole time."""
    for held in Post.objects.filter(account=substitute, role=post.role).order_by("pk"):
        whole = held.start <= start and (held.until is None or held.until >= until)
        if whole and post.division_code.startswith(held.division_code):
            return
        meets = held.start < until and (held.until is None or held.until > start)
        if meets and held.division_code == post.division_code:
            raise AbsenceRefusedError(
                gettext("%(name)s只在这段时间的一部分担任同一岗位；请分段登记，或另选代办人。")
                % {"name": substitute.display_name}
            )
    delegate_post(actor=actor, post=post, to=substitute, start=start, until=until)
