"""The gap: seven groups by policy, each number open to those behind it, each with proof and the one question that settles it."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from jiuye.office.casework import operations
from jiuye.office.casework.queries import gap as queries
from jiuye.office.entitlements.models import Prospect
from jiuye.office.entitlements.states import PROSPECT_KINDS
from jiuye.portals.common.actors import actor, allowed, now, office_date
from jiuye.portals.common.attempts import attempt
from jiuye.portals.common.cases import clauses_of
from jiuye.portals.common.components import Crumb, Tab
from jiuye.portals.common.gap import figures_of, gap_tables, group_note, group_notes, group_word
from jiuye.portals.common.templatetags.jiuye import day
from jiuye.portals.common.words import policy_words
from jiuye.portals.desk.gap.presenting import clause_text, item_table, place_choices, settling
from jiuye.portals.desk.gap.workbook import workbook

PAGE_SIZE = 30
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
            "figures": figures_of(rows),
            "tabs_items": tabs if len(counties) > 1 else [],
            "notes": group_notes(),
        },
    )


@allowed("entitlements.see")
@require_safe
def listing(request: HttpRequest, policy_id: str, group: str) -> HttpResponse:
    """Those behind one number, with why and what would settle it."""
    me, on = actor(request), office_date()
    division = request.GET.get("division", "")
    try:
        found = queries.slice_behind(
            me,
            policy_id,
            group,
            on=on,
            size=PAGE_SIZE,
            division=division,
            after=request.GET.get("after", ""),
            before=request.GET.get("before", ""),
        )
    except queries.NoSuchGroupError as error:
        raise Http404(str(error)) from error
    items = queries.as_gap_items(found.rows, group, on=on)
    places = queries.places_behind(me, policy_id, group, on=on)
    name, effect = policy_words(policy_id), queries.effects_of([policy_id])[policy_id]
    word = group_word(group, effect)
    return render(
        request,
        "desk/gap/list.html",
        {
            "name": name,
            "group": group,
            "word": word,
            "note": group_note(group, effect),
            "table": item_table(items, group, may_open=me.may("registry.see")),
            "settling": settling(items) if group == "unknown" else [],
            "slice": found,
            "places": place_choices(places),
            "number": sum(place.number for place in places if place.code.startswith(division)),
            "division": division,
            "download_url": reverse("desk:gap_download", args=[policy_id, group]),
            "most_downloaded": operations.MOST_HANDED_OUT,
            "may_tell": group == "unclaimed" and effect == "payment" and me.may("campaigns.prepare"),
            "policy_id": policy_id,
            "crumbs": [Crumb(_("应享未享"), reverse("desk:gap")), Crumb(f"{name} · {word}")],
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
    word = group_word(found.kind, queries.effects_of([found.policy_id])[found.policy_id])
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
                (
                    _("规则版本"),
                    format_html(
                        '<a href="{}">{}</a>',
                        reverse("desk:version", args=[found.policy_id, found.rule_version]),
                        found.rule_version[:12],
                    ),
                ),
            ],
            "crumbs": [
                Crumb(_("应享未享"), reverse("desk:gap")),
                Crumb(
                    f"{name} · {word}",
                    reverse("desk:gap_list", args=[found.policy_id, found.kind]),
                ),
                Crumb(str(found.person or found.employer)),
            ],
        },
    )


@allowed("entitlements.see")
@require_POST
def download(request: HttpRequest, policy_id: str, group: str) -> HttpResponse:
    """The list as a workbook, names masked as on the page; the look is recorded with its purpose before anything is handed out."""
    on, division = office_date(), request.POST.get("division", "")
    try:
        handed = attempt(
            request,
            lambda: operations.hand_out_gap(
                actor=actor(request),
                policy_id=policy_id,
                group=group,
                division=division,
                purpose=request.POST.get("purpose", ""),
                on=on,
                at=now(),
            ),
            done="",
        )
    except queries.NoSuchGroupError as error:
        raise Http404(str(error)) from error
    if handed is None:
        where = f"?division={division}" if division else ""
        return redirect(reverse("desk:gap_list", args=[policy_id, group]) + where)
    effect = queries.effects_of([policy_id])[policy_id]
    word = group_word(group, effect)
    content = workbook(handed.items, group, word, policy_words(policy_id), total=handed.total, on=on)
    response = HttpResponse(content, content_type=XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="{policy_id}-{group}-{on}.xlsx"'
    response.headers["Cache-Control"] = "no-store"
    return response
