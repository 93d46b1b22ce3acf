"""Boundary cases that nobody had to think of: below, at and above every comparison, on both sides of every date."""

from __future__ import annotations

from datetime import date

import pytest

from jiuye.engine.rules.boundaries import boundaries, day_boundaries
from jiuye.engine.rules.decide import Decider
from jiuye.engine.rules.pack import Pack, load_pack, require_pack
from tests.engine.rules.workshop import TITHE

TAX = "policies/monthly-tithe.yaml"


@pytest.fixture(scope="module")
def tithe() -> Pack:
    return require_pack(TITHE)


def drafted(old: str, new: str) -> Pack:
    text = (TITHE / TAX).read_text(encoding="utf-8")
    assert text.count(old) == 1
    pack, problems = load_pack(TITHE, {TAX: text.replace(old, new)})
    assert not problems.errors, problems.errors[0].render()
    return pack


def shown(pack: Pack, clause: str, policy: str = "monthly-tithe") -> list[tuple[str, str, str, int | None]]:
    return [
        (row.path, row.shown, row.clause_verdict, row.amount_fen)
        for row in boundaries(pack, pack.policies[policy])
        if row.clause.id == clause
    ]


def test_an_age_is_found_behind_its_birth_date_to_the_day(tithe):
    # On 20 May 2016 whoever was born on 20 May 2000 turns sixteen.
    assert shown(tithe, "grown") == [
        ("birth_date", "2000-05-19", "yes", 37500),
        ("birth_date", "2000-05-20", "yes", 37500),
        ("birth_date", "2000-05-21", "no", None),
    ]


def test_the_case_in_between_is_the_one_where_both_sides_are_equal():
    pack = drafted("test: age >= 16", "test: wage > yuan(5000)")
    assert shown(pack, "grown") == [
        ("wage", "4,999.99 元", "no", None),
        ("wage", "5,000.00 元", "no", None),
        ("wage", "5,000.01 元", "yes", 17500),
    ]
    pack = drafted("test: age >= 16", "test: wage >= yuan(5000)")
    assert [(row[1], row[2]) for row in shown(pack, "grown")] == [
        ("4,999.99 元", "no"),
        ("5,000.00 元", "yes"),
        ("5,000.01 元", "yes"),
    ]


def test_a_month_a_ratio_and_a_yes_or_no_are_moved_one_step_too():
    pack = require_pack(TITHE)
    assert [(row[1], row[2]) for row in shown(pack, "here-a-year")] == [
        ("2015-04", "yes"),
        ("2015-05", "yes"),
        ("2015-06", "no"),
    ]
    skilled = drafted("test: age >= 16", "test: skill == 0.5")
    assert shown(skilled, "grown") == []  # no case says anything of it, so that there is nothing to move
    flag = drafted("test: age >= 16", "test: exempt == False")
    assert [(row[1], row[2]) for row in shown(flag, "grown")] == [("是", "no"), ("否", "yes")]


def test_an_equality_turns_on_either_side(tithe):
    pack = drafted("test: age >= 16", "test: wage == yuan(7000)")
    assert [(row[1], row[2]) for row in shown(pack, "grown")] == [
        ("6,999.99 元", "no"),
        ("7,000.00 元", "yes"),
        ("7,000.01 元", "no"),
    ]


def test_finding_them_changes_no_case_and_needs_no_turn(tithe):
    before = Decider(tithe)
    first = boundaries(tithe, tithe.policies["monthly-tithe"])
    assert boundaries(tithe, tithe.policies["monthly-tithe"]) == first
    assert before.pack is tithe
    always = drafted("test: age >= 16", "test: wage >= yuan(0) or wage < yuan(0)")
    assert {row[2] for row in shown(always, "grown")} == {"yes"}


def test_both_sides_of_every_date_are_shown_with_what_changes(tithe):
    found = day_boundaries(tithe, tithe.policies["firewood-gift"])
    told = [(row.day, row.verdict) for row in found if row.first in (date(2000, 1, 1), date(2021, 1, 1))]
    assert told == [
        (date(1999, 12, 31), "no"),
        (date(2000, 1, 1), "yes"),
        (date(2020, 12, 31), "yes"),
        (date(2021, 1, 1), "no"),
    ]
    # From 2012 nothing is on file for the southern shore: the case that changes by it is the one that is shown.
    south = [row for row in found if row.first == date(2012, 1, 1)]
    assert [(row.verdict, row.case) for row in south] == [
        ("yes", "南岸的标准没有查到"),
        ("unknown", "南岸的标准没有查到"),
    ]
    assert "每灶柴钱" in south[0].what


def test_every_policy_of_the_city_has_boundary_cases_that_turn(pack_dir):
    pack = require_pack(pack_dir)
    without = []
    for policy in pack.policies.values():
        rows = boundaries(pack, policy)
        assert len(rows) < 400
        if not any(row.turns for row in rows):
            without.append(policy.id)
    assert without == []
