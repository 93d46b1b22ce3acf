"""Return files of the bank: held to what was sent, booked once however often they are read, and kept where they differ."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from django.conf import settings
from django.db import IntegrityError, connections, transaction

from jiuye.exchange.bank import LineResult, Outcome
from jiuye.exchange.bank.file_format import Answer
from jiuye.exchange.bank.tables import answer_table, read_order_table
from jiuye.office.funds.models import (
    CountyShare,
    LedgerTransfer,
    PaymentLine,
    Reservation,
    Restore,
    ReturnFile,
)
from jiuye.office.funds.operations import (
    AlreadyPaidError,
    BatchNotOnFileError,
    Due,
    NothingPaidError,
    NotSentYetError,
    ReturnClaimedBackError,
    ReturnFileRefusedError,
    claim_back,
    confirm_claim_back,
    drop_claim_back,
    payment_file,
    read_return_file,
    reissue,
    release,
    share_out,
)
from jiuye.office.funds.operations.sending import settle_by_file
from jiuye.office.funds.queries import (
    budget_positions,
    claim_payments,
    reconciliation,
    rejected_lines,
    verify_ledger,
)
from jiuye.office.funds.states import WrongFundsStateError
from jiuye.office.staff.models import LookRecord
from jiuye.office.staff.queries import NotPermittedError
from tests.office.funds.conftest import AT, DAY, FUND, claim, officer


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


def at_once(act) -> list[Exception]:
    """Twenty threads do it together; what went wrong."""
    errors: list[Exception] = []

    def one() -> None:
        try:
            act()
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


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
        ((paid(1), replace(paid(2), reference="LS1")), ["reference_twice"]),
        ((paid(1), replace(paid(2), on=date(2024, 3, 4))), ["too_early"]),
        ((paid(1), replace(rejected(2), on=date(2024, 3, 4))), ["too_early"]),
        ((replace(paid(1), on=date(2031, 1, 1)), paid(2)), ["too_late"]),
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


def test_a_reference_that_another_batch_was_booked_with_holds_the_file_back(office):
    first, second = sent_batch(office, 1), sent_batch(office, 2)
    read(office, return_file(first, paid(1)))
    wrong = read(office, return_file(second, replace(paid(2), reference="LS1")))
    assert [(each.kind, each.blocks) for each in wrong.differences] == [("reference_twice", True)]
    assert wrong.file.booked is False
    assert read(office, return_file(second, paid(2))).settlement.paid == 1
    with pytest.raises(IntegrityError, match="line_reference_once"), transaction.atomic():
        PaymentLine.objects.filter(claim_key="case:2").update(bank_reference="LS1")


def test_a_return_dated_before_the_payment_holds_the_file_back(office):
    batch = sent_batch(office, 1)
    read_on = date(2024, 3, 8)
    arrived = return_file(batch, replace(paid(1), on=date(2024, 3, 7)))
    read_return_file(actor=office.checker, name="a.csv", content=arrived, on=read_on, at=AT)
    back = return_file(batch, replace(rejected(1), on=date(2024, 3, 6)))
    found = read_return_file(actor=office.checker, name="b.csv", content=back, on=read_on, at=AT)
    assert [(each.kind, each.blocks) for each in found.differences] == [("too_early", True)]


def test_after_a_restore_the_bank_may_have_paid_before_we_sent_it_again(office):
    batch = sent_batch(office, 1)
    early = return_file(batch, replace(paid(1), on=date(2024, 3, 4)))
    assert read(office, early).file.booked is False
    Restore.objects.create(backup_made_at=datetime(2024, 3, 3, 22, 0, tzinfo=UTC), restored_at=AT)
    assert read(office, early).settlement.paid == 1


def test_a_bank_that_changes_the_reference_of_what_it_paid_is_held_back(office):
    batch = sent_batch(office, 1)
    read(office, return_file(batch, paid(1)))
    other = read(office, return_file(batch, replace(paid(1), reference="LS-other")))
    assert [each.kind for each in other.differences] == ["reference"]
    assert other.file.booked is False


def test_a_payment_that_comes_back_after_it_was_paid_is_taken_back_and_reserved_again(office):
    batch = sent_batch(office, 1, 2)
    read(office, return_file(batch, paid(1), paid(2)))
    back = read(office, return_file(batch, rejected(1), paid(2)))
    assert [(each.kind, each.blocks) for each in back.differences] == [("returned", False)]
    assert (back.file.booked, back.settlement.paid, back.settlement.returned) == (True, 0, 1)
    line = PaymentLine.objects.get(claim_key="case:1")
    assert (line.state, line.returned_on, line.rejection_reason) == ("returned", DAY, "收款账户已销户")
    entries = LedgerTransfer.objects.filter(claim_key="case:1").order_by("pk")
    assert [entry.kind for entry in entries] == ["pending", "post", "reverse", "pending"]
    assert (entries[2].pending, entries[2].clause, entries[2].receipt) == (
        entries[1],
        entries[1].clause,
        entries[1].receipt,
    )
    states = Reservation.objects.filter(claim_key="case:1").order_by("pk").values_list("state", flat=True)
    assert list(states) == ["returned", "held"]
    (position,) = budget_positions(actor=office.maker)
    assert (position.appropriated_fen, position.spent_fen, position.reserved_fen) == (100_000, 10_000, 10_000)
    batch.refresh_from_db()
    assert batch.state == "partly_rejected"
    assert claim_payments(["case:1"])["case:1"].state == "returned"
    assert [row.claim_key for row in rejected_lines(actor=office.maker)] == ["case:1"]
    again = read(office, return_file(batch, rejected(1), paid(2)))
    assert (again.again, again.differences, again.settlement.returned) == (True, (), 0)
    assert verify_ledger().faults == ()


def test_what_came_back_is_corrected_and_paid_again_once(office):
    batch = sent_batch(office, 1)
    read(office, return_file(batch, paid(1)))
    read(office, return_file(batch, rejected(1)))
    second = reissue(actor=office.maker, corrections=[claim(1)], on=DAY, at=AT)
    office.settle(office.send(office.approve(second)))
    assert list(PaymentLine.objects.order_by("pk").values_list("line_key", "state")) == [
        ("case:1#1", "reissued"),
        ("case:1#2", "paid"),
    ]
    (position,) = budget_positions(actor=office.maker)
    assert (position.spent_fen, position.reserved_fen) == (10_000, 0)
    assert verify_ledger().faults == ()
    with pytest.raises(AlreadyPaidError):
        office.make(claim(1))


def test_what_came_back_may_be_given_up_and_its_budget_is_free(office):
    batch = sent_batch(office, 1)
    read(office, return_file(batch, paid(1)))
    read(office, return_file(batch, rejected(1)))
    release(actor=office.approver, claim_key="case:1", on=DAY, at=AT)
    (position,) = budget_positions(actor=office.maker)
    assert (position.spent_fen, position.reserved_fen, position.available_fen) == (0, 0, 100_000)
    assert verify_ledger().faults == ()


def test_what_came_back_draws_on_the_countys_share_once(office):
    finance = officer("财政", "budget_officer")
    share_out(actor=finance, fund=FUND, year=2024, shares={"321002": 10_000}, on=DAY)
    office.reserve(1, county="321002")
    batch = office.send(office.approve(office.make(claim(1))))
    read(office, return_file(batch, paid(1)))
    read(office, return_file(batch, rejected(1)))
    assert CountyShare.objects.get().drawn_fen == 10_000
    assert verify_ledger().faults == ()


@pytest.mark.parametrize("confirmed", [False, True])
def test_a_payment_that_is_being_claimed_back_is_not_taken_back_by_the_bank_as_well(office, confirmed):
    batch = sent_batch(office, 1)
    read(office, return_file(batch, paid(1)))
    recovery = claim_back(
        actor=office.maker, claim_key="case:1", amount_fen=10_000, ground="就业促进法第六十七条", document="决定1号",
        debtor_name="居民1", debtor_is_person=True, schedule=[Due(date(2024, 5, 1), 10_000)], on=DAY, at=AT,
    )  # fmt: skip
    if confirmed:
        confirm_claim_back(actor=officer("另一审批", "approver"), recovery_id=recovery.pk, on=DAY, at=AT)
    held_back = read(office, return_file(batch, rejected(1)))
    assert [(each.kind, each.blocks, each.held_back) for each in held_back.differences] == [
        ("claimed_back", False, True)
    ]
    assert (held_back.file.booked, PaymentLine.objects.get().state) == (False, "paid")
    with pytest.raises(ReturnClaimedBackError, match="不予追回或撤回"):
        settle_by_file(actor=office.checker, batch=batch, answers=[rejected(1)], on=DAY, at=AT)
    drop_claim_back(
        actor=officer("第三审批", "approver"), recovery_id=recovery.pk, reason="银行退汇", on=DAY, at=AT
    )
    booked = read(office, return_file(batch, rejected(1)))
    assert (booked.settlement.returned, PaymentLine.objects.get().state) == (1, "returned")
    with pytest.raises(NothingPaidError):
        claim_back(
            actor=office.maker, claim_key="case:1", amount_fen=1, ground="法", document="号", debtor_name="居民1",
            debtor_is_person=True, schedule=[Due(date(2024, 5, 1), 1)], on=DAY, at=AT,
        )  # fmt: skip
    assert verify_ledger().faults == ()


def test_a_line_that_is_being_claimed_back_holds_up_no_other_of_its_file(office):
    batch = sent_batch(office, 1, 2, 3)
    read(office, return_file(batch, paid(1), paid(2), paid(3)))
    recovery = claim_back(
        actor=office.maker, claim_key="case:1", amount_fen=10_000, ground="就业促进法第六十七条", document="决定1号",
        debtor_name="居民1", debtor_is_person=True, schedule=[Due(date(2024, 5, 1), 10_000)], on=DAY, at=AT,
    )  # fmt: skip
    both_back = return_file(batch, rejected(1), rejected(2), paid(3))
    found = read(office, both_back)
    assert [(each.kind, each.line_key) for each in found.differences] == [
        ("claimed_back", "case:1#1"),
        ("returned", "case:2#1"),
    ]
    assert (found.file.booked, found.settlement.returned) == (True, 1)
    states = dict(PaymentLine.objects.order_by("pk").values_list("claim_key", "state"))
    assert states == {"case:1": "paid", "case:2": "returned", "case:3": "paid"}
    drop_claim_back(actor=office.approver, recovery_id=recovery.pk, reason="银行退汇", on=DAY, at=AT)
    assert read(office, both_back).settlement.returned == 1
    assert PaymentLine.objects.get(claim_key="case:1").state == "returned"
    assert verify_ledger().faults == ()


def test_the_same_return_read_by_twenty_at_once_is_taken_back_once(lasting_office):
    office = lasting_office
    batch = sent_batch(office, 1)
    read(office, return_file(batch, paid(1)))
    content = return_file(batch, rejected(1))
    assert at_once(lambda: read(office, content)) == []
    assert LedgerTransfer.objects.filter(kind="reverse").count() == 1
    assert verify_ledger().faults == ()


def test_the_same_return_file_read_by_twenty_at_once_is_booked_once(lasting_office):
    office = lasting_office
    batch = sent_batch(office, 1, 2, 3, 4, 5)
    content = return_file(batch, *[paid(number) for number in range(1, 6)])
    done = []
    assert at_once(lambda: done.append(read(office, content))) == []
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
