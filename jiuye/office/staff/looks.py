"""Who looked at a resident's or an employer's protected data, as the one who was looked at may know it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from jiuye.office.staff.models import LookedAt, LookRecord, Post
from jiuye.office.staff.queries import Actor, require

MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Look:
    """One look: when, from which office (its division's code), in which post (the role), at what, for what work. No officer's name."""

    at: datetime
    office: str
    post: str
    subject_kind: str  # person or employer; else what kind of file it was
    field: str
    purpose: str


def looks_at(actor: Actor) -> list[Look]:
    """The looks at the actor's own record, and at files that it was in, one each; the newest first; two queries."""
    require(actor, "own.see")
    kind = "person" if actor.kind == "resident" else "employer"
    me = {"subject_kind": kind, "subject_key": actor.subject_key}
    files = LookedAt.objects.filter(**me).values("look_id")
    found = LookRecord.objects.filter(Q(**me) | Q(pk__in=files))
    rows = list(found.order_by("-looked_at", "-pk")[:MOST_SHOWN])
    held = Post.objects.filter(account_id__in={row.account_id for row in rows}, awaits_second=False).order_by(
        "start", "pk"
    )
    posts = list(held)
    return [_look(row, [post for post in posts if post.account_id == row.account_id]) for row in rows]


def _look(row: LookRecord, posts: list[Post]) -> Look:
    """The post is the one of that day; of several, the one that began last."""
    day = row.looked_at.date()
    then = [post for post in posts if post.start <= day and (post.until is None or day < post.until)]
    post = then[-1] if then else None
    return Look(
        at=row.looked_at,
        office=post.division_code if post else "",
        post=post.role if post else "",
        subject_kind=row.subject_kind,
        field=row.field,
        purpose=row.purpose,
    )
