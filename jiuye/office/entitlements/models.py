"""What each resident and employer is entitled to, with the receipt of how it was decided."""

from __future__ import annotations

from typing import Any

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q

from jiuye.office.entitlements.states import (
    CLAIM_KINDS,
    PROSPECT_KINDS,
    RECIPIENT_KINDS,
    SWEEP_STATES,
    VERDICTS,
)
from jiuye.office.registry.models import Employer, Person
from jiuye.office.staff.models import DateRange


class TransactionIdField(models.Field):
    """PostgreSQL's xid8: the number of a transaction, which never comes round again."""

    def db_type(self, connection: Any) -> str:
        return "xid8"


class FactChange(models.Model):
    """A row that facts are read from was changed: written by triggers only (`columns.changelog`), gone once a sweep has seen it.

    `keys` holds the row's identifiers, old and new in notes of their own; None says that any row of the table may have changed.
    """

    xid = TransactionIdField("事务", db_index=True)
    table_name = models.CharField("表", max_length=63)
    keys = models.JSONField("标识", null=True)

    class Meta:
        verbose_name = "待读的变动"

    def __str__(self) -> str:
        return f"{self.table_name} {self.keys}"


class ColumnState(models.Model):
    """Which columns on disk are the last ones that were read from this database: one row."""

    token = models.CharField("标记", max_length=32)
    snapshot = models.TextField("快照")
    read_at = models.DateTimeField("读取时间")

    class Meta:
        verbose_name = "判定数据的读取"

    def __str__(self) -> str:
        return self.token


class Sweep(models.Model):
    """One run of all policies over everyone on one day."""

    on_date = models.DateField("判定日")
    state = models.CharField("状态", max_length=8, choices=list(SWEEP_STATES.items()), default="running")
    pack_version = models.CharField("规则包版本", max_length=64)
    started_at = models.DateTimeField("开始")
    finished_at = models.DateTimeField("结束", null=True, blank=True)
    # How the facts were read: sentences in Chinese and English, rows read by entity, seconds by part.
    reading = models.JSONField("读取", default=dict)
    totals = models.JSONField("合计", default=dict)  # policy → {subjects, yes, unknown, no, amount_fen}
    # How common each answer to the calculator's questions is: audience → question → [[texts of an answer, how many], …].
    shares = models.JSONField("回答的分布", default=dict)

    class Meta:
        verbose_name = "全量判定"

    def __str__(self) -> str:
        return f"{self.on_date} {self.get_state_display()}"


