"""Start-up loans at the desk: the list with what is late, an application, one loan with what may be done now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jiuye.engine.basis.dates import add_months
from jiuye.office.funds.operations import FundsRefusal, equal_instalments
from jiuye.office.funds.queries import funds as every_fund
from jiuye.office.funds.states import BACK_LINE_STATES
from jiuye.office.registry.models import Person
from jiuye.office.registry.queries import visible_people
from jiuye.office.staff.queries import Actor
from jiuye.office.staff.refusals import Refusal
from jiuye.office.ventures import operations, queries
from jiuye.office.ventures.models import InterestSubsidy, Loan
from jiuye.office.ventures.rules import loan_terms
from jiuye.office.ventures.states import LoanRefusal, transition
from jiuye.portals.common.actors import actor, allowed, now, office_date
from jiuye.portals.common.attempts import attempt
from jiuye.portals.common.cases import clauses_of
from jiuye.portals.common.components import Crumb
from jiuye.portals.common.slices import slice_asked
from jiuye.portals.common.templatetags.jiuye import content
from jiuye.portals.desk.loans import forms as loan_forms
from jiuye.portals.desk.loans.papers import papers_context
from jiuye.portals.desk.loans.presenting import (
    due_table,
    loan_facts,
    loan_steps,
    loan_table,
    quarter_words,
    repaid_table,
    state_cell,
    subsidy_table,
    takeover_facts,
)
from jiuye.portals.desk.loans.reviewing import review_context
from jiuye.portals.desk.payments.recoveries import monthly

REFUSALS: tuple[type[Exception], ...] = (LoanRefusal, FundsRefusal, Refusal)
PAGE_SIZE = 30
Take = Callable[[Actor, int, dict[str, Any], date, datetime], Any]


@dataclass(frozen=True, slots=True)
class Act:
    """One act with its form: from which states, by whose permission, and the domain call that it makes."""

    name: str
    label: Any
    states: tuple[str, ...]
    permission: str
    form: type[forms.Form]
    take: Take


@allowed("ventures.see")
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """The loans of the actor's places, newest first."""
    me, on = actor(request), office_date()
    page = slice_asked(request, queries.loans(actor=me), size=PAGE_SIZE)
    return render(
        request,
        "desk/loans/list.html",
        {"table": loan_table(page.rows, on=on), "page": page, "may_begin": me.may("ventures.record")},
    )


@allowed("ventures.record")
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest) -> HttpResponse:
    """An application at the counter: for a founder whose page was open, for a firm, or by the number of the business."""
    founder, form = _application(request)
    if form.is_bound and form.is_valid():
        values = form.cleaned_data
        loan = attempt(
            request,
            lambda: operations.apply_for(
                actor=actor(request),
                kind=values.get("kind", "personal"),
                employer_id=values["employer_id"],
                wanted_fen=values["wanted"],
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
            "no_business": founder is not None and not form.businesses,
            "crumbs": crumbs,
        },
        status=422 if form.is_bound else 200,
    )


def _application(request: HttpRequest) -> tuple[Person | None, forms.Form]:
    data = request.POST if request.method == "POST" else None
    asked = request.GET.get("person", "")
    if not asked:
        initial = {"employer_id": request.GET.get("employer", ""), "kind": request.GET.get("kind", "")}
        return None, loan_forms.ApplicationForm(data, initial=initial)
    if not asked.isdecimal():
        raise Http404(_("没有这位居民，或者不在您的管辖范围内。"))
    founder = get_object_or_404(visible_people(actor(request)), pk=int(asked))
    running = queries.businesses_of(founder.pk, on=office_date())
    return founder, loan_forms.FounderForm(data, businesses=[(row.pk, row.name) for row in running])


