"""What an account sees of its own loans: each with what proves it while it is an application, and the businesses that may borrow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from jiuye.office.casework.proofs import Proof
from jiuye.office.funds.queries import RecoveryPosition
from jiuye.office.registry.models import Employer
from jiuye.office.staff.queries import Actor
from jiuye.office.staff.rows import unscoped
from jiuye.office.ventures.models import Loan
from jiuye.office.ventures.proofs import TAKES_PAPERS, proofs_of
from jiuye.office.ventures.queries import claims_on, own_businesses, own_loans
from jiuye.office.ventures.states import APPLYING, BORROWERS, COMMITTED, OPEN_FOR_A_FOUNDER

# One loan at a time, of a founder and of a firm: what is asked of an application (operations/lending.py) and held by the database.
RUNNING = {"personal": OPEN_FOR_A_FOUNDER, "enterprise": (*APPLYING, *COMMITTED)}


@dataclass(frozen=True, slots=True)
class OwnPage:
    """Newest loan first; no proofs of one whose papers are closed. `claims` is what is asked back, by the loan's key: decided, and not dropped."""

    loans: tuple[tuple[Loan, tuple[Proof, ...]], ...]
    claims: Mapping[int, Sequence[RecoveryPosition]]
    businesses: tuple[Employer, ...]
    stands_in_the_way: Loan | None  # of one's own, so that another one would be refused


@unscoped("a borrower's own loans and businesses, wherever they lie")
def own_page(*, actor: Actor, on: date) -> OwnPage:
    """Everything of one's own in one look beyond the places. Raises NotPermittedError."""
    found = own_loans(actor=actor)
    proofs = {loan.pk: tuple(proofs_of(loan, on=on)) for loan in found if loan.state in TAKES_PAPERS}
    running = [loan for loan in found if loan.state in RUNNING[loan.kind]]
    return OwnPage(
        tuple((loan, proofs.get(loan.pk, ())) for loan in found),
        claims_on(found, on=on, told=True),
        tuple(own_businesses(actor=actor, on=on)),
        # A firm's page lists the founder's loans for it too; only one of its own kind stands in its own way.
        next((loan for loan in running if BORROWERS[loan.kind] == actor.kind), None),
    )
