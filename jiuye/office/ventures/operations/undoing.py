"""A repayment that was entered wrongly, taken back by another officer: it is owed to the bank again, and its reference is free."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext

from jiuye.office.staff.queries import Actor
from jiuye.office.staff.refusals import LONG, within
from jiuye.office.staff.rows import unscoped
from jiuye.office.ventures.models import Loan, LoanRepayment
from jiuye.office.ventures.operations.steps import locked, one_act, record, require_for, walk
from jiuye.office.ventures.states import (
    AFTER_COMPENSATION,
    APPLYING,
    COMMITTED,
    OPEN_FOR_A_FOUNDER,
    LoanRefusal,
    NoteMissingError,
    WrongLoanStateError,
)
from jiuye.office.ventures.takeovers import OPENING


class RepaymentUnknownError(LoanRefusal):
    """There is no such repayment of that loan, or it was taken back already."""

    def __init__(self) -> None:
        super().__init__(gettext("没有这笔还款登记，或者已经撤销；请刷新后再看。"))


class OpeningRepaymentError(LoanRefusal):
    """What came back before the loan was taken over is part of the takeover."""

    def __init__(self) -> None:
        super().__init__(
            gettext("接手前累计已还不是一笔还款，不能单独撤销；接手登记有误的，请撤销接手后重新接手。")
        )


class SameRecorderError(LoanRefusal):
    """Who entered a repayment does not take it back alone."""

    def __init__(self) -> None:
        super().__init__(gettext("这笔还款是您登记的，不能由您撤销；请由另一位经办人员撤销。"))


class OtherLoanRunsError(LoanRefusal):
    """The loan had ended, and another one was begun since."""

    def __init__(self, number: str) -> None:
        super().__init__(
            gettext(
                "撤销以后这笔贷款又要还款，而这位借款人后来已有另一笔贷款（%(number)s）；两笔不能同时在办或在还，请先处理那一笔。"
            )
            % {"number": number}
        )


def undo_repayment(
    *, actor: Actor, loan_id: int, repayment_id: int, note: str, on: date, at: datetime
) -> LoanRepayment:
    """Take back a repayment that was entered wrongly (another loan, another amount or day). A loan that it had ended is being paid back
    again. Interest that was reckoned on it is not touched: reckoning the quarter anew finds the difference.

    Raises LoanNotFoundError, NotPermittedError, WrongLoanStateError, RepaymentUnknownError, OpeningRepaymentError, SameRecorderError,
    NoteMissingError, TooLongError, OtherLoanRunsError.
    """
    with one_act("undo_repayment"):
        loan = locked(loan_id)
        require_for("undo_repayment", actor=actor, loan=loan)
        if loan.state not in ("disbursed", "repaid", *AFTER_COMPENSATION):
            raise WrongLoanStateError("undo_repayment", loan.state)
        repayment = LoanRepayment.objects.filter(pk=repayment_id, loan=loan).order_by("pk").first()
        if repayment is None:
            raise RepaymentUnknownError
        if repayment.bank_reference.startswith(OPENING):
            raise OpeningRepaymentError
        if repayment.recorded_by_id == actor.account_id:
            raise SameRecorderError
        if not note.strip():
            raise NoteMissingError("undo_repayment")
        repayment.undone_on, repayment.undone_by_id = on, actor.account_id
        repayment.undone_because = within(note, LONG, "撤销的理由", "note")
        repayment.save(update_fields=["undone_on", "undone_by", "undone_because"])
        details = {"principal_fen": repayment.principal_fen, "reference": repayment.bank_reference}
        if loan.state == "repaid":
            require_no_other_loan(loan)
            walk(loan, "undo_repayment", actor=actor, on=on, at=at, note=note, details=details)
        else:
            record(loan, "undo_repayment", loan.state, actor=actor, on=on, at=at, note=note, details=details)
    return repayment


@unscoped("a founder's other business may lie in another county")
def require_no_other_loan(loan: Loan) -> None:
    """Return where the borrower has no other loan that may not run beside this one. Raises OtherLoanRunsError."""
    others = Loan.objects.exclude(pk=loan.pk).order_by("pk")
    found = others.filter(employer=loan.employer, kind=loan.kind, state__in=[*APPLYING, *COMMITTED]).first()
    if found is None and loan.person_id is not None:
        found = others.filter(person=loan.person_id, kind="personal", state__in=OPEN_FOR_A_FOUNDER).first()
    if found is not None:
        raise OtherLoanRunsError(found.number)
