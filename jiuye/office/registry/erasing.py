"""What the rules of retention mean in this room: files of imports that nobody decided on, and rows that an import handed back."""

from __future__ import annotations

from datetime import datetime

import pghistory
from django.db import transaction
from django.db.models import QuerySet

from jiuye.office.registry.importing import storage
from jiuye.office.registry.models import ImportBatch
from jiuye.office.staff.retention import Erasing


def _with_files(before: datetime) -> QuerySet[ImportBatch]:
    """Uploaded before that moment, and something of the file still lies on the disk."""
    old = ImportBatch.objects.filter(uploaded_at__lt=before).order_by("pk")
    return old.filter(pk__in=[batch.pk for batch in old if storage.keeps_something_of(batch.pk)])


def _erase(before: datetime, at: datetime) -> int:
    """A preview nobody decided on is given up; of a decided batch the rows that were handed back go. What was imported stays."""
    batches = list(_with_files(before).select_for_update())
    for batch in batches:
        if batch.state == ImportBatch.State.PREVIEWED:
            with pghistory.context(operation="registry.import_expire", import_batch=batch.pk):
                batch.state = ImportBatch.State.DISCARDED
                batch.save(update_fields=["state"])

    def forget() -> None:
        for batch in batches:
            storage.forget_all_of(batch.pk)
            if not ImportBatch.objects.filter(
                file_sha256=batch.file_sha256, state=ImportBatch.State.PREVIEWED
            ).exists():
                storage.forget_upload(batch.file_sha256)

    transaction.on_commit(forget)
    return len(batches)


ERASES = {"import_files": Erasing(lambda before: _with_files(before).count(), _erase)}
