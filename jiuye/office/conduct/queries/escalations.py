"""What went to the office above because it was late, while it still waits for the same step under the same deadline."""

from __future__ import annotations

from django.db.models import F, Q, QuerySet

from jiuye.office.conduct.models import Escalation
from jiuye.office.staff.queries import Actor, require, scope_filter
from jiuye.office.staff.roles import PERMISSIONS

STILL = Q(case__state=F("step"), case__due_on=F("due_on")) | Q(
    matter__awaits=F("step"), matter__due_on=F("due_on")
)


def escalated(actor: Actor, *, to_us: bool) -> QuerySet[Escalation]:
    """What came up to an office of the actor's (`to_us`), or everything that went up from the actor's places; the longest late first.

    Raises NotPermittedError for somebody who sees no cases.
    """
    require(actor, "casework.see")
    found = Escalation.objects.filter(STILL, scope_filter(actor, "casework.see", "from_division"))
    if to_us:
        offices = {prefix for role, prefix, _ in actor.posts if "conduct.oversee" in PERMISSIONS[role]}
        found = found.filter(to_division__in=offices)
    return found.select_related("case__charge__holder", "matter__charge__holder").order_by("due_on", "pk")
