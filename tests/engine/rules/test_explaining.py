"""Why: what is missing and who holds it, how the amount was reached, and a receipt that decides the same again."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

import pytest
import yaml

from jiuye.engine.basis.documents import parse_yaml
from jiuye.engine.basis.problems import Problems
from jiuye.engine.rules.decide import Decider
from jiuye.engine.rules.explain import Explainer, Explanation
from jiuye.engine.rules.pack import Pack, require_pack
from jiuye.engine.rules.rows import Row, read_row, row_as_facts
from tests.engine.rules.populations import Population
from tests.engine.rules.workshop import Change, changed_tithe

FIREWOOD, TITHE = "firewood-gift", "monthly-tithe"


@pytest.fixture(scope="module")
def pack(tmp_path_factory) -> Pack:
    return require_pack(changed_tithe(tmp_path_factory.mktemp("pack")))


def row_of(pack: Pack, entity: str, facts: str) -> Row:
    problems = Problems()
    document = parse_yaml("{" + facts + "}", "facts", problems)
    assert document is not None
    row = read_row(document, entity, pack.vocabulary, problems)
    assert not problems, [item.render("en") for item in problems]
    return row


def explained(pack: Pack, policy_id: str, facts: str, on: date) -> Explanation:
    policy = pack.policy(policy_id)
    return Explainer(Decider(pack)).explain(policy, row_of(pack, policy.entity, facts), on)


POOR = "shore: north, hearths: 2, members: [{wage: 1000, birth_date: 1980-01-01}]"


def test_a_yes_names_every_condition_the_values_it_read_and_how_the_amount_was_reached(pack):
    found = explained(pack, FIREWOOD, POOR, date(2011, 1, 1))
    assert (found.verdict, found.amount_fen, found.missing) == ("yes", 2468, ())
    assert found.reason == "全部条件都满足。"
    assert [(item.clause.id, item.verdict) for item in found.clauses] == [
        ("poor", "yes"),
        ("with-children", "yes"),
    ]
    seen = found.clauses[0].seen[0]
    assert (seen.path, seen.label, seen.value, seen.shown, seen.shown_en) == (
        "income", "全户收入", "1000.00", "1,000.00 元", "1,000.00 yuan",
    )  # fmt: skip
    assert found.amount_text == "四舍五入到分(每灶柴钱 12.34 元 × 灶台数 2) = 24.68 元"
    assert re.fullmatch(r"rounded to fen\(.+ 12\.34 yuan × .+ 2\) = 24\.68 yuan", found.amount_text_en)
    assert [(item.label, item.source) for item in found.amount_seen] == [
        ("每灶柴钱", "《岛约》第4条，1999-12-01"), ("所在海岸", "岛务处"), ("灶台数", "岛务处"),
    ]  # fmt: skip


def test_a_no_names_the_failing_condition_and_asks_for_nothing(pack):
    found = explained(pack, FIREWOOD, "members: [{wage: 3000}]", date(2011, 1, 1))
    assert (found.verdict, found.missing, found.amount_fen) == ("no", (), None)
    assert found.reason == "未满足：全户月收入低于 2000 元。"
    assert [item.clause.id for item in found.failing] == ["poor"]
    assert found.clauses[1].verdict == "yes", "living alone needs no birth date"


def test_a_near_miss_is_the_one_condition_that_fails_where_all_others_hold(pack):
    near = explained(pack, FIREWOOD, POOR.replace("1000", "2000"), date(2011, 1, 1))
    assert near.near_miss is not None
    assert near.near_miss.clause.id == "poor"
    both = explained(
        pack,
        FIREWOOD,
        "members: [{wage: 3000, birth_date: 1980-01-01}, {wage: 0, birth_date: 1980-01-01}]",
        date(2011, 1, 1),
    )
    assert len(both.failing) == 2
    assert both.near_miss is None
    unsure = explained(
        pack, FIREWOOD, "members: [{wage: 3000, birth_date: 1980-01-01}, {wage: 0}]", date(2011, 1, 1)
    )
    assert unsure.near_miss is None, "the other condition is not known to hold"


def test_what_is_missing_is_named_with_its_holder_and_its_question(pack):
    found = explained(
        pack, FIREWOOD, "shore: north, hearths: 2, members: [{birth_date: 1980-01-01}]", date(2011, 1, 1)
    )
    assert found.verdict == "unknown"
    assert [(item.kind, item.path, item.label, item.register, item.ask) for item in found.missing] == [
        ("fact", "members[1].wage", "月工资", "账房", "您每月挣多少？")
    ]
    assert found.reason == "不能判定：还缺 月工资。"
    assert found.reason_en == "Cannot tell: not known: 月工资."


@pytest.mark.parametrize(
    ("facts", "missing"),
    [
        ("members: [{wage: 1, birth_date: 1980-01-01}, {wage: 1}]", ["members[2].birth_date"]),
        ("members: [{wage: 1, birth_date: 2005-01-01}, {wage: 1, birth_date: 1980-01-01}]", []),
        ("members: [{wage: 1}]", []),
        (
            "members: [{}, {}]",
            ["members[1].wage", "members[2].wage", "members[1].birth_date", "members[2].birth_date"],
        ),
        ("hearths: 1", ["members"]),
        ("children: 1", ["members"]),
        ("children: 1, income: 5", []),
        ("income: 5", ["members"]),
    ],
    ids=[
        "one birth date",
        "a child is known",
        "living alone",
        "nobody's facts",
        "no list",
        "children given",
        "both given",
        "income given",
    ],
)
def test_only_what_can_change_a_condition_is_missing(pack, facts, missing):
    found = explained(pack, FIREWOOD, facts, date(2011, 1, 1))
    paths = [item.path for result in found.clauses for item in result.missing]
    assert list(dict.fromkeys(paths)) == missing


def test_where_all_conditions_hold_the_amount_says_what_it_lacks(pack):
    found = explained(pack, FIREWOOD, "shore: north, members: [{wage: 1}]", date(2011, 1, 1))
    assert (found.verdict, found.amount_fen) == ("unknown", None)
    assert [item.path for item in found.missing] == ["hearths"]


def test_a_rule_that_is_not_on_file_is_no_question_to_anybody_and_pays_nothing(pack):
    found = explained(pack, FIREWOOD, "shore: south, hearths: 2, members: [{wage: 1}]", date(2012, 1, 1))
    assert (found.verdict, found.amount_fen) == ("unknown", None)
    assert [(item.kind, item.path, item.label, item.register, item.ask) for item in found.missing] == [
        ("rule", "firewood", "每灶柴钱", "南岸的新标准还没有查到", "")
    ]
    assert found.reason == "不能判定：没有查到有效规定（每灶柴钱），不付款。"
    assert found.reason_en == "Cannot tell: no rule on file (每灶柴钱); nothing is paid."


def test_that_no_rule_is_on_file_is_said_also_while_a_condition_is_open(pack):
    """Whatever the answer to the open question, nothing could be paid: nobody should be asked without being told so."""
    found = explained(pack, FIREWOOD, "shore: south, hearths: 2, members: [{}]", date(2012, 1, 1))
    assert [(item.kind, item.path) for item in found.missing] == [
        ("fact", "members[1].wage"),
        ("rule", "firewood"),
    ]
    assert found.reason == "不能判定：没有查到有效规定（每灶柴钱），不付款。"
    on_file = explained(pack, FIREWOOD, "shore: south, members: [{}]", date(2011, 1, 1))
    assert [item.path for item in on_file.missing] == ["members[1].wage"], (
        "the number of hearths is asked for later"
    )


def test_the_index_of_a_table_is_asked_for_before_the_table_is_blamed(pack):
    found = explained(pack, FIREWOOD, "hearths: 2, members: [{wage: 1}]", date(2012, 1, 1))
    assert [item.path for item in found.missing] == ["shore"]


@pytest.mark.parametrize("on", [date(1999, 12, 31), date(2021, 1, 1)])
def test_out_of_force_the_day_is_the_reason(pack, on):
    found = explained(pack, FIREWOOD, POOR, on)
    assert (found.verdict, found.clauses, found.amount_fen, found.missing) == ("no", (), None, ())
    assert found.reason == "该政策施行期为 2000-01-01 至 2021-01-01（不含当日），判定日不在其中。"
    assert (
        found.reason_en
        == "The policy is in force over [2000-01-01, 2021-01-01); the day of decision lies outside."
    )


def test_the_day_a_formula_changes_is_seen_in_the_amount(pack):
    facts = "exempt: false, birth_date: 1980-01-01, joined: 2000-05, wage: 1999.99"
    before, after = (explained(pack, TITHE, facts, day) for day in (date(2014, 12, 31), date(2015, 1, 1)))
    assert (before.amount_fen, after.amount_fen) == (2500, 2400)


def test_a_date_beyond_the_calendar_is_said_to_be_one(tmp_path):
    change = Change(
        "policies/monthly-tithe.yaml",
        "    test: age >= 16",
        "    test: age >= 16 and add_months(birth_date, 120000) > on",
    )
    pack = require_pack(changed_tithe(tmp_path, change))
    found = explained(
        pack, TITHE, "exempt: false, birth_date: 1980-01-01, joined: 2000-05, wage: 1", date(2011, 1, 1)
    )
    assert found.verdict == "unknown"
    assert [(item.kind, item.path, item.register) for item in found.missing] == [
        ("rule", "add_months(birth_date, 120000)", "算出的日期不在日历上")
    ]


def test_a_list_behind_a_relation_that_is_not_known_asks_for_the_relation(tmp_path):
    change = Change(
        "policies/monthly-tithe.yaml", "    test: age >= 16", "    test: count(household.members) > 1"
    )
    pack = require_pack(changed_tithe(tmp_path, change))
    facts = "exempt: false, birth_date: 1980-01-01, joined: 2000-05, wage: 1"
    assert [item.path for item in explained(pack, TITHE, facts, date(2011, 1, 1)).missing] == ["household"]
    listed = explained(pack, TITHE, facts + ", household: {hearths: 1}", date(2011, 1, 1))
    assert [(item.kind, item.path) for item in listed.missing] == [("relation", "household.members")]


def test_the_json_of_an_explanation_has_a_fixed_shape(pack):
    found = json.loads(
        json.dumps(explained(pack, FIREWOOD, POOR, date(2011, 1, 1)).as_dict(), ensure_ascii=False)
    )
    assert list(found) == [
        "policy", "name", "on", "verdict", "verdict_zh", "reason", "reason_en", "clauses", "amount_fen", "amount", "amount_law",
        "amount_how", "amount_how_en", "amount_values", "missing", "excludes", "receipt",
    ]  # fmt: skip
    assert (found["policy"], found["on"], found["verdict"], found["verdict_zh"]) == (
        FIREWOOD,
        "2011-01-01",
        "yes",
        "符合",
    )
    assert (found["amount_fen"], found["amount"]) == (2468, "24.68")
    clause = found["clauses"][0]
    assert (clause["id"], clause["law"], clause["verdict"]) == ("poor", "全户月入不足二千者", "yes")
    assert clause["source"] == "《岛约》第7条，1999-12-01"
    assert {"name", "label", "value", "shown", "source"} <= set(clause["values"][0])
    assert found["receipt"]["rule_version"] == pack.policy(FIREWOOD).version
    assert found["receipt"]["on"] == "2011-01-01"
    assert found["receipt"]["facts"]["members"] == [{"wage": "1000.00", "birth_date": "1980-01-01"}]


def test_a_missing_fact_has_its_question_in_the_json(pack):
    found = explained(pack, TITHE, "birth_date: 1980-01-01, joined: 2000-05", date(2011, 1, 1)).as_dict()
    assert found["missing"] == [
        {
            "kind": "fact",
            "name": "exempt",
            "label": "免税",
            "register": "账房",
            "ask": "您是否免税？",
            "ask_en": "",
            "label_en": "免税",
        }
    ]


# --- receipts


def read_back(pack: Pack, entity: str, facts: dict[str, Any]) -> Row:
    """A receipt's facts, as they would come out of a file."""
    text = yaml.safe_dump(
        json.loads(json.dumps(facts, ensure_ascii=False)), allow_unicode=True, sort_keys=False
    )
    problems = Problems()
    document = parse_yaml(text, "receipt", problems)
    assert document is not None
    row = read_row(document, entity, pack.vocabulary, problems)
    assert not problems, [item.render("en") for item in problems]
    return row


