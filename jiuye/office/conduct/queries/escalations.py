"""What went to the office above because it was late, while it still waits: for the same step under the same deadline, an answer, a review,
a service, an application for a loan, something granted that is due to be looked at again."""

from __future__ import annotations

from django.db.models import F, Q, QuerySet

from jiuye.office.conduct.models import Escalation, Rating
from jiuye.office.matters.queries import owed
from jiuye.office.staff.queries import Actor, require, scope_filter
from jiuye.office.staff.roles import PERMISSIONS

STILL = (
    Q(case__state=F("step"), case__due_on=F("due_on"))
    | Q(matter__awaits=F("step"), matter__due_on=F("due_on"))
    | Q(rating__isnull=False, rating__answer__isnull=True)
    | Q(case_review__decided_on__isnull=True, case_review__case__state="refused")
    | Q(matter_review__decided_on__isnull=True, matter_review__matter__state="refused")
    | Q(loan_review__decided_on__isnull=True, loan_review__loan__state="refused")
    | Q(loan__state="applied", loan__promised_on=F("due_on"))
    | Q(due_review__outcome="")
)
# Which rows come up to whom (the permission that the post at the upper office carries), and who sees them from below.
KINDS = (
    (Q(case__isnull=False) | Q(matter__isnull=False), "conduct.oversee", "casework.see"),
    (Q(rating__isnull=False), "conduct.answer", "matters.see"),
    (Q(case_review__isnull=False), "conduct.oversee", "casework.see"),
    (Q(matter_review__isnull=False), "conduct.oversee", "matters.see"),
    (Q(loan_review__isnull=False), "conduct.oversee", "ventures.see"),
    (Q(promised__isnull=False), "conduct.oversee", "matters.see"),
    (Q(loan__isnull=False), "conduct.oversee", "ventures.see"),
    (Q(due_review__isnull=False), "conduct.oversee", "matters.see"),
)


def escalated(actor: Actor, *, to_us: bool) -> QuerySet[Escalation]:
    """What came up to an office of the actor's (`to_us`), or everything that went up from the actor's places; the longest late first.

    A mark comes up to those who answer marks, and is seen by whoever sees matters; a refused loan's review by whoever sees loans.

    Raises NotPermittedError for somebody who sees no cases.
    """
    require(actor, "casework.see")
    theirs = Q(pk__in=[])
    for kind, overseen_with, seen_with in KINDS:
        here = Q(to_division__in=_offices(actor, overseen_with)) if to_us else Q()
        theirs |= kind & here & scope_filter(actor, seen_with, "from_division")
    still = STILL | Q(promised__in=owed().order_by().values("pk"))
    found = Escalation.objects.filter(still, theirs)
    return found.select_related(
        "case",
        "matter",
        "rating__matter",
        "rating__case",
        "rating__loan",
        "case_review__case",
        "matter_review__matter",
        "loan_review__loan",
        "promised__matter",
        "loan",
        "due_review__matter",
    ).order_by("due_on", "pk")


def rises_of(rating: Rating) -> list[Escalation]:
    """Where an unanswered mark went up to, the earliest first; for a page that has checked whose it is."""
    return list(Escalation.objects.filter(rating=rating).order_by("pk"))


def _offices(actor: Actor, permission: str) -> set[str]:
    return {prefix for role, prefix, _ in actor.posts if permission in PERMISSIONS[role]}
