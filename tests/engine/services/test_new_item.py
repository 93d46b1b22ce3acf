"""A new service is a new file: nothing else is changed."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import pytest

from jiuye.engine.rules.pack import load_pack
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
sources:
  rules: {document: 阅览室管理办法, clause: 第二条, date: 2023-01-01, says: 本市居民可以借阅, confidence: FOUND}
clauses:
  - {id: resident, says: 是本市居民, says_en: You live in this city, law: 本市居民可以借阅, source: rules}
form:
  - {id: purpose, label: 想看什么, label_en: What you want to read, type: text}
steps:
  - {act: accept, by: caseworker, level: village, workdays: 1, basis: design}
  - {act: decide, by: reviewer, level: county, workdays: 2, basis: design}
follows:
  - {do: review, months: 12, basis: design, by: caseworker, level: street}
"""

# About a household, with an employer named, bounds from the pack's facts and parameters, a traineeship and a review with reasons.
RICH = """
id: household-traineeship
name: 家庭见习帮扶
name_en: Traineeship for a household
says: 家里没有人工作的，安排一名成员见习。
says_en: Nobody at home works? One member is placed in a traineeship.
for: person
about: household
policy: traineeship-registration
promised_workdays: 4
promised_basis: design
leads_to: [traineeship-subsidy]
form:
  - {id: base, label: 见习基地, label_en: Base, type: employer, must: traineeship_base}
  - {id: months, label: 几个月, label_en: Months, type: whole, least: 3, basis: design, most: welfare_post_months_left}
  - {id: pay, label: 生活费, label_en: Stipend, type: money, most: contribution_base_high}
steps:
  - {act: accept, by: caseworker, level: village, workdays: 1, basis: design}
  - {act: decide, by: reviewer, level: county, workdays: 2, basis: design}
follows:
  - {do: begin_status, status: zero_job_household, to: household, who: of_working_age}
  - {do: begin_traineeship, employer: base, term: months, pay: pay}
  - do: review
    months: 6
    basis: design
    by: caseworker
    level: street
    looks: [household.zero_job_by_facts]
    reasons: {over: {zh: 有人就业, en: Somebody works, outcome: left}}
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


def test_an_item_that_nobody_could_refuse_by_a_clause_is_a_mistake_before_anybody_asks_for_it(tmp_path: Path):
    """Neither a policy nor clauses of its own: a refusal would name no condition and quote no law."""
    (tmp_path / "services").mkdir()
    clauses = NEW[NEW.index("sources:") : NEW.index("form:")]
    (tmp_path / "services" / "reading-room-card.yaml").write_text(NEW.replace(clauses, ""))
    found, problems = load_items(tmp_path)
    assert [problem.code for problem in problems.errors] == ["refusal-without-law"]
    assert "clauses" in problems.errors[0].render()
    assert found.items == {}


def test_the_veterans_plan_promises_what_its_file_counts(pack_dir: Path):
    found, problems = load_items(pack_dir)
    assert [problem.render() for problem in problems] == []
    plan = next(row for row in found.items["veteran-service"].follows if row.do == "plan")
    assert plan.applies({"seeking_work": "yes"})
    assert not plan.applies({"seeking_work": "no"})
    assert {row.id: row.times for row in plan.milestones} == {
        "adaptation": 1, "guidance": 1, "recommendation": 3, "course": 1,
    }  # fmt: skip


def test_a_plan_names_why_its_services_may_be_closed_and_where_each_reason_comes_from(pack_dir: Path):
    found, _ = load_items(pack_dir)
    reasons = {row.id: row for row in found.items["graduate-registration"].closings}
    assert (reasons["found_work"].proved_by, reasons["unreachable"].tries) == ("employment", 3)
    assert {row.basis for row in reasons.values()} == {"design"}  # no document on file names one
    assert found.items["unemployment-registration"].closings == ()


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ("{id: gone, says: 走了, says_en: gone, tries: 0, basis: design}", "out-of-range"),
        ("{id: gone, says: 走了, says_en: gone, basis: document}", "missing-source"),
        ("{id: gone, says: 走了, says_en: gone, proved_by: hearsay, basis: design}", "unknown-word"),
        ("{id: gone, says: 走了, says_en: gone}", "missing-key"),
        (
            "{id: gone, says: 走了, says_en: gone, basis: design}, {id: gone, says: 走, says_en: g, basis: design}",
            "duplicate-id",
        ),
    ],
)
def test_a_reason_for_closing_that_does_not_hold_together_is_refused_with_its_file(
    pack_dir: Path, tmp_path: Path, row, kind
):
    plan = (
        "  - {do: plan, milestones: [{id: talk, name: 谈话, name_en: talk, times: 1}], closings: ["
        + row
        + "]}\n"
    )
    assert with_item(pack_dir, tmp_path, RICH.replace("follows:\n", "follows:\n" + plan)) == [kind]


def with_item(pack_dir: Path, tmp_path: Path, text: str) -> list[str]:
    """The kinds of mistakes in an item that stands beside those of the pack."""
    copytree(pack_dir / "services", tmp_path / "services")
    (tmp_path / "services" / "household-traineeship.yaml").write_text(text)
    pack, _ = load_pack(pack_dir)
    found, problems = load_items(tmp_path, pack=pack, statuses={*STATUSES})
    mistakes = [problem.code for problem in problems]
    assert ("household-traineeship" in found.items) is (not mistakes)
    return mistakes


STATUSES = (
    "zero_job_household", "registered_unemployed", "employment_difficulty", "flexible_employment",
    "unemployed_graduate", "veteran",
)  # fmt: skip


def test_an_item_about_a_household_with_an_employer_and_bounds_from_facts_needs_one_file(
    pack_dir: Path, tmp_path: Path
):
    assert with_item(pack_dir, tmp_path, RICH) == []


@pytest.mark.parametrize(
    ("said", "instead", "kind"),
    [
        ("about: household\n", "", "not-about-a-household"),
        ("most: welfare_post_months_left", "most: months_of_luck", "unknown-fact"),
        ("most: welfare_post_months_left", "most: pensioner", "wrong-type"),
        ("least: 3, basis: design", "least: 3", "missing-key"),
        ("must: traineeship_base", "must: size", "wrong-type"),
        ("employer: base, term", "employer: pay, term", "wrong-type"),
        ("term: months, ", "", "missing-key"),
        ("who: of_working_age", "who: age", "wrong-type"),
        ("looks: [household.zero_job_by_facts]", "looks: [household.rich]", "unknown-fact"),
        ("leads_to: [traineeship-subsidy]", "leads_to: [traineeship-prize]", "unknown-name"),
        ("months: 6\n    basis: design", "months: 6", "missing-key"),
        (", outcome: left", "", "missing-key"),
        ("outcome: left", "outcome: vanished", "unknown-word"),
        ("en: Somebody works,", "en: Somebody works, since: 2024,", "unknown-key"),
    ],
)
def test_a_name_that_is_not_there_or_of_the_wrong_kind_is_refused_before_anybody_fills_in_the_form(
    pack_dir: Path, tmp_path: Path, said: str, instead: str, kind: str
):
    assert said in RICH
    assert kind in with_item(pack_dir, tmp_path, RICH.replace(said, instead))


@pytest.mark.parametrize(
    "evidence", ["- {id: pay, ", "- {id: lease, name: 合同, name_en: lease}\n  - {id: lease, "]
)
def test_a_field_and_a_paper_of_one_name_are_refused_since_a_request_to_put_one_right_could_not_say_which(
    pack_dir: Path, tmp_path: Path, evidence: str
):
    text = RICH.replace("steps:", f"evidence:\n  {evidence}name: 工资单, name_en: payslip}}\nsteps:")
    assert with_item(pack_dir, tmp_path, text) == ["duplicate-id"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("told_apart_by: purpos", "unknown-field"),
        ("told_apart_by: wish", "telling-field-may-be-empty"),
        ("told_apart_by: known", "telling-field-may-be-empty"),
        ("about: household\ntold_apart_by: purpose", "telling-field-may-be-empty"),
    ],
    ids=["no such field", "one that may stay empty", "one that the city fills in", "one a household"],
)
def test_what_tells_matters_apart_is_a_field_that_is_always_filled_in_by_the_applicant(
    tmp_path: Path, line: str, code: str
):
    fields = """
  - {id: wish, label: 还想看, label_en: More, type: text, required: false}
  - {id: known, label: 学历, label_en: Schooling, type: text, prefill: education_level}
