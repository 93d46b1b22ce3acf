"""Employers: enterprises, individual businesses, organisations, public bodies."""

from __future__ import annotations

import pghistory
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from jiuye.office.registry.models.people import NameGrams
from jiuye.office.registry.models.places import Division
from jiuye.office.registry.secrets import SealedField
from jiuye.office.registry.states import EMPLOYER_KINDS, EMPLOYER_SIZES


@pghistory.track()
class Employer(models.Model):
    """An employer by unified social credit code (GB 32100-2015). Yearly figures are of the year before `figures_year`+1."""

    name = models.CharField("名称", max_length=120)
    credit_code = models.CharField("统一社会信用代码", max_length=18, unique=True)
    kind = models.CharField("类型", max_length=24, choices=list(EMPLOYER_KINDS.items()))
    size = models.CharField(
        "规模", max_length=8, choices=list(EMPLOYER_SIZES.items()), blank=True, default=""
    )
    industry = models.CharField("行业门类", max_length=1, blank=True, default="")  # GB/T 4754-2017 A..T
    division = models.ForeignKey(
        Division, on_delete=models.PROTECT, related_name="employers", verbose_name="所在地"
    )
    founded_on = models.DateField("成立日期", null=True, blank=True)
    closed_on = models.DateField("注销日期", null=True, blank=True)
    bank_account = SealedField("对公账号")
    bank_name = models.CharField("开户行", max_length=60, blank=True, default="")
    dishonest = models.BooleanField("严重失信", null=True, blank=True)
    # The unemployment-insurance register's figures of one year, for 稳岗返还.
    figures_year = models.IntegerField("年度", null=True, blank=True)
    insured_at_year_start = models.IntegerField("年初参保人数", null=True, blank=True)
    insured_at_year_end = models.IntegerField("年末参保人数", null=True, blank=True)
    insured_monthly_mean = models.IntegerField("月均参保人数", null=True, blank=True)
    retired_in_year = models.IntegerField("年内退休人数", null=True, blank=True)
    died_in_year = models.IntegerField("年内死亡人数", null=True, blank=True)
    unemployment_premium_months = models.IntegerField("失业保险缴费月数", null=True, blank=True)
    unemployment_premium_fen = models.BigIntegerField("上年度缴纳失业保险费", null=True, blank=True)
    premium_arrears = models.BooleanField("欠缴社会保险费", null=True, blank=True)
    # Empty: nobody has said. Whether that is a no depends on the list of bases having been delivered whole.
    traineeship_base = models.BooleanField("就业见习基地", null=True, blank=True)
    source = models.CharField("来源", max_length=60)

    class Meta:
        verbose_name = "用人单位"
        # Search by part of a name, as of residents.
        indexes = [GinIndex(NameGrams("name"), name="employer_name_grams")]
        constraints = [
            models.CheckConstraint(
                name="employer_kind_known",
                condition=Q(kind__in=list(EMPLOYER_KINDS)),
                violation_error_message="用人单位类型不在目录内。",
            ),
            models.CheckConstraint(
                name="employer_has_source",
                condition=~Q(source=""),
                violation_error_message="单位信息必须写明来源。",
            ),
            models.CheckConstraint(
                name="employer_closes_after_founding",
                condition=Q(closed_on__isnull=True)
                | Q(founded_on__isnull=True)
                | Q(closed_on__gte=models.F("founded_on")),
                violation_error_message="注销日期不能早于成立日期。",
            ),
        ]

    def __str__(self) -> str:
        return self.name
