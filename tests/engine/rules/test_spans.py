"""What is known only roughly settles what every value in it settles, and nothing else."""

from __future__ import annotations

import random
from datetime import date, timedelta
from itertools import pairwise

import pytest

from jiuye.engine.rules.audiences import Audience, slots_of
from jiuye.engine.rules.closures import DATE_FUNCTIONS
from jiuye.engine.rules.opening import OpenDecider
from jiuye.engine.rules.pack import require_pack
from jiuye.engine.rules.questions import Inquiry
from jiuye.engine.rules.rows import Row
from jiuye.engine.rules.spans import Between, MonthsAgo, lifted, unsettled
from tests.engine.rules.test_questions import ON, asked, inquiry, policy, statuses
from tests.engine.rules.workshop import TITHE


@pytest.mark.parametrize("value", [5, Between(4, 8), Between(10, 12), Between(1, 2)])
def test_a_comparison_is_certain_where_every_value_says_so(value):
    span = Between(3, 9)
    for name in ("__lt__", "__le__", "__gt__", "__ge__", "__eq__", "__ne__"):
        others = range(value.low, value.high + 1) if isinstance(value, Between) else [value]
        answers = {getattr(number, name)(other) for number in range(3, 10) for other in others}
        assert getattr(span, name)(value) is (answers.pop() if len(answers) == 1 else None), name


def test_nothing_equals_what_is_not_known():
    assert (Between(1, 2) == None) is False  # noqa: E711 (what `None in values` asks)


def _days(random_: random.Random) -> list[date]:
    return sorted(date(1990, 1, 1) + timedelta(days=random_.randrange(15_000)) for _ in range(3))


@pytest.mark.parametrize("name", sorted(DATE_FUNCTIONS))
def test_a_date_function_over_a_span_holds_what_it_gives_for_every_day_of_it(name):
    random_ = random.Random(name)
    function = DATE_FUNCTIONS[name]
    for _ in range(200):
        low, inner, high = _days(random_)
        other = date(1990, 1, 1) + timedelta(days=random_.randrange(15_000))
        number = random_.randrange(-60, 60)
        makers = {
            "year_of": [lambda day: [day]], "month_of": [lambda day: [day]],
            "add_months": [lambda day, n=number: [day, n]], "add_days": [lambda day, n=number: [day, n]],
        }.get(name, [lambda day, o=other: [day, o], lambda day, o=other: [o, day]])  # fmt: skip
        for arguments in makers:
            span = lifted(function, arguments(Between(low, high)))
            exact = function(*arguments(inner))
            assert span.holds(exact) if isinstance(span, Between) else span == exact


def test_sums_differences_and_products_of_spans_hold_those_of_their_values():
    random_ = random.Random(3)
    for _ in range(300):
        first, second = (Between(*sorted(random_.sample(range(-50, 50), 2))) for _ in range(2))
        one, other = random_.randint(first.low, first.high), random_.randint(second.low, second.high)
        for function in (lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a * b, min, max):
            assert lifted(function, [first, second]).holds(function(one, other))


def test_months_ago_cut_where_the_rules_cut():
    """Two years to the day is still within two years: “two years or more” leaves that day open, “less than two” does not hold it."""
    on = date(2025, 9, 15)
    more, less = MonthsAgo(24, None).on(on), MonthsAgo(None, 24).on(on)
    assert (more.high, less.low) == (date(2023, 9, 15), date(2023, 9, 16))
    years = [MonthsAgo(low, high).on(on) for low, high in pairwise((0, 12, 24, 60))]
    assert [(span.low, span.high) for span in years] == [
        (date(2024, 9, 16), date(2025, 9, 15)),
        (date(2023, 9, 16), date(2024, 9, 15)),
        (date(2020, 9, 16), date(2023, 9, 15)),
    ]


