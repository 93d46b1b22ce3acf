"""Reporting: a department's figure or milestone is checked, kept, and never edited; a correction says why.

Posting the same twice does nothing twice: the row that stands is given back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import pghistory
from django.db import connection, transaction
from django.utils.translation import gettext

from jiuye.engine.basis.dates import Interval
from jiuye.engine.indicators import Indicator
from jiuye.engine.plan import Milestone
from jiuye.office.staff.queries import Actor, require
from jiuye.office.targets.models import MilestoneReport, ReportedFigure
from jiuye.office.targets.queries.indicator import NoSuchIndicatorError
from jiuye.office.targets.queries.plan import milestone_periods
from jiuye.office.targets.queries.readings import Places
from jiuye.office.targets.queries.reporting import (
    answers_for,
    departments_of,
    report_before,
    reporting_periods,
    responsible_for,
    standing_milestone,
    standing_report,
)
from jiuye.office.targets.rooms import Room
from jiuye.office.targets.states import DIVISIBLE_UNITS, SIGNED_UNITS

LARGEST = Decimal(10) ** 15


class ReportRefusedError(ValueError):
    """A report that cannot be kept as it is. `field` is the form's field that the sentence is about, or empty."""

    def __init__(self, sentence: str, field: str = "") -> None:
        self.field = field
        super().__init__(sentence)


class NotYoursError(PermissionError):
    """The promise belongs to other departments."""

    def __init__(self, room: Room, leads: set[str]) -> None:
        names = "、".join(
            room.plan.departments[key].short for key in sorted(leads) if key in room.plan.departments
        )
        super().__init__(
            gettext("这一项不由您的部门填报；请由牵头部门（%(departments)s）或市就业办填报。")
            % {"departments": names or "—"}
        )


@dataclass(frozen=True, slots=True)
class Reported:
    """What stands after a report. `again` is True where the same stood already; `corrected` is what it replaced."""

    row: ReportedFigure | MilestoneReport
    again: bool = False
    corrected: ReportedFigure | MilestoneReport | None = None


@transaction.atomic
def report_figure(
    *,
    actor: Actor,
    room: Room,
    indicator_id: str,
    division_code: str,
    period_key: str,
    as_of: date,
    value: Decimal,
    document: str,
    document_date: date,
    note: str = "",
    on: date,
    at: datetime,
) -> Reported:
    """Keep an indicator's figure by the end of the day `as_of`, in its base unit, counted from the period's start.

    Where a figure of that day stands already, this is its correction and needs a note. Raises ReportRefusedError,
    NotYoursError, NoSuchIndicatorError and NotPermittedError.
    """
    require(actor, "targets.report", division_code)
    indicator = room.indicators.get(indicator_id)
    if indicator is None:
        raise NoSuchIndicatorError(indicator_id)
    department = _department(actor, room, indicator_id)
    if division_code not in Places.read().names:
        raise ReportRefusedError(gettext("数据按全市或县（市、区）、功能区填报；请选区划。"), "division_code")
    _check_figure(room, indicator, period_key, as_of, value, document, document_date, on)
    _one_at_a_time(f"figure:{indicator_id}:{division_code}:{period_key}")
    standing = standing_report(indicator_id, division_code, period_key, as_of)
    document, note = document.strip(), note.strip()
    if standing is not None and (standing.value, standing.document, standing.document_date) == (
        value,
        document,
        document_date,
    ):
        return Reported(standing, again=True)
    if not note:
        _check_explained(indicator, standing, value, division_code, period_key, as_of)
    with pghistory.context(operation="targets.report_figure"):
        row = ReportedFigure.objects.create(
            indicator_id=indicator_id,
            division_code=division_code,
            period_key=period_key,
            as_of=as_of,
            value=value,
            unit=indicator.unit,
            document=document,
            document_date=document_date,
            note=note,
            department=department,
            reported_by_id=actor.account_id,
            reported_on=on,
            reported_at=at,
            supersedes=standing,
        )
    return Reported(row, corrected=standing)


def _check_figure(
    room: Room,
    indicator: Indicator,
    period_key: str,
    as_of: date,
    value: Decimal,
    document: str,
    document_date: date,
    on: date,
) -> None:
    """Everything that can be said of a figure without looking at what stands already."""
    if not indicator.is_reported:
        raise ReportRefusedError(gettext("这个指标由系统从记录统计，不用填报；数字不对请改正记录。"))
    period = dict(reporting_periods(room, indicator.id)).get(period_key)
    if period is None:
        raise ReportRefusedError(gettext("方案没有要求这个时期的数；请从列表里选所属期。"), "period_key")
    _check_day(period, as_of, on)
    if document_date > on:
        raise ReportRefusedError(gettext("文件日期在今天以后；请核对。"), "document_date")
    if not document.strip():
        raise ReportRefusedError(gettext("请写明来源文件：文件名和文号，或报表名称和期别。"), "document")
    if value < 0 and indicator.unit not in SIGNED_UNITS:
        raise ReportRefusedError(gettext("数值不能为负。"), "value")
    if abs(value) >= LARGEST:
        raise ReportRefusedError(
            gettext("数值太大；请核对单位是不是“%(unit)s”。") % {"unit": indicator.unit}, "value"
        )
    if indicator.unit not in DIVISIBLE_UNITS and value != value.to_integral_value():
        raise ReportRefusedError(
            gettext("单位是“%(unit)s”，应当是整数；“万人”请换算成人再填。") % {"unit": indicator.unit},
            "value",
        )
    if value != round(value, 4):
        raise ReportRefusedError(gettext("最多保留四位小数。"), "value")


