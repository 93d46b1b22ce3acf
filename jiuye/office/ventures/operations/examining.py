"""Whoever is paid is looked at before money is promised and again before it goes, by the very checks of casework; a look is kept.

A payment that the bank sent back goes out again only after somebody has looked at the account and said how.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext

from jiuye.office.casework.authorities import require_no_relative
from jiuye.office.casework.checks import examine_recipient, in_words
from jiuye.office.casework.findings import Finding
from jiuye.office.casework.lost import findings_of_lost
from jiuye.office.entitlements.models import Entitlement
from jiuye.office.funds.models import PaymentLine
from jiuye.office.staff.queries import Actor, require
from jiuye.office.staff.refusals import LINE, within
from jiuye.office.staff.rows import unscoped
from jiuye.office.ventures.models import INTEREST_KEY, InterestSubsidy, Loan, LoanEvent
from jiuye.office.ventures.operations.claims import subject_of
from jiuye.office.ventures.operations.steps import locked, one_act, record
from jiuye.office.ventures.queries import compensation_keys, returned_payments
from jiuye.office.ventures.states import LoanRefusal


class PayeeNotConfirmedError(LoanRefusal):
    """The bank sent the payment back, and nobody has looked at the account since."""

    def __init__(self, line: PaymentLine) -> None:
        super().__init__(
            gettext("这笔付款被银行退回（%(reason)s）；请先核对收款账户并登记是怎样核对的，再重新付款。")
            % {"reason": line.rejection_reason}
        )


class CheckNoteError(LoanRefusal):
    """How the account was checked is said in words."""

    field = "note"

    def __init__(self) -> None:
        super().__init__(gettext("请写明收款账户是怎样核对的（例如：本人来电确认）。"))


class NothingReturnedError(LoanRefusal):
    """No payment of this loan waits for its account to be looked at."""

    def __init__(self) -> None:
        super().__init__(gettext("这笔贷款没有被银行退回、等待核对账户的付款；不用登记。"))


@unscoped("who is paid is looked up wherever they live")
def look_at_recipient(
    subsidy: InterestSubsidy, loan: Loan, *, moment: str, actor: Actor, on: date, at: datetime
) -> list[Finding]:
    """Run the checks of whoever receives the interest, keep what each looked at, and return those that failed.

    The caller raises ChecksFailedError for them after its transaction, so that the look stays on record.
    """
    person = loan.person
    found = examine_recipient(
        entitlement=Entitlement(
            policy_id=subsidy.policy_id,
            subject_kind="employer",
            subject_key=str(loan.employer_id),
            period_start=subsidy.quarter_start,
            period_until=subsidy.quarter_until,
            recipient_kind="person" if person is not None else "employer",
            person=person,
            employer=loan.employer if person is None else None,
            division_code=loan.division_code,
            claim="apply",
        ),
        on=on,
    )
    payee = loan.person or loan.employer
    found += findings_of_lost(
        INTEREST_KEY,
        InterestSubsidy.objects.order_by("pk"),
        serial=subsidy.pk,
        account=payee.bank_account,
        amount_fen=subsidy.amount_fen,
    )
    failed = [row for row in found if row.outcome == "failed"]
    record(
        loan,
        "check",
        loan.state,
        actor=actor,
        on=on,
        at=at,
        note=" ".join(in_words(row.finding, row.looked_at) for row in failed),
        details={
            "moment": moment,
            "claim": subsidy.claim_key,
            "found": [
                {
                    "check": row.check,
                    "outcome": row.outcome,
                    "finding": row.finding,
                    "looked_at": row.looked_at,
                }
                for row in found
            ],
        },
    )
    return failed


def note_lost_payment(
    *, claim_key: str, details: dict[str, Any], note: str, actor: Actor, on: date, at: datetime
) -> None:
    """Keep among the loan's events that the bank paid this quarter in the time that a restore lost."""
    loan, subsidy = subject_of(claim_key)
    assert loan is not None  # chosen from the quarters that are on record
    assert subsidy is not None
    details = details | {"quarter": subsidy.quarter_start.isoformat()}
    record(loan, "take_lost_payment", loan.state, actor=actor, on=on, at=at, note=note, details=details)


def require_account_confirmed(loan: Loan, claim_key: str) -> None:
    """Return where the claim's last payment did not come back, or its account was looked at since. Raises PayeeNotConfirmedError."""
    for line in returned_payments(loan):
        if line.claim_key == claim_key:
            raise PayeeNotConfirmedError(line)


def confirm_payee(
    *, actor: Actor, loan_id: int, note: str, on: date, at: datetime, bank_account: str = ""
) -> LoanEvent:
    """Say how the account of a returned payment was checked. A borrower's account is put right in the register; the bank's own,
    where a compensation came back, is given here.

    Raises NotPermittedError, NothingReturnedError, CheckNoteError, TooLongError.
    """
    with one_act("confirm_payee"):
        loan = locked(loan_id)
        require(actor, "ventures.record", loan.division_code)
        require_no_relative(loan.person_id, actor)
        returned = returned_payments(loan)
        if not returned:
            raise NothingReturnedError
        if not note.strip():
            raise CheckNoteError
        note = within(note, LINE, "账户是怎样核对的", "note")
        if bank_account.strip() and any(line.claim_key in compensation_keys(loan) for line in returned):
            loan.bank_account = bank_account.strip()
            loan.save(update_fields=["bank_account"])
        return record(
            loan,
            "confirm_payee",
            loan.state,
            actor=actor,
            on=on,
            at=at,
            note=note,
            details={"lines": [line.line_key for line in returned]},
        )
