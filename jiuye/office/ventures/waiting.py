"""What was granted for loans and waits for payment: interest to borrowers, compensations to banks, fund by fund."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Sum, Window
from django.db.models.functions import RowNumber

from jiuye.office.funds.models import PaymentLine, Reservation
from jiuye.office.funds.states import BACK_LINE_STATES, LIVE_LINE_STATES
from jiuye.office.staff.queries import Actor, require, scope_filter
from jiuye.office.ventures.models import COMPENSATION_KEY, INTEREST_KEY, TOP_UP_KEY


@dataclass(frozen=True, slots=True)
class WaitingClaim:
    """One claim on a loan that waits: its key, its amount, and why the bank sent the last payment back, where it did."""

    claim_key: str
    amount_fen: int
    sent_back: str


@dataclass(frozen=True, slots=True)
class WaitingLoans:
    """What waits of one fund: how many claims and how much in all, and those of them that are listed, the oldest first."""

    fund: str
    number: int
    total_fen: int
    claims: tuple[WaitingClaim, ...]


def loans_waiting_by_fund(actor: Actor, *, most: int) -> list[WaitingLoans]:
    """Of each fund at most so many claims on loans that are in no batch; the sums are of all that wait. Raises NotPermittedError."""
    require(actor, "funds.see")
    lines = PaymentLine.objects.filter(claim_key=OuterRef("claim_key"))
    back = lines.filter(state__in=BACK_LINE_STATES).order_by("-pk")
    of_a_loan = Q(claim_key__startswith=INTEREST_KEY) | Q(claim_key__startswith=COMPENSATION_KEY)
    of_a_loan |= Q(claim_key__startswith=TOP_UP_KEY)
    whole: dict[str, Any] = {"partition_by": F("budget__fund__code")}
    found = (
        Reservation.objects.filter(of_a_loan, scope_filter(actor, "funds.see", "county_code"), state="held")
        .filter(~Exists(lines.filter(state__in=LIVE_LINE_STATES)))
        .annotate(
            fund=F("budget__fund__code"),
            sent_back=Subquery(back.values("rejection_reason")[:1]),
            place=Window(RowNumber(), order_by=[F("reserved_on").asc(), F("pk").asc()], **whole),
            number=Window(Count("pk"), **whole),
            total_fen=Window(Sum("amount_fen"), **whole),
        )
        .filter(place__lte=most)
        .order_by("fund", "place")
    )
    groups: dict[str, tuple[int, int, list[WaitingClaim]]] = {}
    for row in found:
        _, _, claims = groups.setdefault(row.fund, (row.number, int(row.total_fen), []))
        claims.append(WaitingClaim(row.claim_key, row.amount_fen, row.sent_back or ""))
    return [
        WaitingLoans(fund, number, total, tuple(claims)) for fund, (number, total, claims) in groups.items()
    ]
