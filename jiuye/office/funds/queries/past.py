"""Where the money of claims stood at a past moment: from the ledger's entries, and from the versions kept of each payment."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from jiuye.office.funds.models import PaymentLine, Reservation
from jiuye.office.funds.queries.payments import ClaimPayment, payment_of_line


def claim_payments_then(claim_keys: Iterable[str], moment: datetime) -> dict[str, ClaimPayment]:
    """Where the money of each of these claims stood at that moment; a claim that had none by then is left out. Two queries.

    For rooms above, which have checked who may ask.
    """
    keys = list(claim_keys)
    found: dict[str, ClaimPayment] = {}
    held = Reservation.objects.filter(claim_key__in=keys, held_by__at__lte=moment)
    for row in held.select_related("finished_by").order_by("pk"):
        ended = row.finished_by is not None and row.finished_by.at <= moment
        state = "released" if row.state == "released" and ended else "reserved"
        found[row.claim_key] = ClaimPayment(row.claim_key, state, row.amount_fen)
    for line in _lines_then(keys, moment):
        if line.claim_key in found and found[line.claim_key].state != "released":
            found[line.claim_key] = payment_of_line(line)
    return found


def _lines_then(keys: list[str], moment: datetime) -> list[Any]:
    """The payments made for these claims by then, in order, each as it then was."""
    versions = PaymentLine.pgh_event_model.objects.filter(claim_key__in=keys)
    then: dict[int, Any] = {}
    for kept in versions.select_related("batch", "pgh_context").defer("payee_account").order_by("pgh_id"):
        if _kept_at(kept) <= moment:
            then[kept.pgh_obj_id] = kept
    return [then[key] for key in sorted(then)]


def _kept_at(kept: Any) -> datetime:
    """When a version of a payment came about: with its batch, then as whoever changed it said."""
    if kept.pgh_label == "insert":
        made: datetime = kept.batch.made_at
        return made
    said = kept.pgh_context.metadata.get("at") if kept.pgh_context is not None else None
    return datetime.fromisoformat(said) if said else kept.pgh_created_at
