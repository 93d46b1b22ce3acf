# ruff: noqa: F811 (the fixtures are imported, and asked for by name)
"""A restored database is held to its own ledger before it takes the place of what is there: as `jiuye restore` does it, in processes of its own."""

from __future__ import annotations

import psycopg
import pytest
from django.db import connection

from jiuye.config.backup import BackupError
from jiuye.config.commands.backup import ledger_agrees
from tests.config.test_backup import count, files, here, made, restored, there  # noqa: F401 (fixtures by name)
from tests.office.casework.conftest import (  # noqa: F401 (the fixtures are used by name)
    _pack,
    approver,
    bank,
    budget,
    caseworker,
    cashier,
    divisions,
    entitlement,
    owner,
    person,
    reviewer,
    rules,
    second_cashier,
)
from tests.office.casework.test_claiming_back import paid  # noqa: F401 (a fixture by name)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _beside(monkeypatch, tmp_path):
    """The processes that verify have a folder of their own for whatever else they keep."""
    monkeypatch.setenv("JIUYE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "jiuye.config.settings_test")


def test_a_database_with_a_payment_comes_back_once_its_ledger_agrees(paid, here, there, files, tmp_path):
    made(here, files, tmp_path / "one.tar")
    manifest, _ = restored(there, files, tmp_path / "one.tar", verify=ledger_agrees)
    assert manifest.rows["funds_ledgertransfer"] == count(there, "funds_ledgertransfer") > 0
    with psycopg.connect(there) as restored_one:
        state = restored_one.execute("SELECT state FROM casework_case WHERE id = %s", [paid.pk]).fetchone()
    assert state == ("paid",)


def test_one_whose_ledger_was_altered_is_not_put_in_place(paid, here, there, files, tmp_path):
    with connection.cursor() as cursor:  # past every trigger, as nobody but the owner of the database can
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "UPDATE funds_ledgertransfer SET amount_fen = amount_fen + 1 WHERE claim_key = %s",
            [paid.claim_key],
        )
        assert cursor.rowcount > 0
        cursor.execute("SET session_replication_role = DEFAULT")
    made(here, files, tmp_path / "one.tar")
    with pytest.raises(BackupError, match="没有换上"):
        restored(there, files, tmp_path / "one.tar", verify=ledger_agrees)
    with pytest.raises(psycopg.OperationalError):
        count(there, "funds_ledgertransfer")
