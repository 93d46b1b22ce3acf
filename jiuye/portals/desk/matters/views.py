"""Matters on the desk: what waits, one matter with its form and papers, the acts on it, services still owed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from jiuye.office.conduct import queries as conduct
from jiuye.office.matters import operations, queries
from jiuye.office.matters.access import MatterNotFoundError
from jiuye.office.matters.queries import MatterView
from jiuye.office.matters.states import ACT_NAMES, STEP_ACTS
from jiuye.office.staff.queries import Actor
from jiuye.portals.common.actors import actor, allowed, now, office_date
from jiuye.portals.common.attempts import attempt, attempt_form
from jiuye.portals.common.cases import clauses_of
from jiuye.portals.common.components import Crumb, Tab
from jiuye.portals.common.forms import ObjectionForm, ResolutionForm, StateFilter
from jiuye.portals.common.matters import (
    ground_of,
    item_name,
    shown_answers,
    state_of,
    state_words,
    steps_of,
)
from jiuye.portals.common.responses import file_response
from jiuye.portals.common.slices import slice_asked
from jiuye.portals.common.words import audience_of
from jiuye.portals.desk.cases.forms import AskReviewForm, ReviewForm
from jiuye.portals.desk.contacts.presenting import card_of, with_contacts
from jiuye.portals.desk.matters.presenting import (
    act_buttons,
    asks_contract_day,
    draft_table,
    end_reasons,
    looks_of,
    matter_facts,
    matter_table,
    owed_table,
    review_table,
    services_table,
)
from jiuye.portals.desk.matters.services import closing_of
from jiuye.portals.desk.past import as_asked, at_value, past_links
from jiuye.portals.desk.people.speaking import speaking_of
from jiuye.portals.desk.refusals import REFUSALS
from jiuye.portals.desk.told import told_table
from jiuye.portals.desk.work.presenting import holder_cells, whose_asked, whose_tabs, work_of

PAGE_SIZE = 30


@allowed("matters.see")
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """What waits for this actor, or every matter of the divisions by number, name and state."""
    me, on = actor(request), office_date()
    if request.GET.get("view") == "drafts":
        return _drafts(request)
    whole = request.GET.get("view") == "all"
    form = StateFilter(request.GET, state_words(audience_of(me)))
    asked = form.cleaned_data if form.is_valid() else {}
    whose = "" if whole else whose_asked(request)
    found = (
        queries.search_matters(me, words=asked.get("q", ""), state=asked.get("state", ""))
        if whole
        else conduct.matters_at_hand(me, whose, on=on)
    )
    page = slice_asked(request, found, size=PAGE_SIZE)
    table = matter_table(
        page.rows,
        on=on,
        caption=_("事项"),
        empty=_("没有符合条件的事项") if whole else _("没有等您办理的事项"),
        holders=None if whole else holder_cells(page.rows, on=on),
        audience=audience_of(me),
    )
    tabs = _tabs(request, whose, "all" if whole else "")
    context = {"table": table, "page": page, "tabs_items": tabs, "form": form if whole else None}
    return render(request, "desk/matters/list.html", context)


def _drafts(request: HttpRequest) -> HttpResponse:
    """What was begun at the counter and not handed in, whoever began it: each goes on where it was left."""
    page = slice_asked(request, queries.counter_drafts(actor(request)), size=PAGE_SIZE)
    context = {
        "table": draft_table(page.rows),
        "page": page,
        "tabs_items": _tabs(request, None, "drafts"),
        "form": None,
    }
    return render(request, "desk/matters/list.html", context)


def _tabs(request: HttpRequest, whose: str | None, view: str) -> list[Tab]:
    """Whose work, every matter, and for whoever fills in forms at the counter those that are not handed in."""
    tabs = [
        *whose_tabs(whose if whose is not None else "—"),
        Tab(_("辖区全部"), "?view=all", current=view == "all"),
    ]
    if actor(request).may("matters.start_on_behalf"):
        tabs.append(Tab(_("窗口草稿"), "?view=drafts", current=view == "drafts"))
    return tabs


@allowed("matters.see")
@require_safe
def owed(request: HttpRequest) -> HttpResponse:
    """Promised services that are still owed, or those of them that are late, the earliest first; the counties' figures below."""
    me, on = actor(request), office_date()
    late = request.GET.get("view") == "late"
    found = queries.with_work(queries.promises(me, until=on if late else None), on=on)
    page = slice_asked(request, found, size=PAGE_SIZE)
    context = {
        "table": owed_table(page.rows, on=on, empty=_("没有逾期的服务") if late else ""),
        "page": page,
        "counties": services_table(queries.services_by_county(me, on=on)),
        "tabs_items": [
            Tab(_("还欠的服务"), "?", current=not late),
            Tab(_("其中逾期的"), "?view=late", current=late),
        ],
    }
    return render(request, "desk/matters/owed.html", context)


