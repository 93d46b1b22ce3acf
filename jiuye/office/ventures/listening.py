"""What casework tells of: the bank's answers were taken, so that interest that was paid goes on record in the same moment."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.dispatch import receiver

from jiuye.office.casework.authorities import require_no_relative
from jiuye.office.casework.findings import Finding
from jiuye.office.casework.lost import PossibleClaim
from jiuye.office.casework.signals import (
    about_to_decide,
    about_to_send,
    about_to_take_over,
    about_to_waive,
    claim_moved,
    looking_for_claims,
    lost_payment_assigned,
    results_taken,
)
from jiuye.office.funds.models import Recovery, UnbookedPayment
from jiuye.office.funds.operations import Claim
from jiuye.office.funds.signals import file_handed_out
from jiuye.office.staff.queries import Actor
from jiuye.office.ventures.models import INTEREST_KEY as INTEREST
from jiuye.office.ventures.models import InterestSubsidy
from jiuye.office.ventures.operations.claiming import note_claim, require_may_waive
from jiuye.office.ventures.operations.claims import borrower_of, claims_to_take_over, interest_possibly_paid
from jiuye.office.ventures.operations.drawing import record_paid_interest, take_back_returned_interest
from jiuye.office.ventures.operations.examining import note_lost_payment
from jiuye.office.ventures.operations.looking import look_before_sending
from jiuye.office.ventures.operations.reminding import tell_compensations_paid


@receiver(results_taken)
def interest_was_paid(sender: Any, *, on: date, at: datetime, **_: Any) -> None:
    """Record what the bank paid for loans, take from the record what it sent back since, and tell whoever owes the fund now."""
    take_back_returned_interest(on=on, at=at)
    record_paid_interest(on=on, at=at)
    tell_compensations_paid(on=on, at=at)


@receiver(about_to_send)
def interest_is_about_to_go(
    sender: Any, *, keys: list[str], actor: Actor, on: date, at: datetime, **_: Any
) -> list[tuple[str, list[Finding]]]:
    """Look again at the borrowers whose interest is in the batch. A compensation pays the bank itself, whose account stands on the loan."""
    return look_before_sending(keys, actor=actor, on=on, at=at)


@receiver(about_to_take_over)
def loans_that_the_bank_paid(sender: Any, *, keys: list[str], **_: Any) -> list[Claim]:
    """Whom the claims on loans pay, which the bank paid and a restore lost."""
    return claims_to_take_over(keys)


@receiver(looking_for_claims)
def quarters_that_were_perhaps_paid(
    sender: Any, *, rows: list[UnbookedPayment], **_: Any
) -> list[tuple[int, PossibleClaim]]:
    """Quarters of interest that lost payments may have been."""
    return interest_possibly_paid(rows)


@receiver(lost_payment_assigned)
def lost_payment_is_a_quarters(
    sender: Any,
    *,
    claim_key: str,
    details: dict[str, Any],
    note: str,
    actor: Actor,
    on: date,
    at: datetime,
    **_: Any,
) -> None:
    """The loan keeps that the bank paid a quarter of it in the lost time."""
    note_lost_payment(claim_key=claim_key, details=details, note=note, actor=actor, on=on, at=at)


@receiver(claim_moved)
def claim_on_a_loan_moved(
    sender: Any,
    *,
    recovery: Recovery,
    act: str,
    amount_fen: int,
    note: str,
    actor: Actor,
    on: date,
    at: datetime,
    **_: Any,
) -> None:
    """The loan's own record follows the claim."""
    note_claim(recovery=recovery, act=act, amount_fen=amount_fen, note=note, actor=actor, on=on, at=at)


@receiver(about_to_waive)
def claim_on_a_loan_is_given_up(sender: Any, *, claim_key: str, actor: Actor, **_: Any) -> None:
    """Not by whoever granted what was paid."""
    require_may_waive(claim_key=claim_key, actor=actor)


@receiver(about_to_decide)
def claim_on_a_loan_is_decided(sender: Any, *, claim_key: str, actor: Actor, **_: Any) -> None:
    """Not by a relative of the borrower."""
    require_no_relative(borrower_of(claim_key), actor)


@receiver(file_handed_out)
def borrowers_in_a_file(sender: Any, *, keys: list[str], **_: Any) -> list[tuple[str, str]]:
    """Whose interest the file pays. A compensation pays the bank, whose account it shows."""
    numbers = [int(key.removeprefix(INTEREST)) for key in keys if key.startswith(INTEREST)]
    rows = InterestSubsidy.objects.filter(pk__in=numbers).order_by("pk")
    found = rows.values_list("loan__person_id", "loan__employer_id")
    return [
        ("person", str(person)) if person is not None else ("employer", str(employer))
        for person, employer in found
    ]
