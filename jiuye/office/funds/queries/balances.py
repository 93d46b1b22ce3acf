"""Questions about budgets and the ledger, and the check that the ledger is what its entries make it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import groupby

from django.db.models import Exists, OuterRef, QuerySet, Sum

from jiuye.engine import ledger as engine
from jiuye.office.funds.as_engine import account_of, transfer_of
from jiuye.office.funds.models import (
    Budget,
    CountyShare,
    Fund,
    LedgerAccount,
    LedgerTransfer,
    PaymentLine,
    RecoveryReceipt,
    Reservation,
)
from jiuye.office.funds.queries.altering import line_faults
from jiuye.office.funds.states import BACK_LINE_STATES, LIVE_LINE_STATES
from jiuye.office.staff.queries import Actor, require


@dataclass(frozen=True, slots=True)
class BudgetPosition:
    """One budget line as it stands, in fen. appropriated + came back = spent + reserved + available, always; only into the capital of a
    fund that revolves anything comes back."""

    fund_code: str
    fund_name: str
    fund_name_en: str
    year: int
    line: str
    demonstration: bool
    appropriated_fen: int
    reserved_fen: int
    spent_fen: int
    available_fen: int
    came_back_fen: int = 0
    sent_back_fen: int = 0  # of what is reserved: held for payments that the bank sent back, until they are paid again or given up


def funds() -> QuerySet[Fund]:
    """Every fund, by code."""
    return Fund.objects.order_by("code")


def budget_positions(*, actor: Actor, year: int | None = None) -> list[BudgetPosition]:
    """Every budget line (of that year), by fund, year and line. Raises NotPermittedError."""
    require(actor, "funds.see")
    rows = Budget.objects.select_related("fund", "account").order_by("fund__code", "year", "line")
    if year is not None:
        rows = rows.filter(year=year)
    lines = list(rows)
    sums = _sums(lines)
    sent_back = _sent_back(lines)
    return [
        BudgetPosition(
            fund_code=row.fund.code,
            fund_name=row.fund.name,
            fund_name_en=row.fund.name_en,
            year=row.year,
            line=row.line,
            demonstration=row.demonstration,
            sent_back_fen=sent_back.get(row.pk, 0),
            **sums[row.pk],
        )
        for row in lines
    ]


def _sent_back(budgets: list[Budget]) -> dict[int, int]:
    """By budget line, what is held for claims whose last payment the bank sent back, in fen."""
    lines = PaymentLine.objects.filter(claim_key=OuterRef("claim_key"))
    held = (
        Reservation.objects.filter(
            Exists(lines.filter(state__in=BACK_LINE_STATES)),
            ~Exists(lines.filter(state__in=LIVE_LINE_STATES)),
            budget__in=budgets,
            state="held",
        )
        .order_by("budget_id")
        .values("budget_id")
    )
    return {
        key: int(fen) for key, fen in held.annotate(fen=Sum("amount_fen")).values_list("budget_id", "fen")
    }


def _sums(budgets: list[Budget]) -> dict[int, dict[str, int]]:
    """By budget line, what its ledger account says, in fen. What came back into the capital of a fund that revolves was not appropriated,
    and what of that was entered wrongly and taken out again was not spent."""
    revolving = [row.account_id for row in budgets if row.fund.recovered_to_capital]
    came: dict[int, int] = defaultdict(int)
    undone: dict[int, int] = defaultdict(int)
    if revolving:
        receipts = RecoveryReceipt.every.filter(posted__credit__in=revolving).order_by("pk")
        for account, amount_fen, undone_on in receipts.values_list(
            "posted__credit", "amount_fen", "undone_on"
        ):
            came[account] += amount_fen
            undone[account] += amount_fen if undone_on is not None else 0
    return {
        row.pk: {
            "appropriated_fen": row.account.credits_posted_fen - came[row.account_id],
            "came_back_fen": came[row.account_id] - undone[row.account_id],
            "reserved_fen": row.account.debits_pending_fen,
            "spent_fen": row.account.debits_posted_fen - undone[row.account_id],
            "available_fen": row.account.available_fen,
        }
        for row in budgets
    }


def county_shares(*, year: int) -> list[CountyShare]:
    """Each county's share of each fund's budget of the year, with the fund, by county and fund; none before a budget was approved by counties.

    For the layers above, which have checked who may ask.
    """
    found = CountyShare.objects.select_related("budget__fund").filter(budget__year=year)
    return list(found.order_by("county_code", "budget__fund__code", "pk"))


def fund_balances(*, year: int) -> dict[str, dict[str, object]]:
    """Each fund's budget lines of that year together, in fen, by code; funds without a budget are left out.

    For the layers above, which have checked who may ask: sums of a year, no entry and no claim.
    """
    found: dict[str, dict[str, object]] = {}
    rows = Budget.objects.select_related("fund", "account").filter(year=year).order_by("fund__code", "line")
    budgets = list(rows)
    sums = _sums(budgets)
    for code, group in groupby(budgets, key=lambda row: row.fund.code):
        lines = list(group)
        found[code] = {
            "name": lines[0].fund.name,
            "name_en": lines[0].fund.name_en,
            "demonstration": any(line.demonstration for line in lines),
        } | {name: sum(sums[line.pk][name] for line in lines) for name in sums[lines[0].pk]}
    return found


def appropriated(*, fund: str, year: int) -> int:
    """What has been put into the fund's budget lines of that year, in fen; for the layers above, which have checked who asks."""
    rows = (
        Budget.objects.select_related("account", "fund").filter(fund__code=fund, year=year).order_by("line")
    )
    return sum(sums["appropriated_fen"] for sums in _sums(list(rows)).values())


