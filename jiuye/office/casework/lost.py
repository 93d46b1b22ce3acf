"""What the bank paid and a restore lost, where the claim that the bank names is on no record: which claim here it may have paid already.

A case that was begun after the backup and paid before the restore is nowhere. Its applicant asks again, and gets a new case; without this
check nothing would stop the second payment.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext

from jiuye.engine.basis.money import yuan_text
from jiuye.office.casework.accounts import account_index
from jiuye.office.casework.findings import Finding
from jiuye.office.casework.models import Case
from jiuye.office.casework.signals import looking_for_claims
from jiuye.office.casework.states import OPEN_STATES, STATE_LABELS
from jiuye.office.funds.models import UnbookedPayment
from jiuye.office.funds.queries.unbooked import open_unbooked_to
from jiuye.office.staff.asked_again import rows_of

CASE_KEY = "case:"
# Before the money goes; what lies in a batch is another payment.
_WAITING = tuple(state for state in OPEN_STATES if state != "in_payment")


@dataclass(frozen=True, slots=True)
class PossibleClaim:
    """A claim here that a lost payment may have paid, in words for whoever chooses."""

    claim_key: str
    words: str


def findings_of_lost(
    beginning: str, on_record: QuerySet[Any], *, serial: int, account: str, amount_fen: int
) -> list[Finding]:
    """What of the lost payments may be this very claim, `beginning` with `serial`; nothing where there is none, as on almost every day.

    `on_record` are the rows whose keys such claims bear. A payment of unknown recipient is held to the amount, which stops strangers of a
    flat amount too, until the payment file says who was paid.
    """
    if not rows_of("lost_payments", (), (), _open_ones):
        return []
    own = f"{beginning}{serial}"
    rows = open_unbooked_to(account_index(account), amount_fen, beginning)
    # Said to be this claim's: funds bars its payment by any other batch, and it may be approved so that the payment can be booked.
    found = [
        Finding("not_paid_and_lost", "lost_payment_is_this", True, _looked(row))
        for row in rows
        if row.claim_key == own != row.banks_claim
    ]
    unclaimed = [row for row in rows if row.claim_key == row.banks_claim != own]
    for row in _nowhere(unclaimed, beginning, on_record):
        if serial_of(row.banks_claim, beginning) < serial:
            finding = "lost_payment_same_account" if row.payee_index is not None else "lost_payment_unknown"
            found.append(Finding("not_paid_and_lost", finding, False, _looked(row)))
    return found


def _open_ones() -> QuerySet[Any]:
    """One that nobody has closed, where there is one: asked of every case, and answered by an empty table on almost every day."""
    return UnbookedPayment.objects.filter(closed_on__isnull=True).order_by("pk").values_list("pk")[:1]


def lost_for_case(account: str, amount_fen: int, case: Case) -> list[Finding]:
    """`findings_of_lost` of a case."""
    every = Case.objects.order_by("pk")
    return findings_of_lost(CASE_KEY, every, serial=case.pk, account=account, amount_fen=amount_fen)


def possible_claims(rows: Sequence[UnbookedPayment]) -> dict[int, list[PossibleClaim]]:
    """By lost payment, the claims here that wait for its amount to its account and were begun after the one that the bank names; none where
    that one is on record, or whom it paid is not known.
    """
    known = [row for row in rows if row.payee_index is not None]
    found: dict[int, list[PossibleClaim]] = defaultdict(list)
    if known:
        for _, answer in looking_for_claims.send(sender=possible_claims, rows=known):
            for key, claim in answer:
                found[key].append(claim)
    cases = _waiting_cases({row.payee_index for row in known if row.banks_claim.startswith(CASE_KEY)})
    for row in _nowhere(known, CASE_KEY, Case.objects.order_by("pk")) if cases else []:
        for case in cases.get((bytes(row.payee_index or b""), row.amount_fen), []):
            if case.pk > serial_of(row.banks_claim, CASE_KEY):
                words = f"{case.number} {case.policy_name}（{gettext(STATE_LABELS[case.state])}）"
                found[row.pk].append(PossibleClaim(case.claim_key, words))
    return dict(found)


def _waiting_cases(accounts: set[Any]) -> dict[tuple[bytes, int], list[Case]]:
    """By account and amount, the cases that wait for money to one of the accounts."""
    found: dict[tuple[bytes, int], list[Case]] = defaultdict(list)
    if accounts:
        waiting = Case.objects.filter(payee_index__in=accounts, state__in=_WAITING)
        for case in waiting.order_by("pk"):
            found[bytes(case.payee_index or b""), case.amount_fen].append(case)
    return found


def _nowhere(
    rows: Sequence[UnbookedPayment], beginning: str, on_record: QuerySet[Any]
) -> list[UnbookedPayment]:
    """Those of this kind whose claim, as the bank names it, is on no record here."""
    serials = {
        row.pk: serial_of(row.banks_claim, beginning) for row in rows if row.banks_claim.startswith(beginning)
    }
    known = set(on_record.filter(pk__in=serials.values()).values_list("pk", flat=True)) if serials else set()
    return [row for row in rows if row.pk in serials and serials[row.pk] not in known]


def serial_of(claim_key: str, beginning: str) -> int:
    """The number behind the beginning; nought, which is nobody's, where a bank's file has something else than a number there."""
    serial = claim_key.removeprefix(beginning)
    return int(serial) if serial.isdecimal() else 0


def _looked(row: UnbookedPayment) -> dict[str, Any]:
    return {
        "batch": row.batch_number,
        "lost": row.banks_claim,
        "amount": yuan_text(row.amount_fen),
        "reference": row.bank_reference or "—",
        "paid_on": str(row.paid_on or "—"),
        "account_ends_in": row.payee_ends_in,
    }
