"""The street of the casework tests, with officers logged in at the desk."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from jiuye.office.casework.packrules import PackRules
from jiuye.office.staff.models import Account
from jiuye.office.staff.queries import Actor
from tests.office.casework.conftest import (  # noqa: F401 (the fixtures are used by name)
    DAY,
    _pack,
    approver,
    bank,
    budget,
    caseworker,
    cashier,
    divisions,
    employer,
    entitlement,
    other_reviewer,
    owner,
    person,
    reviewer,
    rules,
    second_cashier,
)


@pytest.fixture(autouse=True)
def _office(settings, rules, monkeypatch, tmp_path):  # noqa: F811 (a fixture by name)
    """The office works on the tests' day, decides by the tests' rules, and pays through a bank of its own."""
    settings.OFFICE_DATE = DAY.isoformat()
    settings.BANK_FOLDER = tmp_path
    monkeypatch.setattr(PackRules, "terms", lambda self, policy_id: rules.terms(policy_id))
    monkeypatch.setattr(PackRules, "explain", lambda self, found, on: rules.explain(found, on=on))
    monkeypatch.setattr(
        PackRules, "decide_again", lambda self, found, on, at: rules.decide_again(found, on=on, at=at)
    )


@pytest.fixture
def desk_of() -> Callable[[Actor], Client]:
    """A client logged in as that actor."""

    def make(actor: Actor) -> Client:
        client = Client()
        client.force_login(Account.objects.get(pk=actor.account_id))
        return client

    return make
