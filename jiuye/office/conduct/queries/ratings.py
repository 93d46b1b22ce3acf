"""Marks: which still want an answer, and how each county is judged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Substr

from jiuye.office.casework.models import Case
from jiuye.office.conduct.models import Rating
from jiuye.office.conduct.operations.rating import RatingNotFoundError, may_be_marked
from jiuye.office.conduct.states import LEVELS, LOW, RATED_CASES, RATED_MATTERS
from jiuye.office.matters.models import Matter
from jiuye.office.registry.places import COUNTY_DIGITS, division_names
from jiuye.office.staff.queries import Actor, require, scope_filter
from jiuye.office.ventures.models import Loan


@dataclass(frozen=True, slots=True)
class CountyMarks:
    """One county's marks: level → how many; how many low ones are unanswered, and of these late."""

    name: str
    levels: dict[str, int]
    unanswered: int
    late: int


def visible_ratings(actor: Actor) -> QuerySet[Rating]:
    """The marks given in the actor's divisions, the newest first."""
    require(actor, "matters.see")
    found = Rating.objects.filter(scope_filter(actor, "matters.see", "division_code"))
    return found.select_related("matter", "case", "loan", "answer").order_by("-on_date", "-pk")


def unanswered(actor: Actor) -> QuerySet[Rating]:
    """Low marks without an answer, the earliest deadline first."""
    return (
        visible_ratings(actor)
        .filter(level__in=LOW, answer__isnull=True)
        .order_by(F("answer_due").asc(nulls_last=True), "pk")
    )


def seen_rating(actor: Actor, rating_id: int) -> Rating:
    """One mark for an officer of its division. Raises RatingNotFoundError."""
    rating = visible_ratings(actor).filter(pk=rating_id).first()
    if rating is None:
        raise RatingNotFoundError
    return rating


def marks_by_county(actor: Actor, *, on: date) -> list[CountyMarks]:
    """Every county of the actor's divisions that has marks, in the order of their codes."""
    owed = Q(level__in=LOW, answer__isnull=True)
    rows = list(
        visible_ratings(actor)
        .order_by()
        .annotate(county=Substr("division_code", 1, COUNTY_DIGITS))
        .values("county")
        .annotate(
            **{level: Count("pk", filter=Q(level=level)) for level in LEVELS},
            owed=Count("pk", filter=owed),
            late=Count("pk", filter=owed & Q(answer_due__lt=on)),
        )
        .order_by("county")
    )
    names = division_names({row["county"] for row in rows})
    return [
        CountyMarks(
            names.get(row["county"], row["county"]),
            {level: row[level] for level in LEVELS},
            row["owed"],
            row["late"],
        )
        for row in rows
    ]


def rating_of(rated: Matter | Case) -> Rating | None:
    """The mark on a matter or a case, with its answer; for a page that has checked whose it is."""
    mine = {"matter": rated} if isinstance(rated, Matter) else {"case": rated}
    return Rating.objects.filter(**mine).select_related("answer").first()


def ratings_of_loans(loans: Iterable[Loan]) -> dict[int, Rating]:
    """The marks on these loans, with their answers, by the keys of the loans; for a page that has checked whose they are."""
    found = Rating.objects.filter(loan__in=[loan.pk for loan in loans]).select_related("answer")
    return {rating.loan_id: rating for rating in found if rating.loan_id is not None}


def may_be_rated(rated: Matter | Case | Loan) -> bool:
    """True where the matter, case or application has ended and its applicant may mark it."""
    if isinstance(rated, Loan):
        return may_be_marked(rated)
    return rated.state in (RATED_MATTERS if isinstance(rated, Matter) else RATED_CASES)
