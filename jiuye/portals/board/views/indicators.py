"""A number opened: what it counts, how it came about, and the records behind it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from jiuye.engine.plan import Commitment, Milestone
from jiuye.office.staff.queries import ANYWHERE
from jiuye.office.targets.queries import (
    IndicatorState,
    PartTotal,
    RecordsBehind,
    indicator_on,
    may_report_figure,
    records_behind,
)
from jiuye.office.targets.rooms import Room
from jiuye.office.targets.states import CONFIDENCE_WORDS, FREQUENCY_WORDS, KIND_WORDS, PART_SIGNS
from jiuye.portals.board.chart import chart_of
from jiuye.portals.board.choices import Choices, choices_of
from jiuye.portals.board.quantities import quantity
from jiuye.portals.board.showing import Shown, department_names, share_words, shown, target_row
from jiuye.portals.board.views._shared import FIGURES, sample, share_of, with_plan
from jiuye.portals.board.views.plan import year_tabs
from jiuye.portals.common.actors import actor, allowed
from jiuye.portals.common.components import Cell, Column, Crumb, Tab, Table
from jiuye.portals.common.slices import slice_asked
from jiuye.portals.common.templatetags.jiuye import content, day

RECORDS_A_PAGE = 50


@allowed("board.see", beyond=FIGURES)
@require_safe
@with_plan
def indicator(request: HttpRequest, room: Room, indicator_id: str) -> HttpResponse:
    """One indicator: definition, sources, every year, the counties, how the number came about."""
    me = actor(request)
    choices = choices_of(request, room.plan)
    found = sample()
    state = indicator_on(
        actor=me,
        room=room,
        indicator_id=indicator_id,
        on=choices.on,
        year=choices.year,
        county=choices.county,
        share=share_of(found),
    )
    current = target_row(state.current, room.plan, choices) if state.current else None
    may_open = me.may("board.open_records", choices.county or ANYWHERE)
    promises: list[Commitment | Milestone] = [*state.commitments, *state.milestones]
    return render(
        request,
        "board/indicator.html",
        {
            "state": state,
            "indicator": state.indicator,
            "choices": choices,
            "sample": found if state.measure else None,
            "years": year_tabs(room, choices),
            "current": current,
            "figure": shown(state.figure, state.indicator.unit, exact=True),
            "plan_figure": shown(state.plan_figure, state.indicator.unit, exact=True),
            "spans_years": state.current is not None and not state.current.target.key.isdigit(),
            "chart": chart_of(state),
            "all_years": _years_table(state, room, choices),
            "counties": _county_table(state),
            "parts": [_part(state, one, choices, may_open) for one in state.parts],
            "may_open": may_open,
            "may_report": may_report_figure(me, room, state.indicator),
            "promises": [(one, department_names(one.departments, room.plan)) for one in promises],
            "words": {
                "confidence": _(CONFIDENCE_WORDS[state.indicator.confidence]),
                "frequency": _(FREQUENCY_WORDS[state.indicator.frequency]),
                "kind": _(KIND_WORDS[state.indicator.kind]),
            },
            "reports": _reports_table(state, room),
            "crumbs": [
                Crumb(_("方案看板"), reverse("board:home") + choices.here),
                Crumb(content(state.indicator)),
            ],
        },
    )


def _part(state: IndicatorState, total: PartTotal, choices: Choices, may_open: bool) -> dict[str, object]:
    """A part of the measure with what it holds in the year and in the plan, and the way to its records."""
    assert state.measure is not None
    records = f"{reverse('board:records', args=[state.indicator.id])}{choices.here}&part={total.part.key}"
    unit = "人" if state.measure.share else state.indicator.unit  # not translated: the unit's key
    return {
        "name": _(total.part.name),
        "sign": total.part.sign,
        "word": _(PART_SIGNS[total.part.sign]),
        "shown": shown(state.measure.in_base_unit(total.total), unit, exact=True),
        "url": records if may_open and total.total else "",
        "plan_shown": shown(state.measure.in_base_unit(total.plan_total), unit, exact=True),
        "plan_url": f"{records}&span=plan" if may_open and total.plan_total else "",
    }


def _years_table(state: IndicatorState, room: Room, choices: Choices) -> Table:
    """Every target that the plan sets, as it stood on the day."""
    rows = []
    for one in state.targets:
        row = target_row(one, room.plan, choices)
        rows.append(
            {
                "period": Cell(
                    row.period, note=content(one.commitment) if len(state.commitments) > 1 else ""
                ),
                "target": row.promise,
                "actual": Cell(str(row.actual) if row.actual else _("尚无数据"), note=" · ".join(row.notes)),
                "light": Cell(row.word, level=row.level),
                "change": row.change,
            }
        )
    return Table(
        caption=_("方案各年的目标"),
        columns=[
            Column("period", _("所属期"), "period", heads=True),
            Column("target", _("目标"), "figure"),
            Column("actual", _("实际"), "figure"),
            Column("light", _("状态")),
            Column("change", _("变化")),
        ],
        rows=rows,
        empty_title=_("方案没有给这个指标定目标值"),
    )


def _county_table(state: IndicatorState) -> Table | None:
    """The year's figure by county; None where no county has one."""
    if not state.counties:
        return None
    unit = state.indicator.unit
    rows = []
    for one in state.counties:
        earlier = quantity(one.earlier, unit)[0] if one.earlier is not None else ""
        share = one.value / state.figure if one.value is not None and state.figure else None
        rows.append(
            {
                "name": content(one.division),
                "value": str(shown(one.value, unit) or _("尚无数据")),
                "share": share_words(share) if share is not None and state.measure and share >= 0 else "",
                "earlier": earlier,
            }
        )
    return Table(
        caption=_("各县（市、区）、功能区"),
        columns=[
            Column("name", _("县（市、区）、功能区"), heads=True),
            Column("value", _("%(year)s 年") % {"year": state.year}, "figure"),
            Column("share", _("占全市"), "figure"),
            Column("earlier", _("上年同期"), "figure"),
        ],
        rows=rows,
    )


