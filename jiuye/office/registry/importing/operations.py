"""The real-name import's acts: preview, accept, discard, undo, and handing back the rejected rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

import pghistory
import polars as pl
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Sum
from django.utils.translation import gettext as _

from jiuye.office.registry.importing import overwriting, storage
from jiuye.office.registry.importing.employers import NewEmployer
from jiuye.office.registry.importing.facts import note_undated, statuses_of
from jiuye.office.registry.importing.files import read_file
from jiuye.office.registry.importing.findings import Findings
from jiuye.office.registry.importing.places import Gazetteer
from jiuye.office.registry.importing.record import Comparison, compare
from jiuye.office.registry.importing.rejected import originals, workbook
from jiuye.office.registry.importing.shifts import misplaced_columns
from jiuye.office.registry.importing.tables import Table, find_tables
from jiuye.office.registry.importing.undoing import MODELS
from jiuye.office.registry.importing.undoing import undo as _undo
from jiuye.office.registry.importing.validation import Validated, validate
from jiuye.office.registry.importing.writing import Progress, write
from jiuye.office.registry.models import ImportBatch, ImportChange, Person
from jiuye.office.registry.secrets import blind_index
from jiuye.office.registry.signals import many_people_changed, people_changed
from jiuye.office.staff.operations import record_look
from jiuye.office.staff.queries import Actor, NotPermittedError, require
from jiuye.office.staff.rows import unscoped

PERMISSION = "registry.import"
# One import writes at a time: two files with the same persons would otherwise meet in the unique index.
_LOCK = 0x6A69757965  # "jiuye"
# So many residents are decided again within the import itself; a larger import asks for a sweep, which is faster.
DECIDED_AT_ONCE = 200
_FACTS_OF_ONE = 4  # rows that an import writes for one resident, at most on average
_KEPT = ("clean", "reasons", "notes", "cells", "places", overwriting.FRAME)


class BatchStateError(ValueError):
    """The batch is not in a state for this act."""

    def __init__(self, batch: ImportBatch, act: str) -> None:
        super().__init__(
            _("批次%(batch)d的状态是“%(state)s”，不能%(act)s。")
            % {"batch": batch.pk, "state": _(batch.get_state_display()), "act": act}
        )


class NothingToAcceptError(ValueError):
    """Every row was sent back."""

    def __init__(self) -> None:
        super().__init__(_("没有一行通过检查，无可入库。请下载退回的行，更正后重新上传。"))


class PreviewOutdatedError(ValueError):
    """The registry changed after the preview, so that accepting would write something else than was shown."""

    def __init__(self) -> None:
        super().__init__(_("预览之后，在册的信息有了变动，入库结果会与预览不同。请重新预览后再确认。"))


def _quiet(phase: str, share: float) -> None:
    """Progress that nobody watches."""


@unscoped("a file's people are compared with everyone on record; rows go in by COPY")
def preview(
    *,
    actor: Actor,
    file_name: str,
    content: bytes,
    source: str,
    at: datetime,
    on: date,
    chosen: Mapping[str, str] | None = None,
    progress: Progress = _quiet,
) -> ImportBatch:
    """Read and check a file, and keep the result as a batch; nothing of the registry changes.

    `source` says where the list comes from; `chosen` maps headings to fields where the officer knows better ("" leaves a
    column out). Raises NotPermittedError, and UnreadableFileError for a file that cannot be imported at all.
    """
    require(actor, PERMISSION)
    source = source.strip() or file_name[:60]
    progress("读取文件", 0.02)
    tables, skipped = find_tables(read_file(file_name, content), chosen)
    progress("检查每一行", 0.3)
    gazetteer = Gazetteer.load(on)
    scopes = actor.scopes(PERMISSION)
    checked = validate(tables, gazetteer, scopes, on)
    progress("计算索引", 0.6)
    clean = _with_indexes(checked.rows)
    progress("与在册信息比对", 0.75)
    compared = compare(clean, gazetteer, scopes, on)
    reasons, notes = _all_findings(checked, compared, on)
    changed = overwriting.changed_of(compared)
    total = checked.places.height
    progress("保存预览", 0.9)
    digest = storage.fingerprint(content)
    with transaction.atomic(), pghistory.context(operation="registry.import_preview"):
        batch = ImportBatch.objects.create(
            file_name=file_name[-200:],
            file_sha256=digest,
            source=source[:60],
            mapping=_mapping(tables),
            summary=_summary(tables, skipped, compared, notes, checked, digest, on)
            | {"overwrites": overwriting.counts_of(changed)},
            row_count=total,
            accepted_count=compared.rows.height,
            rejected_count=total - compared.rows.height,
            uploaded_by_id=actor.account_id,
            uploaded_at=at,
        )
        storage.keep_upload(content)
        storage.keep_frame(batch.pk, "clean", clean)
        storage.keep_frame(batch.pk, "reasons", reasons)
        storage.keep_frame(batch.pk, "notes", notes)
        storage.keep_frame(batch.pk, "places", checked.places)
        storage.keep_frame(batch.pk, "cells", originals(tables, reasons))
        storage.keep_frame(batch.pk, overwriting.FRAME, changed)
    progress("完成", 1.0)
    return batch


@unscoped("a file's people are compared with everyone on record; rows go in by COPY")
def remap(
    *,
    actor: Actor,
    batch: ImportBatch,
    chosen: Mapping[str, str],
    at: datetime,
    on: date,
    progress: Progress = _quiet,
) -> ImportBatch:
    """Preview the kept file again under another mapping of columns; the earlier preview is discarded."""
    _require_own(actor, batch)
    content = storage.read_upload(batch.file_sha256, batch.pk)
    again = preview(
        actor=actor, file_name=batch.file_name, content=content, source=batch.source, at=at, on=on, chosen=chosen,
        progress=progress,
    )  # fmt: skip
    discard(actor=actor, batch=batch)
    return again


@unscoped("a file's people are compared with everyone on record; rows go in by COPY")
def accept(
    *, actor: Actor, batch: ImportBatch, at: datetime, on: date, progress: Progress = _quiet
) -> ImportBatch:
    """Write the batch as previewed, in one transaction. Accepting an accepted batch again changes nothing.

    Raises NotPermittedError, BatchStateError, NothingToAcceptError, PreviewOutdatedError, storage.FileGoneError.
    """
    _require_own(actor, batch)
    try:
        with (
            transaction.atomic(),
            pghistory.context(operation="registry.import_accept", import_batch=batch.pk),
        ):
            locked = ImportBatch.objects.select_for_update().get(pk=batch.pk)
            if locked.state == ImportBatch.State.ACCEPTED:
                return locked
            if locked.state != ImportBatch.State.PREVIEWED:
                raise BatchStateError(locked, _("入库"))
            if not locked.accepted_count:
                raise NothingToAcceptError
            progress("与在册信息比对", 0.02)
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
            compared = compare(
                storage.read_frame(batch.pk, "clean"), Gazetteer.load(on), actor.scopes(PERMISSION), on
            )
            counts = compared.counts()
            if counts != locked.summary["counts"] or compared.rows.height != locked.accepted_count:
                raise PreviewOutdatedError
            if not overwriting.is_as_shown(locked, compared):
                raise PreviewOutdatedError  # what would be lost is not what was seen
            # The batch takes its new state first: its event marks the audit context of everything that follows.
            locked.state, locked.accepted_at = ImportBatch.State.ACCEPTED, at
            locked.summary = {**locked.summary, "accepted_by": actor.name}
            locked.save(update_fields=["state", "accepted_at", "summary"])
            new = [NewEmployer(**each) for each in locked.summary["new_employers"]]
            write(locked, compared, new, on, progress)
            _tell(locked, on, at)
    except IntegrityError as error:
        # Somebody wrote the same person or employer in between; the whole batch is rolled back.
        raise PreviewOutdatedError from error
    storage.forget_frames(batch.pk, "clean", overwriting.FRAME)
    _forget_upload_of(locked)
    progress("完成", 1.0)
    return locked


def discard(*, actor: Actor, batch: ImportBatch) -> ImportBatch:
    """Give a previewed batch up; its files are deleted. Discarding twice changes nothing."""
    _require_own(actor, batch)
    with transaction.atomic(), pghistory.context(operation="registry.import_discard", import_batch=batch.pk):
        locked = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        if locked.state == ImportBatch.State.DISCARDED:
            return locked
        if locked.state != ImportBatch.State.PREVIEWED:
            raise BatchStateError(locked, _("放弃"))
        locked.state = ImportBatch.State.DISCARDED
        locked.save(update_fields=["state"])
    storage.forget_frames(batch.pk, *_KEPT)
    _forget_upload_of(locked)
    return locked


@unscoped("a file's people are compared with everyone on record; rows go in by COPY")
def undo(
    *, actor: Actor, batch: ImportBatch, at: datetime, on: date, progress: Progress = _quiet
) -> ImportBatch:
    """Take an accepted batch back as one. Undoing twice changes nothing.

    Raises NotPermittedError, BatchStateError, and undoing.UndoBlockedError where later work depends on it.
    """
    _require_own(actor, batch)
    with transaction.atomic(), pghistory.context(operation="registry.import_undo", import_batch=batch.pk):
        locked = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        if locked.state == ImportBatch.State.UNDONE:
            return locked
        if locked.state != ImportBatch.State.ACCEPTED:
            raise BatchStateError(locked, _("撤销"))
        _undo(locked, progress)
        locked.state, locked.undone_at = ImportBatch.State.UNDONE, at
        locked.save(update_fields=["state", "undone_at"])
        _tell(locked, on, at)
    progress("完成", 1.0)
    return locked


def hand_back_rejected(*, actor: Actor, batch: ImportBatch, at: datetime) -> bytes:
    """The rejected rows as a workbook. It holds ID numbers in clear, so the download is recorded as a look."""
    _require_own(actor, batch)
    cells, reasons = storage.read_frame(batch.pk, "cells"), storage.read_frame(batch.pk, "reasons")
    record_look(
        actor=actor,
        subject_kind="import",
        subject_key=str(batch.pk),
        field="rejected_rows",
        purpose=_("下载退回的行"),
        at=at,
        showing=_named_in(cells),
    )
    return workbook(cells, reasons)


# ---------------------------------------------------------------------------------------------- internals


@unscoped("residents of any county may stand in a file; each reads that it was handed out, nobody else does")
def _named_in(cells: pl.DataFrame) -> list[tuple[str, str]]:
    """The residents on record whose ID number stands in the rows."""
    numbers = cells.filter(pl.col("field") == "id_number")["text"].drop_nulls().unique().to_list()
    indexes = [blind_index(number) for number in numbers if number.strip()]
    found = Person.objects.filter(id_number_index__in=indexes).order_by("pk")
    return [("person", str(key)) for key in found.values_list("pk", flat=True)]


def _require_own(actor: Actor, batch: ImportBatch) -> None:
    """Imports belong to their uploader; whoever may import in the whole of their divisions sees no one else's."""
    require(actor, PERMISSION)
    if batch.uploaded_by_id != actor.account_id:
        raise NotPermittedError(PERMISSION, "")