@allowed("ventures.see")
@require_safe
def one(request: HttpRequest, loan_id: int) -> HttpResponse:
    """One loan: how it stands, what may be done now, the plan, the interest, what happened, and why it was granted."""
    me, on = actor(request), office_date()
    loan = get_object_or_404(queries.loans(actor=me).prefetch_related("timeline"), pk=loan_id)
    where = queries.position(loan, on=on)
    subsidies = queries.subsidies_of(loan)
    subsidy_acts, undoing = _subsidy_acts(me, loan, subsidies)
    return render(
        request,
        "desk/loans/one.html",
        {
            "loan": loan,
            "where": where,
            "state": state_cell(where),
            "facts_rows": loan_facts(loan, where),
            "acts": [
                (act.name, act.label, reverse("desk:loan_act", args=[loan.pk, act.name]), _form_of(act, loan))
                for act in ACTS
                if loan.state in act.states and me.may(act.permission, loan.division_code)
                if (act.name != "confirm_payee" or queries.returned_payments(loan))
                and (act.name != "repay_rest" or where.outstanding_fen)
                and (act.name != "undo_takeover" or loan.taken_over_from)
            ],
            "steps": loan_steps(loan),
            "due": due_table(loan),
            "repaid": repaid_table(loan),
            "subsidies": subsidy_table(subsidies),
            "subsidy_acts": subsidy_acts,
            "undoing": undoing,
            "clauses": clauses_of(loan.receipt),
            "takeover": takeover_facts(loan) if loan.taken_over_from else None,
            "crumbs": [Crumb(_("创业担保贷款"), reverse("desk:loans")), Crumb(loan.number)],
        }
        | review_context(loan, me, on)
        | papers_context(loan, me, on),
    )


