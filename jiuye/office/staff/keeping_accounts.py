"""Officers' accounts: opened, given a one-time password, shut, opened again, freed of a lost second factor, untied from
the single sign-on. Each act is recorded with its reason.

Who acts is an administrator (`staff.manage`) in whose places the account lies: every post that it holds or will hold, or, where it has
none, the place that it was opened for. Nobody acts on their own account. At the server (`jiuye accounts`) nobody is asked: `actor` is None.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from jiuye.office.staff.logging_in import end_sessions, forget_failures
from jiuye.office.staff.models import (
    Account,
    AccountAct,
    EnrolmentCode,
    FactorRelease,
    OutsideIdentity,
    Post,
    RecoveryCode,
    SecondFactor,
)
from jiuye.office.staff.operations import place_in_post
from jiuye.office.staff.places import place_on_file
from jiuye.office.staff.queries import Actor, NotPermittedError, posts_in_force, require
from jiuye.office.staff.refusals import LINE, NAME, Refusal, within
from jiuye.office.staff.row_rules import CITY_DIGITS

MANAGE = "staff.manage"
ONE_TIME_HOURS = 72  # a choice of design: over a weekend, and no longer lying about
GROUPS, GROUP_SIGNS = 3, 4
SIGNS = (
    "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # without what is read for another: 0 O 1 l I
)
USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,59}")


class AccountRefusedError(Refusal):
    """An account that cannot be opened or changed so. `field` is what of a form the sentence is about, or empty."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


def open_account(
    *, actor: Actor | None, username: str, display_name: str, division_code: str, because: str, at: datetime
) -> tuple[Account, str]:
    """A new officer's account without a post, and its one-time password, which is shown this once.

    Raises AccountRefusedError, TooLongError and NotPermittedError.
    """
    if not division_code:
        raise AccountRefusedError(_("没有写明所属区划；请选一个区划。"), "division_code")
    if actor is not None:
        require(actor, MANAGE, division_code)
    if not place_on_file(division_code):
        raise AccountRefusedError(
            _("区划目录里没有“%(code)s”；请从列表里选。") % {"code": division_code}, "division_code"
        )
    username, display_name = plain_username(username), within(display_name, NAME, "姓名", "display_name")
    if not display_name:
        raise AccountRefusedError(_("请写姓名。"), "display_name")
    account = Account(
        username=username,
        display_name=display_name,
        kind=Account.Kind.OFFICER,
        division_code=division_code,
    )
    try:
        with transaction.atomic():
            password = new_password(account, at)
            account.save()
            record_act(account, "opened", actor, because, at)
    except IntegrityError as error:
        raise AccountRefusedError(
            _("登录名“%(name)s”已经有人用；请换一个，离开后回来的人请重新启用原来的账号。")
            % {"name": username},
            "username",
        ) from error
    return account, password


@transaction.atomic
def give_password(*, actor: Actor | None, account_id: int, because: str, on: date, at: datetime) -> str:
    """A one-time password in the place of a forgotten one; every session ends, failed attempts are forgotten. The second factor stays.

    Raises AccountRefusedError for an account that is shut, NotPermittedError.
    """
    account = held_account(actor, account_id, on)
    if not account.is_active:
        raise AccountRefusedError(_("账号已停用；请用“重新启用”，同时会发一次性密码。"))
    password = new_password(account, at)
    account.save(update_fields=["password", "one_time_until"])
    record_act(account, "password", actor, because, at)
    end_sessions(account_id=account.pk, at=at)
    forget_failures(username=account.username)
    return password


@transaction.atomic
def shut_account(*, actor: Actor | None, account_id: int, because: str, on: date, at: datetime) -> Account:
    """Nobody is let in by it from now on, sessions under way end. Its posts stand until they are ended. Raises AccountRefusedError."""
    account = held_account(actor, account_id, on)
    if not account.is_active:
        raise AccountRefusedError(_("账号已经停用。"))
    account.is_active = False
    account.save(update_fields=["is_active"])
    record_act(account, "shut", actor, because, at)
    end_sessions(account_id=account.pk, at=at)
    return account


