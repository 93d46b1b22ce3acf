"""What an entry says that it stands on: words that the chain covers, and that the proof holds to the rows beside the ledger."""

from __future__ import annotations

LONGEST = 200  # of an entry's document
HOLDING = "预留 "


def posting_document(line_key: str, reference: str = "") -> str:
    """Of a payment: the line, and the bank's reference. Entries made before references were covered name the line alone."""
    return f"付款批次明细 {line_key} {reference}".rstrip()[:LONGEST]


def holding_document(county_code: str) -> str:
    """Of a reservation: the county whose share it draws on; nothing where nobody said."""
    return f"{HOLDING}{county_code}" if county_code else ""
