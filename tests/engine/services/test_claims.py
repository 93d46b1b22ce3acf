"""The procedures of claiming: the pack's own file, and what is said about a broken one."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from jiuye.engine.services import load_claims


@pytest.fixture
def text(pack_dir: Path) -> str:
    return (pack_dir / "services" / "claims.yaml").read_text()


def load(tmp_path: Path, text: str):
    path = tmp_path / "claims.yaml"
    path.write_text(text)
    claims, problems = load_claims(path, base=tmp_path)
    return claims, {problem.code: problem for problem in problems}


def test_the_pack_has_a_whole_procedure_for_every_way_of_claiming(pack_dir):
    claims, problems = load_claims(pack_dir / "services" / "claims.yaml")
    assert [problem.render() for problem in problems] == []
    assert set(claims.procedures) == {"automatic", "confirm", "apply"}
    assert claims.procedures["automatic"].step("accept").by == "system"
    assert claims.procedures["apply"].step("approve").level == "county"


def test_a_refusal_of_2025_can_be_appealed_in_two_ways_and_the_last_days_are_counted(pack_dir):
    claims, _ = load_claims(pack_dir / "services" / "claims.yaml")
    refused = date(2025, 8, 31)
    last = {appeal.id: appeal.last_day(refused) for appeal in claims.appeals_on(refused)}
    assert last == {"reconsideration": date(2025, 10, 30), "litigation": date(2026, 2, 28)}


def test_the_appeal_of_a_day_cites_the_law_of_that_day(pack_dir):
    claims, _ = load_claims(pack_dir / "services" / "claims.yaml")
    clause = {
        day: next(row.source.clause for row in claims.appeals_on(day) if row.id == "reconsideration")
        for day in (date(2023, 12, 31), date(2024, 1, 1))
    }
    assert clause == {date(2023, 12, 31): "第九条", date(2024, 1, 1): "第二十条、第二十四条"}


def test_a_promise_shorter_than_its_steps_is_refused_with_both_numbers(tmp_path, text):
    claims, problems = load(tmp_path, text.replace("promised_workdays: 15", "promised_workdays: 9"))
    assert claims is None
    assert "15" in problems["promise-too-short"].zh
    assert "9" in problems["promise-too-short"].zh


def test_a_number_said_to_be_set_by_a_document_needs_the_document(tmp_path, text):
    claims, problems = load(
        tmp_path,
        text.replace("publicity: {workdays: 7, basis: design", "publicity: {workdays: 7, basis: document"),
    )
    assert claims is None
    assert "source" in problems["missing-source"].zh


def test_a_missing_step_a_wrong_level_and_an_unknown_source_are_all_reported_in_one_run(tmp_path, text):
    broken = text.replace(
        "      - {act: review, by: reviewer, level: county, workdays: 5, basis: design}\n", ""
    ).replace("source: litigation", "source: litigaton")
    broken = broken.replace("level: street, workdays: 2", "level: stret, workdays: 2")
    claims, problems = load(tmp_path, broken)
    assert claims is None
    assert {"steps-incomplete", "unknown-source", "unknown-word"} <= set(problems)
    assert "litigation" in problems["unknown-source"].zh
    assert "street" in problems["unknown-word"].zh


def test_an_appeal_without_a_period_is_refused(tmp_path, text):
    claims, problems = load(tmp_path, text.replace("    months: 6\n", ""))
    assert claims is None
    assert "one-period" in problems


def test_a_missing_file_is_said_to_be_missing(tmp_path):
    claims, problems = load_claims(tmp_path / "claims.yaml", base=tmp_path)
    assert claims is None
    assert [problem.code for problem in problems] == ["no-such-file"]
