"""Sending a batch to the bank and settling it by the bank's answers, so that any step may be the last one before a crash.

What makes it safe, in order:
1. `sending` is committed before the bank is called. Whoever finds a batch in `sending` sends it again.
2. The bank pays a line key once, and line keys never change.
3. An answer is recorded, posted and its reservation spent in one transaction; what is recorded already is passed over.
4. One process at a time works on a batch (an advisory lock of the session, which a killed process loses).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

import pghistory
from django.db import transaction
from django.utils.translation import gettext

from jiuye.engine.basis.money import yuan_text
from jiuye.engine.ledger import Kind, Transfer
from jiuye.exchange.bank import Bank, BankError, LineResult, Outcome, Receipt, Submission
from jiuye.office.funds.documents import posting_document
from jiuye.office.funds.models import PaymentBatch, PaymentLine, Reservation
from jiuye.office.funds.operations.batches import (
    instruction_of,
    lines_to_pay,
    lock_batch,
    require_not_paid,
    require_unaltered,
)
from jiuye.office.funds.operations.entering import enter_all
from jiuye.office.funds.operations.returning import is_return, record_returns
from jiuye.office.funds.queries.reconciling import Bounds, booked_outcome, bounds_of
from jiuye.office.funds.queries.unbooked import beside_the_taken_over
from jiuye.office.funds.refusals import FundsRefusal, in_language
from jiuye.office.funds.scoping import require_over
from jiuye.office.funds.states import LINE_STATES, WrongFundsStateError, advance
from jiuye.office.registry.secrets import blind_index
from jiuye.office.staff import alone
from jiuye.office.staff.queries import Actor, require, scope_filter
from jiuye.office.staff.rows import unscoped

LINES_A_TRANSACTION = 200  # so that a large batch holds its locks for a moment only
_LOCK_CLASS = 0x4A59  # the number space of our advisory locks on batches


class BatchBusyError(FundsRefusal):
    """Another process is sending or settling the batch."""

    def __init__(self, number: str) -> None:
        super().__init__(
            gettext("付款批次 %(batch)s 正由另一个进程办理；请稍后刷新，不要重复操作。") % {"batch": number}
        )


class BankTroubleError(FundsRefusal):
    """The bank did not do what was asked; the sentence is the bank's. Doing the same again is safe."""

    def __init__(self, error: BankError) -> None:
        super().__init__(in_language(zh=error.zh, en=error.en))


class BankDisagreesError(FundsRefusal):
    """The bank says something that does not fit our records. Nothing of the answer is recorded."""

    def __init__(self, number: str, detail: str) -> None:
        self.number = number
        super().__init__(
            gettext("银行对批次 %(batch)s 的答复与记录不符：%(detail)s。没有记账；请与银行核对后再办。")
            % {"batch": number, "detail": detail}
        )


class PayeeTamperedError(FundsRefusal):
    """A line's account is not the one with which the line was made."""

    def __init__(self, line_key: str) -> None:
        super().__init__(
            gettext("付款“%(line)s”的收款账号与制单时不同，可能被改动；已停止发送，请查审计记录。")
            % {"line": line_key}
        )


@dataclass(frozen=True, slots=True)
class Settlement:
    """What one look at the bank's answers brought, in lines: newly paid, newly rejected, still waiting, newly returned."""

    paid: int
    rejected: int
    waiting: int
    returned: int = 0  # paid before, and sent back since


