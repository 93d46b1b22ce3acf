"""What borrowers paid back to the bank, as the bank reports it, and what of that was entered wrongly."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q

from jiuye.office.funds.models.undoing import (
    Undoable,
    once_a_reference,
    only_undone_once,
    undone_by_another,
    undone_whole,
)
from jiuye.office.staff.models import Account


class LoanRepayment(Undoable):
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

    class Meta(Undoable.Meta):
        verbose_name = "还款"
        ordering = ["loan", "paid_on", "pk"]
        triggers = [
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            only_undone_once(
                "repayment_is_only_undone_once",
                "还款登记不能修改；登记错了的只能由另一人撤销一次。",
                "loan_id", "principal_fen", "paid_on", "bank_reference", "recorded_by_id",
            ),
        ]  # fmt: skip
        constraints = [
            once_a_reference("loan_repayment_once_a_reference"),
            undone_whole("loan_repayment_undone_whole", "撤销还款登记必须写明日期、撤销人和理由。"),
            undone_by_another(
                "loan_repayment_undone_by_another", "撤销还款登记的不能是登记的人；请由另一人撤销。"
            ),
            models.CheckConstraint(
                name="loan_repayment_positive",
                condition=Q(principal_fen__gt=0),
                violation_error_message="归还本金必须大于零。",
            ),
        ]

    def __str__(self) -> str:
        return self.bank_reference
