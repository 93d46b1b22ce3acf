"""The interest of a loan is paid with the loan, and never a second time through a case, nor after one."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from jiuye.office.casework.operations import confirm_on_behalf, settle_batch
from jiuye.office.casework.operations.confirming import CarriedByLoanError
from jiuye.office.casework.packrules import rules
from jiuye.office.casework.queries.found import not_receiving
from jiuye.office.entitlements.models import Answer, Benefit, Entitlement
from jiuye.office.entitlements.operations import redecide_employers
from jiuye.office.funds.operations import approve_batch, send_batch
from jiuye.office.ventures import operations
from tests.office.ventures.conftest import Street, at

JULY = date(2024, 7, 2)
POLICY = "startup-loan-personal-interest"


def settled(street: Street, batch, on: date) -> None:
    """As the payments page does it: the bank's answers are taken for everybody whom they concern."""
    batch = approve_batch(actor=street.checker, batch=batch, on=on, at=at(on))
    batch = send_batch(actor=street.checker, batch=batch, bank=street.bank, on=on, at=at(on))
    settle_batch(actor=street.checker, batch=batch, bank=street.bank, on=on, at=at(on))


def found_for(street: Street, on: date) -> Entitlement:
    """What the sweep finds for a founder whose loan stands in the register too."""
    told = {
        "startup_loan": "personal", "startup_loan_balance": "200000", "startup_loan_issued_on": "2024-04-10",
        "startup_loan_rate": "0.0435", "startup_loan_overdue": "false", "startup_loan_extended": "false",
    }  # fmt: skip
    for fact, value in told.items():
        Answer.objects.create(
            entity="employer", subject_key=str(street.firm.pk), fact=fact, value=value,
            answered_by_id=street.clerk.account_id, answered_at=at(on),
        )  # fmt: skip
    redecide_employers(employer_ids=[street.firm.pk], on=on, at=at(on))
    return Entitlement.objects.get(policy_id=POLICY, verdict="yes")


def drawn_by_case(street: Street, **more) -> Benefit:
    return Benefit.objects.create(
        **{
            "policy_id": POLICY, "subject_kind": "employer", "subject_key": str(street.firm.pk),
            "person": street.founder, "period_start": date(2024, 1, 1), "period_until": date(2025, 1, 1),
            "months": 12, "amount_fen": 435_000, "paid_on": JULY, "case_key": "case:7", "source": "本系统发放",
        }
        | more
    )  # fmt: skip


def test_a_quarter_that_the_loan_paid_is_on_record_as_drawn_and_no_case_pays_it_again(street):
    loan = street.lend()
    subsidy = street.reckon(loan, date(2024, 4, 1), JULY)
    street.approve(subsidy, JULY)
    batch = operations.pay_interest(actor=street.maker, subsidy_ids=[subsidy.pk], on=JULY, at=at(JULY))
    settled(street, batch, JULY)
    drawn = Benefit.objects.get(policy_id=POLICY)
    assert (drawn.amount_fen, drawn.person_id, drawn.case_key) == (
        99_083,
        street.founder.pk,
        subsidy.claim_key,
    )
    assert (drawn.period_start, drawn.period_until) == (date(2024, 4, 10), date(2024, 7, 1))
    assert loan.number in drawn.source
    found = found_for(street, JULY)
    with pytest.raises(CarriedByLoanError, match="随贷款"):
        confirm_on_behalf(
            actor=street.clerk,
            entitlement_id=found.pk,
            note="本人到窗口",
            rules=rules(),
            on=JULY,
            at=at(JULY),
        )
    assert POLICY not in not_receiving(street.clerk).values_list("policy_id", flat=True)


def test_taking_the_banks_answers_again_records_nothing_twice(street):
    loan = street.lend()
    subsidy = street.reckon(loan, date(2024, 4, 1), JULY)
    street.approve(subsidy, JULY)
    street.settle(
        operations.pay_interest(actor=street.maker, subsidy_ids=[subsidy.pk], on=JULY, at=at(JULY)), JULY
    )
    assert operations.record_paid_interest(on=JULY, at=at(JULY)) == 1
    assert operations.record_paid_interest(on=JULY, at=at(JULY)) == 0


def test_what_a_case_has_drawn_is_neither_approved_nor_paid_with_the_loan(street):
    loan = street.lend()
    subsidy = street.reckon(loan, date(2024, 4, 1), JULY)
    drawn = drawn_by_case(street)
    with pytest.raises(operations.AlreadyDrawnError, match="2024-07-02"):
        street.approve(subsidy, JULY)
    Benefit.objects.filter(pk=drawn.pk).update(period_start=date(2022, 1, 1), period_until=date(2023, 1, 1))
    street.approve(subsidy, JULY)
    Benefit.objects.filter(pk=drawn.pk).update(period_start=date(2024, 6, 1), period_until=date(2024, 8, 1))
    with pytest.raises(operations.AlreadyDrawnError):
        operations.pay_interest(actor=street.maker, subsidy_ids=[subsidy.pk], on=JULY, at=at(JULY))


def test_the_database_takes_no_second_payment_whose_period_shares_a_day_with_the_first(street):
    drawn_by_case(street)
    with pytest.raises(IntegrityError, match="benefit_paid_once_a_day"), transaction.atomic():
        drawn_by_case(
            street, case_key="loan-interest:1", period_start=date(2024, 12, 31), period_until=date(2025, 4, 1)
        )
    drawn_by_case(
        street, case_key="loan-interest:1", period_start=date(2025, 1, 1), period_until=date(2025, 4, 1)
    )
