"""The clock moved across midnight and the end of a year: publicity, deadlines, budgets and what was promised in the old year."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from jiuye.office.casework import operations, queries
from jiuye.office.casework.models import Case
from jiuye.office.casework.operations.approving import PublicityNotOverError
from jiuye.office.funds import operations as funds
from jiuye.office.funds.models import Reservation
from jiuye.office.funds.operations import BudgetMissingError, appropriate_for_demonstration
from jiuye.office.funds.queries import verify_ledger
from tests.office.casework.conftest import at
from tests.office.casework.journey import approve, publicised_case

# 2024: Friday 27 December; Monday 30 and Tuesday 31 are workdays, 1 January is a holiday (国办发明电〔2024〕12号).
FRIDAY, EVE, NEW_YEAR = date(2024, 12, 27), date(2024, 12, 31), date(2025, 1, 1)
OVER = date(2025, 1, 7)  # 30, 31, 2, 3 and 6 were the five workdays of publicity

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case(owner, entitlement, rules, caseworker, reviewer, budget) -> Case:
    """In publicity since the last Friday of the year."""
    opened = operations.confirm_own(
        actor=owner, entitlement_id=entitlement.pk, rules=rules, on=FRIDAY, at=at(FRIDAY)
    )
    return publicised_case(opened, caseworker, reviewer, on=FRIDAY)


def old_years_budget() -> None:
    appropriate_for_demonstration(
        fund="employment-subsidy", year=2024, amount_fen=1_000_000, on=FRIDAY, at=at(FRIDAY)
    )


def test_publicity_over_new_year_counts_workdays_and_no_holiday(case, approver, rules):
    assert case.publicity_until == OVER
    for day in (EVE, NEW_YEAR, OVER - timedelta(days=1)):
        with pytest.raises(PublicityNotOverError):
            approve(case, approver, rules, on=day)
    assert approve(case, approver, rules, on=OVER).state == "approved"


def test_a_case_of_the_old_year_is_granted_from_the_budget_of_the_year_in_which_it_is_granted(
    case, approver, rules
):
    old_years_budget()
    approve(case, approver, rules, on=OVER)
    held = Reservation.objects.get()
    assert (held.budget.year, held.reserved_on) == (2025, OVER)


def test_in_a_year_without_a_budget_nothing_is_promised_and_the_case_waits_as_it_was(case, approver, rules):
    with pytest.raises(BudgetMissingError, match="2026"):
        approve(case, approver, rules, on=date(2026, 1, 5))
    case.refresh_from_db()
    assert case.state == "publicised"
    assert not Reservation.objects.exists()
    assert not case.signatures.exists()


def test_what_was_promised_in_december_is_paid_in_january_from_decembers_budget(
    owner, entitlement, rules, caseworker, reviewer, approver, cashier, second_cashier, bank, budget
):
    old_years_budget()
    begun = date(2024, 12, 20)
    opened = operations.confirm_own(
        actor=owner, entitlement_id=entitlement.pk, rules=rules, on=begun, at=at(begun)
    )
    case = approve(publicised_case(opened, caseworker, reviewer, on=begun), approver, rules, on=EVE)
    day = date(2025, 1, 2)
    made = operations.put_into_batch(
        actor=cashier, case_ids=[case.pk], rules=rules, on=EVE, at=at(EVE), purpose="付款"
    )
    batch = funds.approve_batch(actor=second_cashier, batch=made.batch, on=EVE, at=at(EVE))
    # The clock passes midnight between the approval and the bank.
    batch = funds.send_batch(actor=second_cashier, batch=batch, bank=bank, on=day, at=at(day))
    operations.settle_batch(actor=second_cashier, batch=batch, bank=bank, on=day, at=at(day))
    case.refresh_from_db()
    held = Reservation.objects.get()
    assert (case.state, case.paid_on, held.state, held.budget.year) == ("paid", day, "spent", 2024)
    assert verify_ledger().faults == ()
    assert queries.counts(caseworker, on=day).paid_this_year_fen == case.amount_fen
    assert queries.counts(caseworker, on=date(2026, 1, 1)).paid_this_year_fen == 0


def test_a_batch_sent_before_midnight_is_the_same_batch_on_a_clock_that_was_set_back(
    case, approver, rules, cashier, second_cashier, bank
):
    approve(case, approver, rules, on=OVER)
    made = operations.put_into_batch(actor=cashier, case_ids=[case.pk], rules=rules, on=OVER, at=at(OVER))
    batch = funds.approve_batch(actor=second_cashier, batch=made.batch, on=OVER, at=at(OVER))
    next_day = OVER + timedelta(days=1)
    funds.send_batch(actor=second_cashier, batch=batch, bank=bank, on=next_day, at=at(next_day))
    funds.send_batch(actor=second_cashier, batch=batch, bank=bank, on=OVER, at=at(OVER))
    operations.settle_batch(actor=second_cashier, batch=batch, bank=bank, on=OVER, at=at(OVER))
    assert len(bank.payouts()) == 1
    assert verify_ledger().faults == ()


def test_a_deadline_is_today_until_midnight_and_late_after_it(case, caseworker, approver):
    Case.objects.filter(pk=case.pk).update(due_on=EVE, publicity_until=EVE)
    before, after = queries.counts(approver, on=EVE), queries.counts(approver, on=NEW_YEAR)
    assert (before.due_today, before.overdue) == (1, 0)
    assert (after.due_today, after.overdue) == (1, 1)
