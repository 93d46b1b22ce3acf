"""A city in the small, a system of the disabled persons' federation with its key, and a resident it speaks of."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from datetime import UTC, date, datetime

import pytest
from django.test import Client

from jiuye.engine.registers import load_registers
from jiuye.office.partners.operations import issue_key
from jiuye.office.registry.models import Person
from jiuye.office.staff.models import Account, Post
from jiuye.office.staff.queries import Actor, actor_for
from tests.office.matters.conftest import make_person
from tests.office.places import OTHER_VILLAGE, make_divisions

DAY = date(2024, 6, 11)
AT = datetime(2024, 6, 11, 2, 0, tzinfo=UTC)
NUMBER, FAR_NUMBER = "321002197803050029", "321003198001010025"


@pytest.fixture(autouse=True)
def _office(settings, pack_dir, tmp_path):
    settings.PACK = pack_dir
    settings.OFFICE_DATE = DAY.isoformat()
    settings.MEDIA_ROOT = tmp_path


def account(username: str, role: str, division: str = "3210") -> Account:
    made = Account.objects.create(username=username, display_name=username, kind="officer")
    Post.objects.create(account=made, role=role, division_code=division, start=date(2023, 1, 1))
    return made


@pytest.fixture
def city(db) -> None:
    make_divisions()


@pytest.fixture
def person(city) -> Person:
    return make_person("张秀兰", number=NUMBER)


@pytest.fixture
def far_person(city) -> Person:
    return make_person("李建国", number=FAR_NUMBER, village=OTHER_VILLAGE)


@pytest.fixture
def administrator(city) -> Actor:
    return actor_for(account("管理员", "administrator"), on=DAY)


@pytest.fixture
def key_for(administrator, pack_dir) -> Callable[..., tuple]:
    """(the key, its secret) of a new system, with its post over the city or over another division; it delivers every register, or some."""

    def make(username: str = "残联系统", division: str = "3210", registers: Collection[str] | None = None):
        every = load_registers(pack_dir / "registers.yaml")[0]
        return issue_key(
            actor=administrator, account=account(username, "partner_system", division), purpose="数据共享协议〔2024〕1号",
            start=date(2024, 1, 1), until=date(2025, 1, 1), registers=every if registers is None else registers,
        )  # fmt: skip

    return make


class Caller:
    """A system that calls with its key."""

    def __init__(self, secret: str) -> None:
        self.client, self.headers = Client(), {"Authorization": f"Bearer {secret}"}

    def get(self, path: str, **headers: str):
        return self.client.get(f"/api/v1{path}", headers={**self.headers, **headers})

    def post(self, path: str, body, **headers: str):
        return self.client.post(
            f"/api/v1{path}",
            data=body if isinstance(body, bytes) else json.dumps(body),
            content_type="application/json",
            headers={**self.headers, **headers},
        )


@pytest.fixture
def system(key_for) -> Caller:
    return Caller(key_for()[1])
