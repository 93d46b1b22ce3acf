"""The public notice (公示): what is about to be granted, masked, for anybody to read and object to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from jiuye.office.casework import operations as cases
from jiuye.office.casework.limiting import LimitReachedError
from jiuye.office.casework.queries.notice import (
    NoticeRow,
    counties_with_notices,
    public_notice,
    publicised_cases,
)
from jiuye.office.matters import operations as matters
from jiuye.office.matters.models import Matter
from jiuye.office.matters.notices import notice_row
from jiuye.office.matters.queries import noticed
from jiuye.office.staff.slices import Slice, slice_of
from jiuye.portals.common.actors import PUBLIC, allowed, now, office_date
from jiuye.portals.common.attempts import attempt
from jiuye.portals.common.components import Cell, Column, Crumb, Tab, Table
from jiuye.portals.common.forms import ObjectionForm
from jiuye.portals.common.slices import slice_asked
from jiuye.portals.common.templatetags.jiuye import content, day
from jiuye.portals.common.typed import refused_of
from jiuye.portals.common.views.session import address_of

PAGE_SIZE = 50
COLUMNS = (
    Column("recipient", gettext_lazy("受益方"), heads=True),
    Column("policy", gettext_lazy("政策")),
    Column("place", gettext_lazy("街道（镇）")),
    Column("amount", gettext_lazy("金额"), kind="money"),
    Column("until", gettext_lazy("公示至")),
    Column("object", gettext_lazy("异议")),
)

MATTER_COLUMNS = (
    Column("recipient", gettext_lazy("申请人"), heads=True),
    Column("policy", gettext_lazy("事项")),
    Column("until", gettext_lazy("公示至")),
    Column("object", gettext_lazy("异议")),
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
    in_notice: Slice[Matter] = slice_of(noticed(on=on, division=chosen), size=PAGE_SIZE)
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
            "matters": _matters(in_notice.rows),
            "more_matters": f"{reverse('notice_matters')}?division={chosen}" if in_notice.after else "",
            "page": page,
            "tabs_items": tabs,
            "on": on,
        },
    )


@allowed(PUBLIC)
@require_safe
def recognitions(request: HttpRequest) -> HttpResponse:
    """Every matter in its days of publicity, all of them page by page; of one county where the address says so."""
    on = office_date()
    county = request.GET.get("division", "")
    chosen = county if re.fullmatch(r"\d{6}", county) else ""
    page = slice_asked(request, noticed(on=on, division=chosen), size=PAGE_SIZE)
    context = {
        "matters": _matters(page.rows),
        "page": page,
        "crumbs": [Crumb(_("待遇公示"), reverse("notice")), Crumb(_("认定公示"))],
    }
    return render(request, "common/notice_matters.html", context)


@allowed(PUBLIC)
@require_http_methods(["GET", "HEAD", "POST"])
def object_to(request: HttpRequest, number: str) -> HttpResponse:
    """Object to one line of the notice, with or without a name."""
    on = office_date()
    line = _line(number, on)
    if line is None:
        raise Http404(_("没有正在公示的这一件；公示期已过的，请到街道（镇）就业服务窗口说明。"))
    form = ObjectionForm(request.POST or None)
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        given = {**form.cleaned_data, "address": address_of(request), "on": on, "at": now()}
        raised = attempt(
            request,
            lambda: (
                matters.object_in_public(matter_id=line.key, **given)
                if line.kind == "matter"
                else cases.object_in_public(case_id=line.key, **given)
            ),
            done=_("异议已收到。处理完毕以前不予办结；留了联系方式的，会告知处理结果。"),
        )
        if raised is not None:
            return redirect("notice")
        refused = refused_of(request)
        if refused is not None and isinstance(refused.cause, LimitReachedError):
            status = 429  # the words are whole; what is refused is one more of them
    context = {"form": form, "line": line, "crumbs": [Crumb(_("待遇公示"), reverse("notice")), Crumb(number)]}
    return render(request, "common/notice_object.html", context, status=status)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the notice that somebody objects to."""

    kind: str  # case | matter
    key: int
    number: str
    whom: str
    what: str


def _line(number: str, on: date) -> Line | None:
    """The line of that number, if it is being publicised."""
    if not re.fullmatch(r"S?\d{6}-\d{8}-\d{6,}", number):
        return None
    key = int(number.rsplit("-", 1)[1])
    if number.startswith("S"):
        matter = noticed(on=on).filter(pk=key).first()
        if matter is None or matter.number != number:
            return None
        return Line("matter", key, number, matter.masked_applicant, content(matter, "item_name"))
    case = publicised_cases(on=on).filter(pk=key).first()
    if case is None or case.number != number:
        return None
    return Line("case", key, number, case.masked_recipient, content(case, "policy_name"))


def _object_cell(number: str) -> Cell:
    return Cell(_("提出异议"), url=reverse("notice_object", args=[number]))


def _matters(publicised: Sequence[Matter]) -> Table | None:
    """What is about to be recognised; nothing where nothing is."""
    if not publicised:
        return None
    found = [notice_row(row) for row in publicised]
    rows = [
        {
            "recipient": Cell(row.applicant, note=row.number),
            "policy": content(row, "item_name"),
            "until": Cell(day(row.last_day), note=_("自 %(day)s 起") % {"day": day(row.first_day)}),
            "object": _object_cell(row.number),
        }
        for row in found
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
                "object": _object_cell(row.number),
            }
            for row in rows
        ],
        empty_title=_("现在没有公示"),
        empty_text=_("待遇在审批以前公示；公示期满的名单不再展示。"),
    )
