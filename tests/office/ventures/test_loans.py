"""A start-up loan from the application to the interest subsidy, to arrears, to compensation and what comes back."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.test import Client

from jiuye.office.casework.operations import confirm_claim_back
from jiuye.office.funds.models import LedgerTransfer, Reservation
from jiuye.office.funds.operations import Due, NothingPaidError, receive_back
from jiuye.office.funds.queries import claim_payments, verify_ledger
from jiuye.office.staff.models import Account
from jiuye.office.ventures import operations
from jiuye.office.ventures.models import InterestSubsidy, Loan, LoanEvent
from jiuye.office.ventures.operations.borrowers import BorrowerGoneError
from jiuye.office.ventures.operations.lending import committed_fen, standing_capital
from jiuye.office.ventures.queries import position
from jiuye.office.ventures.reckoning import Book, accrue, quarter_of, subsidy_fen
from jiuye.office.ventures.states import WrongLoanStateError
from tests.office.ventures.conftest import APPLIED, PAID_OUT, at
from tests.portals.refused_forms import losses, walked

JULY, OCTOBER = date(2024, 7, 1), date(2024, 10, 8)


def test_a_loan_goes_from_the_application_to_the_subsidy_on_the_founders_account(street):
    loan = street.lend()
    assert loan.state == "disbursed"
    assert loan.receipt["verdict"] == "yes"
    # 10 April to 30 June are 82 days: 200,000.00 × 4.35% × 50% × 82 ÷ 360 = 990.8333… yuan
    subsidy = street.reckon(loan, date(2024, 4, 1), JULY)
    assert (subsidy.days, subsidy.amount_fen, subsidy.share) == (82, 99_083, Decimal("0.5"))
    assert street.reckon(loan, date(2024, 5, 9), JULY) == subsidy
    street.approve(subsidy, JULY)
    batch = operations.pay_interest(actor=street.maker, subsidy_ids=[subsidy.pk], on=JULY, at=at(JULY))
    street.settle(batch, JULY)
    assert claim_payments([subsidy.claim_key])[subsidy.claim_key].state == "paid"
    entry = LedgerTransfer.objects.get(kind="post")
    assert entry.clause.startswith("startup-loan-personal-interest@")
    assert len(entry.receipt) == 64
    assert verify_ledger().faults == ()
    assert [row.act for row in LoanEvent.objects.exclude(act="attach").order_by("pk")] == [
        "apply", "sign", "guarantee", "disburse", "reckon_interest", "check", "approve_interest", "check",
    ]  # fmt: skip


def test_the_policy_decides_who_may_borrow_and_how_much(street):
    with pytest.raises(operations.NotEligibleError) as refused:
        street.apply(30_000_001)
    assert refused.value.verdict == "no"
    street.firm.closed_on = date(2024, 1, 1)
    street.firm.save()
    with pytest.raises(BorrowerGoneError, match="已于 2024-01-01 注销"):
        street.apply()
    assert Loan.objects.count() == 0


def test_where_the_ceiling_is_on_no_document_nothing_is_granted_on_a_guess(street):
    with pytest.raises(operations.NotEligibleError) as refused:
        street.apply(on=date(2025, 9, 24))
    assert refused.value.verdict == "unknown"


def test_the_guarantee_fund_carries_its_multiple_and_no_more_and_is_free_again_as_the_loan_comes_back(street):
    loan = street.lend()
    assert committed_fen() == 20_000_000
    street.repay(loan, 15_000_000, "HK-1", date(2024, 9, 1))
    assert committed_fen() == 5_000_000
    street.repay(loan, 5_000_000, "HK-2", date(2024, 9, 2))
    loan.refresh_from_db()
    assert (loan.state, committed_fen()) == ("repaid", 0)
    second = street.apply(30_000_000, on=date(2024, 9, 3))
    street.guarantee(second, 30_000_000, on=date(2024, 9, 3))
    Loan.objects.filter(pk=loan.pk)
    assert committed_fen() == 30_000_000


def test_a_guarantee_beyond_the_fund_says_what_is_left(street):
    from jiuye.office.ventures.rules import loan_terms

    assert loan_terms().guarantee_multiple == 1
    loan = street.apply(30_000_000)
    street.guarantee(loan, 30_000_000)
    other = Loan.objects.create(
        kind="enterprise", employer=street.firm, division_code=loan.division_code, wanted_fen=1, applied_on=APPLIED,
        applied_by_id=street.clerk.account_id,
    )  # fmt: skip
    street.show_papers(other)
    with pytest.raises(operations.GuaranteeExhaustedError, match=r"已担保 300,000\.00 元，还能担保 0\.00 元"):
        street.guarantee(other, 1)


def test_who_took_the_application_does_not_guarantee_it_and_the_table_is_the_only_way(street):
    loan = street.apply()
    with pytest.raises(operations.LoanOpenError):
        street.apply()
    with pytest.raises(WrongLoanStateError):
        street.pay_out(loan)
    with pytest.raises(IntegrityError, match="loan_guaranteed_by_another"), transaction.atomic():
        Loan.objects.update(guaranteed_by_id=street.clerk.account_id)
    with pytest.raises(ProgrammingError, match="Invalid transition"), transaction.atomic():
        Loan.objects.update(state="repaid")
    with pytest.raises(operations.AmountOutOfRangeError):
        street.guarantee(loan, 20_000_001)


@pytest.mark.parametrize(
    "plan", [[], [(date(2025, 4, 10), 1)], [(PAID_OUT, 20_000_000)], [(date(2025, 4, 10), 10_000_000)] * 2]
)
def test_a_plan_of_repayment_makes_up_the_loan(street, plan):
    loan = street.guarantee(street.apply())
    with pytest.raises(operations.PlanError, match=r"应为 200,000\.00 元"):
        street.pay_out(loan, plan=plan or [(date(2025, 4, 10), 5)])


def test_late_days_are_lit_and_not_subsidised(street):
    loan = street.lend(plan=[(date(2024, 8, 15), 10_000_000), (date(2025, 4, 10), 10_000_000)])
    assert position(loan, on=date(2024, 8, 15)).level == "good"
    assert (position(loan, on=date(2024, 8, 16)).level, position(loan, on=date(2024, 8, 16)).late_days) == (
        "watch",
        1,
    )
    late = position(loan, on=date(2024, 9, 15))
    assert (late.level, late.late_fen, late.late_since) == ("bad", 10_000_000, date(2024, 8, 15))
    street.repay(loan, 10_000_000, "HK-1", date(2024, 9, 20))
    # July and half of August at 200,000 (46 days), late from 16 August to 19 September, then 11 days at 100,000.
    subsidy = street.reckon(loan, JULY, OCTOBER)
    assert (subsidy.days, int(subsidy.balance_days)) == (57, 46 * 20_000_000 + 11 * 10_000_000)
    assert subsidy.amount_fen == 62_229  # 1,030,000,000 fen·days × 0.0435 × 0.5 ÷ 360 = 62,229.1666… fen


def test_a_quarter_is_reckoned_when_it_is_over_and_approved_by_another(street):
    loan = street.lend()
    with pytest.raises(operations.QuarterNotOverError, match="2024-06-30"):
        street.reckon(loan, date(2024, 4, 1), date(2024, 6, 30))
    with pytest.raises(operations.NothingToSubsidiseError):
        street.reckon(loan, date(2024, 1, 1), JULY)
    subsidy = street.reckon(loan, date(2024, 4, 1), JULY)
    with pytest.raises(IntegrityError, match="interest_approved_by_another"), transaction.atomic():
        InterestSubsidy.objects.update(approved_by_id=street.clerk.account_id, approved_on=JULY)
    street.approve(subsidy, JULY)
    street.approve(subsidy, JULY)
    assert LedgerTransfer.objects.filter(claim_key=subsidy.claim_key).count() == 1


def test_a_repayment_counts_once(street):
    loan = street.lend()
    first = street.repay(loan, 1_000, "HK-1", JULY)
    assert street.repay(loan, 1_000, "HK-1", JULY) == first
    with pytest.raises(operations.RepaymentKnownError):
        street.repay(loan, 2_000, "HK-1", JULY)
    with pytest.raises(operations.AmountOutOfRangeError):
        street.repay(loan, 20_000_000, "HK-2", JULY)


@pytest.mark.parametrize("fund", ["startup-guarantee", "startup-risk-compensation"])
def test_the_fund_compensates_the_bank_and_claims_it_back_from_the_borrower(street, fund):
    loan = street.lend(plan=[(date(2024, 8, 15), 20_000_000)])
    day = date(2024, 11, 12)
    give = {
        "actor": street.third,
        "loan_id": loan.pk,
        "amount_fen": 16_000_000,
        "note": "逾期满90天",
        "at": at(day),
    }
    with pytest.raises(operations.NotLateEnoughError, match="满 90 天"):
        operations.compensate(fund=fund, on=day, **give)
    day += timedelta(days=1)
    with pytest.raises(operations.FundNotForThisError):
        operations.compensate(fund="inclusive-finance", on=day, **give)
    street.compensate(loan, 16_000_000, day, fund)
    schedule = [Due(date(2025, 1, 15), 8_000_000), Due(date(2025, 2, 15), 8_000_000)]
    back = {"actor": street.maker, "loan_id": loan.pk, "document": "扬担追〔2024〕3号", "schedule": schedule}
    with pytest.raises(NothingPaidError):
        operations.recover_from_borrower(on=day, at=at(day), **back)
    street.settle(operations.pay_compensation(actor=street.maker, loan_id=loan.pk, on=day, at=at(day)), day)
    recovery = operations.recover_from_borrower(on=day, at=at(day), **back)
    assert recovery.debtor_name == "张秀兰"
    other = {"startup-guarantee": "startup-risk-compensation"}.get(fund, "startup-guarantee")
    assert (standing_capital(fund, 2024), standing_capital(other, 2024)) == (14_000_000, 30_000_000)
    for who in (street.third, street.fourth):
        confirm_claim_back(actor=who, recovery_id=recovery.pk, on=day, at=at(day))
    with pytest.raises(operations.StillOwedError, match=r"160,000\.00"):
        operations.close_recovered(actor=street.clerk, loan_id=loan.pk, on=day, at=at(day))
    receive_back(
        actor=street.maker,
        recovery_id=recovery.pk,
        amount_fen=16_000_000,
        bank_reference="ZH-1",
        on=day,
        at=at(day),
    )
    assert (
        operations.close_recovered(actor=street.clerk, loan_id=loan.pk, on=day, at=at(day)).state
        == "recovered"
    )
    assert standing_capital(fund, 2024) == 30_000_000
    assert verify_ledger().faults == ()


def test_the_days_of_a_quarter_and_the_rounding_are_as_written_down():
    assert quarter_of(date(2024, 12, 31)) == (date(2024, 10, 1), date(2025, 1, 1))
    assert quarter_of(date(2024, 1, 1)) == (date(2024, 1, 1), date(2024, 4, 1))
    book = Book(date(2024, 4, 10), 100, [(date(2024, 4, 20), 100)], [(date(2024, 4, 15), 40)])
    found = accrue(book, date(2024, 4, 1), date(2024, 5, 1))
    assert (found.balance_days, found.days, found.late_days) == (5 * 100 + 6 * 60, 11, 10)
    assert found.last_day == date(2024, 4, 20)
    assert subsidy_fen(1, Decimal("0.5"), Decimal(1), 1) == 1  # half a fen goes up
    assert subsidy_fen(49, Decimal("0.01"), Decimal(1), 1) == 0


def test_no_form_of_a_loan_loses_what_was_typed(street, settings):
    settings.OFFICE_DATE = APPLIED.isoformat()
    loan = street.apply()
    pages = [
        (_client(one), f"/desk/loans/{loan.pk}/") for one in (street.clerk, street.approver, street.maker)
    ]
    found = losses(pages)
    operations.withdraw(actor=street.clerk, loan_id=loan.pk, note="另有资金", on=APPLIED, at=at(APPLIED))
    lent = street.lend()
    settings.OFFICE_DATE = JULY.isoformat()
    found |= losses((client, f"/desk/loans/{lent.pk}/") for client, _ in pages)
    walked(__file__, found)


def _client(actor) -> Client:
    client = Client()
    client.force_login(Account.objects.get(pk=actor.account_id))
    return client


def test_what_stands_in_the_guarantee_fund_does_not_lapse_with_the_year(street):
    new_year = date(2026, 1, 5)
    loan = street.lend(plan=[(date(2025, 9, 1), 20_000_000)])
    enough = Loan(kind="enterprise", employer=street.firm, division_code=loan.division_code, wanted_fen=30_000_000,
                  applied_on=APPLIED, applied_by_id=street.clerk.account_id)  # fmt: skip
    enough.save()
    street.show_papers(enough)
    # 300,000 of 2024 and 300,000 of 2025 stand there, and 200,000 of them is committed.
    street.guarantee(enough, 30_000_000, on=new_year)
    street.compensate(loan, 20_000_000, new_year)
    held = Reservation.objects.select_related("budget").get(claim_key=loan.compensation_key)
    assert held.budget.year == 2024
