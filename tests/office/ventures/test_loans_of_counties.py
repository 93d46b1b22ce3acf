"""A loan's interest in the county where the business is: paid by its own cashiers, within what the database shows them."""

from __future__ import annotations

from datetime import date

import pytest

from jiuye.office.funds.models import PaymentBatch, PaymentLine
from jiuye.office.funds.queries import batches, may_over
from jiuye.office.staff.models import Account
from jiuye.office.staff.operations import place_in_post
from jiuye.office.staff.queries import Actor, NotPermittedError, actor_for
from jiuye.office.staff.rows import scope_of, scoped
from jiuye.office.ventures import operations
from tests.office.ventures.conftest import APPLIED, at

JULY = date(2024, 7, 2)


def cashier_of(county: str, name: str) -> Actor:
    account = Account.objects.create_account(
        username=name, display_name=name, password="demo", kind="officer"
    )
    place_in_post(
        account=account,
        role="cashier",
        division_code=county,
        start=date(2023, 1, 1),
        until=None,
        department="",
    )
    return actor_for(account, on=APPLIED)


@pytest.fixture
def subsidy(street):
    loan = street.lend()
    return street.approve(street.reckon(loan, date(2024, 4, 1), JULY), JULY)


def test_the_countys_own_cashier_pays_the_interest(street, subsidy):
    county = subsidy.loan.division_code[:6]
    here = cashier_of(county, "本县出纳")
    with scoped(scope_of(here)):
        made = operations.pay_interest(actor=here, subsidy_ids=[subsidy.pk], on=JULY, at=at(JULY))
        assert made.division_code == county
        assert PaymentLine.objects.get().claim_key == subsidy.claim_key
        assert may_over(actor=here, permission="funds.pay", batch=made)


def test_another_countys_cashier_neither_pays_nor_sees_it(street, subsidy):
    there = cashier_of("321084", "外县出纳")
    with pytest.raises(NotPermittedError):
        operations.pay_interest(actor=there, subsidy_ids=[subsidy.pk], on=JULY, at=at(JULY))
    operations.pay_interest(actor=street.maker, subsidy_ids=[subsidy.pk], on=JULY, at=at(JULY))
    with scoped(scope_of(there)):
        assert not PaymentLine.objects.exists()
        assert not batches(actor=there).exists()


def test_of_a_batch_of_the_city_a_county_sees_its_own_lines_and_takes_no_step(street, subsidy, settings):
    operations.pay_interest(actor=street.maker, subsidy_ids=[subsidy.pk], on=JULY, at=at(JULY))
    here = cashier_of(subsidy.loan.division_code[:6], "本县出纳")
    # As if it paid another county besides: that it lies in the city is what counts.
    other = PaymentBatch(number="city", division_code="3210")
    with scoped(scope_of(here)):
        assert PaymentLine.objects.count() == 1
    assert not may_over(actor=here, permission="funds.pay", batch=other)
    assert may_over(actor=street.checker, permission="funds.pay", batch=other)
