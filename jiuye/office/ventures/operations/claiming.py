"""Money of a loan that is owed back: interest that was paid too much, and what a claim for it does to the loan's record as it moves.

The claim itself is funds' (proposed by one officer, confirmed by another); casework tells us when it moved (`signals.claim_moved`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from jiuye.engine.basis.money import yuan_text
from jiuye.office.casework.authorities import require_no_relative
from jiuye.office.casework.operations.claiming_back import DrawnSinceError
from jiuye.office.entitlements.models import Benefit
from jiuye.office.entitlements.taking_back import take_back_benefit
from jiuye.office.funds import operations as funds
from jiuye.office.funds.models import PaymentLine, Recovery
from jiuye.office.staff.queries import Actor, require
from jiuye.office.ventures.models import InterestSubsidy, Loan
from jiuye.office.ventures.operations.claims import subject_of
from jiuye.office.ventures.operations.drawing import draw, root_key
from jiuye.office.ventures.operations.interest import (
    NothingToSubsidiseError,
    NotSubsidisedError,
    left_with_borrower_fen,
    paid_rows,
    quarters_amount_fen,
)
from jiuye.office.ventures.operations.steps import LoanNotFoundError, locked, one_act, record, walk
from jiuye.office.ventures.operations.undoing import require_no_other_loan
from jiuye.office.ventures.states import LoanRefusal
from jiuye.office.ventures.telling import tell_claim_withdrawn, tell_claimed_back

# The acts that a borrower may read in the loan's own timeline.
NOTED = ("confirm_claim_back", "withdraw_claim_back", "receive_back", "undo_receipt", "waive_back")
SIGNED = ("guarantee", "interest", "compensate", "take_over")


class NotOverpaidError(LoanRefusal):
    """No more is asked back of a quarter than was paid too much."""

    field = "amount"

    def __init__(self, over_fen: int, asked_fen: int) -> None:
        super().__init__(
            gettext(
                "按现在的登记，这个季度多付了贴息 %(over)s 元，不能追回 %(asked)s 元；请核对金额，或先补登还款、重新核算。"
            )
            % {"over": yuan_text(over_fen), "asked": yuan_text(asked_fen)}
        )


class GrantedItError(LoanRefusal):
    """Who signed what the money was paid on does not give up that it comes back."""

    def __init__(self) -> None:
        super().__init__(
            gettext(
                "这笔贷款的担保、贴息或代偿是您签批的，欠款不能由您核销，追回决定也不能由您撤回；请由没有签批过它的审批人员办理。"
            )
        )


def claim_interest_back(
    *,
    actor: Actor,
    subsidy_id: int,
    amount_fen: int,
    ground: str,
    document: str,
    schedule: Sequence[funds.Due],
    on: date,
    at: datetime,
) -> Recovery:
    """Propose that the borrower pays back what a quarter's interest was paid too much; another officer confirms.

    Raises LoanNotFoundError, NotPermittedError, NotOverpaidError, ShareUnknownError, OtherFormulaError, and what funds' `claim_back` raises.
    """
    with one_act("claim_interest_back"):
        found = InterestSubsidy.objects.filter(pk=subsidy_id).order_by("pk").first()
        if found is None:
            raise LoanNotFoundError
        loan = locked(found.loan_id)
        require(actor, "funds.recover", loan.division_code)
        require_no_relative(loan.person_id, actor)
        over_fen = _overpaid_fen(loan, found.quarter_start, found.quarter_until)
        if not 0 < amount_fen <= over_fen:
            raise NotOverpaidError(max(0, over_fen), amount_fen)
        return funds.claim_back(
            actor=actor,
            claim_key=found.claim_key,
            amount_fen=amount_fen,
            ground=ground,
            document=document,
            debtor_name=loan.borrower_name,
            debtor_is_person=loan.person is not None,
            schedule=schedule,
            on=on,
            at=at,
        )


def _overpaid_fen(loan: Loan, start: date, until: date) -> int:
    """What the borrower has of the quarter's interest beyond what it comes to now."""
    try:
        owed_fen = quarters_amount_fen(loan, start, until)
    except (NothingToSubsidiseError, NotSubsidisedError):
        owed_fen = 0
    return left_with_borrower_fen(paid_rows(loan, start)) - owed_fen


def note_claim(
    *, recovery: Recovery, act: str, amount_fen: int, note: str, actor: Actor, on: date, at: datetime
) -> None:
    """Write into the loan's timeline how a claim on its money moved, tell the borrower of the decision, and let the benefit shrink by what
    came back. A claim that is no loan's is passed over. Raises MessagesUnreadableError."""
    loan, subsidy = subject_of(recovery.claim_key)
    if loan is None or act not in NOTED:
        return
    details = {"document": recovery.document, "amount_fen": amount_fen or recovery.amount_fen}
    record(loan, act, loan.state, actor=actor, on=on, at=at, note=note, details=details)
    if act == "confirm_claim_back":
        tell_claimed_back(loan, recovery, subsidy, on=on, at=at)
    if act == "withdraw_claim_back":
        tell_claim_withdrawn(loan, recovery, on=on, at=at)
    if act == "undo_receipt":
        _owed_again(loan, subsidy, amount_fen, actor=actor, on=on, at=at)
    if act == "receive_back" and subsidy is not None:
        benefit = Benefit.objects.filter(case_key=root_key(subsidy)).order_by("pk").first()
        if benefit is not None:
            take_back_benefit(
                case_key=benefit.case_key,
                paid_fen=benefit.amount_fen,
                back_fen=amount_fen,
                on=on,
                at=at,
            )


def _owed_again(
    loan: Loan,
    subsidy: InterestSubsidy | None,
    amount_fen: int,
    *,
    actor: Actor,
    on: date,
    at: datetime,
) -> None:
    """A receipt was taken back: the interest stands as drawn again; a loan that had ended with the claim is claimed from again. Raises
    DrawnSinceError, OtherLoanRunsError."""
    if subsidy is not None:
        line = PaymentLine.objects.filter(claim_key=subsidy.claim_key, state="paid").order_by("-pk")[0]
        assert line.answered_on is not None  # held by the constraint line_paid_iff_posted
        try:
            with transaction.atomic():
                draw(loan, subsidy, amount_fen, paid_on=line.answered_on, on=on, at=at)
        except IntegrityError as error:
            raise DrawnSinceError from error
    elif loan.state in ("recovered", "written_off"):
        require_no_other_loan(loan)
        walk(loan, "reopen_claim", actor=actor, on=on, at=at)


def require_may_waive(*, claim_key: str, actor: Actor) -> None:
    """Return where the actor signed nothing that the loan's money was paid on. Raises GrantedItError."""
    loan, _ = subject_of(claim_key)
    if loan is None:
        return
    signed = loan.signatures.filter(act__in=SIGNED, signed_by_id=actor.account_id)
    if loan.guaranteed_by_id == actor.account_id or signed.exists():
        raise GrantedItError
