"""After the fund has granted a compensation: it can be taken back while unpaid, the rest is still repaid and seen, and what was given
up is called written off."""

from __future__ import annotations

from datetime import date

import pytest

from jiuye.office.casework.operations import confirm_claim_back
from jiuye.office.funds.models import Reservation
from jiuye.office.funds.operations import Due, receive_back, undo_receipt, waive
from jiuye.office.funds.queries import appropriated, budget_positions, fund_balances, verify_ledger
from jiuye.office.ventures import operations
from jiuye.office.ventures.operations.lending import standing_capital
from jiuye.office.ventures.queries import position
from tests.office.ventures.conftest import at

DAY = date(2024, 11, 13)
NEXT = date(2024, 11, 20)


def compensated(street, fen: int):
    loan = street.lend(plan=[(date(2024, 8, 15), 20_000_000)])
    return street.compensate(loan, fen, DAY)


def undo(street, loan, on: date = NEXT):
    return operations.undo_compensation(
        actor=street.approver, loan_id=loan.pk, note="借款人当天还清", on=on, at=at(on)
    )


def paid_and_claimed_back(street, loan):
    street.settle(operations.pay_compensation(actor=street.maker, loan_id=loan.pk, on=DAY, at=at(DAY)), DAY)
    claim = operations.recover_from_borrower(
        actor=street.maker, loan_id=loan.pk, document="扬担追〔2024〕3号",
        schedule=[Due(date(2025, 1, 15), loan.compensated_fen)], on=NEXT, at=at(NEXT),
    )  # fmt: skip
    for who in (street.third, street.fourth):
        if claim.state == "proposed":
            claim = confirm_claim_back(actor=who, recovery_id=claim.pk, on=NEXT, at=at(NEXT))
    return claim


def test_a_borrower_who_pays_before_the_fund_does_is_recorded_once_the_compensation_is_taken_back(street):
    loan = compensated(street, 20_000_000)
    with pytest.raises(operations.CompensatedWholeError, match="撤销代偿"):
        street.repay(loan, 20_000_000, "HK-1", NEXT)
    loan = undo(street, loan)
    assert (loan.state, loan.compensated_fen, loan.compensation_fund) == ("disbursed", None, "")
    assert Reservation.objects.get(claim_key=loan.compensation_key).state == "released"
    street.repay(loan, 20_000_000, "HK-1", NEXT)
    loan.refresh_from_db()
    assert loan.state == "repaid"


def test_a_compensation_that_the_bank_has_received_is_not_taken_back(street):
    loan = compensated(street, 20_000_000)
    street.settle(operations.pay_compensation(actor=street.maker, loan_id=loan.pk, on=DAY, at=at(DAY)), DAY)
    with pytest.raises(operations.CompensationPaidError):
        undo(street, loan)


def test_what_is_left_after_a_part_was_compensated_is_seen_and_repaid(street):
    loan = compensated(street, 16_000_000)
    assert position(loan, on=NEXT).outstanding_fen == 4_000_000
    with pytest.raises(operations.AmountOutOfRangeError):
        street.repay(loan, 4_000_001, "HK-1", NEXT)
    street.repay(loan, 3_000_000, "HK-1", NEXT)
    loan.refresh_from_db()
    assert (loan.state, position(loan, on=NEXT).outstanding_fen) == ("compensated", 1_000_000)


def test_a_compensation_given_up_is_written_off_and_not_called_recovered(street):
    loan = compensated(street, 16_000_000)
    recovery = paid_and_claimed_back(street, loan)
    receive_back(
        actor=street.maker,
        recovery_id=recovery.pk,
        amount_fen=1_000_000,
        bank_reference="ZH-1",
        on=NEXT,
        at=at(NEXT),
    )
    waive(actor=street.approver, recovery_id=recovery.pk, reason="借款人死亡，无遗产", on=NEXT, at=at(NEXT))
    loan = operations.close_recovered(actor=street.clerk, loan_id=loan.pk, on=NEXT, at=at(NEXT))
    assert (loan.state, loan.get_state_display()) == ("written_off", "已核销")


def test_what_borrowers_pay_back_to_the_guarantee_fund_stands_in_it_again_and_was_not_appropriated(street):
    def fund():
        (row,) = (
            r for r in budget_positions(actor=street.planner, year=2024) if r.fund_code == "startup-guarantee"
        )
        return row.appropriated_fen, row.came_back_fen, row.spent_fen, row.available_fen

    loan = compensated(street, 16_000_000)
    recovery = paid_and_claimed_back(street, loan)
    assert fund() == (30_000_000, 0, 16_000_000, 14_000_000)
    receipt = receive_back(
        actor=street.maker, recovery_id=recovery.pk, amount_fen=12_000_000, bank_reference="ZH-1", on=NEXT, at=at(NEXT)
    )  # fmt: skip
    assert fund() == (30_000_000, 12_000_000, 16_000_000, 26_000_000)
    assert standing_capital("startup-guarantee", 2024) == 26_000_000
    assert fund_balances(year=2024)["startup-guarantee"]["appropriated_fen"] == 30_000_000
    assert appropriated(fund="startup-guarantee", year=2024) == 30_000_000
    undo_receipt(
        actor=street.checker, recovery_id=recovery.pk, receipt_id=receipt.pk, reason="记错了", on=NEXT, at=at(NEXT)
    )  # fmt: skip
    assert fund() == (30_000_000, 0, 16_000_000, 14_000_000)
    assert verify_ledger().faults == ()
