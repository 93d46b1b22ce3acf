"""Drafts: the list, beginning one, its files, its title; and what its boundary cases come to."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from jiuye.engine.rules.boundaries import boundaries as boundaries_of
from jiuye.engine.rules.boundaries import day_boundaries
from jiuye.office.policies import operations, queries
from jiuye.office.policies.checking import check_texts
from jiuye.portals.common.actors import actor, allowed, now
from jiuye.portals.common.attempts import attempt
from jiuye.portals.workbench.boundaries import boundary_clauses, day_groups
from jiuye.portals.workbench.presenting import draft_table
from jiuye.portals.workbench.refusals import REFUSALS
from jiuye.portals.workbench.views._shared import frame, the_draft


@allowed("policies.see")
@require_safe
def drafts(request: HttpRequest) -> HttpResponse:
    """Drafts under way, and on request those that have ended."""
    me = actor(request)
    ended = request.GET.get("all") == "1"
    return render(
        request,
        "workbench/drafts.html",
        {
            "table": draft_table(queries.all_drafts(actor=me, live=not ended)),
            "ended": ended,
            "may_write": me.may("policies.write"),
        },
    )


@allowed("policies.write")
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Begin a draft of a policy's file, or of a new one."""
    name = request.POST.get("name", "").strip()
    path = request.POST.get("path", "").strip() or (f"policies/{name}.yaml" if name else "")
    draft = attempt(
        request,
        lambda: operations.start_draft(
            actor=actor(request), title=request.POST.get("title", ""), paths=[path] if path else [], at=now()
        ),
        done=_("草案已建立；改好一段就保存，有错也会保留。"),
        refusals=REFUSALS,
    )
    if draft is None:
        return redirect(request.POST.get("back") or "workbench:drafts")
    return redirect("workbench:draft", draft.pk)


@allowed("policies.write")
@require_POST
def describe(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Change the title and what the reviewer is told."""
    attempt(
        request,
        lambda: operations.describe_draft(
            actor=actor(request),
            draft_id=draft_id,
            title=request.POST.get("title", ""),
            note=request.POST.get("note", ""),
            at=now(),
        ),
        done=_("已保存。"),
        refusals=REFUSALS,
    )
    return redirect("workbench:review", draft_id)


@allowed("policies.write")
@require_POST
def add_file(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Take up another file of the pack."""
    path = request.POST.get("path", "").strip()
    file = attempt(
        request,
        lambda: operations.add_file(actor=actor(request), draft_id=draft_id, path=path, at=now()),
        done="",
        refusals=REFUSALS,
    )
    answer = redirect("workbench:draft", draft_id)
    if file is not None:
        answer["Location"] += f"?file={file.path}"
    return answer


@allowed("policies.write")
@require_POST
def drop_file(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Leave a file out again."""
    attempt(
        request,
        lambda: operations.drop_file(
            actor=actor(request), draft_id=draft_id, path=request.POST.get("path", ""), at=now()
        ),
        done=_("这个文件不再改动。"),
        refusals=REFUSALS,
    )
    return redirect("workbench:draft", draft_id)


@allowed("policies.see")
@require_safe
def boundaries(request: HttpRequest, draft_id: int) -> HttpResponse:
    """What just below, at and just above every comparison comes to under the draft."""
    draft = the_draft(request, draft_id)
    checked = check_texts(operations.texts_of_draft(draft))
    changed = [checked.pack.policies[name] for name in checked.policies if name in checked.pack.policies]
    own = [
        policy for policy in changed if any(file.path == policy.file for file in draft.files.order_by("path"))
    ]
    asked = request.GET.get("policy", "")
    first = next(iter(own or changed), None)
    shown = next((policy for policy in changed if policy.id == asked), first)
    return render(
        request,
        "workbench/boundaries.html",
        {
            **frame(request, draft, "boundaries"),
            "sound": not checked.problems.errors,
            "errors": len(checked.problems.errors),
            "changed": changed,
            "policy": shown,
            "clauses": boundary_clauses(boundaries_of(checked.pack, shown)) if shown is not None else [],
            "days": day_groups(day_boundaries(checked.pack, shown)) if shown is not None else [],
        },
    )
