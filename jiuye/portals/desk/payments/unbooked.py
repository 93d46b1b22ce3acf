"""What the bank paid and is not on record here: taken over under the bank's number, or closed by two people."""

from __future__ import annotations

from itertools import groupby

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from jiuye.office.casework import operations as casework
from jiuye.office.casework.lost import possible_claims
from jiuye.office.funds import operations as funds
from jiuye.office.funds import queries
from jiuye.office.staff.refusals import LONG
from jiuye.office.ventures.states import LoanRefusal
from jiuye.portals.common.actors import actor, allowed, now, office_date
from jiuye.portals.common.attempts import attempt
from jiuye.portals.common.components import Crumb
from jiuye.portals.common.forms import WordsField
from jiuye.portals.desk.refusals import REFUSALS as OF_MONEY

REFUSALS: tuple[type[Exception], ...] = (*OF_MONEY, LoanRefusal)


class ClosingForm(forms.Form):
    """How it was settled with the bank."""

    reason = WordsField(label=gettext_lazy("与银行怎样查清的"), most=LONG, rows=2)


class AssigningForm(forms.Form):
    """How it was found out that the payment is a claim's."""

    because = WordsField(label=gettext_lazy("怎样查清是这一件的"), most=LONG, rows=2)


@allowed("funds.see")
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """The open payments of the bank's, by its batch, each with what this actor may do."""
    me = actor(request)
    rows = list(queries.unbooked_payments(actor=me))
    taken = queries.taken_over_in({row.batch_number for row in rows})
    possible = possible_claims(rows)
    return render(
        request,
        "desk/payments/unbooked.html",
        {
            "groups": [
                {
                    "number": number,
                    "batch": taken.get(number),
                    "rows": [
                        (
                            row,
                            ClosingForm(auto_id=f"id_{row.pk}_%s"),
                            [
                                (claim, AssigningForm(auto_id=f"id_{row.pk}_{claim.claim_key}_%s"))
                                for claim in possible.get(row.pk, [])
                                if claim.claim_key != row.claim_key
                            ],
                        )
                        for row in found
                    ],
                }
                for number, found in groupby(rows, key=lambda row: row.batch_number)
            ],
            "me": me.account_id,
            "may_make": me.may("funds.batch"),
            "may_pay": me.may("funds.pay"),
            "crumbs": [Crumb(_("付款"), reverse("desk:payments")), Crumb(_("银行已付未入账"))],
        },
    )


@allowed("funds.batch")
@require_POST
def take_over(request: HttpRequest) -> HttpResponse:
    """A draft batch under the bank's number, of exactly what the bank paid."""
    batch = attempt(
        request,
        lambda: casework.take_over_paid_batch(
            actor=actor(request), number=request.POST.get("number", ""), on=office_date(), at=now()
        ),
        done=_("已按银行批次号补录，请另一位资金支付人员复核，再发送并取回结果；银行不会再付一次。"),
        refusals=REFUSALS,
    )
    return redirect("desk:batch", batch.pk) if batch is not None else redirect("desk:unbooked")


@allowed("funds.pay")
@require_POST
def propose(request: HttpRequest, unbooked_id: int) -> HttpResponse:
    """Write how it was settled with the bank."""
    form = ClosingForm(request.POST)
    attempt(
        request,
        lambda: funds.propose_closing(
            actor=actor(request),
            unbooked_id=unbooked_id,
            reason=form.cleaned_data["reason"],
            on=office_date(),
            at=now(),
        ),
        done=_("已提请结案，请另一位资金支付人员确认。"),
        refusals=REFUSALS,
        form=form,
    )
    return redirect("desk:unbooked")


@allowed("funds.pay")
@require_POST
def assign(request: HttpRequest, unbooked_id: int) -> HttpResponse:
    """Say that the payment is that of a claim here; with no claim, that it is not."""
    claim_key = request.POST.get("claim", "")
    form = AssigningForm(request.POST) if claim_key else None
    attempt(
        request,
        lambda: casework.assign_lost_payment(
            actor=actor(request),
            unbooked_id=unbooked_id,
            claim_key=claim_key,
            because=form.cleaned_data["because"] if form is not None else "",
            on=office_date(),
            at=now(),
        ),
        done=_("已归入；那一件批准以后，在这里按银行批次号补录，不会再付一次。")
        if claim_key
        else _("已撤销归入。"),
        refusals=REFUSALS,
        form=form,
    )
    return redirect("desk:unbooked")


@allowed("funds.pay")
@require_POST
def close(request: HttpRequest, unbooked_id: int) -> HttpResponse:
    """The second person confirms."""
    attempt(
        request,
        lambda: funds.close_unbooked(
            actor=actor(request), unbooked_id=unbooked_id, on=office_date(), at=now()
        ),
        done=_("已结案，这件办件可以再列入批次。"),
        refusals=REFUSALS,
    )
    return redirect("desk:unbooked")