def _check_day(period: Interval, day: date, on: date) -> None:
    if day not in period:
        raise ReportRefusedError(
            gettext("截止日 %(day)s 不在所属期内（%(start)s 起，%(end)s 前）；请核对所属期或日期。")
            % {"day": day, "start": period.start, "end": period.end},
            "as_of",
        )
    if day > on:
        raise ReportRefusedError(
            gettext("截止日 %(day)s 还没有到，不能先填；今天是 %(on)s。") % {"day": day, "on": on}, "as_of"
        )


def _check_explained(
    indicator: Indicator,
    standing: ReportedFigure | None,
    value: Decimal,
    division_code: str,
    period_key: str,
    as_of: date,
) -> None:
    """A correction, and a total that falls, are kept only with a word why."""
    if standing is not None:
        raise ReportRefusedError(
            gettext("%(day)s 已报过 %(value)s；要更正，请在说明里写明原因。")
            % {"day": as_of, "value": _plain(standing.value)},
            "note",
        )
    before = report_before(indicator.id, division_code, period_key, as_of)
    if indicator.kind == "flow" and before is not None and value < before.value:
        raise ReportRefusedError(
            gettext(
                "累计数比 %(day)s 报的 %(value)s 少。请核对是不是只填了本期数；确有其事，请在说明里写明原因。"
            )
            % {"day": before.as_of, "value": _plain(before.value)},
            "note",
        )


@transaction.atomic
def report_milestone(
    *,
    actor: Actor,
    room: Room,
    milestone_id: str,
    period_key: str,
    done: bool = True,
    done_on: date,
    document: str,
    note: str = "",
    on: date,
    at: datetime,
) -> Reported:
    """Report a milestone done on a day with its document; with `done` false, take such a report back and say why.

    Raises ReportRefusedError, NotYoursError and NotPermittedError.
    """
    require(actor, "targets.report")
    milestone = next((one for one in room.plan.milestones() if one.id == milestone_id), None)
    if milestone is None:
        raise ReportRefusedError(gettext("方案里没有这件事项。"))
    department = _milestone_department(actor, room, milestone)
    if period_key not in dict(milestone_periods(milestone, room.plan)):
        raise ReportRefusedError(gettext("这件事项没有这个时期；请从列表里选。"), "period_key")
    if done_on > on:
        raise ReportRefusedError(
            gettext("完成日期 %(day)s 还没有到，不能先报；今天是 %(on)s。") % {"day": done_on, "on": on},
            "done_on",
        )
    document, note = document.strip(), note.strip()
    if not document:
        raise ReportRefusedError(gettext("请写明依据文件：文件名和文号，或其他可查的材料。"), "document")
    _one_at_a_time(f"milestone:{milestone_id}:{period_key}")
    standing = standing_milestone(milestone_id, period_key)
    if standing is not None and (standing.done, standing.done_on, standing.document) == (
        done,
        done_on,
        document,
    ):
        return Reported(standing, again=True)
    if standing is None and not done:
        raise ReportRefusedError(gettext("没有报过完成，不用撤回。"))
    if standing is not None and not note:
        raise ReportRefusedError(gettext("这件事项已经报过；要更正或撤回，请在说明里写明原因。"), "note")
    with pghistory.context(operation="targets.report_milestone"):
        row = MilestoneReport.objects.create(
            milestone_id=milestone_id,
            period_key=period_key,
            done=done,
            done_on=done_on,
            document=document,
            note=note,
            department=department,
            reported_by_id=actor.account_id,
            reported_on=on,
            reported_at=at,
            supersedes=standing,
        )
    return Reported(row, corrected=standing)


def _department(actor: Actor, room: Room, indicator_id: str) -> str:
    """On whose behalf the actor reports that indicator; empty for 市就业办. Raises NotYoursError."""
    mine, responsible = departments_of(actor, room), responsible_for(room, indicator_id)
    if not answers_for(mine, responsible):
        raise NotYoursError(room, {key for one in responsible for key in one.lead})
    return _first(mine, [key for one in responsible for key in (*one.lead, *one.joint)])


def _milestone_department(actor: Actor, room: Room, milestone: Milestone) -> str:
    mine = departments_of(actor, room)
    if not answers_for(mine, [milestone.departments]):
        raise NotYoursError(room, set(milestone.departments.lead))
    return _first(mine, [*milestone.departments.lead, *milestone.departments.joint])


def _first(mine: frozenset[str] | None, keys: list[str]) -> str:
    return next((key for key in keys if mine is not None and key in mine), "")


def _one_at_a_time(key: str) -> None:
    """Two posts of the same figure follow one another; held until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


def _plain(value: Decimal) -> str:
    """Without the zeros that the column pads."""
    return f"{value.normalize():f}"
