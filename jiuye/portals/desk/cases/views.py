"""Cases: today's work, the list, one case with everything about it, and the acts on it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from jiuye.office.casework import operations, queries
from jiuye.office.casework.access import CaseNotFoundError
from jiuye.office.casework.corrections import points_of
from jiuye.office.casework.packrules import rules
from jiuye.office.casework.proofs import TAKES_PAPERS
from jiuye.office.casework.queries.one import CaseView
from jiuye.office.casework.shown_met import met_clauses
from jiuye.office.casework.states import ACT_NAMES, STATE_LEVELS, STATES, label
from jiuye.office.conduct import queries as conduct
from jiuye.office.conduct.deadlines import beyond_soon_services
from jiuye.office.funds import queries as funds
from jiuye.office.matters import queries as matters
from jiuye.office.matters.models import PromisedService
from jiuye.office.messages.queries import told_about
from jiuye.office.staff.queries import Actor
from jiuye.portals.common.actors import actor, allowed, now, office_date
from jiuye.portals.common.attempts import attempt, attempt_form
from jiuye.portals.common.cases import clauses_of, steps_of
from jiuye.portals.common.components import Crumb, Table
from jiuye.portals.common.forms import ObjectionForm, ResolutionForm, StateFilter
from jiuye.portals.common.responses import file_response
from jiuye.portals.common.slices import slice_asked
from jiuye.portals.common.templatetags.jiuye import content
from jiuye.portals.common.views.posts import waits_for_administrator
from jiuye.portals.common.words import audience_of
from jiuye.portals.desk.cases.acts import ACTS
from jiuye.portals.desk.cases.forms import AskReviewForm, ReviewForm
from jiuye.portals.desk.cases.presenting import (
    account_to_confirm,
    act_buttons,
    case_facts,
    case_table,
    check_table,
    payee_to_confirm,
)
from jiuye.portals.desk.cases.steps_together import links_for
from jiuye.portals.desk.contacts.presenting import card_of, with_contacts
from jiuye.portals.desk.doubts.presenting import doubt_cards
from jiuye.portals.desk.loans.presenting import loan_table
from jiuye.portals.desk.matters.presenting import owed_table, review_table
from jiuye.portals.desk.past import as_asked, at_value, past_links
from jiuye.portals.desk.payments.presenting import claim_table
from jiuye.portals.desk.people.speaking import speaking_of
from jiuye.portals.desk.refusals import REFUSALS
from jiuye.portals.desk.told import told_table
from jiuye.portals.desk.work.presenting import (
    EMPTY,
    holder_cells,
    reviews_table,
    whose_asked,
    whose_tabs,
    work_of,
)

PAGE_SIZE = 30
REVIEWS_SHOWN = 20  # of today's page; the next ones move up as these are answered
LISTED = 10  # of loans and reviews that wait for this officer; the others stand on pages of their own
SERVICES_SHOWN = 10  # the others stand on the page of all that is owed
# What a list does not show, of the columns that cost most to read: the receipt is a page of JSON, the account is deciphered.
NOT_LISTED = ("receipt", "payee_account")
BY_DEADLINE = "the index of deadlines orders cases, which row policies would have sorted anew"


@allowed("desk.open")
@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """What waits for this actor, the most urgent first, and the figures around it."""
    me, on = actor(request), office_date()
    if not me.may("casework.see"):
        return render(request, "desk/welcome.html", waits_for_administrator(me, on=on))
    soon = beyond_soon_services(on)
    whose = whose_asked(request)
    at_hand = conduct.cases_at_hand(me, whose, on=on).defer(*NOT_LISTED)
    page = slice_asked(
        request,
        at_hand,
        size=PAGE_SIZE,
        leaving=BY_DEADLINE,
        beside=lambda: conduct.todays_figures(me, on=on, soon=soon),
    )
    figures: conduct.TodaysFigures = page.beside
    loans = list(conduct.loans_at_hand(me, whose, on=on)[:LISTED]) if figures.loans else []
    holders = holder_cells([*page.rows, *loans], on=on)
    table = case_table(
        page.rows,
        on=on,
        caption=_("今日待办"),
        empty_title=EMPTY[whose],
        empty_text=_("可以到“应享未享”看看还有谁没有领到。") if whose == "all" else "",
        holders=holders,
        audience=audience_of(me),
    )
    reviews = conduct.reviews_at_hand(me, [kind for kind, number in figures.reviews.items() if number])
    due_reviews = matters.reviews_to_answer(me)[:LISTED] if figures.due_reviews else []
    services = _services(me, on=on, soon=soon) if figures.services else []
    context = {
        "table": table,
        "page": page,
        "counts": figures.counts,
        "on": on,
        "waiting_matters": figures.waiting_matters,
        "tabs_items": whose_tabs(whose),
        "to_answer": figures.to_answer,
        "doubts": figures.doubts,
        "may_contact": me.may("conduct.contact"),
        "reviews_table": reviews_table(reviews[:REVIEWS_SHOWN], on=on),
        "waiting_reviews": len(reviews),
        "services_table": owed_table(services[:SERVICES_SHOWN], on=on, caption=_("快到期和逾期的服务")),
        "more_services": len(services) > SERVICES_SHOWN,
        "loans_table": loan_table(
            loans, on=on, caption=_("贷款申请等我审核"), holders=holders, empty_title=EMPTY[whose]
        ),
        "waiting_loans": figures.loans,
        "due_reviews_table": review_table(due_reviews, on=on, caption=_("到期复核等我办理")),
        "waiting_due_reviews": figures.due_reviews,
        "late_services": figures.late_services,
        "late_up": figures.late_up,
    }
    return render(request, "desk/today.html", context)


def _services(me: Actor, *, on: date, soon: date) -> list[PromisedService]:
    """The services due soon, and one more than are shown where there are more."""
    due = matters.with_work(matters.services_to_give(me, until=soon), on=on)
    return list(due[: SERVICES_SHOWN + 1])


@allowed("casework.see")
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Every case of the actor's divisions, by number, name and state."""
    audience = audience_of(actor(request))
    form = StateFilter(request.GET, [(state, _(label(state, audience))) for state in STATES])
    asked = form.cleaned_data if form.is_valid() else {}
    found = queries.search_cases(actor(request), words=asked.get("q", ""), state=asked.get("state", ""))
    found = found.defer(*NOT_LISTED)
    page = slice_asked(request, found, size=PAGE_SIZE, leaving=BY_DEADLINE)
    table = case_table(
        page.rows,
        on=office_date(),
        caption=_("办件"),
        empty_title=_("没有符合条件的办件"),
        empty_text=_("换一个编号、姓名或状态再找。"),
        audience=audience,
    )
    return render(
        request,
        "desk/cases/list.html",
        {"form": form, "table": table, "page": page, "together": links_for(actor(request))},
    )


