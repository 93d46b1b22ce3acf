"""A step before the approval taken of many cases on one screen: what waits for it with its total, the choice, what was done and what was not."""

from __future__ import annotations

from typing import Any

from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from jiuye.office.casework import operations, queries
from jiuye.office.casework.operations.together import Acted
from jiuye.office.casework.states import MOST_TOGETHER, transition
from jiuye.office.staff.queries import Actor
from jiuye.portals.common.actors import actor, allowed, office_date
from jiuye.portals.common.words import policy_names
from jiuye.portals.desk.cases.presenting import left_table, together_rows
from jiuye.portals.desk.cases.together import (
    crumbs_of,
    going_on,
    portion,
)

TITLES = {
    "accept": gettext_lazy("批量受理"),
    "review": gettext_lazy("批量审核"),
    "publicise": gettext_lazy("批量公示"),
}


@allowed("casework.accept")
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest) -> HttpResponse:
    """Take on many cases; one whose papers are not all there stays and says which."""
    return _step(request, "accept")


@allowed("casework.review")
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest) -> HttpResponse:
    """Put many cases down as gone through."""
    return _step(request, "review")


@allowed("casework.publicise")
@require_http_methods(["GET", "HEAD", "POST"])
def publicise(request: HttpRequest) -> HttpResponse:
    """Put many cases before the public, each with its own proof."""
    return _step(request, "publicise")


def links_for(me: Actor) -> list[tuple[str, Any]]:
    """The screens of many cases whose step some procedure gives to this actor: (address, title), in the order of the steps."""
    found = [
        (reverse(f"desk:together_{act}"), title) for act, title in TITLES.items() if queries.takes(me, act)
    ]
    return [*found, (reverse("desk:together"), _("批量审批"))] if me.may("casework.approve") else found


def _step(request: HttpRequest, act: str) -> HttpResponse:
    if request.method != "POST":
        return _page(request, act, None)
    acted, status = portion(request, act, operations.step_together, act=act)
    if acted is None:
        return redirect(f"desk:together_{act}")
    if acted.rest:
        return going_on(request, act, acted, str(TITLES[act]))
    return _page(request, act, acted, status=status)


def _page(request: HttpRequest, act: str, acted: Acted | None, status: int = 200) -> HttpResponse:
    """What waits for the step; after it, what was done and what was not."""
    me, on = actor(request), office_date()
    policy = request.GET.get("policy", "")
    whole = queries.ready_for(me, act, on=on)
    ready = queries.ready_for(me, act, on=on, policy_id=policy[:60])
    names = policy_names(whole.order_by("policy_id").values_list("policy_id", flat=True).distinct())
    context = {
        "act": act,
        "title": TITLES[act],
        "button": _(transition(act).button),
        "url": reverse(f"desk:together_{act}"),
        "rows": together_rows(ready[:MOST_TOGETHER], on=on) if acted is None else [],
        "number": ready.count(),
        "total_fen": ready.order_by().aggregate(total=Sum("amount_fen"))["total"] or 0,
        "most": MOST_TOGETHER,
        "policies": sorted(names.items(), key=lambda row: row[1]),
        "policy": policy,
        "acted": acted,
        "left": left_table(acted.left, _("没有办理的，及原因")) if acted is not None else None,
        "crumbs": crumbs_of(str(TITLES[act])),
    }
    return render(request, "desk/cases/step_together.html", context, status=status)
