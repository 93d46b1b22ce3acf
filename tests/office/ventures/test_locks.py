"""Two officers at one loan: whoever acts holds the loan first, so that they wait one behind the other and not for each other."""

from __future__ import annotations

from datetime import date

from django.db import connection
from django.test.utils import CaptureQueriesContext

from jiuye.office.ventures import operations
from tests.office.ventures.conftest import at

JULY = date(2024, 7, 2)


def held_first(act) -> str:
    """The table whose row was locked before all others."""
    with CaptureQueriesContext(connection) as asked:
        act()
    locks = [query["sql"] for query in asked.captured_queries if "FOR UPDATE" in query["sql"]]
    return locks[0].split('FROM "')[1].split('"')[0]


def test_reckoning_approving_and_undoing_a_quarters_interest_hold_the_loan_before_the_row(street):
    loan = street.lend()
    assert held_first(lambda: street.reckon(loan, date(2024, 4, 1), JULY)) == "ventures_loan"
    subsidy = loan.subsidies.get()
    assert held_first(lambda: street.approve(subsidy, JULY)) == "ventures_loan"
    undo = lambda: operations.undo_interest(  # noqa: E731
        actor=street.approver, subsidy_id=subsidy.pk, note="核算有误", on=JULY, at=at(JULY)
    )
    assert held_first(undo) == "ventures_loan"
