"""What a claim's key stands for, as people name it: the case or the loan that was paid, with its number."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from jiuye.office.casework.models import Case
from jiuye.office.ventures.models import (
    COMPENSATION_KEY,
    INTEREST_KEY,
    TOP_UP_KEY,
    InterestSubsidy,
    Loan,
    LoanTopUp,
)

CASE_KEY = "case:"


@dataclass(frozen=True, slots=True)
class ClaimName:
    """`kind`: case, interest, compensation or topup; `number` as people quote it, empty where the reader may not see it; `pk` of the case,
    or of the loan."""

    kind: str
    number: str
    pk: int


def claim_names(keys: Iterable[str]) -> dict[str, ClaimName]:
    """By its key, what each claim is about; a key that is none of ours is left out. One query for each kind that occurs."""
    found: dict[str, ClaimName] = {}
    wanted = set(keys)
    if cases := _serials(wanted, CASE_KEY):
        rows = Case.objects.filter(pk__in=cases.values()).only("division_code", "confirmed_on").order_by("pk")
        known = {row.pk: (row.number, row.pk) for row in rows}
        found |= _named("case", cases, known)
    if interest := _serials(wanted, INTEREST_KEY):
        subsidies = (
            InterestSubsidy.objects.filter(pk__in=interest.values()).select_related("loan").order_by("pk")
        )
        found |= _named("interest", interest, {row.pk: (row.loan.number, row.loan_id) for row in subsidies})
    if compensated := _serials(wanted, COMPENSATION_KEY):
        loans = Loan.objects.filter(pk__in=compensated.values()).order_by("pk")
        found |= _named("compensation", compensated, {row.pk: (row.number, row.pk) for row in loans})
    if further := _serials(wanted, TOP_UP_KEY):
        top_ups = LoanTopUp.every.filter(pk__in=further.values()).select_related("loan").order_by("pk")
        found |= _named("topup", further, {row.pk: (row.loan.number, row.loan_id) for row in top_ups})
    return found


def _serials(keys: Iterable[str], beginning: str) -> dict[str, int]:
    """The number at the end of every key that begins so."""
    ours = {key: key.removeprefix(beginning) for key in keys if key.startswith(beginning)}
    return {key: int(serial) for key, serial in ours.items() if serial.isdecimal()}


def _named(kind: str, serials: dict[str, int], known: dict[int, tuple[str, int]]) -> dict[str, ClaimName]:
    return {key: ClaimName(kind, *known.get(serial, ("", 0))) for key, serial in serials.items()}
