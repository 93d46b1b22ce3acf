"""The reviews of refusals that wait for an officer, of cases, matters and loans in one list."""

from __future__ import annotations

from datetime import date
from itertools import chain

from jiuye.office.casework.models import RefusalReview
from jiuye.office.casework.models.beside import ReviewOfRefusal
from jiuye.office.casework.queries.reviewing import reviews_to_decide
from jiuye.office.matters.models import MatterRefusalReview
from jiuye.office.staff.queries import Actor
from jiuye.office.ventures.models import LoanRefusalReview


def reviews_at_hand(actor: Actor) -> list[ReviewOfRefusal]:
    """Every review that this actor may decide, the earliest deadline first; one query a kind, none for a kind that they decide nowhere."""
    cases = reviews_to_decide(actor, RefusalReview).defer("contact", "case__receipt", "case__payee_account")
    matters = reviews_to_decide(actor, MatterRefusalReview).defer("contact", "matter__answers")
    loans = reviews_to_decide(actor, LoanRefusalReview).defer("contact", "loan__receipt")
    found: list[ReviewOfRefusal] = list(
        chain(cases, matters, loans.select_related("loan__person", "loan__employer"))
    )
    return sorted(found, key=lambda row: (row.due_on is None, row.due_on or date.max, row.of, row.pk))
