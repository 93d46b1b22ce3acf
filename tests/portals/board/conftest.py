"""A small city with officers, on a fixed day, for the pages of the board."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from jiuye.office.registry.models import Division
from jiuye.office.staff.models import Account
from jiuye.office.staff.operations import place_in_post

TODAY = date(2025, 9, 15)


@pytest.fixture(autouse=True)
def _office(settings, pack_dir, db) -> None:
    settings.PACK = pack_dir
    settings.OFFICE_DATE = TODAY.isoformat()
    rows = [
        ("3210", "扬州市", "Yangzhou", "city", None),
        ("321002", "广陵区", "Guangling District", "county", "3210"),
        ("321003", "邗江区", "Hanjiang District", "county", "3210"),
        ("321002001", "东关街道", "", "street", "321002"),
        ("321003001", "邗上街道", "", "street", "321003"),
        ("321002001001", "春晖社区", "", "village", "321002001"),
        ("321003001001", "新桥社区", "", "village", "321003001"),
    ]
    for code, name, name_en, kind, parent in rows:
        Division.objects.create(code=code, name=name, name_en=name_en, kind=kind, parent_id=parent)


@pytest.fixture
def officer() -> Callable[..., Client]:
    """A client logged in as an officer with one post."""

    def make(role: str, division: str = "3210", department: str = "", language: str = "zh-hans") -> Client:
        account = Account.objects.create_account(
            username=f"{role}-{division}-{department}", display_name="李敏", password="demo", kind="officer"
        )
        place_in_post(
            account=account,
            role=role,
            division_code=division,
            start=date(2023, 1, 1),
            until=None,
            department=department,
        )
        client = Client()
        client.force_login(account)
        client.cookies["django_language"] = language
        return client

    return make
