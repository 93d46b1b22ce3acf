"""The way of a case in a few steps, for tests that begin in the middle."""

from __future__ import annotations

from datetime import date

from jiuye.office.casework import operations
from jiuye.office.casework.models import Case
from tests.office.casework.conftest import DAY, at

APPROVAL_DAY = date(2025, 6, 17)


def reviewed_case(case: Case, caseworker, reviewer, *, on: date = DAY) -> Case:
    operations.accept(actor=caseworker, case_id=case.pk, on=on, at=at(on))
    return operations.review(actor=reviewer, case_id=case.pk, on=on, at=at(on))


def publicised_case(case: Case, caseworker, reviewer, *, on: date = DAY) -> Case:
    reviewed_case(case, caseworker, reviewer, on=on)
    return operations.publicise(actor=reviewer, case_id=case.pk, on=on, at=at(on))


def approve(case: Case, approver, rules, *, on: date = APPROVAL_DAY) -> Case:
    return operations.approve(actor=approver, case_id=case.pk, rules=rules, on=on, at=at(on))
