"""Officers' accounts as an administrator sees them, and what was done to one's own."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from jiuye.office.staff.keeping_accounts import may_keep, places_of
from jiuye.office.staff.models import Account, AccountAct, FactorRelease, OutsideIdentity, Post, SecondFactor
from jiuye.office.staff.queries import Actor, require, scope_filter
from jiuye.office.staff.row_rules import CITY_DIGITS

MANAGE = "staff.manage"


def accounts_kept(actor: Actor, *, on: date, words: str = "", shut: bool = False) -> QuerySet[Account]:
    """The officers' accounts that lie wholly in the actor's places, but their own; by name.

    `enrolled` says whether there is a second factor, `held` which posts there are or will be.
    """
    require(actor, MANAGE)
    held = _held_from(on).filter(account=OuterRef("pk"))
    inside = scope_filter(actor, MANAGE, "division_code")
    nowhere = any(len(scope) <= CITY_DIGITS for scope in actor.scopes(MANAGE))
    own = inside | Q(division_code="") if nowhere else inside & ~Q(division_code="")
    found = (
        Account.objects.filter(kind=Account.Kind.OFFICER, is_active=not shut)
        .exclude(pk=actor.account_id)
        .filter(Exists(held) & ~Exists(held.exclude(inside)) | ~Exists(held) & own)
        .annotate(
            enrolled=Exists(SecondFactor.objects.filter(account=OuterRef("pk"), confirmed_at__isnull=False))
        )
        .prefetch_related(Prefetch("posts", _held_from(on).order_by("start", "pk"), to_attr="held"))
    )
    if words:
        found = found.filter(Q(username__icontains=words) | Q(display_name__icontains=words))
    return found.order_by("display_name", "username", "pk")


def account_kept(actor: Actor, account_id: int, *, on: date) -> Account | None:
    """One of them; None where there is none such, or where it is not theirs to keep."""
    require(actor, MANAGE)
    account = Account.objects.filter(pk=account_id).first()
    return account if account is not None and may_keep(actor, account, places_of(account, on=on)) else None


def posts_of_account(account: Account, *, on: date) -> list[Post]:
    """The posts that it holds or will hold."""
    return list(_held_from(on).filter(account=account).order_by("start", "pk"))


def _held_from(on: date) -> QuerySet[Post]:
    return Post.objects.filter(Q(until__isnull=True) | Q(until__gt=on))


def acts_on(account_id: int, *, most: int = 30) -> list[AccountAct]:
    """What was done to an account, the latest first."""
    found = AccountAct.objects.filter(account_id=account_id).select_related("by")
    return list(found.order_by("-at", "-pk")[:most])


def identities_of(account_id: int) -> list[OutsideIdentity]:
    """Who the account is at the providers of single sign-on, the first tied first."""
    return list(OutsideIdentity.objects.filter(account_id=account_id).order_by("tied_at", "pk"))


def open_release(account_id: int) -> FactorRelease | None:
    """The release of its second factor that waits for another administrator."""
    found = FactorRelease.objects.filter(account_id=account_id, freed__isnull=True)
    return found.select_related("asked_by").first()


def releases_waiting(actor: Actor, *, on: date) -> list[FactorRelease]:
    """What waits for a decision on accounts that are the actor's to keep, the oldest first."""
    kept = accounts_kept(actor, on=on).order_by().values("pk")
    found = FactorRelease.objects.filter(freed__isnull=True, account__in=kept)
    return list(found.select_related("account", "asked_by").order_by("asked_at", "pk"))