def _reports_table(state: IndicatorState, room: Room) -> Table | None:
    """What departments reported, corrected figures included."""
    if not state.indicator.is_reported:
        return None
    rows = []
    for one in state.reports:
        corrected = getattr(one, "superseded_by", None)
        department = room.plan.departments.get(one.department)
        who = " · ".join(
            filter(None, [content(department, "short") if department else "", one.reported_by.display_name])
        )
        rows.append(
            {
                "as_of": Cell(one.as_of, note=_("已更正") if corrected else one.period_key),
                "value": str(Shown(*quantity(one.value, one.unit, exact=True))),
                "document": Cell(
                    one.document, note=" · ".join(filter(None, [day(one.document_date), one.note]))
                ),
                "who": Cell(who, note=day(one.reported_on)),
                "place": content(state.places[one.division_code])
                if one.division_code in state.places
                else one.division_code,
            }
        )
    return Table(
        caption=_("填报记录"),
        columns=[
            Column("as_of", _("截至"), "date", heads=True),
            Column("value", _("数值"), "figure"),
            Column("document", _("来源文件")),
            Column("who", _("填报人")),
            Column("place", _("区划")),
        ],
        rows=rows,
        empty_title=_("还没有填报"),
        empty_text=_("没有数据就显示没有数据；牵头部门填报后，这里会列出每次的数和来源文件。"),
    )


@allowed("board.open_records", beyond=FIGURES)
@require_safe
@with_plan
def records(request: HttpRequest, room: Room, indicator_id: str) -> HttpResponse:
    """The records behind one part of a measured figure, as far as the viewer may see; names masked."""
    choices = choices_of(request, room.plan)
    whole_plan = request.GET.get("span") == "plan"
    behind = records_behind(
        actor=actor(request),
        room=room,
        indicator_id=indicator_id,
        part=request.GET.get("part", ""),
        on=choices.on,
        year=None if whole_plan else choices.year,
        # The number that leads here is the city's, unless a county was asked for in so many words.
        county=request.GET.get("county", "")[:12],
    )
    page = slice_asked(request, behind.records, size=RECORDS_A_PAGE)
    return render(
        request,
        "board/records.html",
        {
            "behind": behind,
            "choices": choices,
            "whole_plan": whole_plan,
            "page": page,
            "table": _records_table(behind, list(page.rows)),
            "parts": [
                Tab(
                    _(part.name),
                    f"{choices.here}&part={part.key}{'&span=plan' if whole_plan else ''}",
                    part is behind.part,
                )
                for part in behind.measure.parts
            ],
            "crumbs": [
                Crumb(_("方案看板"), reverse("board:home") + choices.here),
                Crumb(
                    content(behind.indicator), reverse("board:indicator", args=[indicator_id]) + choices.here
                ),
                Crumb(_("记录")),
            ],
        },
    )


def _records_table(behind: RecordsBehind, shown_records: list[object]) -> Table:
    money = bool(behind.measure.amount)
    columns = [
        Column("who", _("对象"), heads=True),
        Column("what", _("单位或项目")),
        Column("counted_on", _("计入日期"), "date"),
        Column("place", _("计入区划")),
        Column("source", _("办件编号") if money else _("来源")),
    ]
    if money:
        columns.insert(2, Column("amount", _("金额"), "money"))
    rows = [
        {
            "who": line.who,
            "what": _(line.what),
            "counted_on": line.counted_on,
            "place": line.place,
            "source": line.source,
            "amount": line.amount_fen,
        }
        for line in behind.lines(shown_records)
    ]
    return Table(
        caption=_(behind.part.name),
        columns=columns,
        rows=rows,
        empty_title=_("没有您能看到的记录"),
        empty_text=_("这个数里没有您管辖区划的记录，或者这一部分没有记录。"),
    )
