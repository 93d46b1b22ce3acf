"""A case: one found entitlement on its way to being paid, with everything that happened to it.

The case copies what it is decided on (amount, payee, rule version, the whole explanation), so that a later change
of the register or the pack cannot change what was confirmed. Events and checks are appended, never edited.
"""

from __future__ import annotations

from typing import Any

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q

from jiuye.office.casework.models.authorities import Authority, not_accepted_by_holder
from jiuye.office.casework.models.objections import (
    ANSWERED_WHOLE,
    ANSWERED_WHOLE_SAYS,
    HAS_WORDS_SAYS,
    RESOLVED_WHOLE,
    RESOLVED_WHOLE_SAYS,
    ObjectionRaised,
    not_granted_while_open,
    settled_by_another,
)
from jiuye.office.casework.states import (
    CHECK_MOMENTS,
    CHECK_OUTCOMES,
    CHECKS,
    CONFIRMATION_WAYS,
    HANDLING_ACTS,
    STATE_LABELS,
    pairs,
)
from jiuye.office.entitlements.models import Entitlement
from jiuye.office.entitlements.states import CLAIM_KINDS, RECIPIENT_KINDS
from jiuye.office.funds.models.triggers import names_its_version, refuse
from jiuye.office.registry.models import Employer, Person
from jiuye.office.registry.secrets import SealedField, blind_index, mask_name
from jiuye.office.staff.models import Account


