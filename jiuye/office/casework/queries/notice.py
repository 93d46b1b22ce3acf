"""The public notice (公示): what anybody may read while a case is publicised, masked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, QuerySet
from django.db.models.functions import Left

from jiuye.office.casework.models import Case
from jiuye.office.registry.models import Division


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One line of the notice. It names no account, no ID number, no address below the street."""

    number: str
    policy_name: str
    policy_name_en: str
    recipient: str
    division_name: str
    division_name_en: str
    amount_fen: int
    first_day: date
    last_day: date


def publicised_cases(*, on: date, division: str = "") -> QuerySet[Case]:
    """Cases in publicity on that day, the last to begin first."""
    cases = Case.objects.filter(state="publicised", publicity_start__lte=on, publicity_until__gt=on)
    if division:
        cases = cases.filter(division_code__startswith=division)
    return cases.order_by("-publicity_start", "pk")


@dataclass(frozen=True, slots=True)
class NoticeCounty:
    """A county or zone with its number of notices."""

    code: str
    name: str
    name_en: str
    number: int


def counties_with_notices(*, on: date) -> list[NoticeCounty]:
    """The counties that have something to read, in the order of their codes; two queries."""
    rows = (
        publicised_cases(on=on)
        .annotate(county=Left("division_code", 6))
        .values("county")
        .annotate(number=Count("pk"))
        .order_by("county")
    )
    numbers = {row["county"]: row["number"] for row in rows}
    names = _both_names(set(numbers))
    found = []
    for code, number in numbers.items():
        name, name_en = names.get(code, (code, ""))
        found.append(NoticeCounty(code, name, name_en, number))
    return found


def _both_names(codes: set[str]) -> dict[str, tuple[str, str]]:
    rows = Division.objects.filter(pk__in=codes).order_by("pk").values_list("code", "name", "name_en")
    return {code: (name, name_en) for code, name, name_en in rows}


def public_notice(cases: list[Case]) -> list[NoticeRow]:
    """One page of `publicised_cases` as the public reads it, in one query more."""
    names = _both_names({case.division_code[:9] for case in cases})
    return [_row(case, names) for case in cases]


def _row(case: Case, names: dict[str, tuple[str, str]]) -> NoticeRow:
    assert case.publicity_start is not None  # both are held by the filter of publicised_cases
    assert case.publicity_until is not None
    street = case.division_code[:9]
    name, name_en = names.get(street, (street, ""))
    return NoticeRow(
        number=case.number,
        policy_name=case.policy_name,
        policy_name_en=case.policy_name_en,
        recipient=case.masked_recipient,
        division_name=name,
        division_name_en=name_en,
        amount_fen=case.amount_fen,
        first_day=case.publicity_start,
        last_day=case.publicity_until - timedelta(days=1),
    )
