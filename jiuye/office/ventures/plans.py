"""When the principal of a loan is due: by its contract, and by what the office agreed to put off."""

from __future__ import annotations

from datetime import date

from jiuye.office.ventures.models import Loan, LoanInstalment


def plan_of(loan: Loan) -> dict[int, date]:
    """The day on which each instalment is due, by its key: the contract's, or that of the last extension that was granted."""
    plan = {row.pk: row.due_on for row in loan.instalments.all()}
    for row in sorted(loan.extensions.all(), key=lambda row: row.pk):
        if row.state == "granted":
            plan[row.instalment_id] = row.until
    return plan


def left_of(loan: Loan) -> list[tuple[LoanInstalment, int]]:
    """Each instalment in the order in which it is due, with what of it is still to be paid back, in fen: what comes back pays the oldest."""
    plan, repaid = plan_of(loan), sum(row.principal_fen for row in loan.repayments.all())
    found = []
    for row in sorted(loan.instalments.all(), key=lambda row: (plan[row.pk], row.pk)):
        paid = min(repaid, row.principal_fen)
        repaid -= paid
        found.append((row, row.principal_fen - paid))
    return found
