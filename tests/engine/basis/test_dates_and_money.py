"""Dates by year, month and day; money by whole fen: each rule at its boundary."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiuye.engine.basis.dates import (
    PERIODS,
    Interval,
    add_months,
    age,
    month_index,
    months_between,
    parse_date,
    period_of,
)
from jiuye.engine.basis.money import (
    divide_down,
    divide_half_up,
    divide_up,
    fen_from_yuan,
    scaled_from_text,
    scaled_text,
    yuan_text,
)
from jiuye.engine.basis.workdays import CalendarNotPublishedError, add_workdays, is_workday, workdays_between

LEAP = date(2004, 2, 29)


@pytest.mark.parametrize(
    ("birth", "on", "years"),
    [
        (LEAP, date(2023, 2, 28), 18),
        (LEAP, date(2023, 3, 1), 19),
        (LEAP, date(2024, 2, 28), 19),
        (LEAP, date(2024, 2, 29), 20),
        (date(2004, 2, 28), date(2024, 2, 27), 19),
        (date(2004, 2, 28), date(2024, 2, 28), 20),
        (date(2004, 12, 31), date(2004, 12, 31), 0),
        (date(2004, 12, 31), date(2005, 1, 1), 0),
        (date(2004, 6, 1), date(2004, 5, 31), -1),
    ],
)
def test_somebody_is_a_year_older_on_the_birthday_and_not_a_day_before(birth, on, years):
    assert age(birth, on) == years


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        (date(2023, 1, 31), date(2023, 2, 28), 0),
        (date(2023, 1, 31), date(2023, 3, 1), 1),
        (date(2023, 1, 31), date(2023, 3, 31), 2),
        (date(2023, 1, 15), date(2023, 1, 15), 0),
        (date(2023, 1, 15), date(2024, 1, 14), 11),
        (date(2023, 1, 15), date(2024, 1, 15), 12),
        (date(2023, 3, 1), date(2023, 2, 28), -1),
        (date(2023, 3, 1), date(2023, 2, 1), -1),
    ],
)
def test_a_month_is_completed_on_the_same_day_of_the_next(start, end, months):
    assert months_between(start, end) == months


@pytest.mark.parametrize(
    ("day", "months", "wanted"),
    [
        (date(2023, 1, 31), 1, date(2023, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (LEAP, 12, date(2005, 2, 28)),
        (LEAP, 48, date(2008, 2, 29)),
        (date(2023, 3, 31), -1, date(2023, 2, 28)),
        (date(2023, 12, 31), 2, date(2024, 2, 29)),
        (date(1, 1, 1), 0, date(1, 1, 1)),
        (date(9999, 11, 30), 1, date(9999, 12, 30)),
    ],
)
def test_adding_months_clamps_to_the_end_of_a_shorter_month(day, months, wanted):
    assert add_months(day, months) == wanted


@pytest.mark.parametrize(("day", "months"), [(date(1, 1, 31), -1), (date(9999, 12, 1), 1)])
def test_months_beyond_the_calendar_are_refused(day, months):
    with pytest.raises(ValueError, match="outside the calendar"):
        add_months(day, months)


@given(st.dates(date(2, 1, 1), date(9998, 12, 31)), st.integers(-12, 12))
def test_adding_months_moves_the_month_by_just_as_many(day, months):
    assert month_index(add_months(day, months)) == month_index(day) + months


@pytest.mark.parametrize("kind", PERIODS)
@given(day=st.dates())
def test_every_day_lies_in_its_period_and_the_period_is_the_same_for_all_its_days(kind, day):
    period = period_of(kind, day)
    assert day in period
    if period.start is not None:
        assert period_of(kind, period.start) == period
    if period.end is not None:
        assert period.end not in period
        assert period_of(kind, period.end - timedelta(days=1)) == period


@pytest.mark.parametrize(
    ("kind", "start", "end"),
    [
        ("once", None, None),
        ("month", date(2024, 2, 1), date(2024, 3, 1)),
        ("quarter", date(2024, 1, 1), date(2024, 4, 1)),
        ("year", date(2024, 1, 1), date(2025, 1, 1)),
    ],
)
def test_a_period_is_half_open(kind, start, end):
    assert period_of(kind, date(2024, 2, 29)) == Interval(start, end)


@pytest.mark.parametrize("kind", ["month", "quarter", "year"])
def test_the_last_period_of_the_calendar_is_open(kind):
    period = period_of(kind, date.max)
    assert period.end is None
    assert date.max in period


def test_a_word_that_is_no_period_is_refused():
    with pytest.raises(ValueError, match="once, month, quarter, year"):
        period_of("weekly", date(2024, 1, 1))


def test_intervals_that_only_touch_do_not_overlap():
    first, second = Interval(date(2023, 1, 1), date(2024, 1, 1)), Interval(date(2024, 1, 1), None)
    assert not first.overlaps(second)
    assert not second.overlaps(first)
    assert first.overlaps(Interval(None, date(2023, 1, 2)))
    assert Interval().overlaps(first)
    assert str(second) == "[2024-01-01, …)"


@pytest.mark.parametrize(
    "text", ["2023-13-01", "2023-02-29", "23-02-01", "2023-02-01T00:00", "", "２０２３-01-01"]
)
def test_what_is_no_date_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011  Python's own sentences differ; that it is refused is what counts
        parse_date(text)


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("0", 0),
        ("1234.5", 123450),
        ("1,234.56", 123456),
        ("-0.01", -1),
        (" 50000001 ", 5_000_000_100),
        ("12,345,678.90", 1_234_567_890),
        ("90071992547409.93", 9_007_199_254_740_993),
    ],
)
def test_yuan_are_read_as_fen_exactly(text, fen):
    assert fen_from_yuan(text) == fen
    assert fen_from_yuan(yuan_text(fen)) == fen


@pytest.mark.parametrize(
    "text", ["1.234", "1,23", "1e3", "￥5", "1.", ".5", "", "--1", "１２", "1 000", "inf", "nan"]
)
def test_what_is_no_amount_in_yuan_is_refused(text):
    with pytest.raises(ValueError, match="amount in yuan"):
        fen_from_yuan(text)


@given(st.integers(-(10**15), 10**15))
def test_every_amount_reads_back_as_it_was_shown(fen):
    assert fen_from_yuan(yuan_text(fen)) == fen
    assert fen_from_yuan(yuan_text(fen, separators=False)) == fen


@given(st.integers(-(10**15), 10**15), st.integers(0, 9))
def test_every_decimal_reads_back_as_it_was_shown(value, scale):
    number, found = scaled_from_text(scaled_text(value, scale))
    assert number * 10 ** (scale - found) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [("0.80", (8, 1)), ("-0.5", (-5, 1)), ("100", (100, 0)), ("0.0", (0, 0)), ("1.05", (105, 2))],
)
def test_a_decimal_drops_its_trailing_zeros(text, value):
    assert scaled_from_text(text) == value


@pytest.mark.parametrize("text", ["1e3", ".5", "1.", "", "0.1234567890", "１.5", "inf"])
def test_what_is_no_plain_decimal_is_refused(text):
    with pytest.raises(ValueError, match="plain decimal"):
        scaled_from_text(text)


@pytest.mark.parametrize(
    ("value", "nearest", "down", "up"),
    [(25, 3, 2, 3), (-25, -3, -3, -2), (24, 2, 2, 3), (-24, -2, -3, -2), (20, 2, 2, 2), (-20, -2, -2, -2), (5, 1, 0, 1), (-5, -1, -1, 0), (0, 0, 0, 0)],
)  # fmt: skip
def test_a_half_goes_away_from_zero_and_floor_and_ceiling_keep_their_direction(value, nearest, down, up):
    assert (divide_half_up(value, 10), divide_down(value, 10), divide_up(value, 10)) == (nearest, down, up)


@given(st.integers(), st.integers(1, 10**12))
def test_rounding_is_never_further_than_half_away(value, divisor):
    assert 2 * abs(divide_half_up(value, divisor) * divisor - value) <= divisor
    assert divide_half_up(-value, divisor) == -divide_half_up(value, divisor)
    assert divide_down(value, divisor) * divisor <= value <= divide_up(value, divisor) * divisor


def test_workdays_know_holidays_and_shifted_weekends():
    """国办发明电〔2023〕7号: 2024-02-10 至 17 日放假，2 月 4 日、18 日上班。"""
    assert is_workday(date(2024, 2, 4))
    assert is_workday(date(2024, 2, 18))
    assert not is_workday(date(2024, 2, 12))
    assert add_workdays(date(2024, 2, 9), 1) == date(2024, 2, 18)
    assert workdays_between(date(2024, 2, 9), date(2024, 2, 18)) == 1
    assert workdays_between(date(2024, 2, 18), date(2024, 2, 9)) == 0


def test_the_day_itself_does_not_count_and_no_workdays_is_the_day():
    assert add_workdays(date(2024, 3, 4), 0) == date(2024, 3, 4)
    assert add_workdays(date(2024, 3, 4), 5) == date(2024, 3, 11)
    with pytest.raises(ValueError, match="negative"):
        add_workdays(date(2024, 3, 4), -1)


def test_a_year_whose_holidays_nobody_has_published_is_refused_with_what_to_do():
    with pytest.raises(CalendarNotPublishedError, match="Upgrade chinesecalendar"):
        add_workdays(date(2099, 1, 1), 1)
