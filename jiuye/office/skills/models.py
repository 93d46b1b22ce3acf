"""Certificates, traineeships, apprenticeships and training: what the plan counts and policies pay for.

Intervals are half-open: `until` is the first day after. Numbers that a document sets (the longest traineeship, the
amount for a level) are the pack's, never a constraint here.
"""

from __future__ import annotations

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q, Value

from jiuye.office.registry.models import Employer, Person
from jiuye.office.registry.models.facts import ends_after_start, has_source
from jiuye.office.skills.states import (
    APPRENTICESHIP_LEVELS,
    CERTIFICATE_KINDS,
    LEVELLED_KINDS,
    OCCUPATION_CATEGORIES,
    PROVIDER_KINDS,
    SKILL_LEVELS,
    TRAINEESHIP_OUTCOMES,
    TRAINING_KINDS,
)
from jiuye.office.skills.triggers import certificate_is_own
from jiuye.office.staff.models import DateRange


@pghistory.track()
class Certificate(models.Model):
    """One certificate of a skill, issued to one person. Occupation codes are those of the 职业分类大典 of 2022."""

    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, related_name="certificates", verbose_name="本人"
    )
    kind = models.CharField(
        "证书种类", max_length=16, choices=list(CERTIFICATE_KINDS.items()), default="skill_level"
    )
    number = models.CharField("证书编号", max_length=40, unique=True)
    occupation_code = models.CharField("职业代码", max_length=14, blank=True, default="")
    occupation_name = models.CharField("职业（工种）", max_length=60)
    level = models.CharField(
        "等级", max_length=14, choices=list(SKILL_LEVELS.items()), blank=True, default=""
    )
    category = models.CharField(
        "职业类别", max_length=1, choices=list(OCCUPATION_CATEGORIES.items()), blank=True, default=""
    )
    shortage = models.BooleanField("紧缺职业（工种）", null=True, blank=True)
    training_subsidised = models.BooleanField("已享受培训补贴", null=True, blank=True)
    issued_on = models.DateField("发证日期")
    issuer = models.CharField("发证机构", max_length=80, blank=True, default="")
    source = models.CharField("来源", max_length=60)

    class Meta:
        verbose_name = "证书"
        indexes = [models.Index(fields=["issued_on", "level"]), models.Index(fields=["person", "issued_on"])]
        constraints = [
            has_source("certificate_has_source", "证书"),
            models.CheckConstraint(
                name="certificate_level_fits_kind",
                condition=(Q(kind__in=LEVELLED_KINDS) & ~Q(level=""))
                | (~Q(kind__in=LEVELLED_KINDS) & Q(level="")),
                violation_error_message="职业技能等级证书和职业资格证书必须有等级，专项能力证书和培训合格证书没有等级。",
            ),
            models.CheckConstraint(
                name="certificate_words_known",
                condition=Q(kind__in=list(CERTIFICATE_KINDS))
                & Q(level__in=["", *SKILL_LEVELS])
                & Q(category__in=["", *OCCUPATION_CATEGORIES]),
                violation_error_message="证书的种类、等级或职业类别不在目录内。",
            ),
            models.CheckConstraint(
                name="certificate_has_number_and_occupation",
                condition=~Q(number="") & ~Q(occupation_name=""),
                violation_error_message="证书必须有编号和职业（工种）。",
            ),
            models.CheckConstraint(
                name="certificate_occupation_code_form",
                condition=Q(occupation_code="") | Q(occupation_code__regex=r"^[1-8](-\d{2}){3}$"),
                violation_error_message="职业代码应形如 6-18-01-01（职业分类大典）。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.occupation_name} {self.get_level_display()}".strip()


@pghistory.track()
class Traineeship(models.Model):
    """就业见习: a person trains at an employer for an agreed time on a monthly stipend, without an employment contract."""

    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, related_name="traineeships", verbose_name="见习人员"
    )
    employer = models.ForeignKey(
        Employer, on_delete=models.PROTECT, related_name="traineeships", verbose_name="见习单位"
    )
    position = models.CharField("见习岗位", max_length=60, blank=True, default="")
    start = models.DateField("起")
    until = models.DateField("止（不含）")
    monthly_stipend_fen = models.BigIntegerField("每月生活费")
    accident_insured = models.BooleanField("已办意外险", null=True, blank=True)
    outcome = models.CharField(
        "结果", max_length=10, choices=list(TRAINEESHIP_OUTCOMES.items()), blank=True, default=""
    )  # empty: it is going on, or nobody has said
    retained_on = models.DateField("留用日期", null=True, blank=True)
    source = models.CharField("来源", max_length=60)

    class Meta:
        verbose_name = "就业见习"
        indexes = [models.Index(fields=["start"]), models.Index(fields=["employer", "start"])]
        constraints = [
            ends_after_start("traineeship_ends_after_start", "见习"),
            has_source("traineeship_has_source", "见习"),
            models.CheckConstraint(
                name="traineeship_stipend_not_negative",
                condition=Q(monthly_stipend_fen__gte=0),
                violation_error_message="见习生活费不能为负。",
            ),
            models.CheckConstraint(
                name="traineeship_retained_iff_dated",
                condition=Q(outcome="retained", retained_on__isnull=False, retained_on__gte=F("start"))
                | Q(outcome__in=["", "left"], retained_on__isnull=True),
                violation_error_message="留用必须写明不早于见习开始的留用日期，未留用的没有留用日期。",
            ),
            ExclusionConstraint(
                name="traineeship_one_at_a_time",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    (DateRange(F("start"), F("until")), RangeOperators.OVERLAPS),
                ],
                violation_error_message="同一人的两段见习时间重叠；请先结束前一段。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.employer} {self.start}–{self.until}"


@pghistory.track()
class Apprenticeship(models.Model):
    """企业新型学徒制: an employee is trained by firm and school towards a level; paid for when the certificate is there."""

    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, related_name="apprenticeships", verbose_name="学徒"
    )
    employer = models.ForeignKey(
        Employer, on_delete=models.PROTECT, related_name="apprenticeships", verbose_name="企业"
    )
    school = models.CharField("培养机构", max_length=80, blank=True, default="")
    occupation_name = models.CharField("职业（工种）", max_length=60, blank=True, default="")
    level = models.CharField("培养等级", max_length=14, choices=list(APPRENTICESHIP_LEVELS.items()))
    start = models.DateField("起")
    until = models.DateField("止（不含）")
    certificate = models.OneToOneField(
        Certificate,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="apprenticeship",
        verbose_name="取得的证书",
    )
    source = models.CharField("来源", max_length=60)

    class Meta:
        verbose_name = "新型学徒"
        indexes = [models.Index(fields=["start"]), models.Index(fields=["employer", "start"])]
        triggers = [certificate_is_own("apprenticeship_certificate_is_own")]
        constraints = [
            ends_after_start("apprenticeship_ends_after_start", "学徒培养"),
            has_source("apprenticeship_has_source", "学徒培养"),
            models.CheckConstraint(
                name="apprenticeship_level_known",
                condition=Q(level__in=list(APPRENTICESHIP_LEVELS)),
                violation_error_message="学徒培养等级只能是中级工、高级工、技师或高级技师。",
            ),
            ExclusionConstraint(
                name="apprenticeship_one_at_a_time",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    (DateRange(F("start"), F("until")), RangeOperators.OVERLAPS),
                ],
                violation_error_message="同一人的两段学徒培养时间重叠；请先结束前一段。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.employer} {self.get_level_display()} {self.start}–{self.until}"


@pghistory.track()
class TrainingEnrolment(models.Model):
    """One person in one course. It counts as a person-time (人次) on the day it is finished."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="training", verbose_name="学员")
    course_name = models.CharField("培训项目", max_length=80)
    kind = models.CharField("培训类别", max_length=20, choices=list(TRAINING_KINDS.items()))
    provider = models.CharField("培训机构", max_length=80, blank=True, default="")
    provider_kind = models.CharField(
        "机构类别", max_length=20, choices=list(PROVIDER_KINDS.items()), blank=True, default=""
    )
    subsidised = models.BooleanField("列入补贴性培训目录", null=True, blank=True)
    class_hours = models.IntegerField("课时", null=True, blank=True)
    start = models.DateField("开课日期")
    finished_on = models.DateField("结业日期", null=True, blank=True)
    certificate_kind = models.CharField(
        "取得证书种类", max_length=16, choices=list(CERTIFICATE_KINDS.items()), blank=True, default=""
    )
    certificate = models.OneToOneField(
        Certificate,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="training",
        verbose_name="取得的证书",
    )
    source = models.CharField("来源", max_length=60)

    class Meta:
        verbose_name = "培训"
        indexes = [models.Index(fields=["finished_on", "kind"]), models.Index(fields=["person", "start"])]
        triggers = [certificate_is_own("training_certificate_is_own")]
        constraints = [
            has_source("training_has_source", "培训"),
            models.CheckConstraint(
                name="training_finishes_after_start",
                condition=Q(finished_on__isnull=True) | Q(finished_on__gte=F("start")),
                violation_error_message="结业日期不能早于开课日期。",
            ),
            models.CheckConstraint(
                name="training_words_known",
                condition=Q(kind__in=list(TRAINING_KINDS))
                & Q(provider_kind__in=["", *PROVIDER_KINDS])
                & Q(certificate_kind__in=["", *CERTIFICATE_KINDS])
                & ~Q(course_name=""),
                violation_error_message="培训必须有项目名称，类别须在目录内。",
            ),
            models.CheckConstraint(
                name="training_certificate_after_finishing",
                condition=Q(certificate_kind="", certificate__isnull=True)
                | (Q(finished_on__isnull=False) & ~Q(certificate_kind="")),
                violation_error_message="结业以后才有证书，并要写明证书种类。",
            ),
            models.CheckConstraint(
                name="training_hours_positive",
                condition=Q(class_hours__isnull=True) | Q(class_hours__gt=0),
                violation_error_message="课时必须大于零。",
            ),
            ExclusionConstraint(
                name="training_same_course_once_at_a_time",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    ("course_name", RangeOperators.EQUAL),
                    (DateRange(F("start"), F("finished_on"), Value("[]")), RangeOperators.OVERLAPS),
                ],
                violation_error_message="同一人同一培训项目的两次学习时间重叠。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.course_name} {self.start}"
