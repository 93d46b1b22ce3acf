"""The pack's divisions and figures: what is read, and what is said of a mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from jiuye.engine.basis.problems import Problems
from jiuye.engine.places import load_demonstration, load_figures, load_place_room, load_places

SOUND = """
sources:
  standard: {document: GB/T 2260, confidence: KNOWN}
city: {code: 3210, key: yangzhou, name: 扬州市, name_en: Yangzhou, source: standard}
counties:
  - key: guangling
    code: 321002
    code_basis: gbt2260
    kind: county
    name: 广陵区
    name_en: Guangling
    wage_class: one
    source: standard
    streets:
      - {code: 321002001, name: 东关街道, name_en: Dongguan, urban: true}
"""


def problems_of(tmp_path: Path, text: str) -> Problems:
    path = tmp_path / "divisions.yaml"
    path.write_text(text, encoding="utf-8")
    _, problems = load_places(path, base=tmp_path)
    return problems


def codes_of(problems: Problems) -> set[str]:
    return {problem.code for problem in problems.errors}


def test_the_pack_has_six_counties_with_national_codes_and_three_zones_without(pack_dir: Path) -> None:
    places, problems = load_places(pack_dir / "places" / "divisions.yaml")
    assert places is not None
    assert not problems.errors
    national = {county.key: county.code for county in places.counties if county.code_basis == "gbt2260"}
    assert national == {
        "guangling": "321002",
        "hanjiang": "321003",
        "jiangdu": "321012",
        "baoying": "321023",
        "yizheng": "321081",
        "gaoyou": "321084",
    }
    zones = [county for county in places.counties if county.kind == "zone"]
    assert [zone.code_basis for zone in zones] == ["statistics", "own", "own"]


def test_the_minimum_wage_class_of_each_county_is_that_of_the_rules_parameters(pack_dir: Path) -> None:
    places, _ = load_places(pack_dir / "places" / "divisions.yaml")
    assert places is not None
    second = {county.key for county in places.counties if county.wage_class == "two"}
    assert second == {"baoying", "yizheng", "gaoyou"}


def test_the_counties_of_the_pack_are_the_counties_of_its_vocabulary(pack_dir: Path) -> None:
    from jiuye.engine.rules.pack import load_pack

    places, _ = load_places(pack_dir / "places" / "divisions.yaml")
    assert places is not None
    pack, _ = load_pack(pack_dir)
    assert {county.key for county in places.counties} == set(pack.vocabulary.enums["county"])


def test_residents_by_county_add_up_to_the_published_population(pack_dir: Path) -> None:
    figures, problems = load_figures(pack_dir / "places" / "figures.yaml")
    assert figures is not None
    assert not problems.errors
    places, _ = load_places(pack_dir / "places" / "divisions.yaml")
    assert places is not None
    assert set(figures.residents_by_county) == {county.key for county in places.counties}
    assert sum(figures.residents_by_county.values()) == figures["population"]


def test_a_figure_is_scaled_to_a_smaller_city_by_rounding_to_the_nearest(pack_dir: Path) -> None:
    figures, _ = load_figures(pack_dir / "places" / "figures.yaml")
    assert figures is not None
    assert figures.scaled("population", 50_000) == 50_000
    assert figures.scaled("registered_unemployed", 50_000) == 484  # 44,100 × 50,000 ÷ 4,559,797 = 483.57


def test_the_demonstration_reads_the_base_limits_from_the_rules_parameters(pack_dir: Path) -> None:
    demonstration, problems = load_demonstration(pack_dir / "places" / "demonstration.yaml")
    assert demonstration is not None
    assert not problems.errors
    assert demonstration.contribution_bases[2024] == (4879, 24396)


def test_a_sound_file_has_no_problems(tmp_path: Path) -> None:
    assert not problems_of(tmp_path, SOUND)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("code: 321002\n", "code: 320102\n"), "wrong-code"),
        (("321002001, name", "32100201, name"), "wrong-code"),
        (("key: guangling", "key: Guang ling"), "wrong-key"),
        (("wage_class: one", "wage_class: won"), "unknown-word"),
        (("source: standard\n    streets", "source: standart\n    streets"), "unknown-source"),
        (("    name_en: Guangling\n", ""), "missing-key"),
        (("wage_class: one", "wage_clas: one"), "unknown-key"),
        (("confidence: KNOWN", "confidence: GUESS"), "unknown-word"),
    ],
)
def test_a_mistake_in_the_divisions_is_named_at_its_place(
    tmp_path: Path, change: tuple[str, str], code: str
) -> None:
    assert change[0] in SOUND
    problems = problems_of(tmp_path, SOUND.replace(*change))
    assert code in codes_of(problems)
    assert all(problem.place.line > 1 for problem in problems.errors)


def test_the_same_code_twice_is_refused_with_the_line_of_the_first(tmp_path: Path) -> None:
    twice = SOUND + "      - {code: 321002001, name: 汶河街道, name_en: Wenhe}\n"
    problems = problems_of(tmp_path, twice)
    assert [problem.code for problem in problems.errors] == ["duplicate-division-code"]
    assert "15" in problems.errors[0].en


def test_a_zone_within_a_county_that_is_not_there_is_told_the_nearest_name(tmp_path: Path) -> None:
    text = SOUND.replace("    wage_class: one\n", "    wage_class: one\n    within: guanglin\n")
    problems = problems_of(tmp_path, text)
    assert [problem.code for problem in problems.errors] == ["unknown-county"]
    assert "guangling" in problems.errors[0].zh


def test_a_figure_without_a_source_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "figures.yaml"
    path.write_text(
        "figures:\n  people: {name: 人口, name_en: people, year: 2020, value: 10, unit: 人, confidence: FOUND}\n"
        "counties: {}\n",
        encoding="utf-8",
    )
    _, problems = load_figures(path)
    assert "missing-source" in codes_of(problems)


def test_residents_of_a_county_that_the_pack_does_not_have_are_reported(tmp_path: Path) -> None:
    folder = tmp_path / "places"
    folder.mkdir()
    (folder / "divisions.yaml").write_text(SOUND, encoding="utf-8")
    (folder / "figures.yaml").write_text(
        "figures: {}\ncounties:\n  hanjiang: {value: 5, year: 2020, confidence: FOUND, document: 公报}\n",
        encoding="utf-8",
    )
    _, problems = load_place_room(tmp_path)
    assert codes_of(problems) == {"county-without-residents", "residents-without-county"}
