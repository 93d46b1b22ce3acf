"""What comes after a matter was granted: it is looked at again (年审) and goes on, or ends (退出)."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q

from jiuye.office.matters.models.matters import Matter
from jiuye.office.matters.states import REVIEW_OUTCOMES
from jiuye.office.staff.models import Account


@pghistory.track()
class Review(models.Model):
    """One time that a granted matter is looked at again: found by the nightly run on the day it is due, answered by a person."""

    matter = models.ForeignKey(
        Matter, on_delete=models.PROTECT, related_name="reviews", verbose_name="事项办理"
    )
    due_on = models.DateField("复核日")
    found_on = models.DateField("列入待复核的日期")
    outcome = models.CharField(
        "结果", max_length=10, choices=list(REVIEW_OUTCOMES.items()), blank=True, default=""
    )  # empty: nobody has answered yet
    reason = models.CharField("终止的情形", max_length=40, blank=True, default="")  # a key of the item's file
    note = models.TextField("说明", blank=True, default="")
    ended_from = models.DateField("自何日起终止", null=True, blank=True)
    looked_at = models.JSONField("复核时所看的信息", default=dict)
    decided_on = models.DateField("答复日期", null=True, blank=True)
    decided_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="答复人"
    )

    class Meta:
        verbose_name = "复核"
        indexes = [models.Index(fields=["outcome", "due_on"])]
        constraints = [
            models.UniqueConstraint(
                fields=["matter"],
                condition=Q(outcome=""),
                name="review_one_at_a_time",
                violation_error_message="同一事项同时只有一次复核。",
            ),
            models.CheckConstraint(
                name="review_answered_whole",
                condition=Q(outcome="", decided_on__isnull=True, decided_by__isnull=True)
                | (Q(decided_on__isnull=False, decided_by__isnull=False) & ~Q(outcome="") & ~Q(note="")),
                violation_error_message="复核必须写明结果、说明、日期和答复人。",
            ),
            models.CheckConstraint(
                name="review_end_says_from_when_and_why",
                condition=(Q(outcome="ended", ended_from__isnull=False) & ~Q(reason=""))
                | (~Q(outcome="ended") & Q(ended_from__isnull=True, reason="")),
                violation_error_message="终止必须写明情形和自何日起，维持的不能有。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.matter_id} {self.due_on} {self.outcome}"
