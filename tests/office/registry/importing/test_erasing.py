"""Files of imports do not lie about: what nobody decided on is given up in time, and the rows an import handed back go."""

from __future__ import annotations

from datetime import timedelta

from django.test import TestCase

from jiuye.office.registry.importing import storage
from jiuye.office.registry.models import ImportBatch, Person
from jiuye.office.staff.access import access
from jiuye.office.staff.retention import erase_expired
from tests.office.registry.conftest import NOW
from tests.office.registry.importing.situations import accept, preview, row, table


def test_a_preview_nobody_decides_on_is_given_up_and_its_file_is_gone_while_a_younger_one_stays(caseworker):
    old, young = preview(caseworker, table(row())), preview(caseworker, table(row(sequence=127)))
    ImportBatch.objects.filter(pk=young.pk).update(uploaded_at=NOW + timedelta(days=1))
    term = timedelta(days=access().retention["import_files"].days)
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert erase_expired(at=NOW + term + timedelta(seconds=1))["import_files"] == 1
    old.refresh_from_db()
    young.refresh_from_db()
    assert (old.state, young.state) == ("discarded", "previewed")
    assert not storage.keeps_something_of(old.pk)
    assert storage.keeps_something_of(young.pk)
    assert sorted(path.suffix for path in storage._folder().glob("*.upload")) == [".upload"]


def test_of_an_accepted_import_the_rows_handed_back_go_and_the_people_stay(caseworker):
    batch = accept(caseworker, preview(caseworker, table(row(), row(sequence=125, 手机号="1"))))
    assert storage.keeps_something_of(batch.pk)
    term = timedelta(days=access().retention["import_files"].days)
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert erase_expired(at=NOW + term + timedelta(seconds=1))["import_files"] == 1
    batch.refresh_from_db()
    assert (batch.state, Person.objects.count()) == ("accepted", 1)
    assert not storage.keeps_something_of(batch.pk)
    assert erase_expired(at=NOW + term + timedelta(days=9))["import_files"] == 0
