"""`deadlines.yaml`: read whole, and what is wrong with it said where it stands."""

from __future__ import annotations

import pytest

from jiuye.engine.deadlines import Deadlines, Rise, load_deadlines

SOON = "soon: {workdays: 2, basis: design}\n"
RISE = "  - {late_workdays: %s, levels: %s, basis: design}\n"


def read(folder, text: str):
    (folder / "deadlines.yaml").write_text("id: deadlines\n" + text, encoding="utf-8")
    return load_deadlines(folder)


def test_the_citys_file_is_sound(pack_dir):
    found, problems = load_deadlines(pack_dir)
    assert not problems.errors
    assert found.answer_workdays == 5
    assert found.rises == (Rise(1, 1, "design"), Rise(6, 2, "design"))


def test_without_a_file_nothing_goes_up(tmp_path):
    assert load_deadlines(tmp_path)[0] == Deadlines(soon_workdays=0, rises=())


@pytest.mark.parametrize(
    "rows",
    [RISE % (6, 1) + RISE % (1, 2), RISE % (1, 2) + RISE % (6, 2), RISE % (1, 4)],
    ids=["the later one first", "levels that do not grow", "above the city"],
)
def test_levels_that_do_not_grow_with_the_delay_are_refused(tmp_path, rows):
    _, problems = read(tmp_path, SOON + "escalation:\n" + rows)
    assert [one.code for one in problems.errors] == ["escalation-out-of-order"]


def test_a_number_without_a_document_says_that_it_is_the_offices_own(tmp_path):
    text = SOON.replace("design", "document") + "escalation:\n" + RISE % (1, 1)
    _, problems = read(tmp_path, text)
    assert [one.code for one in problems.errors] == ["missing-source"]


def test_the_days_for_the_answer_to_a_low_mark_need_a_basis_and_are_at_least_one(tmp_path):
    text = SOON + "low_mark: {workdays: 0}\nescalation:\n" + RISE % (1, 1)
    _, problems = read(tmp_path, text)
    assert {one.code for one in problems.errors} >= {"out-of-range"}
    assert len(problems.errors) == 2


def test_what_was_granted_is_looked_at_again_within_the_days_that_the_file_says(tmp_path, pack_dir):
    assert load_deadlines(pack_dir)[0].review_workdays == 20
    silent, problems = read(tmp_path, SOON + "escalation:\n" + RISE % (1, 1))
    assert not problems.errors
    assert silent.review_workdays == 0  # on the day itself
    _, problems = read(tmp_path, SOON + "due_review: {workdays: 20}\nescalation:\n" + RISE % (1, 1))
    assert problems.errors  # a number without its basis


def test_the_light_of_a_promised_service_turns_as_every_other_where_the_file_says_nothing(tmp_path, pack_dir):
    said, _ = load_deadlines(pack_dir)
    assert (said.soon_workdays, said.soon_service_workdays) == (2, 20)
    silent, problems = read(tmp_path, SOON + "escalation:\n" + RISE % (1, 1))
    assert not problems.errors
    assert silent.soon_service_workdays == 2
    _, problems = read(tmp_path, SOON + "promised_service: {workdays: 20}\nescalation:\n" + RISE % (1, 1))
    assert problems.errors  # a number without its basis
