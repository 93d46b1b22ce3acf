"""Years whose deadlines were counted before their holidays were known."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class ProvisionalYear(models.Model):
    """A year into which deadlines were counted by expected workdays. Once its calendar is on file they are set right, all at once: `settled_at`."""

    year = models.IntegerField("年度", unique=True)
    since = models.DateField("最早办理日期")
    settled_at = models.DateTimeField("改按正式日历的时间", null=True, blank=True)
    moved = models.IntegerField("改动的期限", default=0)

    class Meta:
        verbose_name = "暂按预计工作日计算的年度"
        constraints = [
            models.CheckConstraint(
                name="provisional_year_moves_when_settled",
                condition=Q(settled_at__isnull=False) | Q(moved=0),
                violation_error_message="日历没有收录以前不能改动期限。",
            )
        ]

    def __str__(self) -> str:
        return str(self.year)
