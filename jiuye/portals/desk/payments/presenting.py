"""Batches, lines, budgets and ledger entries as the design system's components."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiuye.engine.basis.money import yuan_text
from jiuye.office.casework.models import Case
from jiuye.office.casework.queries import WaitingFund
from jiuye.office.funds.models import Fund, LedgerTransfer, PaymentBatch, PaymentLine
from jiuye.office.funds.operations.budgets import budget_code
from jiuye.office.funds.queries import BudgetPosition, TrialRow
from jiuye.office.funds.states import BATCH_STATES, LINE_STATES, STATE_TONES, TRANSFER_KINDS
from jiuye.office.registry.places import division_names
from jiuye.office.ventures.claim_names import claim_names
from jiuye.office.ventures.waiting import WaitingLoans
from jiuye.portals.common.components import Cell, Column, Table
from jiuye.portals.common.templatetags.jiuye import content, day
from jiuye.portals.common.words import period_words, policy_name
from jiuye.portals.desk.cases.presenting import due_of
from jiuye.portals.desk.payments.accounts import Accounts

LEVELS = {"good": "good", "warning": "watch", "info": "none", "neutral": "none", "bad": "bad"}

BATCH_COLUMNS = (
    Column("number", gettext_lazy("批次号"), heads=True),
    Column("fund", gettext_lazy("资金")),
    Column("lines", gettext_lazy("笔数"), kind="number"),
    Column("total", gettext_lazy("合计"), kind="money"),
    Column("state", gettext_lazy("状态")),
    Column("made", gettext_lazy("制单")),
    Column("approved", gettext_lazy("复核")),
)
LINE_COLUMNS = (
    Column("payee", gettext_lazy("收款人"), heads=True),
    Column("account", gettext_lazy("账号")),
    Column("amount", gettext_lazy("金额"), kind="money"),
    Column("state", gettext_lazy("状态")),
    Column("answer", gettext_lazy("银行答复")),
    Column("case", gettext_lazy("办件")),
)
BUDGET_COLUMNS = (
    Column("fund", gettext_lazy("资金"), heads=True),
    Column("year", gettext_lazy("年度")),
    Column("appropriated", gettext_lazy("预算"), kind="money"),
    Column("spent", gettext_lazy("已支付"), kind="money"),
    Column("reserved", gettext_lazy("已预留"), kind="money"),
    Column("available", gettext_lazy("可用"), kind="money"),
)
LEDGER_COLUMNS = (
    Column("on", gettext_lazy("记账日"), kind="date"),
    Column("kind", gettext_lazy("类别")),
    Column("other", gettext_lazy("对方账户")),
    Column("debit", gettext_lazy("借方"), kind="money"),
    Column("credit", gettext_lazy("贷方"), kind="money"),
    Column("basis", gettext_lazy("依据")),
    Column("who", gettext_lazy("经办")),
)


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """One granted case that may be ticked."""

    case: Case
    policy: str
    period: str
    due: Cell
    url: str
    sent_back: bool


@dataclass(frozen=True, slots=True)
class WaitingGroup:
    """The granted cases of one fund, which alone fit into one batch: `number` and `total_fen` of all that wait, listed or not."""

    fund_name: str
    rows: list[WaitingRow]
    number: int
    total_fen: int


def waiting_groups(waiting: Iterable[WaitingFund], *, on: date) -> list[WaitingGroup]:
    """What waits, fund by fund, with the names of the funds."""
    names = {fund.code: content(fund) for fund in Fund.objects.order_by("code")}
    return [
        WaitingGroup(
            names.get(one.fund, one.fund),
            [
                WaitingRow(
                    case=case,
                    policy=policy_name(case),
                    period=period_words(case),
                    due=due_of(case, on),
                    url=reverse("desk:case", args=[case.pk]),
                    sent_back=case.state == "payment_rejected",
                )
                for case in one.cases
            ],
            one.number,
            one.total_fen,
        )
        for one in waiting
    ]


@dataclass(frozen=True, slots=True)
class WaitingLoanRow:
    """One claim on a loan that may be ticked."""

    key: str
    name: Cell
    amount_fen: int
    sent_back: str


@dataclass(frozen=True, slots=True)
class WaitingLoanGroup:
    """What waits of one fund for loans: `number` and `total_fen` of all that waits, listed or not."""

    fund_name: str
    rows: list[WaitingLoanRow]
    number: int
    total_fen: int


def waiting_loan_groups(waiting: Iterable[WaitingLoans]) -> list[WaitingLoanGroup]:
    """Interest and compensations that wait, fund by fund, each opening to its loan."""
    found = list(waiting)
    if not found:
        return []
    names = {fund.code: content(fund) for fund in Fund.objects.order_by("code")}
    cells = claim_cells(claim.claim_key for one in found for claim in one.claims)
    return [
        WaitingLoanGroup(
            names.get(one.fund, one.fund),
            [
                WaitingLoanRow(claim.claim_key, cells[claim.claim_key], claim.amount_fen, claim.sent_back)
                for claim in one.claims
            ],
            one.number,
            one.total_fen,
        )
        for one in found
    ]


def batch_level(state: str) -> str:
    return LEVELS[STATE_TONES[state]]


def batch_table(batches: Iterable[PaymentBatch]) -> Table:
    """Batches as `funds.queries.batches` counts them."""
    rows = [
        {
            "number": Cell(batch.number, url=reverse("desk:batch", args=[batch.pk])),
            "fund": content(batch.fund),
            "lines": batch.line_count,
            "total": batch.total_fen,
            "state": Cell(_(BATCH_STATES[batch.state]), level=batch_level(batch.state)),
            "made": Cell(batch.made_by.display_name, note=day(batch.made_on)),
            "approved": Cell(batch.approved_by.display_name, note=day(batch.approved_on))
            if batch.approved_by is not None
            else "—",
        }
        for batch in batches
    ]
    return Table(
        _("付款批次"),
        BATCH_COLUMNS,
        rows,
        empty_title=_("还没有付款批次"),
        empty_text=_("审批通过的办件在上面勾选后列入批次。"),
    )


def batch_facts(batch: PaymentBatch) -> list[tuple[str, Any]]:
    return [
        (_("资金"), content(batch.fund)),
        (_("区划"), division_names({batch.division_code}).get(batch.division_code, _("全市"))),
        (_("摘要"), batch.purpose or "—"),
        (_("制单"), f"{batch.made_by.display_name} · {day(batch.made_on)}"),
        (
            _("复核"),
            f"{batch.approved_by.display_name} · {day(batch.approved_on)}" if batch.approved_by else "—",
        ),
        (_("发送银行"), day(batch.sent_on)),
        (_("银行受理号"), batch.bank_reference or "—"),
        (_("办结"), day(batch.settled_on)),
        *([(_("银行拒收情况"), batch.given_up_because)] if batch.given_up_because else []),
    ]


def line_table(lines: Iterable[PaymentLine]) -> Table:
    """Lines with the bank's answers; names of residents and accounts masked."""
    lines = list(lines)
    claims = claim_cells(line.claim_key for line in lines)
    rows = [
        {
            "payee": line.masked_payee,
            "account": Cell(line.masked_account, note=line.payee_bank),
            "amount": line.amount_fen,
            "state": Cell(_(LINE_STATES[line.state]), level=LEVELS[STATE_TONES[line.state]]),
            "answer": Cell(
                line.rejection_reason or line.bank_reference or "—",
                note=day(line.answered_on) if line.answered_on else "",
            ),
            "case": claims[line.claim_key],
        }
        for line in lines
    ]
    return Table(_("付款明细"), LINE_COLUMNS, rows)


