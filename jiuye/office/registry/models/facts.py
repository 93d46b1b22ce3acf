"""Dated facts of people: employment, statuses, education, contributions, births. Intervals are half-open."""

from __future__ import annotations

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from jiuye.office.registry.models.employers import Employer
from jiuye.office.registry.models.people import Household, Person
from jiuye.office.registry.states import (
    CONTRIBUTION_PAYERS,
    EDUCATION_LEVELS,
    EMPLOYMENT_KINDS,
    STATUS_KINDS,
)
from jiuye.office.staff.models import DateRange


def ends_after_start(name: str, what: str) -> models.CheckConstraint:
    """The interval's end lies after its start, or is open."""
    return models.CheckConstraint(
        name=name,
        condition=Q(until__isnull=True) | Q(until__gt=F("start")),
        violation_error_message=f"{what}的结束日期必须晚于开始日期。",
    )


def has_source(name: str, what: str) -> models.CheckConstraint:
    """Nobody relies on a fact that came from nowhere."""
    return models.CheckConstraint(
        name=name, condition=~Q(source=""), violation_error_message=f"{what}必须写明来源。"
    )


@pghistory.track()
class EmploymentSpell(models.Model):
    """One employment from `start` until `until` (first day after it). Without an employer: flexible or self-employed."""

    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, related_name="employment", verbose_name="本人"
    )
    employer = models.ForeignKey(
        Employer,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="employment",
        verbose_name="单位",
    )
    kind = models.CharField("就业形式", max_length=20, choices=list(EMPLOYMENT_KINDS.items()))
    start = models.DateField("起")
    until = models.DateField("止", null=True, blank=True)
    contract_months = models.IntegerField("合同期（月）", null=True, blank=True)
    monthly_wage_fen = models.BigIntegerField("月工资", null=True, blank=True)
    urban = models.BooleanField("城镇就业", default=True)
    transferred_in = models.BooleanField("单位间调入", default=False)  # 劳社部发〔2004〕9号: not a new hire
    ended_because = models.CharField("终止原因", max_length=40, blank=True, default="")
    involuntary_end = models.BooleanField("非因本人意愿中断", null=True, blank=True)
    source = models.CharField("来源", max_length=60)

    class Meta:
        verbose_name = "就业经历"
        indexes = [models.Index(fields=["start"]), models.Index(fields=["employer", "start"])]
        constraints = [
            ends_after_start("employment_ends_after_start", "就业经历"),
            has_source("employment_has_source", "就业经历"),
            models.CheckConstraint(
                name="employment_employer_fits_kind",
                condition=Q(kind__in=["employee", "public_welfare_post"], employer__isnull=False)
                | Q(kind="flexible", employer__isnull=True)
                | Q(kind="self_employed"),
                violation_error_message="单位就业和公益性岗位必须有用人单位，灵活就业没有用人单位。",
            ),
            ExclusionConstraint(
                name="employment_no_overlap_at_one_employer",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    # An expression, so that the planner does not look employers up in this index: it begins with persons.
                    (Coalesce(F("employer"), 0), RangeOperators.EQUAL),
                    (DateRange(F("start"), F("until")), RangeOperators.OVERLAPS),
                ],
                condition=Q(employer__isnull=False),
                violation_error_message="同一人在同一单位的两段就业经历时间重叠。",
            ),
            ExclusionConstraint(
                name="employment_flexible_excludes_employee",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    (DateRange(F("start"), F("until")), RangeOperators.OVERLAPS),
                ],
                condition=Q(kind__in=["flexible", "public_welfare_post"]),
                violation_error_message="灵活就业或公益性岗位的两段经历时间重叠。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.start}–{self.until or ''}"


