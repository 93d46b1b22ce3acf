"""A resident's (and an employer's) own pages: what they can get and why, their cases, the questions left."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from jiuye.office.casework.access import CaseNotFoundError
from jiuye.office.casework.operations import evidencing
from jiuye.office.casework.operations.confirming import confirm_own
from jiuye.office.casework.operations.correcting import correct
from jiuye.office.casework.operations.deciding import withdraw
from jiuye.office.casework.operations.overturning import ask_review
from jiuye.office.casework.packrules import rules
from jiuye.office.casework.procedures import carried_by_loans
from jiuye.office.casework.proofs import TAKES_PAPERS
from jiuye.office.casework.queries import CaseView, own
from jiuye.office.entitlements.operations import NoSuchFactError, WrongAnswerError
from jiuye.office.entitlements.operations import answer as record_answer
from jiuye.office.messages.queries import unread
from jiuye.office.ventures.rules import loan_policies
from jiuye.portals.common.actors import actor, allowed, now, office_date
from jiuye.portals.common.attempts import attempt
from jiuye.portals.common.cases import clauses_of, steps_of
from jiuye.portals.common.components import Crumb
from jiuye.portals.common.responses import file_response
from jiuye.portals.common.slices import slice_asked
from jiuye.portals.common.templatetags.jiuye import content
from jiuye.portals.resident.marks import rating_context, take_mark
from jiuye.portals.resident.presenting import amount_facts, case_rows, question_field

PAGE_SIZE = 30


@allowed("own.see")
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What you can get, what you nearly can, what could not be told, what you already receive."""
    page = own.own_page(actor(request), on=office_date())
    return render(
        request,
        "resident/home.html",
        {
            "page": page,
            "unread": unread(actor(request)),
            "questions": [question_field(question) for question in page.questions],
            "on": office_date(),
        },
    )


@allowed("own.see")
@require_safe
def benefit(request: HttpRequest, entitlement_id: int) -> HttpResponse:
    """One finding, clause by clause, with the amount and how it was reached; one tap confirms it."""
    try:
        found, explanation, case = own.own_finding(actor(request), entitlement_id, on=office_date())
    except CaseNotFoundError as error:
        raise Http404(str(error)) from error
    told = explanation.as_dict() if explanation is not None else {}
    return render(
        request,
        "resident/benefit.html",
        {
            "found": found,
            "explanation": explanation,
            "case": case,
            "with_loan": found.policy.id in carried_by_loans(),
            "is_loan": found.policy.id in loan_policies(),
            "clauses": clauses_of(told),
            "amount_how": content(told, "amount_how"),
            "amount_facts": amount_facts(told),
            "crumbs": [Crumb(_("我能享受的"), "/my/"), Crumb(_("为什么"))],
        },
    )


@allowed("own.confirm")
@require_POST
def confirm(request: HttpRequest, entitlement_id: int) -> HttpResponse:
    """Confirm in one tap. Posted twice, it is one case."""
    case = attempt(
        request,
        lambda: confirm_own(
            actor=actor(request), entitlement_id=entitlement_id, rules=rules(), on=office_date(), at=now()
        ),
        done=_("已确认。我们会在承诺的期限内办理，进度随时可以在这里看。"),
    )
    if case is None:
        return redirect("resident:benefit", entitlement_id=entitlement_id)
    return redirect("resident:case", case_id=case.pk)


@allowed("own.confirm")
@require_POST
def answer(request: HttpRequest) -> HttpResponse:
    """One answer to one question; what it settles is decided at once."""
    given = request.POST
    try:
        record_answer(
            actor=actor(request),
            entity=given.get("entity", ""),
            subject_key=given.get("subject_key", ""),
            fact=given.get("fact", ""),
            value=given.get("value", ""),
            on=office_date(),
            at=now(),
        )
    except (NoSuchFactError, WrongAnswerError) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("记下了，并按您的回答重新判定了一次。"))
    return redirect("resident:home")


