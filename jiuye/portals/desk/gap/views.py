"""The gap: seven groups by policy, each number open to those behind it, each with proof and the one question that settles it."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from jiuye.office.casework.queries import gap as queries
from jiuye.office.entitlements.models import Entitlement, Prospect
from jiuye.office.entitlements.states import PROSPECT_KINDS
from jiuye.portals.common.actors import actor, allowed, office_date
from jiuye.portals.common.cases import clauses_of
from jiuye.portals.common.components import Crumb, Tab
from jiuye.portals.common.gap import GROUP_NOTES, gap_tables, group_word, policy_words, totals_of
from jiuye.portals.common.templatetags.jiuye import day
from jiuye.portals.desk.gap.presenting import clause_text, item_table, settling
from jiuye.portals.desk.gap.workbook import workbook

PAGE_SIZE = 30
MOST_DOWNLOADED = 5_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@allowed("entitlements.see")
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Every policy with its seven numbers, of the whole scope or of one county."""
    me, on = actor(request), office_date()
    division = request.GET.get("division", "")
    rows = queries.gap(me, on=on, division=division)
    counties = queries.counties_of(me, on=on)

    def address(policy_id: str, group: str) -> str:
        where = f"?division={division}" if division else ""
        return reverse("desk:gap_list", args=[policy_id, group]) + where

    tabs = [Tab(_("全部"), "?", current=not division)]
    tabs += [Tab(place.name, f"?division={place.code}", current=place.code == division) for place in counties]
    return render(
        request,
        "desk/gap/overview.html",
        {
            "tables": gap_tables(rows, address),
            "totals": totals_of(rows),
            "tabs_items": tabs if len(counties) > 1 else [],
            "notes": [(group_word(group), GROUP_NOTES[group]) for group in queries.GROUPS],
        },
    )


@allowed("entitlements.see")
@require_safe
def listing(request: HttpRequest, policy_id: str, group: str) -> HttpResponse:
    """Those behind one number, with why and what would settle it."""
    me, on = actor(request), office_date()
    division = request.GET.get("division", "")
    found = _behind(request, policy_id, group, division)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    items = queries.as_gap_items(list(page.object_list), group, on=on)
    streets = queries.places_behind(me, policy_id, group, on=on)
    name = policy_words(policy_id)
    return render(
        request,
        "desk/gap/list.html",
        {
            "name": name,
            "group": group,
            "word": group_word(group),
            "note": GROUP_NOTES[group],
            "table": item_table(items, group, may_open=me.may("registry.see")),
            "settling": settling(items) if group == "unknown" else [],
            "page": page,
            "streets": streets,
            "division": division,
            "download_url": reverse("desk:gap_download", args=[policy_id, group])
            + (f"?division={division}" if division else ""),
            "crumbs": [Crumb(_("应享未享"), reverse("desk:gap")), Crumb(f"{name} · {group_word(group)}")],
        },
    )


@allowed("entitlements.see")
@require_safe
def prospect(request: HttpRequest, prospect_id: int) -> HttpResponse:
    """One change that time brings, proved on both days."""
    me, on = actor(request), office_date()
    try:
        found, today, then = queries.one_prospect(me, prospect_id, on=on)
    except Prospect.DoesNotExist as error:
        raise Http404(_("没有这一项，或不在您的辖区。")) from error
    name = policy_words(found.policy_id)
    return render(
        request,
        "desk/gap/prospect.html",
        {
            "found": found,
            "name": name,
            "kind_word": _(PROSPECT_KINDS[found.kind]),
            "turning": clause_text(found.policy_id, found.clause),
            "today": today,
            "then": then,
            "clauses": clauses_of((then if found.kind == "soon" else today).as_dict())
            if today is not None and then is not None
            else [],
            "may_see_person": found.person_id is not None and me.may("registry.see", found.division_code),
            "facts_rows": [
                (_("变化日期"), day(found.day)),
                (_("判定日"), day(found.decided_on)),
                (_("规则版本"), found.rule_version[:12]),
            ],
            "crumbs": [
                Crumb(_("应享未享"), reverse("desk:gap")),
                Crumb(
                    f"{name} · {group_word(found.kind)}",
                    reverse("desk:gap_list", args=[found.policy_id, found.kind]),
                ),
                Crumb(str(found.person or found.employer)),
            ],
        },
    )


@allowed("entitlements.see")
@require_safe
def download(request: HttpRequest, policy_id: str, group: str) -> HttpResponse:
    """The list as a workbook, names masked as on the page."""
    on = office_date()
    found = _behind(request, policy_id, group, request.GET.get("division", ""))
    items = queries.as_gap_items(list(found[:MOST_DOWNLOADED]), group, on=on)
    content = workbook(items, group, policy_words(policy_id), total=found.count(), on=on)
    response = HttpResponse(content, content_type=XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="{policy_id}-{group}-{on}.xlsx"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _behind(
    request: HttpRequest, policy_id: str, group: str, division: str
) -> QuerySet[Entitlement] | QuerySet[Prospect]:
    try:
        return queries.behind(actor(request), policy_id, group, on=office_date(), division=division)
    except queries.NoSuchGroupError as error:
        raise Http404(str(error)) from error
