"""A receipt that was entered wrongly, taken back: it stays on record, its entry is turned round, and what it had settled is owed again."""

from __future__ import annotations

from datetime import date, datetime

import pghistory
from django.db import transaction
from django.utils.translation import gettext

from jiuye.engine.ledger import Kind, Transfer
from jiuye.office.funds.models import Recovery, RecoveryReceipt
from jiuye.office.funds.operations.entering import enter
from jiuye.office.funds.operations.recovering import RecoveryOpenError
from jiuye.office.funds.refusals import FundsRefusal
from jiuye.office.funds.states import advance
from jiuye.office.staff.queries import Actor, require
from jiuye.office.staff.refusals import LONG, within


class ReceiptUnknownError(FundsRefusal):
    """There is no such receipt of that claim."""

    def __init__(self) -> None:
        super().__init__(gettext("没有这笔到账登记；请刷新后再看。"))


class ReceiptUndoneError(FundsRefusal):
    """It was taken back already."""

    def __init__(self, reference: str) -> None:
        super().__init__(
            gettext("流水号“%(reference)s”的到账登记已经撤销，不能再撤销一次。") % {"reference": reference}
        )


class SameRecorderError(FundsRefusal):
    """Who entered a receipt does not take it back alone."""

    def __init__(self) -> None:
        super().__init__(gettext("这笔到账是您登记的，不能由您撤销；请由另一位资金人员撤销。"))


class UndoingReasonError(FundsRefusal):
    """What was entered is taken back for a reason that can be read afterwards."""

    field = "reason"

    def __init__(self) -> None:
        super().__init__(gettext("撤销到账登记必须写明理由；请写明哪里登记错了。"))


@transaction.atomic
def undo_receipt(
    *, actor: Actor, recovery_id: int, receipt_id: int, reason: str, on: date, at: datetime
) -> RecoveryReceipt:
    """Take back a receipt that was entered wrongly (another claim, another amount), by another officer than who entered it.

    What it had settled is owed again: a claim that it had closed is open. Where the rest had been given up, what was given up stays
    given up, and the amount of this receipt may be claimed anew. The bank's reference is free for the entry that is right.

    Raises NotPermittedError, ReceiptUnknownError, ReceiptUndoneError, SameRecorderError, UndoingReasonError, TooLongError,
    RecoveryOpenError (another claim of the same payment was opened since), LedgerRefusalError (the money was used meanwhile).
    """
    require(actor, "funds.recover")
    recovery = Recovery.objects.select_for_update(of=["self"]).filter(pk=recovery_id).order_by("pk").first()
    receipt = (
        RecoveryReceipt.every.select_for_update(of=["self"])
        .select_related("posted__debit", "posted__credit")
        .filter(pk=receipt_id, recovery_id=recovery_id)
        .order_by("pk")
        .first()
    )
    if recovery is None or receipt is None:
        raise ReceiptUnknownError
    if receipt.undone_on is not None:
        raise ReceiptUndoneError(receipt.bank_reference)
    if receipt.recorded_by_id == actor.account_id:
        raise SameRecorderError
    if not reason.strip():
        raise UndoingReasonError
    posted = receipt.posted
    with pghistory.context(operation="funds.undo_receipt", at=at.isoformat()):
        receipt.undone_on, receipt.undone_by_id = on, actor.account_id
        receipt.undone_because = within(reason, LONG, "撤销的理由", "reason")
        receipt.undone_posted = enter(
            Transfer(
                key=f"unrecover:{receipt.pk}",
                kind=Kind.SINGLE,
                debit=posted.credit.code,
                credit=posted.debit.code,
                amount_fen=receipt.amount_fen,
                on=max(on, posted.on_date),
                subject=posted.claim_key,
                document=f"{posted.document} 撤销登记"[:200],
                clause=posted.clause,
                receipt=posted.receipt,
            ),
            recorded_by=actor.account_id,
            at=at,
        )
        receipt.save(update_fields=["undone_on", "undone_by", "undone_because", "undone_posted"])
        if recovery.state == "recovered":
            recovery.state = advance("recovery", recovery.state, "undo_receipt")
            others = Recovery.objects.filter(claim_key=recovery.claim_key, state__in=["proposed", "open"])
            if others.exists():
                raise RecoveryOpenError(recovery.claim_key)
            recovery.save(update_fields=["state"])
    return receipt
