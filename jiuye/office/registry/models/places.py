"""Divisions: city, county or functional zone, street or town, village or community."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from jiuye.office.registry.states import DIVISION_KINDS


class Division(models.Model):
    """A place with a code whose prefix is its parent's: 3210 → 321002 → 321002001 → 321002001001 (GB/T 2260, GB/T 10114)."""

    code = models.CharField("区划代码", max_length=12, primary_key=True)
    name = models.CharField("名称", max_length=60)
    name_en = models.CharField("英文名", max_length=80, blank=True, default="")
    kind = models.CharField("级别", max_length=10, choices=list(DIVISION_KINDS.items()))
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    urban = models.BooleanField("城镇", default=True)  # 统计用城乡划分: what counts as urban employment
    opened = models.DateField("设立", null=True, blank=True)
    closed = models.DateField("撤销", null=True, blank=True)

    class Meta:
        verbose_name = "区划"
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="division_code_length_fits_kind",
                condition=Q(kind="city", code__regex=r"^\d{4}$")
                | Q(kind__in=["county", "zone"], code__regex=r"^\d{6}$")
                | Q(kind="street", code__regex=r"^\d{9}$")
                | Q(kind="village", code__regex=r"^\d{12}$"),
                violation_error_message="区划代码的位数必须与级别相符：市4位、县6位、街道9位、社区12位。",
            ),
            models.CheckConstraint(
                name="division_has_parent_unless_city",
                condition=Q(kind="city", parent__isnull=True) | (~Q(kind="city") & Q(parent__isnull=False)),
                violation_error_message="除设区市以外，每个区划都要有上级。",
            ),
        ]

    def __str__(self) -> str:
        return self.name
