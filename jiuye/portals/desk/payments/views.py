"""Payments: what waits, batches made by one person and approved by another, the bank's answers, the ledger."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from jiuye.office.casework import operations as casework
from jiuye.office.casework import queries as cases
from jiuye.office.casework.checks import sentence
from jiuye.office.casework.operations.paying import BatchMade, Collected
from jiuye.office.casework.packrules import rules
from jiuye.office.funds import operations as funds
from jiuye.office.funds import queries
from jiuye.office.funds.gateway import installed_bank
from jiuye.office.funds.models import PaymentBatch
from jiuye.office.funds.states import BATCH_STATES
from jiuye.office.staff.queries import Actor
from jiuye.office.ventures import operations as ventures
from jiuye.office.ventures.states import LoanRefusal
from jiuye.office.ventures.waiting import loans_waiting_by_fund
from jiuye.portals.common.actors import actor, allowed, now, office_date
from jiuye.portals.common.attempts import attempt
from jiuye.portals.common.components import Crumb
from jiuye.portals.common.slices import slice_asked
from jiuye.portals.desk.payments.accounts import Accounts
from jiuye.portals.desk.payments.files import GiveUpForm, ReturnForm
from jiuye.portals.desk.payments.presenting import (
    batch_facts,
    batch_level,
    batch_table,
    budget_table,
    ledger_table,
    line_table,
    trial_table,
    waiting_groups,
    waiting_loan_groups,
)
from jiuye.portals.desk.refusals import REFUSALS

PAGE_SIZE = 30
MOST_IN_A_BATCH = 500  # what a person can look through before signing


@allowed("funds.see")
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Granted cases that wait, by fund, and what was granted for loans; the batches; the budgets."""
    me, on = actor(request), office_date()
    page = slice_asked(request, queries.batches(actor=me), size=PAGE_SIZE)
    waiting = cases.waiting_by_fund(me, rules(), most=MOST_IN_A_BATCH)
    return render(
        request,
        "desk/payments/overview.html",
        {
            "groups": waiting_groups(waiting, on=on),
            "loan_groups": waiting_loan_groups(loans_waiting_by_fund(me, most=MOST_IN_A_BATCH)),
            "may_make": me.may("funds.batch"),
            "batches": batch_table(page.rows),
            "page": page,
            "budgets": budget_table(queries.budget_positions(actor=me, year=on.year)),
            "year": on.year,
            "return_form": ReturnForm() if me.may("funds.pay") else None,
        },
    )


@allowed("funds.batch")
@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """A draft batch of the cases that were ticked."""
    chosen = [int(value) for value in request.POST.getlist("case") if value.isdigit()]
    made: BatchMade | None = attempt(
        request,
        lambda: casework.put_into_batch(
            actor=actor(request),
            case_ids=chosen,
            rules=rules(),
            on=office_date(),
            at=now(),
            purpose=str(request.POST.get("purpose", "")),
        ),
        done=_("付款批次已建立，请另一位资金支付人员复核。"),
        refusals=REFUSALS,
    )
    if made is None:
        return redirect("desk:payments")
    _tell_left_out(request, made)
    return redirect("desk:batch", made.batch.pk)


@allowed("funds.batch")
@require_POST
def make_of_loans(request: HttpRequest) -> HttpResponse:
    """A draft batch of the interest and the compensations that were ticked."""
    made: PaymentBatch | None = attempt(
        request,
        lambda: ventures.pay_claims(
            actor=actor(request),
            claim_keys=request.POST.getlist("claim"),
            on=office_date(),
            at=now(),
            purpose=str(request.POST.get("purpose", "")),
        ),
        done=_("付款批次已建立，请另一位资金支付人员复核。"),
        refusals=(LoanRefusal, *REFUSALS),
    )
    return redirect("desk:payments") if made is None else redirect("desk:batch", made.pk)


def _tell_left_out(request: HttpRequest, made: BatchMade) -> None:
    for case, failed in made.left_out:
        reasons = " ".join(sentence(row) for row in failed)
        messages.warning(
            request,
            _("%(number)s 没有列入批次：%(reasons)s") % {"number": case.number, "reasons": reasons},
        )


