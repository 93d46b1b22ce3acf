"""The real-name import at the desk: upload, look, accept; take back; hand back what was refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from jiuye.office.registry.importing import operations, queries
from jiuye.office.registry.importing.files import MAX_BYTES, UnreadableFileError
from jiuye.office.registry.importing.storage import FileGoneError
from jiuye.office.registry.importing.undoing import UndoBlockedError
from jiuye.office.registry.models import ImportBatch
from jiuye.portals.common.actors import actor, allowed, now, office_date
from jiuye.portals.common.attempts import attempt
from jiuye.portals.common.components import Crumb
from jiuye.portals.common.slices import slice_asked
from jiuye.portals.desk.imports.forms import UploadForm
from jiuye.portals.desk.imports.presenting import (
    STATE_LEVELS,
    batch_table,
    change_table,
    column_table,
    first_rows_table,
    note_table,
    reason_table,
    rejection_table,
    sheets_of,
    skipped_of,
)

PAGE_SIZE, REASONS_SHOWN = 30, 100
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
REFUSALS = (
    UnreadableFileError,
    FileGoneError,
    UndoBlockedError,
    operations.BatchStateError,
    operations.NothingToAcceptError,
    operations.PreviewOutdatedError,
)


@allowed("registry.import")
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """The upload form and one's own imports."""
    return _overview(request, UploadForm())


@allowed("registry.import")
@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Preview an uploaded list; on to the preview, or back with what is wrong with the file."""
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _overview(request, form, status=422)
    file = form.cleaned_data["file"]
    # One byte more than the limit is enough for the import to refuse it by its size.
    content = file.read(MAX_BYTES + 1)
    try:
        batch = operations.preview(
            actor=actor(request),
            file_name=file.name,
            content=content,
            source=form.cleaned_data["source"],
            at=now(),
            on=office_date(),
        )
    except UnreadableFileError as error:
        form.add_error("file", str(error))
        return _overview(request, form, status=422)
    return redirect("desk:import", batch.pk)


@allowed("registry.import")
@require_safe
def detail(request: HttpRequest, batch_id: int) -> HttpResponse:
    """One import: what it would do or did, why rows were sent back, and what can be done now."""
    try:
        view = queries.view_of(
            actor(request),
            batch_id,
            after=request.GET.get("after", ""),
            before=request.GET.get("before", ""),
        )
    except ImportBatch.DoesNotExist as error:
        raise _no_batch() from error
    return render(
        request,
        "desk/imports/one.html",
        {
            "batch": view.batch,
            "summary": view.batch.summary,
            "counts": view.batch.summary["counts"],
            "overwrites": view.batch.summary.get("overwrites"),
            "level": STATE_LEVELS[view.batch.state],
            "sheets": sheets_of(view),
            "skipped": skipped_of(view),
            "columns": column_table(view),
            "reasons": reason_table(view),
            "notes": note_table(view.notes) if view.notes else None,
            "changed": view.changed,
            "changes": change_table(view.changed.rows) if view.changed.rows else None,
            "first_rows": first_rows_table(view) if view.rows else None,
            "crumbs": [Crumb(_("导入"), reverse("desk:imports")), Crumb(view.batch.file_name)],
        },
    )


@allowed("registry.import")
@require_safe
def rejected(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Every reason, row by row; `?reason=` picks one kind."""
    batch = _batch(request, batch_id)
    code = request.GET.get("reason", "")
    page = Paginator(range(queries.rejection_count(batch, code=code)), REASONS_SHOWN).get_page(
        request.GET.get("page")
    )
    start = (page.number - 1) * REASONS_SHOWN
    return render(
        request,
        "desk/imports/rejected.html",
        {
            "batch": batch,
            "code": code,
            "page": page,
            "table": rejection_table(queries.rejections(batch, code=code, start=start, limit=REASONS_SHOWN)),
            "crumbs": [
                Crumb(_("导入"), reverse("desk:imports")),
                Crumb(batch.file_name, reverse("desk:import", args=[batch.pk])),
                Crumb(_("退回的行")),
            ],
        },
    )


