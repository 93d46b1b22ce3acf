"""The code without which nobody enrols a second factor whose password an administrator gave (登记码): another administrator hands it over.

Whoever gave a password could log in with it before its owner does and enrol a device of their own; then they would be the approver. So what
it takes to be somebody for the first time is split between two: one gives the password, another makes sure of the person and gives the code.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from jiuye.office.staff import second_factor
from jiuye.office.staff.keeping_accounts import (
    ONE_TIME_HOURS,
    AccountRefusedError,
    held_account,
    in_groups,
    places_of,
    record_act,
)
from jiuye.office.staff.models import Account, AccountAct, EnrolmentCode, SecondFactor
from jiuye.office.staff.queries import Actor, posts_in_force


class EnrolmentCodeError(second_factor.WrongCodeError):
    """Enrolling takes a code that another administrator gives; this is none, or it was used, or its time is over."""

    def __init__(self) -> None:
        ValueError.__init__(
            self, _("登记码不对、已经用过或者过期了；请向发给您的系统管理员核对，或者请他另发一个。")
        )


def password_given_by(account_id: int) -> Account | None:
    """The administrator who gave the account its password last; None where it was the server's command, or nobody did."""
    acts = AccountAct.objects.filter(account_id=account_id, act__in=AccountAct.GIVES_A_PASSWORD)
    last = acts.select_related("by").order_by("-at", "-pk").first()
    return last.by if last is not None else None


def who_gives_the_code(account: Account, *, on: date) -> str:
    """Who hands over the code, in a sentence; empty where enrolling takes none."""
    giver = password_given_by(account.pk)
    if giver is None:
        return ""
    places = places_of(account, on=on)
    found = posts_in_force(on=on).filter(role="administrator", account__is_active=True)
    found = found.exclude(account__in=[account.pk, giver.pk]).select_related("account").order_by("pk")
    held: dict[str, set[str]] = {}
    for post in found:
        held.setdefault(post.account.display_name, set()).add(post.division_code)
    names = sorted(
        name for name, over in held.items() if all(place.startswith(tuple(over)) for place in places)
    )
    words = _(
        "您的密码是系统管理员%(giver)s发的，启用第二重验证还要一个登记码，由另一名系统管理员核实您本人后给您："
    ) % {"giver": giver.display_name}
    if names:
        return words + _("%(names)s。") % {"names": "、".join(names)}
    return words + _("这里没有另一名，请运行维护人员在服务器上运行 jiuye accounts enrol %(name)s。") % {
        "name": account.username
    }


@transaction.atomic
def give_code(*, actor: Actor | None, account_id: int, because: str, on: date, at: datetime) -> str:
    """A code to enrol with, shown this once, good for as long as a one-time password; one given before is void.

    Raises AccountRefusedError where the account is enrolled, is shut, takes no code, or has its password from the actor; NotPermittedError.
    """
    account = held_account(actor, account_id, on)
    if not account.is_active:
        raise AccountRefusedError(_("账号已停用；请先重新启用。"))
    if SecondFactor.objects.filter(account=account, confirmed_at__isnull=False).exists():
        raise AccountRefusedError(_("这个账号已经启用第二重验证，不用登记码。"))
    giver = password_given_by(account.pk)
    if giver is None:
        raise AccountRefusedError(_("这个账号的密码不是系统管理员发的，启用第二重验证不用登记码。"))
    if actor is not None and giver.pk == actor.account_id:
        raise AccountRefusedError(
            _(
                "密码是您发的，登记码不能也由您给：两样都在一个人手里，就能冒充本人。请由另一名系统管理员核实本人后给。"
            )
        )
    code = in_groups()
    EnrolmentCode.objects.filter(account=account, used_at__isnull=True).delete()
    EnrolmentCode.objects.create(
        account=account,
        digest=_digest(code),
        given_by_id=actor.account_id if actor is not None else None,
        until=at + timedelta(hours=ONE_TIME_HOURS),
    )
    record_act(account, "enrolment_code", actor, because, at)
    return code


@transaction.atomic
def begin(*, account: Account, code: str, at: datetime) -> SecondFactor:
    """A secret to be confirmed (`second_factor.begin`), for a code where the account's password was given. Raises EnrolmentCodeError."""
    if password_given_by(account.pk) is not None:
        good = EnrolmentCode.objects.filter(
            account=account, used_at__isnull=True, until__gt=at, digest=_digest(code)
        )
        if good.update(used_at=at) != 1:
            raise EnrolmentCodeError
    return second_factor.begin(account=account)


def _digest(code: str) -> bytes:
    """However the groups are typed."""
    return second_factor.digest_of(code.replace("-", ""))
