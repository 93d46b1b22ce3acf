"""The way out of `sending` where the bank has refused the batch: its claims go back, or what the bank did of it is taken over."""

from __future__ import annotations

from datetime import date, datetime

import pghistory
from django.db import transaction
from django.utils.translation import gettext

from jiuye.exchange.bank import Bank, BankError, BatchAlteredError, BatchUnknownError, LineResult
from jiuye.office.funds.models import PaymentBatch, PaymentLine
from jiuye.office.funds.operations.batches import lock_batch
from jiuye.office.funds.operations.sending import (
    BankTroubleError,
    alone_with,
    send_batch,
    submission_of,
)
from jiuye.office.funds.refusals import FundsRefusal
from jiuye.office.funds.scoping import require_over
from jiuye.office.funds.states import advance
from jiuye.office.staff.queries import Actor
from jiuye.office.staff.refusals import LONG, within
from jiuye.office.staff.rows import unscoped


class GivingUpReasonError(FundsRefusal):
    """A batch that may be at the bank is not given up without words."""

    field = "reason"

    def __init__(self) -> None:
        super().__init__(gettext("请写明银行为什么拒收、和银行怎样核对的，再退回办件。"))


class BankHasPartError(FundsRefusal):
    """The bank knows some of the batch's lines under its number, and not all: what it paid must not go back to be paid again."""

    def __init__(self, number: str, keys: list[str]) -> None:
        super().__init__(
            gettext(
                "银行按批次号 %(batch)s 办理过其中的 %(lines)s，内容与本批不全相同；退回会重复付款，没有办理。"
                "请与银行逐笔核对，交审计人员处理。"
            )
            % {"batch": number, "lines": "、".join(keys)}
        )


@unscoped("a batch goes to the bank and comes back whole, whoever its lines pay")
def give_up_batch(
    *, actor: Actor, batch: PaymentBatch, bank: Bank, reason: str, on: date, at: datetime
) -> PaymentBatch:
    """Ask the bank once more. Where it takes the batch now, it is sent. Where it refuses it for good and has done none of it, its claims
    go back with the reason. Where it has done all of it already (after a restore), its results are there to be fetched: it is sent.

    Raises NotPermittedError, WrongFundsStateError, GivingUpReasonError, TooLongError, BankHasPartError, BatchBusyError, and
    BankTroubleError where the bank cannot be reached: then nothing is known and nothing changes.
    """
    require_over(actor, "funds.pay", batch)
    current = PaymentBatch.objects.select_related("fund").get(pk=batch.pk)
    advance("batch", current.state, "give_up")
    if not reason.strip():
        raise GivingUpReasonError
    reason = within(reason, LONG, "拒收情况", "reason")
    try:
        return send_batch(actor=actor, batch=batch, bank=bank, on=on, at=at)
    except BankTroubleError as error:
        if not isinstance(error.__cause__, BatchAlteredError):
            raise
    with (
        alone_with(batch),
        pghistory.context(operation="funds.give_up_batch", at=at.isoformat(), reason=reason),
    ):
        ours = {line.line_key: line.amount_fen for line in submission_of(current).lines}
        done = [result for result in _known(bank, current.number) if result.line_key in ours]
        if any(ours[result.line_key] != result.amount_fen for result in done) or 0 < len(done) < len(ours):
            raise BankHasPartError(current.number, [result.line_key for result in done])
        with transaction.atomic(durable=True):
            locked = lock_batch(batch)
            if done:
                locked.state = advance("batch", locked.state, "record_receipt")
                locked.bank_reference = locked.number
                locked.save(update_fields=["state", "bank_reference"])
            else:
                locked.state = advance("batch", locked.state, "give_up")
                locked.given_up_because = reason
                locked.save(update_fields=["state", "given_up_because"])
                PaymentLine.objects.filter(batch=locked, state="sent").update(
                    state=advance("line", "sent", "give_up")
                )
    return locked


def _known(bank: Bank, number: str) -> list[LineResult]:
    """What the bank has done under that number; nothing where it has no such batch. Raises BankTroubleError."""
    try:
        return bank.results(number)
    except BatchUnknownError:
        return []
    except BankError as error:
        raise BankTroubleError(error) from error
