"""A broken plan: every mistake is found in one run, at its line, with a sentence that helps."""

from __future__ import annotations

from pathlib import Path

import pytest

from jiuye.engine.basis.problems import Problem
from jiuye.engine.plan import commitments, load_plan, load_plan_room

SMALL = """\
id: small
name: 小方案
name_en: A small plan
date: 2023-01-05
source: {document: 小方案}
period: {from: 2023-01-01, until: 2026-01-01}
counts: {chapters: 1, tasks: 2, safeguards: 1}
departments:
  parks: {name: 园林局, short: 园林局, name_en: Parks}
  water: {name: 水务局, short: 水务局, name_en: Water}
preamble:
  words: 为了更多的树。
  guiding_thought: 多种树。
  principles: []
goals:
  name: 目标
  name_en: Goals
  words: 三年种树15万棵以上，成活率90%左右。
  departments: {lead: [parks], joint: [water], basis: published}
  commitments:
    - id: trees
      indicator: trees
      name: 种树
      name_en: Trees
      text: 三年种树15万棵以上
      comparator: ">="
      unit: 棵
      targets: {"2023-2025": 150000}
    - id: survival
      indicator: survival
      name: 成活率
      name_en: Survival
      text: 成活率90%左右
      comparator: "~"
      unit: "%"
      targets: {2023: 90, 2024: 90, 2025: 90}
chapters:
  - number: 1
    name: 种树
    name_en: Trees
    tasks:
      - number: 1
        name: 修渠
        name_en: Ditches
        words: 修渠。每年修渠3条。
        departments: {lead: [water], basis: published}
        commitments:
          - id: ditches
            indicator: ditches
            name: 修渠
            name_en: Ditches
            text: 每年修渠3条
            comparator: ">="
            unit: 条
            targets: {2023: 3, 2024: 3, 2025: 3}
        milestones: []
      - number: 2
        name: 立规矩
        name_en: Rules
        words: 立规矩。2024年，出台办法。
        departments: {lead: [parks], basis: published}
        milestones:
          - {id: rules, name: 办法, name_en: Rules, text: 2024年，出台办法, due: 2024}
          - {id: yearly, name: 办法, name_en: Rules, text: 出台办法, due: [2023, 2024]}
          - {id: span, name: 办法, name_en: Rules, text: 出台办法, due: 2023-2024}
          - {id: open, name: 办法, name_en: Rules, text: 出台办法, due: none}
safeguards:
  - number: 1
    name: 宣传
    name_en: Publicity
    words: 宣传。到处说。
    departments: {lead: [parks], basis: published}
    milestones: []
"""
UNITS = {"trees": "棵", "survival": "%", "ditches": "条"}


def found_in(folder: Path, text: str, **known: object) -> list[Problem]:
    path = folder / "plan.yaml"
    path.write_text(text, encoding="utf-8")
    _, problems = load_plan(path, indicators=known.get("indicators", UNITS), base=folder)  # type: ignore[arg-type]
    return list(problems)


def test_a_sound_plan_has_no_problems_and_flattens_in_order(tmp_path):
    path = tmp_path / "plan.yaml"
    path.write_text(SMALL, encoding="utf-8")
    plan, problems = load_plan(path, indicators=UNITS)
    assert list(problems) == []
    assert [(row.task, row.year, row.comparator, row.value, row.unit) for row in commitments(plan)] == [
        (0, "2023-2025", ">=", 150000, "棵"),
        (0, 2023, "~", 90, "%"),
        (0, 2024, "~", 90, "%"),
        (0, 2025, "~", 90, "%"),
        (1, 2023, ">=", 3, "条"),
        (1, 2024, ">=", 3, "条"),
        (1, 2025, ">=", 3, "条"),
    ]


def test_a_milestone_is_due_in_a_year_in_each_of_several_within_a_span_or_at_no_named_time(tmp_path):
    path = tmp_path / "plan.yaml"
    path.write_text(SMALL, encoding="utf-8")
    plan, _ = load_plan(path)
    by_id = {milestone.id: [str(period) for period in milestone.periods] for milestone in plan.milestones()}
    assert by_id == {
        "rules": ["[2024-01-01, 2025-01-01)"],
        "yearly": ["[2023-01-01, 2024-01-01)", "[2024-01-01, 2025-01-01)"],
        "span": ["[2023-01-01, 2025-01-01)"],
        "open": ["[2023-01-01, 2026-01-01)"],
    }


def test_a_commitment_without_departments_of_its_own_has_those_of_its_task(tmp_path):
    path = tmp_path / "plan.yaml"
    path.write_text(SMALL, encoding="utf-8")
    plan, _ = load_plan(path)
    trees = next(plan.commitments())
    assert (trees.departments.lead, trees.departments.joint) == (("parks",), ("water",))
    assert "water" in trees.departments


