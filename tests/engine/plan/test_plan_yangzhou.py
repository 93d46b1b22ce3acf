"""Yangzhou's plan: complete, letter for letter, and every number in it promised or accounted for."""

from __future__ import annotations

import hashlib
import re
from fractions import Fraction
from pathlib import Path

import pytest

from jiuye.engine.plan import Plan, commitments, load_plan_room

PACK = Path(__file__).resolve().parents[3] / "plans" / "yangzhou-2023-2025"


@pytest.fixture(scope="module")
def plan() -> Plan:
    room, problems = load_plan_room(PACK)
    assert [problem.render("en") for problem in problems] == []
    assert room.plan is not None
    return room.plan


EACH = (2023, 2024, 2025)
WHOLE = ("2023-2025",)
UNNAMED = (None,)

# Typed from the plan's text by hand, task by task: (comparator, value, years), one line a promise.
EXPECTED: dict[int, list[tuple[str, str, tuple[int | str | None, ...]]]] = {
    0: [
        (">=", "150000", WHOLE),
        (">=", "20000", EACH),
        ("~", "5.5", EACH),
        (">=", "600000", (2025,)),
        (">=", "300000", (2025,)),
        (">=", "90", (2025,)),
    ],
    4: [(">=", "300000000", EACH), (">=", "80000000", EACH), ("<=", "0", UNNAMED)],
    5: [
        (">=", "85", EACH),
        (">=", "6", EACH),
        (">=", "3", (2024,)),
        (">=", "10", EACH),
        (">=", "6000", EACH),
    ],
    6: [
        (">=", "20000000000", (2023,)),
        (">=", "22500000000", (2024,)),
        (">=", "25000000000", (2025,)),
    ],
    7: [(">=", "7000", EACH), (">=", "2500", EACH), (">=", "100", EACH)],
    8: [(">=", "15", EACH), (">=", "15", EACH), (">=", "15", EACH), (">=", "5000", EACH)],
    10: [(">=", "100", EACH)],
    11: [(">=", "5", (2024,))],
    12: [(">=", "10", (2023,)), (">=", "100", (2024,))],
    13: [(">=", "50000", EACH), (">=", "55000", (2023,))],
    14: [(">=", "68000", EACH)],
    15: [("~", "10", (2023,)), (">=", "2", (2023,)), (">=", "1000", EACH)],
    17: [(">=", "360000000", (2023,)), (">=", "380000000", (2024,)), (">=", "400000000", (2025,))],
    18: [(">=", "10000", EACH)],
    19: [(">=", "15", (2023,))],
    20: [
        (">=", "50", (2023,)),
        (">=", "20", (2023,)),
        (">=", "2", (2023,)),
        (">=", "10", (2023,)),
        (">=", "2", (2023,)),
        (">=", "1", WHOLE),
        (">=", "10", WHOLE),
        (">=", "3", WHOLE),
    ],
    22: [(">=", "2", (2023,)), (">=", "3", (2023,))],
    23: [
        (">=", "15", (2023,)),
        (">=", "100", (2023,)),
        (">=", "70", (2023,)),
        (">=", "105", (2024,)),
        (">=", "100", (2025,)),
        (">=", "3", (2024,)),
        (">=", "10", (2025,)),
        (">=", "8000", EACH),
    ],
    24: [
        (">=", "5000", EACH),
        (">=", "10000", EACH),
        (">=", "1000", EACH),
        (">=", "7", EACH),
        (">=", "10", EACH),
        (">=", "4", EACH),
    ],
    25: [
        (">=", "100", UNNAMED),
        (">=", "100", UNNAMED),
        (">=", "100", WHOLE),
        (">=", "90", (2023,)),
        (">=", "98", (2023,)),
    ],
    28: [(">=", "1000", (2024,))],
    31: [("~", "90", WHOLE), (">=", "1", (2025,))],
    32: [(">=", "1", (2024,)), (">=", "3000", EACH), (">=", "8", EACH)],
    33: [(">=", "100", UNNAMED)],
}


def test_the_plan_has_its_goals_seven_chapters_thirty_three_tasks_and_three_safeguards(plan):
    assert plan.goals.number == 0
    assert [chapter.number for chapter in plan.chapters] == list(range(1, 8))
    assert [task.number for task in plan.tasks()] == list(range(34))
    assert [safeguard.number for safeguard in plan.safeguards] == [1, 2, 3]
    assert plan.years == (2023, 2024, 2025)


