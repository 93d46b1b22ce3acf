"""A simulation as a page: a row a draft and policy to compare, then one of them by month, county, clause and group."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from jiuye.engine.rules.policies import EFFECTS
from jiuye.office.policies.models import Simulation
from jiuye.portals.common.components import Tab
from jiuye.portals.common.templatetags.components import percent
from jiuye.portals.common.templatetags.jiuye import content
from jiuye.portals.workbench.words import deciding_words, period_words


@dataclass(frozen=True, slots=True)
class Compared:
    """One policy under one draft, in one row. Amounts are for one period of the policy; `year` for the months ahead."""

    key: str
    draft: str
    policy: str
    period: str
    service: bool
    effect: str
    before: int
    after: int
    before_fen: int
    after_fen: int
    newly: int
    more: int
    gone: int
    less: int
    unsure: int
    gain_fen: int
    loss_fen: int
    year_before_fen: int
    year_after_fen: int

    @property
    def duty(self) -> bool:
        """True where a yes is something owed: who owes less is better off."""
        return self.effect == "duty"

    @property
    def gain(self) -> int:
        return self.gone + self.less if self.duty else self.newly + self.more

    @property
    def lose(self) -> int:
        return self.newly + self.more if self.duty else self.gone + self.less

    @property
    def meaning(self) -> str:
        """What a yes means under the policy."""
        return _(EFFECTS[self.effect])

    @property
    def difference_fen(self) -> int:
        return self.after_fen - self.before_fen

    @property
    def year_difference_fen(self) -> int:
        return self.year_after_fen - self.year_before_fen


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of a breakdown: before and after, as numbers and as widths of two bars."""

    label: str
    before: int
    after: int
    before_fen: int
    after_fen: int
    gain: int
    lose: int
    before_width: str
    after_width: str

    @property
    def difference_fen(self) -> int:
        return self.after_fen - self.before_fen


@dataclass(frozen=True, slots=True)
class Deciding:
    """What makes the difference, and for how many."""

    says: str
    gain: int
    gain_fen: int
    lose: int
    lose_fen: int
    gain_width: str
    lose_width: str


@dataclass(frozen=True, slots=True)
class Fund:
    """What the change costs over the months ahead, beside what the fund has left this year."""

    name: str
    available_fen: int
    appropriated_fen: int
    difference_fen: int
    share: str
    level: str
    word: str
    demonstration: bool


@dataclass(frozen=True, slots=True)
class GridCell:
    """One point of a grid."""

    amount_fen: int
    difference_fen: int
    entitled: int
    gain: int
    lose: int
    heat: int  # 0 to 4: how far its cost lies between the least and the most


@dataclass(frozen=True, slots=True)
class GridTable:
    """The grid: values of the first parameter down, of the second across."""

    down: str
    across: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[GridCell, ...]], ...]


@dataclass(frozen=True, slots=True)
class ResultPage:
    """Everything the page shows."""

    compared: tuple[Compared, ...]
    shown: Compared | None
    tabs: tuple[Tab, ...]
    months: tuple[Bar, ...]
    deciding: tuple[Deciding, ...]
    groups: tuple[tuple[str, tuple[Bar, ...]], ...]
    funds: tuple[Fund, ...]
    grid: GridTable | None
    left_out: tuple[str, ...]
    drafts: tuple[str, ...]


def result_page(run: Simulation, *, shown: str = "") -> ResultPage:
    """The kept result of a run, with one draft and policy (`shown`, else the first) opened up."""
    result = run.result
    rows = {f"{row['draft']}:{row['policy']}": row for row in result["policies"]}
    compared = tuple(_compared(key, row, result["drafts"]) for key, row in rows.items())
    chosen = next((item for item in compared if item.key == shown), compared[0] if compared else None)
    row = rows[chosen.key] if chosen is not None else None
    return ResultPage(
        compared,
        chosen,
        tuple(
            Tab(
                f"{item.draft} · {item.policy}",
                f"?show={item.key}",
                chosen is not None and item.key == chosen.key,
            )
            for item in compared
        )
        if len(compared) > 1
        else (),
        _bars(row["months"], lambda item: item["month"]) if row is not None else (),
        _deciding(row["clauses"]) if row is not None else (),
        tuple(
            (
                content(grouping, "label"),
                _bars(row["groups"][grouping["id"]], lambda item: content(item, "label")),
            )
            for grouping in result["groupings"]
            if row is not None and row["groups"].get(grouping["id"])
        ),
        _funds(compared, result),
        _grid(result["grid"]) if result.get("grid") else None,
        tuple(policy for _draft, policy in result["left_out"]),
        tuple(result["drafts"].values()),
    )


