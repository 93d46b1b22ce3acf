"""Who holds which post: for the administrator, and one's own for whoever hands one on."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from jiuye.office.staff.models import Account, Post
from jiuye.office.staff.queries import Actor, require, scope_filter

MANAGE = "staff.manage"
NAMED = ("account", "delegated_from__account", "given_by", "confirmed_by", "ended_by")


def posts_of(actor: Actor, *, on: date, ended: bool = False) -> QuerySet[Post]:
    """The posts in the actor's places that hold on the day or begin later (or that have ended, or never came into force), by place and role."""
    require(actor, MANAGE)
    over = Q(until__isnull=False, until__lte=on)
    every = Post.every if ended else Post.objects
    over = over | Q(void=True)
    found = every.filter(scope_filter(actor, MANAGE, "division_code"), over if ended else ~over)
    return found.select_related(*NAMED).order_by("division_code", "role", "start", "pk")


def own_posts(actor: Actor, *, on: date) -> list[Post]:
    """The actor's own posts that have not ended, delegated ones among them."""
    found = Post.objects.filter(Q(until__isnull=True) | Q(until__gt=on), account_id=actor.account_id)
    return list(found.select_related(*NAMED).order_by("start", "pk"))


def officer_named(username: str) -> Account | None:
    """The officer's account of that name, in use."""
    return Account.objects.filter(
        username=username.strip(), kind=Account.Kind.OFFICER, is_active=True
    ).first()


def officers(actor: Actor) -> list[Account]:
    """Every officer's account in use but the actor's own, by name: whom a post can be given to or handed on to."""
    found = Account.objects.filter(kind=Account.Kind.OFFICER, is_active=True).exclude(pk=actor.account_id)
    return list(found.order_by("display_name", "username"))
