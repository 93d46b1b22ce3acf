"""What the bank had paid and sends back later (退汇): the entry is taken back, the money is reserved again, the claim is paid anew.

Nothing is edited: the posting stays with a reversal beside it, the reservation that was spent ends as returned, and another one
holds the same amount of the same budget until the payee was corrected and the claim is paid again, or given up.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext

from jiuye.engine.ledger import Kind, Transfer
from jiuye.exchange.bank import LineResult, Outcome
from jiuye.office.funds.documents import holding_document, posting_document
from jiuye.office.funds.models import LedgerTransfer, PaymentLine, Reservation
from jiuye.office.funds.operations.entering import enter_all
from jiuye.office.funds.queries.reconciling import claimed_back
from jiuye.office.funds.refusals import FundsRefusal
from jiuye.office.funds.states import advance


class ReturnClaimedBackError(FundsRefusal):
    """The money is asked back from whoever received it, or came back that way: it is not taken back a second time."""

    def __init__(self, line_key: str) -> None:
        super().__init__(
            gettext(
                "付款“%(line)s”到账后又被银行退回，而这笔钱正在追回或已追回，不能再冲回一次；"
                "还没有还款的，请先不予追回或撤回那项追回，再读入回盘；已经还款的，请与银行核对后处理多退的一笔。"
            )
            % {"line": line_key}
        )


def is_return(line: PaymentLine, result: LineResult) -> bool:
    """True where the bank takes back what it had paid."""
    return line.state == "paid" and result.outcome is Outcome.REJECTED


@transaction.atomic(durable=True)
def record_returns(
    lines: Sequence[PaymentLine],
    results: dict[str, LineResult],
    *,
    recorded_by: int,
    on: date,
    at: datetime,
) -> None:
    """Take back these paid lines, all or none; one that was taken back meanwhile is passed over. Raises ReturnClaimedBackError."""
    # The reservations are held first: whoever claims a payment back holds them as well, so that only one of the two happens.
    locked_reservations = {
        row.pk: row
        for row in Reservation.objects.select_for_update(of=["self"])
        .filter(lines__in=[line.pk for line in lines], state="spent")
        .select_related("held_by__debit", "held_by__credit")
        .order_by("pk")
    }
    locked = list(
        PaymentLine.objects.select_for_update(of=["self"])
        .filter(pk__in=[line.pk for line in lines], state="paid", reservation__in=locked_reservations)
        .select_related("posted")
        .order_by("pk")
    )
    asked_back = claimed_back([line.claim_key for line in locked])
    for line in locked:
        if line.claim_key in asked_back:
            raise ReturnClaimedBackError(line.line_key)
    counts = _reservation_counts([line.claim_key for line in locked])
    transfers = [
        transfer
        for line in locked
        for transfer in _entries(line, locked_reservations[line.reservation_id], counts[line.claim_key], on)
    ]
    entries = enter_all(transfers, recorded_by=recorded_by, at=at)
    fresh = []
    for position, line in enumerate(locked):
        reversal, holding = entries[2 * position : 2 * position + 2]
        result, spent = results[line.line_key], locked_reservations[line.reservation_id]
        line.state = advance("line", line.state, "return")
        line.returned_on = result.on or on
        line.reversed_by = reversal
        line.rejection_code = result.code
        line.rejection_reason = (result.reason or result.code or gettext("银行未说明原因"))[:200]
        spent.state = advance("reservation", spent.state, "return")
        fresh.append(_held_again(spent, holding, on))
    Reservation.objects.bulk_update(locked_reservations.values(), ["state"])
    Reservation.objects.bulk_create(fresh)
    PaymentLine.objects.bulk_update(
        locked, ["state", "returned_on", "reversed_by", "rejection_code", "rejection_reason"]
    )


def _entries(line: PaymentLine, spent: Reservation, reservations: int, on: date) -> tuple[Transfer, Transfer]:
    """The posting taken back, and the same amount held again."""
    posted, held = line.posted, spent.held_by
    assert posted is not None  # held by the constraint line_paid_iff_posted
    day = max(on, posted.on_date)
    document = f"{posting_document(line.line_key)} 到账后退回"
    reversal = Transfer(
        key=f"reverse:{posted.key}",
        kind=Kind.REVERSE,
        debit=held.debit.code,
        credit=held.credit.code,
        amount_fen=held.amount_fen,
        on=day,
        pending_key=posted.key,
        subject=held.claim_key,
        document=document,
        clause=held.clause,
        receipt=held.receipt,
    )
    holding = Transfer(
        key=f"reserve:{held.claim_key}#{reservations + 1}",
        kind=Kind.PENDING,
        debit=held.debit.code,
        credit=held.credit.code,
        amount_fen=held.amount_fen,
        on=day,
        subject=held.claim_key,
        document=holding_document(spent.county_code),
        clause=held.clause,
        receipt=held.receipt,
    )
    return reversal, holding


def _held_again(spent: Reservation, holding: LedgerTransfer, on: date) -> Reservation:
    return Reservation(
        claim_key=spent.claim_key,
        budget_id=spent.budget_id,
        county_code=spent.county_code,
        amount_fen=spent.amount_fen,
        reserved_on=on,
        held_by=holding,
    )


def _reservation_counts(claim_keys: Sequence[str]) -> dict[str, int]:
    """How many reservations each claim has had: the next one is numbered after them."""
    counts: dict[str, int] = {}
    keys = Reservation.objects.filter(claim_key__in=claim_keys).order_by("pk")
    for key in keys.values_list("claim_key", flat=True):
        counts[key] = counts.get(key, 0) + 1
    return counts
