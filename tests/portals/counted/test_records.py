"""The records behind a figure of the board, more of them than one page holds."""

from __future__ import annotations

import pytest

from tests.office.targets.people import GUANGLING, firm, person, works
from tests.portals.board.conftest import _office, officer  # noqa: F401 (fixtures by name)
from tests.portals.counting import Walk

pytestmark = pytest.mark.django_db
PAGES = frozenset({"board:records"})


def test_the_records_behind_a_figure_hold_to_fifteen(officer):  # noqa: F811
    employer = firm(lies_in=GUANGLING)
    for index in range(51):
        works(person(f"赵{index}"), "2025-03-01", at=employer)
    walk, who = Walk(), {"leader": officer("leader", "321002"), "city_office": officer("city_office")}
    walk.open(who, "board:records", indicator_id="urban-new-employment", asking="?part=hired")
    walk.hold(PAGES)
