"""Papers of a case that its applicant took back go after their time; what was approved once stays with the books."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import TestCase

from jiuye.office.casework import operations
from jiuye.office.casework.models import Case, CaseEvidence
from jiuye.office.staff.access import access
from jiuye.office.staff.retention import erase_expired, expired
from tests.office.casework.conftest import DAY, at
from tests.office.casework.journey import approve, publicised_case

pytestmark = pytest.mark.django_db
TERM = timedelta(days=access().retention["withdrawn_matters"].days)


@pytest.fixture
def case(owner, entitlement, rules) -> Case:
    return operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))


def with_a_paper(case: Case, folder: Path) -> Path:
    """A file lies with the case, as old as the case."""
    digest = "ab" * 32
    kept = folder / "evidence" / f"{digest}.sealed"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"sealed")
    os.utime(kept, (at(DAY).timestamp(), at(DAY).timestamp()))
    CaseEvidence.objects.create(
        case=case, evidence_id="accounts", kind="file", file_name="报表.pdf", file_digest=digest, file_kind="pdf",
        file_bytes=6, given_by_name="本人", on_date=DAY, at=at(DAY),
    )  # fmt: skip
    return kept


def test_the_papers_of_a_case_taken_back_go_after_their_time_and_the_timeline_says_so(
    case, owner, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    with_a_paper(case, tmp_path)
    operations.withdraw(actor=owner, case_id=case.pk, note="不要了", on=DAY, at=at(DAY))
    assert expired(at=at(DAY) + TERM)["withdrawn_matters"] == 0
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert erase_expired(at=at(DAY) + TERM + timedelta(seconds=1))["withdrawn_matters"] == 1
    assert not case.evidence.exists()
    assert not list(tmp_path.rglob("*.sealed"))
    last = case.timeline.order_by("pk").last()
    assert (last.act, last.actor_name, last.to_state) == ("erase", "系统", "withdrawn")
    assert erase_expired(at=at(DAY) + TERM * 2)["withdrawn_matters"] == 0


def test_a_case_taken_up_again_and_taken_back_later_counts_from_the_last_time(
    case, owner, caseworker, rules, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    with_a_paper(case, tmp_path)
    later = DAY + timedelta(days=30)
    operations.withdraw(actor=owner, case_id=case.pk, note="不要了", on=DAY, at=at(DAY))
    operations.reopen(actor=caseworker, case_id=case.pk, note="又要办", rules=rules, on=later, at=at(later))
    assert expired(at=at(DAY) + TERM * 2)["withdrawn_matters"] == 0, "it is under way"
    operations.withdraw(actor=owner, case_id=case.pk, note="还是不要", on=later, at=at(later))
    assert expired(at=at(later) + TERM)["withdrawn_matters"] == 0
    assert expired(at=at(later) + TERM + timedelta(seconds=1))["withdrawn_matters"] == 1


def test_the_papers_of_what_was_once_approved_stay_with_the_books(
    case, owner, caseworker, reviewer, approver, budget, rules, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    with_a_paper(case, tmp_path)
    approved = approve(publicised_case(case, caseworker, reviewer), approver, rules)
    on = approved.approved_on
    operations.withdraw(actor=owner, case_id=case.pk, note="不要了", on=on, at=at(on))
    assert expired(at=at(on) + TERM * 2)["withdrawn_matters"] == 0
