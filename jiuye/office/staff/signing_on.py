"""Which account a person of the single sign-on has here.

The first time an account is found by the log-in name that the provider vouches for, and tied to the provider's number of that person;
afterwards by that number alone. A name that the provider gives to somebody else later opens nobody's account.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext

from jiuye.exchange.sign_on import OpenIdProvider, SignedOn, SignOn
from jiuye.office.staff.models import Account, OutsideIdentity

_providers: dict[tuple[str, str, str, str], OpenIdProvider] = {}


class NoAccountError(ValueError):
    """The provider knows the person, this system has no account for them."""

    def __init__(self, name: str) -> None:
        super().__init__(
            gettext(
                "统一身份认证里的“%(name)s”在本系统没有可用的账号；请系统管理员用这个登录名开设账号和岗位。"
            )
            % {"name": name}
        )


class TiedToAnotherError(ValueError):
    """The account of that name belongs to somebody else at the provider: a name was given to another person there."""

    def __init__(self, name: str) -> None:
        super().__init__(
            gettext(
                "登录名“%(name)s”在本系统的账号属于统一身份认证里的另一个人，没有登录；请系统管理员核对是否换了人。"
            )
            % {"name": name}
        )


def sign_on() -> SignOn | None:
    """The provider that this installation names; None where it names none. Raises UnsafeIssuerError."""
    named = (
        settings.SIGN_ON_ISSUER,
        settings.SIGN_ON_CLIENT,
        settings.SIGN_ON_SECRET,
        settings.SIGN_ON_CLAIM,
    )
    if not named[0]:
        return None
    if named not in _providers:
        issuer, client, secret, claim = named
        _providers[named] = OpenIdProvider(issuer, client=client, secret=secret, claim=claim)
    return _providers[named]


@transaction.atomic
def account_of(who: SignedOn, *, at: datetime) -> Account:
    """The account of whom the provider vouches for. Raises NoAccountError, TiedToAnotherError."""
    tied = OutsideIdentity.objects.filter(issuer=who.issuer, subject=who.subject).first()
    if tied is not None:
        account = Account.objects.filter(pk=tied.account_id, is_active=True).first()
        if account is None:
            raise NoAccountError(who.name)
        return account
    # The row is held, so that two people of one name do not both find it free.
    account = Account.objects.select_for_update().filter(username=who.name, is_active=True).first()
    if account is None:
        raise NoAccountError(who.name)
    if OutsideIdentity.objects.filter(account=account, issuer=who.issuer).exists():
        raise TiedToAnotherError(who.name)
    OutsideIdentity.objects.create(account=account, issuer=who.issuer, subject=who.subject, tied_at=at)
    return account
