"""One loan whole, as its page at a desk shows it: how it stands, what the fund and the treasury paid for it, its papers, its refusal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from jiuye.office.casework.proofs import Proof
from jiuye.office.funds.queries import ClaimPayment
from jiuye.office.staff.queries import Actor
from jiuye.office.ventures.doubts import noted_doubts
from jiuye.office.ventures.models import InterestSubsidy, Loan, LoanEvent, LoanRefusalReview, LoanTopUp
from jiuye.office.ventures.proofs import proofs_of
from jiuye.office.ventures.queries import LoanPosition, position, subsidies_of, top_ups_of
from jiuye.office.ventures.refused import RefusalView, refusal_view


@dataclass(frozen=True, slots=True)
class LoanView:
    """What one page shows of a loan. What came back and what is due stand at the loan itself."""

    loan: Loan
    timeline: list[LoanEvent]
    position: LoanPosition
    top_ups: list[tuple[LoanTopUp, ClaimPayment | None]]
    subsidies: list[tuple[InterestSubsidy, ClaimPayment | None]]
    proofs: list[Proof]
    refusal: RefusalView | None
    doubts: tuple[
        str, ...
    ] = ()  # running loans that only the register knows and nobody has looked into, in words
    as_of: datetime | None = None  # the past moment that is shown; None: now

    @property
    def reviews(self) -> tuple[LoanRefusalReview, ...]:
        """The requests to look at its refusal again, in order."""
        return self.refusal.reviews if self.refusal is not None else ()


def as_it_stands(loan: Loan, *, actor: Actor, on: date) -> LoanView:
    """The loan now, with what that actor may do about its refusal. Whoever asks has been shown the loan (`queries.one_loan`)."""
    timeline = list(loan.timeline.all())
    return LoanView(
        loan=loan,
        timeline=timeline,
        position=position(loan, on=on),
        top_ups=top_ups_of(loan),
        subsidies=subsidies_of(loan),
        proofs=proofs_of(loan, on=on),
        refusal=refusal_view(loan, actor=actor, on=on),
        doubts=tuple(noted_doubts(loan, timeline).values()),
    )
