"""Being away: the posts are handed on for the time (`staff.delegate_post`), and what is in hand is the substitute's meanwhile.

Declared by oneself, or for somebody who cannot (ill, an accident) by whoever heads their office or administers it.
"""

from __future__ import annotations

from datetime import date, datetime

import pghistory
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext

from jiuye.engine.messages import Words
from jiuye.office.casework.procedures import LEVEL_DIGITS
from jiuye.office.casework.refusals import Refusal, WordsMissingError
from jiuye.office.casework.telling import day_words
from jiuye.office.conduct.models import Absence, AbsenceReason
from jiuye.office.conduct.queries.absent import in_charge_of, in_charge_of_post, posts_waiting
from jiuye.office.conduct.queries.charges import officers_beside
from jiuye.office.messages.operations import write
from jiuye.office.registry.places import division_names
from jiuye.office.staff.models import Account, Post
from jiuye.office.staff.operations import delegate_post, take_back_post
from jiuye.office.staff.queries import Actor, require
from jiuye.office.staff.refusals import SHORT, within
from jiuye.office.staff.rows import unscoped

TO_BE_CONFIRMED = Words(
    "审批、付款、审计和管理的岗位要由系统管理员确认后才生效。",
    " Posts that approve, pay, audit or administer are in force once an administrator has confirmed them.",
)
CALLED_OFF = Words("取消", "was called off")
ENDED_TODAY = Words("提前结束", "has ended earlier")


class AbsenceRefusedError(Refusal):
    """An absence that cannot be declared or ended; the sentence says why."""


def declare_absence(
    *, actor: Actor, substitute_id: int, start: date, until: date, on: date, at: datetime
) -> Absence:
    """The actor is away from `start` up to and without `until`: every post of their own is handed on to the substitute, who then has
    their work, and is told. A post that the substitute holds anyway is not handed on twice.

    Raises NotPermittedError, AbsenceRefusedError, PostRefusedError, IncompatiblePostsError, MessagesUnreadableError; nothing is then
    handed on.
    """
    require(actor, "desk.open")
    with (
        transaction.atomic(),
        pghistory.context(operation="conduct.declare_absence", account=actor.account_id),
    ):
        absence = _declare(actor, actor.account_id, substitute_id, start, until, "", on, at)
        _tell_begun(absence, actor, on, at)
        return absence


def declare_absence_of(
    *,
    actor: Actor,
    account_id: int,
    substitute_id: int,
    start: date,
    until: date,
    reason: str,
    on: date,
    at: datetime,
) -> Absence:
    """The same for a colleague who cannot do it themselves (somebody ill), by whoever heads their office or administers it: see
    `in_charge_of`. The colleague and the substitute are told who did it, and why.

    Raises NotPermittedError, AbsenceRefusedError, WordsMissingError, TooLongError, PostRefusedError (the substitute cannot be the actor),
    IncompatiblePostsError, MessagesUnreadableError; nothing is then handed on.
    """
    require(actor, "desk.open")
    if not reason.strip():
        raise WordsMissingError("代为登记的原因")
    reason = within(reason, SHORT, "代为登记的原因", "reason")
    if account_id == actor.account_id:
        raise AbsenceRefusedError(gettext("这是您自己；请在“登记外出”里登记。"))
    with (
        transaction.atomic(),
        pghistory.context(operation="conduct.declare_absence_of", account=actor.account_id),
    ):
        if not in_charge_of(actor, account_id, on=on):
            raise AbsenceRefusedError(
                gettext(
                    "只能替本机构和下级机构、由您负责的同事登记；同级的负责人由上一级或者系统管理员登记。"
                )
            )
        if substitute_id == actor.account_id:
            raise AbsenceRefusedError(gettext("登记人不能把同事的岗位委托给自己；请选另一位代办人。"))
        if substitute_id not in {account.pk for account in officers_beside(actor, on=on)}:
            raise AbsenceRefusedError(gettext("代办人要是另一名在用的工作人员；请从名单里选。"))
        absence = _declare(actor, account_id, substitute_id, start, until, reason, on, at)
        _tell_begun(absence, actor, on, at)
        return absence


