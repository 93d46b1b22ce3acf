"""The bank of this installation, as the settings name it."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import connection

from jiuye.exchange.bank import Bank, open_bank


def installed_bank() -> Bank:
    """`BANK_KIND` is `pretend` or `file`; its files lie in `BANK_FOLDER`, sealed under `BANK_KEY`.

    The pretend bank is one a database: a database made anew numbers its cases from 1 again, and would otherwise meet a
    bank that remembers paying them. Raises UnknownBankError.
    """
    folder = Path(settings.BANK_FOLDER)
    if settings.BANK_KIND == "pretend":
        folder = folder / _database_identity()
    return open_bank(settings.BANK_KIND, folder=folder, key=settings.BANK_KEY)


def _database_identity() -> str:
    """Digits that no other database shares, one of the same name made later included."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT system_identifier || '-' || oid FROM pg_control_system(), pg_database WHERE datname = current_database()"
        )
        return str(cursor.fetchone()[0])