@allowed("registry.import")
@require_POST
def download(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The rejected rows as a workbook. A POST, because the download is recorded as a look at ID numbers."""
    batch = _batch(request, batch_id)
    content = attempt(
        request,
        lambda: operations.hand_back_rejected(actor=actor(request), batch=batch, at=now()),
        done="",
        refusals=REFUSALS,
    )
    if content is None:
        return redirect("desk:import", batch_id)
    response = HttpResponse(content, content_type=XLSX)
    # The number alone: a file name of the uploader's could say more than it should in a download list.
    response.headers["Content-Disposition"] = f'attachment; filename="rejected-{batch.pk}.xlsx"'
    response.headers["Cache-Control"] = "no-store"
    return response


@allowed("registry.import")
@require_POST
def remap(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Preview again with the columns as the officer says."""
    batch = _batch(request, batch_id)
    chosen = _chosen(batch, request.POST.getlist("heading"), request.POST.getlist("field"))
    if not chosen:
        messages.info(request, _("列对应没有改动。"))
        return redirect("desk:import", batch_id)
    again = attempt(
        request,
        lambda: operations.remap(
            actor=actor(request), batch=batch, chosen=chosen, at=now(), on=office_date()
        ),
        done=_("已按您指定的列重新预览。"),
        refusals=REFUSALS,
    )
    return redirect("desk:import", batch_id if again is None else again.pk)


def _chosen(batch: ImportBatch, headings: list[str], fields: list[str]) -> dict[str, str]:
    """What the officer changed, with what they had changed before; {} where nothing is different."""
    before = {column["heading"]: column for columns in batch.mapping.values() for column in columns}
    asked = dict(zip(headings, fields, strict=False))
    if all(before[heading]["field"] == field for heading, field in asked.items() if heading in before):
        return {}
    return {
        heading: field
        for heading, field in asked.items()
        if heading in before and (before[heading]["field"] != field or before[heading]["how"] == "chosen")
    }


@allowed("registry.import")
@require_POST
def accept(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Write the previewed batch."""
    return _act(
        request,
        batch_id,
        lambda batch: operations.accept(actor=actor(request), batch=batch, at=now(), on=office_date()),
        _accepted,
    )


def _accepted(batch: ImportBatch) -> str:
    lost = batch.summary.get("overwrites", {}).get("overwritten", 0)
    if not lost:
        return _("已入库。")
    return _("已入库，覆盖了 %(n)d 个在册的值；发现不对可以整批撤销，恢复原值。") % {"n": lost}


@allowed("registry.import")
@require_POST
def discard(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Give the preview up."""
    return _act(
        request,
        batch_id,
        lambda batch: operations.discard(actor=actor(request), batch=batch),
        _("已放弃，上传的文件已删除。"),
    )


@allowed("registry.import")
@require_POST
def undo(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Take the batch back as one."""
    return _act(
        request,
        batch_id,
        lambda batch: operations.undo(actor=actor(request), batch=batch, at=now(), on=office_date()),
        _("已整批撤销：新增的居民和信息已删除，改过的已恢复原值。"),
    )


def _act(
    request: HttpRequest, batch_id: int, act: Callable[[ImportBatch], Any], done: str | Callable[[Any], str]
) -> HttpResponse:
    batch = _batch(request, batch_id)
    attempt(request, lambda: act(batch), done=done, refusals=REFUSALS)
    return redirect("desk:import", batch_id)


def _overview(request: HttpRequest, form: UploadForm, status: int = 200) -> HttpResponse:
    page = slice_asked(request, queries.batches_of(actor(request)), size=PAGE_SIZE)
    return render(
        request,
        "desk/imports/overview.html",
        {"form": form, "table": batch_table(page.rows), "page": page},
        status=status,
    )


def _batch(request: HttpRequest, batch_id: int) -> ImportBatch:
    try:
        return queries.batch_of(actor(request), batch_id)
    except ImportBatch.DoesNotExist as error:
        raise _no_batch() from error


def _no_batch() -> Http404:
    return Http404(_("没有这个批次，或者是他人上传的。"))
