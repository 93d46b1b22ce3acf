"""Every way in which a row can be wrong, and what the office is told."""

from __future__ import annotations

import re
from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiuye.engine.basis.identity import IdNumber, IdNumberError, is_binary_double, parse_id_number
from jiuye.office.registry.importing import operations, queries, storage
from jiuye.office.registry.importing.columns import check_dates, check_id_numbers
from jiuye.office.registry.importing.findings import Findings
from jiuye.office.registry.importing.reasons import NOTES, REASONS
from tests.office.registry.conftest import NOW, TODAY, credit_code, id_number
from tests.office.registry.importing.situations import HEADINGS, preview, row, table, workbook

MORE = [
    "就业状态",
    "单位名称",
    "统一社会信用代码",
    "就业起始日期",
    "月工资",
    "就业困难类别",
    "就业困难认定日期",
    "残疾",
]


def told(actor, *rows, headings=HEADINGS) -> list[tuple[int, str, str, str]]:
    """(row, column, value, sentence) of every reason."""
    batch = preview(actor, table(*rows, headings=headings))
    return [(each.row, each.column, each.value, each.says) for each in queries.rejections(batch)]


def codes(actor, *rows, headings=HEADINGS) -> list[str]:
    batch = preview(actor, table(*rows, headings=headings))
    return storage.read_frame(batch.pk, "reasons")["code"].to_list()


def notes(actor, *rows, headings=HEADINGS) -> list[str]:
    batch = preview(actor, table(*rows, headings=headings))
    assert batch.rejected_count == 0, queries.rejections(batch)
    return storage.read_frame(batch.pk, "notes")["code"].to_list()


def more(**changes: str) -> list[str]:
    """A row under HEADINGS and MORE; the first columns without a registration of unemployment."""
    first = {key: value for key, value in changes.items() if key in HEADINGS}
    values = {**dict.fromkeys(MORE, ""), **{key: value for key, value in changes.items() if key in MORE}}
    return [*row(**{"失业登记日期": "", **first}), *values.values()]


def test_a_sound_row_has_nothing_against_it(caseworker):
    assert told(caseworker, row("𠮷野"), row("买买提·阿不都拉", sequence=125)) == []


def test_an_id_number_in_scientific_notation_is_caught_with_its_place(caseworker):
    ((line, column, value, says),) = told(caseworker, row(sequence=125), row(身份证号="3.21002E+17"))
    assert (line, column, value) == (3, "身份证号", "3.21002E+17")
    assert "科学计数法" in says


def test_an_id_number_that_was_rounded_to_zeros_is_caught_and_its_value_masked(caseworker):
    ((_, _, value, says),) = told(caseworker, row(身份证号=id_number(sequence=125)[:15] + "000"))
    assert re.fullmatch(r"321\*{13}00", value)
    assert "按数值保存" in says


def test_an_id_number_kept_as_a_number_in_the_workbook_is_caught(caseworker):
    cells: list = row()
    cells[1] = float(id_number())
    batch = preview(caseworker, workbook(名单=[HEADINGS, cells]), "名单.xlsx")
    assert storage.read_frame(batch.pk, "reasons")["code"].to_list() == ["id_mangled_zeros"]


