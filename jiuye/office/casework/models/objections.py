"""An objection to a public notice (公示异议): the same for a case and, above, for a matter."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from jiuye.office.registry.secrets import SealedField
from jiuye.office.staff.models import Account

RESOLVED_WHOLE = Q(resolved_on__isnull=True, resolved_by__isnull=True, upheld__isnull=True, resolution="") | (
    Q(resolved_on__isnull=False, resolved_by__isnull=False, upheld__isnull=False) & ~Q(resolution="")
)
RESOLVED_WHOLE_SAYS = "处理异议必须写明日期、处理人、是否成立和处理结果。"
HAS_WORDS_SAYS = "异议必须写明内容。"


class ObjectionRaised(models.Model):
    """Somebody objects during the days of notice: what hangs on it stands still until it is resolved with words."""

    raised_by_name = models.CharField("提出人", max_length=60, blank=True, default="")  # may be anonymous
    contact = SealedField("联系方式")
    text = models.TextField("异议内容")
    raised_on = models.DateField("提出日期")
    recorded_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="登记人"
    )  # empty: by whoever raised it, on the public page
    resolved_on = models.DateField("处理日期", null=True, blank=True)
    resolved_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="处理人"
    )
    upheld = models.BooleanField("异议成立", null=True, blank=True)
    resolution = models.TextField("处理结果", blank=True, default="")

    class Meta:
        abstract = True
