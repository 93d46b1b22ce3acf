"""What went to the office above because it was late, while it still waits for the same step under the same deadline, or for its answer."""

from __future__ import annotations

from django.db.models import F, Q, QuerySet

from jiuye.office.conduct.models import Escalation, Rating
from jiuye.office.staff.queries import Actor, require, scope_filter
from jiuye.office.staff.roles import PERMISSIONS

STILL = (
    Q(case__state=F("step"), case__due_on=F("due_on"))
    | Q(matter__awaits=F("step"), matter__due_on=F("due_on"))
    | Q(rating__isnull=False, rating__answer__isnull=True)
)


def escalated(actor: Actor, *, to_us: bool) -> QuerySet[Escalation]:
    """What came up to an office of the actor's (`to_us`), or everything that went up from the actor's places; the longest late first.

    A mark comes up to those who answer marks, and is seen by whoever sees matters. Raises NotPermittedError for somebody who sees no cases.
    """
    require(actor, "casework.see")
    step, mark = Q(rating__isnull=True), Q(rating__isnull=False)
    if to_us:
        step &= Q(to_division__in=_offices(actor, "conduct.oversee"))
        mark &= Q(to_division__in=_offices(actor, "conduct.answer"))
    found = Escalation.objects.filter(
        STILL,
        step & scope_filter(actor, "casework.see", "from_division")
        | mark & scope_filter(actor, "matters.see", "from_division"),
    )
    return found.select_related(
        "case__charge__holder", "matter__charge__holder", "rating__matter", "rating__case"
    ).order_by("due_on", "pk")


def rises_of(rating: Rating) -> list[Escalation]:
    """Where an unanswered mark went up to, the earliest first; for a page that has checked whose it is."""
    return list(Escalation.objects.filter(rating=rating).order_by("pk"))


def _offices(actor: Actor, permission: str) -> set[str]:
    return {prefix for role, prefix, _ in actor.posts if permission in PERMISSIONS[role]}
