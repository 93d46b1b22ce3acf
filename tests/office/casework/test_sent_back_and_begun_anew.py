"""A payment that the bank sends back after it had arrived: paid again out of the year that granted it, granted anew, claimed back anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.conf import settings

from jiuye.exchange.bank import Outcome
from jiuye.exchange.bank.file_format import Answer
from jiuye.exchange.bank.tables import answer_table
from jiuye.office.casework import operations
from jiuye.office.casework.models import Case
from jiuye.office.funds import operations as funds
from jiuye.office.funds.models import PaymentLine, Reservation
from jiuye.office.funds.queries import fund_balances, verify_ledger
from jiuye.office.registry.models import Person
from tests.office.casework.conftest import at, make_officer
from tests.office.casework.journey import approve, publicised_case
from tests.office.casework.test_claiming_back import (  # noqa: F401 (the fixture is used by name)
    AUGUST,
    claimed,
    paid,
    propose,
)

pytestmark = pytest.mark.django_db(transaction=True)
NEXT_YEAR = date(2026, 1, 12)
FUND = "employment-subsidy"


@pytest.fixture
def sent_back(paid, bank, second_cashier):  # noqa: F811
    """Sends the payment back on a day."""

    def back(on: date) -> Case:
        line = PaymentLine.objects.get(claim_key=paid.claim_key, state="paid")
        (result,) = bank.results(line.batch.number)
        answer = replace(
            result, outcome=Outcome.REJECTED, code="CLOSED", reason="账户已销户", reference="", on=on
        )
        content = answer_table(Answer(line.batch.number, "YH1", (answer,)), settings.BANK_KEY, "csv")
        operations.take_return_file(actor=second_cashier, name="退汇.csv", content=content, on=on, at=at(on))
        paid.refresh_from_db()
        assert paid.state == "payment_rejected"
        return paid

    return back


@pytest.fixture
def paid_again(caseworker, cashier, second_cashier, bank, rules):
    """Pays it to another account on a day."""

    def pay(case: Case, on: date) -> Case:
        given = {"on": on, "at": at(on)}
        Person.objects.filter(pk=case.person_id).update(bank_account="6222000000004321")
        operations.refresh_payee(actor=caseworker, case_id=case.pk, note="本人来电更正", **given)
        made = operations.put_into_batch(actor=cashier, case_ids=[case.pk], rules=rules, **given)
        batch = funds.approve_batch(actor=second_cashier, batch=made.batch, **given)
        batch = funds.send_batch(actor=second_cashier, batch=batch, bank=bank, **given)
        operations.settle_batch(actor=second_cashier, batch=batch, bank=bank, **given)
        case.refresh_from_db()
        assert case.state == "paid"
        return case

    return pay


def next_years_budget() -> None:
    funds.appropriate_for_demonstration(
        fund=FUND, year=2026, amount_fen=1_000_000, on=NEXT_YEAR, at=at(NEXT_YEAR)
    )


def by_year() -> list[tuple[int, str]]:
    return [(row.budget.year, row.state) for row in Reservation.objects.order_by("pk")]


def spent(year: int) -> int:
    return int(str(fund_balances(year=year)[FUND]["spent_fen"]))


def test_what_comes_back_in_the_next_year_is_held_and_paid_again_out_of_the_year_that_granted_it(
    sent_back, paid_again
):
    next_years_budget()
    case = sent_back(NEXT_YEAR)
    assert (by_year(), spent(2025)) == ([(2025, "returned"), (2025, "held")], 0)
    paid_again(case, NEXT_YEAR)
    assert (by_year(), spent(2025), spent(2026)) == ([(2025, "returned"), (2025, "spent")], 150_000, 0)
    assert verify_ledger().faults == ()


@pytest.mark.parametrize(("on", "year"), [(AUGUST, 2025), (NEXT_YEAR, 2026)])
def test_granted_anew_after_its_approval_was_undone_it_draws_on_the_year_of_the_new_grant(
    sent_back, paid_again, approver, rules, on, year
):
    next_years_budget()
    case = sent_back(on)
    operations.undo_approval(actor=approver, case_id=case.pk, note="账户要查清", on=on, at=at(on))
    approve(case, make_officer("再一审批", "approver"), rules, on=on)
    assert by_year() == [(2025, "returned"), (2025, "released"), (year, "held")]
    case.refresh_from_db()
    paid_again(case, on)
    assert spent(year) == 150_000
    assert verify_ledger().faults == ()


def test_refused_after_it_came_back_and_taken_up_again_it_is_granted_and_paid(
    sent_back, paid_again, caseworker, reviewer, approver, rules
):
    case = sent_back(AUGUST)
    given = {"case_id": case.pk, "rules": rules, "on": AUGUST, "at": at(AUGUST)}
    operations.refuse(actor=approver, clause_id="insured", note="没有缴费记录", **given)
    case = operations.reopen(actor=caseworker, note="缴费记录补上了", **given)
    case = publicised_case(case, caseworker, reviewer, on=AUGUST)
    granted_on = case.publicity_until
    approve(case, make_officer("再一审批", "approver"), rules, on=granted_on)
    case.refresh_from_db()
    paid_again(case, granted_on)
    assert verify_ledger().faults == ()


def test_what_was_given_up_of_a_payment_that_came_back_binds_no_later_payment(
    paid,  # noqa: F811
    sent_back,
    paid_again,
    cashier,
    approver,
):
    claim = claimed(paid, cashier, approver)
    operations.waive_back(
        actor=make_officer("另一审批", "approver"), recovery_id=claim.pk, reason="无力偿还", on=AUGUST, at=at(AUGUST)
    )  # fmt: skip
    with pytest.raises(funds.MoreThanPaidError):
        propose(paid, cashier)
    paid_again(sent_back(AUGUST), AUGUST)
    assert propose(paid, cashier).amount_fen == 150_000
