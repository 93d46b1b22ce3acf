"""The gap by policy as a table: the desk's opens to those behind each number, the board's shows the numbers alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiuye.office.casework.queries.gap import GROUPS, GapRow, effects_of
from jiuye.portals.common.components import Cell, Column, Table
from jiuye.portals.common.templatetags.jiuye import count, yuan
from jiuye.portals.common.words import policy_names

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
# Nobody records here who files for a relief or uses a service: of those, that somebody qualifies is all that can be said.
QUALIFIES = gettext_lazy("符合")
QUALIFIES_NOTES: dict[str, Any] = {
    "relief": gettext_lazy("条件都满足。减免在向税务或社保申报时享受，有没有享受这里没有记录。"),
    "service": gettext_lazy("条件都满足。有没有办理、使用过，这里没有记录。"),
}
LOST_NOTE = gettext_lazy("最近三个月里符合过，现在不符合。")


@dataclass(frozen=True, slots=True)
class Kind:
    """How the policies of one effect are shown: a table's title, and what its money is."""

    effect: str
    title: Any
    amount: Any  # None: no money


KINDS = (
    Kind("payment", gettext_lazy("发放资金的政策"), gettext_lazy("未享金额")),
    Kind("relief", gettext_lazy("减免税费的政策"), gettext_lazy("可减免金额")),
    Kind("service", gettext_lazy("服务和参保"), None),
)


def group_word(group: str, effect: str = "payment") -> str:
    """A group's name, as it is said of policies of that effect."""
    return str(QUALIFIES if group == "unclaimed" and effect != "payment" else GROUP_WORDS[group])


def group_note(group: str, effect: str = "payment") -> str:
    """What a group means, for policies of that effect."""
    if effect != "payment" and group == "unclaimed":
        return str(QUALIFIES_NOTES.get(effect, QUALIFIES_NOTES["service"]))
    if effect != "payment" and group == "lost":
        return str(LOST_NOTE)
    return str(GROUP_NOTES[group])


def group_notes() -> list[tuple[str, str]]:
    """The groups with what each means, for the foot of a page."""
    notes = [(group_word(group), group_note(group)) for group in GROUPS]
    notes.insert(1, (str(QUALIFIES), _("减免和服务的条件都满足。有没有享受、使用过，这里没有记录。")))
    return notes


def gap_tables(rows: Sequence[GapRow], address: Callable[[str, str], str] | None = None) -> list[Table]:
    """Payments first, then reliefs, then services. `address` gives the list behind a number."""
    effects = effects_of(row.policy_id for row in rows)
    names = policy_names(row.policy_id for row in rows)
    found = []
    for kind in KINDS:
        mine = [row for row in rows if effects[row.policy_id] == kind.effect]
        if mine or kind.effect == "payment":
            found.append(_table(kind, mine, names, address))
    return found


def _table(
    kind: Kind,
    rows: Sequence[GapRow],
    names: dict[str, str],
    address: Callable[[str, str], str] | None,
) -> Table:
    groups = [group for group in GROUPS if kind.effect == "payment" or group != "receiving"]
    columns = [Column("name", _("政策"), heads=True)]
    for group in groups:
        columns.append(Column(group, group_word(group, kind.effect), kind="number"))
        if group == "unclaimed" and kind.amount is not None:
            columns.append(Column("amount", kind.amount, kind="money"))
    body = []
    for row in rows:
        amount = row.amount_fen or None
        cells: dict[str, Any] = {
            "name": names[row.policy_id],
            "amount": Cell(amount, absent=amount is None),
        }
        for group in groups:
            number = row.counts.get(group, 0)
            url = address(row.policy_id, group) if address is not None and number else ""
            cells[group] = Cell(number or None, url=url, absent=not number)
        body.append(cells)
    return Table(
        kind.title,
        columns,
        body,
        empty_title=_("还没有判定"),
        empty_text=_("全量判定以后，这里按政策列出各组人数。"),
        show_caption=True,
    )


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the head of the page, with a light where it calls for an act."""

    label: str
    value: str
    note: str
    level: str
    word: str


def figures_of(rows: Sequence[GapRow]) -> list[Figure]:
    """What one should know before reading the tables: of the policies that pay, and the reliefs in one figure."""
    effects = effects_of(row.policy_id for row in rows)
    money = [row for row in rows if effects[row.policy_id] == "payment"]
    reliefs = [row for row in rows if effects[row.policy_id] == "relief"]

    def total(group: str, of: Sequence[GapRow] = money) -> int:
        return sum(row.counts.get(group, 0) for row in of)

    unpaid, relieved = (sum(row.amount_fen for row in of) for of in (money, reliefs))
    amount = _("合计 %(amount)s 元")
    missed = total("unclaimed")
    return [
        Figure(
            group_word("unclaimed"),
            count(missed),
            amount % {"amount": yuan(unpaid)},
            "watch" if missed else "good",
            _("符合而没有领") if missed else _("都在领"),
        ),
        Figure(group_word("unknown"), count(total("unknown")), _("每项都写明缺什么"), "", ""),
        Figure(
            group_word("ending"),
            count(total("ending")),
            _("半年以内"),
            "watch" if total("ending") else "",
            _("到期前可办") if total("ending") else "",
        ),
        Figure(group_word("soon"), count(total("soon")), _("半年以内"), "", ""),
        Figure(group_word("lost"), count(total("lost")), _("最近三个月"), "", ""),
        Figure(
            _("税费减免"),
            count(total("unclaimed", reliefs)),
            amount % {"amount": yuan(relieved)},
            "",
            "",
        ),
    ]
