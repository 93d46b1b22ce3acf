"""Which bank an installation talks to."""

from __future__ import annotations

import pytest

from jiuye.exchange.bank import FileBank, PretendBank, UnknownBankError
from jiuye.office.funds.gateway import installed_bank


def test_the_pretend_bank_belongs_to_one_database(db, settings, tmp_path):
    settings.BANK_KIND, settings.BANK_FOLDER = "pretend", tmp_path
    bank = installed_bank()
    assert isinstance(bank, PretendBank)
    assert bank.path == installed_bank().path
    assert bank.path.parent.parent == tmp_path
    assert bank.path.parent.name.replace("-", "").isdigit()


def test_a_bank_by_files_has_one_folder_for_the_installation(settings, tmp_path):
    settings.BANK_KIND, settings.BANK_FOLDER = "file", tmp_path
    bank = installed_bank()
    assert isinstance(bank, FileBank)
    assert bank.outbox == tmp_path / "outbox"


def test_a_bank_that_there_is_not_is_said_to_be_none(settings):
    settings.BANK_KIND = "abacus"
    with pytest.raises(UnknownBankError, match="abacus"):
        installed_bank()