def account_transfers(*, actor: Actor, code: str) -> QuerySet[LedgerTransfer]:
    """Every entry of an account, newest first. Raises NotPermittedError."""
    require(actor, "funds.see")
    touching = LedgerTransfer.objects.filter(debit__code=code) | LedgerTransfer.objects.filter(
        credit__code=code
    )
    return touching.select_related("debit", "credit", "pending", "recorded_by").order_by("-pk")


def find_ledger_faults() -> list[str]:
    """A sentence for everything in the books that does not agree; an empty list is the only good answer.

    Replays every entry through the engine and compares the balances with those kept; compares every reservation and
    every paid line with its entries. Reads the whole ledger: for a nightly check, not for a page.
    """
    rows = LedgerAccount.objects.order_by("pk")
    stored = {row.code: account_of(row) for row in rows}
    entries = LedgerTransfer.objects.select_related("debit", "credit", "pending").order_by("pk")
    try:
        book = engine.replay(
            [(code, account.limit) for code, account in stored.items()],
            (transfer_of(row) for row in entries.iterator(chunk_size=2000)),
        )
    except engine.UnreplayableError as error:
        return [str(error)]
    faults = []
    for code, account in stored.items():
        derived = book.account(code)
        kept = (
            account.debits_posted_fen,
            account.credits_posted_fen,
            account.debits_pending_fen,
            account.credits_pending_fen,
        )
        made = (
            derived.debits_posted_fen,
            derived.credits_posted_fen,
            derived.debits_pending_fen,
            derived.credits_pending_fen,
        )
        if kept != made:
            faults.append(f"账户“{code}”的余额与逐笔相加不符：记 {kept}，应 {made}。")
    return faults + _reservation_faults() + line_faults()


def _reservation_faults() -> list[str]:
    faults = []
    reversed_posts = set(
        LedgerTransfer.objects.filter(kind="reverse").order_by("pk").values_list("pending_id", flat=True)
    )
    kinds = {"spent": "post", "released": "void", "returned": "post"}
    for row in Reservation.objects.select_related("held_by", "finished_by").order_by("pk"):
        entries = [row.held_by] + ([row.finished_by] if row.finished_by is not None else [])
        agree = all(
            (entry.amount_fen, entry.claim_key) == (row.amount_fen, row.claim_key) for entry in entries
        )
        finish = row.finished_by
        if finish is not None:
            agree = agree and finish.pending_id == row.held_by_id and finish.kind == kinds.get(row.state)
            agree = agree and (finish.pk in reversed_posts) == (row.state == "returned")
        if not agree:
            faults.append(f"预留“{row.claim_key}”与它的账目不符。")
    return faults
