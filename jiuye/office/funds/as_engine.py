"""The ledger's rows as the engine knows them."""

from __future__ import annotations

from jiuye.engine import ledger as engine
from jiuye.office.funds.models import LedgerAccount, LedgerTransfer


def account_of(row: LedgerAccount) -> engine.LedgerAccount:
    """The row as the engine knows it."""
    return engine.LedgerAccount(
        code=row.code,
        limit=engine.Limit(row.limit),
        debits_posted_fen=row.debits_posted_fen,
        credits_posted_fen=row.credits_posted_fen,
        debits_pending_fen=row.debits_pending_fen,
        credits_pending_fen=row.credits_pending_fen,
        closed=row.closed_on is not None,
    )


def transfer_of(row: LedgerTransfer) -> engine.Transfer:
    """The row as the engine knows it; needs debit, credit and pending fetched with it."""
    return engine.Transfer(
        key=row.key,
        kind=engine.Kind(row.kind),
        debit=row.debit.code,
        credit=row.credit.code,
        amount_fen=row.amount_fen,
        on=row.on_date,
        pending_key=row.pending.key if row.pending is not None else "",
        subject=row.claim_key,
        document=row.document,
        clause=row.clause,
        receipt=row.receipt,
    )
