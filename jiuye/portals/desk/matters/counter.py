"""At the counter: a matter begun for somebody, its form filled in and kept field by field, its papers seen."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiuye.office.matters import operations, queries
from jiuye.office.matters.access import MatterNotFoundError
from jiuye.office.matters.models import Matter
from jiuye.office.matters.states import TO_FILL
from jiuye.office.ventures.rules import kind_of_item
from jiuye.portals.common.actors import actor, allowed, now, office_date
from jiuye.portals.common.attempts import attempt
from jiuye.portals.common.components import Crumb
from jiuye.portals.common.matters import (
    answer_form,
    hand_in,
    item_name,
    keep_form,
)
from jiuye.portals.desk.people.authorities import chosen
from jiuye.portals.desk.people.speaking import speaking_of


@allowed("matters.start_on_behalf")
@require_POST
def start(request: HttpRequest, person_id: int) -> HttpResponse:
    """Begin a matter for a resident at the counter, or for a relative with an authority on record; a loan is applied for as such."""
    if kind_of_item(request.POST.get("item", "")) is not None:
        return redirect(f"{reverse('desk:loan_begin')}?person={person_id}")
    opened = _begun(request, "person", person_id)
    return (
        redirect("desk:fill_matter", opened.pk) if opened is not None else redirect("desk:person", person_id)
    )


@allowed("matters.start_on_behalf")
@require_POST
def start_employer(request: HttpRequest, employer_id: int) -> HttpResponse:
    """Begin a matter for an employer at the counter; a loan is applied for as such."""
    if (kind := kind_of_item(request.POST.get("item", ""))) is not None:
        return redirect(f"{reverse('desk:loan_begin')}?employer={employer_id}&kind={kind}")
    opened = _begun(request, "employer", employer_id)
    if opened is None:
        return redirect("desk:employer", employer_id)
    return redirect("desk:fill_matter", opened.pk)


def _begun(request: HttpRequest, kind: str, key: int) -> Matter | None:
    authority_id = chosen(request) if kind == "person" else None
    return attempt(
        request,
        lambda: operations.start(
            actor=actor(request),
            item_id=request.POST.get("item", ""),
            applicant_kind=kind,
            applicant_id=key,
            way="on_behalf" if authority_id is None else "relative",
            authority_id=authority_id,
            on=office_date(),
            at=now(),
        ),
        done="",
    )


@allowed("matters.start_on_behalf")
def fill_in(request: HttpRequest, matter_id: int) -> HttpResponse:
    """The form of a draft or of a correction, filled in at the counter for the applicant, and handed in."""
    view = _at_counter(request, matter_id)
    wrong: Mapping[str, str] = {}
    if request.method == "POST":
        handed = hand_in(request, matter_id)
        view, wrong = _at_counter(request, matter_id), handed.wrong
        if not wrong:
            fill_again = not handed.done and view.matter.state in TO_FILL
            return redirect("desk:fill_matter" if fill_again else "desk:matter", matter_id)
    if view.matter.state not in TO_FILL:
        return redirect("desk:matter", matter_id)
    context = {
        "view": view,
        "matter": view.matter,
        "title": item_name(view.matter),
        "form": answer_form(request, view, wrong),
        "speaking": speaking_of(actor(request), view.matter, on=office_date()),
        "crumbs": [Crumb(_("事项"), reverse("desk:matters")), Crumb(item_name(view.matter))],
    }
    return render(request, "desk/matters/form.html", context, status=422 if wrong else 200)


@allowed("matters.start_on_behalf")
@require_POST
def save_form(request: HttpRequest, matter_id: int) -> HttpResponse:
    """Keep what is filled in at the counter, field by field: a session that ends or a browser that closes loses nothing."""
    return keep_form(request, matter_id, partial(_at_counter, request, matter_id))


def _at_counter(request: HttpRequest, matter_id: int) -> queries.MatterView:
    try:
        return queries.counter_matter(actor(request), matter_id, on=office_date())
    except MatterNotFoundError as error:
        raise Http404(str(error)) from error


@allowed("matters.start_on_behalf")
@require_POST
def show_original(request: HttpRequest, matter_id: int) -> HttpResponse:
    """An original was seen at the counter; where the form stands beside it, what was typed is kept with it."""
    evidence = request.POST.get("evidence", "")
    beside_form = request.POST.get("keep") == "form"
    attempt(
        request,
        lambda: operations.show_original(
            actor=actor(request),
            matter_id=matter_id,
            evidence_id=evidence,
            said=request.POST.get(f"said-{evidence}", ""),
            answers=request.POST.dict() if beside_form else None,
            on=office_date(),
            at=now(),
        ),
        done=_("已记下核对的原件。"),
    )
    return redirect("desk:fill_matter" if beside_form else "desk:matter", matter_id)
