"""Payment batches and their lines. A claim is paid at most once: the database holds it, whatever the code does."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q

from jiuye.office.funds.models.ledger import LedgerTransfer
from jiuye.office.funds.models.sources import Fund, Reservation
from jiuye.office.funds.models.triggers import refuse
from jiuye.office.funds.models.unbooked import BARRED
from jiuye.office.funds.states import BATCH_STATES, LINE_STATES, LIVE_LINE_STATES, pairs
from jiuye.office.registry.secrets import SealedField, mask_name
from jiuye.office.staff.models import Account
from jiuye.office.staff.row_rules import CITY_DIGITS


@pghistory.track()
class PaymentBatch(models.Model):
    """Lines of one fund paid together: made by one person, approved by another, sent to the bank, settled.

    `sending` is written before the bank is called: from then on the bank may have it, and the only way is forward.
    """

    number = models.CharField("批次号", max_length=60, unique=True)  # the key under which the bank knows it
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="batches", verbose_name="资金")
    state = models.CharField("状态", max_length=16, choices=list(BATCH_STATES.items()), default="draft")
    # The place that holds all that it pays: a county, or the city. Empty only where no place was on record: then it is the city's.
    division_code = models.CharField("区划", max_length=12, blank=True, default="")
    purpose = models.CharField("摘要", max_length=60, blank=True, default="")
    made_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", verbose_name="制单人")
    made_on = models.DateField("制单日期")
    made_at = models.DateTimeField("制单时间")
    approved_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="复核人"
    )
    approved_on = models.DateField("复核日期", null=True, blank=True)
    sent_on = models.DateField("发送日期", null=True, blank=True)
    bank_reference = models.CharField("银行受理号", max_length=80, blank=True, default="")
    settled_on = models.DateField("办结日期", null=True, blank=True)
    given_up_because = models.TextField("银行拒收情况", blank=True, default="")
    # What was approved, signed (`chain.batch_digest`): nothing else is sent.
    approved_digest = models.CharField("复核摘要", max_length=64, blank=True, default="")

    class Meta:
        verbose_name = "付款批次"
        indexes = [models.Index(fields=["state", "made_on"]), models.Index(fields=["fund", "made_on"])]
        triggers = [
            pgtrigger.FSM(name="batch_walks_the_table", field="state", transitions=pairs("batch")),
            refuse(
                "batch_keeps_its_place",
                "付款批次的资金、编号和区划不能修改；请作废后重新制单。",
                operation=pgtrigger.Update,
                condition="OLD.division_code IS DISTINCT FROM NEW.division_code OR OLD.fund_id IS DISTINCT FROM NEW.fund_id "
                "OR OLD.number IS DISTINCT FROM NEW.number",
            ),
            refuse(
                "batch_keeps_what_was_approved",
                "付款批次复核时的摘要不能修改；请作废后重新制单。",
                operation=pgtrigger.Update,
                condition="OLD.approved_digest <> '' AND OLD.approved_digest IS DISTINCT FROM NEW.approved_digest",
            ),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]
        constraints = [
            models.CheckConstraint(
                name="batch_approver_is_another_person",
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("made_by")),
                violation_error_message="付款批次的复核人不能是制单人；请由另一人复核。",
            ),
            models.CheckConstraint(
                name="batch_moves_after_approval",
                condition=Q(state__in=["draft", "discarded"])
                | (Q(approved_by__isnull=False, approved_on__isnull=False) & ~Q(approved_digest="")),
                violation_error_message="未经复核的付款批次不能发送。",
            ),
            models.CheckConstraint(
                name="batch_settled_iff_dated",
                condition=Q(state__in=["settled", "partly_rejected"], settled_on__isnull=False)
                | (~Q(state__in=["settled", "partly_rejected"]) & Q(settled_on__isnull=True)),
                violation_error_message="办结的付款批次必须有办结日期，未办结的不能有。",
            ),
            models.CheckConstraint(
                name="batch_sent_has_receipt",
                condition=~Q(state__in=["sent", "settled", "partly_rejected"])
                | (~Q(bank_reference="") & Q(sent_on__isnull=False)),
                violation_error_message="已发送的付款批次必须有银行受理号和发送日期。",
            ),
        ]

    def __str__(self) -> str:
        return self.number


@pghistory.track()
class PaymentLine(models.Model):
    """One payment to one payee. `line_key` is handed to the bank, which pays a key once. A line by which nothing was paid and nothing will be
    leaves its key to the one that the bank paid under it, where that is taken over after a restore.
    """

    batch = models.ForeignKey(
        PaymentBatch, on_delete=models.PROTECT, related_name="lines", verbose_name="付款批次"
    )
    reservation = models.ForeignKey(
        Reservation, on_delete=models.PROTECT, related_name="lines", verbose_name="预留"
    )
    claim_key = models.CharField("办件键", max_length=60)
    line_key = models.CharField("付款键", max_length=80)
    amount_fen = models.BigIntegerField("金额")
    payee_name = models.CharField("收款户名", max_length=120)
    payee_account = SealedField("收款账号")
    # The index cannot be changed, and is compared with the account before sending: nobody redirects a payment.
    payee_account_index = models.BinaryField("收款账号索引", max_length=32)
    payee_bank = models.CharField("收款开户行", max_length=60, blank=True, default="")
    payee_is_person = models.BooleanField("收款人是个人", default=True)  # whose name is masked on screen
    state = models.CharField("状态", max_length=10, choices=list(LINE_STATES.items()), default="pending")
    replaces = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="replaced_by",
        verbose_name="更正自",
    )
    bank_reference = models.CharField("银行流水号", max_length=80, blank=True, default="")
    rejection_code = models.CharField("退回代码", max_length=40, blank=True, default="")
    rejection_reason = models.CharField("退回原因", max_length=200, blank=True, default="")
    answered_on = models.DateField("银行答复日期", null=True, blank=True)
    posted = models.OneToOneField(
        LedgerTransfer,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="payment_line",
        verbose_name="记账",
    )
    # The bank took back what it had paid: the entry that takes back the posting, and the day. Then the line was paid once and is no more.
    returned_on = models.DateField("退汇日期", null=True, blank=True)
    reversed_by = models.OneToOneField(
        LedgerTransfer,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="returned_line",
        verbose_name="冲回",
    )
    # What the line pays, signed when it was made (`chain.line_digest`).
    digest = models.CharField("制单摘要", max_length=64, blank=True, default="")

    class Meta:
        verbose_name = "付款明细"
        indexes = [
            models.Index(fields=["batch", "state"]),
            models.Index(fields=["claim_key"]),
            models.Index(fields=["line_key"]),
        ]
        triggers = [
            pgtrigger.FSM(name="line_walks_the_table", field="state", transitions=pairs("line")),
            refuse(
                "line_keeps_what_it_pays",
                "付款明细的办件、金额和收款账户不能修改；请等银行退回后更正重发。",
                operation=pgtrigger.Update,
                condition="OLD.claim_key IS DISTINCT FROM NEW.claim_key OR OLD.line_key IS DISTINCT FROM NEW.line_key "
                "OR OLD.amount_fen IS DISTINCT FROM NEW.amount_fen OR OLD.payee_name IS DISTINCT FROM NEW.payee_name "
                "OR OLD.payee_account_index IS DISTINCT FROM NEW.payee_account_index "
                "OR OLD.batch_id IS DISTINCT FROM NEW.batch_id "
                "OR (OLD.digest <> '' AND OLD.digest IS DISTINCT FROM NEW.digest) "
                "OR OLD.reservation_id IS DISTINCT FROM NEW.reservation_id",
            ),
            refuse(
                "line_pays_a_held_reservation",
                "付款明细的办件和金额必须与一笔有效的预留一致。",
                operation=pgtrigger.Insert,
                needs="1 FROM funds_reservation AS held WHERE held.id = NEW.reservation_id AND held.state = 'held' "
                "AND held.claim_key = NEW.claim_key AND held.amount_fen = NEW.amount_fen",
            ),
            # Who may approve and send a batch is asked of its place: a line from elsewhere would go unseen.
            refuse(
                "line_lies_in_its_batch",
                "付款明细所在的县（市、区）不在付款批次的区划里；请另列批次。",
                operation=pgtrigger.Insert,
                needs="1 FROM funds_reservation AS held, funds_paymentbatch AS batch WHERE held.id = NEW.reservation_id "
                f"AND batch.id = NEW.batch_id AND (length(batch.division_code) <= {CITY_DIGITS} "
                "OR held.county_code ^@ batch.division_code)",
            ),
            refuse(
                "line_is_not_paid_elsewhere",
                "银行已按另一个批次付过这件办件，这里还没有入账；查清以前不能再付。",
                operation=pgtrigger.Insert,
                needs=f"1 WHERE NOT EXISTS (SELECT {BARRED})",
            ),
            # Found while a batch waited: what was drafted or approved before does not go either.
            refuse(
                "line_is_not_sent_elsewhere",
                "银行已按另一个批次付过这件办件，这里还没有入账；查清以前不能发送。",
                operation=pgtrigger.Update,
                condition="OLD.state = 'pending' AND NEW.state = 'sent'",
                needs=f"1 WHERE NOT EXISTS (SELECT {BARRED})",
            ),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["claim_key"],
                condition=Q(state__in=LIVE_LINE_STATES),
                name="line_once_a_claim",
                violation_error_message="这件办件已经在付款批次里或已付款，不能再付一次。",
            ),
            models.UniqueConstraint(
                fields=["line_key"],
                condition=Q(state__in=LIVE_LINE_STATES) | Q(posted__isnull=False),
                name="line_key_once",
                violation_error_message="同一个付款键只能有一笔在办或已付的明细，不能再用一次。",
            ),
            models.UniqueConstraint(
                fields=["bank_reference"],
                condition=Q(posted__isnull=False),
                name="line_reference_once",
                violation_error_message="同一个银行流水号不能记在两笔付款上。",
            ),
            models.CheckConstraint(
                name="line_amount_positive",
                condition=Q(amount_fen__gt=0),
                violation_error_message="付款金额必须大于零。",
            ),
            models.CheckConstraint(
                name="line_has_payee",
                condition=~Q(payee_name="") & ~Q(claim_key="") & ~Q(line_key=""),
                violation_error_message="付款明细必须写明收款户名和办件。",
            ),
            models.CheckConstraint(
                name="line_paid_iff_posted",
                condition=(
                    Q(
                        state__in=["paid", "returned", "reissued"],
                        posted__isnull=False,
                        answered_on__isnull=False,
                    )
                    & ~Q(bank_reference="")
                )
                | (~Q(state__in=["paid", "returned"]) & Q(posted__isnull=True)),
                violation_error_message="已到账的明细必须有记账和银行流水号，未到账的不能记账。",
            ),
            models.CheckConstraint(
                name="line_rejection_has_reason",
                condition=~Q(state__in=["rejected", "returned", "reissued"])
                | (~Q(rejection_reason="") & Q(answered_on__isnull=False)),
                violation_error_message="银行退回的明细必须写明原因和日期。",
            ),
            models.CheckConstraint(
                name="line_returned_iff_reversed",
                condition=Q(
                    state__in=["returned", "reissued"],
                    posted__isnull=False,
                    reversed_by__isnull=False,
                    returned_on__isnull=False,
                )
                | (
                    ~Q(state="returned")
                    & (Q(posted__isnull=True) | Q(state="paid"))
                    & Q(reversed_by__isnull=True, returned_on__isnull=True)
                ),
                violation_error_message="到账后退回的明细必须有冲回的账目和日期，其他的不能有。",
            ),
        ]

    def __str__(self) -> str:
        return self.line_key

    @property
    def masked_payee(self) -> str:
        """A resident's name masked; a firm's name is public."""
        return mask_name(self.payee_name) if self.payee_is_person else self.payee_name

    @property
    def masked_account(self) -> str:
        """Only the last four digits of the account stay."""
        return "*" * 4 + self.payee_account[-4:] if self.payee_account else ""


class ReturnFile(models.Model):
    """One return file of the bank as it was read: what it said of each line, and whether it was booked. Never edited.

    `answers` holds line keys, outcomes and amounts only: no name and no account stands in a return file.
    """

    batch = models.ForeignKey(
        PaymentBatch, on_delete=models.PROTECT, related_name="return_files", verbose_name="付款批次"
    )
    name = models.CharField("文件名", max_length=120)
    content_digest = models.CharField("内容摘要", max_length=64, unique=True)
    reference = models.CharField("银行受理号", max_length=80, blank=True, default="")
    line_count = models.IntegerField("笔数")
    paid_fen = models.BigIntegerField("已付合计")
    answers = models.JSONField("逐笔答复", default=list)
    booked = models.BooleanField(
        "已入账"
    )  # false: it did not agree with what was sent, and nothing of it was booked
    read_on = models.DateField("读入日期")
    read_at = models.DateTimeField("读入时间")
    read_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", verbose_name="读入人")

    class Meta:
        verbose_name = "银行回盘文件"
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.name}"
