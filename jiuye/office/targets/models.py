"""What departments report: figures that no record of ours gives, and milestones that are done. Appended, never edited.

A correction is a new row that supersedes the old one and says why. The plan is content, not rows: an indicator, a
milestone and a period are named by their keys in the pack.
"""

from __future__ import annotations

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Floor

from jiuye.office.funds.models.triggers import refuse
from jiuye.office.staff.models import Account
from jiuye.office.targets.states import DIVISIBLE_UNITS, SIGNED_UNITS

# "2023" a year, "2023-2025" one total over years, "none" the whole plan where it names no year.
PERIOD_KEY = r"^(\d{4}|\d{4}-\d{4}|none)$"


@pghistory.track()
class ReportedFigure(models.Model):
    """One figure of one indicator: its value by the end of the day `as_of`, with the document that gives it.

    A flow is counted from the beginning of its period. `value` is exact, in the indicator's base unit. `department` is
    the plan's key of whoever reports.
    """

    indicator_id = models.CharField("指标", max_length=60)
    division_code = models.CharField("区划", max_length=12)
    period_key = models.CharField("所属期", max_length=9)
    as_of = models.DateField("数据截至")
    value = models.DecimalField("数值", max_digits=20, decimal_places=4)
    unit = models.CharField("单位", max_length=16)
    document = models.CharField("来源文件", max_length=200)
    document_date = models.DateField("文件日期")
    note = models.TextField("说明", blank=True, default="")
    department = models.CharField("填报部门", max_length=40, blank=True, default="")
    reported_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="+", verbose_name="填报人"
    )
    reported_on = models.DateField("填报日期")
    reported_at = models.DateTimeField("填报时间")
    supersedes = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="superseded_by",
        verbose_name="更正自",
    )

    class Meta:
        verbose_name = "填报数据"
        indexes = [models.Index(fields=["indicator_id", "period_key", "division_code", "as_of"])]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            refuse(
                "figure_corrects_its_own",
                "更正的数据必须与原数据是同一指标、同一区划、同一所属期和同一截止日。",
                operation=pgtrigger.Insert,
                needs="1 WHERE NEW.supersedes_id IS NULL OR EXISTS (SELECT 1 FROM targets_reportedfigure AS standing "
                "WHERE standing.id = NEW.supersedes_id AND standing.indicator_id = NEW.indicator_id "
                "AND standing.division_code = NEW.division_code AND standing.period_key = NEW.period_key "
                "AND standing.as_of = NEW.as_of)",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator_id", "division_code", "period_key", "as_of"],
                condition=Q(supersedes__isnull=True),
                name="figure_once_a_day",
                violation_error_message="这个指标在这个截止日已经有数据；要改请作更正，并写明原因。",
            ),
            models.CheckConstraint(
                name="figure_has_document",
                condition=~Q(document="") & ~Q(indicator_id="") & ~Q(unit=""),
                violation_error_message="填报的数据必须写明来源文件。",
            ),
            models.CheckConstraint(
                name="figure_period_form",
                condition=Q(period_key__regex=PERIOD_KEY) & Q(division_code__regex=r"^\d{4}(\d\d)?$"),
                violation_error_message="所属期应是年份或起止年份，区划应是市或县（市、区）、功能区。",
            ),
            models.CheckConstraint(
                name="figure_not_negative",
                condition=Q(value__gte=0) | Q(unit__in=SIGNED_UNITS),
                violation_error_message="数值不能为负；只有两个比率之差可以为负。",
            ),
            models.CheckConstraint(
                name="figure_whole_unless_divisible",
                condition=Q(value=Floor(F("value"))) | Q(unit__in=DIVISIBLE_UNITS),
                violation_error_message="人数、个数、场次等必须是整数。",
            ),
            models.CheckConstraint(
                name="figure_known_when_reported",
                condition=Q(as_of__lte=F("reported_on")) & Q(document_date__lte=F("reported_on")),
                violation_error_message="不能填报未来的数据：截止日和文件日期都不能晚于填报日期。",
            ),
            models.CheckConstraint(
                name="figure_correction_says_why",
                condition=Q(supersedes__isnull=True) | ~Q(note=""),
                violation_error_message="更正数据必须写明原因。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.period_key} {self.as_of}"


@pghistory.track()
class MilestoneReport(models.Model):
    """A promise without a number, reported done with its document; or, with `done` false, such a report taken back."""

    milestone_id = models.CharField("事项", max_length=60)
    period_key = models.CharField("所属期", max_length=9)
    done = models.BooleanField("完成", default=True)
    done_on = models.DateField("完成日期")
    document = models.CharField("依据文件", max_length=200)
    note = models.TextField("说明", blank=True, default="")
    department = models.CharField("填报部门", max_length=40, blank=True, default="")
    reported_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="+", verbose_name="填报人"
    )
    reported_on = models.DateField("填报日期")
    reported_at = models.DateTimeField("填报时间")
    supersedes = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="superseded_by",
        verbose_name="更正自",
    )

    class Meta:
        verbose_name = "事项完成报告"
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            refuse(
                "milestone_corrects_its_own",
                "更正的报告必须与原报告是同一事项、同一所属期。",
                operation=pgtrigger.Insert,
                needs="1 WHERE NEW.supersedes_id IS NULL OR EXISTS (SELECT 1 FROM targets_milestonereport AS standing "
                "WHERE standing.id = NEW.supersedes_id AND standing.milestone_id = NEW.milestone_id "
                "AND standing.period_key = NEW.period_key)",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["milestone_id", "period_key"],
                condition=Q(supersedes__isnull=True),
                name="milestone_reported_once",
                violation_error_message="这件事项在这个时期已经报过；要改请作更正，并写明原因。",
            ),
            models.CheckConstraint(
                name="milestone_has_document",
                condition=~Q(document="") & ~Q(milestone_id=""),
                violation_error_message="事项完成必须写明依据文件。",
            ),
            models.CheckConstraint(
                name="milestone_period_form",
                condition=Q(period_key__regex=PERIOD_KEY),
                violation_error_message="所属期应是年份或起止年份。",
            ),
            models.CheckConstraint(
                name="milestone_done_when_reported",
                condition=Q(done_on__lte=F("reported_on")),
                violation_error_message="完成日期不能晚于填报日期。",
            ),
            models.CheckConstraint(
                name="milestone_correction_says_why",
                condition=Q(supersedes__isnull=True) | ~Q(note=""),
                violation_error_message="更正报告必须写明原因。",
            ),
            models.CheckConstraint(
                name="milestone_taken_back_only_after",
                condition=Q(done=True) | Q(supersedes__isnull=False),
                violation_error_message="没有报过完成的事项，不能撤回。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.milestone_id} {self.period_key}"