@pghistory.track()
class Entitlement(models.Model):
    """One subject under one policy for one period: verdict, amount, and the receipt.

    The subject is what the policy is counted by (a person, a birth, a certificate); the recipient is who is paid. A plain
    `no` is kept only where an earlier decision stood there, so that its change can be seen.
    """

    policy_id = models.CharField("政策", max_length=60)
    subject_kind = models.CharField("计发对象", max_length=30)
    subject_key = models.CharField("对象编号", max_length=40)
    period_start = models.DateField("所属期起", null=True, blank=True)
    period_until = models.DateField("所属期止", null=True, blank=True)
    recipient_kind = models.CharField("受益方", max_length=8, choices=list(RECIPIENT_KINDS.items()))
    person = models.ForeignKey(
        Person,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="entitlements",
        verbose_name="居民",
    )
    employer = models.ForeignKey(
        Employer,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="entitlements",
        verbose_name="用人单位",
    )
    division_code = models.CharField("所在区划", max_length=12)
    claim = models.CharField("享受方式", max_length=10, choices=list(CLAIM_KINDS.items()))
    verdict = models.CharField("结论", max_length=10, choices=list(VERDICTS.items()))
    clause_bits = models.BigIntegerField("条件满足位")
    unknown_bits = models.BigIntegerField("条件未知位")
    failing_clause = models.CharField("未满足的条件", max_length=60, blank=True, default="")
    missing_facts = models.JSONField("缺少的信息", default=list)
    amount_fen = models.BigIntegerField("金额", null=True, blank=True)
    # The receipt: which rules, which facts, which day. Enough to decide the same again.
    rule_version = models.CharField("规则版本", max_length=64)
    facts = models.JSONField("依据的信息", default=dict)
    decided_on = models.DateField("判定日")
    decided_at = models.DateTimeField("判定时间")
    sweep = models.ForeignKey(Sweep, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = "应享待遇"
        indexes = [
            models.Index(fields=["policy_id", "verdict", "division_code"]),
            models.Index(fields=["person", "verdict"]),
            models.Index(fields=["employer", "verdict"]),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["policy_id", "subject_key", "period_start"],
                nulls_distinct=False,
                name="entitlement_once_a_period",
                violation_error_message="同一对象同一政策同一时期只能有一条判定。",
            ),
            models.CheckConstraint(
                name="entitlement_recipient_named_once",
                condition=Q(recipient_kind="person", person__isnull=False)
                | Q(recipient_kind="employer", employer__isnull=False),
                violation_error_message="受益方必须写明是哪位居民或哪个单位。",
            ),
            models.CheckConstraint(
                name="entitlement_amount_only_with_yes",
                condition=Q(amount_fen__isnull=True) | Q(verdict="yes", amount_fen__gte=0),
                violation_error_message="只有结论为“符合”时才有金额，且金额不能为负。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy_id} {self.subject_key} {self.get_verdict_display()}"


class Prospect(models.Model):
    """What time alone will change for one subject, or has changed: decided with today's facts on other days.

    Worked out anew with every sweep and every changed fact, so that no history of it is kept: the receipt (rule version, facts, day)
    is enough to decide the same again.
    """

    policy_id = models.CharField("政策", max_length=60)
    subject_kind = models.CharField("计发对象", max_length=30)
    subject_key = models.CharField("对象编号", max_length=40)
    recipient_kind = models.CharField("受益方", max_length=8, choices=list(RECIPIENT_KINDS.items()))
    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name="居民"
    )
    employer = models.ForeignKey(
        Employer, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name="用人单位"
    )
    division_code = models.CharField("所在区划", max_length=12)
    kind = models.CharField("变化", max_length=8, choices=list(PROSPECT_KINDS.items()))
    day = models.DateField("变化日期")  # the first day of the new verdict
    clause = models.CharField("起变化的条件", max_length=60, blank=True, default="")
    amount_fen = models.BigIntegerField("金额", null=True, blank=True)
    rule_version = models.CharField("规则版本", max_length=64)
    facts = models.JSONField("依据的信息", default=dict)
    decided_on = models.DateField("判定日")

    class Meta:
        verbose_name = "到期与将符合"
        indexes = [
            models.Index(fields=["policy_id", "kind", "division_code"]),
            models.Index(fields=["person"]),
            models.Index(fields=["employer"]),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["policy_id", "subject_key"],
                name="prospect_once_a_subject",
                violation_error_message="同一对象同一政策只有一条到期或将符合。",
            ),
            models.CheckConstraint(
                name="prospect_recipient_named_once",
                condition=Q(recipient_kind="person", person__isnull=False)
                | Q(recipient_kind="employer", employer__isnull=False),
                violation_error_message="受益方必须写明是哪位居民或哪个单位。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy_id} {self.subject_key} {self.get_kind_display()} {self.day}"


@pghistory.track()
class Benefit(models.Model):
    """One benefit paid, by us or (from the registers) before us: the history that limits and exclusions are held against.

    `person` is about whom it was paid, also where an employer received it; `months` is how many months it counts for.
    """

    policy_id = models.CharField("政策", max_length=60)
    subject_kind = models.CharField("计发对象", max_length=30)
    subject_key = models.CharField("对象编号", max_length=40)
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="benefits", verbose_name="居民"
    )
    employer = models.ForeignKey(
        Employer,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="benefits",
        verbose_name="用人单位",
    )
    period_start = models.DateField("所属期起", null=True, blank=True)
    period_until = models.DateField("所属期止", null=True, blank=True)
    months = models.IntegerField("计月数", default=0)
    amount_fen = models.BigIntegerField("金额")
    paid_on = models.DateField("付款日期")
    case_key = models.CharField("办件", max_length=40, blank=True, default="")
    source = models.CharField("来源", max_length=60)

    class Meta:
        verbose_name = "已享待遇"
        indexes = [
            models.Index(fields=["person", "policy_id"]),
            models.Index(fields=["subject_kind", "subject_key"]),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["policy_id", "subject_key", "period_start"],
                nulls_distinct=False,
                name="benefit_once_a_period",
                violation_error_message="同一对象同一政策同一时期的待遇已发放过。",
            ),
            # Whatever door it came through (a case, a loan): what this office paid has no day in common with what it paid before.
            # Histories from registers (without a key of ours) may be cut otherwise, and are held by the checks.
            ExclusionConstraint(
                name="benefit_paid_once_a_day",
                expressions=[
                    ("policy_id", RangeOperators.EQUAL),
                    ("subject_kind", RangeOperators.EQUAL),
                    ("subject_key", RangeOperators.EQUAL),
                    (DateRange(F("period_start"), F("period_until")), RangeOperators.OVERLAPS),
                ],
                condition=~Q(case_key=""),
                violation_error_message="同一对象同一政策的这段时期（或其中几天）已经发放过，不能重复发放。",
            ),
            models.CheckConstraint(
                name="benefit_amount_positive",
                condition=Q(amount_fen__gt=0, months__gte=0),
                violation_error_message="已享待遇的金额必须大于零，月数不能为负。",
            ),
            models.CheckConstraint(
                name="benefit_has_source",
                condition=~Q(source=""),
                violation_error_message="已享待遇必须写明来源。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy_id} {self.subject_key} {self.paid_on}"


@pghistory.track()
class Answer(models.Model):
    """What somebody said of themselves where no register knows it: used as a fact until a register does."""

    entity = models.CharField("对象类别", max_length=30)
    subject_key = models.CharField("对象编号", max_length=40)
    fact = models.CharField("信息", max_length=60)
    value = models.CharField("回答", max_length=80)
    answered_by = models.ForeignKey(
        "staff.Account", on_delete=models.PROTECT, related_name="+", verbose_name="回答人"
    )
    answered_at = models.DateTimeField("回答时间")

    class Meta:
        verbose_name = "本人承诺"
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "subject_key", "fact"],
                name="answer_once_a_fact",
                violation_error_message="同一信息只保留最近一次回答；历史在审计记录里。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.entity}.{self.fact}={self.value}"
