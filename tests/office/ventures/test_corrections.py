"""Days have their order, and interest follows what was repaid, also where that is learned late: reckoned anew, never paid on a stale figure."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from jiuye.office.entitlements.models import Benefit
from jiuye.office.staff.models import Account
from jiuye.office.ventures import operations
from jiuye.office.ventures.models import InterestSubsidy, Loan
from tests.office.ventures.conftest import PAID_OUT, RATE, at
from tests.portals.refused_forms import losses, walked

APRIL, JULY = date(2024, 4, 1), date(2024, 7, 2)
# 10 April alone at 200,000, then 81 days at 10,000: 101,000,000 fen·days × 4.35% × 50% ÷ 360 = 6,102.0833… fen
AFTER_REPAYMENT_FEN = 6_102


def learned_late(street, loan) -> None:
    """The bank reports in July that 190,000 came back on 11 April."""
    operations.repay(
        actor=street.clerk, loan_id=loan.pk, principal_fen=19_000_000, bank_reference="HK-1",
        paid_on=date(2024, 4, 11), on=JULY, at=at(JULY),
    )  # fmt: skip


def pay(street, subsidy, on: date = JULY) -> None:
    batch = operations.pay_interest(actor=street.maker, subsidy_ids=[subsidy.pk], on=on, at=at(on))
    street.settle(batch, on)
    operations.record_paid_interest(on=on, at=at(on))


def test_a_loan_is_not_paid_out_before_it_was_guaranteed(street):
    loan = street.guarantee(street.apply())
    with pytest.raises(operations.PaidOutTooEarlyError, match="2024-03-20"):
        operations.disburse(
            actor=street.clerk, loan_id=loan.pk, bank="扬州农商银行", bank_account="3210880101200000012345",
            contract="借字2024-001", amount_fen=20_000_000, rate=RATE, plan=[(date(2025, 1, 10), 20_000_000)],
            on=date(2024, 1, 10), at=at(JULY),
        )  # fmt: skip
    street.pay_out(loan)
    with pytest.raises(IntegrityError, match="loan_paid_out_after_guarantee"), transaction.atomic():
        Loan.objects.update(disbursed_on=date(2024, 1, 10))


def test_nothing_comes_back_before_the_payout(street):
    loan = street.lend()
    with pytest.raises(operations.RepaidBeforePayoutError, match=PAID_OUT.isoformat()):
        street.repay(loan, 1_000, "HK-1", date(2024, 4, 9))


def test_interest_reckoned_before_a_repayment_was_known_is_not_approved_and_is_reckoned_anew(street):
    loan = street.lend()
    first = street.reckon(loan, APRIL, JULY)
    learned_late(street, loan)
    with pytest.raises(operations.StaleInterestError, match=r"990\.83.*61\.02"):
        street.approve(first, JULY)
    second = street.reckon(loan, APRIL, JULY)
    first.refresh_from_db()
    assert (first.amount_fen, first.superseded_on, second.amount_fen, second.version) == (
        99_083, JULY, AFTER_REPAYMENT_FEN, 2,
    )  # fmt: skip
    with pytest.raises(operations.SupersededError):
        street.approve(first, JULY)
    street.approve(second, JULY)
    with pytest.raises(IntegrityError, match="interest_once_a_quarter"), transaction.atomic():
        InterestSubsidy.objects.filter(pk=first.pk).update(superseded_on=None)


def test_approved_interest_that_has_become_stale_is_not_paid_until_the_approval_was_taken_back(street):
    loan = street.lend()
    first = street.approve(street.reckon(loan, APRIL, JULY), JULY)
    learned_late(street, loan)
    with pytest.raises(operations.StaleInterestError):
        pay(street, first)
    with pytest.raises(operations.ApprovalStandsError):
        street.reckon(loan, APRIL, JULY)
    operations.undo_interest(
        actor=street.approver, subsidy_id=first.pk, note="还款补登", on=JULY, at=at(JULY)
    )
    second = street.approve(street.reckon(loan, APRIL, JULY), JULY)
    pay(street, second)
    assert Benefit.objects.get().amount_fen == AFTER_REPAYMENT_FEN


def test_too_little_paid_is_followed_by_a_row_of_the_difference(street):
    loan = street.lend()
    first = street.approve(street.reckon(loan, APRIL, JULY), JULY)
    pay(street, first)
    InterestSubsidy.objects.filter(pk=first.pk).update(amount_fen=90_000)
    more = street.reckon(loan, APRIL, JULY)
    assert (more.amount_fen, more.corrects_id) == (9_083, first.pk)
    assert street.reckon(loan, APRIL, JULY) == more
    pay(street, street.approve(more, JULY))
    assert Benefit.objects.get().amount_fen == 99_083 + 9_083
    assert street.reckon(loan, APRIL, JULY) == more


def test_too_much_paid_says_how_much_is_to_be_claimed_back(street):
    loan = street.lend()
    first = street.approve(street.reckon(loan, APRIL, JULY), JULY)
    pay(street, first)
    learned_late(street, loan)
    with pytest.raises(operations.OverpaidInterestError, match=rf"929\.81.*{first.claim_key}"):
        street.reckon(loan, APRIL, JULY)


def test_an_approval_is_taken_back_for_a_reason_that_stands_in_the_timeline(street):
    loan = street.lend()
    subsidy = street.approve(street.reckon(loan, APRIL, JULY), JULY)
    undo = {"actor": street.approver, "subsidy_id": subsidy.pk, "on": JULY, "at": at(JULY)}
    with pytest.raises(operations.UndoReasonError):
        operations.undo_interest(note="  ", **undo)
    operations.undo_interest(note="还款补登", **undo)
    assert loan.timeline.order_by("-pk").first().note == "还款补登"


def test_the_reason_for_taking_an_approval_back_is_asked_on_the_page_and_not_lost(street, settings):
    settings.OFFICE_DATE = JULY.isoformat()
    loan = street.lend()
    subsidy = street.approve(street.reckon(loan, APRIL, JULY), JULY)
    client = Client()
    client.force_login(Account.objects.get(pk=street.approver.account_id))
    page = f"/desk/loans/{loan.pk}/"
    walked(__file__, losses([(client, page)]))
    client.post(f"{page}interest/{subsidy.pk}/undo/", {"note": "还款补登"})
    subsidy.refresh_from_db()
    assert subsidy.approved_on is None