def come_back(*, actor: Actor, absence_id: int, on: date, at: datetime) -> int:
    """End an absence today, or call it off before it begins; what was handed on for it comes back. One's own, or that of somebody whom the
    actor is in charge of. The substitute is told, and whoever was away where another ended it. Returns how many posts.

    Raises AbsenceRefusedError where there is no such absence, or it has ended; MessagesUnreadableError.
    """
    with transaction.atomic(), pghistory.context(operation="conduct.come_back", account=actor.account_id):
        absence = Absence.objects.select_for_update().filter(pk=absence_id).first()
        if absence is None or not (
            absence.account_id == actor.account_id or in_charge_of(actor, absence.account_id, on=on)
        ):
            raise AbsenceRefusedError(gettext("没有您自己的这次外出，或者它已经结束。"))
        if absence.until <= on:
            raise AbsenceRefusedError(gettext("没有您自己的这次外出，或者它已经结束。"))
        handed = Post.objects.filter(
            account_id=absence.substitute_id,
            delegated_from__account_id=absence.account_id,
            start__gte=absence.start,
            until__lte=absence.until,
        )
        posts = list(handed.filter(until__gt=on).order_by("pk"))
        for post in posts:
            take_back_post(actor=actor, post=post, until=on, at=at, in_charge=True)
        _tell_ended(absence, actor, on, at)
        if absence.start >= on:
            with unscoped("its reason goes with it, also where whoever calls it off may not read it"):
                absence.delete()
        else:
            absence.until = on
            absence.save(update_fields=["until"])
        return len(posts)


def _declare(
    actor: Actor,
    account_id: int,
    substitute_id: int,
    start: date,
    until: date,
    reason: str,
    on: date,
    at: datetime,
) -> Absence:
    if until <= start or start < on:
        raise AbsenceRefusedError(gettext("外出从今天或以后的一天起，到更晚的一天为止。"))
    # Two declarations in one moment wait for each other, so that nobody stands in for somebody who stands in for them.
    people = {
        row.pk: row
        for row in Account.objects.select_for_update()
        .filter(pk__in=[account_id, substitute_id])
        .order_by("pk")
    }
    away, substitute = people[account_id], people.get(substitute_id)
    if (
        substitute is None
        or substitute_id == account_id
        or substitute.kind != Account.Kind.OFFICER
        or not substitute.is_active
    ):
        raise AbsenceRefusedError(gettext("代办人要是另一名在用的工作人员；请从名单里选。"))
    own = account_id == actor.account_id
    _require_nobody_left_alone(away, substitute, start, until, own=own)
    posts = _own_posts(away, start, until)
    if not posts:
        raise AbsenceRefusedError(
            gettext("您在这段时间没有岗位，不用登记外出。")
            if own
            else gettext("%(name)s在这段时间没有岗位，不用登记外出。") % {"name": away.display_name}
        )
    for post in posts:
        if not own and not in_charge_of_post(actor, post):
            raise AbsenceRefusedError(
                gettext(
                    "%(name)s在这段时间还有%(place)s的岗位，不在您的管辖范围内；请由管两处的上级登记，或者分段登记。"
                )
                % {
                    "name": away.display_name,
                    "place": division_names([post.division_code]).get(post.division_code, post.division_code),
                }
            )
        _hand_on(actor, post, substitute, max(start, post.start), min(until, post.until or until), at)
    absence = Absence.objects.create(
        account=away,
        substitute=substitute,
        start=start,
        until=until,
        declared_on=on,
        declared_by_id=None if own else actor.account_id,
    )
    if reason:
        place = _place_around([post.division_code for post in posts])
        AbsenceReason.objects.create(absence=absence, division_code=place, reason=reason)
    return absence


def _place_around(codes: list[str]) -> str:
    """The smallest place that all of these lie in, or are."""
    shortest = min(len(code) for code in codes)
    levels = (digits for digits in sorted(LEVEL_DIGITS.values(), reverse=True) if digits <= shortest)
    return next((codes[0][:digits] for digits in levels if len({code[:digits] for code in codes}) == 1), "")


