"""The public notice (公示): what is about to be granted, masked, for anybody to read and object to."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from jiuye.office.casework.queries.notice import (
    NoticeRow,
    counties_with_notices,
    public_notice,
    publicised_cases,
)
from jiuye.office.matters.models import Matter
from jiuye.office.matters.queries import noticed
from jiuye.portals.common.actors import PUBLIC, allowed, office_date
from jiuye.portals.common.components import Cell, Column, Tab, Table
from jiuye.portals.common.slices import slice_asked
from jiuye.portals.common.templatetags.jiuye import content, day

PAGE_SIZE = 50
COLUMNS = (
    Column("recipient", gettext_lazy("受益方"), heads=True),
    Column("policy", gettext_lazy("政策")),
    Column("place", gettext_lazy("街道（镇）")),
    Column("amount", gettext_lazy("金额"), kind="money"),
    Column("until", gettext_lazy("公示至")),
)

MATTER_COLUMNS = (
    Column("recipient", gettext_lazy("申请人"), heads=True),
    Column("policy", gettext_lazy("事项")),
    Column("until", gettext_lazy("公示至")),
)


@allowed(PUBLIC)
@require_safe
def notice(request: HttpRequest) -> HttpResponse:
    """Every case in its days of publicity, by county."""
    on = office_date()
    chosen = request.GET.get("division", "")
    counties = counties_with_notices(on=on)
    if chosen not in {county.code for county in counties}:
        chosen = ""
    page = slice_asked(request, publicised_cases(on=on, division=chosen), size=PAGE_SIZE)
    total = sum(county.number for county in counties)
    tabs = [Tab(_("全部"), "?", current=not chosen, count=total)]
    tabs += [
        Tab(content(county), f"?division={county.code}", current=county.code == chosen, count=county.number)
        for county in counties
    ]
    return render(
        request,
        "common/notice.html",
        {
            "table": _table(public_notice(list(page.rows))),
            "matters": _matters(list(noticed(on=on, division=chosen)[:PAGE_SIZE])),
            "page": page,
            "tabs_items": tabs,
            "on": on,
        },
    )


def _matters(found: list[Matter]) -> Table | None:
    """What is about to be recognised; nothing where nothing is."""
    if not found:
        return None
    rows = [
        {
            "recipient": Cell(matter.masked_applicant, note=matter.number),
            "policy": content(matter, "item_name"),
            "until": Cell(
                day(matter.publicity_until - timedelta(days=1)),
                note=_("自 %(day)s 起") % {"day": day(matter.publicity_start)},
            ),
        }
        for matter in found
        if matter.publicity_until is not None  # held by the filter of `noticed`
    ]
    return Table(_("认定公示"), MATTER_COLUMNS, rows)


def _table(rows: list[NoticeRow]) -> Table:
    return Table(
        _("待遇公示"),
        COLUMNS,
        [
            {
                "recipient": Cell(row.recipient, note=row.number),
                "policy": content(row, "policy_name"),
                "place": content(row, "division_name"),
                "amount": row.amount_fen,
                "until": Cell(day(row.last_day), note=_("自 %(day)s 起") % {"day": day(row.first_day)}),
            }
            for row in rows
        ],
        empty_title=_("现在没有公示"),
        empty_text=_("待遇在审批以前公示；公示期满的名单不再展示。"),
    )
