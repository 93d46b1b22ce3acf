"""The signatures under an approval: who signed, how many the amount takes, and who could still sign."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from jiuye.office.casework.models import Case, CaseEvent, Signature
from jiuye.office.casework.procedures import LEVEL_DIGITS, level_of, role_of, signatures_needed
from jiuye.office.casework.states import NOT_TO_APPROVE
from jiuye.office.staff.queries import posts_in_force

SIGNED_STATES = ("publicised", "approved", "in_payment", "payment_rejected", "paid")
MOST_NAMED = 8  # of those who could still sign


@dataclass(frozen=True, slots=True)
class Signing:
    """The signatures under the approval: who signed, how many the amount takes, and who could still sign."""

    signed: list[str]
    needed: int
    may_sign: list[str]

    @property
    def awaited(self) -> int:
        return max(self.needed - len(self.signed), 0)


def signed_in_round(*, case: Any, round: Any, account: Any) -> QuerySet[Signature]:
    """That account's signature under the approval of that case in that round. Each of the three is a value or an `OuterRef`."""
    return Signature.objects.filter(case_id=case, round=round, signed_by_id=account)


def kept_from_signing(case: Case, timeline: Iterable[CaseEvent]) -> set[int | None]:
    """The accounts of those who do not approve the case, of whose timeline these are the events: whoever spoke for it, accepted or reviewed it."""
    return {case.accepted_by_id, case.reviewed_by_id} | {
        event.actor_id for event in timeline if event.act in NOT_TO_APPROVE
    }


def signing_of(
    case: Case, timeline: Iterable[CaseEvent], *, on: date, until: datetime | None = None
) -> Signing | None:
    """The signatures of the present round; whoever could still sign is named where signatures are awaited."""
    if case.state not in SIGNED_STATES:
        return None
    rows = [
        row
        for row in case.signatures.filter(round=case.signing_round).order_by("ordinal")
        if until is None or row.at <= until
    ]
    needed = rows[-1].needed if rows else signatures_needed(case, case.amount_fen)
    others: list[str] = []
    if case.state == "publicised" and len(rows) < needed:
        taken = {*kept_from_signing(case, timeline), *(row.signed_by_id for row in rows)}
        role, digits = role_of(case, "approve"), LEVEL_DIGITS[level_of(case, "approve")]
        others = [name for key, name in _holders(role, case.division_code, digits, on) if key not in taken]
    return Signing([row.signed_by_name for row in rows], needed, others[:MOST_NAMED])


def _holders(role: str, division_code: str, digits: int, on: date) -> list[tuple[int, str]]:
    """(key, name) of everybody whose post of that role covers the division, at that level or above, on the day."""
    prefixes = [division_code[:length] for length in range(1, min(digits, len(division_code)) + 1)]
    posts = posts_in_force(on=on).filter(role=role, division_code__in=["", *prefixes])
    rows = posts.order_by("account_id").values_list("account_id", "account__display_name").distinct()
    return list(rows)
