"""A community in 广陵区, the officers of its station, street and county, and residents who ask for something."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from jiuye.office.registry.models import Person
from jiuye.office.registry.secrets import blind_index
from jiuye.office.staff.models import Account, Post
from jiuye.office.staff.queries import Actor, actor_for
from tests.office.places import VILLAGE, make_divisions

DAY = date(2024, 6, 11)  # a Tuesday


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _pack(settings, pack_dir, tmp_path):
    settings.PACK = pack_dir
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def divisions(db):
    make_divisions()


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
def other_reviewer(divisions) -> Actor:
    """Who took no step in the matter."""
    return officer("区另一审核", "reviewer", "321002")


@pytest.fixture
def approver(divisions) -> Actor:
    return officer("区审批", "approver", "321002")