@allowed("funds.see")
@require_safe
def batch(request: HttpRequest, batch_id: int) -> HttpResponse:
    """One batch with its lines and what this actor may do with it."""
    me = actor(request)
    found = get_object_or_404(queries.batches(actor=me), pk=batch_id)
    page = slice_asked(request, queries.batch_lines(actor=me, batch=found), size=100)
    return render(
        request,
        "desk/payments/batch.html",
        {
            "batch": found,
            "state_word": _(BATCH_STATES[found.state]),
            "state_level": batch_level(found.state),
            "crumbs": [Crumb(_("付款"), reverse("desk:payments")), Crumb(found.number)],
            "facts_rows": batch_facts(found),
            "lines": line_table(page.rows),
            "page": page,
            "acts": [
                (act, _(label), reverse("desk:batch_act", args=[found.pk, act]))
                for act, label in queries.batch_acts(actor=me, batch=found)
            ],
            "whole": queries.may_over(actor=me, permission="funds.see", batch=found),
            "may_download": found.sent_on is not None
            and queries.may_over(actor=me, permission="funds.pay", batch=found),
            "downloads": [
                (
                    kind,
                    _("下载代发文件（%(kind)s）") % {"kind": kind.upper()},
                    reverse("desk:batch_file", args=[found.pk, kind]),
                )
                for kind in ("csv", "xlsx")
            ],
            "give_up_form": GiveUpForm()
            if found.state == "sending" and queries.may_over(actor=me, permission="funds.pay", batch=found)
            else None,
            "taken_over": queries.is_taken_over(found),
            "waits_for_second": found.state == "draft" and found.made_by_id == me.account_id,
        },
    )


@allowed("funds.see")
@require_POST
def take_act(request: HttpRequest, batch_id: int, act: str) -> HttpResponse:
    """Approve, send, settle or discard a batch: one domain call each."""
    found = get_object_or_404(PaymentBatch, pk=batch_id)
    take = BATCH_ACTS.get(act)
    if take is None:
        raise Http404(_("没有这个办理事项。"))
    attempt(request, lambda: take(actor(request), found), done=str, refusals=REFUSALS)
    return redirect("desk:batch", batch_id)


def _approve(me: Actor, found: PaymentBatch) -> str:
    funds.approve_batch(actor=me, batch=found, on=office_date(), at=now())
    return _("批次已复核，可以发送银行。")


def _send(me: Actor, found: PaymentBatch) -> str:
    casework.send_batch(
        actor=me, batch=found, bank=installed_bank(), rules=rules(), on=office_date(), at=now()
    )
    return _("批次已发送银行。")


def _settle(me: Actor, found: PaymentBatch) -> str:
    settlement, collected = casework.settle_batch(
        actor=me, batch=found, bank=installed_bank(), on=office_date(), at=now()
    )
    return _("银行结果已取回：到账 %(paid)d 笔，退回 %(rejected)d 笔，还在处理 %(waiting)d 笔。") % {
        "paid": collected.paid,
        "rejected": collected.rejected,
        "waiting": settlement.waiting,
    }


@allowed("funds.pay")
@require_POST
def give_up(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The bank refuses the batch for good: its cases go back, with the reason."""
    found = get_object_or_404(PaymentBatch, pk=batch_id)
    form = GiveUpForm(request.POST)
    attempt(
        request,
        lambda: casework.give_up_batch(
            actor=actor(request),
            batch=found,
            bank=installed_bank(),
            reason=form.cleaned_data["reason"],
            on=office_date(),
            at=now(),
        ),
        done=lambda outcome: _given_up(*outcome),
        refusals=REFUSALS,
        form=form,
    )
    return redirect("desk:batch", batch_id)


def _given_up(batch: PaymentBatch, collected: Collected) -> str:
    if batch.state != "discarded":
        return _("银行已受理过这个批次，没有退回；请取回结果。")
    return ngettext(
        "批次已作废，%(number)d 件办件可以另列批次。",
        "批次已作废，%(number)d 件办件可以另列批次。",
        collected.returned,
    ) % {"number": collected.returned}


def _discard(me: Actor, found: PaymentBatch) -> str:
    collected = casework.discard_batch(actor=me, batch=found, on=office_date(), at=now())
    return ngettext(
        "批次已作废，%(number)d 件办件可以另列批次。",
        "批次已作废，%(number)d 件办件可以另列批次。",
        collected.returned,
    ) % {"number": collected.returned}


BATCH_ACTS = {
    "approve_batch": _approve,
    "send_batch": _send,
    "settle_batch": _settle,
    "discard_batch": _discard,
}


@allowed("funds.see")
@require_safe
def ledger(request: HttpRequest) -> HttpResponse:
    """Every budget line as it stands, the trial balance, and the last seal."""
    me = actor(request)
    return render(
        request,
        "desk/payments/ledger.html",
        {
            "budgets": budget_table(queries.budget_positions(actor=me)),
            "trial": trial_table(queries.trial_balance(actor=me)),
            "seal": queries.latest_seal(actor=me),
        },
    )


@allowed("funds.see")
@require_safe
def ledger_account(request: HttpRequest, code: str) -> HttpResponse:
    """Every entry of one account, the newest first; each opens to its case."""
    transfers = queries.account_transfers(actor=actor(request), code=code)
    page = slice_asked(request, transfers, size=PAGE_SIZE)
    name = Accounts().name(code)
    context: dict[str, Any] = {
        "name": name,
        "code": code,
        "crumbs": [
            Crumb(_("付款"), reverse("desk:payments")),
            Crumb(_("账簿"), reverse("desk:ledger")),
            Crumb(name),
        ],
        "entries": ledger_table(page.rows, code),
        "page": page,
    }
    return render(request, "desk/payments/ledger_account.html", context)
