"""Who may do what, where, on which day."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Final

from django.db.models import Q, QuerySet

from jiuye.office.staff.models import Account, Post
from jiuye.office.staff.roles import PERMISSIONS, ROLES


class Anywhere(Enum):
    """What stands for a division where it does not matter in which."""

    ANYWHERE = "anywhere"


ANYWHERE: Final = Anywhere.ANYWHERE


class NotPermittedError(PermissionError):
    """The actor holds no post that allows the act there. The sentence says which role would."""

    def __init__(self, permission: str, division_code: str | Anywhere | None) -> None:
        roles = "、".join(ROLES[role] for role, may in PERMISSIONS.items() if permission in may) or "—"
        self.permission = permission
        self.division_code = division_code if isinstance(division_code, str) else ""
        self.roles = roles
        super().__init__(f"您的岗位不能在此区划办理这项操作；需要的角色：{roles}。")


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody acting: the account with the posts in force on the day, read once."""

    account_id: int
    name: str
    kind: str
    subject_key: str
    posts: tuple[tuple[str, str, str], ...]  # (role, division code prefix, department)

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(role for role, _, _ in self.posts)

    def may(self, permission: str, division_code: str | Anywhere | None = ANYWHERE) -> bool:
        """True where a post allows the act in that division; where none is asked for, whether some post allows it somewhere.

        An empty division is none at all: what lies nowhere is within no place, and only one's own record is.
        """
        place = None if division_code is ANYWHERE else str(division_code or "")
        return any(
            permission in PERMISSIONS[role] and (place is None or place.startswith(prefix))
            for role, prefix, _ in self.posts
        )

    def scopes(self, permission: str) -> list[str]:
        """The division prefixes in which the act is allowed, shortest first, none inside another."""
        found: list[str] = []
        for prefix in sorted(
            {code for role, code, _ in self.posts if permission in PERMISSIONS[role]}, key=len
        ):
            if not any(prefix.startswith(outer) for outer in found):
                found.append(prefix)
        return found


def actor_for(account: Account, *, on: date) -> Actor:
    """The actor behind an account on that day. The post of a resident or an employer is their own account."""
    if account.kind != Account.Kind.OFFICER:
        posts = ((str(account.kind), "", ""),)
        return Actor(account.pk, account.display_name, account.kind, account.subject_key, posts)
    rows = tuple(posts_held(account, on=on).values_list("role", "division_code", "department"))
    return Actor(account.pk, account.display_name, account.kind, "", rows)


def posts_held(account: Account | int, *, on: date) -> QuerySet[Post]:
    """An officer's posts of the day, in the order in which an actor keeps them."""
    return posts_in_force(on=on).filter(account=account).order_by("role", "division_code")


def posts_in_force(*, on: date) -> QuerySet[Post]:
    """Every post of the day, whoever holds it; not one that waits for a second administrator."""
    return Post.objects.filter(Q(until__isnull=True) | Q(until__gt=on), start__lte=on, awaits_second=False)


def require(actor: Actor, permission: str, division_code: str | Anywhere | None = ANYWHERE) -> None:
    """Return where the act is allowed, as `Actor.may` says; raise NotPermittedError otherwise."""
    if not actor.may(permission, division_code):
        raise NotPermittedError(permission, division_code)


def scope_filter(actor: Actor, permission: str, field: str) -> Q:
    """A filter on a division-code field that leaves what the actor may see; nothing where there is no post."""
    scopes = actor.scopes(permission)
    condition = Q(pk__in=[])
    for prefix in scopes:
        condition |= Q(**{f"{field}__startswith": prefix}) if prefix else Q()
    return Q() if "" in scopes else condition


def accounts_named(usernames: Collection[str]) -> dict[str, Account]:
    """The active accounts of these user names; a name without one is left out."""
    found = Account.objects.filter(username__in=usernames, is_active=True).order_by("username")
    return {account.username: account for account in found}
