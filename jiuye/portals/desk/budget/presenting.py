"""Versions, funds, floors, lines and assumptions as the design system's components."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiuye.engine.basis.money import yuan_text
from jiuye.engine.budgets.floors import FloorStanding
from jiuye.office.budgeting.content import budget_content, city_funds
from jiuye.office.budgeting.models import BudgetLine, BudgetVersion, Drawing
from jiuye.office.budgeting.queries import Difference, FundStanding, LineSums, giver_name, sums_by
from jiuye.office.budgeting.states import DRAWING_LEVELS, DRAWING_STATES, LEVELS, STATES
from jiuye.office.funds.models import Fund
from jiuye.portals.common.components import Cell, Column, Table
from jiuye.portals.common.templatetags.jiuye import content, count, day, english
from jiuye.portals.common.words import policy_names
from jiuye.portals.desk.budget.left_out import netted_of

VERSION_COLUMNS = (
    Column("version", gettext_lazy("版本"), heads=True),
    Column("state", gettext_lazy("状态")),
    Column("facts", gettext_lazy("数据日期"), kind="date"),
    Column("drawn", gettext_lazy("编制")),
    Column("decided", gettext_lazy("批准或退回")),
)
FUND_COLUMNS = (
    Column("fund", gettext_lazy("资金"), heads=True),
    Column("projected", gettext_lazy("推算需要"), kind="money"),
    Column("budgeted", gettext_lazy("项目预算"), kind="money"),
    Column("arranged", gettext_lazy("各级安排"), kind="money"),
    Column("left", gettext_lazy("安排减项目"), kind="money"),
    Column("unknown", gettext_lazy("不能判定")),
)
FLOOR_COLUMNS = (
    Column("floor", gettext_lazy("下限"), heads=True),
    Column("fund", gettext_lazy("资金")),
    Column("least", gettext_lazy("不低于"), kind="money"),
    Column("there", gettext_lazy("现在安排"), kind="money"),
    Column("kept", gettext_lazy("是否达到")),
)
POLICY_COLUMNS = (
    Column("policy", gettext_lazy("政策"), heads=True),
    Column("known", gettext_lazy("在册对象"), kind="money"),
    Column("new", gettext_lazy("新增对象"), kind="money"),
    Column("carried", gettext_lazy("今年结转"), kind="money"),
    Column("budgeted", gettext_lazy("预算"), kind="money"),
    Column("unknown", gettext_lazy("不能判定")),
)
LINE_COLUMNS = (Column("county", gettext_lazy("县（市、区）"), heads=True), *POLICY_COLUMNS[1:])
ASSUMPTION_COLUMNS = (
    Column("name", gettext_lazy("假定"), heads=True),
    Column("policy", gettext_lazy("适用政策")),
    Column("percent", gettext_lazy("取值")),
    Column("basis", gettext_lazy("依据")),
)
MONTH_COLUMNS = (
    Column("month", gettext_lazy("月份"), heads=True),
    Column("number", gettext_lazy("符合"), kind="number"),
    Column("amount", gettext_lazy("金额"), kind="money"),
)


def version_name(version: BudgetVersion) -> str:
    return _("%(year)d 年预算第 %(number)d 版") % {"year": version.year, "number": version.number}


def state_cell(version: BudgetVersion) -> Cell:
    return Cell(_(STATES[version.state]), level=LEVELS[version.state])


def drawing_cell(drawing: Drawing) -> Cell:
    return Cell(_(DRAWING_STATES[drawing.state]), level=DRAWING_LEVELS[drawing.state])


def version_table(versions: Iterable[BudgetVersion]) -> Table:
    rows = [
        {
            "version": Cell(
                version_name(version), url=reverse("desk:budget", args=[version.pk]), note=version.note
            ),
            "state": state_cell(version),
            "facts": version.facts_on,
            "drawn": Cell(version.drawn_by.display_name, note=day(version.drawn_on)),
            "decided": Cell(version.decided_by.display_name, note=version.document or version.reason)
            if version.decided_by is not None
            else "—",
        }
        for version in versions
    ]
    return Table(
        _("预算版本"),
        VERSION_COLUMNS,
        rows,
        empty_title=_("还没有预算版本"),
        empty_text=_("由市就业办按实名数据编制下一年的预算，财政预算审核人员批准。"),
    )


def fund_table(version: BudgetVersion, standings: Iterable[FundStanding]) -> Table:
    rows = [
        {
            "fund": Cell(
                content(row.fund), url=reverse("desk:budget_fund", args=[version.pk, row.fund.code])
            ),
            "projected": row.projected_fen,
            "budgeted": row.budgeted_fen,
            "arranged": row.arranged_fen,
            "left": row.left_fen,
            "unknown": _unknown(row.unknown, row.unknown_most_fen),
        }
        for row in standings
    ]
    return Table(_("按资金"), FUND_COLUMNS, rows)


def floor_table(standings: Sequence[FloorStanding], names: dict[str, str]) -> Table:
    """The floors that a document sets for the year, each with its words and whether it is kept."""
    rows = [
        {
            "floor": Cell(content(row.floor), note=f"{row.floor.text} · {row.floor.source}"),
            "fund": names.get(row.fund, row.fund),
            "least": row.floor.at_least_fen,
            "there": Cell(
                row.arranged_fen, note=_("安排最少的一县") if row.floor.of == "each-county" else ""
            ),
            "kept": Cell(_("达到"), level="good")
            if row.kept
            else Cell(
                _("没有达到"),
                level="bad",
                note="、".join(giver_name(code, english=english()) for code in row.missing),
            ),
        }
        for row in standings
    ]
    return Table(
        _("下限"),
        FLOOR_COLUMNS,
        rows,
        empty_title=_("这一年没有文件规定下限"),
    )


def lapsed_floor_words(version: BudgetVersion) -> list[str]:
    """A sentence for each floor that its document sets for earlier years only: nothing is held against it, and that is said."""
    return [
        _("“%(text)s”（%(source)s）只写到 %(last)d 年，这一年没有文件规定，不作审核。")
        % {"text": floor.text, "source": floor.source, "last": max(floor.years)}
        for fund in city_funds().funds.values()
        for floor in fund.floors
        if floor.years and max(floor.years) < version.year and not floor.holds_in(version.year)
    ]


def policy_table(version: BudgetVersion, lines: Sequence[BudgetLine]) -> Table:
    """A version's lines summed by policy, the largest first."""
    sums = sums_by(lines, lambda line: line.policy_id)
    funds = {line.policy_id: line.fund.code for line in lines}
    names = policy_names(sums)
    rows = [
        {
            "policy": Cell(
                names[policy_id],
                url=reverse("desk:budget_fund", args=[version.pk, funds[policy_id]]) + f"#{policy_id}",
            ),
            **_numbers(own),
        }
        for policy_id, own in sorted(sums.items(), key=lambda item: -item[1].budgeted_fen)
    ]
    return Table(_("按政策"), POLICY_COLUMNS, rows)


