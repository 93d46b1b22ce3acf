"""Start-up loans at the desk: the list with what is late, an application, one loan with what may be done now."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jiuye.office.casework.authorities import words_for_holder
from jiuye.office.conduct import queries as conduct
from jiuye.office.funds.operations import FundsRefusal
from jiuye.office.funds.states import BACK_LINE_STATES
from jiuye.office.registry.models import Person
from jiuye.office.registry.queries import visible_people
from jiuye.office.staff.queries import Actor
from jiuye.office.staff.refusals import Refusal
from jiuye.office.ventures import operations, queries
from jiuye.office.ventures.models import InterestSubsidy, Loan, LoanDraft
from jiuye.office.ventures.past import as_it_was
from jiuye.office.ventures.states import LoanRefusal
from jiuye.office.ventures.viewing import as_it_stands
from jiuye.portals.common.actors import actor, allowed, now, office_date
from jiuye.portals.common.attempts import attempt
from jiuye.portals.common.cases import clauses_of
from jiuye.portals.common.components import Crumb
from jiuye.portals.common.loans import keep_application
from jiuye.portals.common.slices import slice_asked
from jiuye.portals.desk.contacts.presenting import card_of, with_contacts
from jiuye.portals.desk.loans import forms as loan_forms
from jiuye.portals.desk.loans.acts import ACTS, done_words, form_of, open_acts
from jiuye.portals.desk.loans.extensions import due_table, extension_table
from jiuye.portals.desk.loans.papers import papers_context
from jiuye.portals.desk.loans.presenting import (
    OF_SOMEBODY,
    draft_table,
    empty_words,
    loan_facts,
    loan_steps,
    loan_table,
    quarter_words,
    repaid_table,
    state_cell,
    subsidy_table,
    takeover_facts,
    view_tabs,
)
from jiuye.portals.desk.loans.reviewing import review_forms
from jiuye.portals.desk.past import as_asked, at_value, past_links
from jiuye.portals.desk.told import told_table
from jiuye.portals.desk.work.presenting import holder_cells, work_of

REFUSALS: tuple[type[Exception], ...] = (LoanRefusal, FundsRefusal, Refusal)
PAGE_SIZE = 30


@allowed("ventures.see")
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """The loans of the actor's places, newest first: all of them, those that want something of somebody, or the applications that are in the
    actor's hand or in nobody's, the earliest promise first."""
    me, on = actor(request), office_date()
    may_begin = me.may("ventures.record")
    view, whose = request.GET.get("view", ""), request.GET.get("whose", "")
    if view == "drafts" and may_begin:
        return _drafts(request)
    may_answer = me.may("ventures.guarantee")
    whose = whose if may_answer and whose in OF_SOMEBODY else ""
    found = queries.loans(actor=me)
    if whose:
        found = conduct.loans_at_hand(me, whose, on=on)
    elif view in queries.WANTING:
        found = found.filter(queries.wanting(view, on=on))
    page = slice_asked(request, found, size=PAGE_SIZE)
    title, text = empty_words(view, whose)
    counts = queries.wanting_counted(actor=me, on=on)
    holders = holder_cells(page.rows, on=on)
    return render(
        request,
        "desk/loans/list.html",
        {
            "table": loan_table(page.rows, on=on, holders=holders, empty_title=title, empty_text=text),
            "page": page,
            "tabs_items": view_tabs(counts, view, whose, may_answer=may_answer, drafts=may_begin),
            "may_begin": may_begin,
        },
    )


def _drafts(request: HttpRequest) -> HttpResponse:
    """Applications that were begun at the counter and not handed in, whoever began them: each goes on where it was left."""
    me, on = actor(request), office_date()
    page = slice_asked(request, queries.counter_drafts(me), size=PAGE_SIZE)
    counts = queries.wanting_counted(actor=me, on=on)
    context = {
        "table": draft_table(page.rows),
        "page": page,
        "tabs_items": view_tabs(counts, "drafts", may_answer=me.may("ventures.guarantee"), drafts=True),
        "may_begin": True,
    }
    return render(request, "desk/loans/list.html", context)


@allowed("ventures.record")
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest) -> HttpResponse:
    """An application at the counter: for a founder whose page was open, for a firm, or by the number of the business."""
    founder, kept, form = _application(request)
    if form.is_bound and form.is_valid():
        values = form.cleaned_data
        loan = attempt(
            request,
            lambda: operations.apply_for(
                actor=actor(request),
                kind=values.get("kind", "personal"),
                employer_id=values["employer_id"],
                wanted_fen=values["wanted"],
                draft_id=kept.pk if kept is not None else None,
                on=office_date(),
                at=now(),
            ),
            done=_("申请已受理，等待担保审核。"),
            refusals=REFUSALS,
        )
        if loan is not None:
            return redirect("desk:loan", loan.pk)
    crumbs = [Crumb(_("创业担保贷款"), reverse("desk:loans")), Crumb(_("申请"))]
    return render(
        request,
        "desk/loans/form.html",
        {
            "form": form,
            "founder": founder,
            "colleagues": kept if kept is not None and kept.account_id != actor(request).account_id else None,
            "save_url": f"{reverse('desk:loan_save')}?{request.GET.urlencode()}",
            "no_business": founder is not None and not form.businesses,
            "crumbs": crumbs,
        },
        status=422 if form.is_bound else 200,
    )


@allowed("ventures.record")
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep what is filled in at the counter: a session that ends or a browser that closes loses nothing."""
    founder = _founder(request)
    return keep_application(request, _about(founder), _draft_id(request))