def test_beside_rounded_numbers_one_that_ends_in_zeros_and_passes_is_suspected(caseworker):
    lucky = next(
        number
        for day in range(1, 29)
        for sequence in range(100, 1000, 100)
        if (number := id_number(f"199003{day:02}", sequence)).endswith("000")
    )
    lucky_row = row(身份证号=lucky, 性别="", 出生日期="")
    assert codes(caseworker, lucky_row) == []
    assert codes(caseworker, lucky_row, row(身份证号="3.21E+17")) == [
        "id_suspect_zeros",
        "id_mangled_exponent",
    ]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"身份证号": ""}, "id_empty"),
        ({"身份证号": "32100219900102"}, "id_length"),
        ({"身份证号": "不知道"}, "id_character"),
        ({"身份证号": id_number(division="010002")}, "id_province"),
        ({"身份证号": id_number("19900231"), "出生日期": ""}, "id_birth_date"),
        ({"姓名": ""}, "empty"),
        ({"姓名": "张伟1"}, "name_odd"),
        ({"姓名": "张" * 61}, "too_long"),
        ({"性别": "女"}, "sex_differs"),
        ({"性别": "未知"}, "sex_unknown"),
        ({"出生日期": "1990-01-03"}, "birth_date_differs"),
        ({"出生日期": "一九九〇年"}, "date_unreadable"),
        ({"失业登记日期": "2024-02-30"}, "date_impossible"),
        ({"失业登记日期": "45352"}, "date_serial"),
        ({"失业登记日期": "2024-03"}, "date_month"),
        ({"失业登记日期": "2024-07-02"}, "date_future"),
        ({"失业登记日期": "1989-12-31"}, "before_birth"),
        ({"手机号": "1381234567"}, "phone_shape"),
        ({"手机号": "0514-87654321"}, "phone_shape"),
        ({"手机号": "1.38123E+10"}, "phone_mangled"),
        ({"文化程度": "本课"}, "choice_unknown"),
        ({"文化程度": "高中肄业三年以后"}, "choice_unlike"),
        ({"常住地（社区）": ""}, "empty"),
        ({"常住地（社区）": "琼花社区"}, "place_unknown"),
        ({"常住地（社区）": "合肥"}, "place_unlike"),
        ({"常住地（社区）": "新民社区"}, "place_ambiguous"),
        ({"常住地（社区）": "瘦西湖街道"}, "out_of_scope"),
    ],
)  # fmt: skip
def test_each_cell_that_is_wrong_is_named_by_its_own_reason(caseworker, changes, code):
    assert codes(caseworker, row(**changes)) == [code]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"就业状态": "灵活就业"}, "employment_without_start"),
        ({"就业状态": "单位就业", "就业起始日期": "2024-01-01"}, "employment_without_employer"),
        ({"就业状态": "灵活就业", "就业起始日期": "2024-01-01", "单位名称": "某厂"}, "flexible_with_employer"),
        ({"就业状态": "失业", "就业起始日期": "2024-01-01"}, "not_employed_with_work"),
        ({"就业状态": "灵活就业", "就业起始日期": "2024-01-01", "失业登记日期": "2024-01-01"}, "employed_and_unemployed"),
        ({"就业状态": "灵活就业", "就业起始日期": "2005-01-01"}, "employed_too_young"),
        ({"就业状态": "待核实"}, "choice_unlike"),
        ({"单位名称": "没有登记过的厂", "就业起始日期": "2024-01-01"}, "employer_unknown"),
        ({"统一社会信用代码": credit_code()[:-1] + "?", "就业起始日期": "2024-01-01"}, "code_invalid"),
        ({"统一社会信用代码": credit_code(), "就业起始日期": "2024-01-01"}, "code_without_name"),
        ({"统一社会信用代码": credit_code(authority="330100"), "单位名称": "杭州某厂", "就业起始日期": "2024-01-01"}, "employer_elsewhere"),
        ({"月工资": "四千五"}, "money_shape"),
        ({"就业困难认定日期": "2024-01-01"}, "difficulty_without_category"),
        ({"残疾": "也许"}, "yes_unknown"),
    ],
)  # fmt: skip
def test_facts_that_do_not_fit_together_are_refused(caseworker, changes, code):
    assert codes(caseworker, more(**changes), headings=[*HEADINGS, *MORE]) == [code]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"就业状态": "失业"}, "unemployed_undated"),
        ({"残疾": "三级"}, "status_from_today"),
        ({"常住地（社区）": "广陵区"}, "residence_coarse"),
        ({"单位名称": "新厂", "统一社会信用代码": credit_code(7), "就业状态": "就业", "就业起始日期": "2024-01-01"}, "employer_new"),
        ({"单位名称": "新厂", "统一社会信用代码": credit_code(7), "就业起始日期": "2024-01-01"}, "employee_assumed"),
    ],
)  # fmt: skip
def test_what_is_worth_knowing_does_not_send_a_row_back(caseworker, changes, code):
    assert code in notes(caseworker, more(**changes), headings=[*HEADINGS, *MORE])


def test_one_row_may_have_several_reasons_and_consequences_are_not_reasons(caseworker):
    found = told(caseworker, row(手机号="12", 文化程度="本课", 出生日期="1990-13-01"))
    assert [column for _, column, _, _ in found] == ["出生日期", "文化程度", "手机号"]


def test_an_unknown_word_is_answered_with_the_nearest(caseworker):
    ((_, _, _, says),) = told(caseworker, row(文化程度="本课"))
    assert says == "文化程度里没有“本课”这一项，相近的是“本科”"


def test_a_mistyped_place_is_answered_with_the_nearest_and_an_ambiguous_one_with_both(caseworker):
    first, second = told(
        caseworker, row(**{"常住地（社区）": "琼花社区"}), row(sequence=125, **{"常住地（社区）": "新民社区"})
    )
    assert "琼花观社区" in first[3]
    assert "广陵区东关街道新民社区" in second[3]
    assert "邗江区瘦西湖街道新民社区" in second[3]


@pytest.mark.parametrize(
    "place",
    [
        "琼花观社区",
        "321002001001",
        "江苏省扬州市广陵区东关街道琼花观社区",
        "广陵区-东关街道-琼花观社区",
        "东关街道 新民社区",
        "广陵新民社区",
        "东关街道",
        "321002001000",
    ],
)
def test_places_are_understood_by_name_path_and_code(caseworker, place):
    assert told(caseworker, row(**{"常住地（社区）": place})) == []


