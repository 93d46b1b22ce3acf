"""A community in 广陵区, the officers of its station, street and county, and residents who ask for something."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from jiuye.office.registry.models import Division, Person
from jiuye.office.registry.secrets import blind_index
from jiuye.office.staff.models import Account, Post
from jiuye.office.staff.queries import Actor, actor_for

DAY = date(2024, 6, 11)  # a Tuesday
VILLAGE = "321002001001"
ELSEWHERE = "321003001001"


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _pack(settings, pack_dir, tmp_path):
    settings.PACK = pack_dir
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def divisions(db):
    rows = [
        ("3210", "扬州市", "city", None),
        ("321002", "广陵区", "county", "3210"),
        ("321003", "邗江区", "county", "3210"),
        ("321002001", "东关街道", "street", "321002"),
        ("321003001", "邗上街道", "street", "321003"),
        (VILLAGE, "琼花观社区", "village", "321002001"),
        (ELSEWHERE, "兰庄社区", "village", "321003001"),
    ]
    for code, name, kind, parent in rows:
        Division.objects.create(code=code, name=name, kind=kind, parent_id=parent)


def make_person(name: str, *, number: str, village: str = VILLAGE, **more) -> Person:
    return Person.objects.create(
        **{
            "name": name,
            "sex": "female",
            "birth_date": date(1978, 3, 5),
            "id_number": number,
            "id_number_index": blind_index(number),
            "phone": "13800000000",
            "residence_division_id": village,
            "source": "测试登记",
            "registered_on": date(2023, 1, 1),
            **more,
        }
    )


def officer(name: str, role: str, division: str) -> Actor:
    account = Account.objects.create(username=name, display_name=name, kind="officer")
    Post.objects.create(account=account, role=role, division_code=division, start=date(2023, 1, 1))
    return actor_for(account, on=DAY)


def resident(person: Person) -> Actor:
    account = Account.objects.create(
        username=f"p{person.pk}", display_name=person.name, kind="resident", subject_key=str(person.pk)
    )
    return actor_for(account, on=DAY)


@pytest.fixture
def person(divisions) -> Person:
    return make_person("张秀兰", number="321002197803050029")


@pytest.fixture
def me(person) -> Actor:
    return resident(person)


@pytest.fixture
def station(divisions) -> Actor:
    return officer("社区协理员", "caseworker", VILLAGE)


@pytest.fixture
def street(divisions) -> Actor:
    return officer("街道经办", "caseworker", "321002001")


@pytest.fixture
def reviewer(divisions) -> Actor:
    return officer("区审核", "reviewer", "321002")


@pytest.fixture
def approver(divisions) -> Actor:
    return officer("区审批", "approver", "321002")