MISTAKES = [
    ("unknown-key", "name_en: A small plan", "name_en: A small plan\nnmae: x", "did you mean 'name'?"),
    ("missing-key", "        words: 修渠。每年修渠3条。\n", "", "'words' is missing"),
    ("text-not-in-words", "text: 每年修渠3条", "text: 每年修渠4条", "4 characters fit"),
    ("unknown-department", "lead: [water]", "lead: [watre]", "did you mean 'water'?"),
    ("unknown-indicator", "indicator: ditches", "indicator: ditchs", "did you mean 'ditches'?"),
    ("duplicate-id", "id: survival", "id: trees", "already used on line 21"),
    ("bad-id", "id: survival", "id: 成活率", "lower-case Latin"),
    ("unknown-word", 'comparator: ">="\n      unit: 棵', 'comparator: "="\n      unit: 棵', "cannot be '='"),
    ("comparator-differs", 'comparator: "~"', 'comparator: ">="', "左右"),
    ("unit-not-base", "unit: 棵", "unit: 万棵", "not a base unit"),
    ("unit-differs", "unit: 棵", "unit: 株", "make them agree"),
    ("not-a-number", "150000", "15万", "plain number"),
    ("not-a-number", "150000", "1.5e5", "plain number"),
    ("number-not-in-text", "150000", "15000", "does not state 15000"),
    ("year-outside-plan", "targets: {2023: 3,", "targets: {2022: 3,", "no year of the plan"),
    ("year-outside-plan", '"2023-2025": 150000', '"2023-2024": 150000', "no year of the plan"),
    ("year-outside-plan", "due: 2024}", "due: 2026}", "outside the plan"),
    ("year-outside-plan", "due: 2023-2024", "due: 2024-2023", "outside the plan"),
    ("no-target", "targets: {2023: 3, 2024: 3, 2025: 3}", "targets: {}", "milestones"),
    ("number-out-of-order", "      - number: 2\n", "      - number: 3\n", "2 should stand here"),
    ("section-missing", "tasks: 2,", "tasks: 3,", "there should be 3 tasks"),
    ("title-not-in-words", "words: 修渠。", "words: 挖渠。", "do not begin with"),
    ("department-twice", "joint: [water]", "joint: [parks, water]", "keep one"),
    (
        "unused-department",
        "  water: {",
        "  fire: {name: 消, short: 消, name_en: F}\n  water: {",
        "answers for nothing",
    ),
    ("empty-period", "until: 2026-01-01", "until: 2023-01-01", "holds no day"),
    ("not-a-date", "date: 2023-01-05", "date: 2023-02-30", "calendar"),
    ("wrong-shape", "  principles: []", "  principles: [多种]", "mapping"),
    ("duplicate-key", "source: {", "id: again\nsource: {", "twice"),
]


@pytest.mark.parametrize(
    ("code", "old", "new", "says"), MISTAKES, ids=[f"{row[0]}-{row[2][:14]!r}" for row in MISTAKES]
)
def test_one_mistake_is_named_with_its_line_and_what_to_do(tmp_path, code, old, new, says):
    assert old in SMALL
    text = SMALL.replace(old, new, 1)
    problems = [problem for problem in found_in(tmp_path, text) if problem.code == code]
    assert problems, [problem.render("en") for problem in found_in(tmp_path, text)]
    assert says in problems[0].en
    place = problems[0].place
    assert place.file == "plan.yaml"
    assert text.splitlines()[place.line - 1] == place.source
    assert "^" in problems[0].render("zh")


def test_the_caret_of_a_misquotation_stands_under_the_first_wrong_character(tmp_path):
    problems = found_in(tmp_path, SMALL.replace("text: 每年修渠3条", "text: 每年修渠4条"))
    place = next(problem.place for problem in problems if problem.code == "text-not-in-words")
    assert place.source[place.column - 1 :] == "4条"


def test_several_mistakes_are_all_reported_in_one_run(tmp_path):
    text = (
        SMALL.replace("lead: [water]", "lead: [fire]")
        .replace("150000", "abc")
        .replace("text: 2024年，出台办法", "text: 2025年，出台办法")
        .replace("id: survival", "id: trees")
    )
    codes = {problem.code for problem in found_in(tmp_path, text)}
    assert {"unknown-department", "not-a-number", "text-not-in-words", "duplicate-id"} <= codes


def test_a_number_that_is_not_in_the_words_needs_a_note(tmp_path):
    text = SMALL.replace('{"2023-2025": 150000}', '{"2023-2025": 15}')
    assert "number-not-in-text" in {problem.code for problem in found_in(tmp_path, text)}
    noted = text.replace("unit: 棵\n", "unit: 棵\n      note: 以万棵计。\n")
    assert found_in(tmp_path, noted) == []


def test_a_file_that_is_missing_or_no_yaml_is_one_problem_and_no_plan(tmp_path):
    plan, problems = load_plan(tmp_path / "plan.yaml", base=tmp_path)
    assert plan is None
    assert [problem.code for problem in problems] == ["no-such-file"]
    (tmp_path / "plan.yaml").write_text("id: [unclosed\nname: x\n", encoding="utf-8")
    plan, problems = load_plan(tmp_path / "plan.yaml", base=tmp_path)
    assert plan is None
    assert [problem.code for problem in problems] == ["not-yaml"]


def test_an_empty_mapping_and_wrong_shapes_everywhere_do_not_crash(tmp_path):
    keys = [line.split(":")[0] for line in SMALL.splitlines() if line[0] not in " -"]
    for key in keys:
        for wrong in ("x", "[x]", "[[x]]", "{x: y}", "[{x: y}]", ""):
            text = "\n".join(f"{name}: {wrong}" if name == key else f"{name}:" for name in keys)
            assert found_in(tmp_path, text), (key, wrong)


def test_a_pack_that_is_not_there_is_one_sentence(tmp_path):
    room, problems = load_plan_room(tmp_path / "nowhere")
    assert room.plan is None
    assert [problem.code for problem in problems] == ["no-such-pack"]
