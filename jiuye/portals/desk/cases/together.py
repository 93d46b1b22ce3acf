"""Approving many cases on one screen: choose, look at the totals and at what stays out, sign, and take it back while unpaid."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from jiuye.office.casework import operations, queries
from jiuye.office.casework.operations.together import Acted
from jiuye.office.casework.packrules import rules
from jiuye.office.casework.queries.together import Together
from jiuye.office.casework.states import MOST_TOGETHER
from jiuye.portals.common.actors import actor, allowed, now, office_date
from jiuye.portals.common.attempts import attempt
from jiuye.portals.common.components import Crumb
from jiuye.portals.common.words import policy_names
from jiuye.portals.desk.cases.presenting import left_table, needs_table, sums_table, together_rows
from jiuye.portals.desk.refusals import REFUSALS

DIGITS = 19  # no key of the database has as many
PORTION_SECONDS = 8  # as long as somebody waits for a page, and far from where a proxy gives up


@allowed("casework.approve")
@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """The cases that wait for this actor's signature, at most as many as one act takes."""
    return _page(request, {})


@allowed("casework.approve")
@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """What approving the chosen ones would bring; nothing is changed or kept. Of a long list as many at once as a person waits for."""
    before = done_before(request, "look")
    found: Together | None = attempt(
        request,
        lambda: queries.look_together(
            actor(request),
            chosen_in(request),
            rules=rules(),
            on=office_date(),
            at=now(),
            sound_before=before.done,
            left_before=before.left,
            gone_before=before.gone,
            enough=as_long_as_somebody_waits(),
        ),
        done="",
        refusals=REFUSALS,
    )
    if found is None:
        return redirect("desk:together")
    if found.rest:
        so_far = Acted(done=found.sound, left=found.left, rest=found.rest, gone=found.gone)
        return going_on(request, "look", so_far)
    return _page(
        request,
        {
            "found": found,
            "sums": sums_table(found.sums, found.needs),
            "needs": needs_table(found.needs),
            "left": left_table(found.left, _("留在外面的，及原因")),
        },
    )


@allowed("casework.approve")
@require_POST
def approve(request: HttpRequest) -> HttpResponse:
    """Sign every sound one of the chosen; the others are listed with what stands in the way. Portion by portion, as `look`."""
    acted, status = portion(request, "approve", operations.approve_together, rules=rules())
    if acted is None:
        return redirect("desk:together")
    if acted.rest:
        return going_on(request, "approve", acted)
    more = {"acted": acted, "left": left_table(acted.left, _("没有批准的，及原因"))}
    return _page(request, more, status=status)


@allowed("casework.approve")
@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Take back what was just approved, while nothing of it is with the bank."""
    acted: Acted | None = attempt(
        request,
        lambda: operations.undo_together(
            actor=actor(request),
            case_ids=chosen_in(request),
            note=str(request.POST.get("note", "")),
            on=office_date(),
            at=now(),
        ),
        done="",
        refusals=REFUSALS,
    )
    if acted is None:
        approved = list(
            queries.visible_cases(actor(request)).filter(pk__in=chosen_in(request), state="approved")
        )
        return _page(request, {"undoing": approved}, status=422)
    return _page(request, {"undone": acted, "left": left_table(acted.left, _("没有撤销的，及原因"))})


def chosen_in(request: HttpRequest) -> list[int]:
    """The keys of the ticked cases."""
    given = request.POST.getlist("case")
    return [int(value) for value in given if value.isascii() and value.isdigit() and len(value) < DIGITS]


def as_long_as_somebody_waits() -> Callable[[], bool]:
    """Says when a person has waited for the page as long as they do."""
    until = time.monotonic() + PORTION_SECONDS
    return lambda: time.monotonic() > until


def portion(
    request: HttpRequest, screen: str, operation: Callable[..., Acted], **named: Any
) -> tuple[Acted | None, int]:
    """What this portion of the chosen cases brought, after the portions before, and the answer's status. What was done before is told beside what
    stopped this one; None where nothing was done at all.
    """
    before = done_before(request, screen)
    acted: Acted | None = attempt(
        request,
        lambda: operation(
            actor=actor(request),
            case_ids=chosen_in(request),
            on=office_date(),
            at=now(),
            enough=as_long_as_somebody_waits(),
            **named,
        ),
        done="",
        refusals=REFUSALS,
    )
    if acted is None:
        return (before if before.come_to else None), 422
    return before.and_then(acted), 200


def going_on(request: HttpRequest, act: str, so_far: Acted, title: str = "") -> HttpResponse:
    """How far it is; the page asks for the rest by itself. What was found so far goes with it, signed for this account and act."""
    title = title or _("批量审批")
    told = {
        "done": [case.pk for case in so_far.done],
        "signed": [case.pk for case in so_far.signed],
        "left": [(case.pk, reason) for case, reason in so_far.left],
        "gone": so_far.gone,
    }
    more = {
        "act": act,
        "come_to": so_far.come_to,
        "whole": so_far.come_to + len(so_far.rest),
        "so_far": so_far,
        "signed_so_far": signing.dumps(told, salt=_salt(request, act), compress=True),
        "url": reverse(f"desk:together_{act}"),
        "title": title,
        "crumbs": crumbs_of(title),
    }
    return render(request, "desk/cases/going_on.html", more)


def done_before(request: HttpRequest, act: str) -> Acted:
    """What the portions before found; nothing where the page did not come from here. It is only shown: the cases are where they are."""
    try:
        told = signing.loads(request.POST.get("so_far", ""), salt=_salt(request, act))
    except signing.BadSignature:
        return Acted()
    keys = [*told["done"], *told["signed"], *(key for key, _reason in told["left"])]
    seen = {case.pk: case for case in queries.visible_cases(actor(request)).filter(pk__in=keys)}
    return Acted(
        done=[seen[key] for key in told["done"] if key in seen],
        signed=[seen[key] for key in told["signed"] if key in seen],
        left=[(seen[key], reason) for key, reason in told["left"] if key in seen],
        gone=told["gone"],
    )


def _salt(request: HttpRequest, act: str) -> str:
    return f"desk.together.{act}.{actor(request).account_id}"


def crumbs_of(title: str) -> list[Crumb]:
    """From the list of cases to a screen of many of that title."""
    return [Crumb(_("办件"), reverse("desk:cases")), Crumb(title)]


def _page(request: HttpRequest, more: dict[str, Any], status: int = 200) -> HttpResponse:
    me, on = actor(request), office_date()
    policy, division = request.GET.get("policy", ""), request.GET.get("division", "")
    whole = queries.ready_to_approve(me, on=on)
    ready = queries.ready_to_approve(me, on=on, policy_id=policy[:60], division=division[:12])
    names = policy_names(whole.order_by("policy_id").values_list("policy_id", flat=True).distinct())
    listed = not more.keys() & {"found", "acted", "undoing"}
    context = {
        "rows": together_rows(ready[:MOST_TOGETHER], on=on) if listed else [],
        "number": ready.count(),
        "most": MOST_TOGETHER,
        "policies": sorted(names.items(), key=lambda row: row[1]),
        "policy": policy,
        "crumbs": crumbs_of(_("批量审批")),
        "found": None,
        "acted": None,
        "undone": None,
        "undoing": more["acted"].done if "acted" in more else (),
        "left": None,
    }
    return render(request, "desk/cases/together.html", context | more, status=status)
