"""The text of a draft: edited, checked on a pause, kept with its mistakes; and forms that write a value into it."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from jiuye.engine.rules.editing import sources_of
from jiuye.office.policies import operations
from jiuye.office.policies.checking import check_texts
from jiuye.office.policies.models import Draft, DraftFile
from jiuye.office.policies.texts import tidy
from jiuye.portals.common.actors import actor, allowed, now
from jiuye.portals.common.attempts import attempt
from jiuye.portals.workbench.forms import force_form, value_groups, written
from jiuye.portals.workbench.presenting import pack_files
from jiuye.portals.workbench.problems import margin_of
from jiuye.portals.workbench.refusals import REFUSALS
from jiuye.portals.workbench.views._shared import frame, the_draft


@allowed("policies.see")
@require_safe
def edit(request: HttpRequest, draft_id: int) -> HttpResponse:
    """One file of the draft with what is wrong with it beside its lines."""
    draft = the_draft(request, draft_id)
    file = _file(request, draft, request.GET.get("file", ""))
    return _editor(request, draft, file, file.text if file is not None else "")


def _editor(
    request: HttpRequest, draft: Draft, file: DraftFile | None, text: str, status: int = 200
) -> HttpResponse:
    texts = operations.texts_of_draft(draft)
    if file is not None:
        texts[file.path] = text
    checked = check_texts(texts)
    return render(
        request,
        "workbench/draft.html",
        {
            **frame(request, draft, "draft"),
            "file": file,
            "text": text,
            "margin": margin_of(text, file.path, checked) if file is not None else None,
            "changed": [
                checked.pack.policies[name] for name in checked.policies if name in checked.pack.policies
            ],
            "pack_files": pack_files(checked.pack, texts),
        },
        status=status,
    )


def _file(request: HttpRequest, draft: Draft, path: str) -> DraftFile | None:
    files = list(draft.files.order_by("path"))
    found = next((file for file in files if file.path == path), None)
    if path and found is None:
        raise Http404(_("草案里没有这个文件。"))
    # The policy itself first: what else a draft takes up stands beside it.
    return (
        found
        or next((file for file in files if file.path.startswith("policies/")), None)
        or next(iter(files), None)
    )


@allowed("policies.write")
@require_POST
def save(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Keep the text, mistakes and all. Where it was changed elsewhere meanwhile, it is shown again and not lost."""
    path, text = request.POST.get("file", ""), request.POST.get("text", "")
    revision = request.POST.get("revision", "")
    saved = attempt(
        request,
        lambda: operations.save_draft(
            actor=actor(request),
            draft_id=draft_id,
            path=path,
            text=text,
            revision=int(revision) if revision.isdecimal() else None,
            at=now(),
        ),
        done=_("已保存。"),
        refusals=REFUSALS,
    )
    if saved is None:
        draft = the_draft(request, draft_id)
        return _editor(request, draft, _file(request, draft, path), tidy(text), status=422)
    return redirect(f"{reverse('workbench:draft', args=[draft_id])}?file={path}")


@allowed("policies.see")
@require_POST
def check(request: HttpRequest, draft_id: int) -> HttpResponse:
    """What is wrong with the text as it stands in the editor; nothing is kept. Asked for by htmx on a pause."""
    draft = the_draft(request, draft_id)
    path, text = request.POST.get("file", ""), tidy(request.POST.get("text", ""))
    checked = check_texts({**operations.texts_of_draft(draft), path: text})
    return render(
        request,
        "workbench/parts/checked.html",
        {
            "margin": margin_of(text, path, checked),
            "changed": [
                checked.pack.policies[name] for name in checked.policies if name in checked.pack.policies
            ],
            "apart": True,
        },
    )


@allowed("policies.see")
@require_safe
def values(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Every value and date of the draft's parameters as forms."""
    draft = the_draft(request, draft_id)
    files = list(draft.files.order_by("path"))
    return render(
        request,
        "workbench/values.html",
        {
            **frame(request, draft, "values"),
            "parts": [
                {
                    "file": file,
                    "groups": value_groups(file.text),
                    "force": force_form(file.text),
                    "sources": sources_of(file.text),
                }
                for file in files
            ],
        },
    )


@allowed("policies.write")
@require_POST
def write(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Write one value or date into the text."""
    draft = the_draft(request, draft_id)
    file = _file(request, draft, request.POST.get("file", ""))
    if file is None:
        raise Http404(_("草案里没有这个文件。"))
    attempt(
        request,
        lambda: operations.save_draft(
            actor=actor(request),
            draft_id=draft_id,
            path=file.path,
            text=written(file.text, request.POST),
            revision=file.revision,
            at=now(),
        ),
        done=_("已写进文本。"),
        refusals=REFUSALS,
    )
    return redirect("workbench:values", draft_id)
