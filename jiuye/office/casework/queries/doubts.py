"""Doubts about what was paid: those that wait for somebody, and those of one case."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Max, QuerySet, Sum

from jiuye.office.casework.access import CaseNotFoundError
from jiuye.office.casework.models import PaymentDoubt
from jiuye.office.casework.queries.worklist import visible_cases
from jiuye.office.staff.queries import Actor, scope_filter


@dataclass(frozen=True, slots=True)
class DoubtTotals:
    """How many doubts are open, and what they come to at most: several about one case are one payment."""

    number: int
    over_fen: int


def doubts_about_payments(actor: Actor, *, settled: bool) -> QuerySet[PaymentDoubt]:
    """The doubts about cases that this actor sees: the open ones, oldest first, or the settled ones, latest first."""
    mine = PaymentDoubt.objects.filter(scope_filter(actor, "casework.see", "case__division_code"))
    mine = mine.select_related("case", "case__person", "case__employer", "resolved_by")
    if settled:
        return mine.exclude(outcome="").order_by("-resolved_on", "-pk")
    return mine.filter(outcome="").order_by("found_on", "pk")


def open_doubts(actor: Actor) -> DoubtTotals:
    """How many of them are open, and how much was paid too much if all are right."""
    of_cases = (
        doubts_about_payments(actor, settled=False)
        .order_by("case")
        .values("case")
        .annotate(number=Count("pk"), over=Max("over_fen"))
    )
    found = of_cases.aggregate(all=Sum("number"), fen=Sum("over"))
    return DoubtTotals(found["all"] or 0, found["fen"] or 0)


def case_of_doubt(actor: Actor, doubt_id: int) -> int:
    """The key of the case that a doubt is about, if the actor may see it. Raises CaseNotFoundError."""
    found = visible_cases(actor).filter(doubts=doubt_id).order_by("pk").values_list("pk", flat=True)
    if not found:
        raise CaseNotFoundError
    return found[0]
