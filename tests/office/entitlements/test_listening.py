"""A changed fact decides the person again, in the very transaction that changed it."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import transaction

from jiuye.office.registry import operations
from jiuye.office.registry.models import Status
from tests.office.casework.conftest import (  # noqa: F401 (the fixtures are asked for by name)
    DAY,
    _pack,
    at,
    caseworker,
    divisions,
    make_entitlement,
    person,
)


@pytest.fixture
def stale(person):  # noqa: F811
    """A decision that the register does not bear out: she has no status, no work and no contributions on record."""
    return make_entitlement(
        person,
        policy_id="flexible-employment-insurance-subsidy",
        period_start=date(2025, 6, 1),
        period_until=date(2025, 7, 1),
    )


def register(caseworker, person) -> Status:  # noqa: F811
    return operations.add_status(
        actor=caseworker,
        person=person,
        kind="veteran",
        start=date(2024, 1, 1),
        source="退役军人事务局",
        on=DAY,
        at=at(DAY),
    )


def test_a_new_status_decides_the_person_again_at_once(caseworker, person, stale):  # noqa: F811
    register(caseworker, person)
    stale.refresh_from_db()
    assert stale.verdict != "yes"
    assert stale.amount_fen is None
    assert stale.decided_on == DAY


def test_a_change_that_is_taken_back_takes_its_decision_back(caseworker, person, stale):  # noqa: F811
    with transaction.atomic():
        register(caseworker, person)
        transaction.set_rollback(True)
    stale.refresh_from_db()
    assert stale.verdict == "yes"