@pytest.mark.parametrize("which", ["tithe", "yangzhou"])
def test_a_receipt_read_back_decides_the_same_to_the_last_bit(which, pack, pack_dir):
    here = pack if which == "tithe" else require_pack(pack_dir)
    on = date(2011, 2, 28) if which == "tithe" else date(2024, 2, 29)
    explainer = Explainer(Decider(here))
    population = Population(here, on, 60, seed=7)
    checked = 0
    for policy in here.policies.values():
        for row in population.rows[policy.entity]:
            first = explainer.explain(policy, row, on)
            again = explainer.explain(policy, read_back(here, policy.entity, first.facts), on)
            assert (again.verdict, again.amount_fen) == (first.verdict, first.amount_fen), (
                policy.id,
                first.facts,
            )
            assert [item.verdict for item in again.clauses] == [item.verdict for item in first.clauses]
            assert again.facts == first.facts
            checked += 1
    assert checked == 60 * len(here.policies)


def test_a_receipt_holds_what_the_policy_reads_and_nothing_else(pack):
    facts = "exempt: false, birth_date: 1980-01-01, joined: 2000-05, wage: 1, skill: 0.5, household: {shore: north}"
    found = explained(pack, TITHE, facts, date(2011, 1, 1))
    assert found.facts == {"exempt": False, "birth_date": "1980-01-01", "joined": "2000-05", "wage": "1.00"}


