"""A matter: one service item being done for one resident or employer, with everything that happened to it.

The answers are sealed at rest. Events, evidence and services given are appended, never edited.
"""

from __future__ import annotations

from typing import Any

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q

from jiuye.office.casework.models.authorities import Authority, not_accepted_by_holder
from jiuye.office.casework.models.beside import FILE_IS_WHOLE, PaperGiven
from jiuye.office.casework.models.objections import not_granted_while_open
from jiuye.office.funds.models.triggers import names_its_version, refuse, took_none
from jiuye.office.matters.states import ACT_NAMES, OPEN_STATES, STATE_LABELS, WAYS, pairs
from jiuye.office.registry.models import Employer, Household, Person
from jiuye.office.registry.secrets import SealedField, mask_name
from jiuye.office.staff.models import Account

APPLICANT_KINDS = {"person": "居民", "employer": "用人单位"}


@pghistory.track(model_name="MatterVersion")  # its default name, MatterEvent, is the timeline's
class Matter(models.Model):
    """One item for one applicant. `awaits` is the step of the item's file that comes next; empty for a draft and an ended one."""

    item_id = models.CharField("事项", max_length=60)
    item_name = models.CharField("事项名称", max_length=120)
    item_name_en = models.CharField("事项英文名称", max_length=200, blank=True, default="")
    item_version = models.CharField("规程版本", max_length=12)
    applicant_kind = models.CharField("申请方", max_length=8, choices=list(APPLICANT_KINDS.items()))
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="matters", verbose_name="居民"
    )
    employer = models.ForeignKey(
        Employer,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="matters",
        verbose_name="用人单位",
    )
    # Whose matter it is where the item is about a household: the applicant's, when it was begun.
    household = models.ForeignKey(
        Household, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="家庭"
    )
    applicant_name = models.CharField("申请人", max_length=120)
    division_code = models.CharField("所在区划", max_length=12)
    answers = SealedField("表单")  # JSON: field of the form → text as given
    # The keyed digest of the answer by which the item's file tells several open ones of an applicant apart (`telling_apart.py`).
    told_apart = models.CharField("区分", max_length=64, blank=True, default="")
    way = models.CharField("申请方式", max_length=10, choices=list(WAYS.items()))
    proxy = SealedField("代办人及委托证明")  # one line, of the time before authorities were put on record
    authority = models.ForeignKey(
        Authority, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="亲属授权"
    )
    life_event = models.CharField("人生事件", max_length=60, blank=True, default="")
    state = models.CharField("状态", max_length=20, choices=list(STATE_LABELS.items()), default="draft")
    awaits = models.CharField("下一环节", max_length=20, blank=True, default="")
    awaits_role = models.CharField("由谁办", max_length=20, blank=True, default="")
    awaits_digits = models.IntegerField("办理层级（区划码位数）", default=0)
    started_on = models.DateField("开始日期")
    submitted_on = models.DateField("提交日期", null=True, blank=True)
    due_on = models.DateField("本环节期限", null=True, blank=True)
    promised_on = models.DateField("承诺办结日", null=True, blank=True)
    # While the matter is with its applicant, or an objection to its notice is open, the office's clocks stand still; what was left of them runs on afterwards.
    stopped_on = models.DateField("计时停止于", null=True, blank=True)
    step_workdays_left = models.IntegerField("本环节剩余工作日", null=True, blank=True)
    promised_workdays_left = models.IntegerField("承诺剩余工作日", null=True, blank=True)
    corrections = models.JSONField("补正要求", default=dict)  # field or evidence → what is wrong with it
    corrected_before = models.BooleanField("已退回补正过", default=False)
    accepted_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="受理人"
    )
    publicity_start = models.DateField("公示起", null=True, blank=True)
    publicity_until = models.DateField("公示止（不含）", null=True, blank=True)
    decided_on = models.DateField("办结日期", null=True, blank=True)
    decided_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="决定人"
    )
    receipt = models.JSONField("判定凭据", default=dict)  # the policy's explanation at the decision
    refused_clause = models.CharField("未满足的条件", max_length=60, blank=True, default="")
    refused_law = models.TextField("条件原文", blank=True, default="")
    refused_because = models.TextField("不予办理的理由", blank=True, default="")
    review_on = models.DateField("下次复核", null=True, blank=True, db_index=True)

    class Meta:
        verbose_name = "事项办理"
        indexes = [
            models.Index(fields=["state", "due_on"]),
            models.Index(fields=["division_code", "awaits"]),
            models.Index(fields=["item_id", "state"]),
        ]
        triggers = [
            pgtrigger.FSM(name="matter_walks_the_table", field="state", transitions=pairs()),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            not_accepted_by_holder("matter_not_accepted_by_holder"),
            refuse(
                "matter_decided_by_another",
                "决定人不能是受理过这件的人；请由另一位人员办理。",
                operation=pgtrigger.Update,
                condition="OLD.decided_by_id IS DISTINCT FROM NEW.decided_by_id AND NEW.decided_by_id IS NOT NULL",
                needs="1 WHERE "
                + took_none(
                    "matters_matterevent",
                    about="e.matter_id = NEW.id",
                    acts=["accept"],
                    account="NEW.decided_by_id",
                ),
            ),
            not_granted_while_open(
                "matter_not_granted_while_objected", "matters_matterobjection", "matter_id", "granted"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["item_id", "person", "told_apart"],
                condition=Q(state__in=OPEN_STATES, person__isnull=False),
                name="matter_of_a_person_once_at_a_time",
                violation_error_message="同一居民同一事项（分别登记的，为同一对象）只能有一件在办；请先办完或撤回前一件。",
            ),
            models.UniqueConstraint(
                fields=["item_id", "employer", "told_apart"],
                condition=Q(state__in=OPEN_STATES, employer__isnull=False),
                name="matter_of_an_employer_once_at_a_time",
                violation_error_message="同一单位同一事项（分别登记的，为同一对象）只能有一件在办；请先办完或撤回前一件。",
            ),
            models.UniqueConstraint(
                fields=["item_id", "household"],
                condition=Q(state__in=OPEN_STATES, household__isnull=False),
                name="matter_of_a_household_once_at_a_time",
                violation_error_message="同一家庭同一事项只能有一件在办；请先办完或撤回前一件。",
            ),
            models.CheckConstraint(
                name="matter_state_known",
                condition=Q(state__in=list(STATE_LABELS)),
                violation_error_message="事项状态不在目录内。",
            ),
            models.CheckConstraint(
                name="matter_applicant_named_once",
                condition=Q(applicant_kind="person", person__isnull=False, employer__isnull=True)
                | Q(applicant_kind="employer", employer__isnull=False, person__isnull=True),
                violation_error_message="事项必须写明是哪位居民或哪家单位的。",
            ),
            models.CheckConstraint(
                name="matter_decider_is_another_person",
                condition=Q(decided_by__isnull=True)
                | Q(accepted_by__isnull=True)
                | ~Q(decided_by=F("accepted_by")),
                violation_error_message="决定人不能是受理人；请由另一位人员办理。",
            ),
            models.CheckConstraint(
                name="matter_decided_iff_dated",
                condition=Q(state__in=["granted", "refused", "ended"], decided_on__isnull=False)
                | (~Q(state__in=["granted", "refused", "ended"]) & Q(decided_on__isnull=True)),
                violation_error_message="办结或不予办理的事项必须有日期，其他的不能有。",
            ),
            models.CheckConstraint(
                name="matter_decided_after_publicity",
                condition=~Q(state="granted")
                | Q(publicity_until__isnull=True)
                | Q(decided_on__gte=F("publicity_until")),
                violation_error_message="公示期满以前不能办结。",
            ),
            models.CheckConstraint(
                name="matter_refusal_has_reason",
                condition=~Q(state="refused") | ~Q(refused_because=""),
                violation_error_message="不予办理必须写明理由。",
            ),
            models.CheckConstraint(
                name="matter_correction_names_fields",
                condition=~Q(state="correction_requested") | ~Q(corrections={}),
                violation_error_message="退回补正必须写明哪一项有什么问题。",
            ),
            models.CheckConstraint(
                name="matter_clock_stands_only_with_others",
                condition=Q(stopped_on__isnull=True) | Q(state__in=["correction_requested", "publicised"]),
                violation_error_message="只有退回补正期间和公示异议处理期间才停止计时。",
            ),
            models.CheckConstraint(
                name="matter_on_behalf_has_proxy",
                condition=~Q(way="relative") | Q(authority__isnull=False) | ~Q(proxy=b""),
                violation_error_message="亲属代办必须凭登记的授权。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.item_name} {self.masked_applicant}"

    @property
    def about(self) -> str:
        """The key under which messages and the uses of an authority name it."""
        return f"matter:{self.pk}"

    @property
    def names(self) -> tuple[str, str]:
        """What is asked for, in both languages."""
        return self.item_name, self.item_name_en

    @property
    def number(self) -> str:
        """The number people quote on the telephone: S, county, day, serial."""
        return f"S{self.division_code[:6]}-{self.started_on:%Y%m%d}-{self.pk:06d}"

    @property
    def masked_applicant(self) -> str:
        """A resident's name masked; an employer's name is public (企业信息公示暂行条例)."""
        return mask_name(self.applicant_name) if self.applicant_kind == "person" else self.applicant_name


class MatterEvent(models.Model):
    """One thing that happened to a matter: who did what, when, from which state to which, with which words."""

    matter = models.ForeignKey(
        Matter, on_delete=models.PROTECT, related_name="timeline", verbose_name="事项办理"
    )
    act = models.CharField("事项", max_length=30, choices=list(ACT_NAMES.items()))
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
    # The version of the matter that this event left behind, written by a trigger: the matter at any past moment is read through it.
    matter_version = models.BigIntegerField("当时的版本", null=True, blank=True)

    class Meta:
        verbose_name = "事项记录"
        indexes = [models.Index(fields=["matter", "at"])]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            names_its_version("matter_version", of="matter_id", kept_in="matters_matterversion"),
        ]

    def __str__(self) -> str:
        return f"{self.matter_id} {self.act} {self.on_date}"


class Evidence(PaperGiven):
    """What proves one point of a matter: a register's answer, a file, or an original seen at the counter."""

    matter = models.ForeignKey(
        Matter, on_delete=models.PROTECT, related_name="evidence", verbose_name="事项办理"
    )

    class Meta:
        verbose_name = "材料"
        indexes = [models.Index(fields=["matter", "evidence_id"])]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
        constraints = [
            models.CheckConstraint(
                name="evidence_file_is_whole",
                condition=FILE_IS_WHOLE,
                violation_error_message="上传的材料必须有文件名、指纹和大小。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.matter_id} {self.evidence_id} {self.kind}"


class PromisedService(models.Model):
    """One promised service of a plan that a granted matter began: how often it is owed, and by when."""

    matter = models.ForeignKey(
        Matter, on_delete=models.PROTECT, related_name="promised", verbose_name="事项办理"
    )
    milestone_id = models.CharField("服务", max_length=60)
    name = models.CharField("服务名称", max_length=120)
    name_en = models.CharField("服务英文名称", max_length=200)
    times = models.IntegerField("应提供次数")
    due_on = models.DateField("期限", null=True, blank=True)

    class Meta:
        verbose_name = "承诺的服务"
        constraints = [
            models.UniqueConstraint(
                fields=["matter", "milestone_id"],
                name="promised_once",
                violation_error_message="同一项服务只承诺一次。",
            ),
            models.CheckConstraint(
                name="promised_at_least_once",
                condition=Q(times__gt=0),
                violation_error_message="承诺的次数必须大于零。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.matter_id} {self.milestone_id} × {self.times}"

    @property
    def closing(self) -> Any:
        """How it was closed without being given; None while it is owed or once it was given."""
        return next((row for row in self.closings.all() if row.opened_on is None), None)


class ServiceGiven(models.Model):
    """One time that a promised service was given, with what was done."""

    promised = models.ForeignKey(
        PromisedService, on_delete=models.PROTECT, related_name="given", verbose_name="承诺的服务"
    )
    on_date = models.DateField("提供日期")
    note = models.TextField("做了什么")
    given_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", verbose_name="提供人")
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "提供的服务"
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            refuse(
                "given_of_what_is_open",
                "这项服务已经了结；要提供的，请先重新打开。",
                operation=pgtrigger.Insert,
                needs=(
                    "1 WHERE NOT EXISTS (SELECT 1 FROM matters_serviceclosing WHERE promised_id = NEW.promised_id "
                    "AND opened_on IS NULL)"
                ),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="given_says_what",
                condition=~Q(note=""),
                violation_error_message="提供服务必须写明做了什么。",
            ),
            models.UniqueConstraint(
                fields=["promised", "on_date", "note"],
                name="given_once_a_day",
                violation_error_message="同一天同样的服务已经登记过。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.promised_id} {self.on_date}"
