"""A year's budget as it stands: funds as the ledger has them, and policies or counties with what is left."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiuye.office.budgeting.queries import Execution, ExecutionRow, giver_name, used_permille
from jiuye.office.casework.models import Case
from jiuye.office.funds.states import RESERVATION_STATES
from jiuye.portals.common.components import Cell, Column, Table
from jiuye.portals.common.templatetags.components import percent
from jiuye.portals.common.templatetags.jiuye import content, english
from jiuye.portals.common.words import period_words, policy_names, state_cell

FUND_COLUMNS = (
    Column("fund", gettext_lazy("资金"), heads=True),
    Column("appropriated", gettext_lazy("已下达"), kind="money"),
    Column("reserved", gettext_lazy("已预留"), kind="money"),
    Column("spent", gettext_lazy("已支付"), kind="money"),
    Column("left", gettext_lazy("可用"), kind="money"),
    Column("used", gettext_lazy("执行进度")),
)
ROW_COLUMNS = (
    Column("name", gettext_lazy("政策"), heads=True),
    Column("approved", gettext_lazy("批准"), kind="money"),
    Column("reserved", gettext_lazy("已预留"), kind="money"),
    Column("spent", gettext_lazy("已支付"), kind="money"),
    Column("left", gettext_lazy("剩余"), kind="money"),
    Column("used", gettext_lazy("执行进度")),
    Column("claims", gettext_lazy("件数"), kind="number"),
)
SHARE_COLUMNS = (
    Column("county", gettext_lazy("县（市、区）"), heads=True),
    Column("fund", gettext_lazy("资金")),
    Column("share", gettext_lazy("份额"), kind="money"),
    Column("drawn", gettext_lazy("已预留和支付"), kind="money"),
    Column("left", gettext_lazy("还可预留"), kind="money"),
    Column("used", gettext_lazy("执行进度")),
)
CASE_COLUMNS = (
    Column("number", gettext_lazy("办件编号"), heads=True),
    Column("recipient", gettext_lazy("受益方")),
    Column("period", gettext_lazy("所属期")),
    Column("amount", gettext_lazy("金额"), kind="money"),
    Column("held", gettext_lazy("资金")),
    Column("state", gettext_lazy("状态")),
)


def execution_tables(found: Execution, *, by: str, may_open: bool) -> dict[str, Any]:
    """`funds`, `shares` of the counties (None where there are none), and `groups`: (name, table) by policy with its counties, or by county
    with its policies.
    """
    names = policy_names(row.policy for row in found.rows)
    groups: dict[str, list[ExecutionRow]] = {}
    for row in found.rows:
        groups.setdefault(row.county if by == "county" else row.policy, []).append(row)
    made = []
    for key, rows in groups.items():
        title = giver_name(key, english=english()) if by == "county" else names[key]
        made.append((title, _group_table(title, found, rows, names, by=by, may_open=may_open)))
    shares = _share_table(found) if found.shares and by == "county" else None
    return {"funds": _fund_table(found), "shares": shares, "groups": sorted(made)}


def _share_table(found: Execution) -> Table:
    rows = [
        {
            "county": Cell(giver_name(share.county_code, english=english())),
            "fund": content(share.budget.fund),
            "share": share.amount_fen,
            "drawn": share.drawn_fen,
            "left": share.left_fen,
            "used": _used(used_permille(share.drawn_fen, share.amount_fen), found.gone_permille),
        }
        for share in found.shares
    ]
    return Table(_("各县（市、区）份额"), SHARE_COLUMNS, rows)


def _fund_table(found: Execution) -> Table:
    rows = []
    for fund in found.funds:
        rows.append(
            {
                "fund": Cell(
                    content(fund) or fund.code, note=_("演示预算，没有文件") if fund.demonstration else ""
                ),
                "appropriated": fund.appropriated_fen,
                "reserved": fund.reserved_fen,
                "spent": fund.spent_fen,
                "left": fund.available_fen,
                "used": _used(fund.used_permille, found.gone_permille),
            }
        )
    return Table(
        _("按资金"),
        FUND_COLUMNS,
        rows,
        empty_title=_("这一年还没有下达预算"),
        empty_text=_("预算批准以后，各项资金在这里。"),
    )


def _group_table(
    title: str,
    found: Execution,
    rows: list[ExecutionRow],
    names: dict[str, str],
    *,
    by: str,
    may_open: bool,
) -> Table:
    drawn = []
    for row in rows:
        name = names[row.policy] if by == "county" else giver_name(row.county, english=english())
        url = (
            reverse("desk:budget_cases", args=[found.year, row.policy, row.county])
            if may_open and row.claims and row.county
            else ""
        )
        drawn.append({"name": Cell(name, url=url), **_numbers(row, found.gone_permille)})
    if len(rows) > 1:
        drawn.append({"name": Cell(_("合计")), **_numbers(ExecutionRow.together(rows), found.gone_permille)})
    columns = (
        Column("name", _("政策") if by == "county" else _("县（市、区）"), heads=True),
        *ROW_COLUMNS[1:],
    )
    return Table(title, columns, drawn)


def _numbers(row: ExecutionRow, gone_permille: int) -> dict[str, Any]:
    return {
        "approved": row.approved_fen,
        "reserved": row.reserved_fen,
        "spent": row.spent_fen,
        "left": row.left_fen,
        "used": _used(row.used_permille, gone_permille),
        "claims": row.claims,
    }


def _used(permille: int | None, gone_permille: int) -> Any:
    """How much is used beside how much of the year has gone: a light only where more is used than there is."""
    if permille is None:
        return Cell("—", absent=True)
    if permille > 1000:
        return Cell(percent(permille), level="bad", note=_("超过批准数"))
    if permille > gone_permille:
        return Cell(percent(permille), note=_("快于时间进度"))
    return Cell(
        percent(permille), note=_("慢于时间进度") if permille < gone_permille else _("与时间进度相同")
    )


def case_rows(cases: Iterable[Case]) -> Table:
    """The cases behind a number; names masked as everywhere."""
    rows = [
        {
            "number": Cell(case.number, url=reverse("desk:case", args=[case.pk])),
            "recipient": case.masked_recipient,
            "period": period_words(case),
            "amount": case.held_fen,
            "held": _(RESERVATION_STATES[case.held_state]),
            "state": state_cell(case.state),
        }
        for case in cases
    ]
    return Table(
        _("办件"),
        CASE_COLUMNS,
        rows,
        empty_title=_("您的管辖范围内没有占用这项预算的办件"),
    )
