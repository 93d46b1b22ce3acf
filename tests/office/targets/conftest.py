"""Two counties with a few people, firms and officers; situations are built by the functions of `people.py`."""

from __future__ import annotations

from datetime import date

import pytest

from jiuye.office.registry.models import Division
from jiuye.office.staff.models import Account, Post
from jiuye.office.staff.queries import Actor, actor_for
from jiuye.office.targets.rooms import plan_room

TODAY = date(2025, 9, 15)


@pytest.fixture(autouse=True)
def _pack(settings, pack_dir):
    settings.PACK = pack_dir


@pytest.fixture
def room(pack_dir):
    return plan_room(pack_dir)


@pytest.fixture
def divisions(db) -> None:
    rows = [
        ("3210", "扬州市", "city", None),
        ("321002", "广陵区", "county", "3210"),
        ("321003", "邗江区", "county", "3210"),
        ("321002001", "东关街道", "street", "321002"),
        ("321003001", "邗上街道", "street", "321003"),
        ("321002001001", "春晖社区", "village", "321002001"),
        ("321003001001", "新桥社区", "village", "321003001"),
    ]
    for code, name, kind, parent in rows:
        Division.objects.create(code=code, name=name, kind=kind, parent_id=parent)


def make_actor(username: str, *posts: tuple[str, str, str]) -> Actor:
    """An officer with posts (role, division, department), acting today."""
    account = Account.objects.create_account(
        username=username, display_name=username, password="demo", kind="officer"
    )
    for role, division, department in posts:
        Post.objects.create(
            account=account,
            role=role,
            division_code=division,
            department=department,
            start=date(2023, 1, 1),
        )
    return actor_for(account, on=TODAY)


@pytest.fixture
def city_office(divisions) -> Actor:
    return make_actor("city", ("city_office", "3210", ""))


@pytest.fixture
def county_leader(divisions) -> Actor:
    return make_actor("leader", ("leader", "321002", ""))


@pytest.fixture
def bureau(divisions) -> Actor:
    return make_actor("hrss", ("department", "3210", "hrss"))
