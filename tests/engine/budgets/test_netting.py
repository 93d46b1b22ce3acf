"""Two benefits that cannot be drawn together are one in a year's projection: the one that the rules would pay, reckoned here by hand."""

from __future__ import annotations

from datetime import date
from itertools import permutations
from pathlib import Path

import duckdb
import pytest

from jiuye.engine.basis.dates import Interval
from jiuye.engine.budgets.netting import Netted
from jiuye.engine.budgets.projecting import project
from jiuye.engine.rules.exclusions import Claim, gives_way, settle
from jiuye.engine.rules.pack import load_pack

FACTS = """
enums:
  shore: {north: 北岸, south: 南岸}
entities:
  islander:
    name: 岛民
    name_en: islander
    facts:
      shore: {type: enum, enum: shore, name: 海岸, register: 岛志, ask: 您在哪一岸？}
      poor: {type: boolean, name: 贫, register: 岛志, ask: 您家贫吗？}
      rent: {type: money, name: 房租, register: 账房, ask: 房租多少？}
      rents_from: {type: date, name: 起租日, register: 账房, ask: 哪天起租？}
  seat:
    name: 船位
    name_en: seat
    relations:
      rower: {to: islander, name: 划手}
    facts:
      taken: {type: date, name: 上船日, register: 岛志, ask: 哪天上船？}
"""
POLICY = """
id: {id}
name: {id}
name_en: {id}
for: islander
{per}period: {period}
in_force: {{from: 2000-01-01}}
claim: confirm
sources:
  charter: {{document: 岛约, clause: "7", date: 1999-12-01}}
conditions:
  - id: only
    law: 岛约
    source: charter
    says: 符合岛约
    test: {test}
amount: {amount}
excludes: [{excludes}]
cases: []
"""
POLICIES = {
    "bread": {"period": "month", "test": "poor", "amount": "yuan(300)"},
    "rent": {
        "period": "month",
        "test": "rents_from <= on",
        "amount": "rent",
        "excludes": "{policy: bread, keep: higher, law: 就高}, {policy: seat, keep: other, law: 有船位的不再补房租}",
    },
    "seat": {
        "per": "per: seat\nrecipient: rower\n",
        "period": "once",
        "test": "taken <= on",
        "amount": "yuan(1000)",
    },
}
NEVER = date(2099, 1, 1)
LONG_AGO = date(2020, 1, 1)


@pytest.fixture
def island(tmp_path: Path) -> Path:
    """Six islanders: who has what, from when."""
    (tmp_path / "pack" / "policies").mkdir(parents=True)
    (tmp_path / "pack" / "facts.yaml").write_text(FACTS, encoding="utf-8")
    for name, parts in POLICIES.items():
        text = POLICY.format(**{"id": name, "per": "", "excludes": ""} | parts)
        (tmp_path / "pack" / "policies" / f"{name}.yaml").write_text(text, encoding="utf-8")
    rows = [
        (1, "north", True, 500_00, LONG_AGO),  # rent is more than bread: rent stays
        (2, "north", True, 200_00, LONG_AGO),  # bread is more
        (3, "south", True, 0, NEVER),  # bread alone
        (4, "south", True, 400_00, date(2026, 7, 1)),  # bread until rent begins
        (5, "south", False, 500_00, LONG_AGO),  # draws rent when the seat comes: the seat is too late
        (6, "north", False, 500_00, date(2026, 2, 1)),  # has had a seat when rent begins: rent falls away
    ]
    data = tmp_path / "data"
    data.mkdir()
    with duckdb.connect() as duck:
        duck.execute("CREATE TABLE i (id BIGINT, shore VARCHAR, poor BOOLEAN, rent BIGINT, rents_from DATE)")
        duck.executemany("INSERT INTO i VALUES (?, ?, ?, ?, ?)", rows)
        duck.execute(f"COPY i TO '{data / 'islander.parquet'}' (FORMAT parquet)")
        duck.execute("CREATE TABLE s (id BIGINT, rower_id BIGINT, taken DATE)")
        # The numbers of seats are numbers of islanders too: a seat is about its rower, not about whoever has its number.
        seats = [(3, 5, date(2026, 4, 1)), (4, 6, date(2025, 12, 1))]
        duck.executemany("INSERT INTO s VALUES (?, ?, ?)", seats)
        duck.execute(f"COPY s TO '{data / 'seat.parquet'}' (FORMAT parquet)")
    return tmp_path


