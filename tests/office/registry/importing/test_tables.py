"""Headings found and columns mapped, and columns or rows that moved."""

from __future__ import annotations

import pytest

from jiuye.office.registry.importing.files import UnreadableFileError, read_file
from jiuye.office.registry.importing.shifts import misplaced_columns
from jiuye.office.registry.importing.tables import Table, find_tables, skipped_words
from tests.office.registry.conftest import id_number
from tests.office.registry.importing.situations import HEADINGS, row, table, workbook


def tables_of(content: bytes, name: str = "名单.csv", **chosen: str) -> list[Table]:
    found, _skipped = find_tables(read_file(name, content), chosen)
    return found


def fields_of(headings: list[str], *rows: list[str], **chosen: str) -> dict[str, tuple[str, str]]:
    (found,) = tables_of(table(*rows, headings=headings), **chosen)
    return {match.heading: (match.field, match.how) for match in found.matches}


SOUND = ["张伟", id_number(), "琼花观社区"]
NEEDED = ["姓名", "身份证号", "常住地"]


def test_headings_are_known_by_synonyms_brackets_stars_and_spaces_aside():
    headings = ["* 姓 名", "公民身份号码", "常住地（社区）", "联系电话(必填)", "是否残疾？"]
    mapped = fields_of(headings, [*SOUND, "13812345678", "是"])
    assert [field for field, _how in mapped.values()] == [
        "name",
        "id_number",
        "residence_division",
        "phone",
        "disabled",
    ]


def test_a_misspelt_heading_is_guessed_and_said_to_be_a_guess():
    assert fields_of([*NEEDED, "失业登记的日期"], [*SOUND, "2024-03-01"])["失业登记的日期"] == (
        "unemployed_since",
        "guessed",
    )


def test_a_guess_whose_values_do_not_agree_is_not_made():
    assert fields_of([*NEEDED, "失业登记的日期"], [*SOUND, "不清楚"])["失业登记的日期"] == ("", "unknown")


def test_a_spouses_id_number_is_never_taken_for_the_persons_own():
    mapped = fields_of([*NEEDED, "配偶身份证号"], [*SOUND, id_number(sequence=88)])
    assert mapped["配偶身份证号"] == ("", "unknown")


def test_a_column_that_stands_twice_is_used_once_and_the_second_named():
    (found,) = tables_of(table([*SOUND, "李四"], headings=[*NEEDED, "姓名"]))
    assert [(match.field, match.how) for match in found.matches][-1] == ("", "repeated")


def test_columns_that_are_not_kept_are_known_as_such():
    mapped = fields_of(["序号", *NEEDED, "民族", "奇怪的列"], ["1", *SOUND, "汉", "x"])
    assert mapped["序号"] == mapped["民族"] == ("", "not_kept")
    assert mapped["奇怪的列"] == ("", "unknown")


def test_an_officers_choice_goes_before_every_guess():
    mapped = fields_of([*NEEDED, "号码", "手机号"], [*SOUND, "13812345678", "13912345678"], 号码="phone")
    assert mapped["号码"] == ("phone", "chosen")
    assert mapped["手机号"] == ("", "repeated")


def test_the_heading_is_found_below_a_title_and_repeated_headings_are_no_rows():
    content = table(
        ["张伟", id_number(), "琼花观社区"],
        NEEDED,
        ["李娜", id_number(sequence=124), "琼花观社区"],
        headings=NEEDED,
    )
    (found,) = tables_of("扬州市广陵区摸排名单,,\n填表日期：2024年6月,,\n".encode() + content)
    assert (found.heading_row, found.body["row"].to_list()) == (3, [4, 6])


def test_each_sheet_has_its_own_heading_and_notes_are_skipped_with_the_reason():
    content = workbook(
        说明=[["请按要求填写"]],
        城区=[NEEDED, SOUND],
        农村=[["标题"], ["身份证号码", "姓名", "社区"], [id_number(sequence=124), "李娜", "琼花观社区"]],
        没有号码=[["姓名", "常住地"], ["王五", "琼花观社区"]],
    )
    found, skipped = find_tables(read_file("名单.xlsx", content))
    assert [(each.sheet, each.heading_row) for each in found] == [("城区", 1), ("农村", 2)]
    assert [each.sheet for each in skipped] == ["说明", "没有号码"]
    assert [(each.reason, each.missing) for each in skipped] == [
        ("no_heading", ()),
        ("columns", ("身份证号",)),
    ]
    assert skipped_words("columns", ["身份证号"]) == "缺少“身份证号”列"


def test_a_file_without_any_heading_is_refused_with_what_is_needed():
    with pytest.raises(UnreadableFileError, match="至少有姓名、身份证号和常住地"):
        tables_of(b"1,2,3\n4,5,6\n")


def test_a_whole_file_that_moved_by_one_column_is_recognised_with_the_proof():
    rows = [["", *row(sequence=100 + number)] for number in range(10)]
    headings = [*HEADINGS, "备注"]
    (found,) = tables_of(table(*rows, headings=headings))
    moved = misplaced_columns(found)
    about_id = next(each for each in moved if each.heading == "身份证号")
    assert (about_id.like_it, about_id.filled, about_id.found_in, about_id.found_like, about_id.offset) == (
        0, 10, "性别", 10, 1,
    )  # fmt: skip


def test_two_headings_that_changed_places_are_recognised():
    headings = ["姓名", "性别", "身份证号", "常住地"]
    rows = [["张伟", id_number(sequence=100 + number), "男", "琼花观社区"] for number in range(5)]
    (found,) = tables_of(table(*rows, headings=headings))
    assert {each.heading: each.found_in for each in misplaced_columns(found)} == {
        "身份证号": "性别",
        "性别": "身份证号",
    }


def test_a_sound_file_shows_nothing_moved():
    (found,) = tables_of(table(*[row(sequence=100 + number) for number in range(5)]))
    assert misplaced_columns(found) == []
