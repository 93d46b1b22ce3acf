"""Looking again at the refusal of a matter."""

from __future__ import annotations

import pghistory
from django.db import models

from jiuye.office.casework.models.beside import ReviewOfRefusal, review_constraints
from jiuye.office.matters.models.matters import Matter


@pghistory.track()
class MatterRefusalReview(ReviewOfRefusal):
    """A refusal of a matter that is looked at again, by another officer than the one who refused."""

    of = "matter"
    decided_with = "matters.decide"
    hands = ("accepted_by",)
    matter = models.ForeignKey(
        Matter, on_delete=models.PROTECT, related_name="refusal_reviews", verbose_name="事项办理"
    )
    refused_on = models.DateField("不予办理日期")

    class Meta:
        verbose_name = "不予办理的复核"
        constraints = review_constraints(
            "matter_refusal_review", of="matter", one_at_a_time="这件事项已有复核在办；请等复核结果。"
        )

    def __str__(self) -> str:
        return f"{self.matter_id} {self.asked_on}"
