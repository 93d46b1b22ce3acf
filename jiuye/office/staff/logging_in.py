"""Failures and lock-out, sessions and their end. Who logs in is found out by the portals; here it is counted and kept."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.sessions.models import Session
from django.db import transaction

from jiuye.office.staff.access import access
from jiuye.office.staff.models import Account, AccountAct, FailedLogIn, SignIn
from jiuye.office.staff.rows import unscoped


def locked_until(*, username: str, address: str, at: datetime) -> datetime | None:
    """Until when nobody is let in under this name or from this address; None where they are. Two queries.

    The failures of the last minutes count, from exactly that long ago (left out) until now. The answer is the same for a name that
    nobody has, so that it tells nothing.
    """
    rules = access()
    window = timedelta(minutes=rules.lock_minutes)
    recent = FailedLogIn.objects.filter(at__gt=at - window, at__lte=at).order_by("-at", "-pk")
    ends = []
    for which, most in (
        ({"username": _name(username)}, rules.failures_of_account),
        ({"address": address[:45]}, rules.failures_of_address),
    ):
        moments = list(recent.filter(**which).values_list("at", flat=True)[:most])
        if len(moments) == most:
            ends.append(moments[-1] + window)
    return max(ends, default=None)


def standing_of(account: Account) -> str:
    """What somebody who is half let in rests on: the password as it was, and that nothing was done to the account since that shuts them out.
    Where it has become another, the way in begins anew.
    """
    done = AccountAct.objects.filter(account=account, act__in=AccountAct.SHUTS_OUT)
    newest = done.order_by("-pk").values_list("pk", flat=True).first()
    return f"{account.get_session_auth_hash()}:{newest or ''}:{'in' if account.is_active else 'shut'}"


def note_failure(*, username: str, address: str, at: datetime) -> None:
    """One attempt that failed."""
    FailedLogIn.objects.create(username=_name(username), address=address[:45], at=at)


def forget_failures(*, username: str) -> None:
    """The door of that name is open again; that of an address stays as it is."""
    FailedLogIn.objects.filter(username=_name(username)).delete()


@unscoped("nobody is known yet while somebody is being let in")
@transaction.atomic
def open_session(*, account: Account, session_key: str, address: str, browser: str, at: datetime) -> SignIn:
    """Somebody was let in: earlier failures of the name are forgotten, the session is listed."""
    forget_failures(username=account.username)
    return SignIn.objects.create(
        account=account,
        session_key=session_key,
        address=address[:45],
        browser=browser[:200],
        started_at=at,
        seen_at=at,
    )


def sessions_of(account_id: int, *, at: datetime) -> list[SignIn]:
    """The sessions of an account that can still be used, the one used last first."""
    alive = Session.objects.filter(expire_date__gt=at).values("session_key")
    found = SignIn.objects.filter(account_id=account_id, ended_at__isnull=True, session_key__in=alive)
    return list(found.order_by("-seen_at", "-pk"))


def touch(*, sign_in_id: int, at: datetime) -> None:
    """The session is in use."""
    SignIn.objects.filter(pk=sign_in_id).update(seen_at=at)


@unscoped("an administrator ends the sessions of the accounts that they keep; none is shown")
@transaction.atomic
def end_sessions(*, account_id: int, at: datetime, only: int | None = None, but: int | None = None) -> int:
    """End sessions of an account: one (`only`), or all (`but` one); returns how many. The next request of an ended one is a visitor's."""
    found = SignIn.objects.filter(account_id=account_id, ended_at__isnull=True)
    found = found.filter(pk=only) if only is not None else found.exclude(pk=but)
    keys = list(found.order_by("pk").values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    return SignIn.objects.filter(session_key__in=keys).update(ended_at=at)


def _name(username: str) -> str:
    return username.strip().lower()[:60]
