"""Doubts about what was paid, as the design system's components."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiuye.office.casework.afterwards import sentence
from jiuye.office.casework.models import PaymentDoubt
from jiuye.portals.common.components import Cell, Column, Table
from jiuye.portals.common.templatetags.jiuye import day
from jiuye.portals.common.words import policy_name

LEVELS = {"": "watch", "owed": "good", "claimed_back": "bad", "gone": "none", "sent_back": "none"}
COLUMNS = (
    Column("number", gettext_lazy("办件编号"), heads=True),
    Column("recipient", gettext_lazy("受益方")),
    Column("policy", gettext_lazy("政策")),
    Column("finding", gettext_lazy("疑点")),
    Column("over", gettext_lazy("可能多付"), kind="money"),
    Column("found", gettext_lazy("发现日期"), kind="date"),
)
OUTCOME = Column("outcome", gettext_lazy("结论"))


@dataclass(frozen=True, slots=True)
class DoubtCard:
    """One doubt on the page of its case: what is said, its light with a word, and the law of the condition where it is about one."""

    doubt: PaymentDoubt
    words: str
    law: str
    level: str
    outcome: str


def doubt_cards(doubts: Iterable[PaymentDoubt]) -> list[DoubtCard]:
    """The open ones first."""
    return [
        DoubtCard(
            doubt,
            sentence(doubt.finding, doubt.looked_at),
            doubt.looked_at.get("law", ""),
            LEVELS[doubt.outcome],
            outcome_words(doubt),
        )
        for doubt in sorted(doubts, key=lambda one: (bool(one.outcome), one.pk))
    ]


def outcome_words(doubt: PaymentDoubt) -> str:
    """What came of it."""
    return _(doubt.get_outcome_display()) if doubt.outcome else _("等待核实")


def doubt_table(doubts: Iterable[PaymentDoubt], *, settled: bool) -> Table:
    """The list across cases; of settled ones with what came of them and who said so."""
    rows = []
    for doubt in doubts:
        row = {
            "number": Cell(doubt.case.number, url=reverse("desk:case", args=[doubt.case_id]) + "#doubts"),
            "recipient": doubt.case.masked_recipient,
            "policy": policy_name(doubt.case),
            "finding": sentence(doubt.finding, doubt.looked_at),
            "over": doubt.over_fen,
            "found": doubt.found_on,
        }
        if settled:
            who = doubt.resolved_by.display_name if doubt.resolved_by is not None else ""
            note = " · ".join(part for part in (day(doubt.resolved_on), who, doubt.resolution) if part)
            row["outcome"] = Cell(outcome_words(doubt), level=LEVELS[doubt.outcome], note=note)
        rows.append(row)
    columns = (*COLUMNS, OUTCOME) if settled else COLUMNS
    return Table(
        _("已有结论的疑点") if settled else _("等待核实的疑点"),
        columns,
        rows,
        empty_title=_("还没有有结论的疑点") if settled else _("没有等待核实的疑点"),
        empty_text="" if settled else _("每晚按登记的最新情况，核查最近两年发放的待遇；有疑点的列在这里。"),
    )