# How what was paid is called, by the kind of its claim.
CLAIM_WORDS: dict[str, Any] = {
    "case": gettext_lazy("办件 %(number)s"),
    "interest": gettext_lazy("贷款 %(number)s 的贴息"),
    "compensation": gettext_lazy("贷款 %(number)s 的代偿"),
    "topup": gettext_lazy("贷款 %(number)s 的追加代偿"),
}


def claim_cells(keys: Iterable[str]) -> dict[str, Cell]:
    """By its key, each claim as a link to the case or the loan that it pays; a key that names neither as it stands."""
    wanted = list(keys)
    cells = {key: Cell(key or "—") for key in wanted}
    for key, name in claim_names(wanted).items():
        page = "desk:case" if name.kind == "case" else "desk:loan"
        words = CLAIM_WORDS[name.kind] % {"number": name.number or "—"}
        cells[key] = Cell(words, url=reverse(page, args=[name.pk]) if name.pk else "")
    return cells


def budget_table(positions: Iterable[BudgetPosition]) -> Table:
    """Budgets with what is spent, reserved and left; each opens to its entries."""
    rows = [
        {
            "fund": Cell(
                content({"name": row.fund_name, "name_en": row.fund_name_en}),
                url=reverse("desk:ledger_account", args=[budget_code(row.fund_code, row.year, row.line)]),
                note=_("演示预算，没有文件") if row.demonstration else row.line,
            ),
            "year": str(row.year),
            "appropriated": row.appropriated_fen,
            "spent": row.spent_fen,
            "reserved": Cell(
                row.reserved_fen,
                note=_("其中银行退回、核对账户后再付的 %(back)s 元") % {"back": yuan_text(row.sent_back_fen)}
                if row.sent_back_fen
                else "",
            ),
            "available": Cell(
                row.available_fen,
                note=_("含追回后回到本金的 %(back)s 元") % {"back": yuan_text(row.came_back_fen)}
                if row.came_back_fen
                else "",
            ),
        }
        for row in positions
    ]
    return Table(
        _("预算"),
        BUDGET_COLUMNS,
        rows,
        empty_title=_("还没有安排预算"),
        empty_text=_("没有预算就不能预留和付款；由市就业办按财政文件安排。"),
    )


