"""Accounts of every kind, and the compiled catalogue, for the tests of the portals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from jiuye.office.staff.models import Account
from jiuye.office.staff.operations import place_in_post
from tests.portals.small_city import small_city, taken_back  # noqa: F401 (fixtures by name)


@pytest.fixture
def account_of(db) -> Callable[[str], Account]:
    """An account by role: resident, employer, or an officer who holds that post over the whole city."""

    def make(role: str) -> Account:
        if role in ("resident", "employer"):
            return Account.objects.create_account(
                username=role, display_name="张秀兰", password="demo", kind=role, subject_key="1"
            )
        account = Account.objects.create_account(
            username=role, display_name="李敏", password="demo", kind="officer"
        )
        place_in_post(
            account=account,
            role=role,
            division_code="3210",
            start=date(2023, 1, 1),
            until=None,
            department="",
        )
        return account

    return make


@pytest.fixture
def client_of(account_of) -> Callable[[str], Client]:
    """A client that is logged in as somebody of that role."""

    def make(role: str) -> Client:
        client = Client()
        client.force_login(account_of(role))
        return client

    return make
