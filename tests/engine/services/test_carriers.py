"""Interest that a loan pays has one door: its own file says so, or `jiuye check` does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from jiuye.engine.services import load_items
from jiuye.engine.services.loans import FILE_NAME, load_loan_terms

PACK = Path(__file__).resolve().parents[3] / "plans" / "yangzhou-2023-2025"


def test_interest_whose_own_file_does_not_say_that_the_loan_carries_it_is_a_mistake():
    _, problems = load_loan_terms(PACK / FILE_NAME, carried={"startup-loan-personal-interest"})
    assert [problem.code for problem in problems.errors] == ["paid-twice"]
    assert "carried_by: loan" in problems.errors[0].render()


def test_the_citys_loans_carry_both_interests():
    interests = {"startup-loan-personal-interest", "startup-loan-enterprise-interest"}
    _, problems = load_loan_terms(PACK / FILE_NAME, carried=interests)
    assert not problems.errors


def test_an_item_that_a_loan_carries_is_asked_for_as_one_kind_of_loan_or_promises_what_nobody_acts_on():
    items = load_items(PACK)[0].items
    terms, problems = load_loan_terms(PACK / FILE_NAME, items=items)
    assert not problems.errors
    carried = {item.id for item in items.values() if item.carried_by == "loan"}
    assert carried == {kind.item for kind in terms.kinds.values()}

    third = replace(items["startup-guaranteed-loan"], id="loan-for-a-farm")
    _, problems = load_loan_terms(PACK / FILE_NAME, items={**items, third.id: third})
    assert [problem.code for problem in problems.errors] == ["loan-of-no-kind"]


def test_the_item_of_a_kind_says_that_the_loan_carries_it_and_rests_on_the_same_policy():
    items = load_items(PACK)[0].items
    as_matter = replace(items["startup-guaranteed-loan"], carried_by="matter")
    _, problems = load_loan_terms(PACK / FILE_NAME, items={**items, as_matter.id: as_matter})
    assert [problem.code for problem in problems.errors] == ["item-of-another-carrier"]
    del items["startup-guaranteed-loan"]
    _, problems = load_loan_terms(PACK / FILE_NAME, items=items)
    assert [problem.code for problem in problems.errors] == ["unknown-name"]


def test_an_item_that_a_loan_carries_has_no_form_of_its_own_that_somebody_would_fill_in_for_nothing(tmp_path):
    text = (PACK / "services" / "startup-guaranteed-loan.yaml").read_text()
    services = tmp_path / "services"
    services.mkdir()
    form = "form:\n  - {id: use, label: 用途, label_en: use, type: text}\n"
    (services / "startup-guaranteed-loan.yaml").write_text(text + form)
    _, problems = load_items(tmp_path)
    assert [problem.code for problem in problems.errors] == ["done-by-nobody"]


def test_an_item_that_a_loan_carries_promises_no_acceptance_which_nobody_would_take(tmp_path):
    text = (PACK / "services" / "startup-guaranteed-loan.yaml").read_text()
    decide = "  - {act: decide, by: approver, level: county, workdays: 10, basis: design}\n"
    assert text.count(decide) == 1
    accept = "  - {act: accept, by: caseworker, level: street, workdays: 3, basis: design}\n"
    services = tmp_path / "services"
    services.mkdir()
    changed = text.replace(decide, accept + decide.replace("10", "7"))
    (services / "startup-guaranteed-loan.yaml").write_text(changed)
    _, problems = load_items(tmp_path)
    assert [problem.code for problem in problems.errors] == ["done-by-nobody"]
    assert "只有 decide 一个环节；这里是 accept、decide" in problems.errors[0].zh


def test_each_loan_of_the_pack_goes_from_its_application_to_the_decision_within_what_is_promised():
    items = load_items(PACK)[0].items
    loans = [item for item in items.values() if item.carried_by == "loan"]
    assert len(loans) == 2
    for item in loans:
        assert [(step.act, step.by, step.workdays) for step in item.steps] == [
            ("decide", "approver", item.promised_workdays)
        ]
