"""Whose absence somebody may declare for them: who heads an office, or administers it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db.models import Q, QuerySet

from jiuye.office.conduct.models import Absence, AbsenceReason
from jiuye.office.staff.models import Account, Post
from jiuye.office.staff.queries import Actor, posts_in_force, require, scope_filter
from jiuye.office.staff.roles import PERMISSIONS
from jiuye.office.staff.rows import AUDIT

HEADING, MANAGING = "conduct.oversee", "staff.manage"
# Whoever takes the steps of cases and payments. Leaders, auditors, the finance bureau's and the policy officers are under no employment office.
HANDLING = ("caseworker", "reviewer", "approver", "cashier")
HEADS = sorted(role for role, may in PERMISSIONS.items() if HEADING in may)


def in_charge_of(actor: Actor, account_id: int, *, on: date) -> bool:
    """True where every post of that officer lies in the actor's charge.

    An administrator is in charge of every post of their places. Who oversees a place is in charge of those in it who handle cases and money,
    but not of those that oversee the very same office: one of two reviewers does not choose who does the other's work, the office above does.
    """
    posts = _posts(on).filter(account_id=account_id)
    held = list(posts.order_by("pk"))
    return (
        account_id != actor.account_id and bool(held) and all(in_charge_of_post(actor, post) for post in held)
    )


def colleagues_in_charge(actor: Actor, *, on: date) -> list[Account]:
    """The officers whose absence the actor may declare, by name."""
    require(actor, "desk.open")
    held: dict[int, list[Post]] = {}
    for post in _posts(on).filter(_near(actor)).order_by("pk"):
        held.setdefault(post.account_id, []).append(post)
    mine = {
        account for account, posts in held.items() if all(in_charge_of_post(actor, post) for post in posts)
    }
    # One post in the actor's places does not make somebody theirs who holds another elsewhere.
    elsewhere = _posts(on).filter(account_id__in=mine).exclude(_near(actor))
    mine -= set(elsewhere.order_by("pk").values_list("account_id", flat=True))
    found = Account.objects.filter(pk__in=mine - {actor.account_id}, is_active=True)
    return list(found.order_by("display_name", "pk"))


def absences_in_charge(actor: Actor, *, on: date) -> list[Absence]:
    """The absences that have not ended of those in the actor's charge, the earliest first."""
    theirs = [account.pk for account in colleagues_in_charge(actor, on=on)]
    found = Absence.objects.filter(account_id__in=theirs, until__gt=on)
    return list(found.select_related("account", "substitute", "declared_by").order_by("start", "pk"))


def reasons_of(absences: Collection[Absence], *, actor: Actor) -> dict[int, AbsenceReason]:
    """Why others declared these absences, by their keys: those that the actor may read."""
    mine = Q(absence__account_id=actor.account_id) | Q(absence__declared_by_id=actor.account_id)
    found = AbsenceReason.objects.filter(mine | scope_filter(actor, AUDIT, "division_code"))
    found = found.filter(absence__in=[one.pk for one in absences if one.declared_by_id is not None])
    return {row.absence_id: row for row in found.order_by("pk")}


def declared_for_others(actor: Actor) -> QuerySet[AbsenceReason]:
    """What heads and administrators declared for their colleagues in the places that the actor audits, the newest first, with the reasons."""
    found = AbsenceReason.objects.filter(scope_filter(actor, AUDIT, "division_code"))
    return found.select_related("absence__account", "absence__substitute", "absence__declared_by").order_by(
        "-absence__start", "-pk"
    )


def posts_waiting(absences: Collection[Absence]) -> dict[int, Post]:
    """The absences for which a post was handed on that waits for an administrator's confirmation, each with the first such post."""
    waiting = Post.objects.filter(
        account_id__in={one.substitute_id for one in absences},
        delegated_from__account_id__in={one.account_id for one in absences},
        awaits_second=True,
    ).select_related("account", "given_by", "delegated_from")
    found: dict[int, Post] = {}
    for post in waiting.order_by("pk"):
        for one in absences:
            held = post.delegated_from is not None and post.delegated_from.account_id == one.account_id
            if held and post.account_id == one.substitute_id and one.start <= post.start < one.until:
                found.setdefault(one.pk, post)
    return found


def _posts(on: date) -> QuerySet[Post]:
    """Officers' own posts of the day: what was handed on to somebody is not theirs."""
    return posts_in_force(on=on).filter(delegated_from__isnull=True)


def _near(actor: Actor) -> Q:
    places = Q(pk__in=[])
    for prefix in {*actor.scopes(HEADING), *actor.scopes(MANAGING)}:
        places |= Q(division_code__startswith=prefix)
    return places


def in_charge_of_post(actor: Actor, post: Post) -> bool:
    """True of a post that lies in the actor's charge, whenever it is held."""
    if actor.may(MANAGING, post.division_code):
        return True
    if post.role not in HANDLING:
        return False
    heads = [prefix for role, prefix, _ in actor.posts if role in HEADS]
    return any(
        post.division_code.startswith(prefix)
        and (len(prefix) < len(post.division_code) or post.role not in HEADS)
        for prefix in heads
    )
