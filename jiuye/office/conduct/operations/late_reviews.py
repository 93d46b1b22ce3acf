"""A review of a refusal that nobody decided in its workdays goes to the office above by itself, by the same rules as a late step.

It is owed by the office at the pack's level. Told are those of the pack's role at the nearest office where one of them may decide it: whoever
had a hand in the refusal cannot.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import QuerySet

from jiuye.office.casework.models import RefusalReview
from jiuye.office.casework.models.beside import ReviewOfRefusal
from jiuye.office.casework.procedures import LEVEL_DIGITS, procedures
from jiuye.office.casework.queries.reviewing import undecided
from jiuye.office.conduct.operations.rising import Escalated, Late, nearest_with, pass_up_late
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
    found: list[Late] = []
    for kind, column in COLUMNS.items():
        here = _late(kind, on).filter(**{f"{kind.of}__division_code__startswith": county})
        found += [_late_one(asked, column, posts) for asked in here.select_for_update(of=("self",))]
    done.reviews += pass_up_late(found, ("review_late", "review_late_up"), posts, county, done, on, at)


def _late(kind: type[ReviewOfRefusal], on: date) -> QuerySet[ReviewOfRefusal]:
    return undecided(kind).filter(due_on__lt=on)


def _late_one(asked: ReviewOfRefusal, column: str, posts: list[Post]) -> Late:
    assert asked.due_on is not None  # only what has a deadline is late
    again = procedures().refusal_review
    return Late(
        column=column,
        row=asked,
        due_on=asked.due_on,
        thing=asked.refused,
        step=REVIEW_STEP,
        role=again.by,
        office=asked.refused.division_code[: LEVEL_DIGITS[again.level]],
        owed_by=_deciders(asked, posts),
    )


def _deciders(asked: ReviewOfRefusal, posts: list[Post]) -> set[int]:
    """The accounts at the nearest office where somebody may decide it: of the pack's role, with no hand in the refusal."""
    again = procedures().refusal_review
    _, deciders = nearest_with(
        asked.refused.division_code,
        posts,
        lambda post: (
            post.role == again.by
            and asked.decided_with in PERMISSIONS[post.role]
            and post.account_id not in asked.had_a_hand
        ),
        digits=LEVEL_DIGITS[again.level],
    )
    return deciders
