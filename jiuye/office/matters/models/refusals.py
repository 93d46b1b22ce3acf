"""Looking again at the refusal of a matter."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q

from jiuye.office.casework.models.beside import ANOTHER_PERSON, DECIDED_WHOLE, ReviewOfRefusal
from jiuye.office.matters.models.matters import Matter


@pghistory.track()
class MatterRefusalReview(ReviewOfRefusal):
    """A refusal of a matter that is looked at again, by another officer than the one who refused."""

    matter = models.ForeignKey(
        Matter, on_delete=models.PROTECT, related_name="refusal_reviews", verbose_name="事项办理"
    )
    refused_on = models.DateField("不予办理日期")

    class Meta:
        verbose_name = "不予办理的复核"
        constraints = [
            models.CheckConstraint(
                name="matter_refusal_review_has_words",
                condition=~Q(text=""),
                violation_error_message="申请复核必须写明理由。",
            ),
            models.UniqueConstraint(
                fields=["matter"],
                condition=Q(decided_on__isnull=True),
                name="matter_refusal_review_one_at_a_time",
                violation_error_message="这件事项已有复核在办；请等复核结果。",
            ),
            models.CheckConstraint(
                name="matter_refusal_review_by_another_person",
                condition=ANOTHER_PERSON,
                violation_error_message="复核人不能是原决定人；请由另一位审批人员复核。",
            ),
            models.CheckConstraint(
                name="matter_refusal_review_decided_whole",
                condition=DECIDED_WHOLE,
                violation_error_message="复核必须写明日期、复核人、结论和意见。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.matter_id} {self.asked_on}"
