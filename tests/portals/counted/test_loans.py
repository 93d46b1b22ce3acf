"""The pages of a guaranteed loan: as it is applied for, runs and is compensated, taken over from the old register, with its papers."""

# ruff: noqa: F811 (fixtures by name)

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from jiuye.office.casework.operations import confirm_claim_back
from jiuye.office.conduct import operations as conduct
from jiuye.office.conduct.models import Rating
from jiuye.office.funds.operations import Due
from jiuye.office.messages.models import Message
from jiuye.office.ventures import operations
from jiuye.office.ventures.models import Loan, LoanEvidence, LoanTakeover
from tests.office.entitlements.conftest import town  # noqa: F401 (a fixture by name)
from tests.office.ventures.conftest import APPLIED, PAID_OUT, _pack, at, street  # noqa: F401 (fixtures by name)
from tests.office.ventures.test_extensions import DECIDED, ask, grant, lent
from tests.office.ventures.test_one_borrower import second_firm
from tests.office.ventures.test_papers import account, home, loan, me, upload  # noqa: F401 (fixtures by name)
from tests.office.ventures.test_refusals import refuse
from tests.office.ventures.test_running_elsewhere import list_running
from tests.office.ventures.test_taking_over import DAY, list_loan
from tests.office.ventures.test_taking_over_pages import FORM
from tests.portals.counting import Walk, client_of

pytestmark = pytest.mark.django_db
PAGES = frozenset(
    {"desk:loan", "desk:loan_letter", "desk:loan_take_over", "desk:loan_takeover", "resident:loan_paper"}
)


def test_the_pages_of_a_loan_hold_to_fifteen_from_its_application_to_its_compensation(street, settings):
    walk, officers = (
        Walk(),
        {one.name: client_of(one) for one in (street.clerk, street.approver, street.checker)},
    )
    mine = client_of(account(street.founder))

    def look(loan: Loan, on: date) -> None:
        settings.OFFICE_DATE = on.isoformat()
        walk.open({f"{who} ({loan.state} {on})": one for who, one in officers.items()}, "desk:loan", loan.pk)
        walk.open({f"borrower ({loan.state} {on})": mine}, "resident:loans")

    loan = street.apply()
    look(loan, APPLIED)
    conduct.log_contact(
        actor=street.clerk,
        loan_id=loan.pk,
        kind="phone",
        reached="person",
        made_on=APPLIED,
        whom="创业者本人",
        came_of="问了店面租约",
        on=APPLIED,
        at=at(APPLIED),
    )
    look(loan, APPLIED)
    loan = street.guarantee(loan)
    look(loan, APPLIED)
    loan = street.pay_out(loan)
    look(loan, PAID_OUT)
    mine.post(reverse("resident:loan_rate", args=[loan.pk]), {"level": "very_satisfied"})
    assert Rating.objects.filter(loan=loan).exists()
    look(loan, PAID_OUT)
    street.repay(loan, 2_000_000, "还款一", date(2025, 4, 9))
    look(loan, date(2025, 4, 9))
    quarter = street.reckon(loan, date(2024, 4, 1), date(2025, 4, 9))
    street.approve(quarter, date(2025, 4, 9))
    look(loan, date(2025, 4, 9))
    late = date(2025, 9, 1)
    loan = street.compensate(loan, 8_000_000, late)
    look(loan, late)
    claimed_from_the_borrower(street, loan, late)
    look(loan, late)
    # At a past moment with all that there can be: repayments, interest that was granted, a compensation.
    for moment in (APPLIED, PAID_OUT, date(2025, 4, 9), late):
        then = {f"{who} (as of {moment})": one for who, one in officers.items()}
        walk.open(then, "desk:loan", loan.pk, asking=f"?at={moment}")
    walk.hold(frozenset({"desk:loan", "resident:loans"}))


