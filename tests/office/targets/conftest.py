"""Two counties with a few people, firms and officers; situations are built by the functions of `people.py`."""

from __future__ import annotations

from datetime import date

import pytest

from jiuye.office.staff.models import Account, Post
from jiuye.office.staff.queries import Actor, actor_for
from jiuye.office.targets.rooms import plan_room
from tests.office.places import make_divisions

TODAY = date(2025, 9, 15)


@pytest.fixture(autouse=True)
def _pack(settings, pack_dir):
    settings.PACK = pack_dir


@pytest.fixture
def room(pack_dir):
    return plan_room(pack_dir)


@pytest.fixture
def divisions(db) -> None:
    make_divisions()


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