def _tell_begun(absence: Absence, actor: Actor, on: date, at: datetime) -> None:
    """Both learn of it: who is away may not have asked for it, and who stands in has more to do. The reason stands with the absence alone: a
    message lies where the office's messages do.
    """
    waiting = TO_BE_CONFIRMED if posts_waiting([absence]) else Words("", "")
    _tell(absence, ("absence_declared", "standing_in"), {"waiting": waiting}, actor, on, at)


def _tell_ended(absence: Absence, actor: Actor, on: date, at: datetime) -> None:
    """Both learn of it: the work is no longer the substitute's, and who was away has theirs again."""
    called_off = absence.start >= on
    end = {"how": CALLED_OFF if called_off else ENDED_TODAY, "day": day_words(on)}
    _tell(absence, ("absence_ended", "standing_in_ended"), end, actor, on, at)


@unscoped("an officer elsewhere is told, and an administrator sees no messages of a place; none is shown")
def _tell(
    absence: Absence,
    occasions: tuple[str, str],
    more: dict[str, Words],
    actor: Actor,
    on: date,
    at: datetime,
) -> None:
    """The first occasion is told to who is away, the second to who stands in; whoever did it knows already."""
    people = zip((absence.account, absence.substitute), occasions, strict=True)
    for account, occasion in people:
        if account.pk == actor.account_id:
            continue
        post = Post.objects.filter(account=account).order_by("-pk").first()
        write(
            occasion=occasion,
            key=f"{occasion}:{absence.pk}",
            about=f"absence:{absence.pk}",
            recipient_kind="officer",
            person_id=None,
            employer_id=None,
            account_id=account.pk,
            division_code=post.division_code if post is not None else "",
            values={
                "from": Words(actor.name),
                "name": Words(absence.account.display_name),
                "substitute": Words(absence.substitute.display_name),
                "start": day_words(absence.start),
                "until": day_words(absence.until),
                **more,
            },
            on=on,
            at=at,
        )


def _require_nobody_left_alone(
    away: Account, substitute: Account, start: date, until: date, *, own: bool
) -> None:
    then = Absence.objects.filter(start__lt=until, until__gt=start).select_related("account").order_by("pk")
    for row in then.filter(Q(account_id__in=[away.pk, substitute.pk]) | Q(substitute_id=away.pk)):
        names = {"name": row.account.display_name, "away": away.display_name}
        if row.account_id == away.pk:
            raise AbsenceRefusedError(
                gettext("您在这段时间已经登记过外出。")
                if own
                else gettext("%(away)s在这段时间已经登记过外出。") % names
            )
        if row.account_id == substitute.pk:
            raise AbsenceRefusedError(gettext("%(name)s在这段时间也外出；请另选一位代办人。") % names)
        raise AbsenceRefusedError(
            gettext("您在这段时间替%(name)s代办；请先由%(name)s另选代办人。") % names
            if own
            else gettext("%(away)s在这段时间替%(name)s代办；请先给%(name)s另选代办人。") % names
        )


def _own_posts(away: Account, start: date, until: date) -> list[Post]:
    held = Post.objects.filter(
        Q(until__isnull=True) | Q(until__gt=start),
        account=away,
        start__lt=until,
        delegated_from__isnull=True,
        awaits_second=False,
    )
    return list(held.select_related("account").order_by("pk"))


def _hand_on(actor: Actor, post: Post, substitute: Account, start: date, until: date, at: datetime) -> None:
    """Unless the substitute holds as much already for the whole time."""
    for held in Post.objects.filter(account=substitute, role=post.role).order_by("pk"):
        whole = held.start <= start and (held.until is None or held.until >= until)
        if whole and not held.awaits_second and post.division_code.startswith(held.division_code):
            return
        meets = held.start < until and (held.until is None or held.until > start)
        if meets and held.division_code == post.division_code:
            raise AbsenceRefusedError(
                gettext("%(name)s只在这段时间的一部分担任同一岗位；请分段登记，或另选代办人。")
                % {"name": substitute.display_name}
            )
    delegate_post(actor=actor, post=post, to=substitute, start=start, until=until, at=at, in_charge=True)
