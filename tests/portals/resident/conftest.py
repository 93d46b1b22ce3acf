"""Somebody who has just graduated, signed in to her own pages."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.test import Client

from jiuye.office.registry.models import Person
from jiuye.office.registry.secrets import blind_index
from jiuye.office.staff.models import Account
from tests.office.places import VILLAGE, make_divisions

NUMBER = "321002200108050028"


@pytest.fixture
def her_pack(pack_dir) -> Path:
    """The pack by which her pages speak; a test that changes it puts a copy in its place."""
    return pack_dir


@pytest.fixture
def her(db, settings, her_pack) -> Client:
    settings.PACK, settings.OFFICE_DATE = her_pack, "2024-06-11"
    make_divisions()
    person = Person.objects.create(
        name="王小禾", sex="female", birth_date=date(2001, 8, 5), id_number=NUMBER,
        id_number_index=blind_index(NUMBER), residence_division_id=VILLAGE, source="测试登记",
        registered_on=date(2023, 1, 1),
    )  # fmt: skip
    account = Account.objects.create_account(
        username="her", display_name="王小禾", password="demo", kind="resident", subject_key=str(person.pk)
    )
    client = Client()
    client.force_login(account)
    return client
