"""The page of a campaign before and after it is released."""

# ruff: noqa: F811 (fixtures by name)

from __future__ import annotations

import pytest

from jiuye.office.campaigns import operations
from tests.office.casework.conftest import DAY, at, make_entitlement, make_person
from tests.portals.counting import Walk, client_of
from tests.portals.desk.conftest import (  # noqa: F401 (the fixtures are used by name)
    _office,
    _pack,
    caseworker,
    divisions,
    reviewer,
    rules,
)

pytestmark = pytest.mark.django_db
PAGES = frozenset({"desk:campaign"})


def test_the_page_of_a_campaign_holds_to_fifteen(caseworker, reviewer):
    for number in range(40):
        person = make_person(f"人{number}", number=f"321002197803060{number:03d}")
        make_entitlement(person, policy_id="unemployment-benefit")
    made = operations.prepare(actor=caseworker, policy_id="unemployment-benefit", on=DAY, at=at(DAY))
    walk, both = Walk(), {"caseworker": client_of(caseworker), "reviewer": client_of(reviewer)}
    walk.open(both, "desk:campaign", made.pk)
    operations.release(actor=caseworker, campaign_id=made.pk, on=DAY, at=at(DAY))
    walk.open({f"{who} (released)": one for who, one in both.items()}, "desk:campaign", made.pk)
    walk.hold(PAGES)