@unscoped("a batch goes to the bank and comes back whole, whoever its lines pay")
def send_batch(*, actor: Actor, batch: PaymentBatch, bank: Bank, on: date, at: datetime) -> PaymentBatch:
    """Hand an approved batch to the bank, or hand it over again where the last attempt did not come to its end.

    A batch that the bank has acknowledged is returned as it stands. Raises NotPermittedError, WrongFundsStateError,
    BatchBusyError, PayeeTamperedError and BatchAlteredError (it is not what was approved), PaidByBankError, BankDisagreesError and BankTroubleError,
    after which the batch stays in `sending`: doing the same again is safe.
    """
    require_over(actor, "funds.pay", batch)
    with alone_with(batch), pghistory.context(operation="funds.send_batch", at=at.isoformat()):
        with transaction.atomic(durable=True):
            locked = lock_batch(batch)
            if locked.state in ("sent", "settled", "partly_rejected"):
                return locked
            if locked.state != "sending":
                locked.state = advance("batch", locked.state, "begin_sending")
                locked.sent_on = on
                submission = submission_of(locked)
                require_not_paid(
                    locked.lines.order_by("pk").values_list("claim_key", flat=True), number=locked.number
                )
                locked.save(update_fields=["state", "sent_on"])
                locked.lines.filter(state="pending").update(state=advance("line", "pending", "send"))
            else:
                submission = submission_of(locked)
        try:
            receipt = bank.submit(submission)
        except BankError as error:
            raise BankTroubleError(error) from error
        _check_receipt(locked, submission, receipt)
        with transaction.atomic(durable=True):
            locked = lock_batch(batch)
            locked.state = advance("batch", locked.state, "record_receipt")
            locked.bank_reference = receipt.reference
            locked.save(update_fields=["state", "bank_reference"])
        return locked


@unscoped("a batch goes to the bank and comes back whole, whoever its lines pay")
def settle_batch(*, actor: Actor, batch: PaymentBatch, bank: Bank, on: date, at: datetime) -> Settlement:
    """Ask the bank what became of the lines; post what is paid, record what is rejected, close the batch at the end.

    A settled batch is looked at and left as it is. Raises NotPermittedError, WrongFundsStateError (it was not sent, or
    the sending did not come to its end), BatchBusyError, BankDisagreesError, BankTroubleError.
    """
    require_over(actor, "funds.pay", batch)
    with alone_with(batch), pghistory.context(operation="funds.settle_batch", at=at.isoformat()):
        current = PaymentBatch.objects.get(pk=batch.pk)
        if current.state in ("settled", "partly_rejected"):
            return Settlement(0, 0, 0)
        if current.state != "sent":
            raise WrongFundsStateError("batch", "settle", current.state)
        try:
            answers = bank.results(current.number)
        except BankError as error:
            raise BankTroubleError(error) from error
        return _settle_by(current, answers, recorded_by=actor.account_id, on=on, at=at)


@unscoped("a batch goes to the bank and comes back whole, whoever its lines pay")
def settle_by_file(
    *, actor: Actor, batch: PaymentBatch, answers: Sequence[LineResult], on: date, at: datetime
) -> Settlement:
    """The same by the answers of a return file that `reconciling` has found to agree. What is booked is passed over; who comes
    while another books waits for it. What the bank had paid and now sends back (退汇) is returned, also of a batch that was settled.

    Raises NotPermittedError, WrongFundsStateError, BankDisagreesError, ReturnClaimedBackError.
    """
    require_over(actor, "funds.pay", batch)
    with alone_with(batch, wait=True), pghistory.context(operation="funds.settle_by_file", at=at.isoformat()):
        current = PaymentBatch.objects.get(pk=batch.pk)
        if current.state not in ("sent", "settled", "partly_rejected"):
            raise WrongFundsStateError("batch", "settle", current.state)
        return _settle_by(current, answers, recorded_by=actor.account_id, on=on, at=at, by_file=True)


def _settle_by(
    current: PaymentBatch,
    answers: Sequence[LineResult],
    *,
    recorded_by: int,
    on: date,
    at: datetime,
    by_file: bool = False,
) -> Settlement:
    """Only a signed file takes back what was paid (`by_file`); a line of the bank's that says so is held back."""
    lines = list(current.lines.order_by("pk"))
    results = _checked_results(current, lines, answers, on=on, by_file=by_file)
    back = [line for line in lines if line.line_key in results and is_return(line, results[line.line_key])]
    answered = [line for line in lines if line.state == "sent" and line.line_key in results]
    paid = 0
    for start in range(0, len(answered), LINES_A_TRANSACTION):
        chunk = answered[start : start + LINES_A_TRANSACTION]
        paid += _record_answers(chunk, results, recorded_by=recorded_by, on=on, at=at)
    for start in range(0, len(back), LINES_A_TRANSACTION):
        record_returns(
            back[start : start + LINES_A_TRANSACTION], results, recorded_by=recorded_by, on=on, at=at
        )
    waiting = _close_if_complete(current, on)
    return Settlement(paid, len(answered) - paid, waiting, len(back))


