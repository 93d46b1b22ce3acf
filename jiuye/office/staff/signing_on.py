"""Which officer's account a person of the single sign-on has here. Whose of the residents and firms it is that the provider of the public
vouches for is found in `casework.vouched_accounts`.

The first time an account is found by the log-in name that the provider vouches for, and tied to the provider's number of that person
once the second factor was given where the account needs one; afterwards by that number alone. A name that the provider gives to somebody else later opens nobody's account.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext

from jiuye.exchange.sign_on import LevelsNotNamedError, OpenIdProvider, SignedOn, SignOn
from jiuye.office.staff.models import Account, OutsideIdentity

_providers: dict[tuple[str, ...], OpenIdProvider] = {}


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
                "登录名“%(name)s”在本系统的账号属于统一身份认证里的另一个人，没有登录；请系统管理员核对是否换了人，换了人的在“账号”页解除绑定。"
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


def public_sign_on() -> SignOn | None:
    """The provider of residents and firms; None where none is named. Raises UnsafeIssuerError, and LevelsNotNamedError where it is not said
    how surely it must know somebody.
    """
    issuer, client = settings.PUBLIC_SIGN_ON_ISSUER, settings.PUBLIC_SIGN_ON_CLIENT
    if not issuer:
        return None
    levels = tuple(filter(None, (part.strip() for part in settings.PUBLIC_SIGN_ON_LEVELS.split(","))))
    if not levels:
        raise LevelsNotNamedError
    claims = {
        "name": settings.PUBLIC_SIGN_ON_NAME,
        "id_number": settings.PUBLIC_SIGN_ON_ID_NUMBER,
        "credit_code": settings.PUBLIC_SIGN_ON_CREDIT_CODE,
    }
    secret, scope, level = (
        settings.PUBLIC_SIGN_ON_SECRET,
        settings.PUBLIC_SIGN_ON_SCOPE,
        settings.PUBLIC_SIGN_ON_LEVEL,
    )
    named = ("public", issuer, client, secret, scope, level, *levels, *claims.values())
    if named not in _providers:
        _providers[named] = OpenIdProvider(
            issuer,
            client=client,
            secret=secret,
            claim="",
            scope=scope,
            vouched=claims,
            level=level,
            levels=levels,
        )
    return _providers[named]


def account_of(who: SignedOn) -> tuple[Account, bool]:
    """The account of whom the provider vouches for, and whether it is tied to that person already. Ties nothing, since a name alone
    proves nothing where an account needs a second factor (`tie`). Raises NoAccountError, TiedToAnotherError.
    """
    tied = OutsideIdentity.objects.filter(issuer=who.issuer, subject=who.subject).first()
    if tied is not None:
        account = Account.objects.filter(pk=tied.account_id, is_active=True).first()
        if account is None:
            raise NoAccountError(who.name)
        return account, True
    # Officers only: a resident chooses a log-in name of their own, which may be an officer's there.
    officers = Account.objects.filter(kind=Account.Kind.OFFICER, is_active=True)
    account = officers.filter(username=who.name).first()
    if account is None:
        raise NoAccountError(who.name)
    if OutsideIdentity.objects.filter(account=account, issuer=who.issuer).exists():
        raise TiedToAnotherError(who.name)
    return account, False


@transaction.atomic
def tie(*, account_id: int, issuer: str, subject: str, at: datetime) -> None:
    """Tie the account to a person at the provider, once whoever signs on has shown all that the account asks for; a second time
    nothing happens. Raises TiedToAnotherError where either belongs to another by now.
    """
    # The row is held, so that two people of one name do not both find it free.
    account = Account.objects.select_for_update().get(pk=account_id)
    there = list(
        OutsideIdentity.objects.filter(Q(account=account) | Q(subject=subject), issuer=issuer).order_by("pk")
    )
    if [(row.account_id, row.subject) for row in there] == [(account_id, subject)]:
        return
    if there:
        raise TiedToAnotherError(account.username)
    OutsideIdentity.objects.create(account=account, issuer=issuer, subject=subject, tied_at=at)
