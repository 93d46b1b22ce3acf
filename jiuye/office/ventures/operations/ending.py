"""A quarter's interest that was reckoned and comes to nothing since: it ends with the reason, and waits for nobody's approval any more."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext

from jiuye.engine.basis.money import yuan_text
from jiuye.office.staff.queries import Actor
from jiuye.office.ventures.models import InterestSubsidy, Loan
from jiuye.office.ventures.operations.steps import record
from jiuye.office.ventures.states import LoanRefusal


class NothingLeftError(LoanRefusal):
    """The quarter comes to what was paid of it, or to less than half a fen."""

    def __init__(self, paid_fen: int) -> None:
        super().__init__(
            gettext("这个季度按现在的登记没有要再付的贴息（已付 %(paid)s 元）。")
            % {"paid": yuan_text(paid_fen)}
        )


def end_interest(
    subsidy: InterestSubsidy, loan: Loan, because: str, *, actor: Actor | None, on: date, at: datetime
) -> None:
    """End an unapproved quarter, with the reason; the row stays, and its loan's timeline tells of it. The loan is held."""
    subsidy.superseded_on, subsidy.ended_because = on, because
    subsidy.save(update_fields=["superseded_on", "ended_because"])
    details = {
        "quarter": subsidy.quarter_start.isoformat(),
        "subsidy": subsidy.pk,
        "known_fen": subsidy.amount_fen,
    }
    record(loan, "end_interest", loan.state, actor=actor, on=on, at=at, note=because, details=details)
