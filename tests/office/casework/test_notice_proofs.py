"""The kept proof of a public notice: content rewritten together with its digest does not pass for what was shown."""

from __future__ import annotations

import importlib
from datetime import date, timedelta

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from jiuye.config.cli import main
from jiuye.office.casework import operations
from jiuye.office.casework.models import CaseEvent, NoticeProof
from jiuye.office.casework.notices import (
    digest_of,
    is_sound,
    missing_proofs,
    notice_faults,
    notices_named,
    put_up,
)
from tests.office.casework.conftest import DAY, at, make_entitlement, make_person
from tests.office.casework.journey import publicised_case
from tests.office.funds.conftest import triggers_off

pytestmark = pytest.mark.django_db


@pytest.fixture
def proof(db) -> NoticeProof:
    return put_up(
        about="case:7",
        number="321002-20250609-000007",
        division_code="321002001",
        shown={"applicant": "张**", "amount": "600.00"},
        first_day=DAY,
        until=date(2025, 6, 17),
        at=at(DAY),
    )


@pytest.fixture
def two_cases(divisions, caseworker, reviewer, rules):
    found = []
    for number in ("321002197803050029", "321002197803050045"):
        entitlement = make_entitlement(make_person("张秀兰", number=number))
        case = operations.confirm_on_behalf(
            actor=caseworker,
            entitlement_id=entitlement.pk,
            note="本人到窗口",
            rules=rules,
            on=DAY,
            at=at(DAY),
        )
        found.append(publicised_case(case, caseworker, reviewer))
    return found


def test_a_proof_is_signed_and_verify_says_so(proof, capsys):
    assert is_sound(proof)
    assert main(["ledger", "verify", "--backup"]) == 0
    assert "1 份公示存证" in capsys.readouterr().out


def test_content_rewritten_with_its_digest_is_noticed_by_verify(proof, capsys):
    forged = {"applicant": "李**", "amount": "600.00"}
    with triggers_off():
        NoticeProof.objects.update(shown=forged, digest=digest_of(forged))
    (fault,) = notice_faults()
    assert proof.number in fault
    assert main(["ledger", "verify", "--backup"]) == 1
    assert "公示存证" in capsys.readouterr().out


@pytest.mark.parametrize(
    "change",
    [
        {"first_day": date(2025, 6, 2)},
        {"until": date(2025, 6, 20)},
        {"about": "case:8"},
        {"signature": "0" * 64},
    ],
)
def test_nothing_else_of_it_is_rewritten_unnoticed(proof, change):
    with triggers_off():
        NoticeProof.objects.update(**change)
    assert not is_sound(NoticeProof.objects.get())


def test_the_database_keeps_the_signature_and_takes_no_proof_without_one(proof):
    with pytest.raises(DatabaseError), transaction.atomic():
        NoticeProof.objects.update(signature="0" * 64)
    with pytest.raises(DatabaseError, match="notice_is_signed"), transaction.atomic():
        NoticeProof.objects.create(
            about="case:9", number="x", division_code="321002", shown={}, digest="", first_day=DAY,
            until=date(2025, 6, 17), put_up_at=at(DAY),
        )  # fmt: skip


def test_what_was_kept_before_proofs_were_signed_is_signed_as_it_stands(proof):
    with triggers_off() as cursor:
        cursor.execute("ALTER TABLE casework_noticeproof DROP CONSTRAINT notice_is_signed")
        NoticeProof.objects.update(signature="")
        migration = importlib.import_module("jiuye.office.casework.migrations.0018_notice_proofs_are_signed")
        migration.sign_what_stands(apps, connection.schema_editor())
    assert is_sound(NoticeProof.objects.get())


def test_a_proof_that_is_gone_or_was_put_in_anothers_place_is_noticed(two_cases, capsys):
    one, other = two_cases
    assert list(missing_proofs(notices_named())) == []
    with triggers_off():
        NoticeProof.objects.filter(about=one.claim_key).delete()
    assert main(["ledger", "verify", "--backup"]) == 1
    assert f"“{one.number}”" in capsys.readouterr().out
    with triggers_off():
        NoticeProof.objects.filter(about=other.claim_key).update(about=one.claim_key)
    faults = list(missing_proofs(notices_named()))
    assert len(faults) == 2
    assert all(number in faults[row] for row, number in enumerate([one.number, other.number]))


def test_a_notice_from_before_events_named_their_proof_is_missed_too(two_cases):
    later = at(DAY) + timedelta(hours=1)
    with triggers_off():
        CaseEvent.objects.filter(act="publicise").update(details={}, at=later)
        NoticeProof.objects.update(put_up_at=later)
    assert list(missing_proofs(notices_named())) == []
    with triggers_off():
        NoticeProof.objects.filter(about=two_cases[0].claim_key).delete()
    (fault,) = missing_proofs(notices_named())
    assert two_cases[0].number in fault
