"""Looking again at a guarantee that was refused (复核): the mechanism of cases, kept beside the loan."""

from __future__ import annotations

import pghistory
from django.db import models

from jiuye.office.casework.models.beside import ReviewOfRefusal, review_constraints


@pghistory.track()
class LoanRefusalReview(ReviewOfRefusal):
    """A refused guarantee that is looked at again, by another officer than the one who refused."""

    of = "loan"
    decided_with = "ventures.guarantee"
    hands = ("applied_by",)
    loan = models.ForeignKey(
        "ventures.Loan", on_delete=models.PROTECT, related_name="refusal_reviews", verbose_name="贷款"
    )
    refused_on = models.DateField("不予担保日期")

    class Meta:
        verbose_name = "不予担保的复核"
        constraints = review_constraints(
            "loan_refusal_review", of="loan", one_at_a_time="这笔贷款已有复核在办；请等复核结果。"
        )

    def __str__(self) -> str:
        return f"{self.loan_id} {self.asked_on}"