def resume_batches(*, actor: Actor, bank: Bank, on: date, at: datetime) -> dict[str, Settlement]:
    """Take up every batch of the actor's places that was left between two steps: send again what was being sent, settle what was sent.

    The settlements by batch number. Raises what `send_batch` and `settle_batch` raise, at the first batch that fails.
    """
    require(actor, "funds.pay")
    done: dict[str, Settlement] = {}
    mine = scope_filter(actor, "funds.pay", "division_code")
    for batch in PaymentBatch.objects.filter(mine, state__in=["sending", "sent"]).order_by("pk"):
        sent = send_batch(actor=actor, batch=batch, bank=bank, on=on, at=at)
        done[sent.number] = settle_batch(actor=actor, batch=sent, bank=bank, on=on, at=at)
    return done


@contextmanager
def alone_with(batch: PaymentBatch, *, wait: bool = False) -> Iterator[None]:
    """Hold the batch's advisory lock. Raises BatchBusyError where another process holds it, unless told to wait for it."""
    with alone.alone_with(_LOCK_CLASS, batch.pk % 2**31, wait=wait) as ours:
        if not ours:
            raise BatchBusyError(batch.number)
        yield


def submission_of(batch: PaymentBatch) -> Submission:
    """The batch as the bank gets it: the same each time it is built, whatever the day, and what was approved.

    Raises PayeeTamperedError, BatchAlteredError.
    """
    assert batch.sent_on is not None
    lines = list(lines_to_pay(batch))
    require_unaltered(batch, lines)
    for line in lines:
        if bytes(line.payee_account_index) != blind_index(line.payee_account):
            raise PayeeTamperedError(line.line_key)
    return Submission(
        batch_key=batch.number,
        payer=batch.fund.code,
        on=batch.sent_on,
        lines=tuple(instruction_of(line, batch.purpose) for line in lines),
    )


def _check_receipt(batch: PaymentBatch, submission: Submission, receipt: Receipt) -> None:
    got = (receipt.batch_key, receipt.line_count, receipt.total_fen)
    if got != (batch.number, len(submission.lines), submission.total_fen):
        raise BankDisagreesError(
            batch.number,
            gettext("发送 %(sent)s 笔 %(sent_yuan)s 元，银行受理 %(taken)s 笔 %(taken_yuan)s 元")
            % {
                "sent": len(submission.lines),
                "sent_yuan": yuan_text(submission.total_fen),
                "taken": receipt.line_count,
                "taken_yuan": yuan_text(receipt.total_fen),
            },
        )


def _checked_results(
    batch: PaymentBatch,
    lines: Sequence[PaymentLine],
    results: Sequence[LineResult],
    *,
    on: date,
    by_file: bool,
) -> dict[str, LineResult]:
    """The final results by line key. Raises BankDisagreesError for anything that does not fit what we sent or know."""
    by_key = {line.line_key: line for line in lines}
    bounds = bounds_of(batch, results, today=on)
    beside = beside_the_taken_over(batch.number, by_key, results)
    final: dict[str, LineResult] = {}
    for result in results:
        if result.line_key in beside:
            continue
        line = by_key.get(result.line_key)
        fault = (
            _fault(line, result, bounds, by_file=by_file)
            if line is not None
            else gettext("付款“%(line)s”不在批次里")
        )
        if result.line_key in final:
            fault = gettext("付款“%(line)s”答复了两次")
        if line is not None and fault:
            detail = fault % {
                "line": result.line_key,
                "sent": yuan_text(line.amount_fen),
                "answered": yuan_text(result.amount_fen),
                "reference": result.reference,
                "day": result.on,
                "state": gettext(LINE_STATES[line.state]),
            }
            raise BankDisagreesError(batch.number, detail)
        if line is None:
            raise BankDisagreesError(batch.number, fault % {"line": result.line_key})
        if result.outcome is not Outcome.WAITING:
            final[result.line_key] = result
    return final


