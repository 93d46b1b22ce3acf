"""Indicator definitions: Yangzhou's are complete and honest, broken ones are explained."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from jiuye.engine.indicators import (
    NoThresholdsError,
    load_assessment,
    load_indicators,
)
from jiuye.engine.plan import load_plan_room

PACK = Path(__file__).resolve().parents[3] / "plans" / "yangzhou-2023-2025"

ONE = """\
indicators:
  - id: trees
    name: 种树
    name_en: Trees
    unit: 棵
    kind: flow
    definition: 当年种下的树。
    formula: 计数
    frequency: year
    confidence: found
    sources: [{document: 种树办法, date: 2023-01-05}]
    measure: reported
"""


def problems_of(folder: Path, text: str, **more: object) -> list:
    (folder / "one.yaml").write_text(text, encoding="utf-8")
    return list(load_indicators(folder, base=folder, **more)[1])  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def room():
    found, problems = load_plan_room(PACK)
    assert [problem.render("en") for problem in problems] == []
    return found


def test_every_commitment_has_an_indicator_with_definition_source_and_measure(room):
    for commitment in room.plan.commitments():
        indicator = room.indicators[commitment.indicator]
        assert indicator.unit == commitment.unit
        assert indicator.definition
        assert indicator.sources
        assert indicator.measure


def test_the_direction_of_every_indicator_fits_the_comparators_of_the_plan(room):
    for commitment in room.plan.commitments():
        better = room.indicators[commitment.indicator].better
        assert (
            commitment.comparator == "~" or better == {">=": "higher", "<=": "lower"}[commitment.comparator]
        )


def test_a_guessed_definition_says_that_it_is_not_confirmed(room):
    guessed = [indicator for indicator in room.indicators.values() if indicator.confidence == "guess"]
    assert {indicator.id for indicator in guessed} == {
        "graduates-in-yangzhou",
        "professional-talent",
        "insurance-contribution-rate",
        "sector-employment-deviation",
        "wage-gdp-synchrony",
    }
    for indicator in guessed:
        assert not indicator.confirmed
        assert "工作口径" in indicator.definition
        assert indicator.note


def test_bare_words_of_the_plan_are_not_passed_off_as_a_definition(room):
    for indicator in room.indicators.values():
        if indicator.confidence == "undefined":
            assert not indicator.confirmed
            assert {source.number or source.document for source in indicator.sources} == {
                "扬府发〔2023〕49号"
            }


def test_the_surveyed_unemployment_rate_is_never_computed_from_our_records(room):
    assert room.indicators["surveyed-unemployment-rate"].is_reported


def test_a_sound_file_has_no_problems(tmp_path):
    assert problems_of(tmp_path, ONE, measures=()) == []


MISTAKES = [
    ("unknown-key", "unit: 棵", "unit: 棵\n    units: 棵", "did you mean 'unit'?"),
    ("missing-key", "    formula: 计数\n", "", "'formula' is missing"),
    ("unknown-word", "kind: flow", "kind: flo", "did you mean 'flow'?"),
    ("unknown-word", "frequency: year", "frequency: yearly", "did you mean 'year'?"),
    ("unknown-word", "confidence: found", "confidence: sure", "'confidence' cannot be 'sure'"),
    ("unknown-measure", "measure: reported", "measure: trees_plantd", "did you mean 'trees_planted'?"),
    ("no-source", "[{document: 种树办法, date: 2023-01-05}]", "[]", "at least one document"),
    ("wrong-shape", "[{document: 种树办法, date: 2023-01-05}]", "[种树办法]", "{document: its name, ...}"),
    ("not-a-date", "2023-01-05", "2023-13-05", "calendar"),
    ("bad-id", "id: trees", "id: Trees!", "lower-case"),
    ("wrong-shape", "indicators:\n", "indicators:\n  - trees\n", "mapping"),
]


@pytest.mark.parametrize(("code", "old", "new", "says"), MISTAKES)
def test_one_mistake_is_named_with_its_line_and_what_to_do(tmp_path, code, old, new, says):
    assert old in ONE
    text = ONE.replace(old, new, 1)
    problems = [
        problem for problem in problems_of(tmp_path, text, measures=["trees_planted"]) if problem.code == code
    ]
    assert len(problems) == 1
    assert says in problems[0].en
    assert text.splitlines()[problems[0].place.line - 1] == problems[0].place.source


def test_an_indicator_defined_in_two_files_names_the_first(tmp_path):
    (tmp_path / "two.yaml").write_text(ONE, encoding="utf-8")
    problems = problems_of(tmp_path, ONE)
    assert [problem.code for problem in problems] == ["duplicate-id"]
    assert "one.yaml, line 2" in problems[0].en
    assert problems[0].place.file == "two.yaml"


def test_a_folder_without_indicators_is_a_problem(tmp_path):
    _, problems = load_indicators(tmp_path / "indicators", base=tmp_path)
    assert [(problem.code, problem.place.file) for problem in problems] == [("no-indicators", "indicators")]


THRESHOLDS = """\
versions:
  - from: 2023-01-01
    source: {document: 设计选择}
    yellow_shortfall: 5
    level_shortfall: 10
    about_tolerance: 5
  - from: 2024-07-01
    official: true
    source: {document: 某通知, url: "http://example.org/notice"}
    yellow_shortfall: 2.5
    level_shortfall: 0
    about_tolerance: 3
"""


def test_yangzhous_thresholds_say_that_they_are_not_official(room):
    version = room.assessment.on(date(2023, 6, 30))
    assert version.official is False
    assert "设计选择" in version.document


def test_each_version_holds_from_its_date_until_the_next(tmp_path):
    path = tmp_path / "assessment.yaml"
    path.write_text(THRESHOLDS, encoding="utf-8")
    assessment, problems = load_assessment(path)
    assert list(problems) == []
    assert assessment.on(date(2024, 6, 30)).yellow_shortfall == Fraction(1, 20)
    assert assessment.on(date(2024, 7, 1)).yellow_shortfall == Fraction(1, 40)


def test_a_day_before_the_first_version_is_refused_and_not_guessed(tmp_path):
    path = tmp_path / "assessment.yaml"
    path.write_text(THRESHOLDS, encoding="utf-8")
    assessment, _ = load_assessment(path)
    with pytest.raises(NoThresholdsError, match="2022-12-31"):
        assessment.on(date(2022, 12, 31))


@pytest.mark.parametrize(
    ("code", "old", "new"),
    [
        ("not-a-percentage", "level_shortfall: 0", "level_shortfall: 101"),
        ("not-a-percentage", "level_shortfall: 0", "level_shortfall: a bit"),
        ("dates-out-of-order", "from: 2024-07-01", "from: 2023-01-01"),
        ("missing-key", "    source: {document: 设计选择}\n", ""),
        ("unknown-key", "about_tolerance: 3", "about_tolerance: 3\n    tolerance: 3"),
        ("wrong-shape", "versions:\n", "versions:\n  - soon\n"),
    ],
)
def test_a_broken_assessment_is_explained(tmp_path, code, old, new):
    path = tmp_path / "assessment.yaml"
    assert old in THRESHOLDS
    path.write_text(THRESHOLDS.replace(old, new, 1), encoding="utf-8")
    assert code in {problem.code for problem in load_assessment(path, base=tmp_path)[1]}