@transaction.atomic
def open_again(*, actor: Actor | None, account_id: int, because: str, on: date, at: datetime) -> str:
    """A shut account is in use again, with a one-time password: the old one may be known to others. Raises AccountRefusedError."""
    account = held_account(actor, account_id, on)
    if account.is_active:
        raise AccountRefusedError(_("账号在用，不用重新启用。"))
    account.is_active = True
    password = new_password(account, at)
    account.save(update_fields=["is_active", "password", "one_time_until"])
    record_act(account, "reopened", actor, because, at)
    forget_failures(username=account.username)
    return password


@transaction.atomic
def ask_release(*, actor: Actor, account_id: int, because: str, on: date, at: datetime) -> FactorRelease:
    """Ask that an account be freed of its second factor, whose device and recovery codes are lost.

    One who gives a password alone and takes the second factor off as well could be anybody who approves or pays: so another decides.
    Raises AccountRefusedError where there is none, or where it was asked already.
    """
    account = held_account(actor, account_id, on)
    if not SecondFactor.objects.filter(account=account, confirmed_at__isnull=False).exists():
        raise AccountRefusedError(_("这个账号没有启用第二重验证。"))
    if FactorRelease.objects.filter(account=account, freed__isnull=True).exists():
        raise AccountRefusedError(_("这个账号已经提出解除，等另一名系统管理员决定。"))
    act = record_act(account, "release_asked", actor, because, at)
    return FactorRelease.objects.create(
        account=account, because=act.because, asked_by_id=actor.account_id, asked_at=at
    )


@transaction.atomic
def decide_release(*, actor: Actor, release_id: int, free: bool, on: date, at: datetime) -> FactorRelease:
    """Another administrator frees the account, or does not. Freed, every session of it ends, and its next one enrols anew.

    Raises AccountRefusedError where the actor asked, or where it is decided already.
    """
    release = (
        FactorRelease.objects.select_for_update(of=("self",))
        .select_related("account")
        .filter(pk=release_id)
        .first()
    )
    if release is None:
        raise AccountRefusedError(_("没有这件解除申请；请看最新的列表。"))
    account = held_account(actor, release.account_id, on)
    if release.freed is not None:
        raise AccountRefusedError(_("这件解除申请已经有人决定。"))
    if release.asked_by_id == actor.account_id:
        raise AccountRefusedError(_("解除是您提出的，不能由您决定；请由另一名系统管理员核实本人后决定。"))
    release.decided_by_id, release.decided_at, release.freed = actor.account_id, at, free
    release.save(update_fields=["decided_by", "decided_at", "freed"])
    done = "released" if free else "release_declined"
    record_act(account, done, actor, release.because, at)
    if free:
        _free(account, at)
    return release


@transaction.atomic
def untie_identity(*, actor: Actor | None, account_id: int, because: str, on: date, at: datetime) -> Account:
    """The account belongs to no person of the single sign-on any more; every session ends. The next one there of its log-in name is tied to it
    anew, once all that the account asks for was given. Raises AccountRefusedError where it is tied to nobody.
    """
    account = held_account(actor, account_id, on)
    tied = OutsideIdentity.objects.filter(account=account)
    if not tied.exists():
        raise AccountRefusedError(_("这个账号没有绑定统一身份。"))
    record_act(account, "untied", actor, because, at)
    tied.delete()
    end_sessions(account_id=account.pk, at=at)
    return account


@transaction.atomic
def free_at_server(*, account_id: int, because: str, on: date, at: datetime) -> None:
    """The same by a command, where no second administrator is there to decide. Raises AccountRefusedError where there is none."""
    account = held_account(None, account_id, on)
    if not SecondFactor.objects.filter(account=account, confirmed_at__isnull=False).exists():
        raise AccountRefusedError(_("这个账号没有启用第二重验证。"))
    record_act(account, "released", None, because, at)
    _free(account, at)


