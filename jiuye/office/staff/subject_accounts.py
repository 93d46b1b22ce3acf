"""The accounts of residents and firms on record: opened at a counter, given a one-time password, shut, opened again.

Whose record it is, whether they live and who of the counter may be their family is found out above (`casework.own_accounts`), which
holds the record meanwhile; here they are a kind and a text key. Each act is recorded with who did it and why.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from jiuye.office.staff.keeping_accounts import (
    AccountRefusedError,
    new_password,
    plain_username,
    record_act,
)
from jiuye.office.staff.logging_in import end_sessions, forget_failures
from jiuye.office.staff.models import Account
from jiuye.office.staff.queries import Actor, require
from jiuye.office.staff.refusals import NAME

OPEN_FOR_OTHERS = "accounts.open_for_others"


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose account it is: a resident or a firm on record, with the place where their record lies."""

    kind: str  # Account.Kind.RESIDENT or EMPLOYER
    key: str
    name: str
    division_code: str


def account_of_subject(kind: str, key: str) -> Account | None:
    """The account of a resident or a firm; there is at most one (`account_one_a_subject`)."""
    return Account.objects.filter(kind=kind, subject_key=key).exclude(kind=Account.Kind.OFFICER).first()


@transaction.atomic
def open_for(
    subject: Subject, *, actor: Actor, because: str, at: datetime, username: str
) -> tuple[Account, str]:
    """Their account, and its one-time password, which is shown this once. Raises AccountRefusedError, TooLongError, NotPermittedError."""
    require(actor, OPEN_FOR_OTHERS, subject.division_code)
    there = account_of_subject(subject.kind, subject.key)
    if there is not None:
        raise AccountRefusedError(
            _("已经有账号“%(name)s”，一人（一家单位）一个账号；忘记密码的请发一次性密码，停用的请重新启用。")
            % {"name": there.username}
        )
    account = Account(
        username=plain_username(username),
        display_name=shown_name(subject.name),
        kind=subject.kind,
        subject_key=subject.key,
    )
    try:
        with transaction.atomic():
            password = new_password(account, at)
            account.save()
    except IntegrityError as error:
        raise AccountRefusedError(
            _("登录名“%(name)s”已经有人用；请换一个。") % {"name": account.username}, "username"
        ) from error
    record_act(account, "opened", actor, because, at)
    return account, password


@transaction.atomic
def give_password_for(subject: Subject, *, actor: Actor, because: str, at: datetime) -> tuple[Account, str]:
    """A one-time password in the place of a forgotten one; every session ends. Raises AccountRefusedError, TooLongError, NotPermittedError."""
    account = _held(subject, actor)
    if not account.is_active:
        raise AccountRefusedError(_("账号已停用；请用“重新启用”，同时会发一次性密码。"))
    return account, _given(account, "password", actor, because, at)


@transaction.atomic
def shut_for(subject: Subject, *, actor: Actor, because: str, at: datetime) -> tuple[Account, str]:
    """Nobody is let in by it from now on, and there is no password to hand out. Raises AccountRefusedError, TooLongError, NotPermittedError."""
    account = _held(subject, actor)
    if not account.is_active:
        raise AccountRefusedError(_("账号已经停用。"))
    account.is_active = False
    account.save(update_fields=["is_active"])
    record_act(account, "shut", actor, because, at)
    end_sessions(account_id=account.pk, at=at)
    return account, ""


@transaction.atomic
def open_again_for(subject: Subject, *, actor: Actor, because: str, at: datetime) -> tuple[Account, str]:
    """A shut account is in use again, with a one-time password. Raises AccountRefusedError, TooLongError, NotPermittedError."""
    account = _held(subject, actor)
    if account.is_active:
        raise AccountRefusedError(_("账号在用，不用重新启用。"))
    account.is_active = True
    return account, _given(account, "reopened", actor, because, at)


def shown_name(name: str) -> str:
    """What the frame of every page shows: a firm's name may be twice as long as a log-in's. That it is cut is seen."""
    return name if len(name) <= NAME else f"{name[: NAME - 1]}…"


def _held(subject: Subject, actor: Actor) -> Account:
    require(actor, OPEN_FOR_OTHERS, subject.division_code)
    found = Account.objects.select_for_update(of=("self",)).filter(kind=subject.kind, subject_key=subject.key)
    account = found.exclude(kind=Account.Kind.OFFICER).first()
    if account is None:
        raise AccountRefusedError(_("还没有账号；请先开设。"))
    return account


def _given(account: Account, act: str, actor: Actor, because: str, at: datetime) -> str:
    password = new_password(account, at)
    account.save(update_fields=["is_active", "password", "one_time_until"])
    record_act(account, act, actor, because, at)
    end_sessions(account_id=account.pk, at=at)
    forget_failures(username=account.username)
    return password