@allowed("ventures.see")
@require_POST
def take_act(request: HttpRequest, loan_id: int, act: str) -> HttpResponse:
    """One act on a loan: its form, then one domain call."""
    chosen = next((row for row in ACTS if row.name == act), None)
    if chosen is None:
        raise Http404(_("没有这个办理事项。"))
    loan = get_object_or_404(queries.loans(actor=actor(request)), pk=loan_id)
    form = _form_of(chosen, loan, request)
    attempt(
        request,
        lambda: chosen.take(actor(request), loan_id, form.cleaned_data, office_date(), now()),
        done=lambda result: _done_words(chosen, result),
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


def _done_words(act: Act, result: Any) -> str:
    """What was done: an act that takes several signatures has only been signed while the loan stays where it was."""
    if act.name in ("guarantee", "compensate") and result.state in act.states:
        return _("已签批；还需其他审批人员签批，见办理过程。")
    return _("“%(act)s”已办理。") % {"act": act.label}


def _form_of(act: Act, loan: Loan, request: HttpRequest | None = None) -> forms.Form:
    data = request.POST if request is not None else None
    if act.form is loan_forms.RefusalForm:
        clauses = [(row.id, content(row, "says")) for row in operations.clauses_for(loan)]
        return loan_forms.RefusalForm(data, clauses=clauses, auto_id=f"{act.name}_%s")
    if act.form is loan_forms.CompensationForm:
        names = {fund.code: content(fund) for fund in every_fund()}
        chosen = [(code, names.get(code, code)) for code in loan_terms().compensation_funds]
        return loan_forms.CompensationForm(data, funds=chosen, auto_id=f"{act.name}_%s")
    return act.form(data, auto_id=f"{act.name}_%s")


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


def _guarantee(me: Actor, loan: int, given: dict[str, Any], on: date, at: datetime) -> Any:
    return operations.guarantee(actor=me, loan_id=loan, amount_fen=given["amount"], on=on, at=at)


def _refuse(me: Actor, loan: int, given: dict[str, Any], on: date, at: datetime) -> Any:
    return operations.refuse(
        actor=me, loan_id=loan, clause_id=given["clause"], note=given["note"], on=on, at=at
    )


def _noted(operation: Callable[..., Any]) -> Take:
    def take(me: Actor, loan: int, given: dict[str, Any], on: date, at: datetime) -> Any:
        return operation(actor=me, loan_id=loan, note=given["note"], on=on, at=at)

    return take


def _disburse(me: Actor, loan: int, given: dict[str, Any], on: date, at: datetime) -> Any:
    if given["paid_out_on"] > on:
        raise LoanRefusal(_("放款日期不能晚于今天；请核对。"))
    days = [add_months(given["first_due"], number * given["months"]) for number in range(given["parts"])]
    plan = [(due.on, due.amount_fen) for due in equal_instalments(given["amount"], days)]
    return operations.disburse(
        actor=me,
        loan_id=loan,
        bank=given["bank"],
        bank_account=given["bank_account"],
        contract=given["contract"],
        amount_fen=given["amount"],
        rate=given["rate_percent"].scaleb(-2),
        plan=plan,
        on=given["paid_out_on"],
        at=at,
    )


def _repay(me: Actor, loan: int, given: dict[str, Any], on: date, at: datetime) -> Any:
    return operations.repay(
        actor=me,
        loan_id=loan,
        principal_fen=given["amount"],
        bank_reference=given["reference"],
        paid_on=given["paid_on"],
        on=on,
        at=at,
    )


def _reckon(me: Actor, loan: int, given: dict[str, Any], on: date, at: datetime) -> Any:
    return operations.reckon_interest(actor=me, loan_id=loan, quarter_start=given["day"], on=on, at=at)


def _compensate(me: Actor, loan: int, given: dict[str, Any], on: date, at: datetime) -> Any:
    return operations.compensate(
        actor=me,
        loan_id=loan,
        fund=given["fund"],
        amount_fen=given["amount"],
        note=given["note"],
        on=on,
        at=at,
    )


def _pay_compensation(me: Actor, loan: int, given: dict[str, Any], on: date, at: datetime) -> Any:
    return operations.pay_compensation(actor=me, loan_id=loan, on=on, at=at)


def _recover(me: Actor, loan: int, given: dict[str, Any], on: date, at: datetime) -> Any:
    compensated = Loan.objects.values_list("compensated_fen", flat=True).get(pk=loan) or 0
    schedule = equal_instalments(compensated, monthly(given["first_due"], given["months"]))
    return operations.recover_from_borrower(
        actor=me, loan_id=loan, document=given["document"], schedule=schedule, on=on, at=at
    )


def _confirm_payee(me: Actor, loan: int, given: dict[str, Any], on: date, at: datetime) -> Any:
    return operations.confirm_payee(
        actor=me, loan_id=loan, note=given["note"], bank_account=given["bank_account"], on=on, at=at
    )


def _close(me: Actor, loan: int, given: dict[str, Any], on: date, at: datetime) -> Any:
    return operations.close_recovered(actor=me, loan_id=loan, on=on, at=at)


def _walked(act: str, form: type[forms.Form], take: Take) -> Act:
    """An act that stands in the loan's own table."""
    row = transition(act)
    return Act(act, gettext_lazy(row.button), row.sources, row.permission, form, take)


ACTS: tuple[Act, ...] = (
    _walked("guarantee", loan_forms.AmountForm, _guarantee),
    _walked("refuse", loan_forms.RefusalForm, _refuse),
    _walked("disburse", loan_forms.DisbursementForm, _disburse),
    _walked("bank_decline", loan_forms.NoteForm, _noted(operations.bank_decline)),
    _walked("repay_all", loan_forms.RepaymentForm, _repay),
    Act("reckon", gettext_lazy("核算贴息"), ("disbursed", "repaid"), "ventures.record", loan_forms.QuarterForm, _reckon),
    _walked("compensate", loan_forms.CompensationForm, _compensate),
    Act("pay_compensation", gettext_lazy("向银行支付代偿款"), ("compensated",), "funds.batch", forms.Form, _pay_compensation),
    Act("recover", gettext_lazy("向借款人追偿"), ("compensated",), "funds.recover", loan_forms.RecoveryForm, _recover),
    _walked("undo_compensation", loan_forms.NoteForm, _noted(operations.undo_compensation)),
    Act("repay_rest", gettext_lazy("登记还款"), ("compensated", "recovered", "written_off"), "ventures.record", loan_forms.RepaymentForm, _repay),
    _walked("recover_all", forms.Form, _close),
    Act("confirm_payee", gettext_lazy("核对收款账户"), ("disbursed", "repaid", "compensated", "recovered"), "ventures.record", loan_forms.PayeeForm, _confirm_payee),
    _walked("undo_takeover", loan_forms.NoteForm, _noted(operations.undo_takeover)),
    _walked("withdraw", loan_forms.NoteForm, _noted(operations.withdraw)),
)  # fmt: skip