def county_table(lines: Sequence[BudgetLine]) -> Table:
    """A version's lines summed by county."""
    rows = [
        {"county": Cell(giver_name(code, english=english())), **_numbers(own)}
        for code, own in sums_by(lines, lambda line: line.county_code).items()
    ]
    return Table(_("按县（市、区）"), LINE_COLUMNS, rows)


def _numbers(sums: LineSums) -> dict[str, Any]:
    return {
        "known": sums.known_fen,
        "new": sums.new_fen,
        "carried": sums.carried_fen,
        "budgeted": sums.budgeted_fen,
        "unknown": _unknown(sums.unknown, sums.unknown_most_fen),
    }


def line_tables(version: BudgetVersion, lines: Sequence[BudgetLine]) -> list[tuple[str, str, Table]]:
    """The lines of a fund, a table a policy: (id, name, table)."""
    groups: dict[str, list[BudgetLine]] = {}
    for line in lines:
        groups.setdefault(line.policy_id, []).append(line)
    names = policy_names(groups)
    found = []
    for policy_id, own in groups.items():
        rows = [
            {
                "county": Cell(
                    giver_name(line.county_code, english=english()),
                    url=reverse("desk:budget_line", args=[version.pk, line.pk]),
                    note=line.by_hand,
                ),
                **_numbers(LineSums.of([line])),
            }
            for line in own
        ]
        found.append((policy_id, names[policy_id], Table(names[policy_id], LINE_COLUMNS, rows)))
    return found


def _unknown(number: int, most_fen: int) -> Any:
    """Those of whom it cannot be told, beside what they would take if all were entitled; never part of a sum."""
    if not number:
        return Cell("—", absent=True)
    return Cell(count(number), note=_("如都符合，至多再要 %(most)s 元") % {"most": yuan_text(most_fen)})


def assumption_words() -> dict[str, Any]:
    return {row.id: row for row in budget_content().assumptions}


