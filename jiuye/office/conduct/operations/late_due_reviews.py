"""What was granted for a time and was not looked at again in the workdays after its day (年审) goes to the office above by itself, by the same
rules as a late step.

It is owed by the office that the item names. Told are those of the item's role at the nearest office over the place.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import QuerySet
from django.db.models.functions import Substr

from jiuye.office.casework.procedures import LEVEL_DIGITS
from jiuye.office.conduct.deadlines import last_day_of_review, latest_late_review
from jiuye.office.conduct.operations.rising import Escalated, Late, nearest_with, pass_up_late
from jiuye.office.conduct.states import DUE_REVIEW_STEP
from jiuye.office.matters.content import service_items
from jiuye.office.matters.models import Review
from jiuye.office.matters.queries import unanswered_reviews
from jiuye.office.matters.states import REVIEWERS
from jiuye.office.registry.places import COUNTY_DIGITS
from jiuye.office.staff.models import Post
from jiuye.office.staff.roles import PERMISSIONS

# Of an item whose file has mistakes nobody knows who looks again: the county's reviewers see to it.
OTHERWISE = "reviewer"


def counties_with_late_due_reviews(on: date) -> set[str]:
    """The counties in which something granted waits to be looked at again beyond the office's days."""
    counties = _late(on).order_by().annotate(county=Substr("matter__division_code", 1, COUNTY_DIGITS))
    return set(counties.values_list("county", flat=True).distinct())


def pass_up_due_reviews(county: str, posts: list[Post], done: Escalated, on: date, at: datetime) -> None:
    """Pass up the county's late reviews of what was granted and tell both offices; within the transaction of the county's run.

    Raises CalendarNotPublishedError, MessagesUnreadableError.
    """
    late = _late(on).filter(matter__division_code__startswith=county).select_for_update(of=("self",))
    found = [_late_one(review, posts) for review in late]
    occasions = ("due_review_late", "due_review_late_up")
    done.recognitions += pass_up_late(found, occasions, posts, county, done, on, at)


def _late(on: date) -> QuerySet[Review]:
    return unanswered_reviews().filter(due_on__lte=latest_late_review(on))


def _late_one(review: Review, posts: list[Post]) -> Late:
    place = review.matter.division_code
    item = service_items().items.get(review.matter.item_id)
    how = item.review if item is not None else None
    role = how.by if how is not None else OTHERWISE
    digits = LEVEL_DIGITS[how.level] if how is not None else COUNTY_DIGITS
    _, reviewers = nearest_with(
        place,
        posts,
        lambda post: post.role == role and bool(PERMISSIONS[role] & set(REVIEWERS)),
        digits=digits,
    )
    return Late(
        column="due_review",
        row=review,
        due_on=last_day_of_review(review.due_on),
        thing=review.matter,
        step=DUE_REVIEW_STEP,
        role=role,
        office=place[:digits],
        owed_by=reviewers,
    )