def test_the_same_row_twice_is_taken_once_and_the_second_names_the_first(caseworker):
    ((line, _, _, says),) = told(caseworker, row(), row(sequence=125), row())
    assert (line, says) == (4, "与本表第2行完全重复")


def test_two_rows_of_one_person_that_differ_are_both_sent_back_with_the_difference(caseworker):
    first, second = told(caseworker, row(), row(手机号="13900000000", 文化程度="大专"))
    assert (first[0], second[0]) == (2, 3)
    assert "第3行" in first[3]
    assert "第2行" in second[3]
    assert "手机号、文化程度" in second[3]


def test_duplicates_on_two_sheets_name_the_sheet(caseworker):
    batch = preview(caseworker, workbook(城区=[HEADINGS, row()], 农村=[HEADINGS, row()]), "名单.xlsx")
    (only,) = queries.rejections(batch)
    assert (only.sheet, only.row, only.says) == ("农村", 2, "与本表“城区”第2行完全重复")


def test_a_row_that_moved_one_column_is_told_so_and_nothing_else(caseworker):
    moved = [row()[0], "", *row()[1:-1]]
    ((line, column, _, says),) = told(caseworker, row(sequence=125), moved)
    assert (line, column) == (3, "身份证号")
    assert says == "本行从“身份证号”起向右错了一列：“性别”列里的是身份证号"


def test_a_row_that_moved_to_the_left_is_recognised_too(caseworker):
    moved = [*row()[1:], ""]
    ((_, _, _, says),) = told(caseworker, row(sequence=125), moved)
    assert "向左错了一列" in says


def test_a_fifteen_digit_number_is_taken_and_noted(caseworker):
    assert notes(caseworker, row(身份证号="321002900102123")) == ["fifteen_digits"]


def test_every_sentence_can_be_filled():
    words = {"column": "列", "value": "值", "a": "甲", "b": "乙"}
    for reason in (*REASONS.values(), *NOTES.values()):
        assert "%(" not in (reason.says % words) + (reason.do % words)


def parsed(text: str) -> IdNumber | str:
    """What the engine says: the number, or the name of the fault."""
    try:
        return parse_id_number(text, on=TODAY)
    except IdNumberError as error:
        return error.fault


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.builds(
                lambda y, m, d, s, check: f"321002{y:04}{m:02}{d:02}{s:03}{check}",
                st.integers(1870, 2030), st.integers(0, 13), st.integers(0, 32), st.integers(0, 999), st.sampled_from("0123456789X"),
            ),
            st.builds(
                lambda birth, s: id_number(birth.strftime("%Y%m%d"), s),
                st.dates(date(1875, 1, 1), date(2025, 1, 1)), st.integers(0, 999),
            ),
            st.from_regex(r"[0-9]{15}|[0-9]{14,19}[xX]?|\d\.\d{3}E\+17", fullmatch=True).filter(str.isascii),
        ),
        min_size=1, max_size=40,
    )
)  # fmt: skip
def test_the_columnar_check_of_id_numbers_agrees_with_the_one_of_the_engine(numbers):
    frame = pl.DataFrame({"rid": range(len(numbers)), "id_number": numbers})
    findings = Findings()
    checked = check_id_numbers(frame, findings, Findings(), TODAY)
    reasons = dict(findings.frame().select("rid", "code").iter_rows())
    for place, text in enumerate(numbers):
        expected = parsed(text)
        if expected == "checksum" and is_binary_double(text):  # which only the whole column can tell apart
            assert reasons[place] in ("id_checksum", "id_mangled_zeros")
        elif isinstance(expected, str):
            assert reasons[place] == f"id_{expected}", text
            assert checked["id_number"][place] is None
        elif reasons.get(place) != "id_suspect_zeros":  # which is seen only beside rounded ones
            assert place not in reasons, text
            assert checked.row(place, named=True) == {
                "rid": place, "id_number": expected.text, "id_birth": expected.birth_date, "id_sex": expected.sex,
            }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "2023-07-01",
        "2023/7/1",
        "2023.7.1",
        "20230701",
        "2023年7月1日",
        "2023-07-01 00:00:00",
        "2023-7-01 08:30",
    ],
)
def test_dates_are_read_in_every_way_of_writing_them(text):
    frame = pl.DataFrame({"rid": [0], "unemployed_since": [text]})
    assert check_dates(frame, "unemployed_since", Findings(), Findings(), TODAY)["unemployed_since"][
        0
    ] == date(2023, 7, 1)


def test_somebody_without_the_permission_gets_no_preview(city):
    from jiuye.office.staff.queries import NotPermittedError
    from tests.office.registry.conftest import officer

    with pytest.raises(NotPermittedError, match="经办人员"):
        operations.preview(
            actor=officer("approver", "3210"),
            file_name="a.csv",
            content=table(row()),
            source="x",
            at=NOW,
            on=TODAY,
        )