def assumption_table(version: BudgetVersion) -> Table:
    words = assumption_words()
    names = policy_names(row["policy"] for row in version.assumptions if row["policy"])
    rows = [
        {
            "name": content(words[row["id"]]) if row["id"] in words else row["id"],
            "policy": names.get(row["policy"], _("全部政策")),
            "percent": f"{row['percent']}%",
            "basis": Cell(
                content(row, "basis"),
                note=f"{row['by']} · {row['on']}" if row.get("by") else "",
            ),
        }
        for row in version.assumptions
    ]
    return Table(_("假定"), ASSUMPTION_COLUMNS, rows)


def month_table(line: BudgetLine) -> Table:
    rows = [
        {"month": f"{line.version.year}-{month:02}", "number": number, "amount": fen}
        for month, (number, fen) in enumerate(line.projected["months"], start=1)
    ]
    return Table(_("逐月推算"), MONTH_COLUMNS, rows)


def line_facts(line: BudgetLine) -> list[tuple[str, Any]]:
    """What a line rests on, in words."""
    kept = line.projected
    return [
        (_("数据日期当天符合"), count(kept["standing"])),
        (_("每次发放的平均金额"), yuan_text(kept["mean_fen"]) + " " + _("元")),
        (
            _("过去12个月新增"),
            count(kept["started"])
            if kept["measured"]
            else _("没有可比的数据，按 %(number)s 计") % {"number": count(kept["started"])},
        ),
        (_("在册对象需要"), f"{yuan_text(line.known_fen)} {_('元')} · {count(line.known_periods)} {_('期')}"),
        (_("新增对象需要"), f"{yuan_text(line.new_fen)} {_('元')} · {count(line.new_periods)} {_('期')}"),
        (_("今年结转"), f"{yuan_text(line.carried_fen)} {_('元')}"),
        (_("不能判定"), count(line.unknown)),
        *netted_of(line),
    ]


def version_facts(version: BudgetVersion) -> list[tuple[str, Any]]:
    facts = [
        (_("数据日期"), day(version.facts_on)),
        (_("规则包版本"), version.pack_version[:12]),
        (_("编制"), f"{version.drawn_by.display_name} · {day(version.drawn_on)}"),
    ]
    if version.submitted_by is not None:
        facts.append((_("提交"), f"{version.submitted_by.display_name} · {day(version.submitted_on)}"))
    if version.decided_by is not None:
        facts.append((_("批准或退回"), f"{version.decided_by.display_name} · {day(version.decided_on)}"))
    if version.document:
        facts.append((_("批准文件"), version.document))
    if version.reason:
        facts.append((_("退回的理由"), version.reason))
    if version.note:
        facts.append((_("说明"), version.note))
    return facts


KINDS = {"line": gettext_lazy("项目预算"), "contribution": gettext_lazy("各级安排")}


def difference_table(before: BudgetVersion, after: BudgetVersion, found: Sequence[Difference]) -> Table:
    """What differs between two versions, the largest first."""
    names = policy_names(row.what for row in found if row.kind == "line")
    funds = {fund.code: content(fund) for fund in Fund.objects.order_by("code")}
    columns = (
        Column("what", _("政策或资金"), heads=True),
        Column("kind", _("类别")),
        Column("place", _("县（市、区）或出资方")),
        Column("before", version_name(before), kind="money"),
        Column("after", version_name(after), kind="money"),
        Column("difference", _("相差"), kind="money"),
    )
    rows = [
        {
            "what": names.get(row.what) or funds.get(row.what, row.what),
            "kind": str(KINDS[row.kind]),
            "place": giver_name(row.place, english=english()),
            "before": row.before_fen,
            "after": row.after_fen,
            "difference": row.fen,
        }
        for row in found
    ]
    return Table(_("不同之处"), columns, rows, empty_title=_("两个版本的金额没有不同"))


def changed_assumption_table(
    pairs: Sequence[tuple[dict[str, Any] | None, dict[str, Any] | None]],
) -> Table:
    """The assumptions that differ, with both values and what the later one rests on."""
    words = assumption_words()
    names = policy_names((one or other or {})["policy"] for one, other in pairs)
    columns = (
        Column("name", _("假定"), heads=True),
        Column("policy", _("适用政策")),
        Column("before", _("原来")),
        Column("after", _("现在")),
        Column("basis", _("依据")),
    )
    rows = []
    for one, other in pairs:
        known = other or one or {}
        rows.append(
            {
                "name": content(words[known["id"]]) if known["id"] in words else known["id"],
                "policy": names[known["policy"]] if known["policy"] else _("全部政策"),
                "before": f"{one['percent']}%" if one else "—",
                "after": f"{other['percent']}%" if other else "—",
                "basis": content(known, "basis"),
            }
        )
    return Table(_("假定的不同"), columns, rows, empty_title=_("假定没有不同"))
