"""What the bank paid and is not on record here: found when its return files are held to the records after a restore."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Concat

from jiuye.office.funds.models.triggers import refuse
from jiuye.office.funds.states import LIVE_LINE_STATES
from jiuye.office.staff.models import Account


@pghistory.track()
class UnbookedPayment(models.Model):
    """One line that the bank says it paid and that no line of ours is. As long as it stands open, its claim is paid in no other batch:
    it is taken over under the bank's own number, or closed by two people who have settled with the bank what it was.
    """

    batch_number = models.CharField("银行批次号", max_length=60)
    line_key = models.CharField("付款键", max_length=80)
    claim_key = models.CharField("办件键", max_length=60)
    amount_fen = models.BigIntegerField("金额")
    bank_reference = models.CharField("银行流水号", max_length=80, blank=True, default="")
    paid_on = models.DateField("银行付款日期", null=True, blank=True)
    found_at = models.DateTimeField("对照时间")
    # Whom it paid, where the payment file says so: the return file does not.
    payee_index = models.BinaryField("收款账号索引", max_length=32, null=True, blank=True)
    payee_ends_in = models.CharField("收款账号尾号", max_length=4, blank=True, default="")
    # The claim here that it paid, where the one named by the bank is on no record: said by somebody, with the reason.
    assigned_by = models.ForeignKey(
        Account,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="归入办件的人",
    )
    assigned_because = models.TextField("归入办件的理由", blank=True, default="")
    closing_proposed_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="提请结案人"
    )
    closing_because = models.TextField("结案理由", blank=True, default="")
    closed_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="结案人"
    )
    closed_on = models.DateField("结案日期", null=True, blank=True)

    class Meta:
        verbose_name = "银行已付未入账"
        indexes = [models.Index(fields=["claim_key"])]
        triggers = [
            refuse(
                "unbooked_keeps_what_the_bank_said",
                "银行说过的付款不能修改；查清以后请由两人结案。",
                operation=pgtrigger.Update,
                condition="OLD.batch_number IS DISTINCT FROM NEW.batch_number OR OLD.line_key IS DISTINCT FROM NEW.line_key "
                "OR OLD.amount_fen IS DISTINCT FROM NEW.amount_fen "
                "OR OLD.bank_reference IS DISTINCT FROM NEW.bank_reference OR OLD.paid_on IS DISTINCT FROM NEW.paid_on "
                "OR (OLD.payee_index IS NOT NULL AND OLD.payee_index IS DISTINCT FROM NEW.payee_index) "
                "OR OLD.closed_on IS NOT NULL",
            ),
            refuse(
                "unbooked_assigned_before_it_is_taken_over",
                "这笔付款正在补录或者已经补录，不能改归别的办件。",
                operation=pgtrigger.Update,
                condition="OLD.claim_key IS DISTINCT FROM NEW.claim_key",
                needs="1 WHERE NOT EXISTS (SELECT 1 FROM funds_paymentline AS line JOIN funds_paymentbatch AS batch "
                "ON batch.id = line.batch_id WHERE line.line_key = NEW.line_key AND batch.number = NEW.batch_number "
                f"AND line.state IN ({', '.join(repr(state) for state in LIVE_LINE_STATES)}))",
            ),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["batch_number", "line_key"],
                name="unbooked_once_a_line",
                violation_error_message="银行的同一笔付款只记一次。",
            ),
            models.CheckConstraint(
                name="unbooked_assigned_with_reason",
                condition=(
                    Q(assigned_by__isnull=True, assigned_because="")
                    & (Q(line_key=F("claim_key")) | Q(line_key__startswith=Concat("claim_key", Value("#"))))
                )
                | (Q(assigned_by__isnull=False) & ~Q(assigned_because="")),
                violation_error_message="把银行的付款归入别的办件，要写明是谁、凭什么归入的。",
            ),
            models.CheckConstraint(
                name="unbooked_proposed_with_reason",
                condition=Q(closing_proposed_by__isnull=True, closing_because="")
                | (Q(closing_proposed_by__isnull=False) & ~Q(closing_because="")),
                violation_error_message="提请结案必须写明与银行怎样查清的。",
            ),
            models.CheckConstraint(
                name="unbooked_closed_by_two",
                condition=Q(closed_by__isnull=True, closed_on__isnull=True)
                | (
                    Q(closed_by__isnull=False, closed_on__isnull=False, closing_proposed_by__isnull=False)
                    & ~Q(closed_by=F("closing_proposed_by"))
                ),
                violation_error_message="银行已付未入账的结案须由提请人以外的一人确认。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.batch_number} {self.line_key}"

    @property
    def banks_claim(self) -> str:
        """The claim that the bank's own key names."""
        return claim_of_line(self.line_key)


def claim_of_line(line_key: str) -> str:
    """The claim of a line's key: `case:12` of `case:12#3`."""
    return line_key.rpartition("#")[0] or line_key


# A line of a claim that the bank has paid already is refused, unless it is that very payment, taken over under the bank's number.
BARRED = (
    "1 FROM funds_unbookedpayment AS known WHERE known.claim_key = NEW.claim_key AND known.closed_on IS NULL "
    "AND NOT EXISTS (SELECT 1 FROM funds_paymentline AS ours JOIN funds_paymentbatch AS its ON its.id = ours.batch_id "
    "WHERE ours.line_key = known.line_key AND its.number = known.batch_number AND ours.posted_id IS NOT NULL) "
    "AND NOT (known.line_key = NEW.line_key AND EXISTS (SELECT 1 FROM funds_paymentbatch AS batch "
    "WHERE batch.id = NEW.batch_id AND batch.number = known.batch_number))"
)
