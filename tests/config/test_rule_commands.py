"""`jiuye check`, `cases`, `explain` and `sweep`: what they print, in both languages, and how they end."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from jiuye.config.cli import main
from jiuye.engine.rules.pack import require_pack
from tests.engine.rules.populations import Population
from tests.engine.rules.test_sweeping import laid
from tests.engine.rules.workshop import Change, changed_tithe

FIREWOOD = "policies/firewood-gift.yaml"
POOR = "shore: north\nhearths: 2\nmembers:\n  - {wage: 1000, birth_date: 1980-01-01}\n"


@pytest.fixture
def tithe(tmp_path) -> Path:
    return changed_tithe(tmp_path)


@pytest.fixture
def facts(tmp_path) -> Path:
    path = tmp_path / "household.yaml"
    path.write_text(POOR, encoding="utf-8")
    return path


def run(capsys, *arguments: str | Path) -> tuple[int, str, str]:
    """(exit code, standard output, standard error)."""
    try:
        code = main([str(argument) for argument in arguments])
    except SystemExit as ended:  # argparse ends by itself
        code = int(ended.code or 0)
    shown = capsys.readouterr()
    return code, shown.out, shown.err


# --- check


def test_check_of_a_sound_pack_prints_one_line_of_counts_and_nothing_else(capsys, tithe):
    assert run(capsys, "check", tithe) == (
        0,
        "2 个政策、4 个派生事实、11 个事实、15 个案例，没有错误。\n",
        "",
    )
    assert run(capsys, "check", tithe, "--lang", "en") == (
        0,
        "2 policies, 4 derived facts, 11 facts, 15 cases; no errors.\n",
        "",
    )


def test_check_of_a_broken_pack_shows_every_mistake_and_ends_with_one(capsys, tmp_path):
    folder = changed_tithe(
        tmp_path,
        Change(FIREWOOD, "test: income < yuan(2000)", "test: income < 2000"),
        Change("policies/monthly-tithe.yaml", "for: islander", "for: ilander"),
    )
    code, out, err = run(capsys, "check", folder)
    assert (code, out) == (1, "")
    assert "tithe/policies/firewood-gift.yaml:15:11: 错误[types-do-not-meet]" in err
    assert "   15 |     test: income < 2000\n      |           ^^^^^^^^^^^^^\n" in err
    assert "没有实体“ilander”。是否想写“islander”？" in err
    assert err.endswith("2 处错误，0 处提醒。\n")
    assert run(capsys, "check", folder, "--lang", "en")[2].endswith("2 error(s), 0 warning(s).\n")


def test_check_prints_warnings_beside_the_counts_and_ends_well(capsys, tmp_path):
    unused = "parameters:\n  nails: {name: 钉, type: integer, values: {2000-01-01: {value: 1, source: charter}}}\nconditions:\n"
    folder = changed_tithe(tmp_path, Change(FIREWOOD, "conditions:\n", unused))
    code, out, err = run(capsys, "check", folder)
    assert (code, out.count("\n")) == (0, 1)
    assert "提醒[unused-parameter]" in err


def test_check_of_a_folder_that_does_not_exist_is_one_sentence(capsys, tmp_path):
    code, out, err = run(capsys, "check", tmp_path / "nowhere", "--lang", "en")
    assert (code, out) == (1, "")
    assert err == (
        f"{tmp_path / 'nowhere'}:1:1: error[no-such-pack] there is no such folder of a pack; check the path.\n1 error(s), 0 warning(s).\n"
    )


# --- cases


def test_cases_says_how_many_passed(capsys, tithe):
    assert run(capsys, "cases", tithe) == (0, "15 passed, 0 failed\n", "")


def test_a_case_that_fails_says_what_should_be_and_what_is(capsys, tmp_path):
    folder = changed_tithe(tmp_path, Change(FIREWOOD, "amount: 24.68}", "amount: 24.69}"))
    code, out, _ = run(capsys, "cases", folder)
    assert code == 1
    assert out == (
        "tithe/policies/firewood-gift.yaml:23: firewood-gift：北岸两灶\n"
        "    金额应为 24.69，实为 24.68（全部条件都满足。）\n14 passed, 1 failed\n"
    )
    assert "amount should be 24.69, is 24.68" in run(capsys, "cases", folder, "--lang", "en")[1]


def test_a_derived_fact_whose_missing_facts_differ_fails_its_case(capsys, tmp_path):
    right = Change(
        "derived/households.yaml",
        "expect: {value: unknown}",
        "expect: {value: unknown, missing: [members.wage]}",
    )
    assert run(capsys, "cases", changed_tithe(tmp_path / "a", right))[0] == 0
    numbered = Change(
        "derived/households.yaml", right.old, "expect: {value: unknown, missing: ['members[2].wage']}"
    )
    assert run(capsys, "cases", changed_tithe(tmp_path / "b", numbered))[0] == 0
    wrong = Change(
        "derived/households.yaml", right.old, "expect: {value: unknown, missing: [members.birth_date]}"
    )
    code, out, _ = run(capsys, "cases", changed_tithe(tmp_path / "c", wrong))
    assert code == 1
    assert "缺少的信息应为 members.birth_date，实为 members.wage" in out


def test_cases_of_a_broken_pack_are_not_run(capsys, tmp_path):
    folder = changed_tithe(tmp_path, Change(FIREWOOD, "for: household", "for: houshold"))
    code, out, err = run(capsys, "cases", folder)
    assert (code, out) == (1, "")
    assert "houshold" in err


def test_every_case_of_the_city_s_pack_passes(capsys, pack_dir):
    code, out, _ = run(capsys, "cases", pack_dir)
    assert code == 0, out
    passed, failed = (int(word) for word in out.replace(",", "").split() if word.isdigit())
    assert passed > 100
    assert failed == 0


def test_every_policy_of_the_city_has_cases_of_every_kind(pack_dir):
    """A policy whose cases are all of one verdict has never been tried at its borders."""
    for policy in require_pack(pack_dir).policies.values():
        verdicts = {case.expect.text("verdict") for case in policy.cases}
        assert {"no", "unknown"} <= verdicts, f"{policy.id} has only cases of {sorted(verdicts)}"


# --- explain


def test_explain_prints_verdict_conditions_law_values_and_amount(capsys, tithe, facts):
    code, out, err = run(
        capsys, "explain", "firewood-gift", "--facts", facts, "--on", "2011-01-01", "--pack", tithe
    )
    assert (code, err) == (0, "")
    for piece in (
        "柴火补贴（firewood-gift，2011-01-01）",
        "结论: 符合",
        "✓ 1. 全户月收入低于 2000 元",
        "依据: 全户月入不足二千者",
        "出处: 《岛约》第7条，1999-12-01",
        "全户收入 income = 1,000.00 元",
        "金额: 24.68 元",
        "四舍五入到分(每灶柴钱 12.34 元 × 灶台数 2) = 24.68 元",
        "规则版本: ",
    ):
        assert piece in out, piece


def test_explain_in_english(capsys, tithe, facts):
    _, out, _ = run(
        capsys,
        "explain",
        "firewood-gift",
        "--facts",
        facts,
        "--on",
        "2011-01-01",
        "--pack",
        tithe,
        "--lang",
        "en",
    )
    assert "firewood gift" in out
    assert "Verdict: entitled" in out
    assert "Rule version: " in out


def test_explain_names_what_is_missing_and_who_holds_it(capsys, tithe, facts):
    facts.write_text("hearths: 2\nmembers: [{birth_date: 1980-01-01}]\n", encoding="utf-8")
    code, out, _ = run(
        capsys, "explain", "firewood-gift", "--facts", facts, "--on", "2011-01-01", "--pack", tithe
    )
    assert code == 0
    assert "结论: 不能判定" in out
    assert "缺 月工资 members[1].wage，由谁掌握: 账房；您每月挣多少？" in out


def test_explain_as_json_is_one_object(capsys, tithe, facts):
    code, out, _ = run(
        capsys, "explain", "firewood-gift", "--facts", facts, "--on", "2011-01-01", "--pack", tithe, "--json"
    )
    found = json.loads(out)
    assert (code, found["verdict"], found["amount"], found["receipt"]["on"]) == (
        0,
        "yes",
        "24.68",
        "2011-01-01",
    )


def test_explain_without_any_fact_says_what_would_be_needed(capsys, tithe, facts):
    facts.write_text("{}\n", encoding="utf-8")
    code, out, _ = run(
        capsys, "explain", "firewood-gift", "--facts", facts, "--on", "2011-01-01", "--pack", tithe, "--json"
    )
    found = json.loads(out)
    assert (code, found["verdict"]) == (0, "unknown")
    assert [item["name"] for item in found["missing"]] == ["members"]


@pytest.mark.parametrize("day", ["2023-02-30", "yesterday", "20230101", "２０２３-01-01"])
def test_a_day_that_is_none_is_refused_with_how_to_write_one(capsys, tithe, facts, day):
    code, out, err = run(capsys, "explain", "firewood-gift", "--facts", facts, "--on", day, "--pack", tithe)
    assert (code, out) == (2, "")
    assert f"“{day}”不是日历上的日期" in err
    assert "2023-07-01" in err


def test_the_last_day_of_the_calendar_is_a_day_like_any_other(capsys, tithe, facts):
    facts.write_text("exempt: false\n", encoding="utf-8")
    assert (
        run(capsys, "explain", "monthly-tithe", "--facts", facts, "--on", "9999-12-31", "--pack", tithe)[0]
        == 0
    )


def test_a_policy_that_does_not_exist_is_refused_with_the_nearest_name(capsys, tithe, facts):
    code, out, err = run(
        capsys, "explain", "firewod-gift", "--facts", facts, "--on", "2011-01-01", "--pack", tithe
    )
    assert (code, out, err) == (1, "", "没有政策“firewod-gift”。是否想写“firewood-gift”？\n")
    _, _, err = run(
        capsys, "explain", "zzz", "--facts", facts, "--on", "2011-01-01", "--pack", tithe, "--lang", "en"
    )
    assert err == "no policy 'zzz'; known: firewood-gift, monthly-tithe.\n"


def test_a_facts_file_with_unknown_keys_shows_all_of_them(capsys, tithe, facts):
    facts.write_text("shoore: north\nhearths: many\nmembers: [{wages: 1}]\n", encoding="utf-8")
    code, out, err = run(
        capsys, "explain", "firewood-gift", "--facts", facts, "--on", "2011-01-01", "--pack", tithe
    )
    assert (code, out) == (1, "")
    assert (
        ":1:1: 错误[unknown-fact] “household”没有叫“shoore”的事实或关系。是否想写“shore”？\n    1 | shoore: north\n      | ^^^^^^\n"
        in err
    )
    assert ":2:10: 错误[wrong-value] “many”不是整数。" in err
    assert ":3:12: 错误[unknown-fact] “islander”没有叫“wages”的事实或关系。是否想写“wage”？" in err
    assert err.endswith("3 处错误，0 处提醒。\n")


def test_a_facts_file_that_does_not_exist_is_one_sentence(capsys, tithe, tmp_path):
    arguments = (
        "explain",
        "firewood-gift",
        "--facts",
        tmp_path / "none.yaml",
        "--on",
        "2011-01-01",
        "--pack",
        tithe,
    )
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (1, "")
    assert "没有这个文件" in err


def test_explain_with_a_broken_pack_shows_its_mistakes(capsys, tmp_path, facts):
    folder = changed_tithe(tmp_path, Change(FIREWOOD, "for: household", "for: houshold"))
    code, out, err = run(
        capsys, "explain", "firewood-gift", "--facts", facts, "--on", "2011-01-01", "--pack", folder
    )
    assert (code, out) == (1, "")
    assert "unknown-entity" in err


# --- sweep


def test_sweep_prints_a_line_a_policy_and_writes_its_files(capsys, tithe, tmp_path):
    data = laid(tmp_path)
    code, out, err = run(
        capsys, "sweep", "--data", data, "--on", "2011-05-20", "--out", tmp_path / "out", "--pack", tithe
    )
    assert code == 0, err
    lines = out.splitlines()
    assert lines[0].split() == [
        "firewood-gift",
        "3",
        "→",
        "yes",
        "1",
        "unknown",
        "0",
        "no",
        "2",
        "24.68",
        "元",
    ]
    assert len(lines) == 2
    assert (tmp_path / "out" / "sweep.json").exists()


@pytest.mark.parametrize(
    ("break_it", "sentence"),
    [
        (lambda data: (data / "household.parquet").unlink(), "household.parquet is missing"),
        (lambda data: (data / "islander.parquet").write_bytes(b"PAR1"), "is not a readable Parquet file"),
    ],
    ids=["a file is missing", "a file is broken"],
)
def test_a_sweep_over_data_that_do_not_fit_is_one_sentence(capsys, tithe, tmp_path, break_it, sentence):
    data = laid(tmp_path)
    break_it(data)
    arguments = (
        "sweep",
        "--data",
        data,
        "--on",
        "2011-05-20",
        "--out",
        tmp_path / "out",
        "--pack",
        tithe,
        "--lang",
        "en",
    )
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (1, "")
    assert sentence in err
    assert "Traceback" not in err


def test_a_sweep_over_a_folder_that_does_not_exist_is_one_sentence(capsys, tithe, tmp_path):
    arguments = (
        "sweep",
        "--data",
        tmp_path / "none",
        "--on",
        "2011-05-20",
        "--out",
        tmp_path / "out",
        "--pack",
        tithe,
    )
    assert run(capsys, *arguments)[:2] == (1, "")


def test_a_sweep_with_a_memory_limit_that_is_none_is_one_sentence(capsys, tithe, tmp_path):
    data = laid(tmp_path)
    arguments = (
        "sweep",
        "--data",
        data,
        "--on",
        "2011-05-20",
        "--out",
        tmp_path / "out",
        "--pack",
        tithe,
        "--memory",
        "lots",
    )
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (1, "")
    assert err == "内存上限“lots”写得不对，请写成 2GB、500MB 的样子。\n"


def test_the_city_s_whole_pack_is_swept_from_files(capsys, pack_dir, tmp_path):
    pack = require_pack(pack_dir)
    Population(pack, date(2024, 3, 31), 200, seed=3).write(tmp_path / "data")
    arguments = (
        "sweep",
        "--data",
        tmp_path / "data",
        "--on",
        "2024-03-31",
        "--out",
        tmp_path / "out",
        "--pack",
        pack_dir,
    )
    code, out, err = run(capsys, *arguments)
    assert code == 0, err
    assert len(out.splitlines()) == len(pack.policies)
