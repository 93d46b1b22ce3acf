"""The community of the matters' tests: its officers and residents, and a registration that somebody handed in."""

import pytest

from jiuye.office.matters.models import Matter
from jiuye.office.staff.queries import Actor
from tests.office.matters.conftest import (  # noqa: F401
    VILLAGE,
    _pack,
    approver,
    divisions,
    me,
    officer,
    person,
    reviewer,
    station,
)
from tests.office.matters.test_registering import hand_in


@pytest.fixture
def matter(person, me) -> Matter:  # noqa: F811
    return hand_in(person, me)


@pytest.fixture
def second(divisions) -> Actor:  # noqa: F811
    """Another officer of the community's own office."""
    return officer("协理员乙", "caseworker", VILLAGE)
