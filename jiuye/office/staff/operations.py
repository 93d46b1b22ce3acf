"""Changes to accounts and posts, and the recording of looks."""

from __future__ import annotations

from datetime import date, datetime

import pghistory
from django.db import transaction

from jiuye.office.staff.models import Account, LookRecord, Post
from jiuye.office.staff.queries import Actor, require
from jiuye.office.staff.roles import INCOMPATIBLE, ROLES


class IncompatiblePostsError(ValueError):
    """Two roles that must not meet in one person (不相容岗位分离)."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(
            f"“{ROLES[first]}”与“{ROLES[second]}”不能由同一人担任；请另派一人，或先结束其中一个岗位。"
        )


@transaction.atomic
def give_post(
    *,
    actor: Actor,
    account: Account,
    role: str,
    division_code: str,
    start: date,
    until: date | None,
    department: str = "",
) -> Post:
    """Give a post; refuses one that is incompatible with a post held in the same time."""
    require(actor, "staff.manage")
    return place_in_post(
        account=account,
        role=role,
        division_code=division_code,
        start=start,
        until=until,
        department=department,
    )


def place_in_post(
    *, account: Account, role: str, division_code: str, start: date, until: date | None, department: str = ""
) -> Post:
    """The same without the permission check: for setting up an installation."""
    others = Post.objects.filter(account=account).order_by("pk")
    for other in others:
        together = (until is None or other.start < until) and (other.until is None or start < other.until)
        for first, second in INCOMPATIBLE:
            if together and {first, second} == {role, other.role}:
                raise IncompatiblePostsError(first, second)
    with pghistory.context(operation="staff.place_in_post"):
        return Post.objects.create(
            account=account,
            role=role,
            division_code=division_code,
            start=start,
            until=until,
            department=department,
        )


def record_look(
    *, actor: Actor, subject_kind: str, subject_key: str, field: str, purpose: str, at: datetime
) -> LookRecord:
    """Record one look at protected data, before the data is shown."""
    return LookRecord.objects.create(
        account_id=actor.account_id,
        subject_kind=subject_kind,
        subject_key=subject_key,
        field=field,
        purpose=purpose,
        looked_at=at,
    )
