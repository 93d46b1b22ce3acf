"""A start-up loan with a public guarantee: from the application to the last instalment, or to what is recovered."""

from __future__ import annotations

from datetime import date

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q

from jiuye.office.funds.models.triggers import names_its_version
from jiuye.office.registry.models import Employer, Person
from jiuye.office.registry.secrets import mask_name
from jiuye.office.staff.models import Account
from jiuye.office.ventures.drafts import LoanDraft as LoanDraft
from jiuye.office.ventures.extensions import LoanExtension as LoanExtension
from jiuye.office.ventures.papers import LoanEvidence as LoanEvidence
from jiuye.office.ventures.repayments import LoanRepayment as LoanRepayment
from jiuye.office.ventures.reviews import LoanRefusalReview as LoanRefusalReview
from jiuye.office.ventures.signatures import LoanSignature as LoanSignature
from jiuye.office.ventures.states import (
    AFTER_COMPENSATION,
    APPLYING,
    COMMITTED,
    KINDS,
    OPEN_FOR_A_FOUNDER,
    STATE_LABELS,
    pairs,
)
from jiuye.office.ventures.takeovers import LoanTakeover as LoanTakeover
from jiuye.office.ventures.top_ups import TOP_UP_KEY as TOP_UP_KEY
from jiuye.office.ventures.top_ups import LoanTopUp as LoanTopUp

INTEREST_KEY = "loan-interest:"  # how the claim key of a quarter's interest begins
COMPENSATION_KEY = "loan-compensation:"  # and that of a compensation


