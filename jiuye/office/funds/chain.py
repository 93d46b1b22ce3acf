"""The digest of an entry, worked out anew in Python: the trigger writes it in SQL, and the two must say the same.

Canonical bytes: every field as UTF-8 text, each before it its length in bytes and a colon, joined by commas (netstrings), so
that no text can pass for another division into fields. SHA-256, since PostgreSQL has it built in and no key is involved; the
key comes in with the seals, which are HMAC-SM3 (GB/T 32905-2016).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC
from typing import Any

from cryptography.hazmat.primitives import hashes, hmac
from django.conf import settings

from jiuye.office.funds.models import LedgerTransfer, PaymentBatch, PaymentLine


def entry_digest(row: LedgerTransfer, previous: str) -> str:
    """What the entry's digest must be after `previous`; needs debit, credit and pending fetched with it."""
    at = row.at.astimezone(UTC)
    parts = (
        previous,
        row.position,
        row.key,
        row.kind,
        row.debit.code,
        row.credit.code,
        row.amount_fen,
        row.pending.key if row.pending is not None else "",
        row.claim_key,
        row.clause,
        row.receipt,
        row.document,
        row.on_date.isoformat(),
        f"{at:%Y-%m-%dT%H:%M:%S.%f}",
        row.recorded_by_id or 0,
    )
    return hashlib.sha256(_netstrings(parts)).hexdigest()


def receipt_digest(receipt: Any) -> str:
    """SHA-256 of a decision's receipt in one written form: keys sorted, nothing between."""
    text = json.dumps(receipt, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def seal_signature(
    on_date: str, at: str, entries: int, heads: dict[str, list[Any]], number: int = 0, previous: str = ""
) -> str:
    """HMAC-SM3 over a seal's content, its number and the seal before it; a seal of number 0 was made before they were bound."""
    ends = [part for code in sorted(heads) for part in (code, *heads[code])]
    bound = [number, previous] if number else []
    return signed(b"jiuye ledger seal", [on_date, at, entries, *bound, *ends])


def line_digest(line: PaymentLine, batch_number: str) -> str:
    """HMAC-SM3 over whom a line pays, for what and how much: fixed when the line is made, worked out anew before it is sent."""
    parts = (
        batch_number,
        line.line_key,
        line.claim_key,
        line.reservation_id,
        line.amount_fen,
        line.payee_name,
        bytes(line.payee_account_index).hex(),
        line.payee_bank,
    )
    return signed(b"jiuye payment line", parts)


def batch_digest(batch: PaymentBatch, digests: Iterable[str]) -> str:
    """HMAC-SM3 over a batch and the digests of its lines in their order: what the second person approved, and nothing else, is sent."""
    head = (batch.number, batch.fund_id, batch.division_code, batch.purpose, batch.approved_by_id or 0)
    return signed(b"jiuye payment batch", [*head, *digests])


def signed(purpose: bytes, parts: Iterable[object]) -> str:
    """HMAC-SM3 under a key made from the installation's bank key for that purpose only."""
    derived = hmac.HMAC(settings.BANK_KEY, hashes.SM3())
    derived.update(purpose)
    signed = hmac.HMAC(derived.finalize(), hashes.SM3())
    signed.update(_netstrings(parts))
    return signed.finalize().hex()


def _netstrings(parts: Iterable[object]) -> bytes:
    found = []
    for part in parts:
        text = str(part).encode()
        found.append(str(len(text)).encode() + b":" + text)
    return b",".join(found)
