"""Words of the office as the desk shows them, in the language of the page."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext

from jiuye.office.casework.models import Case, CaseEvent
from jiuye.office.casework.queries.one import Holder
from jiuye.office.casework.states import ACT_NAMES, HOLDERS, STATE_LABELS, STATE_LEVELS
from jiuye.office.staff.roles import ROLES
from jiuye.portals.common.components import Cell
from jiuye.portals.common.templatetags.jiuye import content, day


def policy_name(case: Case) -> str:
    """The policy's name as the case keeps it."""
    return content(case, "policy_name")


def state_cell(state: str) -> Cell:
    """A state as a light with its word."""
    return Cell(gettext(STATE_LABELS[state]), level=STATE_LEVELS[state])


def act_name(event: CaseEvent) -> str:
    return gettext(ACT_NAMES[event.act])


def holder_words(holder: Holder) -> str:
    """扬州市广陵区 · 审核人员."""
    role = gettext(ROLES.get(holder.role) or HOLDERS[holder.role])
    return f"{holder.division_name} · {role}" if holder.division_name else role


def period_words(case_or_found: object) -> str:
    """2025年4月1日至2025年6月30日: the last day is shown, where the record keeps the day after it."""
    start = getattr(case_or_found, "period_start", None)
    until = getattr(case_or_found, "period_until", None)
    if start is None and until is None:
        return gettext("一次性")
    last = day(until - timedelta(days=1)) if until is not None else ""
    return f"{day(start)} – {last}" if start is not None else last
