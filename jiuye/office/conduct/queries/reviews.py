"""The reviews of refusals that wait for an officer, of cases, matters and loans in one list."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import chain
from typing import Any

from django.db.models import QuerySet

from jiuye.office.casework.models import RefusalReview
from jiuye.office.casework.models.beside import ReviewOfRefusal
from jiuye.office.casework.queries.reviewing import reviews_to_decide
from jiuye.office.matters.models import MatterRefusalReview
from jiuye.office.staff.queries import Actor
from jiuye.office.ventures.models import LoanRefusalReview

# By its name each kind of review: its model, what a list of it does not show, and what is read with it.
REVIEWED: dict[str, tuple[Any, tuple[str, ...], tuple[str, ...]]] = {
    "case_reviews": (RefusalReview, ("contact", "case__receipt", "case__payee_account"), ()),
    "matter_reviews": (MatterRefusalReview, ("contact", "matter__answers"), ()),
    "loan_reviews": (LoanRefusalReview, ("contact", "loan__receipt"), ("loan__person", "loan__employer")),
}


def reviews_of(actor: Actor, kind: str) -> QuerySet[Any]:
    """The reviews of one kind that this actor may decide."""
    model, left_out, with_them = REVIEWED[kind]
    found = reviews_to_decide(actor, model).defer(*left_out)
    return found.select_related(*with_them) if with_them else found


def reviews_at_hand(actor: Actor, kinds: Iterable[str] = tuple(REVIEWED)) -> list[ReviewOfRefusal]:
    """Every review that this actor may decide, the earliest deadline first; one query a kind, and none for a kind that is not among `kinds`
    (the figures say which there are)."""
    found: list[ReviewOfRefusal] = list(chain.from_iterable(reviews_of(actor, kind) for kind in kinds))
    return sorted(found, key=lambda row: (row.due_on is None, row.due_on or date.max, row.of, row.pk))
