"""A draft beside today's rules: who gains, who loses, by what, and what it costs, on the island of the tithe pack."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from jiuye.engine.rules.groupings import load_groupings
from jiuye.engine.rules.pack import Pack, load_pack, require_pack
from jiuye.engine.rules.simulate import Draft, changed_policies, simulate
from tests.engine.rules.test_sweeping import laid
from tests.engine.rules.workshop import TITHE, Change, changed_tithe

ON = date(2011, 5, 20)
GIFT, TAX = "policies/firewood-gift.yaml", "policies/monthly-tithe.yaml"
GROUPS = """groups:
  shore: {name: 海岸, name_en: shore, by: {household: shore, islander: household.shore}}
  age: {name: 年龄, name_en: age, by: {islander: "age(birth_date, on)"}, bands: [16, 30]}
"""


@pytest.fixture(scope="module")
def today() -> Pack:
    return require_pack(TITHE)


def drafted(file: str, old: str, new: str, key: str = "draft") -> Draft:
    text = (TITHE / file).read_text(encoding="utf-8")
    assert text.count(old) == 1
    pack, problems = load_pack(TITHE, {file: text.replace(old, new)})
    assert not problems.errors, problems.errors[0].render()
    return Draft(key, pack)


def simulated(today: Pack, tmp_path: Path, *drafts: Draft, **more: Any) -> list[dict[str, Any]]:
    found = simulate(today, drafts, laid(tmp_path), tmp_path / "work", more.pop("on", ON), **more)
    return found.as_dict()["policies"]


def test_who_becomes_entitled_is_counted_under_the_clause_that_let_them_in(today, tmp_path):
    # Of the three households the first has 1,000 yuan and a child; the second 7,000 yuan and one member; the third has nobody.
    draft = drafted(GIFT, "income < yuan(2000)", "income < yuan(9000)")
    (gift,) = simulated(today, tmp_path, draft, months=0)
    assert gift["policy"] == "firewood-gift"
    assert gift["totals"]["before"] == {"yes": 1, "unknown": 0, "no": 2, "amount_fen": 2468}
    assert gift["totals"]["after"] == {"yes": 2, "unknown": 0, "no": 1, "amount_fen": 2468 + 3 * 800}
    assert gift["moves"]["newly"] == {"count": 1, "fen": 2400}
    assert gift["moves"]["same"]["count"] == 2
    assert [(row["id"], row["gain"], row["gain_fen"], row["lose"]) for row in gift["clauses"]] == [
        ("poor", 1, 2400, 0)
    ]


def test_who_loses_it_is_counted_too_and_another_amount_is_no_clause(today, tmp_path):
    stricter = drafted(GIFT, "income < yuan(2000)", "income < yuan(500)", "stricter")
    dearer = drafted(GIFT, "firewood[shore] * hearths", "firewood[shore] * hearths * 2", "dearer")
    gone, more = simulated(today, tmp_path, stricter, dearer, months=0)
    assert (gone["draft"], gone["moves"]["gone"]) == ("stricter", {"count": 1, "fen": -2468})
    assert [(row["id"], row["lose"], row["lose_fen"]) for row in gone["clauses"]] == [("poor", 1, -2468)]
    assert (more["draft"], more["moves"]["more"]) == ("dearer", {"count": 1, "fen": 2468})
    assert [(row["id"], row["gain"]) for row in more["clauses"]] == [("amount", 1)]


def test_of_a_duty_who_comes_to_owe_is_worse_off_and_who_owes_less_is_better_off(today, tmp_path):
    text = (
        (TITHE / GIFT).read_text(encoding="utf-8").replace("for: household", "for: household\neffect: duty")
    )
    wider, _ = load_pack(TITHE, {GIFT: text.replace("income < yuan(2000)", "income < yuan(9000)")})
    dearer, _ = load_pack(
        TITHE, {GIFT: text.replace("firewood[shore] * hearths", "firewood[shore] * hearths * 2")}
    )
    owing, more = simulated(today, tmp_path, Draft("wider", wider), Draft("dearer", dearer), months=0)
    assert owing["effect"] == "duty"
    assert [(row["gain"], row["lose"], row["lose_fen"]) for row in owing["clauses"]] == [(0, 1, -2400)]
    assert [(row["gain"], row["lose"], row["lose_fen"]) for row in more["clauses"]] == [(0, 1, -2468)]


def test_two_clauses_changed_at_once_are_not_laid_at_the_door_of_one(today, tmp_path):
    text = (TITHE / GIFT).read_text(encoding="utf-8")
    text = text.replace("income < yuan(2000)", "income < yuan(1)").replace("children >= 1", "children >= 9")
    pack, problems = load_pack(TITHE, {GIFT: text})
    assert not problems.errors
    (gift,) = simulated(today, tmp_path, Draft("both", pack), months=0)
    assert [(row["id"], row["lose"]) for row in gift["clauses"]] == [("several", 1)]


def test_a_monthly_policy_is_projected_over_the_months_by_the_rules_of_each(today, tmp_path):
    draft = drafted(TAX, "age >= 16", "age >= 30")
    (tax,) = simulated(today, tmp_path, draft, months=4)
    # Islander 10 is 31 and here since 2000; islander 13 turned 16 the day before the draft's day is asked … in May he is 15.
    months = {row["month"]: (row["before"], row["after"]) for row in tax["months"]}
    assert list(months) == ["2011-05", "2011-06", "2011-07", "2011-08"]
    assert months["2011-05"] == (1, 1)
    assert months["2011-06"] == (2, 1)  # he turns 16 on 21 May, and has been here for a year


def test_a_yearly_policy_stands_once_in_the_year(today, tmp_path):
    (gift,) = simulated(today, tmp_path, drafted(GIFT, "income < yuan(2000)", "income < yuan(9000)"))
    assert [(row["month"], row["before_fen"], row["after_fen"]) for row in gift["months"]] == [
        ("2011-05", 2468, 4868),
        # In 2012 nothing is on file for the southern shore any more, so that the second household cannot be told.
        ("2012-01", 2468, 2468),
    ]


def test_gains_and_losses_are_broken_down_by_the_groups_that_the_pack_names(today, tmp_path):
    folder = changed_tithe(tmp_path, Change("groups.yaml", "", GROUPS))
    groupings, problems = load_groupings(today, folder)
    assert not problems.errors
    gift_draft = drafted(GIFT, "income < yuan(2000)", "income < yuan(9000)")
    tax_draft = drafted(TAX, "age >= 16", "age >= 15", "younger")
    gift, tax = simulated(today, tmp_path, gift_draft, tax_draft, groupings=groupings, months=0)
    assert [(row["key"], row["before"], row["after"], row["gain"]) for row in gift["groups"]["shore"]] == [
        ("north", 1, 1, 0),
        ("south", 0, 1, 1),
    ]
    assert "age" not in gift["groups"]
    assert [(row["label_en"], row["before"], row["after"]) for row in tax["groups"]["age"]] == [
        ("below 16", 0, 1),
        ("30 and over", 1, 1),
    ]
    # The islander of fifteen belongs to no household on record.
    assert [(row["key"], row["after"]) for row in tax["groups"]["shore"]] == [("north", 1), ("", 1)]


def test_a_policy_that_only_the_draft_has_is_all_gain_and_one_that_it_ends_all_loss(today, tmp_path):
    text = (TITHE / GIFT).read_text(encoding="utf-8").replace("id: firewood-gift", "id: kindling-gift")
    pack, problems = load_pack(TITHE, {"policies/kindling-gift.yaml": text})
    assert not problems.errors
    ended = drafted(GIFT, "to: 2020-12-31", "to: 2011-05-19", "ended")
    kindling, gift = simulated(today, tmp_path, Draft("new", pack), ended, months=0)
    assert (kindling["policy"], kindling["moves"]["newly"]["count"]) == ("kindling-gift", 1)
    assert kindling["version_before"] == ""
    assert gift["moves"]["gone"]["count"] == 1
    assert [row["id"] for row in gift["clauses"]] == ["in_force"]


def test_a_changed_shared_parameter_touches_every_policy_that_reads_it_and_no_other(today):
    draft = drafted("parameters/tithe.yaml", "1000: 0.05, 5000: 0.125", "1000: 0.06, 5000: 0.125")
    assert changed_policies(today, draft.pack) == ["firewood-gift", "monthly-tithe"]
    draft = drafted(TAX, "age >= 16", "age >= 15")
    assert changed_policies(today, draft.pack) == ["monthly-tithe"]


def test_two_drafts_of_one_name_are_a_mistake_of_the_caller(today, tmp_path):
    draft = drafted(TAX, "age >= 16", "age >= 15")
    with pytest.raises(ValueError, match="draft"):
        simulated(today, tmp_path, draft, draft)


def test_nobody_to_be_counted_is_said_and_no_error(today, tmp_path):
    data = laid(tmp_path)
    (data / "household.parquet").unlink()
    found = simulate(
        today, [drafted(GIFT, "children >= 1", "children >= 2")], data, tmp_path / "work", ON, months=0
    )
    assert (found.policies, found.left_out) == ([], [("draft", "firewood-gift")])


def test_another_evaluator_may_stand_behind_the_same_call(today, tmp_path):
    from jiuye.engine.rules.sweep import sweep

    asked: list[tuple[date, list[str]]] = []

    def counting(pack, data, out, on, *, policies):
        asked.append((on, list(policies)))
        return sweep(pack, data, out, on, policies=policies)

    simulated(today, tmp_path, drafted(TAX, "age >= 16", "age >= 15"), months=2, evaluator=counting)
    assert (
        asked
        == [
            (ON, ["monthly-tithe"]),
            (date(2011, 6, 1), ["monthly-tithe"]),
        ]
        * 2
    )


@pytest.mark.parametrize(
    ("groups", "said"),
    [
        ("{household: shores}", "did you mean 'shore'?"),
        ("{houshold: shore}", "did you mean 'household'?"),
        ("{household: income < yuan(1)}", "reads recorded facts only"),
        ("{household: hearths}", "whole number with `bands`"),
    ],
)
def test_a_grouping_that_cannot_be_is_refused_where_it_stands(today, tmp_path, groups, said):
    text = f"groups:\n  g: {{name: 组, name_en: group, by: {groups}}}"
    _, problems = load_groupings(today, changed_tithe(tmp_path, Change("groups.yaml", "", text)))
    assert said in "\n".join(problem.render("en") for problem in problems.errors)
    assert all(problem.place.line == 2 for problem in problems.errors)


def test_the_ids_of_subjects_may_be_texts(today, tmp_path):
    ids = pa.array(["甲", "乙", "丙"], pa.string())
    data = laid(
        tmp_path, household={"id": ids}, islander={"household_id": pa.array(["甲", "甲", "乙", None])}
    )
    draft = drafted(GIFT, "income < yuan(2000)", "income < yuan(9000)")
    found = simulate(today, [draft], data, tmp_path / "work", ON, months=0)
    assert found.policies[0]["moves"]["newly"]["count"] == 1