def ledger_table(transfers: Iterable[LedgerTransfer], code: str) -> Table:
    """Entries as the account sees them: its own side and the other account."""
    rows, accounts = [], Accounts()
    transfers = list(transfers)
    claims = claim_cells(entry.claim_key for entry in transfers)
    for entry in transfers:
        debit = entry.debit.code == code
        rows.append(
            {
                "on": entry.on_date,
                "kind": _(TRANSFER_KINDS[entry.kind]),
                "other": accounts.cell(entry.credit.code if debit else entry.debit.code),
                "debit": entry.amount_fen if debit else None,
                "credit": None if debit else entry.amount_fen,
                "basis": claims[entry.claim_key] if entry.claim_key else entry.document,
                "who": entry.recorded_by.display_name if entry.recorded_by else _("系统"),
            }
        )
    return Table(_("账目"), LEDGER_COLUMNS, rows, empty_title=_("还没有账目"))


CLAIM_COLUMNS = (
    Column("on", gettext_lazy("记账日"), kind="date", heads=True),
    Column("kind", gettext_lazy("类别")),
    Column("debit", gettext_lazy("借方")),
    Column("credit", gettext_lazy("贷方")),
    Column("amount", gettext_lazy("金额"), kind="money"),
    Column("basis", gettext_lazy("政策与凭据")),
    Column("who", gettext_lazy("经办")),
)
TRIAL_COLUMNS = (
    Column("account", gettext_lazy("账户"), heads=True),
    Column("debits", gettext_lazy("借方"), kind="money"),
    Column("credits", gettext_lazy("贷方"), kind="money"),
    Column("balance", gettext_lazy("余额"), kind="money"),
    Column("pending", gettext_lazy("已预留"), kind="money"),
)


def trial_table(rows: Iterable[TrialRow]) -> Table:
    """The trial balance: every account, and the sums, of which debit and credit are one."""
    listed, accounts = list(rows), Accounts()
    cells = [
        {
            "account": accounts.cell(row.code),
            "debits": row.debits_fen,
            "credits": row.credits_fen,
            "balance": row.balance_fen,
            "pending": row.pending_fen,
        }
        for row in listed
    ]
    debits, credits = sum(row.debits_fen for row in listed), sum(row.credits_fen for row in listed)
    agrees = debits == credits
    cells.append(
        {
            "account": Cell(
                _("合计"),
                level="good" if agrees else "bad",
                note=_("借贷平衡") if agrees else _("借贷不平衡"),
            ),
            "debits": debits,
            "credits": credits,
            "balance": credits - debits,
            "pending": sum(row.pending_fen for row in listed),
        }
    )
    return Table(_("试算平衡表"), TRIAL_COLUMNS, cells, empty_title=_("还没有账目"))


def claim_table(transfers: Iterable[LedgerTransfer]) -> Table:
    """What the ledger holds of one case: reserved, paid, or given back; each account opens."""
    accounts = Accounts()
    rows = [
        {
            "on": entry.on_date,
            "kind": _(TRANSFER_KINDS[entry.kind]),
            "debit": accounts.cell(entry.debit.code),
            "credit": accounts.cell(entry.credit.code),
            "amount": entry.amount_fen,
            "basis": Cell(
                entry.clause.partition("@")[0] or entry.document or "—",
                note=_("凭据 %(digest)s") % {"digest": entry.receipt[:12]} if entry.receipt else "",
            ),
            "who": entry.recorded_by.display_name if entry.recorded_by else _("系统"),
        }
        for entry in transfers
    ]
    return Table(_("账目"), CLAIM_COLUMNS, rows, empty_title=_("还没有账目"))
