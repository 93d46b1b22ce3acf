"""Entering transfers: the engine judges, the database keeps. Every posting of the office goes through here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from jiuye.engine import ledger as engine
from jiuye.office.funds.as_engine import account_of, transfer_of
from jiuye.office.funds.models import LedgerAccount, LedgerTransfer
from jiuye.office.funds.refusals import FundsRefusal, in_language
from jiuye.office.funds.states import ACCOUNT_LIMITS


class LedgerRefusalError(FundsRefusal):
    """The ledger does not make the transfer; `refusal` has the stable code and the sentence in both languages."""

    def __init__(self, refusal: engine.Refusal) -> None:
        self.refusal = refusal
        super().__init__(in_language(zh=refusal.zh, en=refusal.en))


def open_account(*, code: str, kind: str) -> LedgerAccount:
    """The account of that code, opened at zero where it is not there yet; its limit follows from its kind."""
    account, _ = LedgerAccount.objects.get_or_create(
        code=code, defaults={"kind": kind, "limit": ACCOUNT_LIMITS[kind]}
    )
    return account


def enter(transfer: engine.Transfer, *, recorded_by: int | None, at: datetime) -> LedgerTransfer:
    """Enter one transfer; see `enter_all`."""
    return enter_all([transfer], recorded_by=recorded_by, at=at)[0]


@transaction.atomic
def enter_all(
    transfers: Sequence[engine.Transfer], *, recorded_by: int | None, at: datetime
) -> list[LedgerTransfer]:
    """Enter the transfers in this order, all or none; one whose key is known is returned as it stands.

    The accounts are locked in the order of their ids, so that two such calls never wait for each other in a circle.
    Raises LedgerRefusalError.
    """
    codes = {code for transfer in transfers for code in (transfer.debit, transfer.credit)}
    rows = {
        row.code: row
        for row in LedgerAccount.objects.select_for_update().filter(code__in=codes).order_by("pk")
    }
    accounts = {code: account_of(row) for code, row in rows.items()}
    keys = {transfer.key for transfer in transfers} | {t.pending_key for t in transfers if t.pending_key}
    recorded = {
        row.key: row
        for row in LedgerTransfer.objects.filter(key__in=keys)
        .select_related("debit", "credit", "pending")
        .order_by("pk")
    }
    finishes = {
        row.pending.key: transfer_of(row)
        for row in LedgerTransfer.objects.filter(pending__key__in=keys)
        .select_related("debit", "credit", "pending")
        .order_by("pk")
        if row.pending is not None
    }
    known = {key: transfer_of(row) for key, row in recorded.items()}
    fresh: dict[str, LedgerTransfer] = {}
    for transfer in transfers:
        outcome = engine.judge(
            transfer,
            engine.Surroundings(
                debit=accounts.get(transfer.debit),
                credit=accounts.get(transfer.credit),
                same_key=known.get(transfer.key),
                pending=known.get(transfer.pending_key),
                finish=finishes.get(transfer.pending_key),
            ),
        )
        if isinstance(outcome, engine.Refusal):
            raise LedgerRefusalError(outcome)
        if not outcome.new:
            continue
        for code in (transfer.debit, transfer.credit):
            accounts[code] = engine.moved(accounts[code], transfer)
        known[transfer.key] = transfer
        if transfer.pending_key:
            finishes[transfer.pending_key] = transfer
        fresh[transfer.key] = LedgerTransfer(
            key=transfer.key,
            kind=transfer.kind.value,
            debit=rows[transfer.debit],
            credit=rows[transfer.credit],
            amount_fen=transfer.amount_fen,
            pending=recorded.get(transfer.pending_key),
            claim_key=transfer.subject,
            document=transfer.document,
            clause=transfer.clause,
            receipt=transfer.receipt,
            on_date=transfer.on,
            at=at,
            recorded_by_id=recorded_by,
        )
    LedgerTransfer.objects.bulk_create(fresh.values())
    return [fresh.get(transfer.key) or recorded[transfer.key] for transfer in transfers]
