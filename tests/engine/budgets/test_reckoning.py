"""From counts to a year's money: who starts within the year, what is kept apart, and whole fen."""

from __future__ import annotations

import pytest

from jiuye.engine.budgets.projecting import Projected
from jiuye.engine.budgets.reckoning import Percentages, mean_of, periods_of, reckon

ALL = Percentages(entrants=100, take_up=100, carried_over=0)


@pytest.mark.parametrize(
    ("period", "starting", "ahead", "in_force", "periods"),
    [
        ("month", 12, 0, 12, 78),  # one a month: 1 + 2 + … + 12
        ("month", 12, 3, 12, 114),  # three have begun before the year: 4 + 5 + … + 15
        ("month", 12, 0, 6, 21),  # the policy ends at midyear
        ("month", 1, 8, 12, 9),  # the one person begins in the fourth month of the year
        ("quarter", 12, 0, 12, 22),  # decided in January, April, July and October: 1 + 4 + 7 + 10
        ("year", 12, 3, 12, 15),
        ("once", 12, 3, 12, 12),  # those who begin before the year are not of the year
        ("once", 1, 11, 12, 1),
        ("month", 0, 3, 12, 0),
    ],
)
def test_payments_of_those_who_start_within_the_year(period, starting, ahead, in_force, periods):
    assert periods_of(starting, period=period, months_ahead=ahead, in_force=in_force) == periods


def row(**changes) -> Projected:
    return Projected("p", "c", **changes)


def test_the_parts_stand_apart_and_the_unknown_is_in_none_of_them():
    found = reckon(
        row(months=[(2, 200)] * 12, waiting=3, waiting_fen=301, unknown=5),
        period="month",
        mean_fen=100,
        newcomers=12,
        months_ahead=0,
        percentages=Percentages(entrants=50, take_up=90, carried_over=50),
    )
    assert (found.known_periods, found.known_fen) == (24, 2_400 * 90 // 100)
    assert (found.new_periods, found.new_fen) == (36, 3_600 * 90 // 100)  # six start: half by half a month
    assert found.carried_fen == 150  # a part of a fen is dropped
    assert found.total_fen == 2_160 + 3_240 + 150
    assert found.unknown_most_fen == 5 * 12 * 100


def test_what_is_not_in_force_in_the_year_takes_nothing():
    found = reckon(
        row(unknown=4), period="year", mean_fen=100, newcomers=9, months_ahead=2, percentages=ALL, in_force=0
    )
    assert (found.total_fen, found.unknown_most_fen) == (0, 0)


def test_the_mean_is_of_those_entitled_today_else_of_the_year_else_nothing():
    assert mean_of([row(standing=3, standing_fen=1_000)]) == 333
    assert mean_of([row(months=[(1, 700)] + [(0, 0)] * 11)]) == 700
    assert mean_of([row()]) == 0
