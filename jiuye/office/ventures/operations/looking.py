"""The last look at interest before it goes: between the making of a batch and its sending a repayment may be learned, or an account change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from jiuye.office.casework.findings import Finding
from jiuye.office.funds.models import PaymentLine
from jiuye.office.staff.queries import Actor
from jiuye.office.ventures.models import INTEREST_KEY, InterestSubsidy, Loan
from jiuye.office.ventures.operations.claims import subject_of
from jiuye.office.ventures.operations.examining import look_at_recipient
from jiuye.office.ventures.operations.interest import require_current
from jiuye.office.ventures.operations.steps import locked, one_act
from jiuye.office.ventures.states import LoanRefusal


def look_before_sending(
    keys: Sequence[str], *, actor: Actor, on: date, at: datetime
) -> list[tuple[str, list[Finding]]]:
    """What stops a quarter's interest that lies in a batch about to go: the recipient's checks, an account that is not on record now, and a
    quarter that comes to something else since. Each look at a recipient stays on record in the loan's timeline.
    """
    stopped = []
    for key in keys:
        if not key.startswith(INTEREST_KEY):
            continue
        with one_act("check_before_sending"):
            loan, subsidy = subject_of(key)
            assert loan is not None  # interest that lies in a batch is on record
            assert subsidy is not None
            loan = locked(loan.pk)
            failed = look_at_recipient(subsidy, loan, moment="payment", actor=actor, on=on, at=at)
            failed += _account_changed(subsidy, loan) + _no_longer_owed(subsidy, loan)
        if failed:
            stopped.append((loan.number, failed))
    return stopped


def _account_changed(subsidy: InterestSubsidy, loan: Loan) -> list[Finding]:
    payee = loan.person or loan.employer
    line = PaymentLine.objects.filter(claim_key=subsidy.claim_key).order_by("-pk").first()
    if line is None or (line.payee_account, line.payee_bank) == (payee.bank_account, payee.bank_name):
        return []
    return [Finding("payee", "payee_account_changed", False, {"account_ends_in": payee.bank_account[-4:]})]


def _no_longer_owed(subsidy: InterestSubsidy, loan: Loan) -> list[Finding]:
    """What was learned since the batch was made: the quarter comes to another amount, or to none, or it cannot be told any more."""
    try:
        require_current(subsidy, loan)
    except LoanRefusal as error:
        return [Finding("still_entitled", "interest_changed", False, {"why": str(error)})]
    return []
