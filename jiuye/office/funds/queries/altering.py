"""Is a payment batch still what was made, reserved and approved? Asked before it is approved and sent, and of every batch by the proof."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from django.utils.translation import gettext

from jiuye.engine.basis.money import yuan_text
from jiuye.office.funds.chain import batch_digest, line_digest
from jiuye.office.funds.models import PaymentBatch, PaymentLine
from jiuye.office.registry.secrets import blind_index


def alterations_of(batch: PaymentBatch, lines: Sequence[PaymentLine]) -> Iterator[str]:
    """A sentence for each thing in which the batch is not what it was when it was made and approved.

    `lines` are all lines of the batch in their order, with the reservation and its entry (`lines_to_pay`).
    """
    altered = False
    for line in lines:
        for sentence in _line_alterations(line, batch):
            altered = True
            yield sentence
    approved = batch.approved_digest or batch.state not in ("draft", "discarded")
    if (
        approved
        and not altered
        and batch.approved_digest != batch_digest(batch, [line.digest for line in lines])
    ):
        yield gettext("批次 %(batch)s 的摘要、区划、复核人或明细的笔数、次序与复核时不同，可能被改动。") % {
            "batch": batch.number
        }


def line_faults() -> list[str]:
    """A sentence for every line, paid or not, that does not agree with its reservation, its batch or its entry.

    Reads every line, and of those not paid yet the account too: for the night, not for a page.
    """
    rows = (
        PaymentLine.objects.select_related("batch", "reservation__held_by", "posted", "reversed_by")
        .defer("payee_account")
        .order_by("batch_id", "pk")
    )
    faults: list[str] = []
    for _, group in groupby(rows.iterator(chunk_size=2000), key=lambda row: row.batch_id):
        lines = list(group)
        faults += alterations_of(lines[0].batch, lines)
        faults += [sentence for line in lines for sentence in _posting_faults(line)]
    for line in PaymentLine.objects.filter(state__in=["pending", "sent"]).order_by("pk").iterator():
        if bytes(line.payee_account_index) != blind_index(line.payee_account):
            faults.append(
                gettext("付款“%(line)s”的收款账号与制单时不同，可能被改动。") % {"line": line.line_key}
            )
    return faults


def _line_alterations(line: PaymentLine, batch: PaymentBatch) -> Iterator[str]:
    held = line.reservation
    if (line.claim_key, line.amount_fen) != (held.claim_key, held.amount_fen) or (
        line.claim_key,
        line.amount_fen,
    ) != (held.held_by.claim_key, held.held_by.amount_fen):
        yield gettext(
            "付款“%(line)s”写的是“%(claim)s” %(amount)s 元，审批时预留的是“%(held)s” %(reserved)s 元，可能被改动。"
        ) % {
            "line": line.line_key,
            "claim": line.claim_key,
            "amount": yuan_text(line.amount_fen),
            "held": held.held_by.claim_key,
            "reserved": yuan_text(held.held_by.amount_fen),
        }
    elif line.digest != line_digest(line, batch.number):
        yield gettext("付款“%(line)s”的收款户名、账号、开户行或付款键与制单时不同，可能被改动。") % {
            "line": line.line_key
        }


def _posting_faults(line: PaymentLine) -> Iterator[str]:
    entry, back = line.posted, line.reversed_by
    if line.state not in ("paid", "returned") and entry is None and back is None:
        return
    if (
        entry is None
        or (entry.amount_fen, entry.claim_key) != (line.amount_fen, line.claim_key)
        or line.reservation.finished_by_id != line.posted_id
        or (line.state == "paid") != (back is None)
        or (back is not None and back.pending_id != line.posted_id)
    ):
        yield gettext("已付款的明细“%(line)s”与它的记账不符。") % {"line": line.line_key}