@allowed("own.see")
@require_safe
def cases(request: HttpRequest) -> HttpResponse:
    """One's own cases, the newest first, a page at a time."""
    me = actor(request)
    page = slice_asked(request, own.own_cases(me), size=PAGE_SIZE)
    context = {"table": case_rows(page.rows), "page": page, "is_resident": me.kind == "resident"}
    return render(request, "resident/cases.html", context)


@allowed("own.see")
@require_safe
def case(request: HttpRequest, case_id: int) -> HttpResponse:
    """Where a case is: who has it, until when, what comes next, whom to call."""
    try:
        view = own.own_case(actor(request), case_id, on=office_date())
    except CaseNotFoundError as error:
        raise Http404(str(error)) from error
    return render(
        request,
        "resident/case.html",
        {
            "view": view,
            "case": view.case,
            "steps": steps_of(view, for_applicant=True),
            "may_attach": view.case.state in TAKES_PAPERS,
            "may_withdraw": view.may("withdraw"),
            "claimed_back": [
                row for row in view.recoveries if row.recovery.state not in ("proposed", "dropped")
            ],
            "may_ask_review": view.case.state == "refused" and not _review_open(view),
            "clauses": clauses_of(view.case.receipt),
            **rating_context(view.case, reverse("resident:rate_case", args=[view.case.pk])),
            "crumbs": [Crumb(_("我的办件"), "/my/cases/"), Crumb(view.case.number)],
        },
    )


@allowed("own.confirm")
@require_POST
def rate(request: HttpRequest, case_id: int) -> HttpResponse:
    """Mark how one's ended case was dealt with (好差评), once."""
    take_mark(request, case_id=case_id)
    return redirect("resident:case", case_id=case_id)


def _review_open(view: CaseView) -> bool:
    return any(review.decided_on is None for review in view.reviews)


@allowed("own.confirm")
@require_POST
def attach(request: HttpRequest, case_id: int) -> HttpResponse:
    """One paper for one point of one's own case."""
    evidence = str(request.POST.get("evidence", ""))
    file = request.FILES.get(f"file-{evidence}")
    attempt(
        request,
        lambda: evidencing.attach(
            actor=actor(request),
            case_id=case_id,
            evidence_id=evidence,
            file_name=str(file.name) if file else "",
            content=file.read() if file else b"",
            on=office_date(),
            at=now(),
        ),
        done=_("材料已收到。"),
    )
    return redirect("resident:case", case_id=case_id)


@allowed("own.see")
@require_safe
def case_paper(request: HttpRequest, evidence_id: int) -> HttpResponse:
    """One's own paper, as it was handed in."""
    try:
        name, kind, body = evidencing.read_file(
            actor=actor(request), evidence_id=evidence_id, purpose="", at=now()
        )
    except (CaseNotFoundError, PermissionError) as error:
        raise Http404(str(error)) from error
    return file_response(name, kind, body)


@allowed("own.confirm")
@require_POST
def act(request: HttpRequest, case_id: int, act: str) -> HttpResponse:
    """Withdraw a case, send a corrected one back, or ask that a refusal be looked at again."""
    note = request.POST.get("note", "").strip()
    me, on, at = actor(request), office_date(), now()
    if act == "withdraw":
        attempt(
            request, lambda: withdraw(actor=me, case_id=case_id, note=note, on=on, at=at), done=_("已撤回。")
        )
    elif act == "correct":
        attempt(
            request,
            lambda: correct(actor=me, case_id=case_id, note=note, rules=rules(), on=on, at=at),
            done=_("已提交补正，重新等待受理。"),
        )
    elif act == "review":
        attempt(
            request,
            lambda: ask_review(actor=me, case_id=case_id, text=note, on=on, at=at),
            done=_("复核申请已提交，由另一位审批人员复核，结果会写在这里。"),
        )
    else:
        raise Http404(_("没有这个办理事项。"))
    return redirect("resident:case", case_id=case_id)
