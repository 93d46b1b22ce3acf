"""A founder's (and a firm's) own start-up loans: where each stands, what is due, what the treasury pays of the interest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from jiuye.engine.basis.money import fen_from_yuan
from jiuye.office.casework.proofs import Proof
from jiuye.office.funds.queries import RecoveryPosition
from jiuye.office.registry.models import Employer
from jiuye.office.staff.queries import NotPermittedError
from jiuye.office.staff.refusals import Refusal
from jiuye.office.ventures import operations, queries
from jiuye.office.ventures.models import InterestSubsidy, Loan
from jiuye.office.ventures.operations import LoanNotFoundError, proving
from jiuye.office.ventures.own import own_page
from jiuye.office.ventures.queries import LoanPosition
from jiuye.office.ventures.refused import RefusalView, refusal_view
from jiuye.office.ventures.states import LEVELS, STATES, LoanRefusal
from jiuye.portals.common.actors import actor, allowed, now, office_date
from jiuye.portals.common.attempts import attempt
from jiuye.portals.common.loans import AnswerForm, answers_of, keep_application
from jiuye.portals.common.responses import file_response
from jiuye.portals.resident.marks import loan_rating_contexts, take_mark

# Somebody else's loan is told as one that does not exist.
REFUSALS: tuple[type[Exception], ...] = (LoanRefusal, Refusal, NotPermittedError)


@dataclass(frozen=True, slots=True)
class OwnLoan:
    """One loan in its borrower's words."""

    loan: Loan
    where: LoanPosition
    words: str
    level: str
    subsidies: list[InterestSubsidy]
    refusal: RefusalView | None
    proofs: tuple[Proof, ...]
    claims: Sequence[RecoveryPosition]  # what is asked back
    answer_form: forms.Form | None
    mark: dict[str, Any] | None