def _application(request: HttpRequest) -> tuple[Person | None, LoanDraft | None, forms.Form]:
    """Whose application, what was kept of it, and the form: with what is sent, else with what was kept. Raises Http404 for a draft that is gone."""
    data = request.POST if request.method == "POST" else None
    founder, draft_id = _founder(request), _draft_id(request)
    draft = operations.draft_of(actor=actor(request), about=_about(founder), draft_id=draft_id)
    if draft is None and draft_id is not None and data is None:
        raise Http404(_("没有这份草稿，或者已经提交。"))
    kept = draft.given if draft is not None else {}
    if founder is None:
        # A firm's page says for which firm; what was kept for another one is not put under its name.
        named = {name: request.GET[name] for name in ("employer", "kind") if request.GET.get(name)}
        if named.get("employer", kept.get("employer_id")) != kept.get("employer_id"):
            kept, draft = {}, None
        initial = {"employer_id": named.get("employer", ""), "kind": named.get("kind", "")} | kept
        return None, draft, loan_forms.ApplicationForm(data, initial=initial)
    running = queries.businesses_of(founder.pk, on=office_date())
    form = loan_forms.FounderForm(data, initial=kept, businesses=[(row.pk, row.name) for row in running])
    return founder, draft, form


def _draft_id(request: HttpRequest) -> int | None:
    """Which draft of the counter the address names."""
    asked = request.GET.get("draft", "")
    return int(asked) if asked.isdecimal() else None


def _founder(request: HttpRequest) -> Person | None:
    """Whose application the address is about; None where the business is named in the form. Raises Http404."""
    asked = request.GET.get("person", "")
    if not asked:
        return None
    if not asked.isdecimal():
        raise Http404(_("没有这位居民，或者不在您的管辖范围内。"))
    return get_object_or_404(visible_people(actor(request)), pk=int(asked))


def _about(founder: Person | None) -> str:
    return f"person:{founder.pk}" if founder is not None else ""


@allowed("ventures.see")
@require_safe
def one(request: HttpRequest, loan_id: int) -> HttpResponse:
    """One loan: how it stands (or stood), what may be done now, the plan, the interest, what happened, and why it was granted."""
    me, on = actor(request), office_date()
    found = queries.one_loan(actor=me, loan_id=loan_id)
    if found is None:
        raise Http404(_("没有这笔贷款，或者它不在您的管辖范围内；请核对编号。"))
    view = as_asked(
        request,
        lambda: as_it_stands(found, actor=me, on=on),
        lambda moment: as_it_was(found, moment),
    )
    loan, past = view.loan, view.as_of is not None
    not_theirs = words_for_holder(bool(found.may_be_holder)) if not past else ""
    subsidy_acts, undoing = (
        _subsidy_acts(me, loan, view.subsidies) if not past and not not_theirs else ([], [])
    )
    contacts = card_of(me, loan, on=on) if not past and me.may("registry.see", loan.division_code) else None
    steps = past_links(loan_steps(view.timeline), view.timeline, reverse("desk:loan", args=[loan.pk]))
    return render(
        request,
        "desk/loans/one.html",
        {
            "view": view,
            "at_value": at_value(view.as_of or now()),
            "loan": loan,
            "where": view.position,
            "state": state_cell(view.position),
            "facts_rows": loan_facts(view, on),
            "employer_url": reverse("desk:employer", args=[loan.employer_id])
            if me.may("registry.see", loan.employer.division_id)
            else "",
            "acts": [] if past or not_theirs else open_acts(view, me),
            "not_theirs": not_theirs,
            "doubts": "；".join(view.doubts),
            "work": None if past else work_of(me, loan, (), on=on, theirs=not not_theirs),
            "contacts": contacts,
            "steps": with_contacts(steps, contacts) if contacts is not None else steps,
            "due": due_table(loan),
            "extensions": extension_table(loan),
            "repaid": repaid_table(loan),
            "subsidies": subsidy_table(view.subsidies),
            "subsidy_acts": subsidy_acts,
            "undoing": undoing,
            "clauses": clauses_of(loan.receipt),
            "takeover": takeover_facts(loan) if loan.taken_over_from else None,
            "claims": queries.claims_on([loan], on=on).get(loan.pk)
            if not past and me.may("funds.see")
            else None,
            "told": told_table(found.told, "desk:loan_letter", loan.pk, until=view.as_of),
            "crumbs": [Crumb(_("创业担保贷款"), reverse("desk:loans")), Crumb(loan.number)],
        }
        | review_forms(view, not_theirs=not_theirs)
        | papers_context(view, me),
    )


