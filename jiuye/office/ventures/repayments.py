"""What borrowers paid back to the bank, as the bank reports it, and what of that was entered wrongly."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q

from jiuye.office.funds.models.triggers import refuse
from jiuye.office.staff.models import Account


class StandingRepayments(models.Manager["LoanRepayment"]):
    """The repayments that count: an entry that was taken back counts nowhere, and is found through `every` alone."""

    def get_queryset(self) -> models.QuerySet[LoanRepayment]:
        return super().get_queryset().filter(undone_on__isnull=True)


class LoanRepayment(models.Model):
    """Principal paid back to the bank, as the bank reports it; a bank reference counts once. One that was entered wrongly stays, taken
    back by another person with the reason."""

    loan = models.ForeignKey(
        "ventures.Loan", on_delete=models.PROTECT, related_name="repayments", verbose_name="贷款"
    )
    principal_fen = models.BigIntegerField("归还本金")
    paid_on = models.DateField("还款日期")
    bank_reference = models.CharField("银行流水号", max_length=80)
    recorded_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="+", verbose_name="经办人"
    )
    undone_on = models.DateField("撤销日期", null=True, blank=True)
    undone_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="撤销人"
    )
    undone_because = models.TextField("撤销理由", blank=True, default="")

    every = models.Manager()
    objects = StandingRepayments()

    class Meta:
        verbose_name = "还款"
        default_manager_name = "objects"
        ordering = ["loan", "paid_on", "pk"]
        triggers = [
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            refuse(
                "repayment_is_only_undone_once",
                "还款登记不能修改；登记错了的只能由另一人撤销一次。",
                operation=pgtrigger.Update,
                condition="OLD.undone_on IS NOT NULL OR NEW.undone_on IS NULL OR OLD.loan_id <> NEW.loan_id "
                "OR OLD.principal_fen <> NEW.principal_fen OR OLD.paid_on <> NEW.paid_on "
                "OR OLD.bank_reference <> NEW.bank_reference OR OLD.recorded_by_id <> NEW.recorded_by_id",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["bank_reference"],
                condition=Q(undone_on__isnull=True),
                name="loan_repayment_once_a_reference",
                violation_error_message="这个银行流水号已经登记过。",
            ),
            models.CheckConstraint(
                name="loan_repayment_undone_whole",
                condition=Q(undone_on__isnull=True, undone_by__isnull=True, undone_because="")
                | Q(undone_on__isnull=False, undone_by__isnull=False) & ~Q(undone_because=""),
                violation_error_message="撤销还款登记必须写明日期、撤销人和理由。",
            ),
            models.CheckConstraint(
                name="loan_repayment_undone_by_another",
                condition=Q(undone_by__isnull=True) | ~Q(undone_by=F("recorded_by")),
                violation_error_message="撤销还款登记的不能是登记的人；请由另一人撤销。",
            ),
            models.CheckConstraint(
                name="loan_repayment_positive",
                condition=Q(principal_fen__gt=0),
                violation_error_message="归还本金必须大于零。",
            ),
        ]

    def __str__(self) -> str:
        return self.bank_reference
