"""What is kept so that one client address does not post objections without end: a keyed digest, for its day only."""

from __future__ import annotations

from django.db import models


class ObjectionFromAddress(models.Model):
    """One objection that the public page took. The address is not kept: `digest` is keyed and holds the day, so that two days never match."""

    digest = models.BinaryField("地址摘要", max_length=32)
    notice = models.CharField("公示编号", max_length=40)
    on_date = models.DateField("日期")

    class Meta:
        verbose_name = "公示页异议计数"
        indexes = [models.Index(fields=["on_date", "digest"], name="objection_from_address")]

    def __str__(self) -> str:
        return f"{self.notice} {self.on_date}"
