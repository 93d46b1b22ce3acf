"""What proves an application: each point that its service item asks for, what was given for it, and which register spares the paper."""

from __future__ import annotations

from datetime import date, datetime

from jiuye.office.casework.proofs import Proof, proof_of
from jiuye.office.casework.registers import register_facts
from jiuye.office.staff.rows import unscoped
from jiuye.office.ventures.models import Loan
from jiuye.office.ventures.rules import loan_item
from jiuye.office.ventures.states import APPLYING

TAKES_PAPERS = APPLYING


def proofs_of(loan: Loan, *, on: date, until: datetime | None = None) -> list[Proof]:
    """The points in the order of the item's file; none for a loan that was taken over, which another office had guaranteed.

    While papers are taken the registers are asked; afterwards what was kept when the guarantee was first signed counts. `until` shows only
    what had been given by that moment, and asks no register: they know only today.
    """
    item = loan_item(loan.kind)
    if item is None or loan.taken_over_from is not None:
        return []
    known: dict[str, str] = {}
    if loan.state in TAKES_PAPERS and until is None:
        paths = sorted({path for row in item.evidence for path in row.known_by})
        with unscoped("what a register knows of the founder is looked up wherever they live"):
            facts = register_facts("employer", str(loan.employer_id), paths, on=on)
        known = {path: fact.register for path, fact in facts.items() if fact.value}
    given = [row for row in loan.evidence.order_by("pk") if until is None or row.at <= until]
    return [proof_of(row, given, known) for row in item.evidence]
