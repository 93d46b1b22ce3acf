"""Another person's page: what the draft changes, whether it is sound, what it was found to cost; then yes, no, or a day."""

from __future__ import annotations

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from jiuye.engine.basis.dates import parse_date
from jiuye.office.entitlements.publishing import publish_and_apply
from jiuye.office.policies import operations, queries
from jiuye.office.policies.checking import check_texts
from jiuye.office.policies.operations.reviewing import earliest_day
from jiuye.office.policies.queries.drafts import stale_files
from jiuye.office.policies.refusals import PolicyRefusal
from jiuye.portals.common.actors import actor, allowed, now, office_date
from jiuye.portals.common.attempts import attempt
from jiuye.portals.workbench.presenting import review_steps, simulation_table
from jiuye.portals.workbench.problems import margin_of
from jiuye.portals.workbench.refusals import REFUSALS
from jiuye.portals.workbench.views._shared import frame, the_draft


@allowed("policies.see")
@require_safe
def review(request: HttpRequest, draft_id: int) -> HttpResponse:
    """What the draft changes line by line, its check, its simulations, and the acts that this person may take."""
    me, on = actor(request), office_date()
    draft = the_draft(request, draft_id)
    texts = operations.texts_of_draft(draft)
    ended = draft.state in ("published", "discarded")
    checked = check_texts(texts) if not ended else None
    return render(
        request,
        "workbench/review.html",
        {
            **frame(request, draft, "review"),
            "changes": queries.draft_changes(actor=me, draft=draft),
            "checked": checked,
            "margin": margin_of("", "", checked) if checked is not None else None,
            "changed": [
                checked.pack.policies[name] for name in checked.policies if name in checked.pack.policies
            ]
            if checked is not None
            else [],
            "acts": {row.act: _(row.button) for row in queries.draft_acts(actor=me, draft=draft)},
            "steps": review_steps(draft),
            "simulations": simulation_table(draft.simulations.order_by("-pk")[:5]),
            "stale": stale_files(draft) if not ended else [],
            "least": earliest_day(texts, on),
            "publication": getattr(draft, "publication", None),
        },
    )


@allowed("policies.see")
@require_POST
def act(request: HttpRequest, draft_id: int, act: str) -> HttpResponse:
    """Hand in, send back, approve, publish or give up: one domain call each."""
    take = ACTS.get(act)
    if take is None:
        raise Http404(_("没有这个办理事项。"))
    attempt(request, lambda: take(request, draft_id), done=str, refusals=REFUSALS)
    return redirect("workbench:review", draft_id)


def _submit(request: HttpRequest, draft_id: int) -> str:
    operations.submit_draft(actor=actor(request), draft_id=draft_id, at=now())
    return _("已送审，由另一人审核。")


def _return(request: HttpRequest, draft_id: int) -> str:
    operations.return_draft(
        actor=actor(request), draft_id=draft_id, note=request.POST.get("note", ""), at=now()
    )
    return _("已退回起草人。")


def _approve(request: HttpRequest, draft_id: int) -> str:
    operations.approve_draft(
        actor=actor(request), draft_id=draft_id, note=request.POST.get("note", ""), at=now()
    )
    return _("审核通过，可以公布。")


def _publish(request: HttpRequest, draft_id: int) -> str:
    on = office_date()
    publication = publish_and_apply(
        actor=actor(request),
        draft_id=draft_id,
        effective_on=_day(request.POST.get("effective_on", "")),
        on=on,
        at=now(),
    )
    if publication.effective_on > on:
        return _("已公布，%(day)s 起施行。") % {"day": publication.effective_on.isoformat()}
    return _("已公布并施行，涉及的对象已重新判定。")


def _day(text: str) -> date:
    try:
        return parse_date(text.strip())
    except ValueError as error:
        raise PolicyRefusal(_("“%(day)s”不是日期；请写成 2025-07-01 的样子。") % {"day": text}) from error


def _discard(request: HttpRequest, draft_id: int) -> str:
    operations.discard_draft(actor=actor(request), draft_id=draft_id, at=now())
    return _("草案已作废，内容留作记录。")


ACTS = {
    "submit": _submit,
    "return": _return,
    "approve": _approve,
    "publish": _publish,
    "discard": _discard,
}


@allowed("policies.see")
@require_safe
def patch(request: HttpRequest, draft_id: int) -> HttpResponse:
    """The draft as a patch to the files under plans/."""
    draft = the_draft(request, draft_id)
    return patch_response(queries.draft_patch(actor=actor(request), draft=draft), f"draft-{draft.pk}")


def patch_response(text: str, name: str) -> HttpResponse:
    """A patch to download."""
    response = HttpResponse(text, content_type="text/x-diff; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.patch"'
    return response
