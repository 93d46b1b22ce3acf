"""The proof of a public notice (公示存证): what was shown, from when to when, with the digest of exactly that."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q


class NoticeProof(models.Model):
    """One notice as everybody could read it. `about` is `case:12` or `matter:12`: what stands above is known by a text key only.

    Written with the act that begins the notice; when the notice is over, or taken down before its time, the day and the
    number of objections are added once. Nothing else in it ever changes.
    """

    about = models.CharField("公示对象", max_length=40)
    number = models.CharField("编号", max_length=40)
    division_code = models.CharField("所在区划", max_length=12)
    shown = models.JSONField("公示的内容")
    digest = models.CharField("内容指纹（SHA-256）", max_length=64)
    # Under the installation's key: a digest alone could be written anew together with the content.
    signature = models.CharField("签名（HMAC-SM3）", max_length=64, default="")
    first_day = models.DateField("公示起")
    until = models.DateField("公示止（不含）")
    put_up_at = models.DateTimeField("开始展示的时间")
    taken_down_on = models.DateField("撤下日期", null=True, blank=True)
    objections = models.IntegerField("收到的异议数", null=True, blank=True)

    class Meta:
        verbose_name = "公示存证"
        indexes = [models.Index(fields=["about"])]
        triggers = [
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="shown_never_changes",
                fields=[
                    "about",
                    "number",
                    "division_code",
                    "shown",
                    "digest",
                    "signature",
                    "first_day",
                    "until",
                    "put_up_at",
                ],
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["about"],
                condition=Q(taken_down_on__isnull=True),
                name="notice_one_at_a_time",
                violation_error_message="同一件事同时只有一次公示。",
            ),
            models.CheckConstraint(
                name="notice_is_signed",
                condition=~Q(signature=""),
                violation_error_message="公示存证必须签名。",
            ),
            models.CheckConstraint(
                name="notice_ends_after_start",
                condition=Q(until__gt=F("first_day")),
                violation_error_message="公示的结束日期必须晚于开始日期。",
            ),
            models.CheckConstraint(
                name="notice_taken_down_with_a_count",
                condition=Q(taken_down_on__isnull=True, objections__isnull=True)
                | Q(taken_down_on__isnull=False, objections__isnull=False),
                violation_error_message="公示撤下时必须写明收到几件异议。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.about} {self.first_day}–{self.until}"
