"""The bank of this installation, as the settings name it."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from jiuye.exchange.bank import Bank, open_bank
from jiuye.office.funds.models import Installation


def installed_bank() -> Bank:
    """`BANK_KIND` is `pretend` or `file`; its files lie in `BANK_FOLDER`, sealed under `BANK_KEY`.

    The pretend bank is one an installation: a database made anew numbers its cases from 1 again, and would otherwise meet a bank that
    remembers paying them; one that was restored from its backup finds the bank again that knows its payments under way. Raises
    UnknownBankError.
    """
    folder = Path(settings.BANK_FOLDER)
    if settings.BANK_KIND == "pretend":
        folder = folder / installation_key()
    return open_bank(settings.BANK_KIND, folder=folder, key=settings.BANK_KEY)


def installation_key() -> str:
    """What names this installation, drawn the first time that it is asked for and kept in the database ever after."""
    Installation.objects.bulk_create([Installation()], ignore_conflicts=True)
    return str(Installation.objects.get(pk=1).key)