def test_the_commitments_are_those_of_the_text_none_missing_and_none_invented(plan):
    found: dict[int, list[tuple[str, Fraction, int | str | None]]] = {}
    for row in commitments(plan):
        found.setdefault(row.task, []).append((row.comparator, row.value, row.year))
    expected = {
        task: [(sign, Fraction(value), year) for sign, value, years in promises for year in years]
        for task, promises in EXPECTED.items()
    }
    assert found == expected
    assert sum(len(rows) for rows in found.values()) == 133


def test_the_words_are_the_published_ones_letter_for_letter(plan):
    """The digest of the text as published (扬府发〔2023〕49号): who changes a character does so on purpose."""
    words = [plan.preamble.words, plan.preamble.guiding_thought]
    words += [principle.words for principle in plan.preamble.principles]
    words += [task.words for task in plan.tasks()] + [safeguard.words for safeguard in plan.safeguards]
    digest = hashlib.sha256("\n".join(words).encode()).hexdigest()
    assert digest == "f3d25fb92ecbd9c8a529ffa67f75b71f064c1c0ddc44aadd4d18ca6ef258fd97"


def test_every_section_says_who_answers_for_it_and_that_this_was_inferred(plan):
    sections = [*plan.tasks(), *plan.safeguards, *plan.commitments(), *plan.milestones()]
    assert all(section.departments.lead for section in sections)
    assert {section.departments.basis for section in sections} == {"inferred"}


def test_every_section_without_a_number_has_milestones_instead(plan):
    for task in plan.tasks():
        assert task.commitments or task.milestones, task.name
    assert all(safeguard.milestones for safeguard in plan.safeguards)


# What looks like a promised number, and what only looks so.
_CANDIDATE = re.compile(
    r"(?<![\d.\-〔])\d[\d.]*(?:-\d[\d.]*)?\s*(?!年|\d|[.\-])[^\s，。、；）]"  # digits and a unit
    r"|全覆盖|全员|左右|零投入|千名|第[一二三四五六七八九十\d]+届|[一二两三四五六七八九十百千万]+(?:万|个|家|名|人|场|次|期|项|元)"
)
NOT_PROMISED: list[tuple[int, str, str]] = [
    (3, "“城镇新增就业人数、城镇调查失业率”两项指标", "counts the assessment indicators"),
    (7, "“131”服务", "the name of a service standard"),
    (7, "24365大学生就业服务平台", "the name of a platform"),
    (10, "全员适应性培训", "全员 is no number; it is a yearly milestone"),
    (11, "第四届“扬州工匠”", "the ordinal of an event; it is a milestone"),
    (12, "健全覆盖城乡", "健全 followed by 覆盖, not the word 全覆盖"),
    (12, "“十万职工大比武”", "the name of a contest"),
    (12, "第二届扬州市职业技能大赛", "the ordinal of an event; it is a milestone"),
    (17, "苏政规〔2023〕1号文件", "the number of a document"),
    (17, "苏财税〔2022〕6号文件", "the number of a document"),
    (26, "“一次办”", "the name of a way of handling"),
    (30, "保险费的50%给予补贴", "the rate of a subsidy, a parameter of the policy"),
    (30, "三孩按照80%给予补贴", "the rate of a subsidy, a parameter of the policy"),
    (30, "共补贴6个月", "the length of a subsidy, a parameter of the policy"),
    (32, "苏人社发〔2021〕125号文件", "the number of a document"),
]


def _unaccounted(plan: Plan, *, without: str = "") -> tuple[list[str], set[str]]:
    """Numbers in neither a commitment nor the list of exceptions, and the exceptions that were needed."""
    missing, needed = [], set()
    for task in plan.tasks():
        covered: set[int] = set()
        for commitment in task.commitments:
            if commitment.text != without:
                start = task.words.index(commitment.text)
                covered.update(range(start, start + len(commitment.text)))
        for match in _CANDIDATE.finditer(task.words):
            if match.start() in covered:
                continue
            phrase = next(
                (
                    phrase
                    for number, phrase, _ in NOT_PROMISED
                    if number == task.number
                    and phrase in task.words
                    and 0 <= match.start() - task.words.index(phrase) < len(phrase)
                ),
                None,
            )
            if phrase is None:
                missing.append(
                    f"task {task.number}: {task.words[max(0, match.start() - 12) : match.end() + 8]}"
                )
            else:
                needed.add(phrase)
    return missing, needed


def test_every_number_in_the_text_is_promised_or_excepted_with_a_reason(plan):
    missing, needed = _unaccounted(plan)
    assert missing == []
    assert needed == {phrase for _, phrase, _ in NOT_PROMISED}, "an exception that nothing needs"


def test_a_commitment_taken_away_leaves_its_number_unaccounted_for(plan):
    for commitment in plan.commitments():
        assert _unaccounted(plan, without=commitment.text)[0], commitment.id
