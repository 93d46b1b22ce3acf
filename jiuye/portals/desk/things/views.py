"""Things on registers (projects, posts, files …): finding one, and one page each with what registers say of it."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from jiuye.office.casework.queries.gap import decided_of
from jiuye.office.entitlements.register_words import (
    kinds_of_things,
    thing_words,
)
from jiuye.office.registry import queries
from jiuye.office.registry.models import RegisteredThing
from jiuye.portals.common.actors import actor, allowed, office_date
from jiuye.portals.common.components import Crumb
from jiuye.portals.common.slices import slice_asked
from jiuye.portals.desk.registers import cards_of, language, look_at_register
from jiuye.portals.desk.things.presenting import decisions_table, owner_cell, thing_rows, things_table

PAGE_SIZE = 30


@allowed("registry.see")
@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """Find things of one's divisions by kind, number, name or employer."""
    kinds = kinds_of_things(language())
    text, kind = request.GET.get("q", "").strip(), request.GET.get("kind", "")
    kind = kind if kind in kinds else ""
    asked = bool(text or kind)
    found = queries.search_things(actor(request), kind, text, on=office_date())
    page = slice_asked(request, found if asked else found.none(), size=PAGE_SIZE)
    return render(
        request,
        "desk/things/find.html",
        {
            "text": text,
            "kind": kind,
            "kinds": kinds.items(),
            "table": things_table(page.rows) if asked else None,
            "page": page,
        },
    )


@allowed("registry.see")
@require_safe
def detail(request: HttpRequest, thing_id: int) -> HttpResponse:
    """One thing: whose it is, what it could get, what each register says of it."""
    me, on, thing = actor(request), office_date(), _visible(request, thing_id)
    may_reveal = me.may("registry.reveal", queries.division_of_thing(thing))
    return render(
        request,
        "desk/things/one.html",
        {
            "thing": thing,
            "crumbs": [Crumb(_("登记事项"), reverse("desk:things")), Crumb(str(thing))],
            "facts_rows": thing_rows(thing),
            "owner": owner_cell(thing),
            "decisions": decisions_table(decided_of(me, thing.entity, thing.pk, on))
            if me.may("entitlements.see")
            else None,
            "registers": cards_of(
                thing_words([thing], on=on, lang=language()).get(thing.pk, []),
                reverse("desk:thing_reveal", args=[thing.pk]) if may_reveal else "",
            ),
        },
    )


@allowed("registry.reveal")
@sensitive_post_parameters()
@require_POST
def reveal(request: HttpRequest, thing_id: int) -> HttpResponse:
    """What a protected register says of the thing, after the look was recorded."""
    thing = _visible(request, thing_id)
    back = reverse("desk:thing", args=[thing_id])
    return look_at_register(request, thing, title=str(thing), back=back)


def _visible(request: HttpRequest, thing_id: int) -> RegisteredThing:
    found = queries.visible_things(actor(request)).filter(pk=thing_id).first()
    if found is None:
        raise Http404(_("没有这个登记事项，或者不在您的管辖范围内。"))
    return found
