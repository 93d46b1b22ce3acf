"""What is learned while a loan is on its way: a death, a business closed, a repayment that was none, before the money goes and after it."""

from __future__ import annotations

from datetime import date

import pytest

from jiuye.office.casework import operations as casework
from jiuye.office.casework.operations.sending import BatchNoLongerPayableError, send_batch
from jiuye.office.entitlements.models import Benefit
from jiuye.office.funds import operations as funds
from jiuye.office.funds.operations import Due, waive
from jiuye.office.funds.queries import verify_ledger
from jiuye.office.registry.models import Employer, Person
from jiuye.office.ventures import operations
from jiuye.office.ventures.queries import position
from tests.office.ventures.conftest import APPLIED, at
from tests.office.ventures.test_after_compensation import NEXT, compensated, paid_and_claimed_back
from tests.office.ventures.test_claims_on_loans import confirm
from tests.office.ventures.test_corrections import AFTER_REPAYMENT_FEN, APRIL, JULY, learned_late, pay
from tests.office.ventures.test_undoing import take_receipt_back

SUMMER, OCTOBER = date(2024, 7, 1), date(2024, 10, 9)


def test_no_guarantee_is_signed_for_a_founder_who_has_died_since(street):
    loan = street.apply()
    Person.objects.filter(pk=street.founder.pk).update(death_date=APPLIED)
    with pytest.raises(operations.BorrowerGoneError, match="2024-03-20 死亡"):
        street.guarantee(loan)
    loan.refresh_from_db()
    assert (loan.state, loan.signatures.count()) == ("applied", 0)
    Person.objects.filter(pk=street.founder.pk).update(death_date=None)  # another of the same name
    assert street.guarantee(loan).state == "guaranteed"


def test_nor_is_it_for_a_business_that_was_closed(street):
    loan = street.apply()
    Employer.objects.filter(pk=street.firm.pk).update(closed_on=APPLIED)
    with pytest.raises(operations.BorrowerGoneError, match="2024-03-20 注销"):
        street.guarantee(loan)


def test_nobody_applies_in_the_name_of_the_dead(street):
    Person.objects.filter(pk=street.founder.pk).update(death_date=APPLIED)
    with pytest.raises(operations.BorrowerGoneError, match="死亡"):
        street.apply()


def test_interest_that_has_become_stale_in_a_batch_is_not_sent(street):
    loan = street.lend()
    subsidy = street.approve(street.reckon(loan, APRIL, JULY), JULY)
    batch = operations.pay_interest(actor=street.maker, subsidy_ids=[subsidy.pk], on=JULY, at=at(JULY))
    batch = funds.approve_batch(actor=street.checker, batch=batch, on=JULY, at=at(JULY))
    learned_late(street, loan)
    given = {"actor": street.checker, "batch": batch, "on": JULY, "at": at(JULY)}
    with pytest.raises(BatchNoLongerPayableError, match=rf"{loan.number}.*990\.83 元.*61\.02 元"):
        send_batch(bank=street.bank, rules=None, **given)
    assert street.bank.payouts() == []
    # The way that the sentence says: the batch is given up, the approval taken back, the quarter reckoned anew.
    casework.discard_batch(**given)
    operations.undo_interest(
        actor=street.approver, subsidy_id=subsidy.pk, note="还款补登", on=JULY, at=at(JULY)
    )
    again = street.approve(street.reckon(loan, APRIL, JULY), JULY)
    batch = operations.pay_interest(actor=street.maker, subsidy_ids=[again.pk], on=JULY, at=at(JULY))
    batch = funds.approve_batch(actor=street.checker, batch=batch, on=JULY, at=at(JULY))
    assert send_batch(bank=street.bank, rules=None, **(given | {"batch": batch})).state == "sent"
    assert again.amount_fen == AFTER_REPAYMENT_FEN


def test_a_quarter_paid_on_a_repayment_that_was_none_is_said_to_be_owed_back_whole(street):
    """The instalment of 20 April came by mistake from another loan: taken back, every day of the summer was late."""
    loan = street.lend(plan=[(date(2024, 4, 20), 10_000_000), (date(2025, 4, 10), 10_000_000)])
    wrong = street.repay(loan, 10_000_000, "HK-1", date(2024, 4, 20))
    subsidy = street.approve(street.reckon(loan, SUMMER, OCTOBER), OCTOBER)
    pay(street, subsidy, OCTOBER)
    undo = {"note": "记错了贷款", "on": OCTOBER, "at": at(OCTOBER)}
    operations.undo_repayment(actor=street.second, loan_id=loan.pk, repayment_id=wrong.pk, **undo)
    with pytest.raises(operations.OverpaidInterestError, match=subsidy.claim_key):
        street.reckon(loan, SUMMER, OCTOBER)
    claim = operations.claim_interest_back(
        actor=street.maker, subsidy_id=subsidy.pk, amount_fen=subsidy.amount_fen, ground="逾期期间不贴息",
        document="扬人社追〔2024〕9号", schedule=[Due(date(2024, 11, 1), subsidy.amount_fen)], on=OCTOBER, at=at(OCTOBER),
    )  # fmt: skip
    confirm(street.third, claim, OCTOBER)
    casework.receive_back(
        actor=street.maker, recovery_id=claim.pk, amount_fen=subsidy.amount_fen, bank_reference="TK-1", on=OCTOBER,
        at=at(OCTOBER),
    )  # fmt: skip
    assert not Benefit.objects.exists()
    with pytest.raises(operations.NothingToSubsidiseError):  # now it is even
        street.reckon(loan, SUMMER, OCTOBER)
    assert verify_ledger().faults == ()


def test_a_claim_does_not_end_while_a_receipt_that_was_taken_back_is_claimed_by_nobody(street):
    loan = compensated(street, 16_000_000)
    recovery = paid_and_claimed_back(street, loan)
    casework.receive_back(
        actor=street.maker, recovery_id=recovery.pk, amount_fen=1_000_000, bank_reference="ZH-1", on=NEXT, at=at(NEXT)
    )  # fmt: skip
    waive(actor=street.approver, recovery_id=recovery.pk, reason="借款人死亡，无遗产", on=NEXT, at=at(NEXT))
    close = {"actor": street.clerk, "loan_id": loan.pk, "on": NEXT, "at": at(NEXT)}
    loan = operations.close_recovered(**close)
    assert loan.timeline.order_by("-pk")[0].details["amount_fen"] == 1_000_000
    take_receipt_back(street, recovery, NEXT)
    with pytest.raises(operations.StillOwedError, match=r"10,000\.00"):
        operations.close_recovered(**close)


def test_principal_due_on_a_leap_day_is_late_from_the_first_of_march(street):
    loan = street.lend(plan=[(date(2028, 2, 29), 20_000_000)])
    late = [position(loan, on=day).late_fen for day in (date(2028, 2, 29), date(2028, 3, 1))]
    assert late == [0, 20_000_000]
