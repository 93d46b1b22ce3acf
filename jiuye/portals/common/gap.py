"""The gap by policy as a table: the desk's opens to those behind each number, the board's shows the numbers alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiuye.office.casework.packrules import rules
from jiuye.office.casework.queries.gap import GROUPS, GapRow, is_service
from jiuye.office.casework.rules import UnknownPolicyError
from jiuye.portals.common.components import Cell, Column, Table
from jiuye.portals.common.templatetags.jiuye import content, count

GROUP_WORDS: dict[str, Any] = {
    "unclaimed": gettext_lazy("应享未享"),
    "receiving": gettext_lazy("在享"),
    "unknown": gettext_lazy("说不准"),
    "near_miss": gettext_lazy("只差一条"),
    "soon": gettext_lazy("将符合"),
    "ending": gettext_lazy("将到期"),
    "lost": gettext_lazy("已错过"),
}
GROUP_NOTES: dict[str, Any] = {
    "unclaimed": gettext_lazy("条件都满足，没有在办的件，这一期和上一期都没有领。"),
    "receiving": gettext_lazy("条件都满足，正在办理、已付款，或上一期领过、这一期待确认。"),
    "unknown": gettext_lazy("缺一项信息或没有查到标准。缺的信息写在每行里，答了就能判定。"),
    "near_miss": gettext_lazy("只有一个条件不满足。"),
    "soon": gettext_lazy("别的都不变，到那一天就符合。"),
    "ending": gettext_lazy("现在符合；别的都不变，到那一天就不符合了。"),
    "lost": gettext_lazy("最近三个月里符合过，没有领，期限已过。"),
}


def group_word(group: str) -> str:
    """A group's name."""
    return str(GROUP_WORDS[group])


def policy_words(policy_id: str) -> str:
    """A policy's name in the language of the page; its id where the pack has it no more."""
    try:
        return content(rules().terms(policy_id))
    except UnknownPolicyError:
        return policy_id


def gap_tables(rows: Sequence[GapRow], address: Callable[[str, str], str] | None = None) -> list[Table]:
    """Money first, then services and insurances, of which nobody records who uses them. `address` gives the list behind a number."""
    money = [row for row in rows if not is_service(row.policy_id)]
    services = [row for row in rows if is_service(row.policy_id)]
    tables = [_table(_("资金类政策"), money, GROUPS, address, with_amount=True)]
    if services:
        groups = tuple(group for group in GROUPS if group != "receiving")
        tables.append(_table(_("服务、参保和义务类政策"), services, groups, address, with_amount=False))
    return tables


def _table(
    caption: str,
    rows: Sequence[GapRow],
    groups: Sequence[str],
    address: Callable[[str, str], str] | None,
    *,
    with_amount: bool,
) -> Table:
    columns = [Column("name", _("政策"), heads=True)]
    for group in groups:
        word = group_word(group) if with_amount or group != "unclaimed" else _("符合")
        columns.append(Column(group, word, kind="number"))
        if group == "unclaimed" and with_amount:
            columns.append(Column("amount", _("未享金额"), kind="money"))
    body = []
    for row in rows:
        amount = row.amount_fen or None
        cells: dict[str, Any] = {
            "name": policy_words(row.policy_id),
            "amount": Cell(amount, absent=amount is None),
        }
        for group in groups:
            number = row.counts.get(group, 0)
            url = address(row.policy_id, group) if address is not None and number else ""
            cells[group] = Cell(number or None, url=url, absent=not number)
        body.append(cells)
    return Table(
        caption,
        columns,
        body,
        empty_title=_("还没有判定"),
        empty_text=_("全量判定以后，这里按政策列出各组人数。"),
        show_caption=True,
    )


def totals_of(rows: Sequence[GapRow]) -> dict[str, Any]:
    """What is said above the tables: of the policies that pay."""
    money = [row for row in rows if not is_service(row.policy_id)]
    found = {group: sum(row.counts.get(group, 0) for row in money) for group in GROUPS}
    return {"numbers": {group: count(number) for group, number in found.items()}, "amount_fen": sum(row.amount_fen for row in money)}  # fmt: skip
