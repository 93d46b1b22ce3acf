"""Signatures in turn: what money is decided takes as many different people as the band of its amount says.

The columns are the same for everything that is signed; which act it is and who may not sign it each table says itself.
"""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q

from jiuye.office.funds.models.recoveries import Recovery
from jiuye.office.funds.models.triggers import refuse
from jiuye.office.staff.models import Account

RECOVERY_ACTS = {"confirm": "确认追回", "withdraw": "撤回追回决定", "waive": "核销"}


class SignatureInTurn(models.Model):
    """One signature: the how-manieth of how many, under which amount and terms. A round begins anew where those change."""

    subject = models.CharField("签批对象", max_length=60)
    round = models.IntegerField("签批轮次")
    ordinal = models.IntegerField("第几签")
    needed = models.IntegerField("共需几签")
    amount_fen = models.BigIntegerField("签批金额")
    terms = models.CharField("签批的其他内容", max_length=60, blank=True, default="")
    signed_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", verbose_name="签批人")
    signed_by_name = models.CharField("签批人姓名", max_length=60)
    on_date = models.DateField("日期")
    at = models.DateTimeField("时间")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.subject} {self.ordinal}/{self.needed}"


class RecoverySignature(SignatureInTurn):
    """One signature under the confirmation or the waiver of a claim for money back; the last one decides it."""

    recovery = models.ForeignKey(
        Recovery, on_delete=models.PROTECT, related_name="signatures", verbose_name="追回"
    )
    act = models.CharField("事项", max_length=10, choices=list(RECOVERY_ACTS.items()))
    words = models.TextField("理由", blank=True, default="")

    class Meta:
        verbose_name = "追回签批"
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            refuse(
                "recovery_signature_by_another",
                "签批人不能是提出追回的人；确认或撤回追回的也不能是经手付款的人，撤回和核销的也不能是批准付款的人。请由另一位有权的人签批。",
                operation=pgtrigger.Insert,
                needs=(
                    "1 FROM funds_recovery r WHERE r.id = NEW.recovery_id AND r.opened_by_id IS DISTINCT FROM NEW.signed_by_id "
                    "AND (NEW.act NOT IN ('confirm', 'withdraw') OR NOT EXISTS (SELECT 1 FROM funds_paymentline l "
                    "JOIN funds_paymentbatch b ON b.id = l.batch_id WHERE l.claim_key = r.claim_key AND l.state = 'paid' "
                    "AND (b.made_by_id = NEW.signed_by_id OR b.approved_by_id = NEW.signed_by_id))) "
                    "AND (NEW.act NOT IN ('waive', 'withdraw') OR NOT EXISTS (SELECT 1 FROM funds_reservation p "
                    "JOIN funds_ledgertransfer t ON t.id = p.held_by_id WHERE p.id = r.paid_id AND t.recorded_by_id = NEW.signed_by_id))"
                ),
            ),
            refuse(
                "claim_not_ended_by_who_confirmed",
                "核销或撤回的签批人不能是签批确认这项追回的人；请由没有参与确认的另一位审批人员签批。",
                operation=pgtrigger.Insert,
                condition="NEW.act IN ('waive', 'withdraw')",
                needs=(
                    "1 WHERE NOT EXISTS (SELECT 1 FROM funds_recoverysignature s WHERE s.recovery_id = NEW.recovery_id "
                    "AND s.act = 'confirm' AND s.signed_by_id = NEW.signed_by_id)"
                ),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "round", "signed_by"],
                name="recovery_signature_once_a_person",
                violation_error_message="同一人只能签批一次；请由另一位审批人员签批。",
            ),
            models.UniqueConstraint(
                fields=["subject", "round", "ordinal"],
                name="recovery_signature_numbered_once",
                violation_error_message="刚才有人签批过；请看最新状态再签批。",
            ),
            models.CheckConstraint(
                name="recovery_signature_counted_from_one",
                condition=Q(ordinal__gte=1, ordinal__lte=F("needed"), amount_fen__gt=0),
                violation_error_message="签批的次序必须在 1 到所需人数之间。",
            ),
        ]
