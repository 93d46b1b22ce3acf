"""After a restore, and where the bank refuses a batch for good: numbers do not come again, and claims are never paid twice by giving up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from django.conf import settings

from jiuye.config.cli import main
from jiuye.exchange.bank import BankUnreachableError, FileBank, Instruction, LineResult, Outcome, Submission
from jiuye.exchange.bank.file_format import Answer, encode_answer, encode_order
from jiuye.exchange.bank.tables import answer_table
from jiuye.office.funds.models import PaymentBatch, PaymentLine, Reservation, Restore, UnbookedPayment
from jiuye.office.funds.operations import (
    BankDisagreesError,
    BankHasPartError,
    BankTroubleError,
    GivingUpReasonError,
    give_up_batch,
)
from jiuye.office.funds.queries import verify_ledger
from jiuye.office.funds.states import WrongFundsStateError
from jiuye.office.staff.queries import NotPermittedError
from tests.office.funds.conftest import ACCOUNT_NUMBER, AT, DAY, FUND, claim

NUMBER = f"{FUND}-20240305-01"


def line_of(number: int, **changes) -> Instruction:
    made = Instruction(
        f"case:{number}#1", f"居民{number}", ACCOUNT_NUMBER % number, "农业银行扬州分行", 10_000, "社保补贴"
    )
    return replace(made, **changes)


def forgotten(office, *lines: Instruction, on: date = DAY) -> None:
    """The bank took this under the day's first number, and the database was put back to before it."""
    office.bank.submit(Submission(NUMBER, FUND, on, lines))


def refused(office, *numbers: int) -> PaymentBatch:
    """A batch that the bank will not take, since it knows its number with other content."""
    for number in numbers:
        office.reserve(number)
    batch = office.approve(office.make(*[claim(number) for number in numbers]))
    with pytest.raises(BankTroubleError, match="内容与这次不同"):
        office.send(batch)
    return batch


def give_up(office, batch, reason: str = "电话核对：银行没有办理这一批", **changes) -> PaymentBatch:
    fields = {"actor": office.checker, "bank": office.bank, "on": DAY, "at": AT}
    return give_up_batch(batch=batch, reason=reason, **fields | changes)


def test_a_number_that_the_bank_knows_from_the_lost_time_does_not_come_again_after_a_restore(office):
    forgotten(office, line_of(7))
    Restore.objects.create(backup_made_at=AT, restored_at=datetime(2024, 3, 5, 10, 15, tzinfo=UTC))
    office.reserve(1)
    office.reserve(2)
    first, second = office.make(claim(1)), office.make(claim(2))
    assert [first.number, second.number] == [
        f"{FUND}-20240305-r240305101500-01",
        f"{FUND}-20240305-r240305101500-02",
    ]
    assert office.settle(office.send(office.approve(first))).paid == 1
    Restore.objects.create(backup_made_at=AT, restored_at=datetime(2024, 3, 5, 11, 0, tzinfo=UTC))
    office.reserve(3)
    assert office.make(claim(3)).number == f"{FUND}-20240305-r240305110000-01"


def test_a_batch_that_the_bank_refuses_for_good_gives_its_claims_back_with_the_reason(office):
    forgotten(office, line_of(7))
    batch = refused(office, 1, 2)
    with pytest.raises(GivingUpReasonError, match="写明"):
        give_up(office, batch, reason="  ")
    with pytest.raises(NotPermittedError):
        give_up(office, batch, actor=office.approver)
    done = give_up(office, batch)
    assert (done.state, done.given_up_because) == ("discarded", "电话核对：银行没有办理这一批")
    assert set(PaymentLine.objects.values_list("state", flat=True)) == {"discarded"}
    assert set(Reservation.objects.values_list("state", flat=True)) == {"held"}
    again = office.approve(office.make(claim(1), claim(2)))
    assert office.settle(office.send(again)).paid == 2
    assert verify_ledger().faults == ()
    with pytest.raises(WrongFundsStateError):
        give_up(office, batch)


def test_a_batch_is_not_given_up_while_nobody_knows_whether_the_bank_has_it(office, monkeypatch):
    forgotten(office, line_of(7))
    batch = refused(office, 1)

    def silent(_):
        raise BankUnreachableError("没有应答")

    monkeypatch.setattr(office.bank, "submit", silent)
    with pytest.raises(BankTroubleError, match="联系不上"):
        give_up(office, batch)
    assert PaymentBatch.objects.get().state == "sending"


def test_a_batch_that_the_bank_takes_when_it_is_asked_once_more_is_sent_and_not_given_up(office, monkeypatch):
    office.reserve(1)
    batch = office.approve(office.make(claim(1)))

    def silent(_):
        raise BankUnreachableError("没有应答")

    with monkeypatch.context() as broken:
        broken.setattr(office.bank, "submit", silent)
        with pytest.raises(BankTroubleError):
            office.send(batch)
    assert give_up(office, batch).state == "sent"
    assert len(office.bank.payouts()) == 1


def test_what_the_bank_did_of_the_very_batch_in_the_lost_time_is_taken_over_and_not_paid_again(office):
    forgotten(office, line_of(1), line_of(2), on=date(2024, 3, 4))
    batch = refused(office, 1, 2)
    taken = give_up(office, batch)
    assert (taken.state, taken.bank_reference) == ("sent", NUMBER)
    with pytest.raises(BankDisagreesError, match="早于发送日期"):  # without a restore such a date is wrong
        office.settle(taken)
    Restore.objects.create(backup_made_at=datetime(2024, 3, 3, 22, 0, tzinfo=UTC), restored_at=AT)
    assert office.settle(taken).paid == 2
    assert len(office.bank.payouts()) == 2
    assert verify_ledger().faults == ()


