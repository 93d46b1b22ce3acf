"""How a figure stands against its target: schedule, levels, bands, and no figure at all."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiuye.engine.basis.dates import Interval
from jiuye.engine.indicators import LIGHTS, STATES, Progress, Thresholds, progress, share_gone

YEAR = Interval(date(2023, 1, 1), date(2024, 1, 1))
THREE_YEARS = Interval(date(2023, 1, 1), date(2026, 1, 1))
OURS = Thresholds(
    start=date(2023, 1, 1),
    official=False,
    document="设计选择",
    url="",
    yellow_shortfall=Fraction(5, 100),
    level_shortfall=Fraction(10, 100),
    about_tolerance=Fraction(5, 100),
)
MID_YEAR, YEAR_END = date(2023, 6, 30), date(2023, 12, 31)


def stand(actual: int | Fraction | None, **situation: object) -> Progress:
    """Progress of a flow of 20,000 a year, unless the situation says otherwise."""
    arguments = {
        "kind": "flow",
        "better": "higher",
        "comparator": ">=",
        "target": Fraction(20000),
        "period": YEAR,
        "as_of": MID_YEAR,
        "thresholds": OURS,
    }
    return progress(actual=actual, **{**arguments, **situation})  # type: ignore[arg-type]


def test_the_share_gone_is_six_twelfths_at_the_end_of_june_and_one_at_the_end():
    assert share_gone(YEAR, MID_YEAR) == Fraction(6, 12)
    assert share_gone(YEAR, YEAR_END) == 1
    assert share_gone(YEAR, date(2022, 12, 31)) == 0
    assert share_gone(YEAR, date(2030, 1, 1)) == 1
    assert share_gone(YEAR, date(2023, 2, 14)) == Fraction(1, 12) + Fraction(14, 28) / 12
    assert share_gone(THREE_YEARS, YEAR_END) == Fraction(1, 3)


def test_a_period_without_an_end_is_refused():
    with pytest.raises(ValueError, match="no end on one side"):
        share_gone(Interval(date(2023, 1, 1), None), MID_YEAR)


@pytest.mark.parametrize(
    ("actual", "state", "light"),
    [
        (20000, "met", "green"),
        (10000, "on_pace", "green"),
        (9999, "behind", "yellow"),
        (9000, "behind", "yellow"),
        (8999, "far_behind", "red"),
        (0, "far_behind", "red"),
        (None, "no_figure", "none"),
    ],
)
def test_half_a_year_into_a_yearly_count(actual, state, light):
    found = stand(actual)
    assert (found.state, found.light) == (state, light)
    assert found.expected == 10000


def test_completion_and_gap_are_exact():
    found = stand(9000)
    assert found.completion == Fraction(45, 100)
    assert found.gap == Fraction(-5, 100)


def test_no_figure_is_never_a_zero():
    found = stand(None)
    assert (found.actual, found.completion, found.gap) == (None, None, None)
    assert found.word() == "尚无数据"


def test_when_the_period_is_over_nearly_is_not_enough():
    assert stand(19999, as_of=YEAR_END).state == "missed"
    assert stand(20000, as_of=YEAR_END).state == "met"


def test_before_the_period_nothing_is_judged():
    assert stand(0, as_of=date(2022, 12, 31)).state == "not_begun"
    assert stand(0, as_of=date(2022, 12, 31)).light == "none"


def test_half_a_contest_is_not_expected():
    found = stand(0, target=Fraction(1))
    assert (found.expected, found.state) == (0, "on_pace")
    assert stand(0, target=Fraction(1), as_of=YEAR_END).state == "missed"


def test_a_total_over_three_years_is_held_against_the_three_years():
    found = stand(50000, target=Fraction(150000), period=THREE_YEARS, as_of=YEAR_END)
    assert (found.expected, found.state) == (50000, "on_pace")


def test_a_level_may_be_on_the_way_until_its_period_ends():
    def level(actual: int, day: date = MID_YEAR) -> str:
        return stand(actual, kind="level", target=Fraction(600000), as_of=day).state

    assert level(600000) == "met"
    assert level(540000) == "near"
    assert level(539999) == "off"
    assert level(599999, YEAR_END) == "missed"
    assert stand(1, kind="level").expected is None


def test_about_five_and_a_half_per_cent_unemployment_is_a_band_with_a_good_side():
    def unemployment(rate: str, day: date = MID_YEAR) -> str:
        return stand(
            Fraction(rate), kind="level", better="lower", comparator="~", target=Fraction(11, 2), as_of=day
        ).state

    assert unemployment("3.9") == "met"
    assert unemployment("5.7") == "met"
    assert unemployment("5.8") == "near"
    assert unemployment("7") == "off"
    assert unemployment("5.8", YEAR_END) == "missed"


def test_about_ninety_per_cent_coverage_may_be_exceeded_and_falls_short_below_the_band():
    def coverage(rate: str) -> str:
        return stand(Fraction(rate), kind="level", comparator="~", target=Fraction(90)).state

    assert coverage("99") == "met"
    assert coverage("85.5") == "met"
    assert coverage("85.4") == "near"
    assert coverage("60") == "off"


def test_no_county_without_a_fund_means_none_at_all():
    def counties(number: int) -> Progress:
        return stand(number, kind="level", better="lower", comparator="<=", target=Fraction(0))

    assert counties(0).state == "met"
    assert counties(1).state == "off"
    assert counties(1).completion is None


def test_an_unknown_kind_or_comparator_is_refused():
    with pytest.raises(ValueError, match="cannot assess"):
        stand(1, kind="mood")
    with pytest.raises(ValueError, match="cannot assess"):
        stand(1, comparator="=")


ORDER = {"red": 0, "yellow": 1, "green": 2}
DAYS = st.dates(date(2023, 1, 1), date(2023, 12, 31))


@given(
    kind=st.sampled_from(["flow", "level"]),
    comparator=st.sampled_from([">=", "~"]),
    target=st.integers(0, 10**6),
    actual=st.integers(0, 10**6),
    more=st.integers(0, 10**5),
    day=DAYS,
)
def test_more_of_a_good_thing_never_worsens_the_light(kind, comparator, target, actual, more, day):
    def light(figure: int) -> int:
        found = stand(figure, kind=kind, comparator=comparator, target=Fraction(target), as_of=day)
        return ORDER[found.light]

    assert light(actual + more) >= light(actual)


@given(target=st.integers(0, 10**6), actual=st.integers(0, 10**6), less=st.integers(0, 10**5), day=DAYS)
def test_less_of_a_bad_thing_never_worsens_the_light(target, actual, less, day):
    def light(figure: int) -> int:
        found = stand(
            figure, kind="level", better="lower", comparator="<=", target=Fraction(target), as_of=day
        )
        return ORDER[found.light]

    assert light(actual - less) >= light(actual)


@given(first=DAYS, second=DAYS)
def test_the_share_gone_never_runs_backwards(first, second):
    early, late = sorted((first, second))
    assert 0 < share_gone(YEAR, early) <= share_gone(YEAR, late) <= 1


def test_every_state_has_a_light_and_words_in_both_languages():
    for light, zh, en in STATES.values():
        assert light in LIGHTS
        assert zh
        assert en
    assert stand(20000).word("en") == "target met"