@pghistory.track(model_name="CaseVersion")  # its default name, CaseEvent, is the timeline's
class Case(models.Model):
    """One entitlement confirmed. Its key for money is `claim_key`: whatever happens, that key is paid at most once."""

    entitlement = models.OneToOneField(
        Entitlement, on_delete=models.PROTECT, related_name="case", verbose_name="应享待遇"
    )
    policy_id = models.CharField("政策", max_length=60)
    policy_name = models.CharField("政策名称", max_length=120)
    policy_name_en = models.CharField("政策英文名称", max_length=200, blank=True, default="")
    rule_version = models.CharField("规则版本", max_length=64)
    subject_kind = models.CharField("计发对象", max_length=30)
    subject_key = models.CharField("对象编号", max_length=40)
    period_start = models.DateField("所属期起", null=True, blank=True)
    period_until = models.DateField("所属期止", null=True, blank=True)
    claim = models.CharField("享受方式", max_length=10, choices=list(CLAIM_KINDS.items()))
    amount_fen = models.BigIntegerField("金额")
    division_code = models.CharField("所在区划", max_length=12)
    # The recipient, and the payee as the register knew it when the case was confirmed (or last refreshed).
    recipient_kind = models.CharField("受益方", max_length=8, choices=list(RECIPIENT_KINDS.items()))
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="cases", verbose_name="居民"
    )
    employer = models.ForeignKey(
        Employer,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="cases",
        verbose_name="用人单位",
    )
    payee_name = models.CharField("收款户名", max_length=120)
    payee_account = SealedField("收款账号")
    # By it one account under several people is found; kept with the account, whoever writes it (`save`).
    payee_index = models.BinaryField("收款账号索引", max_length=32, null=True, blank=True)
    payee_bank = models.CharField("收款开户行", max_length=60, blank=True, default="")
    receipt = models.JSONField("判定凭据", default=dict)

    state = models.CharField("状态", max_length=20, choices=list(STATE_LABELS.items()), default="confirmed")
    due_on = models.DateField("本环节期限", null=True, blank=True)
    promised_on = models.DateField("承诺办结日", null=True, blank=True)
    # While the case is with its applicant, or an objection to its notice is open, the office's clocks stand still; what was left of them runs on afterwards.
    stopped_on = models.DateField("计时停止于", null=True, blank=True)
    step_workdays_left = models.IntegerField("本环节剩余工作日", null=True, blank=True)
    promised_workdays_left = models.IntegerField("承诺剩余工作日", null=True, blank=True)
    # What is to be put right: point, name, name_en, words of each.
    corrections = models.JSONField("补正要求", default=list)
    corrected_before = models.BooleanField("已退回补正过", default=False)
    confirmed_on = models.DateField("确认日期")
    confirmed_by_way = models.CharField("确认方式", max_length=10, choices=list(CONFIRMATION_WAYS.items()))
    # By whom the applicant is spoken for at the counter now: empty, they come themselves.
    authority = models.ForeignKey(
        Authority, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="亲属授权"
    )
    accepted_on = models.DateField("受理日期", null=True, blank=True)
    accepted_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="受理人"
    )
    reviewed_on = models.DateField("审核日期", null=True, blank=True)
    reviewed_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="审核人"
    )
    publicity_start = models.DateField("公示起", null=True, blank=True)
    publicity_until = models.DateField("公示止（不含）", null=True, blank=True)
    approved_on = models.DateField("审批日期", null=True, blank=True)
    approved_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="审批人"
    )
    paid_on = models.DateField("付款日期", null=True, blank=True)
    rejection = models.CharField("银行退回原因", max_length=200, blank=True, default="")
    refused_on = models.DateField("不予支付日期", null=True, blank=True)
    refused_clause = models.CharField("未满足的条件", max_length=60, blank=True, default="")
    refused_law = models.TextField("条件原文", blank=True, default="")
    refused_because = models.TextField("不予支付的理由", blank=True, default="")
    refused_by = models.ForeignKey(
        Account,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="不予支付决定人",
    )
    # Signatures count within one round; an approval that is undone, and a case confirmed anew, begin another.
    signing_round = models.IntegerField("签批轮次", default=1)

    class Meta:
        verbose_name = "办件"
        indexes = [
            models.Index(fields=["state", "due_on"]),
            models.Index(fields=["division_code", "state"]),
            models.Index(fields=["person", "state"]),
            models.Index(fields=["employer", "state"]),
            models.Index(fields=["policy_id", "state"]),
            models.Index(fields=["payee_index"], name="case_by_account"),
            # Lists by deadline, and the desk's figures without touching the table.
            models.Index(fields=["due_on", "id"], name="case_by_deadline"),
            models.Index(
                fields=["division_code", "state"],
                include=["amount_fen", "due_on", "paid_on", "stopped_on"],
                opclasses=["varchar_pattern_ops", "varchar_ops"],
                name="case_figures",
            ),
        ]
        triggers = [
            pgtrigger.FSM(name="case_walks_the_table", field="state", transitions=pairs()),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            refuse(
                "case_approved_by_enough_signatures",
                "签批人数不够，办件不能批准；请等其余签批人签批。",
                operation=pgtrigger.Update,
                condition="OLD.state = 'publicised' AND NEW.state = 'approved'",
                needs=(
                    "1 FROM casework_signature WHERE case_id = NEW.id AND round = NEW.signing_round "
                    "HAVING count(*) > 0 AND count(*) >= max(needed)"
                ),
            ),
            refuse(
                "case_confirmed_by_authority",
                "亲属代办的办件必须凭登记的授权。",
                operation=pgtrigger.Insert,
                condition="NEW.confirmed_by_way = 'relative' AND NEW.authority_id IS NULL",
            ),
            not_accepted_by_holder("case_not_accepted_by_holder"),
            not_granted_while_open(
                "case_not_approved_while_objected", "casework_objection", "case_id", "approved"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["policy_id", "subject_key", "period_start"],
                nulls_distinct=False,
                name="case_once_a_period",
                violation_error_message="同一对象同一政策同一时期只能有一件办件。",
            ),
            models.CheckConstraint(
                name="case_state_known",
                condition=Q(state__in=list(STATE_LABELS)),
                violation_error_message="办件状态不在目录内。",
            ),
            models.CheckConstraint(
                name="case_clock_stands_only_with_others",
                condition=Q(stopped_on__isnull=True) | Q(state__in=["correction_requested", "publicised"]),
                violation_error_message="只有退回补正期间和公示异议处理期间才停止计时。",
            ),
            models.CheckConstraint(
                name="case_correction_names_points",
                condition=~Q(state="correction_requested") | ~Q(corrections=[]),
                violation_error_message="退回补正必须写明哪一项有什么问题。",
            ),
            models.CheckConstraint(
                name="case_amount_positive",
                condition=Q(amount_fen__gt=0),
                violation_error_message="办件金额必须大于零。",
            ),
            models.CheckConstraint(
                name="case_recipient_named_once",
                condition=Q(recipient_kind="person", person__isnull=False)
                | Q(recipient_kind="employer", employer__isnull=False),
                violation_error_message="办件必须写明受益的居民或单位。",
            ),
            models.CheckConstraint(
                name="case_publicity_ends_after_start",
                condition=Q(publicity_start__isnull=True, publicity_until__isnull=True)
                | Q(publicity_until__gt=F("publicity_start")),
                violation_error_message="公示的结束日期必须晚于开始日期。",
            ),
            models.CheckConstraint(
                name="case_approver_is_another_person",
                condition=Q(approved_by__isnull=True)
                | (
                    (Q(accepted_by__isnull=True) | ~Q(approved_by=F("accepted_by")))
                    & (Q(reviewed_by__isnull=True) | ~Q(approved_by=F("reviewed_by")))
                ),
                violation_error_message="审批人不能是受理人或审核人；请由另一位审批人员办理。",
            ),
            models.CheckConstraint(
                name="case_approved_after_publicity",
                condition=Q(approved_on__isnull=True) | Q(approved_on__gte=F("publicity_until")),
                violation_error_message="公示期满以前不能审批。",
            ),
            models.CheckConstraint(
                name="case_money_follows_approval",
                condition=~Q(state__in=["approved", "in_payment", "payment_rejected", "paid"])
                | Q(approved_on__isnull=False, approved_by__isnull=False),
                violation_error_message="未经审批的办件不能付款。",
            ),
            models.CheckConstraint(
                name="case_paid_iff_dated",
                condition=Q(state="paid", paid_on__isnull=False)
                | (~Q(state="paid") & Q(paid_on__isnull=True)),
                violation_error_message="已付款的办件必须有付款日期，未付款的不能有。",
            ),
            models.CheckConstraint(
                name="case_refusal_names_its_clause",
                condition=~Q(state="refused")
                | (~Q(refused_clause="") & ~Q(refused_law="") & ~Q(refused_because="")),
                violation_error_message="不予支付必须写明未满足的条件、条件原文和理由。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.policy_name} {self.masked_recipient}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        fields = kwargs.get("update_fields")
        if fields is None or "payee_account" in fields:
            self.payee_index = blind_index(self.payee_account) if self.payee_account.strip() else None
            if fields is not None:
                kwargs["update_fields"] = [*fields, "payee_index"]
        super().save(*args, **kwargs)

    @property
    def number(self) -> str:
        """The number people quote on the telephone: county, day of confirmation, serial."""
        return f"{self.division_code[:6]}-{self.confirmed_on:%Y%m%d}-{self.pk:06d}"

    @property
    def about(self) -> str:
        """The key under which messages and the uses of an authority name it."""
        return self.claim_key

    @property
    def names(self) -> tuple[str, str]:
        """What is asked for, in both languages."""
        return self.policy_name, self.policy_name_en

    @property
    def claim_key(self) -> str:
        """The key under which money is reserved and paid, once."""
        return f"case:{self.pk}"

    @property
    def masked_recipient(self) -> str:
        """A resident's name masked; an employer's name is public (企业信息公示暂行条例)."""
        return mask_name(self.payee_name) if self.recipient_kind == "person" else self.payee_name


class CaseEvent(models.Model):
    """One thing that happened to a case: who did what, when, from which state to which, with which words."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="timeline", verbose_name="办件")
    act = models.CharField("事项", max_length=30)
    from_state = models.CharField("原状态", max_length=20, blank=True, default="")
    to_state = models.CharField("新状态", max_length=20)
    actor = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="经办人"
    )  # empty: the system itself
    actor_name = models.CharField("经办人姓名", max_length=60)
    on_date = models.DateField("日期")
    at = models.DateTimeField("时间")
    note = models.TextField("说明", blank=True, default="")
    details = models.JSONField("细节", default=dict)
    # The version of the case that this event left behind, written by a trigger: the case at any past moment is read through it.
    case_version = models.BigIntegerField("当时的版本", null=True, blank=True)

    class Meta:
        verbose_name = "办件记录"
        indexes = [models.Index(fields=["case", "at"])]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            names_its_version("case_version", of="case_id", kept_in="casework_caseversion"),
        ]
        constraints = [
            models.CheckConstraint(
                name="case_event_state_known",
                condition=Q(to_state__in=list(STATE_LABELS)) & Q(from_state__in=["", *STATE_LABELS]),
                violation_error_message="办件记录的状态不在目录内。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.act} {self.on_date}"


class CaseCheck(models.Model):
    """One cross-check that ran by itself: what it looked at and what it found. Kept also where it stopped the act."""

    entitlement = models.ForeignKey(
        Entitlement, on_delete=models.PROTECT, related_name="checks", verbose_name="应享待遇"
    )
    moment = models.CharField("时点", max_length=10, choices=list(CHECK_MOMENTS.items()))
    check_name = models.CharField("核验", max_length=30, choices=list(CHECKS.items()))
    outcome = models.CharField("结果", max_length=10, choices=list(CHECK_OUTCOMES.items()))
    finding = models.CharField("发现", max_length=30)  # a key of states.FINDINGS
    looked_at = models.JSONField("核验所看的信息", default=dict)
    on_date = models.DateField("日期")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "自动核验"
        indexes = [models.Index(fields=["entitlement", "at"])]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.entitlement_id} {self.check_name} {self.outcome}"


@pghistory.track()
class Objection(ObjectionRaised):
    """Somebody objects while the case is publicised. It stops the approval until it is resolved with words."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="objections", verbose_name="办件")

    class Meta:
        verbose_name = "公示异议"
        triggers = [
            settled_by_another("objection_settled_by_another", "casework_caseevent", "case_id", HANDLING_ACTS)
        ]
        constraints = [
            models.CheckConstraint(
                name="objection_has_words",
                condition=~Q(text=""),
                violation_error_message=HAS_WORDS_SAYS,
            ),
            models.CheckConstraint(
                name="objection_resolved_whole",
                condition=RESOLVED_WHOLE,
                violation_error_message=RESOLVED_WHOLE_SAYS,
            ),
            models.CheckConstraint(
                name="objection_answered_whole",
                condition=ANSWERED_WHOLE,
                violation_error_message=ANSWERED_WHOLE_SAYS,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.raised_on}"
