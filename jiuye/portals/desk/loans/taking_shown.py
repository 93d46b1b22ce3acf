"""How the register's loans and their proposals to be taken over are shown: tables, rows, and what the form begins with."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiuye.engine.basis.money import yuan_text
from jiuye.office.registry.models import RegisterRecord
from jiuye.office.ventures import registered
from jiuye.office.ventures.models import LoanTakeover
from jiuye.office.ventures.operations.takeover_terms import percent_text
from jiuye.office.ventures.registered import Registered
from jiuye.office.ventures.states import KINDS
from jiuye.office.ventures.takeovers import TAKEOVER_LEVELS, TAKEOVER_STATES
from jiuye.portals.common.components import Cell, Column, Table
from jiuye.portals.common.templatetags.jiuye import day

REGISTERED_COLUMNS = (
    Column("business", gettext_lazy("创办的单位"), heads=True),
    Column("kind", gettext_lazy("种类")),
    Column("issued", gettext_lazy("放款日期"), kind="date"),
    Column("left", gettext_lazy("台账余额"), kind="money"),
    Column("rate", gettext_lazy("年利率")),
    Column("state", gettext_lazy("状态")),
)
TAKEOVER_COLUMNS = (
    Column("business", gettext_lazy("创办的单位"), heads=True),
    Column("kind", gettext_lazy("种类")),
    Column("left", gettext_lazy("起算日的余额"), kind="money"),
    Column("proposed", gettext_lazy("提出")),
    Column("state", gettext_lazy("状态")),
)


def initial_of(record: RegisterRecord, said: Registered, on: date) -> dict[str, Any]:
    """What the register says; where the loan was entered before and not taken over, what was entered then."""
    before = registered.last_tried(record)
    if before is not None:
        return {
            "bank": before.bank,
            "bank_account": before.bank_account,
            "contract": before.contract,
            "principal": _yuan(before.principal_fen),
            "disbursed_on": before.disbursed_on.isoformat(),
            "rate_percent": (before.rate * 100).normalize(),
            "taken_from": before.taken_from.isoformat(),
            "balance": _yuan(before.balance_fen),
            "subsidised": _yuan(before.subsidised_fen),
            "loans_drawn": before.loans_drawn,
            "first_due": before.plan[0][0],
            "parts": len(before.plan),
            "months": _months_apart(before.plan),
            "document": before.document,
            "differs_because": before.differs_because,
        }
    found: dict[str, Any] = {
        "disbursed_on": said.issued_on.isoformat() if said.issued_on else "",
        "rate_percent": (said.rate * 100).normalize() if said.rate is not None else None,
        "balance": _yuan(said.balance_fen) if said.balance_fen is not None else "",
    }
    if said.issued_on is not None and record.employer_id is not None:
        paid = registered.paid_before(
            employer_id=record.employer_id, kind=said.kind, disbursed_on=said.issued_on
        )
        if paid.until is not None:
            found |= {"taken_from": paid.until.isoformat(), "subsidised": _yuan(paid.amount_fen)}
        founder = registered.founder_on_record(record.employer_id, said.kind, on)
        if founder is not None:
            found["loans_drawn"] = registered.drawn_by_register(founder, on=on)
    return found


def _months_apart(plan: list[Any]) -> int:
    """How many months lie between the first two days of a plan; a year where there is one day."""
    if len(plan) < 2:
        return 12
    first, second = (date.fromisoformat(due) for due, _fen in plan[:2])
    return (second.year - first.year) * 12 + second.month - first.month


def _yuan(fen: int) -> str:
    return yuan_text(fen, separators=False)


def said_rows(record: RegisterRecord, said: Registered) -> list[tuple[str, Any]]:
    """Every thing that is needed, with what the register says of it or that it says nothing."""
    silent = _("台账没有，请按文件填写")
    return [
        (_("台账数据日期"), day(record.start)),
        *_register_rows(said),
        (_("经办银行"), silent),
        (_("借款合同号"), silent),
        (_("放款金额"), silent),
        (_("已付贴息和起算日"), silent),
        (_("还款计划"), silent),
    ]


def _register_rows(said: Registered) -> list[tuple[str, Any]]:
    silent = _("台账没有，请按文件填写")
    return [
        (_("种类"), _(KINDS[said.kind])),
        (_("放款日期"), day(said.issued_on) if said.issued_on else silent),
        (_("贷款余额"), yuan_text(said.balance_fen) if said.balance_fen is not None else silent),
        (_("年利率"), percent_text(said.rate) if said.rate is not None else silent),
        (_("逾期"), _("是") if said.overdue else _("否")),
        (_("展期"), _("是") if said.extended else _("否")),
    ]


def takeover_said(takeover: LoanTakeover) -> list[tuple[str, Any]]:
    rows = _register_rows(registered.read_loan(takeover.register_says))
    return [(_("台账数据日期"), day(takeover.register_start)), *rows]


def entered_rows(takeover: LoanTakeover) -> list[tuple[str, Any]]:
    """What was entered, by whom, and what was decided."""
    rows: list[tuple[str, Any]] = [
        (_("借款人"), takeover.masked_borrower),
        (_("创办的单位"), takeover.employer.name),
        (_("经办银行"), takeover.bank),
        (_("借款合同号"), takeover.contract),
        (_("放款金额"), yuan_text(takeover.principal_fen)),
        (_("放款日期"), day(takeover.disbursed_on)),
        (_("年利率"), percent_text(takeover.rate)),
        (_("起算日"), day(takeover.taken_from)),
        (_("起算日的余额"), yuan_text(takeover.balance_fen)),
        (_("起算日前已还"), yuan_text(takeover.repaid_fen)),
        (_("起算日前已付的贴息"), yuan_text(takeover.subsidised_fen)),
        (_("余额的还款计划"), "；".join(f"{due} {yuan_text(fen)}" for due, fen in takeover.plan)),
        (_("依据文件"), takeover.document),
    ]
    if takeover.loans_drawn is not None:
        rows.append((_("已获个人贷款次数（含本次）"), takeover.loans_drawn))
    if takeover.differs_because:
        rows.append((_("与台账不同的原因"), takeover.differs_because))
    rows.append((_("提出"), f"{takeover.proposed_by.display_name} {day(takeover.proposed_on)}"))
    if takeover.decided_by is not None and takeover.decided_on is not None:
        rows.append((_("决定"), f"{takeover.decided_by.display_name} {day(takeover.decided_on)}"))
    if takeover.ended_because:
        rows.append((_("不接手或撤销的理由"), takeover.ended_because))
    return rows


def registered_table(rows: Any, may_enter: bool) -> Table:
    found = []
    for record in rows:
        said = registered.registered_of(record)
        url = reverse("desk:loan_take_over", args=[record.pk]) if may_enter else ""
        waits = record.waiting is not None
        state = Cell(_("台账逾期"), level="bad") if said.overdue else Cell(_("待接手"), level="none")
        found.append(
            {
                "business": Cell(
                    record.employer.name,
                    url=reverse("desk:loan_takeover", args=[record.waiting]) if waits else url,
                    note=_("台账 %(day)s") % {"day": day(record.start)},
                ),
                "kind": _(KINDS[said.kind]),
                "issued": said.issued_on,
                "left": said.balance_fen,
                "rate": percent_text(said.rate) if said.rate is not None else "—",
                "state": Cell(_("待另一人确认"), level="watch") if waits else state,
            }
        )
    return Table(
        _("台账上的在贷贷款"),
        REGISTERED_COLUMNS,
        found,
        empty_title=_("台账上的在贷贷款都已在本系统里"),
        empty_text=_("每月的台账导入以后，本系统没有的出现在这里。"),
    )


def takeover_table(rows: Any) -> Table:
    found = [
        {
            "business": Cell(
                row.employer.name, url=reverse("desk:loan_takeover", args=[row.pk]), note=row.masked_borrower
            ),
            "kind": _(KINDS[row.kind]),
            "left": row.balance_fen,
            "proposed": Cell(row.proposed_by.display_name, note=day(row.proposed_on)),
            "state": Cell(_(TAKEOVER_STATES[row.state]), level=TAKEOVER_LEVELS[row.state]),
        }
        for row in rows
    ]
    return Table(_("接手记录"), TAKEOVER_COLUMNS, found, empty_title=_("还没有提出过接手"))
