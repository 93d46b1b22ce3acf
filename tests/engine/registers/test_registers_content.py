"""registers.yaml and places/registers.yaml: the city's own files, and what is said about broken ones."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from random import Random

import pytest

from jiuye.engine.basis.problems import Problems
from jiuye.engine.registers import load_registers, load_spreads
from jiuye.engine.rules.types import BOOLEAN, DATE, INTEGER, MONEY, Type
from jiuye.engine.rules.vocabulary import Fact

ON = date(2025, 9, 15)
ENUMS = {"grade": {"a": "甲", "b": "乙"}}
TYPES = {
    "declared": BOOLEAN, "owed": MONEY, "share": Type("number", 4), "staff": INTEGER, "since": DATE,
    "grade": Type("enum", enum="grade"),
}  # fmt: skip
FACTS = {("tax", "employer"): {name: Fact("employer", name, of, name, name) for name, of in TYPES.items()}}
REGISTER = "{name: 税务, name_en: tax, department: 税务局, department_en: Tax, every: month, lists: everyone}"


def registers(tmp_path: Path, text: str) -> tuple[dict, dict]:
    path = tmp_path / "registers.yaml"
    path.write_text(text, encoding="utf-8")
    found, problems = load_registers(path, base=tmp_path)
    return found, {problem.code: problem for problem in problems}


def spreads(tmp_path: Path, facts: str, *, of: str = "") -> tuple[tuple, list]:
    path = tmp_path / "registers.yaml"
    text = "missing_per_1000: 0\nregisters:\n  tax:\n    employer:\n"
    path.write_text(text + (f"      of: {of}\n" if of else "") + f"      facts:\n{facts}\n", encoding="utf-8")
    found, problems = load_spreads(path, FACTS, ENUMS, base=tmp_path)
    return found, [problem for problem in problems if problem.code != "no-spread"]


def one(tmp_path: Path, case: str, fact: str = "declared"):
    found, problems = spreads(tmp_path, f"        {fact}: {case}")
    return found, problems


def test_a_register_says_who_keeps_it_how_often_it_comes_and_what_silence_means(tmp_path):
    found, problems = registers(tmp_path, f"registers:\n  tax: {REGISTER}\n")
    assert problems == {}
    tax = found["tax"]
    assert (tax.department, tax.every, tax.lists, tax.protected) == ("税务局", "month", "everyone", False)


def test_a_pack_without_the_file_has_no_registers(tmp_path):
    assert load_registers(tmp_path / "registers.yaml")[0] == {}


def test_a_word_that_is_no_interval_names_the_nearest(tmp_path):
    _, problems = registers(tmp_path, f"registers:\n  tax: {REGISTER.replace('month', 'mouth')}\n")
    assert "month" in problems["unknown-word"].zh
    assert problems["unknown-word"].place.line == 2


def test_an_unknown_key_and_a_key_in_capitals_are_refused(tmp_path):
    _, problems = registers(tmp_path, f"registers:\n  Tax: {REGISTER[:-1]}, form: x}}\n")
    assert {"unknown-key", "bad-name"} <= set(problems)


@pytest.mark.parametrize(
    ("fact", "case", "values"),
    [
        ("declared", "{yes: 100}", {True}),
        ("declared", "{yes: 0}", {False}),
        ("grade", "{shares: {a: 1}}", {"a"}),
        ("owed", "{from: 100, to: 300, step: 100}", {100, 200, 300}),
        ("staff", "{value: 7}", {7}),
        ("since", "{days_ago: [14, 14]}", {"2025-09-01"}),
        ("staff", "{part_of: staff, percent: [50, 51]}", {100, 102}),
    ],
)
def test_a_draw_gives_the_values_that_are_written(tmp_path, fact, case, values):
    (spread,), problems = one(tmp_path, case, fact)
    assert problems == []
    (drawn,) = spread.facts[fact]
    random = Random(1)
    assert {drawn.draw(random, ON, {"staff": 200}) for _ in range(60)} == values
    assert drawn.common(ON, {"staff": 200}) in values


def test_a_share_in_a_hundred_is_kept_to_the_thousandth(tmp_path):
    (spread,), _ = one(tmp_path, "{yes: 0.5}")
    (case,) = spread.facts["declared"]
    random = Random(5)
    assert 400 < sum(case.draw(random, ON, {}) for _ in range(100_000)) < 600


def test_the_first_case_that_fits_counts_and_one_may_ask_for_what_was_drawn_before(tmp_path):
    (spread,), problems = spreads(
        tmp_path,
        "        declared: {yes: 100}\n"
        "        owed:\n"
        "          - {when: {declared: true, age: {to: 2}}, value: 1.50}\n"
        "          - {when: {kind: [enterprise, government]}, value: 2}\n"
        "          - {value: 3}",
    )
    assert problems == []
    young, old, shop = (
        {"declared": True, "age": 2, "kind": "enterprise"},
        {"declared": True, "age": 3, "kind": "enterprise"},
        {"declared": False, "age": 1, "kind": "individual_business"},
    )
    first = [
        next(case for case in spread.facts["owed"] if case.fits(known)).values[0]
        for known in (young, old, shop)
    ]
    assert [str(value) for value in first] == ["1.50", "2", "3"]


def test_what_is_settled_of_a_subject_is_tested_once_and_what_is_drawn_is_left(tmp_path):
    (spread,), _ = spreads(
        tmp_path,
        "        declared: {yes: 100}\n"
        "        owed: [{when: {kind: enterprise, declared: true}, value: 1}, {when: {kind: enterprise}, value: 2}, {value: 3}]",
    )
    assert spread.asks == ("kind",)
    chances = [dict(spread.chances({"kind": kind}) or ()) for kind in ("enterprise", "government")]
    assert [[(case.when, case.values) for case in found["owed"]] for found in chances] == [
        [((("declared", frozenset({"true"})),), (1,)), ((), (2,))],
        [((), (3,))],
    ]


def test_what_is_not_known_of_a_subject_fits_no_test(tmp_path):
    (spread,), _ = spreads(tmp_path, "        declared: {yes: 100}", of="{age: {from: 0}}")
    assert spread.chances({"age": 0}) is not None
    assert spread.chances({"age": None}) is None


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ("        declard: {yes: 1}", "declared"),
        ("        declared: {yes: 101}", "0 与 100"),
        ("        declared: {from: 1, to: 2}", "不能用 from"),
        ("        owed: {from: 5, to: 1}", "to 不能小于 from"),
        ("        owed: {value: much}", "“much”不是金额"),
        ("        grade: {shares: {c: 1}}", "“c”不是"),
        ("        grade: {shares: {a: 0}}", "大于 0"),
        ("        since: {days_ago: [9, 3]}", "先小后大"),
        ("        owed: {part_of: stuff, percent: [1, 2]}", "staff"),
        ("        declared: {yes: 1, value: true}", "写一种"),
        ("        declared: {when: {age: {to: 1}}, yes: 1}", "最后一种情形"),
        ("        declared: [{yes: 1}, {yes: 2}]", "后面不能再有"),
        ("        declared: [{when: {sise: small}, yes: 1}, {yes: 2}]", "size"),
        ("        declared: 5", "一组"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_what_to_do(tmp_path, facts, says):
    _, problems = spreads(tmp_path, facts)
    (problem,) = problems
    assert says in problem.zh
    assert problem.place.line > 4


def test_a_fact_without_a_spread_is_a_warning_at_the_fact(tmp_path):
    path = tmp_path / "registers.yaml"
    path.write_text("missing_per_1000: 0\nregisters: {}\n", encoding="utf-8")
    problems = Problems()
    load_spreads(path, FACTS, ENUMS, problems=problems)
    assert problems.errors == []
    assert {problem.code for problem in problems.warnings} == {"no-spread"}
    assert len(problems.warnings) == len(TYPES)
