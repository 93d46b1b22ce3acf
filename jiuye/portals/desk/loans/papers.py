"""The papers of an application at the desk: each look with its purpose, and originals seen at the counter."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiuye.office.staff.queries import Actor
from jiuye.office.staff.refusals import Refusal
from jiuye.office.ventures import queries
from jiuye.office.ventures.operations import LoanNotFoundError, proving
from jiuye.office.ventures.proofs import TAKES_PAPERS
from jiuye.office.ventures.states import LoanRefusal
from jiuye.office.ventures.viewing import LoanView
from jiuye.portals.common.actors import actor, allowed, now, office_date
from jiuye.portals.common.attempts import attempt
from jiuye.portals.common.responses import file_response


def papers_context(view: LoanView, me: Actor) -> dict[str, Any]:
    """What a loan's page shows of the papers of its application, with what this actor may do."""
    loan, proofs = view.loan, view.proofs
    taken = loan.state in TAKES_PAPERS
    if not taken:  # what was never given is no longer awaited, and the registers are not asked any more
        proofs = [proof for proof in proofs if proof.given or proof.known]
    return {
        "proofs": proofs,
        "has_files": any(given.kind == "file" for proof in proofs for given in proof.given),
        "may_take_papers": taken and view.as_of is None,
        "may_see_original": taken and view.as_of is None and me.may("ventures.record", loan.division_code),
    }


@allowed("ventures.record")
@require_POST
def show_original(request: HttpRequest, loan_id: int) -> HttpResponse:
    """An original was seen at the counter."""
    get_object_or_404(queries.loans(actor=actor(request)), pk=loan_id)
    evidence = str(request.POST.get("evidence", ""))
    attempt(
        request,
        lambda: proving.show_original(
            actor=actor(request),
            loan_id=loan_id,
            evidence_id=evidence,
            said=str(request.POST.get(f"said-{evidence}", "")),
            on=office_date(),
            at=now(),
        ),
        done=_("已记下核对的原件。"),
        refusals=(LoanRefusal, Refusal),
    )
    return redirect("desk:loan", loan_id)


@allowed("ventures.see")
@require_POST
def paper(request: HttpRequest, evidence_id: int) -> HttpResponse:
    """A paper that was handed in; the look is recorded with its purpose before it is shown."""
    try:
        name, kind, body = proving.read_file(
            actor=actor(request),
            evidence_id=evidence_id,
            purpose=str(request.POST.get("purpose", "")),
            at=now(),
        )
    except LoanNotFoundError as error:
        raise Http404(str(error)) from error
    return file_response(name, kind, body)
