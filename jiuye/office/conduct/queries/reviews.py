"""The reviews of refusals that wait for an officer, of cases, matters and loans in one list."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Model, QuerySet

from jiuye.office.casework.models import Case, RefusalReview
from jiuye.office.casework.models.beside import ReviewOfRefusal
from jiuye.office.casework.queries.reviewing import reviews_to_decide
from jiuye.office.matters.models import Matter, MatterRefusalReview
from jiuye.office.registry.models import Employer, Person
from jiuye.office.staff.queries import Actor
from jiuye.office.staff.together import together
from jiuye.office.ventures.models import Loan, LoanRefusalReview

# By its name each kind of review: its model, what was refused, and what a list shows of that.
REVIEWED: dict[str, tuple[Any, Any, tuple[str, ...]]] = {
    "case_reviews": (
        RefusalReview,
        Case,
        ("division_code", "confirmed_on", "policy_name", "policy_name_en", "recipient_kind", "payee_name"),
    ),
    "matter_reviews": (
        MatterRefusalReview,
        Matter,
        ("division_code", "started_on", "item_name", "item_name_en", "applicant_kind", "applicant_name"),
    ),
    "loan_reviews": (LoanRefusalReview, Loan, ("division_code", "applied_on", "kind", "person", "employer")),
}


def reviews_of(actor: Actor, kind: str) -> QuerySet[Any]:
    """The reviews of one kind that this actor may decide, without what they are about and how to reach whoever asked."""
    return reviews_to_decide(actor, REVIEWED[kind][0]).select_related(None).defer("contact")


def reviews_at_hand(actor: Actor, kinds: Iterable[str] = tuple(REVIEWED)) -> list[ReviewOfRefusal]:
    """Every review that this actor may decide, the earliest deadline first, each with what was refused; one query for all kinds, none where
    there is no kind among `kinds` (the figures say which there are)."""
    lists: dict[str, QuerySet[Any]] = {}
    for kind in kinds:
        model, refused, shown = REVIEWED[kind]
        lists[kind] = reviews_of(actor, kind)
        keys = lists[kind].order_by().values(f"{model.of}_id")
        lists[_about(kind)] = refused.objects.filter(pk__in=keys).only(*shown).order_by("pk")
    loans = lists.get(_about("loan_reviews"))
    if loans is not None:
        for name, related in (("person", Person), ("employer", Employer)):
            keys = loans.order_by().values(f"{name}_id")
            lists[name] = related._default_manager.filter(pk__in=keys).only("name").order_by("pk")
    rows = together(lists)
    for name in ("person", "employer"):
        _join(rows.get(_about("loan_reviews"), []), name, rows.get(name, []))
    found: list[ReviewOfRefusal] = []
    for kind in filter(rows.__contains__, REVIEWED):
        _join(rows[kind], REVIEWED[kind][0].of, rows[_about(kind)])
        found += rows[kind]
    return sorted(found, key=lambda row: (row.due_on is None, row.due_on or date.max, row.of, row.pk))


def _about(kind: str) -> str:
    """The name of the list of what reviews of a kind are about."""
    return f"{kind} of"


def _join(rows: Iterable[Any], name: str, related: Iterable[Model]) -> None:
    """Each row is given its related row, as `select_related` would; one that lies outside the actor's places is nobody."""
    there = {row.pk: row for row in related}
    for row in rows:
        setattr(row, name, there.get(getattr(row, f"{name}_id")))
