"""What expressions mean: three values, dates, numbers and rounding. Each value is asked of both evaluators."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

KLEENE = {True: "true", False: "false", None: "~"}


# --- three values


@pytest.mark.parametrize(("left", "right"), list(product(KLEENE, KLEENE)))
def test_and_is_no_where_one_is_no_and_unknown_where_none_is_no_and_one_is_unknown(world, left, right):
    wanted = False if False in (left, right) else None if None in (left, right) else True
    assert world.value("sure and flag", f"sure: {KLEENE[left]}, flag: {KLEENE[right]}") is wanted


@pytest.mark.parametrize(("left", "right"), list(product(KLEENE, KLEENE)))
def test_or_is_yes_where_one_is_yes_and_unknown_where_none_is_yes_and_one_is_unknown(world, left, right):
    wanted = True if True in (left, right) else None if None in (left, right) else False
    assert world.value("sure or flag", f"sure: {KLEENE[left]}, flag: {KLEENE[right]}") is wanted


@pytest.mark.parametrize(("value", "wanted"), [("true", False), ("false", True), ("~", None)])
def test_not_turns_yes_and_no_and_leaves_the_unknown(world, value, wanted):
    assert world.value("not sure", f"sure: {value}") is wanted


@pytest.mark.parametrize(
    ("known", "wanted"), [("n: 1", None), ("m: 1", None), ("n: 1, m: 1", True), ("", None)]
)
def test_a_comparison_with_the_unknown_is_unknown_even_with_itself(world, known, wanted):
    assert world.value("n == m", known) is wanted
    if not known:
        assert world.value("n == n", known) is None
        assert world.value("n != n", known) is None


@pytest.mark.parametrize(
    ("n", "m", "wanted"),
    [("15", "1", False), ("16", "1", True), ("59", "1", True), ("60", "1", False), ("~", "1", None), ("20", "~", None), ("60", "~", False)],
)  # fmt: skip
def test_a_chain_of_comparisons_is_an_and_of_its_links(world, n, m, wanted):
    assert world.value("16 <= n < 60", f"n: {n}") is (None if n == "~" else 16 <= int(n) < 60)
    assert world.value("m < 16 <= n < 60", f"n: {n}, m: {m}") is wanted


@pytest.mark.parametrize(
    ("facts", "wanted"),
    [
        ("n: 1", True),
        ("n: 3, m: 3", True),
        ("n: 3, m: 4", False),
        ("n: 3", None),
        ("n: 1, m: 4", True),
        ("m: 4", None),
        ("", None),
    ],
)
def test_in_a_list_with_an_unknown_item_is_yes_only_by_a_known_one_and_never_no(world, facts, wanted):
    assert world.value("n in (1, 2, m)", facts) is wanted
    assert world.value("n not in (1, 2, m)", facts) is (None if wanted is None else not wanted)


@pytest.mark.parametrize(
    ("facts", "wanted"),
    [("sure: true, n: 1", 1), ("sure: false, m: 2", 2), ("sure: true, m: 2", None), ("n: 1, m: 1", None), ("sure: false, n: 1", None)],
)  # fmt: skip
def test_a_choice_by_an_unknown_condition_is_unknown_even_where_both_sides_agree(world, facts, wanted):
    assert world.value("n if sure else m", facts) == wanted


@pytest.mark.parametrize(
    ("facts", "wanted"), [("n: 1", (True, False)), ("", (False, False)), ("n: 1, m: 2", (True, True))]
)
def test_known_sees_the_unknown_and_is_itself_always_known(world, facts, wanted):
    assert (world.value("known(n)", facts), world.value("known(n + m)", facts)) == wanted


def test_known_of_a_rule_that_is_not_on_file_is_no(world):
    assert world.value("known(limit)", on=date(2019, 12, 31)) is True
    assert world.value("known(limit)", on=date(2020, 1, 1)) is False
    assert world.value("known(fee[colour])", "colour: blue") is False
    assert world.value("known(box.n)", "box: ~") is False


@pytest.mark.parametrize("expression", ["n + m", "n - m", "n * m", "min(n, m)", "max(n, m)", "-m"])
def test_arithmetic_with_the_unknown_is_unknown_also_times_zero(world, expression):
    assert world.value(expression, "n: 0") is None


# --- numbers


@pytest.mark.parametrize("yuan", ["50000001", "-0.01", "9999999999999.99"])
def test_fifty_million_and_one_yuan_come_back_exactly(world, yuan):
    fen = (
        int(yuan.replace(".", "").ljust(len(yuan) + 2, "0"))
        if "." not in yuan
        else int(yuan.replace(".", ""))
    )
    assert world.value("price", f"price: {yuan}") == fen
    assert world.value("price * 1", f"price: {yuan}") == fen
    assert world.value("round_fen(price * 1.0)", f"price: {yuan}") == fen


@pytest.mark.parametrize(
    ("yuan", "half_up", "down", "up"),
    [("0.01", 1, 0, 1), ("-0.01", -1, -1, 0), ("0.03", 2, 1, 2), ("-0.03", -2, -2, -1), ("0.02", 1, 1, 1), ("0", 0, 0, 0), ("-0.02", -1, -1, -1)],
)  # fmt: skip
def test_half_a_fen_goes_away_from_zero_and_floor_and_ceiling_keep_their_direction(
    world, yuan, half_up, down, up
):
    assert [world.value(f"{name}(price * 0.5)", f"price: {yuan}") for name in ("round_fen", "floor_fen", "ceil_fen")] == [
        half_up, down, up,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("yuan", "half_up", "down", "up"),
    [
        ("1.49", 100, 100, 200),
        ("1.50", 200, 100, 200),
        ("-1.50", -200, -200, -100),
        ("-1.49", -100, -200, -100),
        ("2", 200, 200, 200),
        ("0.5", 100, 0, 100),
    ],
)
def test_whole_yuan_are_rounded_from_fen_in_one_step(world, yuan, half_up, down, up):
    names = ("round_yuan", "floor_yuan", "ceil_yuan")
    assert [world.value(f"{name}(price)", f"price: {yuan}") for name in names] == [half_up, down, up]


def test_rounding_happens_once_and_not_first_to_fen(world):
    """0.4999 yuan is no whole yuan; by way of fen it would be."""
    assert world.value("round_yuan(price * 0.9998)", "price: 0.50") == 0
    assert world.value("round_yuan(round_fen(price * 0.9998))", "price: 0.50") == 100


@pytest.mark.parametrize(
    ("rate", "half_up", "down", "up"),
    [("2.50", 3, 2, 3), ("-2.50", -3, -3, -2), ("2.49", 2, 2, 3), ("3", 3, 3, 3)],
)
def test_plain_numbers_are_rounded_to_whole_ones(world, rate, half_up, down, up):
    names = ("round_whole", "floor_whole", "ceil_whole")
    assert [world.value(f"{name}(rate)", f"rate: {rate}") for name in names] == [half_up, down, up]


@pytest.mark.parametrize(
    ("n", "by_seven", "by_minus_seven"),
    [(7, 1, -1), (6, 0, -1), (-1, -1, 0), (-7, -1, 1), (-8, -2, 1), (0, 0, 0)],
)
def test_whole_division_goes_down_also_below_zero(world, n, by_seven, by_minus_seven):
    assert world.value("n // 7", f"n: {n}") == by_seven
    assert world.value("n // -7", f"n: {n}") == by_minus_seven


def test_money_is_divided_into_whole_fen_and_by_a_parameter(world):
    assert world.value("price // 3", "price: 1") == 33
    assert world.value("n // limit", "n: 59") == 2


def test_numbers_of_different_decimals_are_compared_and_added_exactly(world):
    assert world.value("rate == 0.10", "rate: 0.1") is True
    assert world.value("rate < 0.101", "rate: 0.10") is True
    assert world.value("n * 0.1 == rate", "n: 3, rate: 0.30") is True
    assert world.value("rate + 1", "rate: 0.25") == 125
    assert world.value("max(n, rate)", "n: 1, rate: 0.99") == 100
    assert world.value("(n if sure else rate) * 1", "n: 2, rate: 0.5, sure: true") == 200
    assert world.value("price * rate <= cost * 0.375", "price: 3, rate: 0.25, cost: 2") is True


def test_a_ratio_that_a_float_would_miss_is_met(world):
    assert world.value("price * 0.55 == cost", "price: 100, cost: 55") is True
    assert world.value("rate * 3 == 0.30", "rate: 0.10") is True


def test_products_larger_than_sixty_four_bits_are_exact_in_both(world):
    assert (
        world.value("price * n * 7", "price: 9999999999999.99, n: 999999999999999")
        == 999999999999999 * 999999999999999 * 7
    )
    assert (
        world.value("price * n - yuan(0.01)", "price: 9999999999999.99, n: -999999999999999")
        == -(999999999999999**2) - 1
    )


def test_a_negative_constant_is_a_constant(world):
    assert world.value("n > -3", "n: -2") is True
    assert world.value("-n", "n: -2") == 2
    assert world.value("n - -1", "n: 1") == 2


# --- dates


@pytest.mark.parametrize(
    ("birth", "on", "wanted"),
    [
        ("2004-02-29", date(2011, 2, 28), 6),
        ("2004-02-29", date(2011, 3, 1), 7),
        ("2004-02-29", date(2012, 2, 29), 8),
        ("2004-12-31", date(2011, 12, 30), 6),
        ("2004-12-31", date(2011, 12, 31), 7),
        ("2011-05-21", date(2011, 5, 20), -1),
        ("2012-01-01", date(2011, 5, 20), -1),
    ],
)
def test_ages_are_completed_years_and_those_of_the_leap_day_turn_on_the_first_of_march(
    world, birth, on, wanted
):
    assert world.value("age(start, on)", f"start: {birth}", on) == wanted


@pytest.mark.parametrize(
    ("start", "months", "wanted"),
    [
        ("2011-01-31", 1, date(2011, 2, 28)),
        ("2012-01-31", 1, date(2012, 2, 29)),
        ("2011-03-31", -1, date(2011, 2, 28)),
        ("2011-12-31", 2, date(2012, 2, 29)),
        ("2012-02-29", 12, date(2013, 2, 28)),
        ("2011-05-20", 0, date(2011, 5, 20)),
        ("9999-12-01", 1, None),
        ("0001-01-01", -1, None),
        ("2011-01-01", 999999999999999, None),
        ("2011-01-01", -999999999999999, None),
    ],
)
def test_adding_months_clamps_at_the_end_of_a_month_and_is_unknown_beyond_the_calendar(
    world, start, months, wanted
):
    assert world.value("add_months(start, n)", f"start: {start}, n: {months}") == wanted


@pytest.mark.parametrize(
    ("start", "days", "wanted"),
    [
        ("2011-02-28", 1, date(2011, 3, 1)),
        ("2012-02-28", 1, date(2012, 2, 29)),
        ("2011-01-01", -1, date(2010, 12, 31)),
        ("9999-12-31", 1, None),
        ("0001-01-01", -1, None),
        ("2011-01-01", 999999999999999, None),
    ],
)
def test_adding_days_is_unknown_beyond_the_calendar(world, start, days, wanted):
    assert world.value("add_days(start, n)", f"start: {start}, n: {days}") == wanted


@pytest.mark.parametrize(
    ("start", "until", "months", "calendar", "days"),
    [
        ("2011-01-31", "2011-02-28", 0, 1, 28),
        ("2011-01-31", "2011-03-31", 2, 2, 59),
        ("2011-01-15", "2011-02-14", 0, 1, 30),
        ("2011-02-14", "2011-01-15", -1, -1, -30),
        ("2011-03-01", "2011-02-28", -1, -1, -1),
        ("2011-05-20", "2011-05-20", 0, 0, 0),
        ("1999-12-31", "2000-01-01", 0, 1, 1),
    ],
)
def test_months_and_days_between_two_dates(world, start, until, months, calendar, days):
    facts = f"start: {start}, until: {until}"
    assert world.value("months_between(start, until)", facts) == months
    assert world.value("calendar_months(start, until)", facts) == calendar
    assert world.value("days_between(start, until)", facts) == days
    assert world.value("until - start", facts) == days


def test_years_and_months_of_a_date(world):
    assert world.value("year_of(start)", "start: 2012-02-29") == 2012
    assert world.value("month_of(start) == month(2012, 2)", "start: 2012-02-29") is True
    assert world.value("since <= month_of(start)", "since: 2012-03, start: 2012-02-29") is False
    assert world.value("since", "since: 2012-03") == 2012 * 12 + 2


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        ("month", date(2011, 5, 1), date(2011, 6, 1)),
        ("quarter", date(2011, 4, 1), date(2011, 7, 1)),
        ("year", date(2011, 1, 1), date(2012, 1, 1)),
        ("once", None, None),
    ],
)
def test_the_period_of_the_day_is_half_open(world, period, start, end):
    assert world.value("period_start", period=period) == start
    assert world.value("period_end", period=period) == end
    assert world.value("on", period=period) == date(2011, 5, 20)


def test_the_last_period_of_the_calendar_has_no_end(world):
    assert world.value("period_start", on=date.max) == date(9999, 12, 1)
    assert world.value("period_end", on=date.max) is None


def test_literals_of_dates_months_and_amounts(world):
    assert world.value("start == date(2012, 2, 29)", "start: 2012-02-29") is True
    assert world.value("since == month(2012, 2)", "since: 2012-02") is True
    assert world.value("price == yuan(1_234.5)", "price: 1234.50") is True
    assert world.value("note == '𠮷野'", "note: 𠮷野") is True
    assert world.value('note == "it\'s"', "note: it's") is True
    assert world.value("flag == True", "flag: true") is True


def test_the_least_and_the_most_of_dates_and_amounts(world):
    assert world.value("max(start, until)", "start: 2011-01-01, until: 2012-01-01") == date(2012, 1, 1)
    assert world.value("min(price, cost, yuan(3))", "price: 5, cost: 4") == 300


# --- enums


def test_a_word_is_a_member_where_an_enum_is_compared_and_a_fact_elsewhere(world):
    """`large` is a member of size and a fact of its own."""
    assert world.value("size == large", "size: large, large: false") is True
    assert world.value("large == size", "size: small, large: true") is False
    assert world.value("large", "size: large, large: false") is False
    assert world.value("size == large and not large", "size: large, large: false") is True


def test_a_fact_of_the_same_enum_is_compared_as_a_fact(world):
    assert world.value("colour == paint", "colour: red, paint: red") is True
    assert world.value("colour in (paint, grey)", "colour: grey, paint: red") is True
    assert world.value("colour == (red if sure else paint)", "colour: red, sure: true") is True
    assert world.value("red == colour", "colour: red") is True
