"""The nights as the administrators see them: whether each day's was done, and what of it was not and why."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from jiuye.office.nights.models import Night
from jiuye.office.nights.queries import night_of, nights
from jiuye.office.nights.states import LEVELS, STATES, STEPS
from jiuye.portals.common.actors import actor, allowed, office_date
from jiuye.portals.common.components import Cell, Column, Table
from jiuye.portals.common.slices import slice_asked
from jiuye.portals.common.templatetags.jiuye import label

A_PAGE = 30
COLUMNS = [
    Column("day", gettext_lazy("办公日"), "date", heads=True),
    Column("state", gettext_lazy("状态")),
    Column("begun", gettext_lazy("开始时间"), "moment"),
    Column("ended", gettext_lazy("结束时间"), "moment"),
    Column("tries", gettext_lazy("次数"), "number"),
    Column("failed", gettext_lazy("没有做完的")),
]


@allowed("staff.manage")
@require_safe
def nights_page(request: HttpRequest) -> HttpResponse:
    """The nights that were begun, the latest first, and how today's stands."""
    page = slice_asked(request, nights(actor(request)), size=A_PAGE)
    context = {
        "page": page,
        "table": Table(
            _("夜间工作"),
            COLUMNS,
            [_row(night) for night in page.rows],
            empty_title=_("还没有做过"),
            empty_text=_("做过的每一天列在这里；没有列出的那一天没有做。"),
        ),
        "today": night_of(office_date()),
        "at": "" if settings.NIGHT == "off" else settings.NIGHT,
    }
    return render(request, "common/nights.html", context)


def _row(night: Night) -> dict[str, Any]:
    return {
        "day": night.on_date,
        "state": Cell(str(label(STATES[night.state])), level=LEVELS[night.state]),
        "begun": night.begun_at,
        "ended": night.ended_at,
        "tries": night.tries,
        "failed": Cell(_("；").join(_why(step, words) for step, words in night.failed.items()) or "—"),
    }


def _why(step: str, words: list[str]) -> str:
    """Which step, and the reason in the language of the page where it is on record in it."""
    chinese, english = words
    reason = (english or chinese) if get_language() == "en" else chinese
    return _("%(step)s：%(reason)s") % {"step": label(STEPS[step]), "reason": reason}