@allowed("ventures.see")
@require_POST
def take_act(request: HttpRequest, loan_id: int, act: str) -> HttpResponse:
    """One act on a loan: its form, then one domain call."""
    chosen = next((row for row in ACTS if row.name == act), None)
    if chosen is None:
        raise Http404(_("没有这个办理事项。"))
    loan = get_object_or_404(queries.loans(actor=actor(request)), pk=loan_id)
    form = form_of(chosen, loan, request)
    attempt(
        request,
        lambda: chosen.take(actor(request), loan_id, form.cleaned_data, office_date(), now()),
        done=lambda result: done_words(chosen, result),
        refusals=REFUSALS,
        form=form,
    )
    return redirect("desk:loan", loan_id)


@allowed("ventures.see")
@require_POST
def interest(request: HttpRequest, loan_id: int, subsidy_id: int, act: str) -> HttpResponse:
    """Approve a quarter's subsidy, or put it into a payment batch."""
    subsidy = get_object_or_404(InterestSubsidy, pk=subsidy_id, loan_id=loan_id)
    me, on, at = actor(request), office_date(), now()
    if act == "approve":
        attempt(
            request,
            lambda: operations.approve_interest(actor=me, subsidy_id=subsidy.pk, on=on, at=at),
            done=lambda row: (
                _("贴息已批准，资金已预留。")
                if row.approved_on
                else _("已签批；还需其他审批人员签批，见办理过程。")
            ),
            refusals=REFUSALS,
        )
    elif act == "undo":
        form = loan_forms.NoteForm(request.POST)
        attempt(
            request,
            lambda: operations.undo_interest(
                actor=me, subsidy_id=subsidy.pk, note=form.cleaned_data["note"], on=on, at=at
            ),
            done=_("批准已撤销，资金已释放；可以重新核算。"),
            refusals=REFUSALS,
            form=form,
        )
    elif act == "pay":
        batch = attempt(
            request,
            lambda: operations.pay_interest(
                actor=me, subsidy_ids=[subsidy.pk], on=on, at=at, purpose=_("创业担保贷款贴息")
            ),
            done=_("付款批次已建立，请另一位资金支付人员复核。"),
            refusals=REFUSALS,
        )
        if batch is not None:
            return redirect("desk:batch", batch.pk)
    else:
        raise Http404(_("没有这个办理事项。"))
    return redirect("desk:loan", loan_id)


def _subsidy_acts(
    me: Actor, loan: Loan, found: list[tuple[InterestSubsidy, Any]]
) -> tuple[list[tuple[str, str]], list[tuple[str, str, forms.Form]]]:
    """Buttons under the quarters, (label, address); and what takes a reason: (label, address, form)."""
    buttons, undoing = [], []
    for row, paid in found:
        quarter = {"quarter": quarter_words(row)}
        may_approve = me.may("ventures.guarantee", loan.division_code)
        if (
            row.approved_on is None
            and row.superseded_on is None
            and may_approve
            and row.reckoned_by_id != me.account_id
        ):
            buttons.append((_("批准%(quarter)s贴息") % quarter, _interest_url(loan, row, "approve")))
        waits = row.approved_on is not None and (
            paid is None or paid.state in ("reserved", *BACK_LINE_STATES)
        )
        if waits and me.may("funds.batch"):
            buttons.append((_("支付%(quarter)s贴息") % quarter, _interest_url(loan, row, "pay")))
        if waits and may_approve:
            label, url = _("撤销%(quarter)s贴息的批准") % quarter, _interest_url(loan, row, "undo")
            undoing.append((label, url, loan_forms.NoteForm(auto_id=f"undo{row.pk}_%s")))
    return buttons, undoing


def _interest_url(loan: Loan, row: InterestSubsidy, act: str) -> str:
    return reverse("desk:loan_interest", args=[loan.pk, row.pk, act])
