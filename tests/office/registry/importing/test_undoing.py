"""A batch is taken back as one, or not at all where later work depends on it."""

from __future__ import annotations

from datetime import date

import pghistory
import pytest

from jiuye.office.registry.importing import operations
from jiuye.office.registry.importing.undoing import UndoBlockedError
from jiuye.office.registry.models import (
    ContributionSpell,
    Education,
    Employer,
    EmploymentSpell,
    ImportBatch,
    Person,
    Status,
)
from jiuye.office.staff.models import Account
from tests.office.registry.conftest import NOW, TODAY, id_number
from tests.office.registry.importing.situations import accept, load, preview, row, table
from tests.office.registry.importing.test_accepting import WORK, person, work


def undo(actor, batch: ImportBatch) -> ImportBatch:
    return operations.undo(actor=actor, batch=batch, at=NOW, on=TODAY)


def test_undoing_takes_back_persons_facts_and_employers(caseworker):
    batch = load(caseworker, work(), work(125), headings=WORK)
    undone = undo(caseworker, batch)
    assert (undone.state, undone.undone_at) == ("undone", NOW)
    for model in (Person, Status, EmploymentSpell, Education, Employer):
        assert not model.objects.exists(), model


def test_undoing_restores_what_stood_there_before(caseworker):
    load(caseworker, row())
    batch = load(caseworker, row(手机号="13900000000", **{"常住地（社区）": "皇宫社区"}))
    undo(caseworker, batch)
    found = person()
    assert (found.phone, found.residence_division_id) == ("13800000123", "321002001001")
    assert Status.objects.count() == 1


def test_undoing_twice_changes_nothing(caseworker):
    batch = load(caseworker, row())
    undo(caseworker, batch)
    assert undo(caseworker, batch).state == "undone"


def test_an_undone_file_can_be_imported_again(caseworker):
    undo(caseworker, load(caseworker, row()))
    load(caseworker, row())
    assert Person.objects.count() == 1


def test_what_was_never_accepted_cannot_be_undone(caseworker):
    with pytest.raises(operations.BatchStateError, match="待确认"):
        undo(caseworker, preview(caseworker, table(row())))


def test_a_person_who_was_changed_since_blocks_and_nothing_is_taken_back(caseworker):
    batch = load(caseworker, row(), row(sequence=125))
    found = person()
    found.address = "东关街100号"
    with pghistory.context(operation="somebody else's"):
        found.save(update_fields=["address"])
    with pytest.raises(UndoBlockedError, match=f"1条居民在入库后又改过（例如编号{found.pk}）"):
        undo(caseworker, batch)
    assert Person.objects.count() == Status.objects.count() == 2


def test_a_later_import_of_the_same_person_blocks_until_it_is_undone_itself(caseworker):
    first = load(caseworker, row())
    second = load(caseworker, row(手机号="13900000000"))
    with pytest.raises(UndoBlockedError, match="又改过"):
        undo(caseworker, first)
    undo(caseworker, second)
    # The person now has two later events, but they left it as the first import wrote it.
    assert person().phone == "13800000123"


def test_a_fact_that_somebody_added_blocks_and_is_named(caseworker):
    batch = load(caseworker, row("张秀兰"))
    ContributionSpell.objects.create(
        person=person(), payer="person", start=date(2024, 4, 1), base_fen=450000, source="社保"
    )
    with pytest.raises(UndoBlockedError, match=r"1条参保缴费（例如张\*\*"):
        undo(caseworker, batch)


def test_a_resident_with_an_account_blocks(caseworker):
    batch = load(caseworker, row())
    Account.objects.create_account(
        username="zhang", display_name="张伟", password="x", kind="resident", subject_key=str(person().pk)
    )
    with pytest.raises(UndoBlockedError, match="1人开通了本人账号"):
        undo(caseworker, batch)


def test_an_employer_of_the_batch_that_others_work_at_blocks(caseworker, make_person):
    batch = load(caseworker, work(), headings=WORK)
    employer = Employer.objects.get()
    EmploymentSpell.objects.create(
        person=make_person("李娜", id_number=id_number(sequence=998)),
        employer=employer, kind="employee", start=date(2024, 5, 1), source="测试",
    )  # fmt: skip
    with pytest.raises(UndoBlockedError, match="已有就业经历1条"):
        undo(caseworker, batch)
    assert Employer.objects.count() == 1
    assert EmploymentSpell.objects.count() == 2


def test_an_undo_leaves_its_trace_in_the_audit_trail(caseworker):
    from django.db import connection

    batch = load(caseworker, row())
    undo(caseworker, batch)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pgh_label, c.metadata->>'operation' FROM registry_personevent e "
            "JOIN pghistory_context c ON c.id = e.pgh_context_id ORDER BY pgh_id"
        )
        assert cursor.fetchall() == [
            ("insert", "registry.import_accept"),
            ("delete", "registry.import_undo"),
        ]


def test_accepting_what_was_undone_is_refused(caseworker):
    batch = load(caseworker, row())
    undo(caseworker, batch)
    with pytest.raises(operations.BatchStateError, match="已撤销"):
        accept(caseworker, batch)
