"""A batch from its making to its settlement: two persons, one payment a claim, and the bank's word taken exactly."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from jiuye.exchange.bank import (
    BankUnreachableError,
    FileBank,
    LineResult,
    Outcome,
    Receipt,
)
from jiuye.exchange.bank.file_format import Answer, encode_answer
from jiuye.office.funds.models import PaymentBatch, PaymentLine
from jiuye.office.funds.operations import (
    AlreadyPaidError,
    BankDisagreesError,
    BankTroubleError,
    ClaimInBatchError,
    ClaimNamedTwiceError,
    EmptyBatchError,
    MixedFundsError,
    NothingReservedError,
    NotRejectedError,
    PayeeIncompleteError,
    PayeeTamperedError,
    PayeeUnfitError,
    SamePersonError,
    Settlement,
    appropriate,
    approve_batch,
    discard_batch,
    record_funds,
    reissue,
    resume_batches,
    send_batch,
    sending,
    settle_batch,
)
from jiuye.office.funds.queries import (
    batch_acts,
    batch_lines,
    batches,
    budget_positions,
    claim_payments,
    claim_transfers,
    find_ledger_faults,
    paid_lines,
    rejected_lines,
    unfinished_batches,
)
from jiuye.office.funds.states import WrongFundsStateError
from jiuye.office.staff.queries import NotPermittedError
from tests.office.funds.conftest import AT, DAY, claim, definition

CLOSED = "6222021108000004040"


class ScriptedBank:
    """A bank that answers what the test tells it to."""

    def __init__(self, *answers: list[LineResult], receipt_fen: int | None = None) -> None:
        self.answers, self.receipt_fen, self.submitted = list(answers), receipt_fen, []

    def submit(self, batch):
        self.submitted.append(batch)
        total = batch.total_fen if self.receipt_fen is None else self.receipt_fen
        return Receipt(batch.batch_key, "R-1", len(batch.lines), total)

    def results(self, batch_key):
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def paid(number: int, **changes) -> LineResult:
    return replace(LineResult(f"case:{number}#1", Outcome.PAID, 10_000, f"LS{number}", on=DAY), **changes)


def lines_of(batch):
    return {line.claim_key: line for line in batch.lines.order_by("pk")}


def test_a_claim_goes_all_the_way_to_the_payee_and_the_ledger(office):
    batch = office.pay(claim(1), claim(2))
    assert batch.state == "settled"
    assert [payout.amount_fen for payout in office.bank.payouts()] == [10_000, 10_000]
    payments = claim_payments(["case:1", "case:2", "case:3"])
    assert {key: (found.state, found.paid_on) for key, found in payments.items()} == {
        "case:1": ("paid", DAY),
        "case:2": ("paid", DAY),
    }
    (position,) = budget_positions(actor=office.maker)
    assert (position.spent_fen, position.reserved_fen, position.available_fen) == (20_000, 0, 80_000)
    assert [entry.kind for entry in claim_transfers(actor=office.maker, claim_key="case:1")] == [
        "pending",
        "post",
    ]
    assert find_ledger_faults() == []


def test_a_paid_claim_is_never_put_into_a_batch_again(office):
    office.pay(claim(1))
    with pytest.raises(AlreadyPaidError, match="case:1"):
        office.make(claim(1))


def test_the_database_itself_refuses_a_second_live_line_for_a_claim(office):
    office.reserve(1)
    line = office.make(claim(1)).lines.get()
    with pytest.raises(IntegrityError, match="line_once_a_claim"), transaction.atomic():
        PaymentLine.objects.create(
            batch=line.batch,
            reservation=line.reservation,
            claim_key="case:1",
            line_key="another key",
            amount_fen=10_000,
            payee_name="别人",
            payee_account="6222",
            payee_account_index=b"",
        )


def test_a_claim_in_one_batch_is_not_put_into_another(office):
    office.reserve(1)
    first = office.make(claim(1))
    with pytest.raises(ClaimInBatchError, match=first.number):
        office.make(claim(1))
    assert PaymentBatch.objects.count() == 1


@pytest.mark.parametrize(
    ("claims", "error"),
    [
        ([], EmptyBatchError),
        ([claim(1), claim(1)], ClaimNamedTwiceError),
        ([claim(9)], NothingReservedError),
        ([claim(1, payee_account=" ")], PayeeIncompleteError),
        ([claim(1, payee_name="")], PayeeIncompleteError),
        ([claim(1, payee_name="张|三")], PayeeUnfitError),
        ([claim(1, payee_name='=HYPERLINK("http://x","y")')], PayeeUnfitError),
    ],
)
def test_a_batch_that_could_not_be_paid_is_not_made(office, claims, error):
    office.reserve(1)
    with pytest.raises(error):
        office.make(*claims)
    assert not PaymentBatch.objects.exists()


def test_claims_of_two_funds_do_not_share_a_batch(office):
    record_funds(funds=[definition("unemployment-insurance", "失业保险基金")])
    appropriate(
        actor=office.planner,
        fund="unemployment-insurance",
        year=2024,
        amount_fen=50_000,
        document="文件",
        on=DAY,
        at=AT,
    )
    office.reserve(1)
    office.reserve(2, fund="unemployment-insurance")
    with pytest.raises(MixedFundsError, match="失业保险基金"):
        office.make(claim(1), claim(2))


def test_batches_of_a_day_are_numbered_one_after_the_other(office):
    office.reserve(1)
    office.reserve(2)
    numbers = [office.make(claim(1)).number, office.make(claim(2)).number]
    assert numbers == ["employment-subsidy-20240305-01", "employment-subsidy-20240305-02"]


def test_the_maker_of_a_batch_does_not_approve_it(office):
    office.reserve(1)
    batch = office.make(claim(1))
    with pytest.raises(SamePersonError):
        approve_batch(actor=office.maker, batch=batch, on=DAY, at=AT)
    with pytest.raises(IntegrityError, match="batch_approver_is_another_person"), transaction.atomic():
        PaymentBatch.objects.filter(pk=batch.pk).update(
            state="approved", approved_by=office.maker.account_id, approved_on=DAY
        )


def test_an_unapproved_batch_does_not_go_to_the_bank(office):
    office.reserve(1)
    batch = office.make(claim(1))
    with pytest.raises(WrongFundsStateError, match="待复核"):
        office.send(batch)
    with pytest.raises(ProgrammingError, match="Invalid transition"), transaction.atomic():
        PaymentBatch.objects.filter(pk=batch.pk).update(state="sending", sent_on=DAY)
    assert office.bank.payouts() == []


@pytest.mark.parametrize("role_of", ["approver", "planner"])
def test_who_is_no_cashier_moves_no_money(office, role_of):
    office.reserve(1)
    batch = office.make(claim(1))
    stranger = getattr(office, role_of)
    with pytest.raises(NotPermittedError):
        approve_batch(actor=stranger, batch=batch, on=DAY, at=AT)
    with pytest.raises(NotPermittedError):
        send_batch(actor=stranger, batch=batch, bank=office.bank, on=DAY, at=AT)
    with pytest.raises(NotPermittedError):
        settle_batch(actor=stranger, batch=batch, bank=office.bank, on=DAY, at=AT)
    with pytest.raises(NotPermittedError):
        discard_batch(actor=stranger, batch=batch, on=DAY, at=AT)


def test_a_discarded_batch_frees_its_claims_for_another(office):
    office.reserve(1)
    batch = office.approve(office.make(claim(1)))
    discard_batch(actor=office.maker, batch=batch, on=DAY, at=AT)
    assert claim_payments(["case:1"])["case:1"].state == "discarded"
    with pytest.raises(WrongFundsStateError, match="已作废"):
        office.send(batch)
    second = office.approve(office.make(claim(1)))
    office.settle(office.send(second))
    assert len(office.bank.payouts()) == 1
    assert second.lines.get().line_key == "case:1#2"


def test_a_batch_that_may_be_at_the_bank_is_not_discarded(office):
    office.reserve(1)
    batch = office.send(office.approve(office.make(claim(1))))
    with pytest.raises(WrongFundsStateError, match="银行处理中"):
        discard_batch(actor=office.maker, batch=batch, on=DAY, at=AT)


def test_what_the_bank_rejects_is_told_and_keeps_its_reservation(office):
    batch = office.pay(claim(1), claim(2, payee_account=CLOSED))
    assert batch.state == "partly_rejected"
    found = claim_payments(["case:1", "case:2"])
    assert found["case:1"].state == "paid"
    assert (found["case:2"].state, found["case:2"].rejection_reason) == ("rejected", "收款账户已销户")
    assert [line.claim_key for line in rejected_lines(actor=office.maker)] == ["case:2"]
    (position,) = budget_positions(actor=office.maker)
    assert (position.spent_fen, position.reserved_fen, position.sent_back_fen) == (10_000, 10_000, 10_000)


def test_a_rejected_claim_is_corrected_and_paid_once(office):
    first = office.pay(claim(1, payee_account=CLOSED))
    second = reissue(actor=office.maker, corrections=[claim(1)], on=DAY, at=AT)
    assert lines_of(first)["case:1"].state == "reissued"
    assert lines_of(second)["case:1"].replaces == lines_of(first)["case:1"]
    office.settle(office.send(office.approve(second)))
    assert [payout.line_key for payout in office.bank.payouts()] == ["case:1#2"]
    assert [entry.kind for entry in claim_transfers(actor=office.maker, claim_key="case:1")] == [
        "pending",
        "post",
    ]
    assert not rejected_lines(actor=office.maker)
    (position,) = budget_positions(actor=office.maker)
    assert (position.spent_fen, position.reserved_fen, position.sent_back_fen) == (10_000, 0, 0)
    assert find_ledger_faults() == []


def test_only_rejected_payments_are_reissued(office):
    office.pay(claim(1))
    with pytest.raises(NotRejectedError, match="case:1"):
        reissue(actor=office.maker, corrections=[claim(1)], on=DAY, at=AT)


def test_sending_and_settling_twice_is_the_same_as_once(office):
    office.reserve(1)
    batch = office.approve(office.make(claim(1)))
    sent = [office.send(batch), office.send(batch)]
    assert sent[0].bank_reference == sent[1].bank_reference
    assert [office.settle(batch), office.settle(batch)] == [Settlement(1, 0, 0), Settlement(0, 0, 0)]
    office.send(batch)
    assert len(office.bank.payouts()) == 1


def test_a_batch_is_not_settled_before_it_is_sent(office):
    office.reserve(1)
    with pytest.raises(WrongFundsStateError, match="已复核"):
        office.settle(office.approve(office.make(claim(1))))


def test_an_unreachable_bank_leaves_a_batch_that_is_sent_again_on_another_day(office):
    class Unreachable(ScriptedBank):
        def submit(self, batch):
            super().submit(batch)
            raise BankUnreachableError("线路不通")

    office.reserve(1)
    batch = office.approve(office.make(claim(1)))
    down = Unreachable([])
    with pytest.raises(BankTroubleError, match="不会重复付款"):
        office.send(batch, down)
    assert [found.state for found in unfinished_batches()] == ["sending"]
    up = ScriptedBank([paid(1)])
    tomorrow = DAY + timedelta(days=1)
    done = resume_batches(actor=office.checker, bank=up, on=tomorrow, at=AT + timedelta(days=1))
    assert done == {batch.number: Settlement(1, 0, 0)}
    assert up.submitted == down.submitted  # to the last letter, the day included
    assert not unfinished_batches()


def test_lines_that_wait_are_settled_when_the_bank_has_answered(office):
    for number in (1, 2):
        office.reserve(number)
    waiting = LineResult("case:2#1", Outcome.WAITING, 10_000)
    bank = ScriptedBank([], [paid(1), waiting], [paid(1), paid(2)])
    batch = office.send(office.approve(office.make(claim(1), claim(2))), bank)
    assert office.settle(batch, bank) == Settlement(0, 0, 2)
    assert office.settle(batch, bank) == Settlement(1, 0, 1)
    assert PaymentBatch.objects.get().state == "sent"
    assert office.settle(batch, bank) == Settlement(1, 0, 0)
    assert PaymentBatch.objects.get().state == "settled"
    assert find_ledger_faults() == []


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ([paid(1), paid(7)], "不在批次里"),
        ([paid(1), paid(1)], "答复了两次"),
        ([paid(1, amount_fen=9_999)], r"银行答复 99\.99 元"),
        ([paid(1, reference="")], "没有流水号"),
        ([paid(1), paid(2, reference="LS1")], "已用在另一笔付款上"),
        ([paid(1, on=date(2024, 3, 4))], "早于发送日期"),
        ([paid(1, on=date(2024, 3, 6))], "在今天以后"),
    ],
)
def test_an_answer_that_does_not_fit_is_not_recorded_at_all(office, answer, words):
    for number in (1, 2):
        office.reserve(number)
    bank = ScriptedBank(answer)
    batch = office.send(office.approve(office.make(claim(1), claim(2))), bank)
    with pytest.raises(BankDisagreesError, match=words):
        office.settle(batch, bank)
    assert {line.state for line in batch.lines.order_by("pk")} == {"sent"}


def test_a_bank_that_changes_its_word_is_not_followed(office):
    for number in (1, 2):
        office.reserve(number)
    later_rejected = paid(1, outcome=Outcome.REJECTED, reference="", code="X", reason="改口")
    bank = ScriptedBank([paid(1)], [later_rejected, paid(2)])
    batch = office.send(office.approve(office.make(claim(1), claim(2))), bank)
    office.settle(batch, bank)
    with pytest.raises(BankDisagreesError, match="退汇请读入"):
        office.settle(batch, bank)
    assert lines_of(batch)["case:1"].state == "paid"


def test_a_receipt_over_another_total_is_not_accepted(office):
    office.reserve(1)
    batch = office.approve(office.make(claim(1)))
    with pytest.raises(BankDisagreesError, match="银行受理"):
        office.send(batch, ScriptedBank([], receipt_fen=1))
    assert PaymentBatch.objects.get().state == "sending"


def test_a_redirected_payment_is_stopped_before_the_bank(office):
    office.reserve(1)
    batch = office.approve(office.make(claim(1)))
    PaymentLine.objects.update(payee_account="6222021108000099999")
    with pytest.raises(PayeeTamperedError, match="case:1#1"):
        office.send(batch)
    assert office.bank.payouts() == []
    assert PaymentBatch.objects.get().state == "approved"


@pytest.mark.parametrize(
    "change",
    [{"amount_fen": 1}, {"payee_name": "别人"}, {"claim_key": "case:2"}, {"payee_account_index": b"x"}],
)
def test_a_line_keeps_what_it_pays(office, change):
    office.reserve(1)
    office.make(claim(1))
    with pytest.raises(IntegrityError, match="不能修改"), transaction.atomic():
        PaymentLine.objects.update(**change)


def test_a_line_of_another_amount_than_reserved_cannot_be_written(office):
    office.reserve(1)
    line = office.make(claim(1)).lines.get()
    discard_batch(actor=office.maker, batch=line.batch, on=DAY, at=AT)
    line.pk, line.line_key, line.amount_fen, line.state = None, "x", 10_001, "pending"
    with pytest.raises(IntegrityError, match="必须与一笔有效的预留一致"), transaction.atomic():
        line.save()


def test_the_account_is_sealed_in_the_database_and_masked_on_screen(office):
    office.reserve(1)
    line = office.make(claim(1)).lines.get()
    with connection.cursor() as cursor:
        cursor.execute("SELECT payee_account FROM funds_paymentline")
        assert claim(1).payee_account.encode() not in bytes(cursor.fetchone()[0])
    assert line.masked_account == "****0001"
    assert line.masked_payee == "居**"


def test_a_batch_is_paid_through_files_as_well(office, tmp_path):
    bank = FileBank(outbox=tmp_path / "out", inbox=tmp_path / "in", key=b"key")
    office.reserve(1)
    office.reserve(2)
    batch = office.send(office.approve(office.make(claim(1), claim(2))), bank)
    assert office.settle(batch, bank) == Settlement(0, 0, 2)
    bank.inbox.mkdir()
    rejected = LineResult("case:2#1", Outcome.REJECTED, 10_000, "", "NAME_MISMATCH", "户名不符", DAY)
    answer = Answer(batch.number, "BK", (paid(1), rejected))
    bank.answer_path(batch.number).write_bytes(encode_answer(answer, b"key"))
    assert office.settle(batch, bank) == Settlement(1, 1, 0)
    assert PaymentBatch.objects.get().state == "partly_rejected"


def test_an_actor_is_offered_only_what_can_be_done(office):
    office.reserve(1)
    batch = office.make(claim(1))
    assert [name for name, _ in batch_acts(actor=office.maker, batch=batch)] == ["discard_batch"]
    assert [name for name, _ in batch_acts(actor=office.checker, batch=batch)] == [
        "approve_batch",
        "discard_batch",
    ]
    assert batch_acts(actor=office.approver, batch=batch) == []
    sent = office.send(office.approve(batch))
    assert batch_acts(actor=office.maker, batch=sent) == [("settle_batch", "取回结果")]


def test_lists_of_batches_count_their_lines(office, django_assert_num_queries):
    office.pay(claim(1), claim(2, payee_account=CLOSED))
    office.pay(claim(3))
    with django_assert_num_queries(1):
        rows = [
            (row.line_count, row.total_fen, row.paid_count, row.rejected_count)
            for row in batches(actor=office.maker)
        ]
    assert rows == [(1, 10_000, 1, 0), (2, 20_000, 1, 1)]
    assert [row.state for row in batches(actor=office.maker, state="settled")] == ["settled"]
    assert not batches(actor=office.maker, fund="another")
    first = batches(actor=office.maker).last()
    assert [line.state for line in batch_lines(actor=office.maker, batch=first)] == ["paid", "rejected"]


def test_payments_are_counted_by_the_day_of_the_bank_half_open(office):
    office.pay(claim(1))
    assert len(paid_lines(start=DAY, until=DAY + timedelta(days=1))) == 1
    assert not paid_lines(start=date(2024, 1, 1), until=DAY)


def test_a_long_batch_takes_no_more_queries_than_a_short_one(office):
    counts = []
    for numbers in (range(1, 4), range(4, 54)):
        for number in numbers:
            office.reserve(number, 1_000)
        with CaptureQueriesContext(connection) as captured:
            batch = office.approve(office.make(*[claim(number) for number in numbers]))
            assert office.settle(office.send(batch)).paid == len(numbers)
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert find_ledger_faults() == []


def test_a_batch_longer_than_one_transaction_is_settled_whole(office, monkeypatch):
    monkeypatch.setattr(sending, "LINES_A_TRANSACTION", 2)
    for number in range(1, 6):
        office.reserve(number)
    batch = office.send(office.approve(office.make(*[claim(number) for number in range(1, 6)])))
    assert office.settle(batch) == Settlement(5, 0, 0)
    assert find_ledger_faults() == []
