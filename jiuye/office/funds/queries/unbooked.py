"""Questions about what the bank paid and is not on record here."""

from __future__ import annotations

from collections.abc import Container, Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet

from jiuye.exchange.bank import LineResult, Outcome
from jiuye.exchange.bank.file_format import Answer
from jiuye.office.funds.models import PaymentBatch, PaymentLine, UnbookedPayment
from jiuye.office.staff.queries import Actor, require
from jiuye.office.staff.row_rules import CITY_DIGITS


def unbooked_lines(answer: Answer) -> list[LineResult]:
    """The lines that the file says are paid and that are no lines of ours: all of a batch that is not on file, strangers in one that is."""
    keys = [line.line_key for line in answer.lines]
    ours = PaymentLine.objects.filter(line_key__in=keys, batch__number=answer.batch_key).order_by("pk")
    known = set(ours.values_list("line_key", flat=True))
    return [line for line in answer.lines if line.outcome is Outcome.PAID and line.line_key not in known]


def open_unbooked() -> QuerySet[UnbookedPayment]:
    """What is neither taken over (a line of ours with its key is posted under the bank's number) nor closed; by the bank's batch, then as
    found. A line of the same key in another batch was paid besides: what the bank paid first stays open until it is cleared up."""
    posted = PaymentLine.objects.filter(
        line_key=OuterRef("line_key"), batch__number=OuterRef("batch_number"), posted__isnull=False
    )
    return (
        UnbookedPayment.objects.filter(~Exists(posted), closed_on__isnull=True)
        .select_related("closing_proposed_by", "assigned_by")
        .order_by("batch_number", "pk")
    )


def open_unbooked_to(account_index: bytes | None, amount_fen: int, beginning: str) -> list[UnbookedPayment]:
    """Open ones of claims with this beginning that went to the account; of those whose recipient is unknown, those of the amount."""
    to = Q(payee_index__isnull=True, amount_fen=amount_fen)
    if account_index is not None:
        to |= Q(payee_index=account_index)
    return list(open_unbooked().filter(to, claim_key__startswith=beginning))


def unbooked_payments(*, actor: Actor) -> QuerySet[UnbookedPayment]:
    """The same for somebody of the city: whose county a payment lies in is not known before it is cleared up. Raises NotPermittedError."""
    require(actor, "funds.see")
    whole = any(len(scope) <= CITY_DIGITS for scope in actor.scopes("funds.see"))
    return open_unbooked() if whole else UnbookedPayment.objects.none()


def barring(claim_keys: Iterable[str], *, number: str = "") -> dict[str, UnbookedPayment]:
    """By claim, the open payment of the bank's that stands in the way of another one; under its own number it stands in no way."""
    found = open_unbooked().filter(claim_key__in=list(claim_keys)).exclude(batch_number=number)
    return {row.claim_key: row for row in found}


def beside_the_taken_over(number: str, ours: Container[str], answers: Iterable[LineResult]) -> set[str]:
    """Of the lines that the bank answers and that are not `ours`, those that a lost batch held besides what is taken over under its number:
    what the bank refused, and what it paid and is written down. They are no lines of ours and stand in no way of those that are.
    """
    strangers = {line.line_key: line.outcome for line in answers if line.line_key not in ours}
    if not strangers:
        return set()
    found = UnbookedPayment.objects.filter(batch_number=number).order_by("pk")
    known = set(found.values_list("line_key", flat=True))
    if not known:
        return set()
    return {key for key, outcome in strangers.items() if key in known or outcome is Outcome.REJECTED}


def taken_over_in(numbers: Iterable[str]) -> dict[str, int]:
    """By the bank's number, the key of the batch under which what it paid is being taken over."""
    batches = PaymentBatch.objects.filter(number__in=list(numbers)).exclude(state="discarded").order_by("pk")
    return dict(batches.values_list("number", "pk"))


def paid_by_bank(number: str) -> bool:
    """True of a batch's number under which the bank paid something that was not on record."""
    return UnbookedPayment.objects.filter(batch_number=number).exists()
