"""A refused guarantee at the desk: the request to look at it again, and its answer by another officer."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiuye.office.ventures import operations, queries
from jiuye.office.ventures.operations import LoanNotFoundError
from jiuye.office.ventures.refused import loan_of_review
from jiuye.office.ventures.viewing import LoanView
from jiuye.portals.common.actors import actor, allowed
from jiuye.portals.common.attempts import attempt_form
from jiuye.portals.desk.cases.forms import AskReviewForm, ReviewForm


def review_forms(view: LoanView, *, not_theirs: str = "") -> dict[str, Any]:
    """The forms of a loan's page about its refusal that this actor may use; none for whoever may be a relative (`not_theirs`)."""
    refusal = view.refusal if not not_theirs else None
    return {
        "ask_review_form": AskReviewForm() if refusal is not None and refusal.may_ask_review else None,
        "review_form": ReviewForm(prefix="v") if refusal is not None and refusal.may_decide_review else None,
    }


@allowed("ventures.record")
@require_POST
def ask_review(request: HttpRequest, loan_id: int) -> HttpResponse:
    """Put on record that the borrower does not agree with a refusal."""
    get_object_or_404(queries.loans(actor=actor(request)), pk=loan_id)
    attempt_form(
        request,
        AskReviewForm(request.POST),
        operations.ask_review,
        done=_("已登记复核申请，由另一位审批人员复核。"),
        loan_id=loan_id,
    )
    return redirect("desk:loan", loan_id)


@allowed("ventures.guarantee")
@require_POST
def decide_review(request: HttpRequest, review_id: int) -> HttpResponse:
    """Uphold a refusal, or overturn it."""
    try:
        loan_id = loan_of_review(review_id)
    except LoanNotFoundError as error:
        raise Http404(str(error)) from error
    get_object_or_404(queries.loans(actor=actor(request)), pk=loan_id)
    attempt_form(
        request,
        ReviewForm(request.POST, prefix="v"),
        operations.decide_review,
        done=_("复核已办理。"),
        review_id=review_id,
    )
    return redirect("desk:loan", loan_id)
