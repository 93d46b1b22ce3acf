"""Return files of the bank: held to what was sent, booked once however often they are read, and kept where they differ."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date

import pytest
from django.conf import settings
from django.db import connections

from jiuye.exchange.bank import LineResult, Outcome
from jiuye.exchange.bank.file_format import Answer
from jiuye.exchange.bank.tables import answer_table, read_order_table
from jiuye.office.funds.models import LedgerTransfer, PaymentLine, ReturnFile
from jiuye.office.funds.operations import (
    BatchNotOnFileError,
    NotSentYetError,
    ReturnFileRefusedError,
    payment_file,
    read_return_file,
)
from jiuye.office.funds.queries import reconciliation, verify_ledger
from jiuye.office.funds.states import WrongFundsStateError
from jiuye.office.staff.models import LookRecord
from jiuye.office.staff.queries import NotPermittedError
from tests.office.funds.conftest import AT, DAY, claim


def sent_batch(office, *numbers: int):
    for number in numbers:
        office.reserve(number)
    return office.send(office.approve(office.make(*[claim(number) for number in numbers])))


def paid(number: int, amount_fen: int = 10_000) -> LineResult:
    return LineResult(f"case:{number}#1", Outcome.PAID, amount_fen, f"LS{number}", on=DAY)


def rejected(number: int) -> LineResult:
    return LineResult(
        f"case:{number}#1", Outcome.REJECTED, 10_000, "", "ACCOUNT_CLOSED", "收款账户已销户", DAY
    )


def return_file(batch, *lines: LineResult, kind: str = "csv") -> bytes:
    return answer_table(Answer(batch.number, "YH1", lines), settings.BANK_KEY, kind)


def read(office, content: bytes, name: str = "回盘.csv"):
    return read_return_file(actor=office.checker, name=name, content=content, on=DAY, at=AT)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_return_file_that_agrees_is_booked_and_read_again_it_changes_nothing(office, kind):
    batch = sent_batch(office, 1, 2, 3)
    content = return_file(batch, paid(1), rejected(2), paid(3), kind=kind)
    first = read(office, content)
    assert (first.settlement.paid, first.settlement.rejected, first.settlement.waiting) == (2, 1, 0)
    assert (first.file.booked, first.again, first.differences) == (True, False, ())
    entries = LedgerTransfer.objects.count()
    for _ in range(3):
        again = read(office, content)
        assert (again.again, again.file, again.settlement.paid) == (True, first.file, 0)
    assert LedgerTransfer.objects.count() == entries
    assert ReturnFile.objects.count() == 1
    assert verify_ledger().faults == ()
    batch.refresh_from_db()
    assert batch.state == "partly_rejected"


def test_the_rest_of_a_batch_comes_in_a_second_file(office):
    batch = sent_batch(office, 1, 2)
    waiting = LineResult("case:2#1", Outcome.WAITING, 10_000)
    first = read(office, return_file(batch, paid(1), waiting))
    assert (first.file.booked, first.settlement.paid, first.settlement.waiting) == (True, 1, 1)
    assert [each.kind for each in first.differences] == ["waiting"]
    second = read(office, return_file(batch, paid(1), paid(2)))
    assert (second.settlement.paid, second.settlement.waiting) == (1, 0)
    assert verify_ledger().faults == ()


@pytest.mark.parametrize(
    ("answers", "kinds"),
    [
        ((paid(1), paid(2, 9_999)), ["amount"]),
        ((paid(1), paid(2), paid(9)), ["stranger"]),
        ((paid(1), replace(paid(2), reference="")), ["no_reference"]),
        ((paid(9), paid(1, 1)), ["stranger", "amount", "unanswered"]),
    ],
)
def test_a_file_in_which_anything_differs_is_kept_and_not_booked_at_all(office, answers, kinds):
    batch = sent_batch(office, 1, 2)
    done = read(office, return_file(batch, *answers))
    assert [each.kind for each in done.differences] == kinds
    assert done.file.booked is False
    assert set(PaymentLine.objects.values_list("state", flat=True)) == {"sent"}
    both = reconciliation(actor=office.checker, batch=batch)
    assert [each.kind for each in both.differences] == kinds
    assert (both.sent, both.sent_fen, both.open, both.open_fen) == (2, 20_000, 2, 20_000)


def test_a_bank_that_takes_back_what_it_said_is_held_back(office):
    batch = sent_batch(office, 1)
    read(office, return_file(batch, paid(1)))
    turned = read(office, return_file(batch, rejected(1)))
    assert [(each.kind, each.blocks) for each in turned.differences] == [("contradicts", True)]
    assert turned.file.booked is False
    other = read(office, return_file(batch, replace(paid(1), reference="LS-other")))
    assert [each.kind for each in other.differences] == ["reference"]


def test_the_same_return_file_read_by_twenty_at_once_is_booked_once(lasting_office):
    office = lasting_office
    batch = sent_batch(office, 1, 2, 3, 4, 5)
    content = return_file(batch, *[paid(number) for number in range(1, 6)])
    done, errors = [], []

    def one() -> None:
        try:
            done.append(read(office, content))
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sum(each.settlement.paid for each in done) == 5
    assert [each.again for each in done].count(False) == 1
    assert LedgerTransfer.objects.filter(kind="post").count() == 5
    assert verify_ledger().faults == ()


def test_a_damaged_file_another_citys_file_and_a_batch_not_sent_are_refused(office):
    batch = sent_batch(office, 1)
    content = return_file(batch, paid(1))
    with pytest.raises(ReturnFileRefusedError, match="整个文件未采用"):
        read(office, content.replace(b"LS1", b"LS2"))
    with pytest.raises(BatchNotOnFileError, match="没有这个批次"):
        read(office, answer_table(Answer("B-7", "", (paid(1),)), settings.BANK_KEY, "csv"))
    office.reserve(2)
    draft = office.make(claim(2))
    with pytest.raises(WrongFundsStateError):
        read(office, return_file(draft, paid(2)))
    assert ReturnFile.objects.count() == 0


def test_the_payment_file_is_made_of_what_was_sent_and_the_look_at_its_accounts_is_recorded(office):
    office.reserve(1)
    batch = office.approve(office.make(claim(1)))
    with pytest.raises(NotSentYetError):
        payment_file(actor=office.checker, batch=batch, kind="csv", at=AT)
    batch = office.send(batch)
    order = read_order_table(
        payment_file(actor=office.checker, batch=batch, kind="xlsx", at=AT), settings.BANK_KEY
    )
    assert (order.batch_key, order.on, order.total_fen) == (batch.number, date(2024, 3, 5), 10_000)
    assert LookRecord.objects.get().subject_key == batch.number
    with pytest.raises(NotPermittedError):
        payment_file(actor=office.planner, batch=batch, kind="csv", at=AT)
