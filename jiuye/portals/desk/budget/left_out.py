"""What a version does not hold: of policies that cannot be drawn together the one that gives way, and what could not be projected."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiuye.engine.basis.money import yuan_text
from jiuye.office.budgeting.models import BudgetLine, BudgetVersion
from jiuye.portals.common.components import Column, Table
from jiuye.portals.common.templatetags.jiuye import count
from jiuye.portals.common.words import policy_names

NETTED_COLUMNS = (
    Column("policy", gettext_lazy("没有计入"), heads=True),
    Column("instead", gettext_lazy("已计入")),
    Column("people", gettext_lazy("对象"), kind="number"),
    Column("periods", gettext_lazy("期数"), kind="number"),
    Column("amount", gettext_lazy("扣除金额"), kind="money"),
)


def netted_rows(version: BudgetVersion) -> list[dict[str, Any]]:
    """What a version leaves out because another policy stays, as it was kept: by policy, the other, county code."""
    rows: list[dict[str, Any]] = version.summary.get("netted", [])
    return rows


def netted_table(version: BudgetVersion) -> Table:
    """Of policies that cannot be drawn together: what is not counted, and which one is, the largest first."""
    sums: dict[tuple[str, str], list[int]] = {}
    for row in netted_rows(version):
        own = sums.setdefault((row["policy"], row["instead"]), [0, 0, 0])
        for place, key in enumerate(("people", "periods", "fen")):
            own[place] += row[key]
    names = policy_names({name for pair in sums for name in pair})
    rows = [
        {
            "policy": names[policy],
            "instead": names[instead],
            "people": people,
            "periods": periods,
            "amount": fen,
        }
        for (policy, instead), (people, periods, fen) in sorted(sums.items(), key=lambda item: -item[1][2])
    ]
    return Table(_("不重复享受"), NETTED_COLUMNS, rows, empty_title=_("没有人同时符合不能一起享受的两项"))


def netted_of(line: BudgetLine) -> list[tuple[str, Any]]:
    """What one line leaves out because another policy stays, in words."""
    own = [
        row
        for row in netted_rows(line.version)
        if (row["policy"], row["county"]) == (line.policy_id, line.county_code)
    ]
    names = policy_names({row["instead"] for row in own})
    return [
        (
            _("不重复享受，已计入“%(name)s”") % {"name": names[row["instead"]]},
            f"−{yuan_text(row['fen'])} {_('元')} · {count(row['periods'])} {_('期')}",
        )
        for row in own
    ]


def left_out_words(version: BudgetVersion) -> list[str]:
    """Sentences for what the projection does not hold."""
    names = policy_names(
        [*version.summary["not_in_force"], *version.summary["nobody"], *version.summary["unmeasured"]]
    )
    said = []
    for key, sentence in (
        ("not_in_force", _("这一年不施行，不计：%(names)s。")),
        ("nobody", _("登记里没有对象，不计：%(names)s。")),
        ("unmeasured", _("12个月前还没有施行或没有数据，新增人数无从比较，只计在册对象：%(names)s。")),
    ):
        if version.summary[key]:
            said.append(sentence % {"names": "、".join(names[policy] for policy in version.summary[key])})
    if "netted" not in version.summary:
        said.append(_("这个版本编制时还没有扣除不重复享受：不能一起享受的两项都计了。"))
    return said
