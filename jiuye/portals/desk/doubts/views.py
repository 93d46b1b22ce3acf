"""Doubts about what was paid: the list of the actor's places, and saying that something was owed after all."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from jiuye.office.casework import operations, queries
from jiuye.office.casework.access import CaseNotFoundError
from jiuye.portals.common.actors import actor, allowed, now, office_date
from jiuye.portals.common.attempts import attempt
from jiuye.portals.common.components import Tab
from jiuye.portals.common.slices import slice_asked
from jiuye.portals.desk.doubts.presenting import doubt_table

PAGE_SIZE = 30


@allowed("casework.see")
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """What is doubtful about payments, open or settled."""
    me = actor(request)
    settled = request.GET.get("view") == "settled"
    page = slice_asked(request, queries.doubts_about_payments(me, settled=settled), size=PAGE_SIZE)
    totals = queries.open_doubts(me)
    context = {
        "table": doubt_table(page.rows, settled=settled),
        "page": page,
        "totals": totals,
        "settled": settled,
        "tabs_items": [
            Tab(_("等待核实"), "?view=open", current=not settled, count=totals.number),
            Tab(_("已有结论"), "?view=settled", current=settled),
        ],
    }
    return render(request, "desk/doubts/list.html", context)


@allowed("casework.settle")
@require_POST
def settle(request: HttpRequest, doubt_id: int) -> HttpResponse:
    """It was owed after all, and why."""
    try:
        case_id = queries.case_of_doubt(actor(request), doubt_id)
    except CaseNotFoundError as error:
        raise Http404(str(error)) from error
    attempt(
        request,
        lambda: operations.settle_doubt(
            actor=actor(request),
            doubt_id=doubt_id,
            resolution=str(request.POST.get("resolution", "")),
            on=office_date(),
            at=now(),
        ),
        done=_("已记下：经核实应当发放。"),
    )
    return redirect("desk:case", case_id)
