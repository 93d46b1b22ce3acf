"""Running loans that only the imported register knows, at the desk: the list, the form that enters one, and its confirmation by another."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jiuye.engine.basis.money import yuan_text
from jiuye.office.ventures import operations, registered
from jiuye.office.ventures.models import LoanTakeover
from jiuye.office.ventures.states import LoanRefusal
from jiuye.office.ventures.takeovers import TAKEOVER_LEVELS, TAKEOVER_STATES
from jiuye.portals.common.actors import actor, allowed, now, office_date
from jiuye.portals.common.attempts import attempt
from jiuye.portals.common.components import Cell, Crumb
from jiuye.portals.common.slices import slice_asked
from jiuye.portals.desk.loans.forms import NoteForm
from jiuye.portals.desk.loans.taking_forms import TakeoverForm
from jiuye.portals.desk.loans.taking_shown import (
    entered_rows,
    initial_of,
    registered_table,
    said_rows,
    takeover_said,
    takeover_table,
)

REFUSALS: tuple[type[Exception], ...] = (LoanRefusal,)
PAGE_SIZE = 30


@allowed("ventures.see")
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """The running loans of the actor's places that the register lists and the book does not have."""
    me, on = actor(request), office_date()
    page = slice_asked(request, registered.registered_loans(actor=me, on=on), size=PAGE_SIZE)
    return render(
        request,
        "desk/loans/registered.html",
        {"table": registered_table(page.rows, me.may("ventures.record")), "page": page, "crumbs": _crumbs()},
    )


@allowed("ventures.see")
@require_safe
def proposals(request: HttpRequest) -> HttpResponse:
    """What was proposed to be taken over, newest first."""
    page = slice_asked(request, registered.takeovers(actor=actor(request)), size=PAGE_SIZE)
    return render(
        request,
        "desk/loans/takeovers.html",
        {"table": takeover_table(page.rows), "page": page, "crumbs": [*_crumbs(), Crumb(_("接手记录"))]},
    )


@allowed("ventures.record")
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest, record_id: int) -> HttpResponse:
    """The form, filled in with what the register says, beside what it says and what it is silent about."""
    me, on = actor(request), office_date()
    found = get_object_or_404(registered.registered_loans(actor=me, on=on), pk=record_id)
    if found.waiting is not None:
        return redirect("desk:loan_takeover", found.waiting)
    said = registered.registered_of(found)
    form = TakeoverForm(
        request.POST if request.method == "POST" else None,
        kind=said.kind,
        initial=initial_of(found, said, on),
    )
    if form.is_bound and form.is_valid():
        proposed = attempt(
            request,
            lambda: operations.propose_takeover(
                actor=me, record_id=record_id, terms=form.terms(), on=on, at=now()
            ),
            done=_("接手已提出，由另一位审批人员确认后进入贷款账。"),
            refusals=REFUSALS,
            form=form,
        )
        if proposed is not None:
            return redirect("desk:loan_takeover", proposed.pk)
    return render(
        request,
        "desk/loans/take_over.html",
        {
            "form": form,
            "business": found.employer.name,
            "said": said_rows(found, said),
            "crumbs": [*_crumbs(), Crumb(found.employer.name)],
        },
        status=422 if form.is_bound else 200,
    )


@allowed("ventures.see")
@require_safe
def one(request: HttpRequest, takeover_id: int) -> HttpResponse:
    """One proposal: what was entered beside what the register said, what it does to the guarantee fund, and what this actor may do."""
    me, on = actor(request), office_date()
    takeover = get_object_or_404(registered.takeovers(actor=me), pk=takeover_id)
    waits, own = takeover.state == "proposed", takeover.proposed_by_id == me.account_id
    may_decide = waits and not own and me.may("ventures.guarantee", takeover.division_code)
    over = operations.exceeds_ceiling_by_fen(takeover, on=on)
    drop = _act_url(takeover, "drop")
    return render(
        request,
        "desk/loans/takeover.html",
        {
            "takeover": takeover,
            "state": Cell(_(TAKEOVER_STATES[takeover.state]), level=TAKEOVER_LEVELS[takeover.state]),
            "entered": entered_rows(takeover),
            "said": takeover_said(takeover),
            "over": yuan_text(over) if over else "",
            "waits": waits,
            "confirm_url": _act_url(takeover, "confirm") if may_decide else "",
            "drop_url": drop if may_decide or (waits and own and me.may("ventures.record")) else "",
            "drop_form": NoteForm(auto_id="drop_%s"),
            "loan_url": reverse("desk:loan", args=[takeover.loan_id]) if takeover.loan_id else "",
            "crumbs": [*_crumbs(), Crumb(takeover.employer.name)],
        },
    )


@allowed("ventures.see")
@require_POST
def act(request: HttpRequest, takeover_id: int, act: str) -> HttpResponse:
    """Confirm what another entered, or say why it is not taken over."""
    me, on, at = actor(request), office_date(), now()
    takeover = get_object_or_404(registered.takeovers(actor=me), pk=takeover_id)
    if act == "confirm":
        loan = attempt(
            request,
            lambda: operations.confirm_takeover(actor=me, takeover_id=takeover.pk, on=on, at=at),
            done=_("贷款已进入本系统的贷款账，以前的贴息已计入已享待遇。"),
            refusals=REFUSALS,
        )
        if loan is not None:
            return redirect("desk:loan", loan.pk)
    elif act == "drop":
        form = NoteForm(request.POST)
        attempt(
            request,
            lambda: operations.drop_takeover(
                actor=me, takeover_id=takeover.pk, note=form.cleaned_data["note"], on=on, at=at
            ),
            done=_("没有接手，理由已登记；可以重新提出。"),
            refusals=REFUSALS,
            form=form,
        )
    else:
        raise Http404(_("没有这个办理事项。"))
    return redirect("desk:loan_takeover", takeover.pk)


def _crumbs() -> list[Crumb]:
    return [
        Crumb(_("创业担保贷款"), reverse("desk:loans")),
        Crumb(_("台账上的在贷贷款"), reverse("desk:loans_registered")),
    ]


def _act_url(takeover: LoanTakeover, act: str) -> str:
    return reverse("desk:loan_takeover_act", args=[takeover.pk, act])
