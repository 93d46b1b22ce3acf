"""What an applicant thought of how they were served, and what was answered. Words are sealed at rest; both are appended, never edited."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q

from jiuye.office.casework.models import Case
from jiuye.office.conduct.states import LEVELS, LOW
from jiuye.office.matters.models import Matter
from jiuye.office.registry.secrets import SealedField
from jiuye.office.staff.models import Account
from jiuye.office.ventures.models import Loan

KEPT = pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)


class Rating(models.Model):
    """One mark on one ended matter, case or application for a loan. A low one carries the last day for its answer (`answer_due`)."""

    matter = models.OneToOneField(
        Matter,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="rating",
        verbose_name="事项办理",
    )
    case = models.OneToOneField(
        Case, on_delete=models.PROTECT, null=True, blank=True, related_name="rating", verbose_name="办件"
    )
    loan = models.OneToOneField(
        Loan, on_delete=models.PROTECT, null=True, blank=True, related_name="rating", verbose_name="贷款"
    )
    division_code = models.CharField("所在区划", max_length=12)
    level = models.CharField("评价", max_length=20, choices=list(LEVELS.items()))
    words = SealedField("评价内容")
    on_date = models.DateField("评价日期")
    at = models.DateTimeField("时间")
    answer_due = models.DateField(
        "回复期限", null=True, blank=True
    )  # empty also where no calendar is out yet

    class Meta:
        verbose_name = "评价"
        indexes = [models.Index(fields=["level", "answer_due"]), models.Index(fields=["division_code"])]
        triggers = [KEPT]
        constraints = [
            models.CheckConstraint(
                name="rating_of_one_thing",
                condition=Q(matter__isnull=False, case__isnull=True, loan__isnull=True)
                | Q(matter__isnull=True, case__isnull=False, loan__isnull=True)
                | Q(matter__isnull=True, case__isnull=True, loan__isnull=False),
                violation_error_message="评价必须写明是哪一件事项、办件或贷款，且只能是一件。",
            ),
            models.CheckConstraint(
                name="rating_level_known",
                condition=Q(level__in=list(LEVELS)),
                violation_error_message="评价只有五档。",
            ),
            models.CheckConstraint(
                name="rating_answer_owed_for_low_marks",
                condition=Q(answer_due__isnull=True) | Q(level__in=LOW),
                violation_error_message="只有不满意的评价有回复期限。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rated.number} {self.level}"

    @property
    def rated(self) -> Matter | Case | Loan:
        """What was marked."""
        rated = self.matter or self.case or self.loan
        assert rated is not None  # held by a constraint
        return rated

    @property
    def low(self) -> bool:
        return self.level in LOW


class RatingAnswer(models.Model):
    """The answer to a low mark, by a named officer who had no hand in what was marked."""

    rating = models.OneToOneField(
        Rating, on_delete=models.PROTECT, related_name="answer", verbose_name="评价"
    )
    words = SealedField("回复")
    answered_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="+", verbose_name="回复人"
    )
    answered_by_name = models.CharField("回复人姓名", max_length=60)
    on_date = models.DateField("回复日期")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "评价回复"
        triggers = [KEPT]

    def __str__(self) -> str:
        return f"{self.rating_id} {self.on_date}"
