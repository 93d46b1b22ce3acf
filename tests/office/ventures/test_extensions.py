"""An instalment that is to be due later: with the bank's consent, by another officer's word, and without the treasury's interest."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.test import Client

from jiuye.office.messages.models import Message
from jiuye.office.staff.models import Account
from jiuye.office.staff.queries import NotPermittedError
from jiuye.office.ventures import operations, queries
from jiuye.office.ventures.models import LoanEvent, LoanExtension, LoanInstalment
from jiuye.office.ventures.past import as_it_was
from jiuye.office.ventures.queries import position
from jiuye.office.ventures.reckoning import Book, accrue
from jiuye.office.ventures.states import NoteMissingError, WrongLoanStateError
from tests.office.ventures.conftest import Street, at
from tests.office.ventures.test_papers import account
from tests.portals.refused_forms import losses

DUE, LATER, ASKED, DECIDED = date(2024, 8, 15), date(2024, 11, 15), date(2024, 8, 1), date(2024, 8, 5)
HALF = 10_000_000


def lent(street: Street):
    return street.lend(plan=[(DUE, HALF), (date(2025, 4, 10), HALF)])


def ask(street: Street, loan, on: date = ASKED, **changes: object) -> LoanExtension:
    asked = {
        "instalment_id": loan.instalments.get(due_on=DUE).pk, "until": LATER, "reason": "货款还没有收回",
        "consent": "农商行展期协议〔2024〕8号", "consented_on": on,
    }  # fmt: skip
    return operations.ask_extension(
        actor=street.clerk, loan_id=loan.pk, on=on, at=at(on), **(asked | changes)
    )


def grant(street: Street, loan, on: date = DECIDED):
    return operations.grant_extension(actor=street.approver, loan_id=loan.pk, on=on, at=at(on))


def desk(actor) -> Client:
    client = Client()
    client.force_login(Account.objects.get(pk=actor.account_id))
    return client


def test_what_is_late_is_late_against_the_new_day(street):
    loan = lent(street)
    ask(street, loan)
    assert position(loan, on=DUE).next_due == DUE
    assert grant(street, loan).state == "granted"
    assert position(loan, on=DUE + timedelta(days=1)).late_days == 0
    assert (position(loan, on=LATER).next_due, position(loan, on=LATER).next_fen) == (LATER, HALF)
    late = position(loan, on=LATER + timedelta(days=1))
    assert (late.late_since, late.late_fen, late.late_days) == (LATER, HALF, 1)

    def listed(day: date) -> bool:
        return queries.loans(actor=street.clerk).filter(queries.wanting("late", on=day)).exists()

    assert [listed(DUE + timedelta(days=1)), listed(LATER), listed(LATER + timedelta(days=1))] == [
        False,
        False,
        True,
    ]
    needed = LATER + timedelta(days=90)
    for day, refusal in ((needed - timedelta(days=1), operations.NotLateEnoughError), (needed, None)):
        if refusal is None:
            assert street.compensate(loan, 20_000_000, day).state == "compensated"
        else:
            with pytest.raises(refusal):
                street.compensate(loan, 20_000_000, day)


def test_interest_is_not_subsidised_while_something_is_put_off_and_is_again_once_it_came(street):
    loan = lent(street)
    ask(street, loan)
    grant(street, loan)
    street.repay(loan, HALF, "HK-1", date(2024, 9, 20))
    # As if it had been late: July and half of August at 200,000 (46 days), put off until 19 September, then 11 days at 100,000.
    subsidy = street.reckon(loan, date(2024, 7, 1), date(2024, 10, 8))
    assert (subsidy.days, int(subsidy.balance_days)) == (57, 46 * 20_000_000 + 11 * HALF)
    assert subsidy.amount_fen == 62_229  # 1,030,000,000 fen·days × 0.0435 × 0.5 ÷ 360 = 62,229.1666… fen


def test_a_quarter_of_nothing_but_extension_says_so(street):
    loan = lent(street)
    ask(street, loan, until=date(2025, 2, 15))
    grant(street, loan)
    with pytest.raises(operations.NothingToSubsidiseError, match="逾期 0 天，展期 92 天"):
        street.reckon(loan, date(2024, 10, 1), date(2025, 1, 2))


def test_days_put_off_are_counted_apart_from_days_late():
    contract = [(date(2024, 4, 20), 60), (date(2024, 4, 25), 40)]
    book = Book(date(2024, 4, 10), 100, [(date(2024, 4, 22), 60), (date(2024, 4, 25), 40)], [], contract)
    found = accrue(book, date(2024, 4, 1), date(2024, 4, 25))
    assert (found.days, found.extended_days, found.late_days) == (11, 2, 2)
    early = Book(date(2024, 4, 10), 100, [(date(2024, 4, 22), 60)], [(date(2024, 4, 20), 60)], contract[:1])
    assert accrue(early, date(2024, 4, 20), date(2024, 4, 25)).extended_days == 0


def test_the_loan_at_a_past_moment_is_due_as_it_was_due_then(street):
    loan = lent(street)
    ask(street, loan)
    grant(street, loan)
    for second, (day, state, due) in enumerate(
        ((ASKED - timedelta(days=1), None, DUE), (ASKED, "asked", DUE), (DECIDED, "granted", LATER))
    ):
        whole = queries.one_loan(actor=street.clerk, loan_id=loan.pk)
        view = as_it_was(whole, at(day) + timedelta(minutes=second))
        assert [row.state for row in view.loan.extensions.all()] == ([state] if state else [])
        assert view.position.next_due == due
    assert list(loan.extensions.values_list("state", flat=True)) == ["granted"]
    acts = list(
        LoanEvent.objects.filter(act__endswith="extension").order_by("pk").values_list("act", flat=True)
    )
    assert acts == ["ask_extension", "grant_extension"]


def test_it_is_put_off_again_from_the_day_on_which_it_is_due_now(street):
    loan = lent(street)
    ask(street, loan)
    grant(street, loan)
    second = ask(street, loan, on=LATER, until=date(2024, 12, 15))
    assert second.was_due_on == LATER
    grant(street, loan, on=LATER)
    assert position(loan, on=date(2024, 12, 16)).late_since == date(2024, 12, 15)


def test_an_application_that_cannot_be_taken_says_why(street):
    loan = lent(street)
    with pytest.raises(operations.DueAlreadyError, match="2024-08-15"):
        ask(street, loan, on=DUE + timedelta(days=1))
    with pytest.raises(operations.NotLaterError):
        ask(street, loan, until=DUE)
    with pytest.raises(operations.ConsentError):
        ask(street, loan, consented_on=ASKED + timedelta(days=1))
    with pytest.raises(operations.ExtensionWordsError):
        ask(street, loan, consent=" ")
    with pytest.raises(NotPermittedError):
        operations.ask_extension(
            actor=street.approver, loan_id=loan.pk, instalment_id=loan.instalments.get(due_on=DUE).pk, until=LATER,
            reason="货款", consent="协议", consented_on=ASKED, on=ASKED, at=at(ASKED),
        )  # fmt: skip
    street.repay(loan, HALF, "HK-1", ASKED)
    with pytest.raises(operations.NoInstalmentError):
        ask(street, loan)
    with pytest.raises(operations.NoExtensionError):
        grant(street, loan)
    street.repay(loan, HALF, "HK-2", ASKED)
    with pytest.raises(WrongLoanStateError):
        ask(street, loan)


def test_one_is_asked_at_a_time_and_another_officer_decides(street):
    loan = lent(street)
    extension = ask(street, loan)
    with pytest.raises(operations.ExtensionAskedError):
        ask(street, loan)
    with pytest.raises(IntegrityError, match="extension_decided_by_another"), transaction.atomic():
        LoanExtension.objects.update(
            state="granted", decided_on=DECIDED, decided_by_id=street.clerk.account_id
        )
    with pytest.raises(NoteMissingError):
        operations.refuse_extension(
            actor=street.approver, loan_id=loan.pk, note=" ", on=DECIDED, at=at(DECIDED)
        )
    operations.refuse_extension(
        actor=street.approver, loan_id=loan.pk, note="抵押物已查封", on=DECIDED, at=at(DECIDED)
    )
    extension.refresh_from_db()
    assert (extension.state, extension.words) == ("refused", "抵押物已查封")
    assert position(loan, on=DUE + timedelta(days=1)).late_since == DUE
    told = Message.objects.get(occasion="loan_extension_refused")
    assert "100,000.00" in told.body
    assert "抵押物已查封" in told.body
    ask(street, loan)
    operations.drop_extension(
        actor=street.clerk, loan_id=loan.pk, note="不需要了", on=DECIDED, at=at(DECIDED)
    )
    with pytest.raises(ProgrammingError, match="Invalid transition"), transaction.atomic():
        LoanExtension.objects.update(state="granted")


def test_what_was_asked_for_is_not_changed_and_belongs_to_its_own_loan(street):
    loan = lent(street)
    ask(street, loan)
    with pytest.raises(IntegrityError, match="extension_keeps_what_was_asked"), transaction.atomic():
        LoanExtension.objects.update(until=date(2030, 1, 1))
    other = street.firm.loans.create(
        kind="enterprise", division_code=loan.division_code, wanted_fen=1, applied_on=ASKED,
        applied_by_id=street.clerk.account_id,
    )  # fmt: skip
    LoanEvent.objects.create(
        loan=other, act="apply", to_state="applied", actor_name="经办", on_date=ASKED, at=at(ASKED)
    )
    with pytest.raises(IntegrityError, match="extension_of_its_own_loan"), transaction.atomic():
        LoanExtension.objects.create(
            loan=other, instalment=LoanInstalment.objects.order_by("pk")[0], was_due_on=DUE, until=LATER, reason="货款",
            consent="协议", consented_on=ASKED, asked_on=ASKED, asked_by_id=street.clerk.account_id,
        )  # fmt: skip


def test_the_pages_of_the_office_and_of_the_borrower_show_it(street, settings):
    settings.OFFICE_DATE = ASKED.isoformat()
    loan = lent(street)
    url = f"/desk/loans/{loan.pk}/"
    found = losses([(desk(street.clerk), url)])
    assert found["desk:loan_act ask_extension"] == ""
    desk(street.clerk).post(
        f"{url}ask_extension/",
        {"instalment": loan.instalments.get(due_on=DUE).pk, "until": LATER.isoformat(), "reason": "货款还没有收回",
         "consent": "展期协议8号", "consented_on": ASKED.isoformat()},
    )  # fmt: skip
    assert LoanExtension.objects.get().state == "asked"
    waiting = desk(street.clerk).get(url).text
    assert f"{url}ask_extension/" not in waiting
    assert f"{url}grant_extension/" not in waiting
    assert losses([(desk(street.approver), url)])["desk:loan_act refuse_extension"] == ""
    mine = Client()
    mine.force_login(account(street.founder))
    assert "等待决定" in mine.get("/my/loans/").text
    desk(street.approver).post(f"{url}grant_extension/")
    shown = desk(street.clerk).get(url).text
    assert "展期；合同原定" in shown
    assert "展期协议8号" in shown
    assert "同意展期到" in mine.get("/my/loans/").text
    then = desk(street.clerk).get(f"{url}?at={ASKED - timedelta(days=1)}").text
    assert "展期协议8号" not in then
