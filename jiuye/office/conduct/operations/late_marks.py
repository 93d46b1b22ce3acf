"""A low mark that nobody answered in its workdays goes to the office above by itself, by the same rules as a late step.

The answer is owed by the nearest office over the place where somebody may give one. Whoever had a hand in what was marked cannot answer
and is not told; where nobody else is left there, the answer can only come from above, which is where the mark then goes. One that
the city's own office owes has no office above it: it goes to whoever leads the city, and where nobody holds that post, the office is
told that there is nobody; either way it stands among what is late. Such a rise is from the city to the city.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime

from django.db.models import Q

from jiuye.engine.messages import Words
from jiuye.office.conduct.deadlines import counted, deadlines
from jiuye.office.conduct.models import Escalation, Rating
from jiuye.office.conduct.operations.rising import (
    Escalated,
    Told,
    heads_of,
    holding,
    is_top,
    offices_above,
    tell,
)
from jiuye.office.conduct.states import ANSWER_STEP, LOW
from jiuye.office.registry.places import COUNTY_DIGITS
from jiuye.office.staff.models import Post
from jiuye.office.staff.roles import PERMISSIONS

ANSWER = "conduct.answer"
TOLD = Words("已报告市领导", "the city's leader has been told")
NOBODY_TOLD = Words("也没有设可以报告的市领导岗位", "nobody holds the post of the city's leader either")
ANSWERERS = sorted(role for role, may in PERMISSIONS.items() if ANSWER in may)


def counties_with_late_marks(on: date) -> set[str]:
    """The counties in which a low mark waits for its answer beyond its day."""
    codes = Rating.objects.filter(_late(on)).order_by().values_list("division_code", flat=True).distinct()
    return {code[:COUNTY_DIGITS] for code in codes}


def pass_up_marks(county: str, posts: list[Post], done: Escalated, on: date, at: datetime) -> None:
    """Pass up the county's late marks and tell both offices; within the transaction of the county's run.

    Raises CalendarNotPublishedError, MessagesUnreadableError.
    """
    late = list(
        Rating.objects.select_for_update(of=("self",))
        .filter(_late(on), division_code__startswith=county)
        .select_related("matter", "case", "loan")
        .order_by("pk")
    )
    known = set(
        Escalation.objects.filter(rating__in=late).order_by("pk").values_list("rating_id", "to_division")
    )
    below: dict[tuple[int, str], Told] = defaultdict(Told)
    above: dict[tuple[int, str], Told] = defaultdict(Told)
    top: dict[tuple[int, str], Told] = defaultdict(Told)
    heads: dict[tuple[int, str], Told] = defaultdict(Told)
    for rating in late:
        rises = [row for row in _rises(rating, posts, on, at) if (rating.pk, row.to_division) not in known]
        if not rises:
            continue
        done.things += 1
        done.marks += 1
        with_a_hand = _with_a_hand(rating)
        for row in rises:
            row.save()
            done.rises += 1
            if row.from_division == row.to_division:
                for account in heads_of(row.to_division, posts) - with_a_hand:
                    heads[account, row.to_division].rises.append((rating.rated, row))
                for account in holding(ANSWER, row.to_division, posts) - with_a_hand:
                    top[account, row.to_division].rises.append((rating.rated, row))
                continue
            for account in holding(ANSWER, row.from_division, posts) - with_a_hand:
                below[account, row.to_division].rises.append((rating.rated, row))
            for account in holding(ANSWER, row.to_division, posts) - with_a_hand:
                above[account, row.from_division].rises.append((rating.rated, row))
    tell(below, "mark_unanswered", "above", county, done, on, at)
    tell(above, "mark_unanswered_up", "place", county, done, on, at)
    tell(heads, "mark_unanswered_head", "place", county, done, on, at)
    tell(
        top,
        "mark_unanswered_top",
        "place",
        county,
        done,
        on,
        at,
        more={"told": TOLD if heads else NOBODY_TOLD},
    )


def _late(on: date) -> Q:
    return Q(level__in=LOW, answer__isnull=True, answer_due__lt=on)


def _rises(rating: Rating, posts: list[Post], on: date, at: datetime) -> list[Escalation]:
    assert rating.answer_due is not None  # only what has a deadline is late
    late = counted(rating.answer_due, on)
    role, office = _owing(rating, posts)
    return [
        Escalation(
            rating=rating,
            step=ANSWER_STEP,
            role=role,
            due_on=rating.answer_due,
            late_workdays=late,
            from_division=office,
            to_division=above,
            on_date=on,
            at=at,
        )
        for above in _above(office, late)
    ]


def _above(office: str, late_workdays: int) -> list[str]:
    """The offices that the mark should have reached by now; of the city's own office the city itself, for whoever leads it."""
    if is_top(office):
        return [office] if any(late_workdays >= rule.late_workdays for rule in deadlines().rises) else []
    return offices_above(office, late_workdays)


def _owing(rating: Rating, posts: list[Post]) -> tuple[str, str]:
    """The role and the division that owe the answer; the county, where nobody over the place may give one."""
    fitting = [
        post
        for post in posts
        if post.role in ANSWERERS and rating.division_code.startswith(post.division_code)
    ]
    nearest = max(fitting, key=lambda post: len(post.division_code), default=None)
    if nearest is None:
        return ANSWERERS[-1], rating.division_code[:COUNTY_DIGITS]
    return nearest.role, nearest.division_code


def _with_a_hand(rating: Rating) -> set[int]:
    acted = rating.rated.timeline.filter(actor__isnull=False).order_by("pk")
    return set(acted.values_list("actor_id", flat=True))
