"""Real-name imports: the batch, and what it changed, so that it can be undone as one."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q

from jiuye.office.staff.models import Account


@pghistory.track()
class ImportBatch(models.Model):
    """One uploaded file: previewed, then accepted as one, perhaps undone as one."""

    class State(models.TextChoices):
        PREVIEWED = "previewed", "待确认"
        ACCEPTED = "accepted", "已入库"
        UNDONE = "undone", "已撤销"
        DISCARDED = "discarded", "已放弃"

    file_name = models.CharField("文件名", max_length=200)
    file_sha256 = models.CharField("文件指纹", max_length=64)
    source = models.CharField("来源", max_length=60)
    state = models.CharField("状态", max_length=12, choices=State.choices, default=State.PREVIEWED)
    mapping = models.JSONField("列对应", default=dict)  # heading → field, as previewed
    # What the preview found and what was then written: sheets, new, changed and unchanged persons, notes.
    summary = models.JSONField("概要", default=dict)
    row_count = models.IntegerField("总行数", default=0)
    accepted_count = models.IntegerField("通过行数", default=0)
    rejected_count = models.IntegerField("退回行数", default=0)
    uploaded_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="+", verbose_name="上传人"
    )
    uploaded_at = models.DateTimeField("上传时间")
    accepted_at = models.DateTimeField("入库时间", null=True, blank=True)
    undone_at = models.DateTimeField("撤销时间", null=True, blank=True)

    class Meta:
        verbose_name = "导入批次"
        constraints = [
            models.CheckConstraint(
                name="import_counts_add_up",
                condition=Q(row_count=models.F("accepted_count") + models.F("rejected_count")),
                violation_error_message="通过行数与退回行数之和必须等于总行数。",
            ),
            models.CheckConstraint(
                name="import_state_known",
                condition=Q(state__in=["previewed", "accepted", "undone", "discarded"]),
                violation_error_message="导入批次的状态不在目录内。",
            ),
            models.CheckConstraint(
                name="import_state_has_its_time",
                condition=Q(state__in=["previewed", "discarded"], accepted_at=None, undone_at=None)
                | Q(state="accepted", accepted_at__isnull=False, undone_at=None)
                | Q(state="undone", accepted_at__isnull=False, undone_at__isnull=False),
                violation_error_message="已入库的批次必须有入库时间，已撤销的批次还必须有撤销时间。",
            ),
            models.CheckConstraint(
                name="import_has_source",
                condition=~Q(source=""),
                violation_error_message="导入批次必须写明来源。",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name


class ImportChange(models.Model):
    """What a batch wrote: a run of new rows (`before` empty), or one row that it changed, with what stood there.

    New rows are kept as runs of ids, first and last included: a batch of 200,000 persons is a handful of runs, and each id
    of a run was taken from the sequence by this batch. Sealed columns stand in `before` as sealed, in base64: never in clear.
    """

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="changes")
    model = models.CharField(max_length=40)
    object_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    before = models.JSONField(null=True, blank=True)

    class Meta:
        verbose_name = "导入变动"
        constraints = [
            models.CheckConstraint(
                name="import_change_run_in_order",
                condition=Q(last_id__gte=models.F("object_id")),
                violation_error_message="一段编号的末尾不能小于开头。",
            ),
            models.CheckConstraint(
                name="import_change_changes_one_row",
                condition=Q(before__isnull=True) | Q(last_id=models.F("object_id")),
                violation_error_message="改动按单条记录保存原值。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.object_id}–{self.last_id}"
