"""A quarter of interest that comes to nothing by what was learned since waits for nobody: it ends by itself, with the reason."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from jiuye.office.casework.timeline import SYSTEM_NAME
from jiuye.office.entitlements.models import Answer
from jiuye.office.staff.models import Account
from jiuye.office.ventures import operations, queries
from jiuye.office.ventures.models import InterestSubsidy, LoanEvent
from jiuye.office.ventures.past import as_it_was
from tests.office.ventures.conftest import PAID_OUT, at
from tests.office.ventures.test_corrections import APRIL, JULY, learned_late, pay

SUMMER, OCTOBER = date(2024, 7, 1), date(2024, 10, 9)
LEARNED = OCTOBER + timedelta(days=1)


def reckoned_on_a_repayment_that_was_none(street):
    """The instalment of 20 April came by mistake from another loan: taken back, every day of the summer was late."""
    loan = street.lend(plan=[(date(2024, 4, 20), 10_000_000), (date(2025, 4, 10), 10_000_000)])
    wrong = street.repay(loan, 10_000_000, "HK-1", date(2024, 4, 20))
    subsidy = street.reckon(loan, SUMMER, OCTOBER)
    operations.undo_repayment(
        actor=street.second,
        loan_id=loan.pk,
        repayment_id=wrong.pk,
        note="记错了贷款",
        on=LEARNED,
        at=at(LEARNED),
    )
    return loan, subsidy


def at_night(street, loan, subsidy) -> None:
    assert operations.end_empty_interest(on=LEARNED, at=at(LEARNED)) == 1
    assert operations.end_empty_interest(on=LEARNED, at=at(LEARNED)) == 0


def when_it_is_reckoned_again(street, loan, subsidy) -> None:
    with pytest.raises(operations.NothingToSubsidiseError, match="逾期 92 天"):
        street.reckon(loan, SUMMER, LEARNED)


def when_it_is_to_be_approved(street, loan, subsidy) -> None:
    with pytest.raises(operations.NothingToSubsidiseError):
        street.approve(subsidy, LEARNED)


@pytest.mark.parametrize("door", [at_night, when_it_is_reckoned_again, when_it_is_to_be_approved])
def test_a_quarter_of_which_nothing_is_left_ends_with_the_reason(street, settings, door):
    loan, subsidy = reckoned_on_a_repayment_that_was_none(street)
    door(street, loan, subsidy)
    subsidy.refresh_from_db()
    assert (subsidy.superseded_on, subsidy.approved_on) == (LEARNED, None)
    assert "没有可贴息的天数（逾期 92 天" in subsidy.ended_because
    told = LoanEvent.objects.get(act="end_interest")
    assert (told.note, told.details["subsidy"]) == (subsidy.ended_because, subsidy.pk)
    by_whom = {at_night: SYSTEM_NAME, when_it_is_reckoned_again: "经办", when_it_is_to_be_approved: "审批"}
    assert told.actor_name == by_whom[door]
    settings.OFFICE_DATE = LEARNED.isoformat()
    page = Client()
    page.force_login(Account.objects.get(pk=street.approver.account_id))
    shown = page.get(f"/desk/loans/{loan.pk}/").text
    assert f"/interest/{subsidy.pk}/approve/" not in shown
    assert "没有可贴息的天数" in shown
    with pytest.raises(operations.SupersededError):
        street.approve(subsidy, LEARNED)
    # The day before it waited, and nothing was said of an end.
    then = as_it_was(queries.one_loan(actor=street.clerk, loan_id=loan.pk), at(OCTOBER)).loan.subsidies.all()
    assert [(row.superseded_on, row.ended_because) for row in then] == [(None, "")]


def test_what_comes_to_another_amount_is_left_to_whoever_reckons_it(street):
    loan = street.lend()
    subsidy = street.reckon(loan, APRIL, JULY)
    learned_late(street, loan)
    assert operations.end_empty_interest(on=JULY, at=at(JULY)) == 0
    subsidy.refresh_from_db()
    assert subsidy.superseded_on is None


def test_what_cannot_be_told_ends_nothing(street):
    loan = street.lend()
    subsidy = street.reckon(loan, APRIL, JULY)
    Answer.objects.filter(fact="startup_loans_drawn").delete()
    assert operations.end_empty_interest(on=JULY, at=at(JULY)) == 0
    with pytest.raises(operations.NotSubsidisedError):
        street.approve(subsidy, JULY)
    subsidy.refresh_from_db()
    assert subsidy.superseded_on is None


def test_less_than_half_a_fen_is_nothing(street):
    loan = street.lend()
    subsidy = street.reckon(loan, APRIL, JULY)
    operations.repay(
        actor=street.clerk, loan_id=loan.pk, principal_fen=19_999_999, bank_reference="HK-1", paid_on=PAID_OUT, on=JULY,
        at=at(JULY),
    )  # fmt: skip
    with pytest.raises(operations.NothingLeftError):
        street.reckon(loan, APRIL, JULY)
    subsidy.refresh_from_db()
    assert subsidy.ended_because


def test_a_difference_that_is_no_longer_owed_ends_and_what_was_paid_stands(street):
    loan = street.lend()
    first = street.approve(street.reckon(loan, APRIL, JULY), JULY)
    pay(street, first)
    InterestSubsidy.objects.filter(pk=first.pk).update(amount_fen=90_000)
    more = street.reckon(loan, APRIL, JULY)
    InterestSubsidy.objects.filter(pk=first.pk).update(amount_fen=99_083)
    with pytest.raises(operations.NothingLeftError, match=r"已付 990\.83 元"):
        street.approve(more, JULY)
    more.refresh_from_db()
    assert more.superseded_on == JULY
    assert street.reckon(loan, APRIL, JULY) == first


def test_a_reason_without_a_day_is_refused(street):
    street.reckon(street.lend(), APRIL, JULY)
    with pytest.raises(IntegrityError, match="interest_ended_is_superseded"), transaction.atomic():
        InterestSubsidy.objects.update(ended_because="没有了")
