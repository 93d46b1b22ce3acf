"""A restore lost what the bank had paid on loans: it is taken over under the bank's number and paid once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.db import connection

from jiuye.exchange.bank import Instruction, Submission
from jiuye.exchange.bank.file_format import Answer
from jiuye.office.casework import operations as casework
from jiuye.office.casework.checks import ChecksFailedError
from jiuye.office.casework.packrules import rules
from jiuye.office.entitlements.models import Benefit
from jiuye.office.funds import operations as funds
from jiuye.office.funds.models import PaymentBatch, UnbookedPayment
from jiuye.office.funds.operations import PaidByBankError
from jiuye.office.funds.queries import claim_payments, verify_ledger
from jiuye.office.messages.models import Message
from jiuye.office.ventures import operations
from jiuye.office.ventures.operations import claims
from jiuye.office.ventures.operations.claims import (
    CompensationNotGrantedError,
    InterestNotApprovedError,
    compensation_claim,
    interest_claim,
)
from jiuye.office.ventures.operations.steps import locked
from tests.office.ventures.conftest import Street, at

JULY, LATE = date(2024, 7, 2), date(2025, 7, 20)
LOST = "inclusive-finance-20240702-01"


def paid_and_lost(street: Street, claim: funds.Claim, amount_fen: int, day: date, number: str = LOST) -> None:
    """The bank paid it on that day; the backup that was brought back is older."""
    line = Instruction(
        f"{claim.claim_key}#1", claim.payee_name, claim.payee_account, claim.payee_bank, amount_fen, "贷款"
    )
    street.bank.submit(Submission(number, "some-fund", day, (line,)))
    said = tuple(replace(row, on=row.on or day) for row in street.bank.results(number))
    assert funds.record_unbooked(Answer(number, "YH", said), at=at(day)) == 1


def taken_over(street: Street, day: date, number: str = LOST) -> PaymentBatch:
    batch = casework.take_over_paid_batch(actor=street.maker, number=number, on=day, at=at(day))
    funds.approve_batch(actor=street.checker, batch=batch, on=day, at=at(day))
    given = {"actor": street.checker, "batch": batch, "bank": street.bank, "on": day, "at": at(day)}
    casework.send_batch(**given, rules=rules())
    return casework.settle_batch(**given)


def test_a_quarters_interest_is_booked_drawn_and_paid_once(street):
    loan = street.lend()
    subsidy = street.approve(street.reckon(loan, date(2024, 4, 1), JULY), JULY)
    paid_and_lost(street, interest_claim(subsidy, loan), subsidy.amount_fen, JULY)
    with pytest.raises(PaidByBankError, match=LOST):
        operations.pay_interest(actor=street.maker, subsidy_ids=[subsidy.pk], on=JULY, at=at(JULY))
    taken_over(street, JULY)
    assert Benefit.objects.get(case_key=subsidy.claim_key).amount_fen == subsidy.amount_fen
    assert len(street.bank.payouts()) == 1
    assert verify_ledger().faults == ()


def test_interest_that_the_backup_has_before_its_approval_is_approved_first(street):
    loan = street.lend()
    subsidy = street.reckon(loan, date(2024, 4, 1), JULY)
    paid_and_lost(street, interest_claim(subsidy, loan), subsidy.amount_fen, JULY)
    with pytest.raises(InterestNotApprovedError, match=loan.number):
        casework.take_over_paid_batch(actor=street.maker, number=LOST, on=JULY, at=at(JULY))
    street.approve(subsidy, JULY)
    taken_over(street, JULY)
    assert len(street.bank.payouts()) == 1


def test_a_quarter_is_read_as_it_stands_once_its_loan_is_held(street, monkeypatch):
    loan = street.lend()
    subsidy = street.approve(street.reckon(loan, date(2024, 4, 1), JULY), JULY)

    def held_after_another_took_the_approval_back(loan_id):
        operations.undo_interest(
            actor=street.approver, subsidy_id=subsidy.pk, note="算错了", on=JULY, at=at(JULY)
        )
        return locked(loan_id)

    monkeypatch.setattr(claims, "locked", held_after_another_took_the_approval_back)
    _, quarter = claims.subject_of(subsidy.claim_key)
    assert quarter.approved_on is None


def test_a_compensation_is_booked_paid_once_and_its_borrower_told(street):
    loan = street.lend()
    paid_and_lost(street, compensation_claim(loan), 20_000_000, LATE)
    with pytest.raises(CompensationNotGrantedError, match=loan.number):
        casework.take_over_paid_batch(actor=street.maker, number=LOST, on=LATE, at=at(LATE))
    street.compensate(loan, 20_000_000, LATE)
    with pytest.raises(PaidByBankError, match=LOST):
        operations.pay_compensation(actor=street.maker, loan_id=loan.pk, on=LATE, at=at(LATE))
    taken_over(street, LATE)
    assert claim_payments([loan.compensation_key])[loan.compensation_key].state == "paid"
    assert Message.objects.filter(key=f"loan:{loan.pk}:compensated").exists()
    assert len(street.bank.payouts()) == 1
    assert verify_ledger().faults == ()


def test_a_quarter_reckoned_anew_whose_first_reckoning_was_lost_with_its_payment_is_booked_and_not_paid_again(
    street,
):
    """It was reckoned, approved and paid between the backup and the restore: no record has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence('ventures_interestsubsidy', 'id'), 10000)")
    loan = street.lend()
    again = street.reckon(loan, date(2024, 4, 1), JULY)
    gone = replace(interest_claim(again, loan), claim_key="loan-interest:17")
    payee = (gone.payee_name, gone.payee_account, gone.payee_bank)
    line = Instruction("loan-interest:17#1", *payee, again.amount_fen, "贷款")
    order = Submission(LOST, "some-fund", JULY, (line,))
    street.bank.submit(order)
    said = tuple(replace(row, on=row.on or JULY) for row in street.bank.results(LOST))
    funds.record_unbooked(Answer(LOST, "YH", said), at=at(JULY), order=order)
    with pytest.raises(ChecksFailedError, match=LOST):
        street.approve(again, JULY)
    casework.assign_lost_payment(
        actor=street.maker, unbooked_id=UnbookedPayment.objects.get().pk, claim_key=again.claim_key,
        because="与借款人的银行流水核对", on=JULY, at=at(JULY),
    )  # fmt: skip
    street.approve(again, JULY)
    taken_over(street, JULY)
    assert Benefit.objects.get(case_key=again.claim_key).amount_fen == again.amount_fen
    assert len(street.bank.payouts()) == 1
    assert verify_ledger().faults == ()
    assert loan.timeline.filter(act="take_lost_payment").exists()
