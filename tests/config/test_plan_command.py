"""`jiuye plan commitments`: a list for programs, a table for people, and one sentence for a broken pack."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from jiuye.config.cli import main

PACK = Path(__file__).resolve().parents[2] / "plans" / "yangzhou-2023-2025"


def test_json_is_a_list_of_rows_with_exactly_the_agreed_keys(capsys):
    assert main(["plan", "commitments", "--json", "--pack", str(PACK)]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {tuple(row) for row in rows} == {
        ("task", "year", "comparator", "value", "unit", "text", "indicator")
    }
    assert rows[0] == {
        "task": 0,
        "year": "2023-2025",
        "comparator": ">=",
        "value": 150000,
        "unit": "人",
        "text": "2023年至2025年，全市城镇新增就业15万人以上",
        "indicator": "urban-new-employment",
    }
    assert [row["value"] for row in rows if row["indicator"] == "surveyed-unemployment-rate"] == [5.5] * 3
    assert [row["year"] for row in rows if row["indicator"] == "counties-without-fund"] == [None]
    assert all(isinstance(row["value"], int) for row in rows if row["unit"] == "元")


def test_without_json_it_is_a_table_in_the_language_asked_for(capsys):
    assert main(["plan", "commitments", "--pack", str(PACK)]) == 0
    chinese = capsys.readouterr().out
    assert "≥ 150,000" in chinese
    assert "约 5.5" in chinese
    assert chinese.splitlines()[-1] == "共 133 个目标值，71 项承诺。"
    assert main(["plan", "commitments", "--pack", str(PACK), "--lang", "en"]) == 0
    assert "New urban employment" in capsys.readouterr().out


def test_a_pack_with_a_mistake_prints_it_with_its_line_and_no_list(capsys, tmp_path):
    broken = tmp_path / "pack"
    shutil.copytree(PACK, broken)
    plan = broken / "plan.yaml"
    plan.write_text(
        plan.read_text(encoding="utf-8").replace("indicator: rural-projects", "indicator: rural-project")
    )
    assert main(["plan", "commitments", "--json", "--pack", str(broken), "--lang", "en"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "plan.yaml:" in captured.err
    assert "there is no indicator 'rural-project'; did you mean 'rural-projects'?" in captured.err


def test_a_folder_that_is_not_there_is_one_sentence(capsys, tmp_path):
    assert main(["plan", "commitments", "--pack", str(tmp_path / "nowhere")]) == 1
    assert "没有这个方案目录" in capsys.readouterr().err
