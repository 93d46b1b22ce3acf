"""What each sees in the header."""

from __future__ import annotations

import pytest

from jiuye.office.staff.queries import Actor
from jiuye.office.staff.roles import OFFICES
from jiuye.portals.common.navigation import (
    Entry,
    Portal,
    ShownGroup,
    entries_for,
    in_groups,
    landing_for,
    portal_at,
    portals_of,
)

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


def test_entries_of_one_group_lie_under_its_word_where_the_first_of_them_stands():
    portal = Portal(
        name="台",
        prefix="/",
        permission="desk.open",
        entries=(
            Entry("首页", "landing", "desk.open", exact=True),
            Entry("登录", "login", "desk.open", group="进出"),
            Entry("账号", "account", "desk.open"),
            Entry("退出", "logout", "desk.open", group="进出"),
            Entry("付款", "set_display", "funds.pay", group="资金"),
        ),
    )
    first, together, account = in_groups(entries_for(portal, CASEWORKER, "/login/"))
    assert [first.label, account.label] == ["首页", "账号"]
    assert isinstance(together, ShownGroup)
    assert (together.label, together.current) == ("进出", True)
    assert [entry.label for entry in together.entries] == ["登录", "退出"]
    # Alone in its group an entry stands for itself: nobody opens a word to find one thing under it.
    assert [one.label for one in in_groups(entries_for(portal, CASHIER, "/"))] == [
        "首页",
        "进出",
        "账号",
        "付款",
    ]


@pytest.mark.parametrize("role", OFFICES)
def test_nobodys_desk_offers_more_than_fits_on_one_line_and_each_entry_is_there_once(role):
    actor = Actor(1, "甲", "officer", "", ((role, "3210", ""),))
    desk = portal_at("/desk/")
    entries = entries_for(desk, actor, "/desk/")
    shown = in_groups(entries)
    assert len(shown) <= 7
    inside = [entry for one in shown for entry in (one.entries if isinstance(one, ShownGroup) else (one,))]
    assert sorted(entry.url for entry in inside) == sorted(entry.url for entry in entries)


def test_each_lands_in_the_first_portal_that_they_may_open():
    assert landing_for(CASEWORKER) == "/desk/"
    assert landing_for(NOBODY) is None
    assert [one.prefix for one in portals_of(CASEWORKER)] == ["/desk/", "/board/"]


def test_a_path_belongs_to_the_portal_that_it_lies_in():
    found = portal_at("/desk/cases/1/")
    assert found is not None
    assert found.density == "dense"
    assert portal_at("/login/") is None