def _beside_the_acts(me: Actor, view: CaseView) -> dict[str, Any]:
    """The forms about the payee and about a refusal: of now, for this actor, who is no relative."""
    case = view.case
    theirs = view.as_of is None and not view.not_theirs

    def may(*permissions: str) -> bool:
        return theirs and any(me.may(one, case.division_code) for one in permissions)

    looks_after = may("casework.accept", "casework.review")
    asks = case.state == "refused" and may("casework.confirm_on_behalf")
    return {
        "may_refresh": looks_after and payee_to_confirm(view),
        "shared_account": account_to_confirm(view) if looks_after or may("casework.approve") else "",
        "ask_review_form": AskReviewForm() if asks else None,
        "review_form": ReviewForm(prefix="v") if may("casework.approve") else None,
    }


@allowed("casework.see")
@require_safe
def detail(request: HttpRequest, case_id: int) -> HttpResponse:
    """One case: where it is, who has it, what happened, what was checked, and what this actor may do."""
    me, on = actor(request), office_date()
    try:
        view = as_asked(
            request,
            lambda: queries.one_case(me, case_id, on=on),
            lambda moment: queries.as_it_was(queries.one_case(me, case_id, on=on, past=True), moment),
        )
    except CaseNotFoundError as error:
        raise Http404(str(error)) from error
    case = view.case
    noted = (
        card_of(me, case, on=on)
        if view.as_of is None and me.may("registry.see", case.division_code)
        else None
    )
    steps = past_links(steps_of(view), view.timeline, reverse("desk:case", args=[case.pk]))
    return render(
        request,
        "desk/cases/one.html",
        {
            "view": view,
            "at_value": at_value(view.as_of or now()),
            "may_see_original": view.as_of is None
            and case.state in TAKES_PAPERS
            and me.may("casework.confirm_on_behalf", case.division_code),
            **_beside_the_acts(me, view),
            "case": case,
            "work": work_of(me, case, view.acts, on=on, theirs=not view.not_theirs)
            if view.as_of is None
            else None,
            "crumbs": [Crumb(_("办件"), reverse("desk:cases")), Crumb(case.number)],
            "state_word": _(label(case.state, audience_of(me))),
            "state_level": STATE_LEVELS[case.state],
            "facts_rows": case_facts(view),
            "person_url": reverse("desk:person", args=[case.person_id])
            if case.recipient_kind == "person" and me.may("registry.see", case.division_code)
            else "",
            "employer_url": reverse("desk:employer", args=[case.employer_id])
            if case.recipient_kind == "employer" and me.may("registry.see", case.division_code)
            else "",
            "payee_tail": f"**** {case.payee_account[-4:]}",
            "speaking": speaking_of(me, case, on=on) if view.as_of is None and not view.not_theirs else None,
            "contacts": noted,
            "steps": with_contacts(steps, noted) if noted is not None else steps,
            "checks": check_table(view.checks),
            "told": told_table(
                told_about(me, f"case:{case.pk}", permission="casework.see"),
                "desk:case_letter",
                case.pk,
                until=view.as_of,
            ),
            "clauses": clauses_of(case.receipt),
            "doubts": doubt_cards(view.doubts),
            "may_clear": view.may_clear,
            "amount_how": content(case.receipt, "amount_how"),
            "may_see_version": actor(request).may("entitlements.see"),
            "buttons": act_buttons(view),
            "correction_points": points_of(case, rules()) if view.may("request_correction") else (),
            "clause_choices": rules().terms(case.policy_id).clauses if view.may("refuse") else (),
            "met_clauses": met_clauses(case.receipt),
            "money": _money(me, view),
            "may_claim_back": view.as_of is None
            and not view.not_theirs
            and case.state == "paid"
            and me.may("funds.recover", case.division_code),
            "may_answer": view.as_of is None and me.may("casework.settle", case.division_code),
            "objection_form": ObjectionForm() if _may_object(me, view) else None,
            "resolution_form": ResolutionForm(prefix="r") if view.as_of is None and view.may_settle else None,
        },
    )


