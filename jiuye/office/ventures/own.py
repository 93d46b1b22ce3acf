"""What an account sees of its own loans: each with what proves it while it is an application, and the businesses that may borrow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from jiuye.office.casework.proofs import Proof
from jiuye.office.registry.models import Employer
from jiuye.office.staff.queries import Actor
from jiuye.office.staff.rows import unscoped
from jiuye.office.ventures.models import Loan
from jiuye.office.ventures.proofs import TAKES_PAPERS, proofs_of
from jiuye.office.ventures.queries import own_businesses, own_loans


@dataclass(frozen=True, slots=True)
class OwnPage:
    """Newest loan first; no proofs of one whose papers are closed."""

    loans: tuple[tuple[Loan, tuple[Proof, ...]], ...]
    businesses: tuple[Employer, ...]


@unscoped("a borrower's own loans and businesses, wherever they lie")
def own_page(*, actor: Actor, on: date) -> OwnPage:
    """Everything of one's own in one look beyond the places. Raises NotPermittedError."""
    found = own_loans(actor=actor)
    proofs = {loan.pk: tuple(proofs_of(loan, on=on)) for loan in found if loan.state in TAKES_PAPERS}
    return OwnPage(
        tuple((loan, proofs.get(loan.pk, ())) for loan in found), tuple(own_businesses(actor=actor, on=on))
    )
