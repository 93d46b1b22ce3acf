"""Who signed what a loan costs the fund or the treasury, in turn."""

from __future__ import annotations

import pgtrigger
from django.db import models

from jiuye.office.funds.models import SignatureInTurn
from jiuye.office.funds.models.triggers import refuse
from jiuye.office.ventures.states import SIGNED_ACTS


class LoanSignature(SignatureInTurn):
    """One signature under a guarantee, a quarter's interest or a compensation. As many as the band of the amount takes."""

    loan = models.ForeignKey(
        "ventures.Loan", on_delete=models.PROTECT, related_name="signatures", verbose_name="贷款"
    )
    act = models.CharField("事项", max_length=20, choices=list(SIGNED_ACTS.items()))

    class Meta:
        verbose_name = "贷款签批"
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            refuse(
                "loan_signature_by_another",
                "签批人不能是申请的经办人；代偿的签批人也不能是担保的签批人。",
                operation=pgtrigger.Insert,
                needs=(
                    "1 FROM ventures_loan l WHERE l.id = NEW.loan_id "
                    "AND (NEW.act <> 'guarantee' OR l.applied_by_id IS DISTINCT FROM NEW.signed_by_id) "
                    "AND (NEW.act <> 'compensate' OR (l.guaranteed_by_id IS DISTINCT FROM NEW.signed_by_id AND NOT EXISTS "
                    "(SELECT 1 FROM ventures_loansignature s WHERE s.loan_id = l.id AND s.act = 'guarantee' "
                    "AND s.signed_by_id = NEW.signed_by_id)))"
                ),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "round", "signed_by"],
                name="loan_signature_once_a_person",
                violation_error_message="同一人只能签批一次；请由另一位审批人员签批。",
            ),
            models.UniqueConstraint(
                fields=["subject", "round", "ordinal"],
                name="loan_signature_numbered_once",
                violation_error_message="刚才有人签批过；请看最新状态再签批。",
            ),
        ]
