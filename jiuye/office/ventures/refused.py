"""A refused guarantee as its borrower and the office see it: why, how to object, and the reviews that were asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from jiuye.office.casework.operations.overturning import last_day_to_ask
from jiuye.office.casework.procedures import procedures, scopes_of
from jiuye.office.staff.queries import Actor
from jiuye.office.ventures.models import Loan, LoanEvent, LoanRefusalReview
from jiuye.office.ventures.operations.steps import LoanNotFoundError, is_borrower


@dataclass(frozen=True, slots=True)
class RefusalView:
    """`appeals` are the ways that the refusal named on its own day; `may_*` is for the actor who looks."""

    reviews: tuple[LoanRefusalReview, ...]
    appeals: tuple[dict[str, Any], ...]
    may_ask_review: bool
    may_decide_review: bool


def refusal_view(loan: Loan, *, actor: Actor, on: date) -> RefusalView | None:
    """What there is to see of a refusal; None where the loan was never refused."""
    events = list(loan.timeline.all())
    refused = last_refusal(events)
    if refused is None:
        return None
    asked = any(event.act == "ask_review" for event in events)
    reviews = tuple(loan.refusal_reviews.select_related("decided_by").order_by("pk")) if asked else ()
    waits = [row for row in reviews if row.decided_on is None]
    return RefusalView(
        reviews,
        tuple(refused.details.get("appeals", ())),
        may_ask_review=loan.state == "refused"
        and not waits
        and loan.refused_on is not None
        and on <= last_day_to_ask(loan.refused_on)
        and (is_borrower(actor, loan) or actor.may("ventures.record", loan.division_code)),
        may_decide_review=any(
            actor.account_id not in (row.refused_by_id, loan.applied_by_id) for row in waits
        )
        and _may_decide(actor, loan),
    )


def last_refusal(events: Iterable[LoanEvent]) -> LoanEvent | None:
    """The last of these events by which a guarantee was refused; None where there is none."""
    return next((event for event in reversed(list(events)) if event.act == "refuse"), None)


def loan_of_review(review_id: int) -> int:
    """The loan whose refusal is looked at. Raises LoanNotFoundError."""
    found = LoanRefusalReview.objects.filter(pk=review_id).values_list("loan_id", flat=True).first()
    if found is None:
        raise LoanNotFoundError
    return int(found)


def _may_decide(actor: Actor, loan: Loan) -> bool:
    again = procedures().refusal_review
    return bool(
        actor.may("ventures.guarantee", loan.division_code)
        and any(
            loan.division_code.startswith(scope) for scope in scopes_of(actor, "ventures.guarantee", again.by)
        )
    )
