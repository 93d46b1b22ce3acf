"""The community of the matters' tests: its officers and residents, and a registration that somebody handed in."""

import pytest

from jiuye.office.matters.models import Matter
from tests.office.matters.conftest import _pack, approver, divisions, me, person, reviewer, station  # noqa: F401
from tests.office.matters.test_registering import hand_in


@pytest.fixture
def matter(person, me) -> Matter:  # noqa: F811
    return hand_in(person, me)
