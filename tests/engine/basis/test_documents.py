"""YAML with places: nothing is guessed, nothing is passed over, and every value knows where it stands."""

from __future__ import annotations

from datetime import date

import pytest

from jiuye.engine.basis.documents import Mapping, Scalar, Sequence, is_plain_number, parse_yaml, read_yaml
from jiuye.engine.basis.problems import Problems, display_width, nearest


def read(text: str) -> tuple[Mapping, Problems]:
    problems = Problems()
    root = parse_yaml(text, "file.yaml", problems)
    assert root is not None, [item.render("en") for item in problems]
    return root, problems


def codes(problems: Problems) -> list[str]:
    return [item.code for item in problems]


def test_numbers_stay_as_they_were_written():
    root, _ = read("amount: 617.280\nbig: 50000001\nyes: 0x10\n")
    assert [root.text(key) for key in ("amount", "big", "yes")] == ["617.280", "50000001", "0x10"]


@pytest.mark.parametrize("written", ["", "~", "null", "Null", "NULL"])
def test_null_in_any_spelling_is_absent(written):
    root, problems = read(f"name: {written}\n")
    assert root.scalar("name") is None
    assert root.text("name", required=True) == ""
    assert codes(problems) == ["missing-key"]


def test_a_quoted_null_is_a_text():
    root, problems = read("name: 'null'\n")
    assert root.text("name", required=True) == "null"
    assert not problems


def test_a_value_knows_its_line_and_column():
    root, _ = read("a:\n  b: [1, 零, 3]\n")
    inner = root.mapping("a")
    assert inner is not None
    items = inner.sequence("b")
    assert items is not None
    assert [(item.place.line, item.place.column, item.place.width) for item in items] == [
        (2, 7, 1),
        (2, 10, 1),
        (2, 13, 1),
    ]


def test_a_flow_group_over_several_lines_is_marked_to_the_end_of_its_first():
    root, problems = read("a: {b: 1,\n    c: 2}\n")
    root.scalar("a")
    problem = problems.errors[0]
    assert (problem.place.line, problem.place.column, problem.place.width) == (1, 4, 6)


@pytest.mark.parametrize(
    ("written", "line", "column"),
    [
        ("test: one two\n", 1, 11),
        ("test: 'one two'\n", 1, 12),
        ("test: >-\n  one\n  two\n", 3, 3),
        ("test: |\n\n  one\n\n  two\n", 5, 3),
        ("test: one\n  two\n", 2, 3),
        ("test: 'one\n  two'\n", 2, 3),
        ("{test: one\n two}\n", 2, 2),
    ],
    ids=[
        "plain",
        "quoted",
        "folded block",
        "literal block",
        "plain over lines",
        "quoted over lines",
        "flow over lines",
    ],
)
def test_a_part_of_a_text_is_found_where_it_stands_in_the_file(written, line, column):
    root, _ = read(written)
    scalar = root.scalar("test")
    assert scalar is not None
    start = scalar.text.index("two")
    place = scalar.part(start, start + 3)
    assert (place.line, place.column, place.width) == (line, column, 3)
    assert place.source[place.column - 1 :][:3] == "two"


def test_a_part_behind_an_escape_is_marked_as_a_whole():
    root, _ = read('test: "\\u4e00 two"\n')
    scalar = root.scalar("test")
    assert scalar is not None
    assert scalar.part(2, 5) == scalar.place


def test_keys_that_no_reader_asked_for_are_reported_with_the_nearest_name():
    root, problems = read("name: a\nnmae: b\n")
    root.text("name")
    root.finish()
    assert [item.en for item in problems] == ["unknown key 'nmae'; did you mean 'name'?"]


def test_a_lone_value_counts_as_a_list_of_one():
    root, problems = read("one: a\nmany: [a, b]\nnone: ~\nwrong: {a: b}\nmixed: [a, [b]]\n")
    assert [[item.text for item in root.texts(key)] for key in ("one", "many", "none", "wrong", "mixed")] == [
        ["a"], ["a", "b"], [], [], ["a"],
    ]  # fmt: skip
    assert codes(problems) == ["wrong-shape", "wrong-shape"]


@pytest.mark.parametrize(("written", "value"), [("true", True), ("是", True), ("no", False), ("否", False)])
def test_a_flag_is_written_in_either_language(written, value):
    root, problems = read(f"flag: {written}\n")
    assert root.flag("flag", default=not value) is value
    assert not problems