@allowed("matters.see")
@require_safe
def reviews(request: HttpRequest) -> HttpResponse:
    """What was granted and is due to be looked at again, the earliest first."""
    page = slice_asked(request, queries.reviews_due(actor(request)), size=PAGE_SIZE)
    return render(
        request,
        "desk/matters/reviews.html",
        {"table": review_table(page.rows, on=office_date()), "page": page},
    )


@allowed("matters.check")
@require_POST
def confirm_review(request: HttpRequest, review_id: int) -> HttpResponse:
    """A review is answered: what was granted goes on."""
    matter_id = _found(lambda: queries.matter_of_review(actor(request), review_id))
    attempt(
        request,
        lambda: operations.confirm_review(
            actor=actor(request),
            review_id=review_id,
            note=request.POST.get("note", ""),
            on=office_date(),
            at=now(),
        ),
        done=_("已记下复核结果，认定继续有效。"),
    )
    return redirect("desk:matter", matter_id)


@allowed("matters.check")
@require_POST
def add_objection(request: HttpRequest, matter_id: int) -> HttpResponse:
    """Put on record what somebody objects to a matter's notice."""
    form = ObjectionForm(request.POST)
    _view(request, matter_id)
    attempt_form(
        request, form, operations.object_to, done=_("异议已登记；处理完毕以前不能办结。"), matter_id=matter_id
    )
    return redirect("desk:matter", matter_id)


@allowed("matters.decide")
@require_POST
def resolve_objection(request: HttpRequest, objection_id: int) -> HttpResponse:
    """Answer an objection to a matter's notice."""
    form = ResolutionForm(request.POST, prefix="r")
    matter_id = _found(lambda: queries.matter_of_objection(actor(request), objection_id))
    attempt_form(
        request, form, operations.resolve_objection, done=_("异议已处理。"), objection_id=objection_id
    )
    return redirect("desk:matter", matter_id)


@allowed("matters.start_on_behalf")
@require_POST
def ask_review(request: HttpRequest, matter_id: int) -> HttpResponse:
    """Put on record that the applicant does not agree with a refusal."""
    form = AskReviewForm(request.POST)
    attempt_form(
        request,
        form,
        operations.ask_review,
        done=_("已登记复核申请，由另一位审批人员复核。"),
        matter_id=matter_id,
    )
    return redirect("desk:matter", matter_id)


@allowed("matters.decide")
@require_POST
def decide_review(request: HttpRequest, review_id: int) -> HttpResponse:
    """Uphold a refusal, or overturn it."""
    form = ReviewForm(request.POST, prefix="v")
    matter_id = _found(lambda: queries.matter_of_refusal_review(actor(request), review_id))
    attempt_form(request, form, operations.decide_review, done=_("复核已办理。"), review_id=review_id)
    return redirect("desk:matter", matter_id)


@allowed("matters.see")
@require_safe
def detail(request: HttpRequest, matter_id: int) -> HttpResponse:
    """One matter: its form, its papers, whether its conditions hold, what happened, and what this actor may do."""
    me, on = actor(request), office_date()
    try:
        view = as_asked(
            request,
            lambda: queries.seen_matter(me, matter_id, on=on),
            lambda moment: queries.as_it_was(queries.seen_matter(me, matter_id, on=on, past=True), moment),
        )
    except MatterNotFoundError as error:
        raise Http404(str(error)) from error
    matter = view.matter
    sees_people = me.may("registry.see", matter.division_code)
    noted = card_of(me, matter, on=on) if view.as_of is None and sees_people else None
    checked = view.conditions.as_dict() if view.conditions is not None else matter.receipt
    address = reverse("desk:matter", args=[matter.pk])
    steps = past_links(
        steps_of(view), view.timeline, address, shown=lambda event: queries.may_be_seen([event])
    )
    return render(
        request,
        "desk/matters/one.html",
        {
            "view": view,
            "at_value": at_value(view.as_of or now()),
            "matter": matter,
            **_to_do(me, view, on=on),
            "title": item_name(matter),
            "state": state_of(matter, audience_of(me)),
            "crumbs": [Crumb(_("事项"), reverse("desk:matters")), Crumb(matter.number)],
            "facts_rows": matter_facts(view),
            "answers": shown_answers(view),
            "contacts": noted,
            "refusal_ground": ground_of(view),
            "steps": with_contacts(steps, noted) if noted is not None else steps,
            "clauses": clauses_of(checked or {}),
            "person_url": reverse("desk:person", args=[matter.person_id])
            if matter.person_id and sees_people
            else "",
            "employer_url": reverse("desk:employer", args=[matter.employer_id])
            if matter.employer_id and sees_people
            else "",
            "on": on,
            "looks": looks_of(view),
            "end_reasons": end_reasons(view),
            "asks_contract_day": asks_contract_day(view),
            "told": told_table(view.told, "desk:matter_letter", matter.pk, until=view.as_of),
        },
    )


