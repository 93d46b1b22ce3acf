"""Each fixed story shows what it was written for, under the pack's rules, on the city's own day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytest_django.plugin import DjangoDbBlocker

from jiuye.city.laying import lay_city
from jiuye.city.records import City
from jiuye.office.entitlements.models import Entitlement
from jiuye.office.entitlements.operations import redecide_employer, redecide_person

pytestmark = pytest.mark.django_db
AT = datetime(2025, 9, 15, 9, tzinfo=UTC)

# story, policy, verdict, the clause that fails alone, amount in fen where the verdict is yes and the sum is plain
PEOPLE = [
    # 4,952 yuan × (20% + 9%) × 50%
    ("zhangxiulan", "flexible-employment-insurance-subsidy", "yes", "", 71804),
    ("sunyufang", "flexible-employment-insurance-subsidy", "near_miss", "flexible-registered", None),
    # 50% of 6,800 yuan, limited to the minimum wage of 2,490 yuan
    ("zhaozhiqiang", "unemployment-benefit", "yes", "", 249000),
    ("wangjianguo", "skill-upgrade-subsidy", "yes", "", 200000),
    # 1,500 yuan and 30% for a shortage occupation
    ("shenji", "skill-upgrade-subsidy", "yes", "", 195000),
    ("huangjiaming", "unemployment-benefit", "unknown", "", None),
]
EMPLOYERS = [
    ("hengda", "job-retention-rebate", "yes"),
    # Which share of the minimum wage Yangzhou has paid since 2023 is not on file.
    ("hongyuan", "traineeship-subsidy", "unknown"),
    ("xinda", "apprenticeship-subsidy", "yes"),
    ("kangle", "public-welfare-post-subsidy", "yes"),
    ("lianchuang", "job-expansion-grant", "yes"),
    ("lianchuang", "graduate-insurance-subsidy", "yes"),
]


@pytest.fixture(scope="module")
def city(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[City]:
    """One city for all stories, taken back at the end."""
    from django.db import transaction

    pack = Path(__file__).resolve().parents[2] / "plans" / "yangzhou-2023-2025"
    with django_db_blocker.unblock(), transaction.atomic():
        yield lay_city(pack=pack, size=1000, progress=lambda what, count: None)
        transaction.set_rollback(True)


@pytest.mark.parametrize(("key", "policy", "verdict", "clause", "amount_fen"), PEOPLE)
def test_the_story_of_a_person_is_decided_as_it_was_written(
    city: City, key: str, policy: str, verdict: str, clause: str, amount_fen: int | None
) -> None:
    person = city.people[key]
    redecide_person(person_id=person.pk, on=city.on, at=AT)
    decided = Entitlement.objects.get(person_id=person.pk, policy_id=policy)
    assert (decided.verdict, decided.failing_clause, decided.amount_fen) == (verdict, clause, amount_fen)


@pytest.mark.parametrize(("key", "policy", "verdict"), EMPLOYERS)
def test_the_story_of_an_employer_is_decided_as_it_was_written(
    city: City, key: str, policy: str, verdict: str
) -> None:
    firm = city.employers[key]
    redecide_employer(employer_id=firm.pk, on=city.on, at=AT)
    found = Entitlement.objects.filter(employer_id=firm.pk, policy_id=policy, verdict=verdict)
    assert found.exists()
    assert all((decided.amount_fen is not None) == (verdict == "yes") for decided in found.order_by("pk"))


def test_the_second_child_gives_half_and_the_third_four_fifths_of_six_months_premiums(city: City) -> None:
    firm = city.employers["hengda"]
    redecide_employer(employer_id=firm.pk, on=city.on, at=AT)
    paid = Entitlement.objects.filter(
        employer=firm.pk, policy_id="maternity-insurance-subsidy", verdict="yes"
    )
    # The employer's share is 24.7% of the wage: 6,200 × 24.7% × 6 × 50% and 8,300 × 24.7% × 6 × 80%.
    assert sorted(paid.values_list("amount_fen", flat=True)) == [459420, 984048]


def test_the_missing_birth_date_is_what_the_unknown_verdict_asks_for(city: City) -> None:
    person = city.people["huangjiaming"]
    redecide_person(person_id=person.pk, on=city.on, at=AT)
    decided = Entitlement.objects.get(person_id=person.pk, policy_id="unemployment-benefit")
    assert any("birth_date" in missing or "age" in missing for missing in decided.missing_facts), (
        decided.missing_facts
    )
