"""The public notice (公示): what anybody may read while a case is publicised, masked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet

from jiuye.office.casework.models import Case
from jiuye.office.casework.queries.found import division_names


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One line of the notice. It names no account, no ID number, no address below the street."""

    number: str
    policy_name: str
    policy_name_en: str
    recipient: str
    division_name: str
    amount_fen: int
    first_day: date
    last_day: date


def publicised_cases(*, on: date, division: str = "") -> QuerySet[Case]:
    """Cases in publicity on that day, the last to begin first."""
    cases = Case.objects.filter(state="publicised", publicity_start__lte=on, publicity_until__gt=on)
    if division:
        cases = cases.filter(division_code__startswith=division)
    return cases.order_by("-publicity_start", "pk")


def public_notice(cases: list[Case]) -> list[NoticeRow]:
    """One page of `publicised_cases` as the public reads it, in one query more."""
    names = division_names({case.division_code[:9] for case in cases})
    return [_row(case, names) for case in cases]


def _row(case: Case, names: dict[str, str]) -> NoticeRow:
    assert case.publicity_start is not None  # both are held by the filter of publicised_cases
    assert case.publicity_until is not None
    street = case.division_code[:9]
    return NoticeRow(
        number=case.number,
        policy_name=case.policy_name,
        policy_name_en=case.policy_name_en,
        recipient=case.masked_recipient,
        division_name=names.get(street, street),
        amount_fen=case.amount_fen,
        first_day=case.publicity_start,
        last_day=case.publicity_until - timedelta(days=1),
    )