class ApplyForm(forms.Form):
    """For which business, and how much."""

    employer_id = forms.ChoiceField(label=gettext_lazy("借款的单位"))
    wanted = forms.CharField(label=gettext_lazy("想借多少（元）"), max_length=20)

    def __init__(self, *args: object, businesses: list[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["employer_id"].choices = businesses

    def clean_wanted(self) -> int:
        """The amount in fen."""
        try:
            return fen_from_yuan(self.cleaned_data["wanted"])
        except ValueError as error:
            raise forms.ValidationError(_("请用元填写金额，最多两位小数，例如 617.28。")) from error


@allowed("own.see")
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Every loan with its next instalment and the interest that was paid for it; the form for another one."""
    return _overview(request)


@allowed("own.confirm")
@require_POST
def apply(request: HttpRequest) -> HttpResponse:
    """Apply for one's own business, or as a firm; the policy decides at once."""
    form = _form(queries.own_businesses(actor=actor(request), on=office_date()), request.POST)
    if not form.is_valid():
        return _overview(request, form, status=422)
    attempt(
        request,
        lambda: operations.apply_for(
            actor=actor(request),
            kind=queries.kind_for(actor(request)),
            employer_id=int(form.cleaned_data["employer_id"]),
            wanted_fen=form.cleaned_data["wanted"],
            on=office_date(),
            at=now(),
        ),
        done=_("申请已收到，等待担保审核；还没有的材料请在下面上传。"),
        refusals=(LoanRefusal,),
    )
    return redirect("resident:loans")


@allowed("own.confirm")
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep what is filled in of the application."""
    return keep_application(request)


@allowed("own.confirm")
@require_POST
def attach(request: HttpRequest, loan_id: int) -> HttpResponse:
    """One paper for one point of one's own application."""
    evidence = request.POST.get("evidence", "")
    file = request.FILES.get(f"file-{evidence}")
    attempt(
        request,
        lambda: proving.attach(
            actor=actor(request),
            loan_id=loan_id,
            evidence_id=evidence,
            file_name=str(file.name) if file else "",
            content=file.read() if file else b"",
            on=office_date(),
            at=now(),
        ),
        done=_("材料已收到。"),
        refusals=REFUSALS,
    )
    return redirect("resident:loans")


@allowed("own.see")
@require_safe
def paper(request: HttpRequest, evidence_id: int) -> HttpResponse:
    """One's own paper, as it was handed in."""
    try:
        name, kind, body = proving.read_file(
            actor=actor(request), evidence_id=evidence_id, purpose="", at=now()
        )
    except (LoanNotFoundError, PermissionError) as error:
        raise Http404(str(error)) from error
    return file_response(name, kind, body)


@allowed("own.confirm")
@require_POST
def correct(request: HttpRequest, loan_id: int) -> HttpResponse:
    """Answer point by point what one's own application was sent back for."""
    me = actor(request)
    loan = next((row for row in queries.own_loans(actor=me) if row.pk == loan_id), None)
    if loan is None:
        raise Http404(str(LoanNotFoundError()))
    form = AnswerForm(request.POST, loan=loan, auto_id=f"a{loan.pk}_%s")
    attempt(
        request,
        lambda: operations.correct(
            actor=me, loan_id=loan_id, **answers_of(form.cleaned_data), on=office_date(), at=now()
        ),
        done=_("补正已提交，继续审核。"),
        refusals=REFUSALS,
        form=form,
    )
    return redirect("resident:loans")


@allowed("own.confirm")
@require_POST
def withdraw(request: HttpRequest, loan_id: int) -> HttpResponse:
    """Take one's own application back before it is guaranteed."""
    attempt(
        request,
        lambda: operations.withdraw_own(
            actor=actor(request),
            loan_id=loan_id,
            note=request.POST.get("note", ""),
            on=office_date(),
            at=now(),
        ),
        done=_("已撤回。"),
        refusals=REFUSALS,
    )
    return redirect("resident:loans")


@allowed("own.confirm")
@require_POST
def ask_review(request: HttpRequest, loan_id: int) -> HttpResponse:
    """Ask that a refusal be looked at again."""
    attempt(
        request,
        lambda: operations.ask_review(
            actor=actor(request),
            loan_id=loan_id,
            text=request.POST.get("note", ""),
            on=office_date(),
            at=now(),
        ),
        done=_("复核申请已提交，由另一位审批人员复核，结果会写在这里。"),
        refusals=REFUSALS,
    )
    return redirect("resident:loans")


@allowed("own.confirm")
@require_POST
def rate(request: HttpRequest, loan_id: int) -> HttpResponse:
    """Mark how one's ended application was dealt with (好差评), once."""
    take_mark(request, loan_id=loan_id)
    return redirect("resident:loans")


def _form(
    businesses: Iterable[Employer], data: QueryDict | None = None, kept: dict[str, str] | None = None
) -> ApplyForm:
    named = [(str(employer.pk), employer.name) for employer in businesses]
    return ApplyForm(data, initial=kept, businesses=named)


def _overview(request: HttpRequest, form: ApplyForm | None = None, status: int = 200) -> HttpResponse:
    me, on = actor(request), office_date()
    found = []
    page = own_page(actor=me, on=on)
    running = page.stands_in_the_way
    kept = operations.draft_of(actor=me) if form is None and running is None else None
    form = form or _form(page.businesses, kept=kept.given if kept is not None else None)
    marks = loan_rating_contexts(
        (loan for loan, _proofs in page.loans), lambda loan: reverse("resident:loan_rate", args=[loan.pk])
    )
    for loan, proofs in page.loans:
        where = queries.position(loan, on=on)
        late = where.late_days > 0
        words = _("逾期 %(days)d 天") % {"days": where.late_days} if late else _(STATES[loan.state][0])
        level = where.level if late else LEVELS[loan.state]
        found.append(
            OwnLoan(
                loan,
                where,
                words,
                level,
                [row for row in loan.subsidies.all() if row.superseded_on is None or row.ended_because],
                refusal_view(loan, actor=me, on=on),
                proofs,
                page.claims.get(loan.pk, ()),
                AnswerForm(loan=loan, auto_id=f"a{loan.pk}_%s")
                if loan.state == "correction_requested"
                else None,
                marks.get(loan.pk),
            )
        )
    context = {
        "loans": found,
        "form": form if form.fields["employer_id"].choices and running is None else None,
        "running": running,
        "is_firm": me.kind == "employer",
    }
    return render(request, "resident/loans/list.html", context, status=status)
