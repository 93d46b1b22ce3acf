"""A new service is a new file: nothing else is changed."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

from jiuye.engine.services import load_items

NEW = """
id: reading-room-card
name: 阅览室借阅证
name_en: Reading-room card
says: 登记后可以借阅职业资料。
says_en: Registered, you may borrow careers material.
for: person
promised_workdays: 4
promised_basis: design
form:
  - {id: purpose, label: 想看什么, label_en: What you want to read, type: text}
steps:
  - {act: accept, by: caseworker, level: village, workdays: 1, basis: design}
  - {act: decide, by: reviewer, level: county, workdays: 2, basis: design}
follows:
  - {do: review, months: 12}
"""


def test_a_wholly_new_item_needs_one_file_and_no_code(pack_dir: Path, tmp_path: Path):
    copytree(pack_dir / "services", tmp_path / "services")
    before, _ = load_items(tmp_path)
    (tmp_path / "services" / "reading-room-card.yaml").write_text(NEW)
    after, problems = load_items(tmp_path)
    assert [problem.render() for problem in problems] == []
    assert set(after.items) - set(before.items) == {"reading-room-card"}
    item = after.items["reading-room-card"]
    assert [item.next_act(""), item.next_act("accept"), item.next_act("decide")] == ["accept", "decide", ""]
    assert [question.id for question in item.asked({})] == ["purpose"]


def test_the_veterans_plan_promises_what_its_file_counts(pack_dir: Path):
    found, problems = load_items(pack_dir)
    assert [problem.render() for problem in problems] == []
    plan = next(row for row in found.items["veteran-service"].follows if row.do == "plan")
    assert plan.applies({"seeking_work": "yes"})
    assert not plan.applies({"seeking_work": "no"})
    assert {row.id: row.times for row in plan.milestones} == {
        "adaptation": 1, "guidance": 1, "recommendation": 3, "course": 1,
    }  # fmt: skip
