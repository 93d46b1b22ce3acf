"""A promised service that is closed without having been given: for which reason of the item's file, by whom; and opened again."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q

from jiuye.office.matters.models.matters import PromisedService
from jiuye.office.staff.models import Account


@pghistory.track()
class ServiceClosing(models.Model):
    """What was still owed of one promised service is not to be given, and why. It never counts as given.

    `says` are the file's words as they stood on that day, `record` what the registry shows of it where the reason rests on that.
    """

    promised = models.ForeignKey(
        PromisedService, on_delete=models.PROTECT, related_name="closings", verbose_name="承诺的服务"
    )
    reason = models.CharField("原因", max_length=40)
    says = models.CharField("原因（文字）", max_length=120)
    says_en = models.CharField("原因（英文）", max_length=200)
    record = models.CharField("登记的记录", max_length=200, blank=True, default="")
    note = models.CharField("情况说明", max_length=300, blank=True, default="")
    closed_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", verbose_name="了结人")
    closed_by_name = models.CharField("了结人姓名", max_length=60)
    on_date = models.DateField("了结日期")
    at = models.DateTimeField("了结时间")
    opened_on = models.DateField("重新打开日期", null=True, blank=True)
    opened_by = models.ForeignKey(
        Account,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="重新打开的人",
    )
    opened_by_name = models.CharField("重新打开的人的姓名", max_length=60, blank=True, default="")
    opened_because = models.CharField("重新打开的原因", max_length=300, blank=True, default="")

    class Meta:
        verbose_name = "了结的服务"
        triggers = [pgtrigger.Protect(name="kept", operation=pgtrigger.Delete)]
        constraints = [
            models.UniqueConstraint(
                fields=["promised"],
                condition=Q(opened_on__isnull=True),
                name="service_closed_once",
                violation_error_message="这项服务已经了结，没有重复办理。",
            ),
            models.CheckConstraint(
                name="closing_says_why",
                condition=~Q(reason="") & ~Q(says="") & (~Q(note="") | ~Q(record="")),
                violation_error_message="了结服务必须写明原因，以及情况说明或者登记的记录。",
            ),
            models.CheckConstraint(
                name="closing_opened_whole",
                condition=Q(opened_on__isnull=True, opened_by__isnull=True, opened_because="")
                | (
                    Q(opened_on__isnull=False, opened_by__isnull=False, opened_on__gte=F("on_date"))
                    & ~Q(opened_because="")
                ),
                violation_error_message="重新打开服务必须写明日期、办理人和原因，且不能早于了结日期。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.promised_id} {self.reason} {self.on_date}"
