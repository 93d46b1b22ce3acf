"""What the bank paid and is not on record: nothing pays it again, until it is taken over under the bank's number or closed by two."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from jiuye.exchange.bank import LineResult, Outcome
from jiuye.exchange.bank.file_format import Answer
from jiuye.office.funds.models import PaymentLine, UnbookedPayment
from jiuye.office.funds.operations import (
    ClosingNotProposedError,
    NotTheBanksBatchError,
    PaidByBankError,
    SameCloserError,
    TakenOverError,
    UnbookedClosedError,
    UnbookedReasonError,
    UnbookedTakenOverError,
    close_unbooked,
    discard_batch,
    make_batch,
    propose_closing,
    record_unbooked,
)
from jiuye.office.funds.queries import batch_acts
from jiuye.office.funds.queries.unbooked import open_unbooked
from tests.office.funds.conftest import AT, DAY, claim

LOST = "lost-batch-01"


def found(*numbers: int, amount_fen: int = 10_000) -> int:
    """The bank's file of a batch that the restore lost."""
    lines = tuple(
        LineResult(f"case:{number}#1", Outcome.PAID, amount_fen, f"LS{number}", on=date(2024, 3, 4))
        for number in numbers
    )
    return record_unbooked(Answer(LOST, "YH", lines), at=AT)


def test_a_claim_that_the_bank_paid_in_the_lost_time_is_paid_in_no_other_batch(office):
    office.reserve(1)
    assert found(1) == 1
    with pytest.raises(PaidByBankError, match=r"lost-batch-01.*100\.00"):
        office.make(claim(1))
    assert PaymentLine.objects.count() == 0


def test_the_same_file_again_writes_nothing_anew(office):
    assert (found(1, 2), found(1, 2)) == (2, 0)
    assert UnbookedPayment.objects.count() == 2


def test_the_database_refuses_the_second_payment_whatever_the_code_does(office, monkeypatch):
    office.reserve(1)
    found(1)
    monkeypatch.setattr("jiuye.office.funds.operations.batches.barring", lambda keys, number="": {})
    with pytest.raises(IntegrityError, match="银行已按另一个批次付过"), transaction.atomic():
        office.make(claim(1))


def test_a_lost_batch_is_made_anew_under_the_banks_number_with_exactly_what_the_bank_paid(office):
    for number in (1, 2):
        office.reserve(number)
    found(1, 2)
    with pytest.raises(NotTheBanksBatchError, match=LOST):
        make_batch(actor=office.maker, claims=[claim(1)], on=DAY, at=AT, number=LOST)
    batch = make_batch(actor=office.maker, claims=[claim(1), claim(2)], on=DAY, at=AT, number=LOST)
    assert batch.number == LOST
    keys = batch.lines.order_by("line_key").values_list("line_key", flat=True)
    assert list(keys) == ["case:1#1", "case:2#1"]


def test_another_amount_than_the_bank_paid_is_not_taken_over(office):
    office.reserve(1)
    found(1, amount_fen=9_999)
    with pytest.raises(NotTheBanksBatchError):
        make_batch(actor=office.maker, claims=[claim(1)], on=DAY, at=AT, number=LOST)


def test_what_was_cleared_up_with_the_bank_is_closed_by_two_and_then_paid_again(office):
    office.reserve(1)
    found(1)
    row = UnbookedPayment.objects.get()
    closing = {"unbooked_id": row.pk, "on": DAY, "at": AT}
    with pytest.raises(ClosingNotProposedError):
        close_unbooked(actor=office.checker, **closing)
    with pytest.raises(UnbookedReasonError):
        propose_closing(actor=office.checker, reason="  ", **closing)
    propose_closing(actor=office.checker, reason="银行当日冲回，凭证 0304-17", **closing)
    with pytest.raises(SameCloserError):
        close_unbooked(actor=office.checker, **closing)
    close_unbooked(actor=office.maker, **closing)
    with pytest.raises(UnbookedClosedError):
        close_unbooked(actor=office.maker, **closing)
    assert office.make(claim(1)).lines.count() == 1


def test_a_batch_that_waited_when_the_banks_payment_was_found_is_neither_approved_nor_sent(office):
    for number in (1, 2):
        office.reserve(number)
    drafted, approved = office.make(claim(1)), office.approve(office.make(claim(2)))
    found(1, 2)
    with pytest.raises(PaidByBankError, match=LOST):
        office.approve(drafted)
    with pytest.raises(PaidByBankError, match=LOST):
        office.send(approved)
    with pytest.raises(IntegrityError, match="查清以前不能发送"), transaction.atomic():
        approved.lines.update(state="sent")
    assert office.bank.payouts() == []


def test_what_was_paid_twice_stays_in_the_list_until_two_people_have_cleared_it_up(office):
    office.pay(claim(1))  # under the key that the lost payment bore as well
    found(1)
    assert [row.line_key for row in open_unbooked()] == [PaymentLine.objects.get().line_key]


def test_a_batch_that_is_taken_over_is_not_discarded_and_its_payments_are_not_closed_meanwhile(office):
    office.reserve(1)
    found(1)
    batch = make_batch(actor=office.maker, claims=[claim(1)], on=DAY, at=AT, number=LOST)
    with pytest.raises(TakenOverError, match=LOST):
        discard_batch(actor=office.maker, batch=batch, on=DAY, at=AT)
    assert batch_acts(actor=office.maker, batch=batch) == []  # what is refused is not offered
    row = UnbookedPayment.objects.get()
    with pytest.raises(UnbookedTakenOverError, match=LOST):
        propose_closing(actor=office.checker, unbooked_id=row.pk, reason="银行当日冲回", on=DAY, at=AT)
    assert office.approve(batch).state == "approved"