@transaction.atomic
def open_first_administrator(
    *, username: str, display_name: str, division_code: str, because: str, on: date, at: datetime
) -> tuple[Account, str]:
    """The account with which an installation begins: administrator over the city, from today on. Raises AccountRefusedError.

    Where one is in use already nothing is opened: that one opens the others.
    """
    there = posts_in_force(on=on).filter(
        role="administrator", division_code=division_code, account__is_active=True
    )
    found = there.select_related("account").order_by("pk").first()
    if found is not None:
        raise AccountRefusedError(
            _(
                "已经有在用的系统管理员“%(name)s”，没有再开；其他账号请由他在“账号”页开设，忘记密码的用 jiuye accounts password。"
            )
            % {"name": found.account.username}
        )
    account, password = open_account(
        actor=None,
        username=username,
        display_name=display_name,
        division_code=division_code,
        because=because,
        at=at,
    )
    place_in_post(account=account, role="administrator", division_code=division_code, start=on, until=None)
    return account, password


def places_of(account: Account, *, on: date) -> set[str]:
    """Where an account lies: the places of the posts that have not ended; without one, the place it was opened for; empty for neither."""
    held = Post.objects.filter(Q(until__isnull=True) | Q(until__gt=on), account=account).order_by("pk")
    return set(held.values_list("division_code", flat=True)) or {account.division_code}


def may_keep(actor: Actor, account: Account, places: Iterable[str]) -> bool:
    """True where the actor manages staff in all of these places, and the account is not their own."""
    if account.pk == actor.account_id or account.kind != Account.Kind.OFFICER:
        return False
    return all(actor.may(MANAGE, place) if place else _over_a_city(actor) for place in places)


def _over_a_city(actor: Actor) -> bool:
    """Accounts of nowhere are the city's to look after."""
    return any(len(scope) <= CITY_DIGITS for scope in actor.scopes(MANAGE))


def held_account(actor: Actor | None, account_id: int, on: date) -> Account:
    """An officer's account that is the actor's to keep, held until the end of the transaction. Raises AccountRefusedError, NotPermittedError."""
    account = Account.objects.select_for_update(of=("self",)).filter(pk=account_id).first()
    if account is None or account.kind != Account.Kind.OFFICER:
        raise AccountRefusedError(_("没有这个工作人员账号。"))
    if actor is not None and account.pk == actor.account_id:
        raise AccountRefusedError(_("不能办理自己的账号；请由另一名系统管理员办理。"))
    places = places_of(account, on=on)
    if actor is not None and not may_keep(actor, account, places):
        raise NotPermittedError(MANAGE, min(places))
    return account


def record_act(account: Account, act: str, actor: Actor | None, because: str, at: datetime) -> AccountAct:
    """What was done stands on the account with its reason. Raises AccountRefusedError without one, TooLongError."""
    words = within(because, LINE, "原因", "because")
    if not words:
        raise AccountRefusedError(_("请写明原因；它会留在记录里，本人也看得到。"), "because")
    by = actor.account_id if actor is not None else None
    return AccountAct.objects.create(account=account, act=act, by_id=by, at=at, because=words)


def plain_username(text: str) -> str:
    """The log-in name as it is kept. Raises AccountRefusedError."""
    name = text.strip().lower()
    if not USERNAME.fullmatch(name):
        raise AccountRefusedError(
            _("登录名用 3 到 60 个小写字母、数字、点、短横或下划线，以字母或数字开头。"), "username"
        )
    return name


def _free(account: Account, at: datetime) -> None:
    SecondFactor.objects.filter(account=account).delete()
    RecoveryCode.objects.filter(account=account).delete()
    end_sessions(account_id=account.pk, at=at)


def in_groups() -> str:
    """What is read out and typed once, a password or a code: groups of random signs that are not taken for each other."""
    return "-".join("".join(secrets.choice(SIGNS) for sign in range(GROUP_SIGNS)) for group in range(GROUPS))


def new_password(account: Account, at: datetime) -> str:
    """A one-time password by the pack's own rule, set; the account is not saved yet. A device that was begun, and a code to enrol one, are
    gone: whoever logs in next has been given neither.
    """
    if account.pk is not None:
        SecondFactor.objects.filter(account=account, confirmed_at__isnull=True).delete()
        EnrolmentCode.objects.filter(account=account, used_at__isnull=True).delete()
    while True:
        password = in_groups()
        try:
            validate_password(password, account)
        except ValidationError:
            continue
        account.set_password(password)
        account.one_time_until = at + timedelta(hours=ONE_TIME_HOURS)
        return password