@pghistory.track(model_name="LoanVersion")
class Loan(models.Model):
    """One loan of a bank to a founder or a small firm. Money is fen; the rate is the contract's, a year."""

    kind = models.CharField("种类", max_length=12, choices=list(KINDS.items()))
    employer = models.ForeignKey(
        Employer, on_delete=models.PROTECT, related_name="loans", verbose_name="创办的单位"
    )
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="loans", verbose_name="创业者"
    )
    division_code = models.CharField("所在区划", max_length=12)
    state = models.CharField("状态", max_length=20, choices=list(STATE_LABELS.items()), default="applied")
    wanted_fen = models.BigIntegerField("申请金额")
    receipt = models.JSONField("判定凭据", default=dict)  # why this borrower may borrow this much
    applied_on = models.DateField("申请日期")
    applied_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="+", verbose_name="申请经办人"
    )
    promised_on = models.DateField("承诺答复日", null=True, blank=True)
    # While the borrower puts something right the office's clock stands still, and `due_on` is the borrower's last day.
    stopped_on = models.DateField("计时停止于", null=True, blank=True)
    promised_workdays_left = models.IntegerField("承诺剩余工作日", null=True, blank=True)
    due_on = models.DateField("补正期限", null=True, blank=True)
    # What is to be put right: point, name, name_en, words of each, and its answer once there is one.
    corrections = models.JSONField("补正要求", default=list)
    corrected_before = models.BooleanField("已退回补正过", default=False)
    refused_on = models.DateField("不予担保日期", null=True, blank=True)
    refused_by = models.ForeignKey(
        Account,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="不予担保决定人",
    )
    refused_clause = models.CharField("未满足的条件", max_length=60, blank=True, default="")
    refused_law = models.TextField("条件的依据原文", blank=True, default="")
    refused_because = models.TextField("不予担保的理由", blank=True, default="")
    guaranteed_fen = models.BigIntegerField("担保金额", null=True, blank=True)
    guaranteed_on = models.DateField("担保日期", null=True, blank=True)
    guaranteed_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="担保审批人"
    )
    bank = models.CharField("经办银行", max_length=60, blank=True, default="")
    contract = models.CharField("借款合同号", max_length=60, blank=True, default="")
    disbursed_fen = models.BigIntegerField("放款金额", null=True, blank=True)
    disbursed_on = models.DateField("放款日期", null=True, blank=True)
    rate = models.DecimalField("年利率", max_digits=8, decimal_places=6, null=True, blank=True)
    # Of a loan taken over from the old system: the day from which this book reckons it.
    taken_over_from = models.DateField("接手起算日", null=True, blank=True)
    compensated_fen = models.BigIntegerField("代偿金额", null=True, blank=True)
    compensated_on = models.DateField("代偿日期", null=True, blank=True)
    compensation_fund = models.CharField("代偿基金", max_length=40, blank=True, default="")
    bank_account = models.CharField(
        "银行收款账号", max_length=40, blank=True, default=""
    )  # of the lending bank

    class Meta:
        verbose_name = "创业担保贷款"
        indexes = [models.Index(fields=["state", "division_code"]), models.Index(fields=["employer"])]
        triggers = [
            pgtrigger.FSM(name="loan_walks_the_table", field="state", transitions=pairs()),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["employer", "kind"],
                condition=Q(state__in=[*APPLYING, *COMMITTED]),
                name="loan_one_at_a_time",
                violation_error_message="这个单位已有一笔在办或在还的同类贷款。",
            ),
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(kind="personal", state__in=OPEN_FOR_A_FOUNDER),
                name="loan_one_at_a_time_of_a_founder",
                violation_error_message="这位创业者已有一笔在办、在还或代偿后还没有还清的个人贷款。",
            ),
            models.CheckConstraint(
                name="loan_amounts_in_order",
                condition=Q(wanted_fen__gt=0)
                & (
                    Q(guaranteed_fen__isnull=True)
                    | Q(guaranteed_fen__gt=0, guaranteed_fen__lte=F("wanted_fen"))
                )
                & (
                    Q(disbursed_fen__isnull=True)
                    | Q(disbursed_fen__gt=0, disbursed_fen__lte=F("guaranteed_fen"))
                ),
                violation_error_message="放款不能超过担保金额，担保不能超过申请金额。",
            ),
            models.CheckConstraint(
                name="loan_clock_stands_only_with_borrower",
                condition=Q(state="correction_requested", stopped_on__isnull=False)
                | (~Q(state="correction_requested") & Q(stopped_on__isnull=True, due_on__isnull=True)),
                violation_error_message="只有退回补正期间才停止计时。",
            ),
            models.CheckConstraint(
                name="loan_correction_names_points",
                condition=~Q(state="correction_requested") | ~Q(corrections=[]),
                violation_error_message="退回补正必须写明哪一项有什么问题。",
            ),
            models.CheckConstraint(
                name="loan_guaranteed_by_another",
                condition=Q(guaranteed_by__isnull=True) | ~Q(guaranteed_by=F("applied_by")),
                violation_error_message="担保审批人不能是申请的经办人；请由另一人审批。",
            ),
            models.CheckConstraint(
                name="loan_disbursed_whole",
                condition=~Q(state__in=["disbursed", "repaid", *AFTER_COMPENSATION])
                | (
                    Q(disbursed_fen__isnull=False, disbursed_on__isnull=False, rate__gt=0)
                    & ~Q(bank="")
                    & ~Q(contract="")
                ),
                violation_error_message="放款必须写明银行、合同号、金额、日期和利率。",
            ),
            models.CheckConstraint(
                name="loan_compensated_whole",
                condition=Q(state__in=AFTER_COMPENSATION, compensated_fen__gt=0, compensated_on__isnull=False)
                | (~Q(state__in=AFTER_COMPENSATION) & Q(compensated_fen__isnull=True)),
                violation_error_message="代偿的贷款必须写明代偿金额和日期，没有代偿的不写。",
            ),
            models.CheckConstraint(
                name="loan_refusal_names_a_clause",
                # A refusal that is older than this rule has no day of refusal, and no review opens on it.
                condition=(Q(refused_on__isnull=True, refused_by__isnull=True, refused_clause=""))
                | (
                    Q(state="refused", refused_on__isnull=False, refused_by__isnull=False)
                    & ~Q(refused_clause="")
                    & ~Q(refused_law="")
                    & ~Q(refused_because="")
                ),
                violation_error_message="不予担保必须写明日期、决定人、不符合的条件、依据原文和理由。",
            ),
            models.CheckConstraint(
                name="loan_paid_out_after_guarantee",
                condition=Q(disbursed_on__isnull=True) | Q(disbursed_on__gte=F("guaranteed_on")),
                violation_error_message="放款日期不能早于担保日期；请核对。",
            ),
            models.CheckConstraint(
                name="loan_person_iff_personal",
                condition=Q(kind="personal", person__isnull=False)
                | Q(kind="enterprise", person__isnull=True),
                violation_error_message="个人贷款写明创业者，企业贷款不写。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.get_state_display()}"

    @property
    def number(self) -> str:
        """County, day of application, serial."""
        return f"D{self.division_code[:6]}-{self.applied_on:%Y%m%d}-{self.pk:05d}"

    @property
    def borrower_name(self) -> str:
        """Whose loan it is, in full: the founder, or the firm."""
        return self.person.name if self.person is not None else self.employer.name

    @property
    def masked_borrower(self) -> str:
        """A founder's name masked; a firm's is public."""
        return mask_name(self.person.name) if self.person is not None else self.employer.name

    @property
    def carried_from(self) -> date:
        """The first day whose interest this book reckons: the payout, or the day from which a running loan was taken over."""
        assert self.disbursed_on is not None
        return self.taken_over_from or self.disbursed_on

    @property
    def compensation_key(self) -> str:
        """The key under which the compensation is reserved and paid, once."""
        return f"{COMPENSATION_KEY}{self.pk}"


class LoanEvent(models.Model):
    """One thing that happened to a loan. Appended, never edited."""

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="timeline", verbose_name="贷款")
    act = models.CharField("事项", max_length=20)
    from_state = models.CharField("原状态", max_length=20, blank=True, default="")
    to_state = models.CharField("新状态", max_length=20)
    actor = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="经办人"
    )
    actor_name = models.CharField("经办人姓名", max_length=60)
    on_date = models.DateField("日期")
    at = models.DateTimeField("时间")
    note = models.TextField("说明", blank=True, default="")
    details = models.JSONField("细节", default=dict)
    # The version of the loan that this event left behind, written by a trigger: the loan at any past moment is read through it.
    loan_version = models.BigIntegerField("当时的版本", null=True, blank=True)

    class Meta:
        verbose_name = "贷款记录"
        ordering = ["pk"]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            names_its_version("loan_version", of="loan_id", kept_in="ventures_loanversion"),
        ]

    def __str__(self) -> str:
        return f"{self.loan_id} {self.act}"