ROUGHLY = """    questions:
      - id: earning
        ask: 您挣多少？
        ask_en: How much do you earn?
        options:
          - {id: little, says: 不到一千, says_en: less than 1000, facts: {wage: {least: 0, most: 999.99}}}
          - {id: some, says: 一千到三千, says_en: 1000 to 3000, facts: {wage: {least: 1000, most: 3000}}}
          - {id: much, says: 三千以上, says_en: above 3000, facts: {wage: {least: 3000.01}}}"""


def test_the_exact_value_is_asked_only_where_the_rough_one_does_not_settle_it(tmp_path):
    calculator = inquiry(tmp_path, policy("grant", "wage < yuan(2000)"), questions=ROUGHLY)
    assert asked(calculator.state({}, ON)) == "earning"
    assert statuses(calculator.state({"earning": "little"}, ON)) == {"grant": "yes"}
    assert statuses(calculator.state({"earning": "much"}, ON)) == {"grant": "no"}
    between = calculator.state({"earning": "some"}, ON)
    assert (statuses(between), asked(between)) == ({"grant": "open"}, "wage")
    assert statuses(calculator.state({"earning": "some", "wage": 1_999_99}, ON)) == {"grant": "yes"}


def test_an_amount_that_is_known_roughly_is_not_known_yet(tmp_path):
    calculator = inquiry(tmp_path, policy("grant", "wage < yuan(2000)", amount="wage"), questions=ROUGHLY)
    state = calculator.state({"earning": "little"}, ON)
    assert (statuses(state), asked(state)) == ({"grant": "amount_open"}, "wage")
    world, _, _ = calculator.world({"earning": "little"}, ON)
    told = calculator.explanation(state.standings[0].policy, world, ON)
    assert (told.verdict, told.amount_fen) == ("unknown", None)
    assert told.clauses[0].seen[0].shown == "0.00 元 – 999.99 元"


TABLE = {
    "parameters/floors.yaml": """sources:
  law: {document: 办法, date: 2010-01-01, supports: 标准}
parameters:
  floor:
    name: 下限
    type: money
    by: boolean
    values:
      true: {2010-01-01: {value: 1000, source: law}}
      false: {2010-01-01: {value: 2000, source: law}}
"""
}


def test_a_table_whose_index_is_unknown_lies_between_its_least_and_its_greatest(tmp_path):
    calculator = inquiry(tmp_path, policy("grant", "wage >= floor[married]"), TABLE, questions=ROUGHLY)
    assert statuses(calculator.state({"earning": "much"}, ON)) == {"grant": "yes"}
    assert statuses(calculator.state({"earning": "little"}, ON)) == {"grant": "no"}
    assert statuses(calculator.state({"earning": "some"}, ON)) == {"grant": "open"}


def test_rough_knowledge_never_decides_against_what_every_exact_value_says():
    """Random islanders with a rough birth date: whatever is certain is what the rules say of each exact day inside."""
    pack = require_pack(TITHE)
    open_decider, tenth = OpenDecider(pack), pack.policies["monthly-tithe"]
    exact = Inquiry(pack, Audience("islander", slots_of(pack, "islander"))).decider
    random_ = random.Random(17)
    seen = set()
    for _ in range(400):
        low = date(1999, 1, 1) + timedelta(days=random_.randrange(900))
        span = Between(low, low + timedelta(days=random_.randrange(1, 400)))
        values = {
            "exempt": random_.random() < 0.3,
            "joined": 2014 * 12 + random_.randrange(30),
            "wage": 7000_00,
        }
        rough = open_decider.decide(tenth, Row("islander", values | {"birth_date": span}), ON)
        seen.add(rough.verdict)
        if rough.verdict == "unknown":
            continue
        for _ in range(5):
            day = span.low + timedelta(days=random_.randrange((span.high - span.low).days + 1))
            found = exact.decide(tenth, Row("islander", values | {"birth_date": day}), ON)
            assert (found.verdict, found.amount_fen) == (rough.verdict, rough.amount_fen)
    assert seen == {"yes", "no", "unknown"}


def test_unsettled_is_what_a_question_may_still_sharpen():
    assert [unsettled(value) for value in (None, Between(1, 2), 0, False, "x")] == [
        True,
        True,
        False,
        False,
        False,
    ]
