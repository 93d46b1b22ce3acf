"""One small city, its staff, and people to put into it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import count
from typing import Any

import pytest

from jiuye.engine.basis.identity import check_character
from jiuye.office.registry.models import Division, Employer, Person
from jiuye.office.registry.secrets import blind_index
from jiuye.office.staff.models import Account
from jiuye.office.staff.operations import place_in_post
from jiuye.office.staff.queries import Actor, actor_for

TODAY = date(2024, 7, 1)
NOW = datetime(2024, 7, 1, 9, 30, tzinfo=UTC)

DIVISIONS = [
    ("3210", "扬州市", "city", None),
    ("321002", "广陵区", "county", "3210"),
    ("321003", "邗江区", "county", "3210"),
    ("321002001", "东关街道", "street", "321002"),
    ("321002002", "汶河街道", "street", "321002"),
    ("321003001", "瘦西湖街道", "street", "321003"),
    ("321002001001", "琼花观社区", "village", "321002001"),
    ("321002001002", "新民社区", "village", "321002001"),
    ("321002002001", "皇宫社区", "village", "321002002"),
    ("321003001001", "新民社区", "village", "321003001"),
]


def id_number(birth: str = "19900102", sequence: int = 123, division: str = "321002") -> str:
    """A valid number; an odd sequence is a man's."""
    first = f"{division}{birth}{sequence:03}"
    return first + check_character(first)


def credit_code(serial: int = 1, authority: str = "321002", kind: str = "91") -> str:
    """A valid unified social credit code."""
    from stdnum.cn import uscc

    first = f"{kind}{authority}MA{serial:07}"
    return first + uscc.calc_check_digit(first)


@pytest.fixture
def city(db) -> dict[str, Division]:
    for code, name, kind, parent in DIVISIONS:
        Division.objects.create(
            code=code, name=name, kind=kind, parent_id=parent, urban=code != "321003001001"
        )
    return {division.code: division for division in Division.objects.order_by("code")}


_serial = count(1)


def officer(role: str, division_code: str, name: str = "李经办") -> Actor:
    account = Account.objects.create_account(
        username=f"officer{next(_serial)}", display_name=name, password="demo", kind="officer"
    )
    place_in_post(account=account, role=role, division_code=division_code, start=date(2023, 1, 1), until=None)
    return actor_for(account, on=TODAY)


@pytest.fixture
def caseworker(city) -> Actor:
    """May do everything to registry records of 广陵区, and nothing elsewhere."""
    return officer("caseworker", "321002")


@pytest.fixture
def city_caseworker(city) -> Actor:
    return officer("caseworker", "3210", "王市级")


@pytest.fixture
def make_person(city):
    serial = count(1)

    def make(name: str = "张秀兰", **changes: Any) -> Person:
        number = changes.pop("id_number", None) or id_number("19770305", 2 * next(serial))
        phone = changes.pop("phone", "")
        values = {
            "sex": "female",
            "birth_date": date(1977, 3, 5),
            "residence_division_id": "321002001001",
            "source": "测试",
            "registered_on": date(2023, 1, 1),
            **changes,
        }
        return Person.objects.create(
            name=name,
            id_number=number,
            id_number_index=blind_index(number),
            phone=phone,
            phone_index=blind_index(phone) if phone else None,
            **values,
        )

    return make


@pytest.fixture
def make_employer(city):
    serial = count(500)

    def make(name: str = "扬州琼花食品有限公司", **changes: Any) -> Employer:
        values = {"kind": "enterprise", "division_id": "321002", "source": "测试", **changes}
        return Employer.objects.create(
            name=name, credit_code=values.pop("credit_code", credit_code(next(serial))), **values
        )

    return make


@pytest.fixture(autouse=True)
def files_of_this_test(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