steps:"""
    (tmp_path / "services").mkdir()
    text = NEW.replace("for: person", f"for: person\n{line}").replace("\nsteps:", fields)
    (tmp_path / "services" / "reading-room-card.yaml").write_text(text)
    _, problems = load_items(tmp_path)
    assert code in {problem.code for problem in problems.errors}


def test_an_item_names_the_field_that_tells_its_open_matters_apart(tmp_path: Path):
    (tmp_path / "services").mkdir()
    text = NEW.replace("for: person", "for: person\ntold_apart_by: purpose")
    (tmp_path / "services" / "reading-room-card.yaml").write_text(text)
    found, problems = load_items(tmp_path)
    assert [problem.render() for problem in problems] == []
    assert found.items["reading-room-card"].told_apart_by == "purpose"


EXIT = """  - do: exit
    by: caseworker
    level: street
    basis: design
    reasons:
      left: {zh: 提前离开, en: Left early, outcome: left}
      stayed: {zh: 留用, en: Taken on, outcome: retained}
"""
REVIEW = "  - do: review" + RICH.split("  - do: review")[1]


def exits(pack_dir: Path, tmp_path: Path, exit: str, text: str = RICH.replace(REVIEW, "")):
    folder = tmp_path / "services"
    folder.mkdir()
    name = "household-traineeship" if "household-traineeship" in text else "reading-room-card"
    (folder / f"{name}.yaml").write_text(text + exit)
    found, problems = load_items(tmp_path, pack=load_pack(pack_dir)[0])
    return found.items.get(name), [problem.code for problem in problems.errors]


def test_an_exit_says_who_ends_what_was_registered_for_which_reasons_and_with_which_outcome(
    pack_dir: Path, tmp_path: Path
):
    item, wrong = exits(pack_dir, tmp_path, EXIT)
    assert wrong == []
    assert item is not None
    assert item.exit is not None
    assert item.ends == item.exit
    assert (item.exit.by, item.exit.level) == ("caseworker", "street")
    assert [key for key, _, _ in item.exit.reasons] == ["left", "stayed"]
    assert item.exit.outcomes == (("left", "left"), ("stayed", "retained"))


@pytest.mark.parametrize(
    ("exit", "text", "code"),
    [
        (EXIT.split("    reasons:")[0], None, "exit-names-nothing"),
        (EXIT, RICH, "more-than-one-exit"),
        (EXIT.replace(", outcome: left", ""), None, "missing-key"),
        (EXIT.replace("outcome: left", "outcome: vanished"), None, "unknown-word"),
        (EXIT, NEW.replace(NEW[NEW.index("  - {do: review") :], ""), "no-traineeship"),
    ],
)
def test_an_exit_that_names_nothing_or_another_thing_is_a_mistake(
    pack_dir: Path, tmp_path: Path, exit: str, text: str | None, code: str
):
    given = {"text": text} if text is not None else {}
    item, wrong = exits(pack_dir, tmp_path, exit, **given)
    assert code in wrong
    assert item is None
