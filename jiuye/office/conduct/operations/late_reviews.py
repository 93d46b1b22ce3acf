"""A review of a refusal that nobody decided in its workdays goes to the office above by itself, by the same rules as a late step.

It is owed by the office at the pack's level. Told are those of the pack's role at the nearest office where one of them may decide it: whoever
had a hand in the refusal cannot.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime

from django.db.models import QuerySet

from jiuye.office.casework.models import RefusalReview
from jiuye.office.casework.models.beside import ReviewOfRefusal
from jiuye.office.casework.procedures import LEVEL_DIGITS, procedures
from jiuye.office.casework.queries.reviewing import undecided
from jiuye.office.casework.timeline import record
from jiuye.office.conduct.deadlines import counted
from jiuye.office.conduct.models import Escalation
from jiuye.office.conduct.operations.rising import Escalated, Told, holding, offices_above, tell
from jiuye.office.conduct.states import REVIEW_STEP
from jiuye.office.matters.models import MatterRefusalReview
from jiuye.office.registry.places import COUNTY_DIGITS
from jiuye.office.staff.models import Post
from jiuye.office.staff.roles import PERMISSIONS
from jiuye.office.ventures.models import LoanRefusalReview

# Under which column of what went up each kind of review stands.
COLUMNS: dict[type[ReviewOfRefusal], str] = {
    RefusalReview: "case_review",
    MatterRefusalReview: "matter_review",
    LoanRefusalReview: "loan_review",
}


def counties_with_late_reviews(on: date) -> set[str]:
    """The counties in which a review of a refusal waits beyond its day."""
    codes: set[str] = set()
    for kind in COLUMNS:
        codes |= set(
            _late(kind, on).order_by().values_list(f"{kind.of}__division_code", flat=True).distinct()
        )
    return {code[:COUNTY_DIGITS] for code in codes}


def pass_up_reviews(county: str, posts: list[Post], done: Escalated, on: date, at: datetime) -> None:
    """Pass up the county's late reviews and tell both offices; within the transaction of the county's run.

    Raises CalendarNotPublishedError, MessagesUnreadableError, ProceduresUnreadableError.
    """
    below: dict[tuple[int, str], Told] = defaultdict(Told)
    above: dict[tuple[int, str], Told] = defaultdict(Told)
    for kind, column in COLUMNS.items():
        here = _late(kind, on).filter(**{f"{kind.of}__division_code__startswith": county})
        late = list(here.select_for_update(of=("self",)))
        rows = Escalation.objects.filter(**{f"{column}__in": late}).order_by("pk")
        known = set(rows.values_list(column, "due_on", "to_division"))
        for asked in late:
            rises = [
                row
                for row in _rises(asked, column, on, at)
                if (asked.pk, row.due_on, row.to_division) not in known
            ]
            done.things += bool(rises)
            done.reviews += bool(rises)
            for row in rises:
                row.save()
                done.rises += 1
                details = {"to": row.to_division, "late": row.late_workdays, "review": asked.pk}
                record(asked.refused, "escalate", actor=None, on=on, at=at, details=details)
                for account in _deciders(asked, posts):
                    below[account, row.to_division].rises.append((asked.refused, row))
                for account in holding("conduct.oversee", row.to_division, posts):
                    above[account, row.from_division].rises.append((asked.refused, row))
    tell(below, "review_late", "above", county, done, on, at)
    tell(above, "review_late_up", "place", county, done, on, at)


def _late(kind: type[ReviewOfRefusal], on: date) -> QuerySet[ReviewOfRefusal]:
    return undecided(kind).filter(due_on__lt=on)


def _rises(asked: ReviewOfRefusal, column: str, on: date, at: datetime) -> list[Escalation]:
    """Every level that the review should have reached by now; above the city there is none."""
    assert asked.due_on is not None  # only what has a deadline is late
    late = counted(asked.due_on, on)
    again = procedures().refusal_review
    office = asked.refused.division_code[: LEVEL_DIGITS[again.level]]
    return [
        Escalation(
            **{column: asked},
            step=REVIEW_STEP,
            role=again.by,
            due_on=asked.due_on,
            late_workdays=late,
            from_division=office,
            to_division=above,
            on_date=on,
            at=at,
        )
        for above in offices_above(office, late)
    ]


def _deciders(asked: ReviewOfRefusal, posts: list[Post]) -> set[int]:
    """The accounts at the nearest office where somebody may decide it: of the pack's role, with no hand in the refusal."""
    again = procedures().refusal_review
    fitting = [
        post
        for post in posts
        if post.role == again.by
        and asked.decided_with in PERMISSIONS[post.role]
        and len(post.division_code) <= LEVEL_DIGITS[again.level]
        and asked.refused.division_code.startswith(post.division_code)
        and post.account_id not in asked.had_a_hand
    ]
    nearest = max((len(post.division_code) for post in fitting), default=0)
    return {post.account_id for post in fitting if len(post.division_code) == nearest}
