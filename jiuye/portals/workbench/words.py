"""Words of the workbench in the language of the page."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiuye.engine.basis.dates import Interval
from jiuye.engine.rules.comparing import AMOUNT, IN_FORCE, SEVERAL
from jiuye.office.policies.states import DRAFT_LEVELS, DRAFT_STATES
from jiuye.portals.common.components import Cell
from jiuye.portals.common.templatetags.jiuye import content, day

PERIODS = {
    "once": gettext_lazy("一次性"),
    "month": gettext_lazy("每月"),
    "quarter": gettext_lazy("每季"),
    "year": gettext_lazy("每年"),
}
EVIDENCE_WORDS = {
    "direct": gettext_lazy("本市文件"),
    "province": gettext_lazy("省或国家规定"),
    "inferred": gettext_lazy("由他市同一省规推定"),
}


def state_cell(state: str) -> Cell:
    """A draft's state as a light with its word."""
    return Cell(_(DRAFT_STATES[state]), level=DRAFT_LEVELS[state])


def force_words(force: Interval) -> str:
    """2023年1月1日起; 2023年1月1日至2025年12月31日."""
    start = day(force.start)
    if force.end is None:
        return _("%(day)s 起") % {"day": start}
    return _("%(start)s 至 %(last)s") % {"start": start, "last": day(last_day(force.end))}


def last_day(end: date) -> date:
    """The last day of a half-open interval."""
    return end - timedelta(days=1)


def deciding_words(row: dict[str, Any]) -> str:
    """What makes the difference: a clause in its own words, or the word for what is no single clause."""
    others = {
        SEVERAL: _("几个条件一起改变"),
        AMOUNT: _("只有金额改变"),
        IN_FORCE: _("政策开始或不再施行"),
    }
    return others.get(row["id"]) or content(row, "says") or str(row["id"])


def period_words(period: str) -> str:
    return str(PERIODS[period])
