"""Interest that a loan pays has one door: its own file says so, or `jiuye check` does."""

from __future__ import annotations

from pathlib import Path

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
