"""A resident's (and an employer's) matters: what can be done, one form, its papers, where it is."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from jiuye.office.matters import operations, queries
from jiuye.office.matters.access import MatterNotFoundError
from jiuye.office.matters.models import Evidence
from jiuye.office.matters.queries import MatterView
from jiuye.portals.common.actors import actor, allowed, now, office_date
from jiuye.portals.common.attempts import attempt
from jiuye.portals.common.cases import clauses_of
from jiuye.portals.common.components import Crumb
from jiuye.portals.common.matters import (
    answer_form,
    ground_of,
    hand_in,
    item_name,
    keep_form,
    shown_answers,
    sources_of,
    steps_of,
)
from jiuye.portals.common.responses import file_response
from jiuye.portals.resident.marks import rating_context, take_mark
from jiuye.portals.resident.matters.presenting import menu_cards

MINE_TO_FILL = ("draft", "correction_requested")
APPLICANT = {"resident": "person", "employer": "employer"}


@allowed("own.see")
@require_safe
def services(request: HttpRequest) -> HttpResponse:
    """What happened to you, each with one form for all that it calls for (就业一件事); below it every item by itself."""
    me = actor(request)
    return render(
        request,
        "resident/matters/services.html",
        {"cards": menu_cards(queries.menu(me)), "events": queries.life_events_for(me)},
    )


@allowed("own.confirm")
@require_POST
def start(request: HttpRequest, item_id: str) -> HttpResponse:
    """Open the form of one item; an open one is gone on with."""
    me = actor(request)
    opened = attempt(
        request,
        lambda: operations.start(
            actor=me,
            item_id=item_id,
            applicant_kind=APPLICANT[me.kind],
            applicant_id=int(me.subject_key),
            on=office_date(),
            at=now(),
        ),
        done="",
    )
    return redirect("resident:matter", opened.pk) if opened is not None else redirect("resident:services")


@allowed("own.see")
@require_safe
def matter(request: HttpRequest, matter_id: int) -> HttpResponse:
    """The form while it is one's own to fill in; afterwards where the matter is, who has it, until when."""
    return _page(request, _view(request, matter_id), {})


@allowed("own.confirm")
@require_POST
def save(request: HttpRequest, matter_id: int) -> HttpResponse:
    """Keep what is filled in. The fields are drawn again only where the answers change which are asked."""
    return keep_form(request, matter_id, partial(_view, request, matter_id))


@allowed("own.confirm")
@require_POST
def submit(request: HttpRequest, matter_id: int) -> HttpResponse:
    """Hand the form in, or in again after a correction. What is wrong is said at its field; nothing is lost."""
    for name in request.FILES:
        keep = partial(_attach, request, matter_id, name.removeprefix("file-"), keep_form=True)
        if attempt(request, keep, done="") is None:
            return redirect("resident:matter", matter_id)
    handed = hand_in(request, matter_id)
    if handed.wrong:
        return _page(request, _view(request, matter_id), handed.wrong, status=422)
    return redirect("resident:matter", matter_id)


@allowed("own.confirm")
@require_POST
def attach(request: HttpRequest, matter_id: int) -> HttpResponse:
    """One paper for one point; what stands in the form beside it is kept with it."""
    evidence = request.POST.get("evidence", "")
    view = _view(request, matter_id)
    attempt(
        request,
        # A form that was open when it was handed in by somebody else is refused, and given back.
        lambda: _attach(
            request,
            matter_id,
            evidence,
            keep_form=any(row.question.id in request.POST for row in view.answers),
        ),
        done=_("材料已收到。"),
    )
    return redirect("resident:matter", matter_id)


def _attach(request: HttpRequest, matter_id: int, evidence: str, *, keep_form: bool) -> Evidence:
    file = request.FILES.get(f"file-{evidence}")
    return operations.attach(
        actor=actor(request),
        matter_id=matter_id,
        evidence_id=evidence,
        file_name=str(file.name) if file else "",
        content=file.read() if file else b"",
        answers=request.POST.dict() if keep_form else None,
        on=office_date(),
        at=now(),
    )


@allowed("own.confirm")
@require_POST
def withdraw(request: HttpRequest, matter_id: int) -> HttpResponse:
    """Take the matter back."""
    attempt(
        request,
        lambda: operations.withdraw(
            actor=actor(request),
            matter_id=matter_id,
            note=request.POST.get("note", ""),
            on=office_date(),
            at=now(),
        ),
        done=_("已撤回。"),
    )
    return redirect("resident:matter", matter_id)


@allowed("own.confirm")
@require_POST
def ask_review(request: HttpRequest, matter_id: int) -> HttpResponse:
    """Ask that a refusal be looked at again."""
    attempt(
        request,
        lambda: operations.ask_review(
            actor=actor(request),
            matter_id=matter_id,
            text=request.POST.get("note", ""),
            on=office_date(),
            at=now(),
        ),
        done=_("复核申请已提交，由另一位审批人员复核，结果会写在这里。"),
    )
    return redirect("resident:matter", matter_id)


@allowed("own.confirm")
@require_POST
def rate(request: HttpRequest, matter_id: int) -> HttpResponse:
    """Mark how one's ended matter was dealt with (好差评), once."""
    take_mark(request, matter_id=matter_id)
    return redirect("resident:matter", matter_id)


@allowed("own.see")
@require_safe
def paper(request: HttpRequest, evidence_id: int) -> HttpResponse:
    """One's own paper, as it was handed in."""
    try:
        name, kind, body = operations.read_file(
            actor=actor(request), evidence_id=evidence_id, purpose="", at=now()
        )
    except (MatterNotFoundError, PermissionError) as error:
        raise Http404(str(error)) from error
    return file_response(name, kind, body)


def _view(request: HttpRequest, matter_id: int) -> MatterView:
    try:
        return queries.own_matter(actor(request), matter_id, on=office_date())
    except MatterNotFoundError as error:
        raise Http404(str(error)) from error


def _page(
    request: HttpRequest, view: MatterView, wrong: Mapping[str, str], status: int = 200
) -> HttpResponse:
    mine = view.matter.state in MINE_TO_FILL
    told = view.conditions.as_dict() if view.conditions is not None else view.matter.receipt
    return render(
        request,
        "resident/matters/one.html",
        {
            "view": view,
            "matter": view.matter,
            "title": item_name(view.matter),
            "form": answer_form(request, view, wrong) if mine else None,
            "answers": shown_answers(view),
            "sources": sources_of(view),
            "refusal_ground": ground_of(view),
            "steps": steps_of(view, for_applicant=True),
            **rating_context(view.matter, reverse("resident:rate_matter", args=[view.matter.pk])),
            "clauses": clauses_of(told or {}),
            "crumbs": [Crumb(_("办事"), "/my/services/"), Crumb(item_name(view.matter))],
        },
        status=status,
    )
