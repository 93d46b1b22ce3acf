"""Looking again at a guarantee that was refused (复核): the mechanism of cases, kept beside the loan."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q

from jiuye.office.casework.models.beside import ANOTHER_PERSON, DECIDED_WHOLE, ReviewOfRefusal


@pghistory.track()
class LoanRefusalReview(ReviewOfRefusal):
    """A refused guarantee that is looked at again, by another officer than the one who refused."""

    loan = models.ForeignKey(
        "ventures.Loan", on_delete=models.PROTECT, related_name="refusal_reviews", verbose_name="贷款"
    )
    refused_on = models.DateField("不予担保日期")

    class Meta:
        verbose_name = "不予担保的复核"
        constraints = [
            models.CheckConstraint(
                name="loan_refusal_review_has_words",
                condition=~Q(text=""),
                violation_error_message="申请复核必须写明理由。",
            ),
            models.UniqueConstraint(
                fields=["loan"],
                condition=Q(decided_on__isnull=True),
                name="loan_refusal_review_one_at_a_time",
                violation_error_message="这笔贷款已有复核在办；请等复核结果。",
            ),
            models.CheckConstraint(
                name="loan_refusal_review_by_another_person",
                condition=ANOTHER_PERSON,
                violation_error_message="复核人不能是原决定人；请由另一位审批人员复核。",
            ),
            models.CheckConstraint(
                name="loan_refusal_review_decided_whole",
                condition=DECIDED_WHOLE,
                violation_error_message="复核必须写明日期、复核人、结论和意见。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.loan_id} {self.asked_on}"