def _to_do(me: Actor, view: MatterView, *, on: date) -> dict[str, Any]:
    """What this actor may do with the matter, and who has it in hand: of now, and nothing of a past moment."""
    matter, of_now = view.matter, view.as_of is None
    theirs = of_now and not view.not_theirs

    def may(*permissions: str) -> bool:
        return of_now and any(me.may(one, matter.division_code) for one in permissions)

    return {
        "buttons": act_buttons(view),
        "work": work_of(me, matter, view.acts, on=on, theirs=theirs) if of_now else None,
        "speaking": speaking_of(me, matter, on=on) if theirs else None,
        "closing": closing_of(me, view, on=on) if of_now else {},
        "may_serve": theirs and may("matters.serve"),
        "may_see_original": view.open and may("matters.start_on_behalf"),
        "may_answer": may("matters.review", "matters.decide"),
        "ask_review_form": AskReviewForm() if view.may_ask_review else None,
        "review_form": ReviewForm(prefix="v") if view.may_decide_review else None,
        "objection_form": ObjectionForm() if view.may_object else None,
        "resolution_form": ResolutionForm(prefix="r") if view.may_resolve else None,
    }


@allowed("matters.see")
@require_POST
def take_act(request: HttpRequest, matter_id: int, act: str) -> HttpResponse:
    """One act of the table on one matter."""
    me, on, at = actor(request), office_date(), now()
    note = request.POST.get("note", "")
    view = _view(request, matter_id)
    names = [row.question.id for row in view.answers] + [proof.row.id for proof in view.proofs]
    acts = {
        "request_correction": lambda: operations.request_correction(
            actor=me,
            matter_id=matter_id,
            corrections={name: request.POST.get(f"c-{name}", "") for name in names},
            on=on,
            at=at,
        ),
        "refuse": lambda: operations.refuse(
            actor=me, matter_id=matter_id, clause_id=request.POST.get("clause", ""), note=note, on=on, at=at
        ),
        "withdraw": lambda: operations.withdraw(actor=me, matter_id=matter_id, note=note, on=on, at=at),
        "end": lambda: operations.end_granted(
            actor=me,
            matter_id=matter_id,
            reason=request.POST.get("reason", ""),
            note=note,
            ended_from=_day_or(request.POST.get("from", ""), on),
            retained_on=_day(request.POST.get("retained_on", "")),
            on=on,
            at=at,
        ),
    }
    acts |= {
        step: lambda: operations.take(actor=me, matter_id=matter_id, act=act, note=note, on=on, at=at)
        for step in STEP_ACTS
    }
    if act not in acts:
        raise Http404(_("没有这个办理事项。"))
    done = _("“%(act)s”已办理。") % {"act": _(ACT_NAMES[act])}
    attempt(request, acts[act], done=done, refusals=REFUSALS)
    return redirect("desk:matter", matter_id)


@allowed("matters.see")
@require_POST
def paper(request: HttpRequest, evidence_id: int) -> HttpResponse:
    """A paper that was handed in; the look is recorded with its purpose before it is shown."""
    try:
        name, kind, body = operations.read_file(
            actor=actor(request), evidence_id=evidence_id, purpose=request.POST.get("purpose", ""), at=now()
        )
    except MatterNotFoundError as error:
        raise Http404(str(error)) from error
    return file_response(name, kind, body)


def _day_or(text: str, otherwise: date) -> date:
    return _day(text) or otherwise


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _found(look: Callable[[], int]) -> int:
    try:
        return look()
    except MatterNotFoundError as error:
        raise Http404(str(error)) from error


def _view(request: HttpRequest, matter_id: int) -> MatterView:
    try:
        return queries.seen_matter(actor(request), matter_id, on=office_date())
    except MatterNotFoundError as error:
        raise Http404(str(error)) from error
