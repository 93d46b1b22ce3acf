"""Parameters by date and index, marginal scales, dated and derived facts, lists with holes. Asked of both evaluators."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import pytest

from jiuye.engine.basis.dates import Interval
from jiuye.engine.rules.closures import Compiler, Decision
from jiuye.engine.rules.decide import Decider
from jiuye.engine.rules.pack import in_force, require_pack
from jiuye.engine.rules.parameters import MOST_DAYS
from jiuye.engine.rules.rows import Row
from tests.engine.rules.workshop import Change, changed_tithe, pack_of

# --- parameters


@pytest.mark.parametrize(
    ("on", "wanted"),
    [
        (date(1999, 12, 31), None),
        (date(2000, 1, 1), 10),
        (date(2009, 12, 31), 10),
        (date(2010, 1, 1), 20),
        (date(2019, 12, 31), 20),
        (date(2020, 1, 1), None),
        (date(2030, 1, 1), None),
    ],
)
def test_a_parameter_holds_from_its_date_until_the_next_and_is_unknown_before_the_first_and_where_unset(
    world, on, wanted
):
    assert world.value("limit", on=on) == wanted
    assert world.value("n <= limit", "n: 15", on) is (None if wanted is None else wanted >= 15)


@pytest.mark.parametrize(
    ("colour", "wanted"),
    [("red", 150), ("blue", None), ("grey", 900), ("~", None)],
    ids=["own row", "unset", "else", "unknown"],
)
def test_a_table_gives_the_row_of_its_key_and_else_only_where_there_is_none(world, colour, wanted):
    """A key that is unset does not fall back to `else`: no rule on file is an answer of its own."""
    assert world.value("fee[colour]", f"colour: {colour}") == wanted


@pytest.mark.parametrize(
    ("colour", "size", "wanted"),
    [
        ("red", "small", 100),
        ("red", "large", 200),
        ("grey", "small", 300),
        ("grey", "large", 400),
        ("~", "small", None),
        ("red", "~", None),
    ],
)
def test_two_axes_prefer_the_most_particular_row(world, colour, size, wanted):
    assert world.value("worth[colour, size]", f"colour: {colour}, size: {size}") == wanted
    assert world.value("worth[red, size]", f"size: {size}") == (
        None if size == "~" else 100 if size == "small" else 200
    )


@pytest.mark.parametrize(
    ("n", "wanted"), [(-1, None), (0, 1), (9, 1), (10, 2), (19, 2), (20, 3), (10**9, 3), ("~", None)]
)
def test_steps_take_the_largest_key_that_is_not_above(world, n, wanted):
    assert world.value("grade[n]", f"n: {n}") == wanted


@pytest.mark.parametrize(
    ("price", "wanted"),
    [("-1", 0), ("0", 0), ("0.01", 1), ("999.99", 1), ("1000", 2), ("1000.01", 2), ("~", None)],
)
def test_steps_of_money_have_an_else_below_the_first(world, price, wanted):
    assert world.value("band[price]", f"price: {price}") == wanted


@pytest.mark.parametrize(
    ("n", "size", "wanted"),
    [(4, "small", 1), (4, "large", 2), (5, "small", 3), (5, "large", None), (-1, "small", None)],
)
def test_steps_beside_another_axis(world, n, size, wanted):
    assert world.value("step_and_size[n, size]", f"n: {n}, size: {size}") == wanted


@pytest.mark.parametrize(("n", "wanted"), [(0, None), (1, 100), (2, None), (3, 300)])
def test_an_exact_axis_knows_only_its_keys(world, n, wanted):
    assert world.value("exact[n]", f"n: {n}") == wanted


def test_tables_of_other_types(world):
    assert world.value("by_flag[flag]", "flag: true") is False
    assert world.value("by_flag[flag]", "flag: false") is True
    assert world.value("by_flag[flag]") is None
    assert world.value("start == day", "start: 2012-02-29") is True
    assert world.value("colour == favourite", "colour: blue") is True
    assert world.value("fee[favourite]") is None
    assert world.value("share * n", "n: 2") == 750


def test_a_table_asked_on_very_many_days_answers_like_one_asked_once(world):
    days = [date(2009, 12, 1) + timedelta(days=number) for number in range(2 * MOST_DAYS)]
    table = world.pack.parameters["limit"]
    for day in [*days, *reversed(days)]:
        entry = table.lookup(day, ())
        assert entry is not None
        assert entry.value == (10 if day < date(2010, 1, 1) else 20)


# --- marginal scales


@pytest.mark.parametrize(
    ("price", "fen"),
    [
        ("0", 0),
        ("-500", 0),
        ("0.01", 0),
        ("1000", 3000),
        ("1000.01", 3000),
        ("1000.10", 3001),
        ("999.99", 3000),
        ("5000", 43000),
        ("5000.04", 43001),
        ("5000.02", 43001),
        ("5000.01", 43000),
        ("10000", 168000),
    ],
)
def test_each_part_of_an_amount_has_its_own_rate(world, price, fen):
    assert world.value("round_fen(marginal(scale, price))", f"price: {price}") == fen


@pytest.mark.parametrize("threshold", [1000, 5000])
def test_a_scale_has_no_jump_at_its_thresholds(world, threshold):
    """A fen more earns at most a quarter of a fen more, in hundredths of a fen."""
    values = [
        world.value("marginal(scale, price)", f"price: {threshold + step / 100:.2f}")
        for step in (-1, 0, 1, 2)
    ]
    rises = [after - before for before, after in itertools.pairwise(values)]
    below, above = (3, 10) if threshold == 1000 else (10, 25)
    assert rises == [below, above, above]


def test_a_scale_that_is_not_on_file_makes_the_amount_unknown(world):
    assert world.value("marginal(scale, price)", "price: 1", date(2014, 12, 31)) == 300
    assert world.value("marginal(scale, price)", "price: 1", date(2015, 1, 1)) is None
    assert world.value("marginal(scale, price)", "price: ~") is None


# --- derived facts


@pytest.mark.parametrize(
    ("on", "wanted"),
    [
        (date(1999, 12, 31), None),
        (date(2000, 1, 1), True),
        (date(2009, 12, 31), True),
        (date(2010, 1, 1), False),
        (date(2012, 2, 28), False),
        (date(2012, 2, 29), False),
    ],
)
def test_a_dated_fact_changes_on_its_date_and_is_unknown_before_the_first(world, on, wanted):
    assert world.value("big", "n: 150", on) is wanted


def test_a_dated_fact_changes_on_the_very_day_each_time(world):
    assert [world.value("big", "n: 250", date(2012, 2, 28) + timedelta(days=step)) for step in (0, 1, 2)] == [
        True,
        False,
        False,
    ]


def test_a_derived_fact_that_is_given_is_not_computed(world):
    assert world.value("margin", "price: 5, cost: 3") == 200
    assert world.value("margin", "price: 5, cost: 3, margin: 9") == 900
    assert world.value("margin", "margin: 9") == 900
    assert world.value("big", "big: false, n: 1000") is False


def test_derived_facts_reach_through_lists_of_lists(world):
    facts = "n: 1, box: {things: [{parts: [{n: 2}, {n: 3}]}, {parts: []}, {parts: [{n: 5}]}]}"
    assert world.walk("boxed_sum", facts) == 10
    assert world.walk("boxed_sum", facts.replace("{n: 5}", "{}")) is None


# --- lists


PARTS = "parts: [{n: 1, price: 1.50, sure: true, made: 2011-01-31}, {n: 3, price: 2, sure: true, made: 2010-02-28}]"
HOLED = "parts: [{n: 1, price: 1.50, sure: true, made: 2011-01-31}, {}]"


@pytest.mark.parametrize(
    ("expression", "full", "holed", "empty"),
    [
        ("count(parts)", 2, 2, 0),
        ("count(parts, n > 2)", 1, None, 0),
        ("sum(parts, n)", 4, None, 0),
        ("sum(parts.price)", 350, None, 0),
        ("sum(parts, price * 0.5)", 1750, None, 0),
        ("any(parts, n > 2)", True, None, False),
        ("any(parts, n < 2)", True, True, False),
        ("any(parts.sure)", True, True, False),
        ("all(parts, sure)", True, None, True),
        ("all(parts, n > 1)", False, False, True),
        ("largest(parts, n)", 3, None, None),
        ("smallest(parts.made)", date(2010, 2, 28), None, None),
        ("largest(parts, price)", 200, None, None),
        ("count(parts, known(n))", 2, 1, 0),
        ("sum(parts, n if known(n) else 0)", 4, 1, 0),
    ],
)
def test_a_list_with_a_hole_is_unknown_unless_the_hole_cannot_matter_and_an_empty_one_has_its_own_answer(
    world, expression, full, holed, empty
):
    assert world.value(expression, PARTS) == full
    assert world.value(expression, HOLED) == holed
    assert world.value(expression, "parts: []") == empty
    assert world.walk(expression, "") is None, "nobody has listed the parts"
    assert world.walk(expression, "parts: ~") is None


def test_a_list_of_something_else_that_is_not_known_is_unknown(world):
    assert world.value("count(box.things) > 1", "box: ~") is None
    assert world.value("sum(parts, count(thing.parts))", "parts: [{n: 1}, {n: 2}]") == 4
    assert world.value("box.n + n", "box: {n: 4}, n: 1") == 5
    assert world.value("box.n + n", "n: 1") is None
    assert world.value("box.outer.n", "box: {outer: {n: 7}}") == 7
    assert world.value("box.outer.n", "box: {}") is None


def test_what_stands_in_a_list_knows_whose_list_it_is(world):
    """`thing.n` inside the list of parts is the thing at hand, without being written in the case."""
    assert world.value("sum(parts, n * thing.n)", "n: 10, parts: [{n: 1}, {n: 2}]") == 30
    assert world.value("all(parts, thing.box.n > n)", "box: {n: 5}, parts: [{n: 1}, {n: 2}]") is True


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("sum(things, sum(parts, n))", 7),
        ("count(things, count(parts) == 0)", 1),
        ("any(things, all(parts, n > 3))", True),
        ("largest(things, count(parts))", 2),
        ("sum(things, count(box.things, n > 1))", 3),
        ("all(things, box.outer.n == 9)", True),
    ],
)
def test_lists_inside_lists(world, expression, wanted):
    facts = (
        "outer: {n: 9}, things: [{n: 1, parts: [{n: 1}, {n: 2}]}, {n: 1, parts: [{n: 4}]}, {n: 2, parts: []}]"
    )
    assert world.value(expression, facts, entity="box") == wanted


def test_a_long_list_of_large_amounts_is_summed_exactly(world):
    facts = "parts: [" + ", ".join("{price: 9999999999999.99}" for _ in range(20)) + "]"
    assert world.value("sum(parts, price * 1000)", facts) == 20 * 999_999_999_999_999 * 1000


# --- policies


@pytest.mark.parametrize(
    ("written", "last"),
    [
        ("{from: 2000-01-01, to: 2020-12-31}", date(2020, 12, 31)),
        ("{from: 2000-01-01, until: 2020-12-31}", date(2020, 12, 30)),
    ],
)
def test_to_is_the_last_day_and_until_the_first_day_after(tmp_path, written, last):
    change = Change("policies/firewood-gift.yaml", "{from: 2000-01-01, to: 2020-12-31}", written)
    pack = require_pack(changed_tithe(tmp_path, change))
    policy = pack.policy("firewood-gift")
    assert not in_force(policy, date(1999, 12, 31))
    assert in_force(policy, date(2000, 1, 1))
    assert in_force(policy, last)
    assert not in_force(policy, last + timedelta(days=1))


def test_out_of_force_the_verdict_is_no_and_no_condition_is_looked_at(tmp_path):
    pack = require_pack(changed_tithe(tmp_path))
    policy = pack.policy("firewood-gift")
    outcome = Decider(pack).decide(policy, Row("household"), date(2021, 1, 1))
    assert (outcome.verdict, outcome.clause_bits, outcome.unknown_bits, outcome.amount_fen) == (
        "no",
        0,
        0,
        None,
    )


SERVICE = """
id: look
name: 看
name_en: look
for: boat
in_force: {from: 2000-01-01}
sources: {law: {document: 船律}}
parameters:
  share: {name: 份, type: ratio, values: {2000-01-01: {value: 0.5, source: law}, 2010-01-01: {unset: 没有查到}}}