def claimed_from_the_borrower(street, loan: Loan, on: date) -> None:
    """The bank has it from the fund; two others than who claims it back confirm."""
    street.settle(operations.pay_compensation(actor=street.maker, loan_id=loan.pk, on=on, at=at(on)), on)
    claim = operations.recover_from_borrower(
        actor=street.maker, loan_id=loan.pk, document="扬担追〔2025〕3号",
        schedule=[Due(date(2025, 12, 15), loan.compensated_fen)], on=on, at=at(on),
    )  # fmt: skip
    for who in (street.third, street.fourth):
        if claim.state == "proposed":
            claim = confirm_claim_back(actor=who, recovery_id=claim.pk, on=on, at=at(on))
    assert claim.state == "open"


def test_a_loan_of_the_old_register_and_a_paper_of_a_new_one_hold_to_fifteen(street, settings):
    settings.OFFICE_DATE = DAY.isoformat()
    record, walk = list_loan(street), Walk()
    window, other = client_of(street.clerk), client_of(street.approver)
    both = {"clerk": window, "approver": other}
    walk.open(both, "desk:loan_take_over", record.pk)
    window.post(f"/desk/loans/register/{record.pk}/", FORM)
    taken = LoanTakeover.objects.get()
    walk.open(both, "desk:loan_takeover", taken.pk)
    other.post(f"/desk/loans/takeovers/{taken.pk}/confirm/")
    walk.open({f"{who} (taken)": one for who, one in both.items()}, "desk:loan_takeover", taken.pk)
    walk.open({f"{who} (taken)": one for who, one in both.items()}, "desk:loan", Loan.objects.get().pk)
    then = {f"{who} (taken, then)": one for who, one in both.items()}
    walk.open(then, "desk:loan", Loan.objects.get().pk, asking=f"?at={DAY}")
    walk.hold(PAGES - {"desk:loan_letter", "resident:loan_paper"})


def test_a_refused_loan_and_its_letter_hold_to_fifteen(street, settings):
    settings.OFFICE_DATE = APPLIED.isoformat()
    loan, walk = refuse(street, street.apply()), Walk()
    letter = Message.objects.get(occasion="loan_refused")
    desk = {one.name: client_of(one) for one in (street.clerk, street.approver, street.second)}
    walk.open(desk, "desk:loan", loan.pk)
    walk.open(desk, "desk:loan_letter", loan.pk, letter.pk)
    walk.hold(frozenset({"desk:loan", "desk:loan_letter"}))


def test_a_paper_of_a_loan_holds_to_fifteen(loan, home):
    upload(home, loan, "licence")
    walk = Walk()
    walk.open({"borrower": home}, "resident:loan_paper", LoanEvidence.objects.get(kind="file").pk)
    walk.hold(frozenset({"resident:loan_paper"}))


def test_a_loan_of_which_an_instalment_was_put_off_holds_to_fifteen(street, settings):
    loan, walk = lent(street), Walk()
    desk = {one.name: client_of(one) for one in (street.clerk, street.approver)}
    mine = {"borrower": client_of(account(street.founder))}
    ask(street, loan)
    settings.OFFICE_DATE = DECIDED.isoformat()
    walk.open({f"{who} (asked)": one for who, one in desk.items()}, "desk:loan", loan.pk)
    grant(street, loan)
    walk.open(desk, "desk:loan", loan.pk)
    walk.open(
        {f"{who} (then)": one for who, one in desk.items()}, "desk:loan", loan.pk, asking=f"?at={DECIDED}"
    )
    walk.open(mine, "resident:loans")
    walk.hold(frozenset({"desk:loan", "resident:loans"}))


def test_a_doubt_about_another_loan_leaves_the_page_at_fifteen(street, settings):
    settings.OFFICE_DATE = APPLIED.isoformat()
    list_running(street, second_firm(street))
    loan, walk = street.apply(), Walk()
    walk.open({one.name: client_of(one) for one in (street.clerk, street.approver)}, "desk:loan", loan.pk)
    walk.hold(frozenset({"desk:loan"}))
