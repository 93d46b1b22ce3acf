"""A running loan of the old system on its way into the loan book: what one officer entered, what the register said, who confirmed it."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q

from jiuye.office.funds.models.triggers import refuse
from jiuye.office.registry.models import Employer, Person
from jiuye.office.registry.models.registers import ExactDecoder, ExactEncoder
from jiuye.office.registry.secrets import mask_name
from jiuye.office.staff.models import Account
from jiuye.office.ventures.states import KINDS

TAKEOVER_STATES = {
    "proposed": "待另一人确认",
    "confirmed": "已接手",
    "dropped": "未接手",
    "undone": "已撤销接手",
}
TAKEOVER_LEVELS = {"proposed": "watch", "confirmed": "good", "dropped": "none", "undone": "none"}
TAKEOVER_PAIRS = [("proposed", "confirmed"), ("proposed", "dropped"), ("confirmed", "undone")]
OPENING = "takeover:"  # the reference of the repayment that stands for all that came back before
DECIDED = Q(decided_on__isnull=False, decided_by__isnull=False)


@pghistory.track()
class LoanTakeover(models.Model):
    """One loan that only the register knows, proposed for the book. Money is fen; the rate is the contract's, a year.

    The book carries the loan from `taken_from` on: what was repaid and what interest was subsidised before that day is the old system's,
    counted in the sums here and never reckoned again.
    """

    kind = models.CharField("种类", max_length=12, choices=list(KINDS.items()))
    employer = models.ForeignKey(
        Employer, on_delete=models.PROTECT, related_name="loan_takeovers", verbose_name="创办的单位"
    )
    person = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="loan_takeovers",
        verbose_name="创业者",
    )
    division_code = models.CharField("所在区划", max_length=12)
    state = models.CharField("状态", max_length=10, choices=list(TAKEOVER_STATES.items()), default="proposed")
    # What the register said of the loan on the day of the proposal, by the pack's facts, and since when.
    register_says = models.JSONField("台账所载", encoder=ExactEncoder, decoder=ExactDecoder)
    register_start = models.DateField("台账数据日期")
    bank = models.CharField("经办银行", max_length=60)
    bank_account = models.CharField("银行收款账号", max_length=40, blank=True, default="")
    contract = models.CharField("借款合同号", max_length=60)
    principal_fen = models.BigIntegerField("放款金额")
    disbursed_on = models.DateField("放款日期")
    rate = models.DecimalField("年利率", max_digits=8, decimal_places=6)
    taken_from = models.DateField("起算日")
    balance_fen = models.BigIntegerField("起算日的余额")
    subsidised_fen = models.BigIntegerField("起算日前已付的贴息")
    loans_drawn = models.IntegerField("已获个人贷款次数（含本次）", null=True, blank=True)
    plan = models.JSONField("余额的还款计划")  # [[day, fen], ...]
    document = models.CharField("依据文件", max_length=200)
    differs_because = models.TextField("与台账不同的原因", blank=True, default="")
    proposed_on = models.DateField("提出日期")
    proposed_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="+", verbose_name="提出人"
    )
    decided_on = models.DateField("确认日期", null=True, blank=True)
    decided_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="确认人"
    )
    # By how much the guarantee fund answered for more than its ceiling once this loan was counted; it is a fact and stops nothing.
    over_ceiling_fen = models.BigIntegerField("超出担保上限", default=0)
    # Earlier loans of the founder that stand neither in the book nor will: they count towards how often somebody may borrow.
    earlier_loans = models.IntegerField("此前不在本系统的贷款次数", default=0)
    ended_because = models.TextField("不接手或撤销的理由", blank=True, default="")
    loan = models.OneToOneField(
        "ventures.Loan",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="takeover",
        verbose_name="贷款",
    )

    class Meta:
        verbose_name = "接手在贷贷款"
        triggers = [
            pgtrigger.FSM(name="takeover_walks_the_table", field="state", transitions=TAKEOVER_PAIRS),
            refuse(
                "takeover_keeps_what_was_proposed",
                "提出的内容不能修改；有错的请不予接手，再重新提出。",
                operation=pgtrigger.Update,
                condition=" OR ".join(
                    f"OLD.{name} IS DISTINCT FROM NEW.{name}"
                    for name in (
                        "employer_id", "person_id", "kind", "principal_fen", "balance_fen", "subsidised_fen", "rate",
                        "disbursed_on", "taken_from", "document", "proposed_by_id",
                    )
                ),
            ),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]  # fmt: skip
        constraints = [
            models.UniqueConstraint(
                fields=["employer", "kind"],
                condition=Q(state="proposed"),
                name="takeover_proposed_once",
                violation_error_message="这个单位的这类贷款已经提出接手，等待确认。",
            ),
            models.CheckConstraint(
                name="takeover_confirmed_by_another",
                condition=~Q(state__in=["confirmed", "undone"])
                | (DECIDED & Q(loan__isnull=False) & ~Q(decided_by=F("proposed_by"))),
                violation_error_message="确认接手的不能是提出的人；请由另一位审批人员确认。",
            ),
            models.CheckConstraint(
                name="takeover_ended_with_reason",
                condition=~Q(state__in=["dropped", "undone"]) | (DECIDED & ~Q(ended_because="")),
                violation_error_message="不予接手或撤销接手必须写明理由。",
            ),
            models.CheckConstraint(
                name="takeover_amounts_in_order",
                condition=Q(
                    balance_fen__gt=0, balance_fen__lte=F("principal_fen"), subsidised_fen__gte=0, rate__gt=0
                )
                & Q(taken_from__gte=F("disbursed_on"), over_ceiling_fen__gte=0, earlier_loans__gte=0),
                violation_error_message="余额大于零且不超过放款金额，起算日不早于放款日期，贴息不为负。",
            ),
            models.CheckConstraint(
                name="takeover_rests_on_a_document",
                condition=~Q(document="") & ~Q(bank="") & ~Q(contract=""),
                violation_error_message="接手必须写明银行、合同号和依据文件。",
            ),
            models.CheckConstraint(
                name="takeover_person_iff_personal",
                condition=Q(kind="personal", person__isnull=False, loans_drawn__gte=1)
                | Q(kind="enterprise", person__isnull=True, loans_drawn__isnull=True),
                violation_error_message="个人贷款写明创业者和已获贷款次数（含本次），企业贷款不写。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.employer_id} {self.kind} {self.state}"

    @property
    def masked_borrower(self) -> str:
        """A founder's name masked; a firm's is public."""
        return mask_name(self.person.name) if self.person is not None else self.employer.name

    @property
    def repaid_fen(self) -> int:
        """What had come back before the book carried the loan."""
        return self.principal_fen - self.balance_fen

    @property
    def claim_key(self) -> str:
        """The key under which the interest that was subsidised before stands as drawn."""
        return f"loan-takeover:{self.pk}"
