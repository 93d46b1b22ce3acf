"""Errors are a product: each mistake with its file, line, column, caret, sentence in both languages, and nothing besides."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import jiuye.engine.basis
import jiuye.engine.rules
from jiuye.engine.basis.problems import Problem
from jiuye.engine.rules.files import is_pack_file
from jiuye.engine.rules.pack import BrokenPackError, load_pack, require_pack
from tests.engine.rules.workshop import TITHE, Change, Mistake, changed_tithe, mistakes_in, rendered, written

ROOMS = sorted((Path(__file__).parent / "mistakes").glob("*.txt"))
MISTAKES = [mistake for room in ROOMS for mistake in mistakes_in(room)]
FIREWOOD = "policies/firewood-gift.yaml"


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_a_mistake_is_shown_with_its_place_its_sentence_and_what_to_do(mistake: Mistake, tmp_path):
    folder = changed_tithe(tmp_path, *mistake.changes)
    assert rendered(folder, "zh") == mistake.zh
    english = [line for line in rendered(folder, "en").split("\n") if not re.match(r" +\d* *\| ", line)]
    assert "\n".join(english) == mistake.en


def test_every_caret_stands_under_what_is_meant(tmp_path):
    """The marked text of the source line is what the sentence is about; a caret beyond the line would mark nothing."""
    for number, mistake in enumerate(MISTAKES):
        _, problems = load_pack(changed_tithe(tmp_path / str(number), *mistake.changes))
        for problem in problems.errors:
            place = problem.place
            marked = place.source[place.column - 1 : place.column - 1 + place.width]
            assert marked.strip(" ") or not place.source.strip(), f"{mistake.name}: {problem}"
            assert place.column - 1 + place.width <= max(1, len(place.source)), f"{mistake.name}: {problem}"


def test_every_code_a_room_of_the_engine_can_give_has_a_situation(tmp_path):
    shown = {code for mistake in MISTAKES for code in re.findall(r"错误\[([a-z-]+)\]", mistake.zh)}
    elsewhere = {
        "no-such-file", "no-such-pack", "unreadable-file", "not-read", "too-many-clauses", "unused-parameter", "unused-source",
        "idle-question", "idle-inference",
        "not-a-flag", "no-file-of-a-pack", "cannot-group-by",
    }  # fmt: skip
    assert codes_of(jiuye.engine.basis) | codes_of(jiuye.engine.rules) == shown | elsewhere


def codes_of(package) -> set[str]:
    """The code of each `problems.add` and `refuse` in a package's files."""
    found = set()
    for path in Path(package.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and any(word.arg == "zh" for word in node.keywords):
                found |= {item.value for item in node.args if isinstance(item, ast.Constant)}
    return found


def test_every_mistake_of_a_pack_is_shown_in_one_run_in_reading_order(tmp_path):
    folder = changed_tithe(
        tmp_path,
        Change("facts.yaml", "min: 0, max: 20", "min: 0, max: many"),
        Change("derived/people.yaml", "value: age(birth_date, on)", "value: age(birth_day, on)"),
        Change("parameters/tithe.yaml", "value: 12.34, source: charter", "value: 12.34"),
        Change(FIREWOOD, "test: income < yuan(2000)", "test: income < 2000"),
        Change("policies/monthly-tithe.yaml", "name: 每月什一税", "name: 每月: 什一税"),
    )
    _, problems = load_pack(folder)
    assert [(item.place.file, item.place.line, item.code) for item in problems] == [
        ("tithe/derived/people.yaml", 7, "unknown-name"),
        ("tithe/facts.yaml", 12, "wrong-value"),
        ("tithe/parameters/tithe.yaml", 15, "missing-key"),
        (f"tithe/{FIREWOOD}", 15, "types-do-not-meet"),
        ("tithe/policies/monthly-tithe.yaml", 2, "not-yaml"),
    ]


def test_slips_in_other_files_are_shown_though_the_vocabulary_cannot_be_read(tmp_path):
    folder = changed_tithe(
        tmp_path,
        Change("facts.yaml", "entities:", "entities: ["),
        Change("policies/monthly-tithe.yaml", "name: 每月什一税", "name: 每月: 什一税"),
    )
    _, problems = load_pack(folder)
    assert [item.place.file for item in problems] == ["tithe/facts.yaml", "tithe/policies/monthly-tithe.yaml"]


def test_a_broken_pack_cannot_be_used_and_says_all_its_problems(tmp_path):
    folder = changed_tithe(tmp_path, Change(FIREWOOD, "for: household", "for: houshold"))
    with pytest.raises(BrokenPackError, match="houshold") as caught:
        require_pack(folder)
    assert len(caught.value.problems) == 1


def test_a_sound_pack_leaves_no_name_behind_as_broken(tmp_path, pack_dir):
    for folder in (changed_tithe(tmp_path), pack_dir):
        assert require_pack(folder).vocabulary.broken == set()


def test_a_pack_that_does_not_exist_is_one_sentence(tmp_path):
    _, problems = load_pack(tmp_path / "nowhere")
    assert [item.code for item in problems] == ["no-such-pack"]
    assert problems.errors[0].en == "there is no such folder of a pack; check the path."


def test_a_pack_without_its_vocabulary_is_one_sentence(tmp_path):
    (tmp_path / "empty").mkdir()
    assert (
        rendered(tmp_path / "empty", "zh")
        == "empty/facts.yaml:1:1: 错误[no-such-file] 没有这个文件。请检查路径。"
    )


def test_a_file_in_another_encoding_is_one_sentence(tmp_path):
    folder = changed_tithe(tmp_path)
    (folder / FIREWOOD).write_bytes("name: 柴火补贴\n".encode("gb18030"))
    _, problems = load_pack(folder)
    assert [(item.place.file, item.code) for item in problems.errors] == [
        (f"tithe/{FIREWOOD}", "unreadable-file")
    ]
    assert "UTF-8" in problems.errors[0].zh


def test_a_folder_where_a_file_belongs_is_one_sentence(tmp_path):
    folder = changed_tithe(tmp_path)
    (folder / "policies" / "odd.yaml").mkdir()
    assert [item.code for item in load_pack(folder)[1].errors] == ["unreadable-file"]


def test_a_file_with_the_byte_mark_of_windows_is_read_like_any_other(tmp_path):
    folder = changed_tithe(tmp_path)
    text = (folder / FIREWOOD).read_text(encoding="utf-8")
    (folder / FIREWOOD).write_text(text.replace("\n", "\r\n"), encoding="utf-8-sig", newline="")
    assert rendered(folder, "zh") == ""


def test_a_file_with_another_ending_is_not_passed_over_in_silence(tmp_path):
    folder = changed_tithe(tmp_path)
    (folder / "policies" / "draft.yml").write_text("id: draft\n", encoding="utf-8")
    (folder / "policies" / "notes.txt").write_text("…", encoding="utf-8")
    (folder / "policies" / ".swp").write_text("…", encoding="utf-8")
    _, problems = load_pack(folder)
    assert [(item.place.file, item.code, item.warning) for item in problems] == [
        ("tithe/policies/draft.yml", "not-read", False),
        ("tithe/policies/notes.txt", "not-read", True),
    ]


def test_a_policy_holds_at_most_as_many_conditions_as_there_are_bits(tmp_path):
    more = "".join(f"  - {{id: c{n}, law: 岛约, says: 有灶, test: hearths >= 0}}\n" for n in range(59))
    folder = changed_tithe(tmp_path, Change(FIREWOOD, "conditions:\n", "conditions:\n" + more))
    _, problems = load_pack(folder)
    assert [item.code for item in problems.errors] == ["too-many-clauses"]
    assert "60" in problems.errors[0].zh


def test_a_parameter_and_a_source_that_nothing_uses_are_warnings(tmp_path):
    folder = changed_tithe(
        tmp_path,
        Change("parameters/tithe.yaml", "parameters:\n", "  hearsay: {document: 传闻}\nparameters:\n"),
        Change(
            FIREWOOD,
            "conditions:\n",
            "parameters:\n  nails: {name: 钉, type: integer, values: {2000-01-01: {value: 1, source: charter}}}\nconditions:\n",
        ),
    )
    _, problems = load_pack(folder)
    assert problems.errors == []
    assert [(item.place.file, item.place.line, item.code) for item in problems.warnings] == [
        ("tithe/parameters/tithe.yaml", 3, "unused-source"),
        (f"tithe/{FIREWOOD}", 11, "unused-parameter"),
    ]
    assert (
        problems.warnings[0]
        .render("en")
        .startswith("tithe/parameters/tithe.yaml:3:3: warning[unused-source]")
    )
    assert require_pack(folder).policies


def test_what_an_error_keeps_from_being_read_is_not_called_unused_as_well(tmp_path):
    folder = changed_tithe(
        tmp_path, Change(FIREWOOD, "firewood[shore] * hearths", "firewood[shore] * hearth")
    )
    _, problems = load_pack(folder)
    assert [item.code for item in problems] == ["unknown-name"]


def test_the_same_mistake_at_the_same_place_is_said_once(tmp_path):
    """A shared file of derived facts reads its parameters once a fact; their mistakes do not multiply."""
    folder = changed_tithe(
        tmp_path,
        Change(
            "derived/people.yaml",
            "facts:\n",
            "parameters:\n  wage: {name: 工资, type: integer, values: {}}\nfacts:\n",
        ),
    )
    problems: list[Problem] = load_pack(folder)[1].errors
    assert len(problems) == len({(item.place, item.code) for item in problems})


def test_a_pack_may_be_as_small_as_one_entity_and_one_fact(tmp_path):
    folder = written(
        tmp_path, {"facts.yaml": "entities: {boat: {name: 船, facts: {sails: {type: integer, name: 帆}}}}\n"}
    )
    assert rendered(folder, "zh", warnings=True) == ""


# --- a draft: texts that stand in for files


DRAFTED = [mistake for mistake in MISTAKES if all(is_pack_file(change.file) for change in mistake.changes)]


@pytest.mark.parametrize("mistake", DRAFTED, ids=lambda mistake: mistake.name)
def test_a_mistake_in_a_draft_is_shown_in_the_same_words_at_the_same_place(mistake: Mistake, tmp_path):
    """In Chinese and in English, and the pack that it was laid over is as sound as before."""
    folder = changed_tithe(tmp_path, *mistake.changes)
    overlay = {change.file: (folder / change.file).read_text(encoding="utf-8") for change in mistake.changes}
    _, problems = load_pack(TITHE, overlay)
    said = {
        lang: "\n".join(item.render(lang) for item in problems if not item.warning).replace(
            "tithe_pack/", "tithe/"
        )
        for lang in ("zh", "en")
    }
    assert said["zh"] == mistake.zh
    assert [line for line in said["en"].split("\n") if not re.match(r" +\d* *\| ", line)] == mistake.en.split(
        "\n"
    )
    assert rendered(TITHE, "zh") == ""


def test_at_least_forty_kinds_of_mistake_have_their_exact_words_in_both_languages():
    def kinds(mistakes: list[Mistake], pattern: str) -> set[str]:
        return {code for mistake in mistakes for code in re.findall(pattern, mistake.zh + "\n" + mistake.en)}

    assert len(kinds(MISTAKES, r"错误\[([a-z-]+)\]")) >= 80
    assert kinds(MISTAKES, r"错误\[([a-z-]+)\]") == kinds(MISTAKES, r"error\[([a-z-]+)\]")
    assert len(kinds(DRAFTED, r"错误\[([a-z-]+)\]")) >= 60
    nearest = [mistake for mistake in MISTAKES if "是否想写" in mistake.zh]
    assert len(nearest) >= 20
    assert all("did you mean" in mistake.en for mistake in nearest)


def test_a_text_that_is_no_file_of_a_pack_is_named_with_what_there_may_be():
    _, problems = load_pack(TITHE, {"policies/../facts.yaml": "entities: {}"})
    assert [item.render("zh") for item in problems.errors] == [
        "policies/../facts.yaml:1:1: 错误[no-file-of-a-pack] 规则包里没有“policies/../facts.yaml”的位置；"
        "只能是 facts.yaml，或 facts、parameters、derived、policies 下的 .yaml 文件。"
    ]
    assert [item.render("en") for item in problems.errors] == [
        "policies/../facts.yaml:1:1: error[no-file-of-a-pack] 'policies/../facts.yaml' has no place in a pack; "
        "it is facts.yaml, or a .yaml file under facts, parameters, derived, policies."
    ]


def test_a_file_with_another_ending_is_named_with_what_to_do(tmp_path):
    folder = changed_tithe(tmp_path)
    (folder / "policies" / "draft.yml").write_text("id: draft\n", encoding="utf-8")
    assert rendered(folder, "zh") == (
        "tithe/policies/draft.yml:1:1: 错误[not-read] 这里只读 .yaml 文件，这个没有读。请改名为 .yaml，或移到别处。"
    )
    assert rendered(folder, "en") == (
        "tithe/policies/draft.yml:1:1: error[not-read] only .yaml files are read here, and this one was not; "
        "rename it to .yaml, or move it elsewhere."
    )


def test_an_idle_parameter_is_named_under_its_own_name(tmp_path):
    idle = (
        "parameters:\n  nails: {name: 钉, type: integer, values: {2000-01-01: {value: 1, source: charter}}}\n"
    )
    folder = changed_tithe(tmp_path, Change(FIREWOOD, "conditions:\n", idle + "conditions:\n"))
    assert rendered(folder, "zh", warnings=True).split("\n") == [
        f"tithe/{FIREWOOD}:11:3: 提醒[unused-parameter] 没有表达式用到参数“nails”。不需要的请删去；别处要用的写 read_by: 谁。",
        "   11 |   nails: {name: 钉, type: integer, values: {2000-01-01: {value: 1, source: charter}}}",
        "      |   ^^^^^",
    ]
