"""The night of one office day: begun at most once at a time, and which of its steps were done."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from jiuye.office.nights.states import STATES


class Night(models.Model):
    """What is done once for one office day, by one process at a time (`operations.alone`).

    `done` names its steps that were done, so that a night that was killed goes on behind them; `failed` holds, by step, why the last try
    did not do it, in Chinese and English.
    """

    on_date = models.DateField("办公日")
    state = models.CharField("状态", max_length=8, choices=list(STATES.items()), default="running")
    tries = models.IntegerField("次数", default=0)
    begun_at = models.DateTimeField("开始时间")  # of the last try
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    done = models.JSONField("已做完的", default=list)
    failed = models.JSONField("没有做完的", default=dict)

    class Meta:
        verbose_name = "夜间工作"
        constraints = [
            models.UniqueConstraint(
                fields=["on_date"],
                name="night_once_a_day",
                violation_error_message="同一天只有一次夜间工作。",
            ),
            models.CheckConstraint(
                name="night_ended_whole",
                condition=Q(state="running", ended_at__isnull=True, failed={})
                | Q(state="done", ended_at__isnull=False, failed={})
                | Q(state="failed", ended_at__isnull=False) & ~Q(failed={}),
                violation_error_message="夜间工作做完要有结束时间；没有做完的还要写明是哪一步、为什么。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on_date} {self.get_state_display()}"
