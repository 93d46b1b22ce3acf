"""Which bank an installation talks to."""

from __future__ import annotations

import uuid

import pytest
from django.db import DatabaseError, connection, transaction

from jiuye.exchange.bank import FileBank, PretendBank, UnknownBankError
from jiuye.office.funds.gateway import installation_key, installed_bank
from jiuye.office.funds.models import Installation


def test_the_pretend_bank_is_found_again_by_what_a_backup_carries(db, settings, tmp_path):
    """Restored into another database of another server the installation has the same key, and meets the same bank."""
    settings.BANK_KIND, settings.BANK_FOLDER = "pretend", tmp_path
    bank = installed_bank()
    assert isinstance(bank, PretendBank)
    assert bank.path == installed_bank().path
    assert bank.path.parent == tmp_path / str(Installation.objects.get().key)


def test_a_database_made_anew_meets_another_bank(db, settings, tmp_path):
    settings.BANK_KIND, settings.BANK_FOLDER = "pretend", tmp_path
    before = installed_bank()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE funds_installation")
    assert installed_bank().path != before.path


def test_an_installation_has_one_key_and_keeps_it(db):
    key = installation_key()
    for spoil in (
        lambda: Installation.objects.create(id=2),
        lambda: Installation.objects.update(key=uuid.uuid4()),
        lambda: Installation.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            spoil()
    assert installation_key() == key


def test_a_bank_by_files_has_one_folder_for_the_installation(settings, tmp_path):
    settings.BANK_KIND, settings.BANK_FOLDER = "file", tmp_path
    bank = installed_bank()
    assert isinstance(bank, FileBank)
    assert bank.outbox == tmp_path / "outbox"


def test_a_bank_that_there_is_not_is_said_to_be_none(settings):
    settings.BANK_KIND = "abacus"
    with pytest.raises(UnknownBankError, match="abacus"):
        installed_bank()
