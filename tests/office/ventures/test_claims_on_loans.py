"""Money of a loan that is owed back: proposed by one, confirmed by another, told by letter; the quarter and the benefit follow what comes."""

from __future__ import annotations

from datetime import date

import pytest

from jiuye.office.casework import operations as casework
from jiuye.office.entitlements.models import Benefit
from jiuye.office.funds.models import PaymentBatch, Recovery
from jiuye.office.funds.operations import Due, RecoveryOpenError, SameProposerError
from jiuye.office.funds.queries import verify_ledger
from jiuye.office.messages.models import Message
from jiuye.office.staff.queries import NotPermittedError
from jiuye.office.ventures import operations
from tests.office.ventures.conftest import at
from tests.office.ventures.test_corrections import AFTER_REPAYMENT_FEN, APRIL, JULY, learned_late, pay

OVER_FEN = 99_083 - AFTER_REPAYMENT_FEN
AUGUST = date(2024, 8, 1)


@pytest.fixture
def overpaid(street):
    """A quarter's interest of 990.83, paid before the bank told of a repayment: 61.02 was due."""
    loan = street.lend()
    subsidy = street.approve(street.reckon(loan, APRIL, JULY), JULY)
    pay(street, subsidy)
    learned_late(street, loan)
    return subsidy


def claim(street, subsidy, fen: int = OVER_FEN, **more) -> Recovery:
    return operations.claim_interest_back(
        actor=street.maker, subsidy_id=subsidy.pk, amount_fen=fen, ground="还款补登后重新核算，多付的贴息应退还",
        document="扬人社追〔2024〕9号", schedule=[Due(AUGUST, fen)], on=JULY, at=at(JULY), **more,
    )  # fmt: skip


def confirm(actor, recovery, on: date = JULY) -> Recovery:
    return casework.confirm_claim_back(actor=actor, recovery_id=recovery.pk, on=on, at=at(on))


def receive(street, recovery, fen: int, reference: str = "TK-1"):
    return casework.receive_back(
        actor=street.maker, recovery_id=recovery.pk, amount_fen=fen, bank_reference=reference, on=AUGUST,
        at=at(AUGUST),
    )  # fmt: skip


def test_overpaid_interest_is_owed_and_told_once_another_officer_confirmed_it(street, overpaid):
    with pytest.raises(operations.NotOverpaidError, match=r"929\.81.*929\.82"):
        claim(street, overpaid, OVER_FEN + 1)
    found = claim(street, overpaid)
    assert (found.state, found.debtor_name) == ("proposed", "张秀兰")
    with pytest.raises(RecoveryOpenError):
        claim(street, overpaid)
    assert not Message.objects.filter(occasion="loan_interest_claimed_back").exists()
    with pytest.raises(NotPermittedError):
        confirm(street.maker, found)
    assert confirm(street.third, found).state == "open"
    told = Message.objects.get(occasion="loan_interest_claimed_back")
    for words in ("929.81", "2024年第2季度", "2024年8月1日", "行政复议", "扬人社追〔2024〕9号"):
        assert words in told.letter
    assert overpaid.loan.timeline.order_by("-pk").first().act == "confirm_claim_back"


def test_what_came_back_is_drawn_no_more_and_the_quarter_is_even_again(street, overpaid):
    found = confirm(street.third, claim(street, overpaid))
    receive(street, found, 50_000)
    receive(street, found, 50_000)  # the same reference again
    kept = Benefit.objects.get()
    assert (kept.months, kept.period_start, kept.period_until) == (3, date(2024, 4, 10), date(2024, 7, 1))
    with pytest.raises(operations.OverpaidInterestError, match=r"429\.81"):
        street.reckon(overpaid.loan, APRIL, AUGUST)
    receive(street, found, OVER_FEN - 50_000, "TK-2")
    kept.refresh_from_db()
    assert (kept.amount_fen, kept.months) == (AFTER_REPAYMENT_FEN, 3)
    assert street.reckon(overpaid.loan, APRIL, AUGUST) == overpaid
    found.refresh_from_db()
    assert (found.state, verify_ledger().faults) == ("recovered", ())


def test_a_compensation_is_claimed_from_the_borrower_by_two_and_given_up_by_none_who_guaranteed(street):
    day, later = date(2025, 8, 1), date(2025, 9, 1)
    loan = street.compensate(street.lend(), 20_000_000, day)
    street.settle(operations.pay_compensation(actor=street.maker, loan_id=loan.pk, on=day, at=at(day)), day)
    found = operations.recover_from_borrower(
        actor=street.maker, loan_id=loan.pk, document="扬担追〔2025〕3号", schedule=[Due(later, 20_000_000)],
        on=day, at=at(day),
    )  # fmt: skip
    assert found.state == "proposed"
    with pytest.raises(operations.StillOwedError):
        operations.close_recovered(actor=street.clerk, loan_id=loan.pk, on=day, at=at(day))
    assert confirm(street.approver, found, day).state == "proposed"  # of this amount two sign
    assert confirm(street.second, found, day).state == "open"
    assert "200,000.00" in Message.objects.get(occasion="loan_compensation_claimed").letter
    give_up = {"recovery_id": found.pk, "reason": "借款人死亡，无遗产", "on": later, "at": at(later)}
    for who in (street.approver, street.second, street.third):
        with pytest.raises(operations.GrantedItError):
            casework.waive_back(actor=who, **give_up)


def test_whoever_made_the_payment_does_not_confirm_that_it_is_owed_back(street, overpaid):
    found = claim(street, overpaid)
    PaymentBatch.objects.update(approved_by=street.third.account_id)
    with pytest.raises(SameProposerError):
        confirm(street.third, found)
