"""The loans that want something of somebody stand in lists of their own."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse

from jiuye.office.staff.models import Account
from jiuye.office.ventures import operations
from jiuye.office.ventures.queries import WANTING, loans, position, wanting, wanting_counted
from tests.office.ventures.conftest import PAID_OUT, at

DUE = date(2025, 4, 10)
LATE = date(2025, 7, 20)


def standing_in(street, on: date) -> list[str]:
    seen = loans(actor=street.clerk)
    views = [view for view in WANTING if seen.filter(wanting(view, on=on)).exists()]
    assert wanting_counted(actor=street.clerk, on=on) == {view: int(view in views) for view in WANTING}
    return views


def test_a_loan_waits_until_it_is_paid_out(street):
    loan = street.apply()
    assert standing_in(street, PAID_OUT) == ["waiting"]
    street.guarantee(loan)
    assert standing_in(street, PAID_OUT) == ["waiting"]
    street.pay_out(loan)
    assert standing_in(street, PAID_OUT) == []


@pytest.mark.parametrize("days", [-1, 0, 1, 2])
def test_it_is_late_on_the_days_on_which_its_page_says_so(street, days):
    loan = street.lend()
    on = DUE + timedelta(days=days)
    assert (standing_in(street, on) == ["late"]) == bool(position(loan, on=on).late_days)
    street.repay(loan, 10_000_000, "一期", on)
    assert standing_in(street, on) == []


def test_whoever_still_owes_the_bank_after_a_compensation_is_found_and_so_is_whoever_owes_it_again(street):
    loan = street.lend()
    street.repay(loan, 2_000_000, "还款一", date(2025, 4, 9))
    street.compensate(loan, 18_000_000, LATE)
    assert standing_in(street, LATE) == []
    row = loan.repayments.get()
    operations.undo_repayment(
        actor=street.third,
        loan_id=loan.pk,
        repayment_id=row.pk,
        note="录到了别人的贷款",
        on=LATE,
        at=at(LATE),
    )
    assert standing_in(street, LATE) == ["owing"]


def test_the_page_counts_them_and_shows_those_that_are_asked_for(street, client, settings):
    street.lend()
    settings.OFFICE_DATE = LATE
    client.force_login(Account.objects.get(pk=street.clerk.account_id))
    page = client.get(reverse("desk:loans"), {"view": "late"})
    assert [row["borrower"].value for row in page.context["table"].rows] == ["张**"]
    assert [tab.count for tab in page.context["tabs_items"]] == [None, 0, 1, 0, None]
    assert "没有这样的贷款" in client.get(reverse("desk:loans"), {"view": "owing"}).content.decode()
    assert client.get(reverse("desk:loans"), {"view": "nonsense"}).status_code == 200