def _money(me: Actor, view: CaseView) -> Table | None:
    """The ledger's entries for a case that was approved, those of the moment that is shown."""
    if view.case.approved_on is None or not me.may("funds.see"):
        return None
    entries = funds.claim_transfers(actor=me, claim_key=view.case.claim_key)
    return claim_table(entries.filter(at__lte=view.as_of) if view.as_of is not None else entries)


def _may_object(me: Actor, view: CaseView) -> bool:
    return view.as_of is None and bool(
        view.case.state == "publicised" and me.may("casework.publicise", view.case.division_code)
    )


@allowed("casework.see")
@require_POST
def take_act(request: HttpRequest, case_id: int, act: str) -> HttpResponse:
    """One act of the table on one case."""
    take = ACTS.get(act)
    if take is None:
        raise Http404(_("没有这个办理事项。"))
    done = _("“%(act)s”已办理。") % {"act": _(ACT_NAMES[act])}
    try:
        attempt(request, lambda: take(request, case_id), done=done, refusals=REFUSALS)
    except CaseNotFoundError as error:
        raise Http404(str(error)) from error
    return redirect("desk:case", case_id)


@allowed("casework.publicise")
@require_POST
def add_objection(request: HttpRequest, case_id: int) -> HttpResponse:
    """Put on record what somebody objects to."""
    form = ObjectionForm(request.POST)
    attempt_form(
        request, form, operations.object_to, done=_("异议已登记；处理完毕以前不能审批。"), case_id=case_id
    )
    return redirect("desk:case", case_id)


@allowed("casework.settle")
@require_POST
def resolve_objection(request: HttpRequest, objection_id: int) -> HttpResponse:
    """Answer an objection."""
    form = ResolutionForm(request.POST, prefix="r")
    case_id = queries.case_of_objection(actor(request), objection_id)
    attempt_form(
        request, form, operations.resolve_objection, done=_("异议已处理。"), objection_id=objection_id
    )
    return redirect("desk:case", case_id)


@allowed("casework.see")
@require_POST
def show_original(request: HttpRequest, case_id: int) -> HttpResponse:
    """An original was seen at the counter."""
    evidence = str(request.POST.get("evidence", ""))
    attempt(
        request,
        lambda: operations.show_original(
            actor=actor(request),
            case_id=case_id,
            evidence_id=evidence,
            said=str(request.POST.get(f"said-{evidence}", "")),
            on=office_date(),
            at=now(),
        ),
        done=_("已记下核对的原件。"),
    )
    return redirect("desk:case", case_id)


@allowed("casework.see")
@require_POST
def paper(request: HttpRequest, evidence_id: int) -> HttpResponse:
    """A paper that was handed in; the look is recorded with its purpose before it is shown."""
    try:
        name, kind, body = operations.read_file(
            actor=actor(request),
            evidence_id=evidence_id,
            purpose=str(request.POST.get("purpose", "")),
            at=now(),
        )
    except CaseNotFoundError as error:
        raise Http404(str(error)) from error
    return file_response(name, kind, body)


@allowed("casework.confirm_on_behalf")
@require_POST
def ask_review(request: HttpRequest, case_id: int) -> HttpResponse:
    """Put on record that the applicant does not agree with a refusal."""
    form = AskReviewForm(request.POST)
    attempt_form(
        request,
        form,
        operations.ask_review,
        done=_("已登记复核申请，由另一位审批人员复核。"),
        case_id=case_id,
    )
    return redirect("desk:case", case_id)


@allowed("casework.approve")
@require_POST
def decide_review(request: HttpRequest, review_id: int) -> HttpResponse:
    """Uphold a refusal, or overturn it."""
    form = ReviewForm(request.POST, prefix="v")
    case_id = queries.case_of_review(actor(request), review_id)
    attempt_form(
        request, form, operations.decide_review, done=_("复核已办理。"), review_id=review_id, rules=rules()
    )
    return redirect("desk:case", case_id)