def _compared(key: str, row: dict[str, Any], drafts: dict[str, str]) -> Compared:
    moves, totals = row["moves"], row["totals"]
    return Compared(
        key,
        drafts[row["draft"]],
        content(row),
        period_words(row["period"]),
        row["service"],
        row.get("effect", "service" if row["service"] else "payment"),  # runs kept before effects were told
        totals["before"]["yes"],
        totals["after"]["yes"],
        totals["before"]["amount_fen"],
        totals["after"]["amount_fen"],
        moves["newly"]["count"],
        moves["more"]["count"],
        moves["gone"]["count"],
        moves["less"]["count"],
        moves["unsure"]["count"],
        moves["newly"]["fen"] + moves["more"]["fen"],
        moves["gone"]["fen"] + moves["less"]["fen"],
        sum(month["before_fen"] for month in row["months"]),
        sum(month["after_fen"] for month in row["months"]),
    )


def _width(part: int, most: int) -> str:
    """A share of the widest bar, for SVG."""
    return percent(1000 * max(0, part) // most) if most else "0%"


def _bars(rows: Sequence[dict[str, Any]], label: Any) -> tuple[Bar, ...]:
    """By money where there is any, else by number."""
    money = any(row["before_fen"] or row["after_fen"] for row in rows)
    sides = ("before_fen", "after_fen") if money else ("before", "after")
    most = max((row[side] for row in rows for side in sides), default=0)
    return tuple(
        Bar(
            label(row),
            row["before"],
            row["after"],
            row["before_fen"],
            row["after_fen"],
            row.get("gain", 0),
            row.get("lose", 0),
            _width(row[sides[0]], most),
            _width(row[sides[1]], most),
        )
        for row in rows
    )


def _deciding(rows: Sequence[dict[str, Any]]) -> tuple[Deciding, ...]:
    most = max((max(row["gain"], row["lose"]) for row in rows), default=0)
    return tuple(
        Deciding(
            deciding_words(row),
            row["gain"],
            row["gain_fen"],
            row["lose"],
            row["lose_fen"],
            _width(row["gain"], most),
            _width(row["lose"], most),
        )
        for row in rows
    )


def _funds(compared: Iterable[Compared], result: dict[str, Any]) -> tuple[Fund, ...]:
    """For each draft and fund: the change over the months ahead beside what is left of this year's budget."""
    funds: dict[tuple[str, str], int] = {}
    for item, row in zip(compared, result["policies"], strict=True):
        if row["fund"] and item.effect == "payment":
            key = (item.draft, row["fund"])
            funds[key] = funds.get(key, 0) + item.year_difference_fen
    found = []
    for (draft, code), difference in funds.items():
        balance = result["funds"].get(code)
        name = content(balance) if balance is not None else code
        available = balance["available_fen"] if balance is not None else 0
        level, word = _against(difference, available, known=balance is not None)
        found.append(
            Fund(
                f"{draft} · {name}" if len({key[0] for key in funds}) > 1 else name,
                available,
                balance["appropriated_fen"] if balance is not None else 0,
                difference,
                percent(1000 * difference // available) if available > 0 else "—",
                level,
                word,
                bool(balance is not None and balance["demonstration"]),
            )
        )
    return tuple(found)


def _against(difference: int, available: int, *, known: bool) -> tuple[str, str]:
    if not known:
        return "none", _("没有这项资金的预算记录")
    if difference <= 0:
        return "good", _("不增加支出")
    if difference > available:
        return "bad", _("超过可用余额")
    if 2 * difference > available:
        return "watch", _("超过可用余额的一半")
    return "good", _("在可用余额之内")


def _grid(grid: dict[str, Any]) -> GridTable:
    axes, points = grid["axes"], {row["key"]: row for row in grid["points"]}
    across = axes[1]["values"] if len(axes) > 1 else [""]
    costs = [row["after_fen"] for row in points.values()]
    low, high = min(costs, default=0), max(costs, default=0)

    def cell(down: str, right: str) -> GridCell:
        row = points[f"{down}|{right}" if right else down]
        heat = 4 * (row["after_fen"] - low) // (high - low) if high > low else 0
        return GridCell(
            row["after_fen"],
            row["after_fen"] - row["before_fen"],
            row["after"],
            row["gain"],
            row["lose"],
            heat,
        )

    return GridTable(
        content(axes[0], "label"),
        content(axes[1], "label") if len(axes) > 1 else "",
        tuple(across),
        tuple((down, tuple(cell(down, right) for right in across)) for down in axes[0]["values"]),
    )
