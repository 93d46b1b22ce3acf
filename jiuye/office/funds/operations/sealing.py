"""Sealing the ledger: the ends of all chains, signed. Done each night; `jiuye ledger verify` holds the ledger to every seal."""

from __future__ import annotations

from datetime import UTC, date, datetime

from django.db import connection, transaction

from jiuye.office.funds.chain import seal_signature
from jiuye.office.funds.models import LedgerAccount, LedgerSeal


@transaction.atomic
def seal_ledger(*, on: date, at: datetime) -> LedgerSeal:
    """Sign the ledger as it stands, bound to the seal before. Part of running an installation: no person does it, and it changes no balance."""
    with connection.cursor() as cursor:
        # No entry is made while the ends are read: all belong to one moment.
        cursor.execute("LOCK TABLE funds_ledgeraccount IN SHARE MODE")
    heads = {
        row.code: [row.chain_length, row.chain_head]
        for row in LedgerAccount.objects.filter(chain_length__gt=0).order_by("code")
    }
    entries = sum(length for length, _ in heads.values())
    moment = at.astimezone(UTC)
    last = LedgerSeal.objects.order_by("-pk").first()
    number, previous = (last.number + 1, last.signature) if last is not None else (1, "")
    return LedgerSeal.objects.create(
        on_date=on,
        at=moment,
        entries=entries,
        heads=heads,
        number=number,
        previous=previous,
        signature=seal_signature(on.isoformat(), moment.isoformat(), entries, heads, number, previous),
    )
