"""Answering whoever objected to a public notice where no text message does: what waits, the contact after a look, and that it was done."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from jiuye.office.casework import operations as case_operations
from jiuye.office.casework import queries as cases
from jiuye.office.casework.access import CaseNotFoundError
from jiuye.office.matters import operations as matter_operations
from jiuye.office.matters import queries as matters
from jiuye.office.matters.access import MatterNotFoundError
from jiuye.portals.common.actors import actor, allowed, now, office_date
from jiuye.portals.common.attempts import attempt
from jiuye.portals.common.components import Cell, Column, Tab, Table
from jiuye.portals.common.slices import slice_asked
from jiuye.portals.desk.contacts.presenting import HIDDEN

PAGE_SIZE = 50
OPERATIONS: dict[str, Any] = {"case": case_operations, "matter": matter_operations}
KIND_WORDS = {"case": pgettext_lazy("navigation", "办件"), "matter": pgettext_lazy("navigation", "事项")}
COLUMNS = (
    Column("number", gettext_lazy("公示编号"), heads=True),
    Column("outcome", gettext_lazy("结论")),
    Column("decided", gettext_lazy("处理日期"), kind="date"),
    Column("why", gettext_lazy("为什么由人工答复")),
)


@allowed("desk.open")
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Objections that are decided and whose objectors nobody has told yet, of the cases or of the matters that this actor decides on."""
    me = actor(request)
    lists = {"case": cases.objections_to_answer(me), "matter": matters.objections_to_answer(me)}
    waiting = {kind: found.count() for kind, found in lists.items()}
    # Whoever decides on one of the two alone begins with what waits.
    first = "case" if waiting["case"] or not waiting["matter"] else "matter"
    kind = request.GET.get("kind", first)
    if kind not in lists:
        raise Http404(_("没有这一类异议。"))
    page = slice_asked(request, lists[kind], size=PAGE_SIZE)
    context = {
        "table": _table(kind, page.rows),
        "page": page,
        "tabs_items": [
            Tab(words, f"?kind={one}", current=one == kind, count=waiting[one])
            for one, words in KIND_WORDS.items()
        ],
    }
    return render(request, "desk/objections/list.html", context)


def _table(kind: str, rows: Iterable[Any]) -> Table:
    shown = [
        {
            "number": Cell(
                getattr(objection, kind).number,
                url=reverse(f"desk:{kind}", args=[getattr(objection, kind).pk]) + "#objections",
            ),
            "outcome": _("异议成立") if objection.upheld else _("异议不成立"),
            "decided": objection.resolved_on,
            "why": _("留的不是手机号") if objection.by_hand else _("短信没有送达"),
        }
        for objection in rows
    ]
    return Table(_("待人工答复的异议"), COLUMNS, shown, empty_title=_("没有待人工答复的异议"))


@allowed("desk.open")
@sensitive_post_parameters()
@require_POST
def look(request: HttpRequest, kind: str, objection_id: int) -> HttpResponse:
    """The contact of whoever objected, in clear, after the look was recorded."""
    url = _page_of(request, kind, objection_id)
    value = attempt(
        request,
        lambda: OPERATIONS[kind].look_at_objectors_contact(
            actor=actor(request),
            objection_id=objection_id,
            purpose=request.POST.get("purpose", ""),
            at=now(),
        ),
        done="",
    )
    if value is None:
        return redirect(url)
    context = {"value": value, "hidden": HIDDEN}
    template = "desk/people/revealed.html" if getattr(request, "htmx", False) else "desk/contacts/look.html"
    response = render(request, template, context)
    response.headers["Cache-Control"] = "no-store"
    return response


@allowed("desk.open")
@require_POST
def answered(request: HttpRequest, kind: str, objection_id: int) -> HttpResponse:
    """Whoever objected was told by hand, and how."""
    url = _page_of(request, kind, objection_id)
    attempt(
        request,
        lambda: OPERATIONS[kind].note_objector_answered(
            actor=actor(request),
            objection_id=objection_id,
            how=request.POST.get("how", ""),
            on=office_date(),
            at=now(),
        ),
        done=_("已记下答复。"),
    )
    return redirect(url)


def _page_of(request: HttpRequest, kind: str, objection_id: int) -> str:
    """The page of the case or matter that the objection is about. Raises Http404 where the actor may not see it."""
    me = actor(request)
    try:
        if kind == "case":
            return reverse("desk:case", args=[cases.case_of_objection(me, objection_id)])
        if kind == "matter":
            return reverse("desk:matter", args=[matters.matter_of_objection(me, objection_id)])
    except (CaseNotFoundError, MatterNotFoundError) as error:
        raise Http404(str(error)) from error
    raise Http404(_("没有这一类异议。"))
