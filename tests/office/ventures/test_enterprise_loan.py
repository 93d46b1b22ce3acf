"""A small firm's guaranteed loan, from its application to the interest on its account, while the law of the day says the share."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client

from jiuye.office.entitlements.models import Answer
from jiuye.office.funds.models import LedgerTransfer, PaymentLine
from jiuye.office.funds.queries import claim_payments, verify_ledger
from jiuye.office.registry.models import Employer
from jiuye.office.staff.models import Account
from jiuye.office.ventures import operations
from jiuye.office.ventures.models import Loan
from jiuye.office.ventures.rules import ShareUnknownError
from tests.office.entitlements.conftest import employ, make_person
from tests.office.ventures.conftest import APPLIED, at

JULY = date(2024, 7, 1)
WANTED = 40_000_000


@pytest.fixture
def firm(street, town) -> Employer:
    """A small firm that took on three people last year, all of them of the loan's groups, and owes nobody anything."""
    firm = Employer.objects.create(
        name="扬州琼花电子有限公司", credit_code="91321002MA1ABCDE0X", kind="enterprise", size="small",
        division=town, bank_account="3205000000009876", bank_name="扬州农商银行", dishonest=False,
        premium_arrears=False, source="测试",
    )  # fmt: skip
    for number in range(3):
        worker = make_person(f"职工{number}", f"32100219920202{number:04d}")
        employ(worker, firm, date(2023, 9, 1), contract_months=24)
    for fact, value in {"startup_new_hires": "3", "wages_owed": "false"}.items():
        Answer.objects.create(
            entity="employer", subject_key=str(firm.pk), fact=fact, value=value,
            answered_by_id=street.clerk.account_id, answered_at=at(APPLIED),
        )  # fmt: skip
    return firm


def applied(street, firm, on: date = APPLIED) -> Loan:
    loan = operations.apply_for(
        actor=street.clerk, kind="enterprise", employer_id=firm.pk, wanted_fen=WANTED, on=on, at=at(on)
    )
    street.show_papers(loan, on)
    return loan


def test_a_small_firms_loan_goes_from_the_application_to_the_interest_on_its_own_account(street, firm):
    loan = street.guarantee(applied(street, firm), fen=20_000_000)
    assert (loan.kind, loan.state, loan.receipt["verdict"]) == ("enterprise", "guaranteed", "yes")
    loan = street.pay_out(loan)
    # 10 April to 30 June are 82 days: 200,000.00 × 4.35% × 50% × 82 ÷ 360 = 990.8333… yuan
    subsidy = street.reckon(loan, date(2024, 4, 1), JULY)
    assert (subsidy.days, subsidy.amount_fen, subsidy.share) == (82, 99_083, Decimal("0.5"))
    street.approve(subsidy, JULY)
    batch = operations.pay_interest(actor=street.maker, subsidy_ids=[subsidy.pk], on=JULY, at=at(JULY))
    street.settle(batch, JULY)
    assert claim_payments([subsidy.claim_key])[subsidy.claim_key].state == "paid"
    line = PaymentLine.objects.get()
    assert (line.payee_name, line.amount_fen) == (firm.name, 99_083)
    assert LedgerTransfer.objects.get(kind="post").clause.startswith("startup-loan-enterprise-interest@")
    assert verify_ledger().faults == ()


@pytest.mark.parametrize("column", ["premium_arrears", "dishonest"])
def test_a_firm_in_arrears_or_listed_as_dishonest_is_not_even_let_apply(street, firm, column):
    setattr(firm, column, True)
    firm.save()
    with pytest.raises(operations.NotEligibleError) as refused:
        applied(street, firm)
    assert refused.value.verdict == "no"
    assert not Loan.objects.exists()


def test_from_the_day_whose_rule_is_on_no_document_the_interest_is_not_reckoned_on_a_guess(street, firm):
    loan = street.pay_out(street.guarantee(applied(street, firm), fen=20_000_000))
    street.repay(loan, 10_000_000, "HK-1", date(2025, 4, 10))
    before = street.reckon(loan, date(2025, 4, 1), date(2025, 7, 1))
    assert before.share == Decimal("0.5")
    with pytest.raises(ShareUnknownError):
        street.reckon(loan, date(2025, 7, 1), date(2025, 10, 9))


def test_a_firms_loan_opens_to_the_firms_page(street, firm):
    loan = applied(street, firm)
    clerk = Client()
    clerk.force_login(Account.objects.get(pk=street.clerk.account_id))
    assert f'href="/desk/employers/{firm.pk}/"' in clerk.get(f"/desk/loans/{loan.pk}/").text