def _tell(batch: ImportBatch, on: date, at: datetime) -> None:
    """Tell the rooms above whose facts the batch changed; a fact's change is its person's."""
    changes = ImportChange.objects.filter(batch=batch).order_by("pk")
    rows = changes.aggregate(rows=Sum(F("last_id") - F("object_id") + 1))["rows"] or 0
    if rows > _FACTS_OF_ONE * DECIDED_AT_ONCE:
        transaction.on_commit(lambda: many_people_changed.send(sender=ImportBatch, batch=batch, on=on, at=at))
        return
    touched: set[int] = set()
    for name, first, last in changes.values_list("model", "object_id", "last_id"):
        if name != "employer":
            key = "pk" if name == "person" else "person_id"
            found = MODELS[name]._default_manager.filter(pk__gte=first, pk__lte=last).order_by("pk")
            touched.update(found.values_list(key, flat=True))
    people_changed.send(sender=ImportBatch, person_ids=sorted(touched), on=on, at=at)


def _with_indexes(rows: pl.DataFrame) -> pl.DataFrame:
    phones = rows["phone"].to_list()
    return rows.with_columns(
        pl.Series(
            "id_index", [blind_index(number) for number in rows["id_number"].to_list()], dtype=pl.Binary
        ),
        pl.Series(
            "phone_index", [blind_index(phone) if phone else None for phone in phones], dtype=pl.Binary
        ),
    )


