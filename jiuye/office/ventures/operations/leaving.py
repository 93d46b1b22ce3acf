"""An application that ends before the bank has paid out: taken back by its borrower or at the counter, or declined by the bank."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext

from jiuye.office.staff.queries import Actor, require
from jiuye.office.ventures.models import Loan
from jiuye.office.ventures.operations.steps import (
    LoanNotFoundError,
    is_borrower,
    locked,
    move,
    one_act,
    walk,
)
from jiuye.office.ventures.states import LoanRefusal


class GuaranteedAlreadyError(LoanRefusal):
    """The bank has been told that it may lend: it has to be told otherwise by the office."""

    def __init__(self) -> None:
        super().__init__(
            gettext("这笔贷款已经担保、在银行办理，不能自己撤回；请联系经办人员，由他们通知银行后撤回。")
        )


def withdraw(*, actor: Actor, loan_id: int, note: str, on: date, at: datetime) -> Loan:
    """The borrower takes it back. Raises NotPermittedError, WrongLoanStateError, NoteMissingError."""
    return _plain("withdraw", loan_id, actor=actor, note=note, on=on, at=at)


def withdraw_own(*, actor: Actor, loan_id: int, note: str, on: date, at: datetime) -> Loan:
    """The borrower takes their own application back, before it is guaranteed.

    Raises LoanNotFoundError, NotPermittedError, WrongLoanStateError, NoteMissingError.
    """
    with one_act("withdraw"):
        loan = locked(loan_id)
        if not is_borrower(actor, loan):
            raise LoanNotFoundError
        require(actor, "own.confirm")
        if loan.state == "guaranteed":
            raise GuaranteedAlreadyError
        walk(loan, "withdraw", actor=actor, on=on, at=at, note=note)
    return loan


def bank_decline(*, actor: Actor, loan_id: int, note: str, on: date, at: datetime) -> Loan:
    """The bank says no; the guarantee is free again. Raises NotPermittedError, WrongLoanStateError, NoteMissingError."""
    return _plain("bank_decline", loan_id, actor=actor, note=note, on=on, at=at)


def _plain(act: str, loan_id: int, *, actor: Actor, note: str, on: date, at: datetime) -> Loan:
    with one_act(act):
        loan = locked(loan_id)
        move(loan, act, actor=actor, on=on, at=at, note=note)
    return loan
