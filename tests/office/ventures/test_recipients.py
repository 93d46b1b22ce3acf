"""Before interest is approved, and again before it is paid, whoever receives it is looked at, and what was looked at is kept."""

from __future__ import annotations

from datetime import date

import pytest
from django.conf import settings

from jiuye.exchange.bank import LineResult, Outcome
from jiuye.exchange.bank.file_format import Answer
from jiuye.exchange.bank.tables import answer_table
from jiuye.office.casework.checks import ChecksFailedError
from jiuye.office.casework.operations import (
    BatchNoLongerPayableError,
    collect_payment_results,
    send_batch,
    take_return_file,
)
from jiuye.office.entitlements.models import Benefit
from jiuye.office.funds import operations as funds
from jiuye.office.funds.models import PaymentLine, Reservation
from jiuye.office.funds.queries import verify_ledger
from jiuye.office.messages.models import Message
from jiuye.office.registry.models import Person
from jiuye.office.ventures import operations
from jiuye.office.ventures.models import LoanEvent
from tests.office.ventures.conftest import at

JULY = date(2024, 7, 2)


def reckoned(street):
    return street.reckon(street.lend(), date(2024, 4, 1), JULY)


def died(street, day: date) -> None:
    Person.objects.filter(pk=street.founder.pk).update(death_date=day)


def pay(street, subsidy, on: date = JULY):
    return operations.pay_interest(actor=street.maker, subsidy_ids=[subsidy.pk], on=on, at=at(on))


def test_interest_of_a_founder_who_has_died_is_not_approved_and_the_look_is_kept(street):
    subsidy = reckoned(street)
    died(street, date(2024, 6, 20))
    with pytest.raises(ChecksFailedError, match="2024-06-20"):
        street.approve(subsidy, JULY)
    assert not Reservation.objects.exists()
    kept = LoanEvent.objects.get(act="check").details
    assert (kept["moment"], kept["claim"]) == ("approve", subsidy.claim_key)
    assert {row["check"]: row["outcome"] for row in kept["found"]} == {
        "alive": "failed", "payee": "passed", "account_own": "unchecked",
    }  # fmt: skip


def test_interest_of_a_founder_who_died_after_the_approval_is_not_paid(street):
    subsidy = reckoned(street)
    street.approve(subsidy, JULY)
    died(street, date(2024, 7, 1))
    with pytest.raises(ChecksFailedError, match="2024-07-01"):
        pay(street, subsidy)
    assert not PaymentLine.objects.exists()
    assert [row.details["moment"] for row in LoanEvent.objects.filter(act="check").order_by("pk")] == [
        "approve", "payment",
    ]  # fmt: skip


def test_a_payment_that_came_back_goes_out_again_only_after_the_account_was_looked_at(street):
    street.founder.bank_account = "6222021108000004040"  # an account that the pretend bank knows as closed
    street.founder.save()
    subsidy = reckoned(street)
    street.approve(subsidy, JULY)
    street.settle(pay(street, subsidy), JULY)
    assert PaymentLine.objects.get().state == "rejected"
    with pytest.raises(operations.PayeeNotConfirmedError, match="核对"):
        pay(street, subsidy)
    street.founder.bank_account = "6222021108000000017"
    street.founder.save()
    with pytest.raises(operations.CheckNoteError):
        operations.confirm_payee(actor=street.clerk, loan_id=subsidy.loan_id, note=" ", on=JULY, at=at(JULY))
    operations.confirm_payee(
        actor=street.clerk, loan_id=subsidy.loan_id, note="本人来电，换了新卡", on=JULY, at=at(JULY)
    )
    street.settle(pay(street, subsidy), JULY)
    assert PaymentLine.objects.order_by("pk").last().state == "paid"
    with pytest.raises(operations.NothingReturnedError):
        operations.confirm_payee(
            actor=street.clerk, loan_id=subsidy.loan_id, note="再核对", on=JULY, at=at(JULY)
        )


def test_interest_that_came_back_after_it_was_paid_counts_as_drawn_no_more_and_is_paid_again(street):
    subsidy = reckoned(street)
    street.approve(subsidy, JULY)
    batch = pay(street, subsidy)
    street.settle(batch, JULY)
    collect_payment_results(on=JULY, at=at(JULY))
    assert Benefit.objects.get().case_key == subsidy.claim_key
    line = PaymentLine.objects.get()
    back = LineResult(line.line_key, Outcome.REJECTED, line.amount_fen, "", "CLOSED", "账户已销户", JULY)
    content = answer_table(Answer(batch.number, "YH1", (back,)), settings.BANK_KEY, "csv")
    take_return_file(actor=street.checker, name="退汇.csv", content=content, on=JULY, at=at(JULY))
    assert (PaymentLine.objects.get().state, Benefit.objects.count()) == ("returned", 0)
    subsidy.refresh_from_db()
    assert subsidy.drawn_on is None
    assert "账户已销户" in Message.objects.get(occasion="loan_interest_returned").body
    with pytest.raises(operations.PayeeNotConfirmedError, match="核对"):
        pay(street, subsidy)
    street.founder.bank_account = "6222021108000000025"
    street.founder.save()
    operations.confirm_payee(
        actor=street.clerk, loan_id=subsidy.loan_id, note="本人来电，换了新卡", on=JULY, at=at(JULY)
    )
    street.settle(pay(street, subsidy), JULY)
    collect_payment_results(on=JULY, at=at(JULY))
    assert Benefit.objects.get().amount_fen == subsidy.amount_fen
    assert Message.objects.filter(occasion="loan_interest_paid").count() == 2
    assert verify_ledger().faults == ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"death_date": date(2024, 7, 3)}, "2024-07-03"),
        ({"bank_account": "6222021108000000025"}, "已经变更"),
    ],
)
def test_interest_in_an_approved_batch_does_not_go_to_who_died_or_changed_the_account_since(
    street, change, words
):
    subsidy = reckoned(street)
    street.approve(subsidy, JULY)
    batch = pay(street, subsidy)
    funds.approve_batch(actor=street.checker, batch=batch, on=JULY, at=at(JULY))
    for field, value in change.items():
        setattr(street.founder, field, value)
    street.founder.save()
    later = date(2024, 7, 5)
    with pytest.raises(BatchNoLongerPayableError, match=words):
        send_batch(
            actor=street.checker, batch=batch, bank=street.bank, rules=None, on=later, at=at(later)
        )  # no case lies in it, so that no rules are asked
    batch.refresh_from_db()
    assert batch.state == "approved"
    assert LoanEvent.objects.filter(act="check", on_date=later).count() == 1
