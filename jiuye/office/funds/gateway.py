"""The bank of this installation, as the settings name it."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from jiuye.exchange.bank import Bank, open_bank


def installed_bank() -> Bank:
    """`BANK_KIND` is `pretend` or `file`; its files lie in `BANK_FOLDER`, sealed under `BANK_KEY`.

    Raises UnknownBankError.
    """
    return open_bank(settings.BANK_KIND, folder=Path(settings.BANK_FOLDER), key=settings.BANK_KEY)
