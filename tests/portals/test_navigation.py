"""What each sees in the header."""

from __future__ import annotations

import pytest

from jiuye.office.staff.queries import Actor
from jiuye.portals.common.navigation import Entry, Portal, entries_for, landing_for, portal_at, portals_of

CASEWORKER = Actor(1, "李敏", "officer", "", (("caseworker", "3210", ""),))
CASHIER = Actor(2, "赵丽", "officer", "", (("cashier", "3210", ""),))
NOBODY = Actor(3, "甲", "officer", "", ())


@pytest.fixture
def portal() -> Portal:
    return Portal(
        name="台",
        prefix="/",
        permission="desk.open",
        entries=(
            Entry("首页", "landing", "desk.open", exact=True),
            Entry("登录", "login", "desk.open"),
            Entry("付款", "logout", "funds.pay"),
        ),
    )


def test_an_entry_is_shown_only_to_those_who_may_open_it(portal):
    assert [entry.label for entry in entries_for(portal, CASEWORKER, "/")] == ["首页", "登录"]
    assert [entry.label for entry in entries_for(portal, CASHIER, "/")] == ["首页", "登录", "付款"]


@pytest.mark.parametrize(
    ("path", "current"), [("/", ["首页"]), ("/login/", ["登录"]), ("/login/more/", ["登录"]), ("/x/", [])]
)
def test_the_entry_that_the_page_lies_under_is_the_current_one(portal, path, current):
    assert [entry.label for entry in entries_for(portal, CASEWORKER, path) if entry.current] == current


def test_each_lands_in_the_first_portal_that_they_may_open():
    assert landing_for(CASEWORKER) == "/desk/"
    assert landing_for(NOBODY) is None
    assert [one.prefix for one in portals_of(CASEWORKER)] == ["/desk/", "/board/"]


def test_a_path_belongs_to_the_portal_that_it_lies_in():
    found = portal_at("/desk/cases/1/")
    assert found is not None
    assert found.density == "dense"
    assert portal_at("/login/") is None
