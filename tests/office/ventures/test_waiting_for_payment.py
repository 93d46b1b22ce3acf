"""What was granted for loans stands on the cashier's page of what waits, fund by fund, and is paid from there."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from jiuye.office.funds.models import PaymentBatch
from jiuye.office.funds.queries import claim_payments, verify_ledger
from jiuye.office.staff.models import Account
from jiuye.office.staff.queries import NotPermittedError
from jiuye.office.ventures import operations
from jiuye.office.ventures.waiting import loans_waiting_by_fund
from tests.office.ventures.conftest import at
from tests.office.ventures.test_corrections import APRIL, JULY
from tests.portals.refused_forms import losses, walked

LATE = date(2024, 11, 13)


def granted(street):
    """A quarter's interest of 990.83 yuan, then a compensation of 160,000."""
    loan = street.lend(plan=[(date(2024, 8, 15), 20_000_000)])
    subsidy = street.approve(street.reckon(loan, APRIL, JULY), JULY)
    return street.compensate(loan, 16_000_000, LATE), subsidy


def waiting(street) -> list[tuple[str, int, int, list[str]]]:
    found = loans_waiting_by_fund(street.maker, most=1)
    return [(one.fund, one.number, one.total_fen, [row.claim_key for row in one.claims]) for one in found]


def cashier(street) -> Client:
    client = Client()
    client.force_login(Account.objects.get(pk=street.maker.account_id))
    return client


def test_interest_and_compensations_wait_by_fund_until_they_are_in_a_batch(street):
    loan, subsidy = granted(street)
    assert waiting(street) == [
        ("inclusive-finance", 1, 99_083, [subsidy.claim_key]),
        ("startup-guarantee", 1, 16_000_000, [loan.compensation_key]),
    ]
    batch = operations.pay_claims(
        actor=street.maker, claim_keys=[loan.compensation_key], on=LATE, at=at(LATE), purpose="代偿"
    )
    assert [one[0] for one in waiting(street)] == ["inclusive-finance"]
    street.settle(batch, LATE)
    street.settle(
        operations.pay_claims(actor=street.maker, claim_keys=[subsidy.claim_key], on=LATE, at=at(LATE)), LATE
    )
    assert waiting(street) == []
    keys = [loan.compensation_key, subsidy.claim_key]
    assert {one.state for one in claim_payments(keys).values()} == {"paid"}
    assert verify_ledger().faults == ()


def test_the_sum_is_of_all_that_waits_though_fewer_are_listed(street):
    loan = street.lend()
    quarters = [street.reckon(loan, first, LATE) for first in (APRIL, date(2024, 7, 1))]
    for subsidy in quarters:
        street.approve(subsidy, LATE)
    total = sum(subsidy.amount_fen for subsidy in quarters)
    assert waiting(street) == [("inclusive-finance", 2, total, [quarters[0].claim_key])]
    both = [subsidy.claim_key for subsidy in quarters]
    batch = operations.pay_claims(actor=street.maker, claim_keys=both, on=LATE, at=at(LATE))
    assert sum(batch.lines.values_list("amount_fen", flat=True)) == total


def test_nothing_ticked_a_loan_that_is_none_and_whoever_may_not(street):
    loan, _ = granted(street)
    with pytest.raises(operations.NothingTickedError):
        operations.pay_claims(actor=street.maker, claim_keys=[], on=LATE, at=at(LATE))
    with pytest.raises(operations.LoanNotFoundError):
        operations.pay_claims(actor=street.maker, claim_keys=["case:1"], on=LATE, at=at(LATE))
    with pytest.raises(NotPermittedError):
        operations.pay_claims(actor=street.clerk, claim_keys=[loan.compensation_key], on=LATE, at=at(LATE))


def test_the_cashiers_page_lists_them_with_the_sum_and_makes_the_batch(street, settings):
    settings.OFFICE_DATE = LATE.isoformat()
    loan, subsidy = granted(street)
    client = cashier(street)
    page = client.get("/desk/payments/").text
    assert f"贷款 {loan.number} 的贴息" in page
    assert f"贷款 {loan.number} 的代偿" in page
    assert "160,000" in page
    walked(__file__, losses([(client, "/desk/payments/")]))
    answer = client.post(
        "/desk/payments/make-loans/", {"claim": [subsidy.claim_key], "purpose": "二季度贴息"}
    )
    assert answer.url == f"/desk/payments/batches/{PaymentBatch.objects.get().pk}/"
    assert f"贷款 {loan.number} 的贴息" not in client.get("/desk/payments/").text.partition("付款批次")[0]
