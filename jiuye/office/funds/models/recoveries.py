"""Money claimed back (追回): what was overpaid, on what ground, in which instalments, and what has come in."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q

from jiuye.office.funds.models.ledger import LedgerTransfer
from jiuye.office.funds.models.sources import Reservation
from jiuye.office.funds.models.triggers import refuse
from jiuye.office.funds.models.undoing import (
    Undoable,
    once_a_reference,
    only_undone_once,
    undone_by_another,
    undone_whole,
)
from jiuye.office.funds.states import RECOVERY_STATES, pairs
from jiuye.office.registry.secrets import mask_name
from jiuye.office.staff.models import Account

_LAST_SIGNATURE = (
    "1 FROM funds_recoverysignature s WHERE s.recovery_id = NEW.id AND s.act = '{act}' AND s.ordinal = s.needed "
    "AND s.signed_by_id = NEW.{who}"
)


@pghistory.track()
class Recovery(models.Model):
    """A claim for money that was paid and is owed back. It never exceeds what was paid for its case."""

    claim_key = models.CharField("办件键", max_length=60)
    paid = models.ForeignKey(
        Reservation, on_delete=models.PROTECT, related_name="recoveries", verbose_name="原支付"
    )
    amount_fen = models.BigIntegerField("追回金额")
    ground = models.TextField("法律依据和事由")
    document = models.CharField("决定文书", max_length=200)
    debtor_name = models.CharField("应退还人", max_length=120)
    debtor_is_person = models.BooleanField("应退还人是个人", default=True)
    state = models.CharField("状态", max_length=10, choices=list(RECOVERY_STATES.items()), default="proposed")
    opened_on = models.DateField("决定日期")
    opened_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", verbose_name="经办人")
    # Who confirmed the decision, or dropped it: another officer than who opened it.
    decided_on = models.DateField("确认日期", null=True, blank=True)
    decided_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="确认人"
    )
    dropped_because = models.TextField("不予追回的理由", blank=True, default="")
    waived_on = models.DateField("核销日期", null=True, blank=True)
    waived_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="核销人"
    )
    waived_because = models.TextField("核销理由", blank=True, default="")

    class Meta:
        verbose_name = "追回"
        indexes = [models.Index(fields=["state", "opened_on"])]
        triggers = [
            pgtrigger.FSM(name="recovery_walks_the_table", field="state", transitions=pairs("recovery")),
            refuse(
                "recovery_keeps_its_claim",
                "追回的办件、金额和依据不能修改。",
                operation=pgtrigger.Update,
                condition="OLD.claim_key IS DISTINCT FROM NEW.claim_key OR OLD.amount_fen IS DISTINCT FROM NEW.amount_fen "
                "OR OLD.ground IS DISTINCT FROM NEW.ground OR OLD.paid_id IS DISTINCT FROM NEW.paid_id",
            ),
            refuse(
                "recovery_of_a_case_is_confirmed",
                "追回已付的款要由另一人确认；请先提出，再由审批人员确认。",
                operation=pgtrigger.Insert,
                condition="NEW.state <> 'proposed'",
            ),
            refuse(
                "recovery_decided_by_somebody",
                "确认或不予追回必须写明日期和确认人。",
                operation=pgtrigger.Update,
                condition="OLD.state = 'proposed' AND NEW.state <> 'proposed'",
                needs="1 WHERE NEW.decided_by_id IS NOT NULL AND NEW.decided_on IS NOT NULL",
            ),
            refuse(
                "recovery_confirmed_by_signatures",
                "确认追回要签批满档次规定的人数，最后一签的人就是确认人。",
                operation=pgtrigger.Update,
                condition="OLD.state = 'proposed' AND NEW.state = 'open'",
                needs=_LAST_SIGNATURE.format(act="confirm", who="decided_by_id"),
            ),
            refuse(
                "recovery_withdrawn_by_signatures",
                "撤回追回决定要签批满档次规定的人数，最后一签的人就是撤回人；已有还款到账的不能撤回。",
                operation=pgtrigger.Update,
                condition="OLD.state = 'open' AND NEW.state = 'dropped'",
                needs=_LAST_SIGNATURE.format(act="withdraw", who="decided_by_id")
                + " AND NOT EXISTS (SELECT 1 FROM funds_recoveryreceipt r WHERE r.recovery_id = NEW.id AND r.undone_on IS NULL)",
            ),
            refuse(
                "recovery_waived_by_signatures",
                "核销要签批满档次规定的人数，最后一签的人就是核销人。",
                operation=pgtrigger.Update,
                condition="OLD.state <> 'waived' AND NEW.state = 'waived'",
                needs=_LAST_SIGNATURE.format(act="waive", who="waived_by_id"),
            ),
            # No constraints: what was given up or withdrawn before these rules stays on record as it was.
            refuse(
                "recovery_not_waived_by_who_confirmed",
                "核销人不能是确认追回的人；请由没有参与确认的另一位审批人员核销。",
                operation=pgtrigger.Update,
                condition="OLD.waived_by_id IS DISTINCT FROM NEW.waived_by_id AND NEW.waived_by_id = NEW.decided_by_id",
            ),
            refuse(
                "recovery_not_withdrawn_by_who_confirmed",
                "撤回追回决定的不能是确认追回的人；请由没有参与确认的另一位审批人员撤回。",
                operation=pgtrigger.Update,
                condition="OLD.state = 'open' AND NEW.state = 'dropped' AND OLD.decided_by_id = NEW.decided_by_id",
            ),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["claim_key"],
                condition=Q(state__in=["proposed", "open"]),
                name="recovery_once_a_claim",
                violation_error_message="这件办件已经在追回。",
            ),
            models.CheckConstraint(
                name="recovery_has_ground_and_amount",
                condition=Q(amount_fen__gt=0) & ~Q(ground="") & ~Q(document=""),
                violation_error_message="追回必须写明金额、法律依据和决定文书。",
            ),
            models.CheckConstraint(
                name="recovery_decided_by_another",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("opened_by")),
                violation_error_message="确认追回的不能是提出的人；请由另一位审批人员确认。",
            ),
            models.CheckConstraint(
                name="recovery_drop_has_reason",
                condition=~Q(state="dropped") | ~Q(dropped_because=""),
                violation_error_message="不予追回必须写明理由。",
            ),
            models.CheckConstraint(
                name="recovery_waived_by_another",
                condition=Q(waived_by__isnull=True) | ~Q(waived_by=F("opened_by")),
                violation_error_message="核销人不能是经办追回的人；请由另一人核销。",
            ),
            models.CheckConstraint(
                name="recovery_waiver_whole",
                condition=(
                    Q(state="waived", waived_on__isnull=False, waived_by__isnull=False)
                    & ~Q(waived_because="")
                )
                | (~Q(state="waived") & Q(waived_on__isnull=True, waived_by__isnull=True, waived_because="")),
                violation_error_message="核销必须写明日期、核销人和理由。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.claim_key} {self.get_state_display()}"

    @property
    def masked_debtor(self) -> str:
        """A resident's name masked; a firm's name is public."""
        return mask_name(self.debtor_name) if self.debtor_is_person else self.debtor_name


class RecoveryInstalment(models.Model):
    """One part of what is owed back, and the day by which it is due."""

    recovery = models.ForeignKey(
        Recovery, on_delete=models.PROTECT, related_name="instalments", verbose_name="追回"
    )
    number = models.IntegerField("期次")
    due_on = models.DateField("应还日期")
    amount_fen = models.BigIntegerField("应还金额")

    class Meta:
        verbose_name = "追回分期"
        ordering = ["recovery", "number"]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
        constraints = [
            models.UniqueConstraint(
                fields=["recovery", "number"],
                name="recovery_instalment_numbered_once",
                violation_error_message="同一项追回的期次不能重复。",
            ),
            models.CheckConstraint(
                name="recovery_instalment_positive",
                condition=Q(amount_fen__gt=0),
                violation_error_message="每期金额必须大于零。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recovery_id} #{self.number}"


class RecoveryReceipt(Undoable):
    """Money that came back, once a bank reference, booked in the ledger. One that was entered wrongly stays, taken back by another person
    with the reason, and with the entry that takes it out of the ledger."""

    recovery = models.ForeignKey(
        Recovery, on_delete=models.PROTECT, related_name="receipts", verbose_name="追回"
    )
    amount_fen = models.BigIntegerField("金额")
    received_on = models.DateField("到账日期")
    bank_reference = models.CharField("银行流水号", max_length=80)
    posted = models.OneToOneField(
        LedgerTransfer, on_delete=models.PROTECT, related_name="recovery_receipt", verbose_name="记账"
    )
    recorded_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="+", verbose_name="经办人"
    )
    undone_posted = models.OneToOneField(
        LedgerTransfer,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="undone_receipt",
        verbose_name="冲销记账",
    )

    class Meta(Undoable.Meta):
        verbose_name = "追回到账"
        ordering = ["recovery", "pk"]
        constraints = [
            models.CheckConstraint(
                name="recovery_receipt_has_reference",
                condition=~Q(bank_reference=""),
                violation_error_message="登记还款必须写明银行流水号。",
            ),
            once_a_reference("recovery_receipt_once_a_reference"),
            undone_whole(
                "recovery_receipt_undone_whole",
                "撤销到账登记必须写明日期、撤销人、理由和冲销的记账。",
                "undone_posted",
            ),
            undone_by_another(
                "recovery_receipt_undone_by_another",
                "撤销到账登记的不能是登记的人；请由另一位资金人员撤销。",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            only_undone_once(
                "receipt_is_only_undone_once",
                "到账登记不能修改；登记错了的只能由另一人撤销一次。",
                "recovery_id",
                "amount_fen",
                "received_on",
                "bank_reference",
                "posted_id",
                "recorded_by_id",
            ),
            refuse(
                "receipts_within_what_is_owed",
                "到账合计不能超过应追回的金额。",
                operation=pgtrigger.Insert,
                needs="1 FROM funds_recovery AS owed WHERE owed.id = NEW.recovery_id AND owed.amount_fen >= "
                "NEW.amount_fen + coalesce((SELECT sum(amount_fen) FROM funds_recoveryreceipt "
                "WHERE recovery_id = NEW.recovery_id AND undone_on IS NULL), 0)",
            ),
        ]

    def __str__(self) -> str:
        return self.bank_reference
