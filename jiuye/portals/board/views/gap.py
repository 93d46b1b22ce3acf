"""The gap for leaders: numbers and amounts by policy and county, nobody's name."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from jiuye.office.casework.queries.gap import counties_of
from jiuye.office.casework.queries.gap import gap as gap_rows
from jiuye.portals.common.actors import actor, allowed, office_date
from jiuye.portals.common.components import Tab
from jiuye.portals.common.gap import figures_of, gap_tables, group_notes


@allowed("board.see")
@require_safe
def gap(request: HttpRequest) -> HttpResponse:
    """Every policy with its numbers, of the whole scope or of one county; nothing opens to a person."""
    me, on = actor(request), office_date()
    division = request.GET.get("division", "")
    rows = gap_rows(me, on=on, division=division, permission="board.see")
    counties = counties_of(me, on=on, permission="board.see")
    tabs = [Tab(_("全部"), "?", current=not division)]
    tabs += [Tab(place.name, f"?division={place.code}", current=place.code == division) for place in counties]
    return render(
        request,
        "board/gap.html",
        {
            "tables": gap_tables(rows),
            "figures": figures_of(rows),
            "tabs_items": tabs if len(counties) > 1 else [],
            "notes": group_notes(),
        },
    )