conditions:
  - {id: sails, law: 有帆, source: law, says: 有帆, test: sails >= 1}
AMOUNT
cases:
  - {name: 有帆, on: 2005-01-01, facts: {sails: 1}, expect: {verdict: yes}}
"""


@pytest.mark.parametrize(
    ("on", "sails", "verdict", "amount"),
    [
        (date(2009, 12, 31), 2, "yes", 100),
        (date(2010, 1, 1), 2, "unknown", None),
        (date(2010, 1, 1), 0, "no", None),
        (date(2009, 12, 31), None, "unknown", None),
    ],
)
def test_an_amount_without_a_rule_on_file_is_never_a_payment(tmp_path, on, sails, verdict, amount):
    facts = "entities: {boat: {name: 船, facts: {sails: {type: integer, name: 帆}}}}\n"
    policy = SERVICE.replace("AMOUNT", "amount: round_fen(yuan(1) * sails * share)")
    pack = pack_of(tmp_path, {"facts.yaml": facts, "policies/look.yaml": policy})
    outcome = Decider(pack).decide(
        pack.policy("look"), Row("boat", {} if sails is None else {"sails": sails}), on
    )
    assert (outcome.verdict, outcome.amount_fen) == (verdict, amount)


def test_a_service_without_an_amount_is_a_plain_yes(tmp_path):
    facts = "entities: {boat: {name: 船, facts: {sails: {type: integer, name: 帆}}}}\n"
    text = "\n".join(
        line
        for line in SERVICE.replace("AMOUNT", "").split("\n")
        if "share" not in line and line != "parameters:"
    )
    pack = pack_of(tmp_path, {"facts.yaml": facts, "policies/look.yaml": text})
    outcome = Decider(pack).decide(pack.policy("look"), Row("boat", {"sails": 1}), date(2005, 1, 1))
    assert (outcome.verdict, outcome.amount_fen) == ("yes", None)


def test_a_derived_fact_is_computed_once_a_decision(world):
    row = world.row("price: 5, cost: 3")
    decision = Decision(date(2011, 1, 1), Interval())
    closure = Compiler({key: item.value for key, item in world.pack.derived.items()}).node(
        world.node("margin + margin")
    )
    assert closure(row, decision) == 400
    assert decision.memo == {(row, "margin"): 200}
