"""A form writes into the text: one value, one date, and every other character stays."""

from __future__ import annotations

import difflib
from datetime import date

import pytest

from jiuye.engine.rules.editing import (
    NoSuchPlaceError,
    in_force_of,
    parameter_values,
    sources_of,
    with_entry,
    with_in_force,
    with_start,
    with_value,
)
from jiuye.engine.rules.pack import load_pack
from tests.engine.rules.workshop import TITHE

TEXT = """# 注释
in_force: {from: 2023-01-01, to: 2025-12-31}   # 三年
sources:
  plan: {document: "方案{一}", date: 2023-05-24}
  notice: {document: 通知}
parameters:
  share:                       # 比例
    name: 比例
    name_en: share
    type: ratio
    by: child
    values:
      second: {2023-01-01: {value: 0.50, source: plan}, 2025-01-01: {unset: '还没有{查到}'}}
      third:
        2023-01-01: {value: 0.80, source: plan}  # 三孩
        2024-01-01:
          value: 0.90
          source: plan
  months:
    name: 月数
    type: integer
    values: {2023-01-01: {value: 6, source: plan}}
notes: 完
"""


def changed_lines(before: str, after: str) -> list[str]:
    found = difflib.ndiff(before.splitlines(), after.splitlines())
    return [line for line in found if line.startswith(("+ ", "- "))]


def test_every_dated_entry_is_found_with_its_place_its_line_and_its_source():
    found = [
        (row.place, row.kind, row.value, row.unset, row.source, row.line) for row in parameter_values(TEXT)
    ]
    assert found == [
        ("share/second/2023-01-01", "ratio", "0.50", "", "plan", 13),
        ("share/second/2025-01-01", "ratio", None, "还没有{查到}", "", 13),
        ("share/third/2023-01-01", "ratio", "0.80", "", "plan", 15),
        ("share/third/2024-01-01", "ratio", "0.90", "", "plan", 17),
        ("months/2023-01-01", "integer", "6", "", "plan", 22),
    ]
    assert sources_of(TEXT) == [("plan", "方案{一}"), ("notice", "通知")]


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("share/second/2023-01-01", 13),
        ("share/third/2023-01-01", 15),
        ("share/third/2024-01-01", 17),
        ("months/2023-01-01", 22),
    ],
)
def test_a_value_is_written_where_it_stands_and_nothing_else_moves(place, line):
    after = with_value(TEXT, place, "7")
    (_, new) = changed_lines(TEXT, after)
    assert after.splitlines().index(new[2:]) + 1 in (line, line + 1)
    assert next(row.value for row in parameter_values(after) if row.place == place) == "7"
    assert len(after.splitlines()) == len(TEXT.splitlines())


def test_a_value_may_come_with_another_document():
    after = with_value(TEXT, "share/third/2023-01-01", "0.85", "notice")
    assert changed_lines(TEXT, after) == [
        "-         2023-01-01: {value: 0.80, source: plan}  # 三孩",
        "+         2023-01-01: {value: 0.85, source: notice}  # 三孩",
    ]


def test_what_was_not_on_file_gets_its_value_and_its_document():
    after = with_value(TEXT, "share/second/2025-01-01", "0.60", "notice")
    assert "2025-01-01: {value: 0.60, source: notice}}" in after


def test_an_entry_gets_another_date():
    after = with_start(TEXT, "share/third/2024-01-01", date(2024, 7, 1))
    assert changed_lines(TEXT, after) == ["-         2024-01-01:", "+         2024-07-01:"]


@pytest.mark.parametrize(
    ("place", "written"),
    [
        (
            "months/2023-01-01",
            "{2023-01-01: {value: 6, source: plan}, 2026-01-01: {value: 9, source: notice}}",
        ),
        (
            "share/third/2023-01-01",
            "  # 三孩\n        2026-01-01: {value: 9, source: notice}\n        2024-01-01:",
        ),
        ("share/third/2024-01-01", "source: plan\n        2026-01-01: {value: 9, source: notice}\n  months:"),
    ],
)
def test_a_further_entry_stands_behind_the_one_it_follows(place, written):
    after = with_entry(TEXT, place, date(2026, 1, 1), "9", "notice")
    assert written in after
    assert len(parameter_values(after)) == len(parameter_values(TEXT)) + 1


def test_the_time_in_force_is_changed_closed_and_opened():
    held = in_force_of(TEXT)
    assert held is not None
    assert (held.start, held.to, held.until, held.line) == ("2023-01-01", "2025-12-31", "", 2)
    later = with_in_force(TEXT, "to", date(2026, 6, 30))
    assert "in_force: {from: 2023-01-01, to: 2026-06-30}   # 三年" in later
    endless = with_in_force(TEXT, "to", None)
    assert "in_force: {from: 2023-01-01}   # 三年" in endless
    assert with_in_force(endless, "to", date(2025, 12, 31)) == TEXT
    block = "in_force:\n  from: 2023-01-01\nnotes: 完\n"
    closed = with_in_force(block, "to", date(2025, 12, 31))
    assert in_force_of(closed).to == "2025-12-31"
    assert with_in_force(closed, "to", None) == block


def test_a_place_that_is_not_there_is_refused():
    for place in ("share", "share/fourth/2023-01-01", "share/second", "nothing/2023-01-01"):
        with pytest.raises(NoSuchPlaceError):
            with_value(TEXT, place, "1")


def test_a_text_that_cannot_be_read_has_no_entries():
    assert parameter_values("parameters: {") == []


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("months/2023-01-01", ["6", "-1"], ["6.5", "六", "", "６"]),
        ("share/third/2023-01-01", ["0.5", "1"], ["50%", "1e3", ""]),
    ],
)
def test_a_value_is_of_its_kind(kind, good, bad):
    row = next(row for row in parameter_values(TEXT) if row.place == kind)
    assert all(row.accepts(text) for text in good)
    assert not any(row.accepts(text) for text in bad)


def test_every_value_of_a_real_file_can_be_written_anew_without_any_other_change():
    text = (TITHE / "parameters" / "tithe.yaml").read_text(encoding="utf-8")
    for row in parameter_values(text):
        if row.value is not None:
            assert with_value(text, row.place, row.value) == text
            after = with_value(text, row.place, "99")
            _, problems = load_pack(TITHE, {"parameters/tithe.yaml": after})
            assert not problems.errors
