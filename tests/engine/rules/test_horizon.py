"""What time alone will change, on its day: about to be, about to end, lost."""

from __future__ import annotations

import random
from datetime import date, timedelta

import duckdb

from jiuye.engine.rules.decide import Decider
from jiuye.engine.rules.horizon import changed_subjects, monthly_looks, prospect_of, timely_clauses
from jiuye.engine.rules.pack import require_pack
from jiuye.engine.rules.rows import Row
from jiuye.engine.rules.sweep import sweep
from tests.engine.rules.populations import Population
from tests.engine.rules.workshop import TITHE, Change, changed_tithe

ON = date(2016, 5, 20)
LOOKS = monthly_looks(ON, 6, 3)


def tithe():
    pack = require_pack(TITHE)
    return Decider(pack), pack.policies["monthly-tithe"]


def islander(**values) -> Row:
    known = {"exempt": False, "birth_date": date(1990, 1, 1), "joined": 2010 * 12, "wage": 7000_00}
    return Row("islander", known | values)


def test_who_comes_of_age_in_four_months_is_about_to_be_entitled_from_the_birthday_on():
    decider, policy = tithe()
    found = prospect_of(decider, policy, islander(birth_date=date(2000, 9, 12)), ON, LOOKS)
    assert (found.kind, found.day, found.clause, found.amount_fen) == (
        "soon",
        date(2016, 9, 12),
        "grown",
        375_00,
    )


def test_what_is_farther_than_the_last_look_is_not_foreseen():
    decider, policy = tithe()
    assert prospect_of(decider, policy, islander(birth_date=date(2000, 11, 21)), ON, LOOKS) is None
    found = prospect_of(decider, policy, islander(birth_date=date(2000, 11, 20)), ON, LOOKS)
    assert found.day == date(2016, 11, 20)


def test_what_time_does_not_turn_has_no_prospect():
    decider, policy = tithe()
    assert prospect_of(decider, policy, islander(exempt=True), ON, LOOKS) is None
    assert prospect_of(decider, policy, islander(), ON, LOOKS) is None


def test_what_cannot_be_told_today_is_not_foreseen():
    decider, policy = tithe()
    row = islander(birth_date=date(2000, 9, 12))
    del row.values["exempt"]
    assert prospect_of(decider, policy, row, ON, LOOKS) is None


def test_a_policy_that_ends_ends_the_entitlement_on_its_last_day(tmp_path):
    change = Change("policies/monthly-tithe.yaml", "{from: 2000-01-01}", "{from: 2000-01-01, to: 2016-08-31}")
    pack = require_pack(changed_tithe(tmp_path, change))
    decider, policy = Decider(pack), pack.policies["monthly-tithe"]
    found = prospect_of(decider, policy, islander(), ON, LOOKS)
    assert (found.kind, found.day, found.clause) == ("ending", date(2016, 9, 1), "")
    assert timely_clauses(pack, policy, LOOKS.window) == 0b111
    lost = prospect_of(decider, policy, islander(), date(2016, 10, 5), monthly_looks(date(2016, 10, 5), 6, 3))
    assert (lost.kind, lost.day, lost.amount_fen) == ("lost", date(2016, 9, 1), 375_00)


def test_only_conditions_that_read_the_day_or_something_dated_are_turned_by_time():
    pack = require_pack(TITHE)
    tenth = pack.policies["monthly-tithe"]
    assert timely_clauses(pack, tenth, LOOKS.window) == 0b110  # grown by the day, a year here by the period
    gift = pack.policies["firewood-gift"]
    assert timely_clauses(pack, gift, LOOKS.window) == 0b10  # children by their age


def test_the_sweep_finds_whom_the_walk_finds(tmp_path):
    """Random islanders: those whose verdict the sweeps see turn have a prospect, and all others of that day have none."""
    pack = require_pack(TITHE)
    decider, policy = Decider(pack), pack.policies["monthly-tithe"]
    random_ = random.Random(5)
    rows = {
        key: islander(
            exempt=random_.random() < 0.2,
            birth_date=date(2000, 5, 20) + timedelta(days=random_.randrange(-200, 300)),
            joined=2015 * 12 + random_.randrange(0, 14),
        )
        for key in range(400)
    }
    columns = tmp_path / "columns"
    columns.mkdir()
    values = [
        (key, row.values["exempt"], row.values["birth_date"], row.values["wage"],
         date(row.values["joined"] // 12, row.values["joined"] % 12 + 1, 1))
        for key, row in rows.items()
    ]  # fmt: skip
    with duckdb.connect() as duck:
        duck.execute("CREATE TABLE t (id BIGINT, exempt BOOLEAN, birth_date DATE, wage BIGINT, joined DATE)")
        duck.executemany("INSERT INTO t VALUES (?, ?, ?, ?, ?)", values)
        duck.execute(f"COPY t TO '{columns / 'islander.parquet'}' (FORMAT parquet)")
    sweep(pack, columns, tmp_path / "verdicts", ON, policies=["monthly-tithe"])
    changed = changed_subjects(
        pack, columns, tmp_path / "verdicts", tmp_path / "ahead", LOOKS, ["monthly-tithe"]
    )["monthly-tithe"]
    foreseen = {key for key, row in rows.items() if prospect_of(decider, policy, row, ON, LOOKS) is not None}
    assert foreseen
    assert foreseen <= set(changed)
    for key in set(changed) - foreseen:  # entitled today, and not yet so behind: nothing to say
        assert decider.decide(policy, rows[key], ON).verdict == "yes"


def test_every_prospect_turns_on_its_day_and_not_on_the_day_before():
    decider, policy = tithe()
    random_ = random.Random(11)
    seen = set()
    for _ in range(300):
        row = islander(
            birth_date=date(2000, 5, 20) + timedelta(days=random_.randrange(-100, 250)),
            joined=2015 * 12 + random_.randrange(0, 14),
        )
        found = prospect_of(decider, policy, row, ON, LOOKS)
        if found is None:
            continue
        seen.add(found.kind)
        before = decider.decide(policy, row, found.day - timedelta(days=1)).verdict
        after = decider.decide(policy, row, found.day).verdict
        assert (before, after) == (("no", "yes") if found.kind == "soon" else ("yes", "no"))
    assert seen == {"soon"}


def test_what_time_cannot_turn_is_left_out_without_losing_a_change(pack_dir):
    pack = require_pack(pack_dir)
    on = date(2025, 9, 15)
    looks = monthly_looks(on, 6, 3)
    decider, rows = Decider(pack), Population(pack, on, 60, seed=11).rows
    found = 0
    for policy in pack.policies.values():
        timely = timely_clauses(pack, policy, looks.window)
        for row in rows[policy.entity]:
            prospect = prospect_of(decider, policy, row, on, looks)
            assert prospect_of(decider, policy, row, on, looks, timely) == prospect
            found += prospect is not None
    assert found > 4
