"""The pack's funds: each with its source, and mistakes told all at once with their place."""

from __future__ import annotations

import shutil

from jiuye.config.commands.check import check
from jiuye.engine.basis.problems import Place
from jiuye.engine.ledger.funds_file import check_fund_uses, load_funds

GOOD = """funds:
  - id: one
    name: 资金
    name_en: Fund
    sources: [{document: 办法, number: 财〔2023〕1号}]
"""


def load(tmp_path, text):
    path = tmp_path / "funds.yaml"
    path.write_text(text, encoding="utf-8")
    return load_funds(path, base=tmp_path)


def test_the_citys_funds_have_sources_and_the_floors_of_task_four(pack_dir):
    funds, problems = load_funds(pack_dir / "funds.yaml", base=pack_dir)
    assert not list(problems)
    assert set(funds) >= {"employment-subsidy", "unemployment-insurance", "city-employment"}
    assert all(fund.sources for fund in funds.values())
    floors = {floor.id: floor for floor in funds["city-employment"].floors}
    assert floors["whole-city"].at_least_fen == 300_000_000_00
    assert floors["municipality"].at_least_fen == 80_000_000_00
    assert floors["whole-city"].years == (2023, 2024, 2025)


def test_the_floors_are_worded_as_the_plan_words_them(pack_dir):
    words = (pack_dir / "plan.yaml").read_text(encoding="utf-8")
    funds, _ = load_funds(pack_dir / "funds.yaml")
    for fund in funds.values():
        for floor in fund.floors:
            assert floor.text in words


def test_a_good_file_gives_its_citation(tmp_path):
    funds, problems = load(tmp_path, GOOD)
    assert not list(problems)
    assert funds["one"].sources[0].citation == "办法（财〔2023〕1号）"


def test_every_mistake_is_told_in_one_run_with_its_line(tmp_path):
    text = """funds:
  - id: One
    name: 资金
    name_en: Fund
    sources: []
    flors: []
    floors:
      - {id: a, name: 甲, name_en: A, years: [2023, 2023, x], at_least_yuan: 3亿, text: t, source: s}
      - {id: a, name: 甲, name_en: A, years: [2024], at_least_yuan: "-1", text: t, source: s}
  - nothing
"""
    funds, problems = load(tmp_path, text)
    assert funds == {}
    found = [(problem.place.line, problem.code) for problem in problems]
    assert found == [
        (2, "bad-id"),
        (5, "no-source"),
        (6, "unknown-key"),
        (7, "duplicate-id"),
        (8, "bad-year"),
        (8, "not-a-whole-number"),
        (8, "not-an-amount"),
        (9, "not-an-amount"),
        (10, "wrong-shape"),
    ]
    assert "floors" in next(problem.zh for problem in problems if problem.code == "unknown-key")


def test_the_same_fund_twice_is_refused(tmp_path):
    _, problems = load(tmp_path, GOOD + GOOD.split("\n", 1)[1])
    assert [problem.code for problem in problems] == ["duplicate-id"]


def test_a_missing_file_is_a_problem_not_a_crash(tmp_path):
    funds, problems = load_funds(tmp_path / "funds.yaml", base=tmp_path)
    assert funds == {}
    assert [problem.code for problem in problems] == ["no-such-file"]


def test_a_policy_that_draws_on_no_known_fund_is_told_with_the_nearest_name(tmp_path):
    funds, problems = load(tmp_path, GOOD)
    here = Place("policies/p.yaml", 3, 7)
    check_fund_uses([("one", here), ("onee", here)], funds, problems)
    (problem,) = problems
    assert (problem.code, problem.place) == ("unknown-fund", here)
    assert "是否想写“one”" in problem.zh
    assert "did you mean 'one'" in problem.en


def test_the_citys_check_counts_its_funds_and_finds_a_misspelt_one(tmp_path, pack_dir):
    copy = tmp_path / "pack"
    shutil.copytree(pack_dir, copy)
    problems, counts = check(copy)
    assert not problems.errors
    assert "6 项资金" in counts
    policy = copy / "policies" / "startup-grant.yaml"
    text = policy.read_text(encoding="utf-8")
    policy.write_text(text.replace("fund: city-employment", "fund: city-employmnt"), encoding="utf-8")
    problems, _ = check(copy)
    assert [problem.code for problem in problems.errors] == ["unknown-fund"]