def _all_findings(checked: Validated, compared: Comparison, on: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    undated = Findings()
    note_undated(
        statuses_of(compared.rows, on).join(compared.statuses, on=["rid", "kind", "category"], how="semi"),
        undated,
    )
    standing = compared.rows["rid"].implode()
    reasons = pl.concat([checked.reasons, compared.reasons]).sort("rid", maintain_order=True)
    notes = pl.concat([checked.notes, compared.notes, undated.frame()]).filter(pl.col("rid").is_in(standing))
    return reasons, notes.sort("rid", maintain_order=True)


def _mapping(tables: list[Table]) -> dict[str, Any]:
    """Sheet → its columns in order: heading, field, how it was found."""
    return {
        table.sheet: [
            {"heading": match.heading, "field": match.field, "how": match.how} for match in table.matches
        ]
        for table in tables
    }


def _summary(
    tables: list[Table],
    skipped: list[Any],
    compared: Comparison,
    notes: pl.DataFrame,
    checked: Validated,
    digest: str,
    on: date,
) -> dict[str, Any]:
    same_file = (
        ImportBatch.objects.filter(file_sha256=digest, state=ImportBatch.State.ACCEPTED)
        .order_by("pk")
        .first()
    )
    counted = notes.group_by("code").len().sort("len", "code", descending=[True, False])
    refused = pl.concat([checked.reasons, compared.reasons])
    refused_by = (
        refused.group_by("code").agg(pl.col("rid").n_unique()).sort("rid", "code", descending=[True, False])
    )
    used = set(compared.employment["employer_key"].drop_nulls().unique().to_list())
    return {
        "on": on.isoformat(),
        "sheets": [
            {"name": table.sheet, "rows": table.body.height, "heading_row": table.heading_row}
            for table in tables
        ],
        "skipped": [asdict(item) for item in skipped],
        "misplaced": [asdict(item) for table in tables for item in misplaced_columns(table)],
        "counts": compared.counts(),
        "notes": dict(counted.iter_rows()),
        "reasons": dict(refused_by.iter_rows()),
        "new_employers": [asdict(each) for each in checked.new_employers if each.credit_code in used],
        "same_file_batch": same_file.pk if same_file else None,
    }


def _forget_upload_of(batch: ImportBatch) -> None:
    """Delete the kept file unless another open preview was made of the same one."""
    others = ImportBatch.objects.filter(file_sha256=batch.file_sha256, state=ImportBatch.State.PREVIEWED)
    if not others.exclude(pk=batch.pk).exists():
        storage.forget_upload(batch.file_sha256)