class LoanInstalment(models.Model):
    """A part of the principal and the day by which the contract wants it."""

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="instalments", verbose_name="贷款")
    due_on = models.DateField("应还日期")
    principal_fen = models.BigIntegerField("应还本金")

    class Meta:
        verbose_name = "还款计划"
        ordering = ["loan", "due_on"]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
        constraints = [
            models.UniqueConstraint(
                fields=["loan", "due_on"],
                name="loan_instalment_once_a_day",
                violation_error_message="同一天只能有一期应还本金。",
            ),
            models.CheckConstraint(
                name="loan_instalment_positive",
                condition=Q(principal_fen__gt=0),
                violation_error_message="应还本金必须大于零。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.loan_id} {self.due_on}"


@pghistory.track()
class InterestSubsidy(models.Model):
    """The part of one quarter's interest that the treasury pays, with how it was reckoned; paid through funds, once."""

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="subsidies", verbose_name="贷款")
    quarter_start = models.DateField("季度起")
    quarter_until = models.DateField("季度止（不含）")
    balance_days = models.DecimalField("计息积数（分·日）", max_digits=24, decimal_places=0)
    days = models.IntegerField("计息天数")
    rate = models.DecimalField("年利率", max_digits=8, decimal_places=6)
    share = models.DecimalField("贴息比例", max_digits=8, decimal_places=6)
    amount_fen = models.BigIntegerField("贴息金额")
    policy_id = models.CharField("政策", max_length=60)
    rule_version = models.CharField("规则版本", max_length=64)
    receipt = models.JSONField("判定凭据", default=dict)
    reckoned_on = models.DateField("核算日期")
    reckoned_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="+", verbose_name="核算人"
    )
    approved_on = models.DateField("批准日期", null=True, blank=True)
    approved_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="批准人"
    )
    # What was reckoned wrong stays: an unpaid row is superseded by the next version, a paid one followed by a row of the difference.
    version = models.IntegerField("版本", default=1)
    superseded_on = models.DateField("作废日期", null=True, blank=True)
    ended_because = models.TextField(
        "作废理由", blank=True, default=""
    )  # where it came to nothing: no other version follows
    corrects = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="corrections",
        verbose_name="补差自",
    )
    drawn_on = models.DateField("记入已享待遇日期", null=True, blank=True)

    class Meta:
        verbose_name = "贷款贴息"
        ordering = ["loan", "quarter_start", "pk"]
        triggers = [pgtrigger.Protect(name="kept", operation=pgtrigger.Delete)]
        constraints = [
            models.UniqueConstraint(
                fields=["loan", "quarter_start"],
                condition=Q(superseded_on__isnull=True, corrects__isnull=True),
                name="interest_once_a_quarter",
                violation_error_message="这笔贷款这个季度的贴息已经核算过。",
            ),
            models.UniqueConstraint(
                fields=["loan", "quarter_start", "version"],
                name="interest_version_once",
                violation_error_message="这个季度的贴息已经有这一版；请看最新的一版。",
            ),
            models.CheckConstraint(
                name="interest_superseded_unapproved",
                condition=Q(superseded_on__isnull=True) | Q(approved_on__isnull=True),
                violation_error_message="已批准的贴息不能作废；请先撤销批准。",
            ),
            models.CheckConstraint(
                name="interest_ended_is_superseded",
                condition=Q(ended_because="") | Q(superseded_on__isnull=False),
                violation_error_message="贴息写明作废理由的，必须写明作废日期。",
            ),
            models.CheckConstraint(
                name="interest_positive",
                condition=Q(amount_fen__gt=0, days__gt=0),
                violation_error_message="贴息金额和天数必须大于零。",
            ),
            models.CheckConstraint(
                name="interest_approved_by_another",
                condition=Q(approved_by__isnull=True, approved_on__isnull=True)
                | (
                    Q(approved_by__isnull=False, approved_on__isnull=False) & ~Q(approved_by=F("reckoned_by"))
                ),
                violation_error_message="批准人不能是核算人；请由另一人批准。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.loan_id} {self.quarter_start}"

    @property
    def claim_key(self) -> str:
        """The key under which it is reserved and paid, once."""
        return f"{INTEREST_KEY}{self.pk}"
