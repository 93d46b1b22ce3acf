"""What went to the level above because it was late: the step of a case or matter, the answer to a low mark or to an application for a loan, a
review, a promised service."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q

from jiuye.office.casework.models import Case, RefusalReview
from jiuye.office.casework.models.beside import ReviewOfRefusal
from jiuye.office.conduct.models.one_thing import exactly_one
from jiuye.office.conduct.models.ratings import Rating
from jiuye.office.matters.models import Matter, MatterRefusalReview, PromisedService, Review
from jiuye.office.ventures.models import Loan, LoanRefusalReview

STEPS = ("case", "matter")
REVIEWS = ("case_review", "matter_review", "loan_review")
SUBJECTS = (*STEPS, "rating", *REVIEWS, "promised", "loan", "due_review")


def _about(model: type[models.Model], words: str) -> models.ForeignKey:
    return models.ForeignKey(
        model, on_delete=models.PROTECT, null=True, blank=True, related_name="escalations", verbose_name=words
    )


class Escalation(models.Model):
    """Something was late and went to the office above by itself; both offices have it from then on.

    One row a step, deadline and level.
    """

    case = _about(Case, "办件")
    matter = _about(Matter, "事项办理")
    rating = _about(Rating, "评价")
    case_review = _about(RefusalReview, "不予支付的复核")
    matter_review = _about(MatterRefusalReview, "不予办理的复核")
    loan_review = _about(LoanRefusalReview, "不予担保的复核")
    promised = _about(PromisedService, "承诺的服务")
    loan = _about(Loan, "贷款申请")  # that its office has not answered
    due_review = _about(Review, "到期复核")  # of what was granted
    step = models.CharField("环节", max_length=20)
    role = models.CharField("由谁办", max_length=20)
    due_on = models.DateField("期限")
    late_workdays = models.IntegerField("逾期工作日")
    from_division = models.CharField("办理区划", max_length=12)
    to_division = models.CharField("上报到", max_length=12)
    on_date = models.DateField("日期")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "逾期上报"
        indexes = [models.Index(fields=["to_division", "due_on"])]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
        constraints = [
            models.CheckConstraint(
                name="escalation_of_one_thing",
                condition=exactly_one(SUBJECTS),
                violation_error_message="上报必须写明是哪一件办件、事项或贷款申请，哪一条评价、哪一次复核或哪一项服务，且只能是一件。",
            ),
            models.CheckConstraint(
                name="escalation_of_what_is_late",
                condition=Q(late_workdays__gt=0),
                violation_error_message="没有逾期的不上报。",
            ),
            models.UniqueConstraint(
                fields=[*SUBJECTS, "step", "due_on", "to_division"],
                nulls_distinct=False,
                name="escalated_once",
                violation_error_message="同一环节同一期限只上报一次。",
            ),
        ]

    def __str__(self) -> str:
        subject = next(name for name in SUBJECTS if getattr(self, f"{name}_id") is not None)
        return f"{subject} {getattr(self, f'{subject}_id')} {self.step} → {self.to_division}"

    @property
    def review(self) -> ReviewOfRefusal | None:
        """The review of a refusal that was late, where it was one."""
        return self.case_review or self.matter_review or self.loan_review

    @property
    def thing(self) -> Case | Matter | Loan:
        """What it is about: what waits, what a mark, a review or a promise belongs to."""
        if self.rating is not None:
            return self.rating.rated
        if self.promised is not None:
            return self.promised.matter
        if self.due_review is not None:
            return self.due_review.matter
        if self.review is not None:
            refused: Case | Matter | Loan = self.review.refused
            return refused
        found = self.case or self.matter or self.loan
        assert found is not None  # held by a constraint
        return found
