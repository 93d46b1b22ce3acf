"""Questions about batches, lines, and what became of a claim's money."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from jiuye.office.funds.models import LedgerTransfer, PaymentBatch, PaymentLine, Reservation
from jiuye.office.funds.queries.unbooked import paid_by_bank
from jiuye.office.funds.scoping import require_over
from jiuye.office.funds.states import BACK_LINE_STATES, TRANSITIONS
from jiuye.office.staff.queries import Actor, NotPermittedError, require

NOT_SENT = ("draft", "approved")


@dataclass(frozen=True, slots=True)
class ClaimPayment:
    """Where the money of one claim stands.

    `state` is that of its latest line (pending, sent, paid, rejected, returned, reissued, discarded), or `reserved`, `released`.
    """

    claim_key: str
    state: str
    amount_fen: int
    batch_number: str = ""
    paid_on: date | None = None
    rejection_reason: str = ""


def batches(*, actor: Actor, state: str = "", fund: str = "") -> QuerySet[PaymentBatch]:
    """Batches, newest first, each with `line_count`, `total_fen`, `paid_count`, `rejected_count`.

    Raises NotPermittedError.
    """
    require(actor, "funds.see")
    found = PaymentBatch.objects.select_related("fund", "made_by", "approved_by")
    if state:
        found = found.filter(state=state)
    if fund:
        found = found.filter(fund__code=fund)
    return found.annotate(
        line_count=Count("lines"),
        total_fen=Sum("lines__amount_fen"),
        paid_count=Count("lines", filter=Q(lines__state="paid")),
        rejected_count=Count("lines", filter=Q(lines__state__in=[*BACK_LINE_STATES, "reissued"])),
    ).order_by("-pk")


def batch_lines(*, actor: Actor, batch: PaymentBatch) -> QuerySet[PaymentLine]:
    """The lines of a batch in the order in which they go to the bank. Raises NotPermittedError."""
    require(actor, "funds.see")
    return batch.lines.select_related("posted", "replaces__batch", "replaced_by__batch").order_by("pk")


def batch_acts(*, actor: Actor, batch: PaymentBatch) -> list[tuple[str, str]]:
    """What this actor may do with the batch now, as (operation, name on a button).

    The maker is not offered the approval; sending and sending again are one operation. What the bank has paid is not discarded, so that
    nobody is offered it of a batch that takes such payments over.
    """
    not_now = {"approve"} if batch.made_by_id == actor.account_id else set()
    if is_taken_over(batch):
        not_now.add("discard")
    operations = {
        "approve": "approve_batch",
        "discard": "discard_batch",
        "begin_sending": "send_batch",
        "record_receipt": "send_batch",
        "settle": "settle_batch",
    }
    return [
        (operations[row.act], row.button)
        for row in TRANSITIONS
        if row.thing == "batch"
        and row.act in operations
        and batch.state in row.sources
        and may_over(actor=actor, permission=row.permission, batch=batch)
        and row.act not in not_now
    ]


def is_taken_over(batch: PaymentBatch) -> bool:
    """True of a batch that has not gone out yet and under whose number the bank has paid already."""
    return batch.state in NOT_SENT and paid_by_bank(batch.number)


def may_over(*, actor: Actor, permission: str, batch: PaymentBatch) -> bool:
    """Whether the actor may do so with all that the batch pays; somebody of a county sees of a city's batch only the lines of theirs."""
    try:
        require_over(actor, permission, batch)
    except NotPermittedError:
        return False
    return True


def unfinished_batches() -> QuerySet[PaymentBatch]:
    """Batches that were given to the bank, or perhaps were, and have not got all their answers; oldest first."""
    return PaymentBatch.objects.filter(state__in=["sending", "sent"]).select_related("fund").order_by("pk")


def rejected_lines(*, actor: Actor) -> QuerySet[PaymentLine]:
    """Lines that the bank sent back and nobody has corrected, oldest first. Raises NotPermittedError."""
    require(actor, "funds.see")
    return (
        PaymentLine.objects.filter(state__in=BACK_LINE_STATES)
        .select_related("batch__fund")
        .order_by("answered_on", "pk")
    )


def claim_payments(claim_keys: Iterable[str]) -> dict[str, ClaimPayment]:
    """Where the money of each of these claims stands; a claim that never had any is left out.

    For casework, which lies above and pulls the bank's answers; it has checked who may ask.
    """
    keys = list(claim_keys)
    found: dict[str, ClaimPayment] = {}
    for reservation in Reservation.objects.filter(claim_key__in=keys).order_by("pk"):
        state = "released" if reservation.state == "released" else "reserved"
        found[reservation.claim_key] = ClaimPayment(reservation.claim_key, state, reservation.amount_fen)
    lines = PaymentLine.objects.filter(claim_key__in=keys).select_related("batch").order_by("pk")
    for line in lines.defer("payee_account"):
        if found[line.claim_key].state == "released":
            continue
        found[line.claim_key] = payment_of_line(line)
    return found


def payment_of_line(line: Any) -> ClaimPayment:
    """What a line says of its claim's money: the line as it is, or one of its versions."""
    return ClaimPayment(
        claim_key=line.claim_key,
        state=line.state,
        amount_fen=line.amount_fen,
        batch_number=line.batch.number,
        paid_on=line.answered_on if line.state == "paid" else None,
        rejection_reason=line.rejection_reason if line.state in BACK_LINE_STATES else "",
    )


def claim_transfers(*, actor: Actor, claim_key: str) -> QuerySet[LedgerTransfer]:
    """Every entry of the ledger for one claim, in the order in which it was made. Raises NotPermittedError."""
    require(actor, "funds.see")
    return (
        LedgerTransfer.objects.filter(claim_key=claim_key)
        .select_related("debit", "credit", "recorded_by", "pending")
        .order_by("pk")
    )


def paid_lines(*, start: date, until: date) -> QuerySet[PaymentLine]:
    """Lines that the bank paid on a day from `start` up to, not including, `until`: what indicators count.

    The account stays sealed and unread.
    """
    return (
        PaymentLine.objects.filter(state="paid", answered_on__gte=start, answered_on__lt=until)
        .select_related("batch__fund")
        .defer("payee_account")
        .order_by("answered_on", "pk")
    )