def test_a_batch_of_which_the_bank_did_a_part_is_not_given_back_to_be_paid_twice(office):
    forgotten(office, line_of(1), line_of(7))
    batch = refused(office, 1, 2)
    with pytest.raises(BankHasPartError, match="case:1#1"):
        give_up(office, batch)
    assert PaymentBatch.objects.get().state == "sending"


def test_after_a_restore_the_banks_files_say_what_was_paid_and_is_not_on_record(
    office, tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr("jiuye.config.commands.ledger.installation_ready", lambda: True)
    office.reserve(1)
    office.reserve(2)
    known = office.send(office.approve(office.make(claim(2))))
    files = []
    for number, key in ((1, "lost-batch-01"), (9, "lost-batch-02"), (2, known.number)):
        line = LineResult(f"case:{number}#1", Outcome.PAID, 10_000, f"LS{number}", on=DAY)
        files.append(tmp_path / f"{number}.csv")
        files[-1].write_bytes(answer_table(Answer(key, "YH", (line,)), settings.BANK_KEY, "csv"))
    assert main(["ledger", "compare", *map(str, files)]) == 1
    first, second, third, barred = capsys.readouterr().out.splitlines()
    assert "lost-batch-01" in first
    assert "“case:1”现在是“已预留、没有付款”" in first
    assert "没有预留过资金" in second
    assert "1 笔银行已答复、这里还没有入账" in third
    assert "2 笔已记入" in barred
    office.settle(known)
    assert PaymentLine.objects.filter(state="paid").count() == 1
    agreeing = LineResult(
        "case:2#1", Outcome.PAID, 10_000, PaymentLine.objects.get(state="paid").bank_reference, on=DAY
    )
    files[2].write_bytes(answer_table(Answer(known.number, "YH", (agreeing,)), settings.BANK_KEY, "csv"))
    assert main(["ledger", "compare", str(files[2])]) == 0
    (tmp_path / "damaged.csv").write_bytes(files[2].read_bytes().replace(b"100.00", b"900.00"))
    assert main(["ledger", "compare", str(tmp_path / "damaged.csv")]) == 1


def test_a_lost_batch_of_which_the_bank_still_has_lines_in_hand_is_not_to_be_taken_over_yet(
    office, tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr("jiuye.config.commands.ledger.installation_ready", lambda: True)
    lines = (
        LineResult("case:1#1", Outcome.PAID, 10_000, "LS1", on=DAY),
        LineResult("case:2#1", Outcome.WAITING, 10_000),
        LineResult("case:3#1", Outcome.REJECTED, 10_000, reason="户名不符", on=DAY),
    )
    file = tmp_path / "answer.csv"
    file.write_bytes(answer_table(Answer("lost-batch-01", "YH", lines), settings.BANK_KEY, "csv"))
    assert main(["ledger", "compare", str(file)]) == 1
    _, waiting, barred = capsys.readouterr().out.splitlines()
    assert "批次 lost-batch-01" in waiting
    assert "银行还有 1 笔没有办完" in waiting
    assert "1 笔已记入" in barred
    # A batch of which nothing was paid so far is not passed over in silence either.
    file.write_bytes(answer_table(Answer("lost-batch-02", "YH", lines[1:2]), settings.BANK_KEY, "csv"))
    assert main(["ledger", "compare", str(file)]) == 1
    assert "银行还有 1 笔没有办完" in capsys.readouterr().out


def test_the_payment_file_given_with_the_return_file_says_whom_the_bank_paid(
    office, tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr("jiuye.config.commands.ledger.installation_ready", lambda: True)
    order = Submission("lost-batch-01", "some-fund", DAY, (line_of(1),))
    answer = Answer("lost-batch-01", "YH", (LineResult("case:1#1", Outcome.PAID, 10_000, "LS1", on=DAY),))
    sent, said = tmp_path / "lost-batch-01.pay", tmp_path / "lost-batch-01.ret"
    sent.write_bytes(encode_order(order, settings.BANK_KEY))
    said.write_bytes(encode_answer(answer, settings.BANK_KEY))
    assert main(["ledger", "compare", str(sent), str(said)]) == 1
    assert UnbookedPayment.objects.get().payee_ends_in == line_of(1).payee_account[-4:]
    assert main(["ledger", "compare", str(sent)]) == 1
    assert "只有付款文件" in capsys.readouterr().err


def test_a_bank_reached_by_files_has_the_payment_file_in_its_own_folder(office, tmp_path, monkeypatch):
    monkeypatch.setattr("jiuye.config.commands.ledger.installation_ready", lambda: True)
    bank = FileBank(outbox=tmp_path / "outbox", inbox=tmp_path / "inbox", key=settings.BANK_KEY)
    monkeypatch.setattr("jiuye.office.funds.gateway.installed_bank", lambda: bank)
    bank.submit(Submission("lost-batch-01", "some-fund", DAY, (line_of(1),)))
    answer = Answer("lost-batch-01", "YH", (LineResult("case:1#1", Outcome.PAID, 10_000, "LS1", on=DAY),))
    said = tmp_path / "answer.csv"
    said.write_bytes(answer_table(answer, settings.BANK_KEY, "csv"))
    assert main(["ledger", "compare", str(said)]) == 1
    assert UnbookedPayment.objects.get().payee_ends_in == line_of(1).payee_account[-4:]