@pghistory.track()
class Status(models.Model):
    """A status held for a time: 失业登记, 就业困难人员 with its category, 退役军人 and the like."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="statuses", verbose_name="本人")
    kind = models.CharField("身份", max_length=30, choices=list(STATUS_KINDS.items()))
    category = models.CharField("类别", max_length=40, blank=True, default="")
    start = models.DateField("起")
    until = models.DateField("止", null=True, blank=True)
    document = models.CharField("依据", max_length=80, blank=True, default="")
    source = models.CharField("来源", max_length=60)

    class Meta:
        verbose_name = "身份"
        indexes = [models.Index(fields=["kind", "start"])]
        constraints = [
            ends_after_start("status_ends_after_start", "身份"),
            has_source("status_has_source", "身份"),
            models.CheckConstraint(
                name="status_difficulty_has_category",
                condition=~Q(kind="employment_difficulty") | ~Q(category=""),
                violation_error_message="就业困难人员必须写明认定类别。",
            ),
            ExclusionConstraint(
                name="status_no_overlap_of_a_kind",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    ("category", RangeOperators.EQUAL),
                    (DateRange(F("start"), F("until")), RangeOperators.OVERLAPS),
                ],
                violation_error_message="同一身份的两段时间重叠；请先结束前一段。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.start}–{self.until or ''}"


@pghistory.track()
class Education(models.Model):
    """One course of education; `graduated_on` is empty while studying."""

    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, related_name="education", verbose_name="本人"
    )
    level = models.CharField("层次", max_length=30, choices=list(EDUCATION_LEVELS.items()))
    school = models.CharField("学校", max_length=80, blank=True, default="")
    full_time = models.BooleanField("全日制", default=True)
    enrolled_on = models.DateField("入学", null=True, blank=True)
    graduated_on = models.DateField("毕业", null=True, blank=True)
    source = models.CharField("来源", max_length=60)

    class Meta:
        verbose_name = "学历"
        constraints = [
            has_source("education_has_source", "学历"),
            models.CheckConstraint(
                name="education_graduates_after_enrolling",
                condition=Q(graduated_on__isnull=True)
                | Q(enrolled_on__isnull=True)
                | Q(graduated_on__gt=F("enrolled_on")),
                violation_error_message="毕业日期必须晚于入学日期。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_level_display()} {self.school}"


@pghistory.track()
class HouseholdMembership(models.Model):
    """Somebody belongs to a household from `start` until `until` (the first day not); `Person.household` is the one in force."""

    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, related_name="memberships", verbose_name="本人"
    )
    household = models.ForeignKey(
        Household, on_delete=models.CASCADE, related_name="memberships", verbose_name="家庭"
    )
    start = models.DateField("起")
    until = models.DateField("止", null=True, blank=True)
    source = models.CharField("来源", max_length=60)

    class Meta:
        verbose_name = "同户"
        constraints = [
            ends_after_start("membership_ends_after_start", "同户"),
            has_source("membership_has_source", "同户"),
            ExclusionConstraint(
                name="membership_of_one_household_at_a_time",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    (DateRange(F("start"), F("until")), RangeOperators.OVERLAPS),
                ],
                violation_error_message="同一人同一时间只能在一户；请先登记离开原来的家庭。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.household} {self.start}–{self.until or ''}"


@pghistory.track()
class ContributionSpell(models.Model):
    """Social insurance paid month by month at one base: `start` and `until` are first days of months.

    Amounts are fen a month for each insurance, of one payer. Half-open: paid for every month m with start ≤ m < until.
    """

    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, related_name="contributions", verbose_name="本人"
    )
    employer = models.ForeignKey(
        Employer, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="单位"
    )
    payer = models.CharField("缴费方", max_length=8, choices=list(CONTRIBUTION_PAYERS.items()))
    start = models.DateField("起月")
    until = models.DateField("止月", null=True, blank=True)
    base_fen = models.BigIntegerField("缴费基数")
    pension_fen = models.BigIntegerField("基本养老", default=0)
    medical_fen = models.BigIntegerField("基本医疗", default=0)
    unemployment_fen = models.BigIntegerField("失业", default=0)
    injury_fen = models.BigIntegerField("工伤", default=0)
    maternity_fen = models.BigIntegerField("生育", default=0)
    source = models.CharField("来源", max_length=60)

    class Meta:
        verbose_name = "参保缴费"
        indexes = [models.Index(fields=["employer", "start"])]
        constraints = [
            ends_after_start("contribution_ends_after_start", "参保缴费"),
            has_source("contribution_has_source", "参保缴费"),
            models.CheckConstraint(
                name="contribution_in_whole_months",
                condition=Q(start__day=1) & (Q(until__isnull=True) | Q(until__day=1)),
                violation_error_message="参保缴费按整月登记，起止都应是每月1日。",
            ),
            models.CheckConstraint(
                name="contribution_amounts_not_negative",
                condition=Q(
                    base_fen__gte=0,
                    pension_fen__gte=0,
                    medical_fen__gte=0,
                    unemployment_fen__gte=0,
                    injury_fen__gte=0,
                    maternity_fen__gte=0,
                ),
                violation_error_message="缴费金额不能为负。",
            ),
            ExclusionConstraint(
                name="contribution_no_overlap_of_a_payer",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    ("payer", RangeOperators.EQUAL),
                    (DateRange(F("start"), F("until")), RangeOperators.OVERLAPS),
                ],
                violation_error_message="同一人同一缴费方的两段缴费时间重叠。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_payer_display()} {self.start}–{self.until or ''}"


@pghistory.track()
class Birth(models.Model):
    """A birth as the health register confirms it: whose, which child, when, and where the mother was then employed."""

    mother = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="births", verbose_name="母亲")
    employer = models.ForeignKey(
        Employer,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="births",
        verbose_name="生育时单位",
    )
    child_order = models.IntegerField("孩次")
    birth_date = models.DateField("出生日期")
    source = models.CharField("来源", max_length=60)

    class Meta:
        verbose_name = "生育"
        constraints = [
            has_source("birth_has_source", "生育信息"),
            models.UniqueConstraint(
                fields=["mother", "child_order"],
                name="birth_once_an_order",
                violation_error_message="同一母亲的同一孩次已登记。",
            ),
            models.CheckConstraint(
                name="birth_order_positive",
                condition=Q(child_order__gte=1),
                violation_error_message="孩次从1起。",
            ),
        ]

    def __str__(self) -> str:
        return f"第{self.child_order}孩 {self.birth_date}"