def _fault(line: PaymentLine, result: LineResult, bounds: Bounds, *, by_file: bool) -> str:
    """What does not fit in one answer, as a sentence to be filled; nothing where it fits."""
    recorded = booked_outcome(line)
    if result.amount_fen != line.amount_fen:
        return gettext("付款“%(line)s”发送 %(sent)s 元，银行答复 %(answered)s 元")
    if is_return(line, result) and not by_file:
        return gettext("付款“%(line)s”先前已到账，这次说已退回；退汇请读入银行签名的回盘文件")
    if is_return(line, result):
        return _out_of_bounds(bounds.fault(line, result))
    if recorded is not None and result.outcome is not recorded:
        return gettext("付款“%(line)s”先前答复为“%(state)s”，这次不同")
    if result.outcome is Outcome.PAID and not result.reference:
        return gettext("付款“%(line)s”已付而没有流水号")
    return _out_of_bounds(bounds.fault(line, result))


def _out_of_bounds(kind: str) -> str:
    return {
        "": "",
        "reference_twice": gettext("付款“%(line)s”的流水号 %(reference)s 已用在另一笔付款上"),
        "too_early": gettext("付款“%(line)s”的答复日期 %(day)s 早于发送日期"),
        "too_late": gettext("付款“%(line)s”的答复日期 %(day)s 在今天以后"),
    }[kind]


@transaction.atomic(durable=True)
def _record_answers(
    lines: Sequence[PaymentLine],
    results: dict[str, LineResult],
    *,
    recorded_by: int,
    on: date,
    at: datetime,
) -> int:
    """Record these answers, post the paid ones and spend their reservations, all or none; the number paid."""
    locked = list(
        PaymentLine.objects.select_for_update(of=["self"])
        .filter(pk__in=[line.pk for line in lines], state="sent")
        .select_related("reservation__held_by__debit", "reservation__held_by__credit")
        .order_by("pk")
    )
    paid = [line for line in locked if results[line.line_key].outcome is Outcome.PAID]
    postings = [_posting(line, results[line.line_key].reference, on) for line in paid]
    entries = enter_all(postings, recorded_by=recorded_by, at=at)
    for line in locked:
        result = results[line.line_key]
        line.answered_on = result.on or on
        if result.outcome is Outcome.PAID:
            line.state = advance("line", line.state, "pay")
            line.bank_reference = result.reference
        else:
            line.state = advance("line", line.state, "reject")
            line.rejection_code = result.code
            line.rejection_reason = (result.reason or result.code or gettext("银行未说明原因"))[:200]
    reservations = []
    for line, entry in zip(paid, entries, strict=True):
        line.posted = entry
        reservation = line.reservation
        reservation.state = advance("reservation", reservation.state, "pay")
        reservation.finished_by = entry
        reservation.finished_on = on
        reservations.append(reservation)
    Reservation.objects.bulk_update(reservations, ["state", "finished_by", "finished_on"])
    PaymentLine.objects.bulk_update(
        locked,
        ["state", "answered_on", "bank_reference", "rejection_code", "rejection_reason", "posted"],
    )
    return len(paid)


def _posting(line: PaymentLine, reference: str, on: date) -> Transfer:
    """The transfer that spends the line's reservation. Its key names the reservation: spent once, whichever line pays.

    Its document names the line and the bank's reference, which the chain then covers (`queries.tallying`).
    """
    held = line.reservation.held_by
    return Transfer(
        key=f"post:{held.key}",
        kind=Kind.POST,
        debit=held.debit.code,
        credit=held.credit.code,
        amount_fen=held.amount_fen,
        on=max(on, held.on_date),  # what the bank has paid is posted, even on a clock that was set back
        pending_key=held.key,
        subject=held.claim_key,
        document=posting_document(line.line_key, reference),
        clause=held.clause,
        receipt=held.receipt,
    )


@transaction.atomic(durable=True)
def _close_if_complete(batch: PaymentBatch, on: date) -> int:
    """Close the batch where every line has its answer; the number of lines that wait."""
    locked = lock_batch(batch)
    states = list(locked.lines.order_by("pk").values_list("state", flat=True))
    waiting = states.count("sent")
    if waiting == 0 and locked.state == "sent":
        act = "settle" if all(state == "paid" for state in states) else "settle_partly"
        locked.state = advance("batch", locked.state, act)
        locked.settled_on = on
        locked.save(update_fields=["state", "settled_on"])
    elif locked.state == "settled" and not all(state == "paid" for state in states):
        locked.state = advance("batch", locked.state, "return")
        locked.save(update_fields=["state"])
    return waiting
