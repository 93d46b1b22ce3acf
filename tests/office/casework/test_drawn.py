"""What was drawn before is asked by texts that are kept: whichever sides of the period are open, the answer is that of the day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import product

import pytest

from jiuye.office.casework.drawn import drawn_before, drawn_benefit, excluded_benefit
from jiuye.office.casework.models import Case
from jiuye.office.entitlements.models import Benefit, Entitlement
from tests.office.casework.conftest import DAY, make_entitlement, make_person

pytestmark = pytest.mark.django_db

POLICY = "flexible-insurance-subsidy"
SPRING, SUMMER, AUTUMN = date(2025, 4, 1), date(2025, 7, 1), date(2025, 10, 1)
PERIODS = list(product((None, SPRING, SUMMER), (None, SUMMER, AUTUMN)))


@dataclass(frozen=True, slots=True)
class Examined:
    entitlement: Entitlement
    case: Case | None = None
    on: date = DAY


@pytest.fixture
def drawn(divisions) -> Benefit:
    """Drawn for the months from April to June."""
    person = make_person("张秀兰", number="321002197803050029")
    return Benefit.objects.create(
        person=person,
        policy_id=POLICY,
        subject_kind="person",
        subject_key=str(person.pk),
        period_start=SPRING,
        period_until=SUMMER,
        months=3,
        amount_fen=150_000,
        paid_on=date(2025, 7, 20),
        source="登记簿",
    )


def asked(drawn: Benefit, start: date | None, until: date | None, **more) -> Examined:
    made = make_entitlement(drawn.person, period_start=start, period_until=until, **more)
    return Examined(made)


@pytest.mark.parametrize(("start", "until"), [pair for pair in PERIODS if None in pair or pair[0] < pair[1]])
def test_a_benefit_stands_in_the_way_of_every_period_that_shares_a_day_with_it_however_open(
    drawn, start, until
):
    shares = (until is None or until > SPRING) and (start is None or start < SUMMER)
    same = asked(drawn, start, until)
    other = asked(drawn, start, until, policy_id="another-policy")
    for _ in range(2):  # once written down, once as it was kept
        assert (drawn_benefit(same) is not None) is shares
        assert (excluded_benefit(other, [POLICY]) is not None) is shares
    assert drawn_benefit(other) is None


def test_what_another_person_drew_is_nobodys_affair(drawn):
    assert drawn_before(asked(drawn, SUMMER, AUTUMN)) == (1, 3)
    neighbour = make_person("陈桂英", number="321002196001010045")
    theirs = Examined(make_entitlement(neighbour))
    assert drawn_before(theirs) == (0, 0)
    assert drawn_benefit(theirs) is None
