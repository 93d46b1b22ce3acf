"""What each resident and employer is entitled to, with the receipt of how it was decided."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q

from jiuye.office.entitlements.states import CLAIM_KINDS, RECIPIENT_KINDS, SWEEP_STATES, VERDICTS
from jiuye.office.registry.models import Employer, Person


class Sweep(models.Model):
    """One run of all policies over everyone on one day."""

    on_date = models.DateField("判定日")
    state = models.CharField("状态", max_length=8, choices=list(SWEEP_STATES.items()), default="running")
    pack_version = models.CharField("规则包版本", max_length=64)
    started_at = models.DateTimeField("开始")
    finished_at = models.DateTimeField("结束", null=True, blank=True)
    totals = models.JSONField("合计", default=dict)  # policy → {subjects, yes, unknown, no, amount_fen}

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