def test_a_derived_fact_that_was_given_stands_in_the_receipt(pack):
    assert explained(pack, FIREWOOD, "income: 5, children: 1", date(2011, 1, 1)).facts == {
        "income": "5.00",
        "children": 1,
    }


def test_rows_that_point_at_each_other_are_written_down_once(pack):
    row = row_of(pack, "household", "hearths: 2, members: [{wage: 1}, {wage: 2, household: {hearths: 9}}]")
    assert row.many["members"][0].ones["household"] is row
    facts = row_as_facts(row, pack.vocabulary)
    assert facts == {
        "hearths": 2,
        "members": [{"wage": "1.00"}, {"wage": "2.00", "household": {"hearths": 9}}],
    }
    member = row.many["members"][0]
    assert row_as_facts(member, pack.vocabulary) == {
        "wage": "1.00",
        "household": {
            "hearths": 2,
            "members": [{"wage": "1.00"}, {"wage": "2.00", "household": {"hearths": 9}}],
        },
    }


def test_a_changed_rule_has_another_version_and_an_untouched_one_keeps_its_own(tmp_path, pack):
    change = Change("policies/firewood-gift.yaml", "test: income < yuan(2000)", "test: income < yuan(2001)")
    other = require_pack(changed_tithe(tmp_path, change))
    assert other.policy(FIREWOOD).version != pack.policy(FIREWOOD).version
    assert other.policy(TITHE).version == pack.policy(TITHE).version
    assert other.version != pack.version


def test_a_changed_table_changes_the_version_of_those_that_read_it_through_derived_facts(tmp_path, pack):
    other = require_pack(
        changed_tithe(tmp_path, Change("derived/people.yaml", "law: 岛约第四条", "law: 岛约第四条之二"))
    )
    assert other.policy(TITHE).version != pack.policy(TITHE).version
    assert other.policy(TITHE).dependencies == {
        "facts.yaml", "policies/monthly-tithe.yaml", "derived/people.yaml", "parameters/tithe.yaml",
    }  # fmt: skip
