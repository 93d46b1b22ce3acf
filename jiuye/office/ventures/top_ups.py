"""What the fund compensates besides the first compensation, because more was still owed to the bank than it had asked for."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q

from jiuye.office.funds.models.triggers import refuse
from jiuye.office.funds.models.undoing import Undoable, only_undone_once, undone_whole
from jiuye.office.staff.models import Account
from jiuye.office.ventures.states import AFTER_COMPENSATION

TOP_UP_KEY = "loan-topup:"  # how the claim key of a further compensation begins

_AFTER = ", ".join(f"'{state}'" for state in AFTER_COMPENSATION)


class LoanTopUp(Undoable):
    """A further compensation of a loan (追加代偿), signed, reserved and paid as the first one is. One that was taken back before it was paid
    stays, with the reason, and counts nowhere.
    """

    loan = models.ForeignKey(
        "ventures.Loan", on_delete=models.PROTECT, related_name="top_ups", verbose_name="贷款"
    )
    amount_fen = models.BigIntegerField("追加代偿金额")
    fund = models.CharField("代偿基金", max_length=40)
    granted_on = models.DateField("追加代偿日期")
    recorded_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="+", verbose_name="末位签批人"
    )

    class Meta(Undoable.Meta):
        verbose_name = "追加代偿"
        ordering = ["loan", "pk"]
        triggers = [
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            only_undone_once(
                "top_up_is_only_undone_once",
                "追加代偿不能修改；没有付款的只能撤销一次。",
                "loan_id", "amount_fen", "fund", "granted_on", "recorded_by_id",
            ),
            refuse(
                "top_up_within_what_is_owed",
                "追加代偿只给已代偿的贷款，代偿、追加代偿和还款合计不能超过放款金额。",
                operation=pgtrigger.Insert,
                needs=(
                    f"1 FROM ventures_loan l WHERE l.id = NEW.loan_id AND l.state IN ({_AFTER}) AND l.disbursed_fen >= "
                    "NEW.amount_fen + l.compensated_fen "
                    "+ coalesce((SELECT sum(t.amount_fen) FROM ventures_loantopup t WHERE t.loan_id = l.id AND t.undone_on IS NULL), 0) "
                    "+ coalesce((SELECT sum(r.principal_fen) FROM ventures_loanrepayment r WHERE r.loan_id = l.id AND r.undone_on IS NULL), 0)"
                ),
            ),
        ]  # fmt: skip
        constraints = [
            undone_whole("loan_top_up_undone_whole", "撤销追加代偿必须写明日期、撤销人和理由。"),
            models.CheckConstraint(
                name="loan_top_up_positive",
                condition=Q(amount_fen__gt=0) & ~Q(fund=""),
                violation_error_message="追加代偿必须写明基金，金额大于零。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.loan_id} +{self.amount_fen}"

    @property
    def claim_key(self) -> str:
        """The key under which it is reserved and paid, once."""
        return f"{TOP_UP_KEY}{self.pk}"
