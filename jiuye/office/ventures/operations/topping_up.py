"""More of a loan compensated than at first: a repayment was taken back since, or only a part had been granted, and the bank is owed the rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from jiuye.office.casework.authorities import require_no_relative
from jiuye.office.funds import operations as funds
from jiuye.office.funds.queries import claim_payments
from jiuye.office.staff.queries import Actor, require
from jiuye.office.staff.refusals import LONG, within
from jiuye.office.ventures.models import Loan, LoanTopUp
from jiuye.office.ventures.operations.lending import outstanding_fen
from jiuye.office.ventures.operations.paying import (
    CompensationPaidError,
    require_compensable,
    require_late_enough,
    reserve_for_the_bank,
    undo_compensation,
)
from jiuye.office.ventures.operations.signing import sign
from jiuye.office.ventures.operations.steps import locked, one_act, record, walk
from jiuye.office.ventures.operations.undoing import require_no_other_loan
from jiuye.office.ventures.queries import book_of
from jiuye.office.ventures.reckoning import Book
from jiuye.office.ventures.states import advance


def compensate_more(
    *, actor: Actor, loan_id: int, fund: str, amount_fen: int, note: str, on: date, at: datetime
) -> LoanTopUp | None:
    """Sign that the fund pays the bank more than it compensated before, by others than who guaranteed; the last signature of the amount's band
    grants it, and the money is reserved. Nothing is returned where more signatures are needed. A loan that had ended with what the fund
    claimed is claimed from again.

    Raises NotPermittedError, WrongLoanStateError, NoteMissingError, FundNotForThisError, NotLateEnoughError, AmountOutOfRangeError,
    BankAccountMissingError, GuarantorError, OtherLoanRunsError, AlreadySignedError, and what funds' `reserve` raises.
    """
    with one_act("compensate_more"):
        loan = locked(loan_id)
        require(actor, "ventures.guarantee", loan.division_code)
        require_no_relative(loan.person_id, actor)
        advance(loan.state, "compensate_more", note=note)
        late_days = require_late_enough(_with_what_the_fund_paid(loan).late_since(on), fund, on)
        require_compensable(loan, actor, amount_fen, outstanding_fen(loan))
        if loan.state != "compensated":
            require_no_other_loan(loan)
        number = LoanTopUp.every.filter(loan=loan).count() + 1
        if not sign(
            loan,
            "compensate",
            subject=f"{loan.compensation_key}:{number}",
            amount_fen=amount_fen,
            terms=fund,
            actor=actor,
            on=on,
            at=at,
        ):
            return None
        details = {"fund": fund, "amount_fen": amount_fen, "late_days": late_days}
        walk(loan, "compensate_more", actor=actor, on=on, at=at, note=note, details=details)
        top_up: LoanTopUp = LoanTopUp.objects.create(
            loan=loan, amount_fen=amount_fen, fund=fund, granted_on=on, recorded_by_id=actor.account_id
        )
        reserve_for_the_bank(
            loan, top_up.claim_key, actor=actor, fund=fund, amount_fen=amount_fen, on=on, at=at
        )
    return top_up


def undo_last_compensation(*, actor: Actor, loan_id: int, note: str, on: date, at: datetime) -> Loan:
    """Take back what was granted last, while the bank has not been paid it: the last further compensation, else the compensation itself.

    Raises NotPermittedError, WrongLoanStateError, NoteMissingError, TooLongError, CompensationPaidError, and what funds' `release` raises
    (it is in a payment batch: discard that first).
    """
    with one_act("undo_compensation"):
        loan = locked(loan_id)
        top_up = LoanTopUp.objects.filter(loan=loan).order_by("-pk").first()
        if top_up is None:
            return undo_compensation(actor=actor, loan_id=loan_id, note=note, on=on, at=at)
        require(actor, "ventures.guarantee", loan.division_code)
        require_no_relative(loan.person_id, actor)
        advance(loan.state, "undo_compensation", note=note)
        found = claim_payments([top_up.claim_key]).get(top_up.claim_key)
        if found is not None and found.state == "paid":
            raise CompensationPaidError
        top_up.undone_on, top_up.undone_by_id = on, actor.account_id
        top_up.undone_because = within(note, LONG, "理由", "note")
        top_up.save(update_fields=["undone_on", "undone_by", "undone_because"])
        funds.release(actor=actor, claim_key=top_up.claim_key, on=on, at=at)
        details = {"fund": top_up.fund, "amount_fen": top_up.amount_fen}
        record(loan, "undo_top_up", loan.state, actor=actor, on=on, at=at, note=note, details=details)
    return loan


def _with_what_the_fund_paid(loan: Loan) -> Book:
    """The loan's book in which what the fund compensated is no longer missing: what is late then the bank has from nobody."""
    book = book_of(loan)
    assert loan.compensated_on is not None  # held by the constraint loan_compensated_whole
    paid = [(loan.compensated_on, loan.compensated_fen or 0)]
    paid += [(row.granted_on, row.amount_fen) for row in loan.top_ups.all()]
    return replace(book, repaid=[*book.repaid, *paid])