def test_a_flag_that_is_neither_is_reported_and_its_default_stands():
    root, problems = read("flag: maybe\n")
    assert root.flag("flag", default=True) is True
    assert codes(problems) == ["not-a-flag"]


@pytest.mark.parametrize("written", ["12a", "1.0", "1_000", "１２", "9999999999999999999", "1e3", "+1"])
def test_what_is_no_plain_whole_number_is_refused(written):
    root, problems = read(f"n: {written}\n")
    assert root.whole("n") is None
    assert codes(problems) == ["not-a-whole-number"]


@pytest.mark.parametrize(
    "written", ["2023-02-30", "2023-2-3", "20230203", "2023-02-03 00:00:00", "２０２３-02-03", "0000-01-01"]
)
def test_what_is_no_date_of_the_calendar_is_refused(written):
    root, problems = read(f"day: {written}\n")
    assert root.date("day") is None
    assert codes(problems) == ["not-a-date"]


def test_a_date_is_read_as_one():
    root, problems = read("day: 2024-02-29\n")
    assert root.date("day") == date(2024, 2, 29)
    assert not problems


def test_plain_numbers_have_ascii_digits_and_at_most_nine_decimals():
    assert [is_plain_number(text) for text in ("12", "-3", "617.28", "1.1234567890", "１２", "1e3", "", ".5", "1.")] == [
        True, True, True, False, False, False, False, False, False,
    ]  # fmt: skip


def test_a_group_that_unfolds_itself_is_refused():
    problems = Problems()
    assert parse_yaml("a: &a {b: *a}\n", "file.yaml", problems) is None
    assert codes(problems) == ["no-anchors"]


def test_ten_thousand_brackets_are_one_sentence():
    problems = Problems()
    assert parse_yaml("a: " + "[" * 10_000, "file.yaml", problems) is None
    assert codes(problems) == ["too-deep"]


def test_a_control_character_is_found_on_its_line():
    problems = Problems()
    assert parse_yaml("a: 1\nb: 2\nc: \x07\n", "file.yaml", problems) is None
    assert [(item.place.line, item.code) for item in problems] == [(3, "not-yaml")]


def test_a_missing_file_is_one_sentence(tmp_path):
    problems = Problems()
    assert read_yaml(tmp_path / "none.yaml", problems, base=tmp_path) is None
    assert [item.render("en") for item in problems] == [
        "none.yaml:1:1: error[no-such-file] there is no such file; check the path."
    ]


def test_shapes_are_told_apart():
    root, problems = read("a: [1]\nb: {c: 1}\nd: 1\n")
    assert isinstance(root.node("a"), Sequence)
    assert isinstance(root.node("b"), Mapping)
    assert isinstance(root.node("d"), Scalar)
    assert root.scalar("a") is None
    assert root.mapping("d") is None
    assert root.sequence("b") is None
    assert codes(problems) == ["wrong-shape"] * 3


def test_an_entry_that_should_be_a_group_is_reported_and_left_out():
    root, problems = read("a: {x: 1}\nb: 2\n")
    assert [key for key, _, _ in root.mappings("出处", "the source")] == ["a"]
    assert [item.en for item in problems] == ["the source 'b' should be a mapping of keys to values."]


@pytest.mark.parametrize(
    ("text", "columns"), [("abc", 3), ("居民", 4), ("a居b", 4), ("（）", 4), ("“”—…", 4), ("𠮷", 2), ("e\u0301", 1), ("", 0)]
)  # fmt: skip
def test_the_width_of_a_text_is_what_a_terminal_gives_it(text, columns):
    assert display_width(text) == columns


def test_a_caret_stands_right_behind_chinese_and_tabs():
    root, problems = read("居民:\t{年龄: 十八}\n")
    inner = root.mapping("居民")
    assert inner is not None
    inner.whole("年龄")
    lines = problems.errors[0].render("zh").split("\n")
    assert display_width(lines[1].split("十八")[0]) == len(lines[2].split("^")[0])
    assert "\t" not in lines[1]


def test_the_nearest_name_is_close_or_there_is_none():
    known = ["employer.kind", "birth_date", "wage"]
    assert nearest("birthdate", known) == "birth_date"
    assert nearest("kinds", known) == "employer.kind"
    assert nearest("zzz", known) is None
    assert nearest("wage", []) is None


def test_problems_are_listed_in_reading_order_and_each_once():
    root, problems = read("b: x\na: y\n")
    for key in ("a", "b", "a"):
        root.whole(key)
    assert [item.place.line for item in problems] == [1, 2]
    assert len(problems) == 2