def projected(island: Path, whose: dict[str, str]):
    pack, problems = load_pack(island / "pack")
    assert not [one for one in problems.errors if one.code != "no-cases"], problems.errors
    return project(
        pack,
        island / "data",
        island / "work",
        on=date(2025, 11, 15),
        year=2026,
        policies=sorted(POLICIES),
        places={"islander": "shore"},
        whose=whose,
    )


def test_of_two_that_exclude_each_other_one_is_counted_for_a_person_and_a_month(island):
    found = projected(island, {"islander": "", "seat": "rower"})
    sums = {
        (row.policy, row.county): (sum(count for count, _ in row.months), sum(fen for _, fen in row.months))
        for row in found.rows
    }
    assert sums == {
        ("bread", "north"): (12, 12 * 300_00),  # the second islander
        ("bread", "south"): (12 + 6, 18 * 300_00),  # the third all year, the fourth until June
        ("rent", "north"): (12, 12 * 500_00),  # the first
        ("rent", "south"): (6 + 12, 6 * 400_00 + 12 * 500_00),  # the fourth from July, the fifth all year
        ("seat", "north"): (0, 0),
    }
    waiting = {(row.policy, row.county): row.waiting_fen for row in found.rows if row.waiting}
    assert waiting == {("seat", "north"): 1_000_00}  # of December, before the year begins
    assert found.netted == (
        Netted("bread", "rent", "north", 1, 12, 12 * 300_00),
        Netted("bread", "rent", "south", 1, 6, 6 * 300_00),
        Netted("rent", "bread", "north", 1, 12, 12 * 200_00),
        Netted("rent", "seat", "north", 1, 11, 11 * 500_00),
        Netted("seat", "rent", "south", 1, 1, 1_000_00),
    )


def test_without_knowing_whom_a_seat_is_about_it_excludes_nothing(island):
    found = projected(island, {"islander": ""})
    assert {(row.policy, row.instead) for row in found.netted} == {("bread", "rent"), ("rent", "bread")}


JUNE = Interval(date(2026, 6, 1), date(2026, 7, 1))
JULY = Interval(date(2026, 7, 1), date(2026, 8, 1))


def test_a_claim_gives_way_only_to_one_that_stays_itself_whatever_the_order():
    first, second, third = Claim("a", 1, 300, JUNE), Claim("b", 1, 200, JUNE), Claim("c", 1, 100, JUNE)
    apart = {"a": {"b": "higher"}, "b": {"a": "higher", "c": "higher"}, "c": {"b": "higher"}}
    for order in permutations((first, second, third)):
        assert settle(order, apart) == {
            second: first
        }  # the third would give way to the second, which is not paid


def test_other_months_and_what_was_drawn_already_are_kept_apart():
    apart = {"a": {"b": "higher"}, "b": {"a": "higher"}}
    assert settle([Claim("a", 1, 300, JUNE), Claim("b", 1, 200, JULY)], apart) == {}
    dear, drawn = Claim("a", 1, 300, JUNE), Claim("b", 1, 200, JUNE, drawn=True)
    assert settle([dear, drawn], apart) == {dear: drawn}


def test_a_circle_of_rules_leaves_one_and_equal_amounts_leave_the_first():
    claims = [Claim(name, 1, 100, JUNE) for name in "abc"]
    circle = {
        "a": {"b": "other", "c": "this"},
        "b": {"c": "other", "a": "this"},
        "c": {"a": "other", "b": "this"},
    }
    assert len(settle(claims, circle)) == 2
    even = {"a": {"b": "higher"}, "b": {"a": "higher"}}
    assert settle(claims[:2], even) == {claims[1]: claims[0]}


@pytest.mark.parametrize(
    ("keep", "ours", "theirs", "drawn", "first", "gives"),
    [
        ("this", 1, 9, False, True, False),
        ("this", 1, 9, True, True, True),
        ("other", 9, 1, False, False, True),
        ("higher", 5, 5, False, True, True),
        ("higher", 5, 5, False, False, False),
        ("higher", 6, 5, False, True, False),
    ],
)
def test_which_of_two_gives_way(keep, ours, theirs, drawn, first, gives):
    found = gives_way(keep, ours_fen=ours, theirs_fen=theirs, theirs_drawn=drawn, theirs_first=first)
    assert found is gives
