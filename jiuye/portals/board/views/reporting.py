"""Departments report: the list of what is theirs, and a form for each figure and milestone."""

from __future__ import annotations

from datetime import date, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from jiuye.engine.basis.dates import Interval
from jiuye.engine.plan import Commitment, Milestone
from jiuye.office.targets.operations import (
    NotYoursError,
    Reported,
    ReportRefusedError,
    report_figure,
    report_milestone,
)
from jiuye.office.targets.queries import (
    NoSuchIndicatorError,
    indicator_on,
    milestone_periods,
    reporting_desk,
    reporting_divisions,
    reporting_periods,
)
from jiuye.office.targets.queries.readings import last_day
from jiuye.office.targets.queries.reporting import (
    departments_of,
    may_report_figure,
    may_report_milestone,
    responsible_for,
    standing_milestone,
)
from jiuye.office.targets.rooms import Room
from jiuye.portals.board.choices import Choices, choices_of
from jiuye.portals.board.forms import FigureForm, MilestoneForm
from jiuye.portals.board.showing import (
    department_names,
    department_options,
    milestone_by_id,
    milestone_row,
    period_choice,
    target_row,
)
from jiuye.portals.board.views._shared import FIGURES, NoSuchPartError, with_plan
from jiuye.portals.board.views.plan import year_tabs
from jiuye.portals.common.actors import actor, allowed, now, office_date
from jiuye.portals.common.components import Crumb
from jiuye.portals.common.templatetags.jiuye import content


@allowed("targets.report", beyond=FIGURES)
@require_safe
@with_plan
def desk(request: HttpRequest, room: Room) -> HttpResponse:
    """What my department has to report this year, the most pressing first."""
    me = actor(request)
    choices = choices_of(request, room.plan)
    state = reporting_desk(actor=me, room=room, on=choices.on, year=choices.year)
    departments = departments_of(me, room)
    return render(
        request,
        "board/reporting.html",
        {
            "state": state,
            "choices": choices,
            "years": year_tabs(room, choices),
            "mine": None
            if departments is None
            else [room.plan.departments[key] for key in sorted(departments)],
            "departments": department_options(room.plan),
            "figures": [
                target_row(one, room.plan, choices) for one in state.figures if _of(choices, one.commitment)
            ],
            "milestones": [
                milestone_row(one, room.plan, may_report=True)
                for one in state.milestones
                if _of(choices, one.milestone)
            ],
        },
    )


def _of(choices: Choices, promise: Commitment | Milestone) -> bool:
    return not choices.department or choices.department in promise.departments


@allowed("targets.report", beyond=FIGURES)
@require_http_methods(["GET", "HEAD", "POST"])
@with_plan
def figure(request: HttpRequest, room: Room, indicator_id: str) -> HttpResponse:
    """Report one figure."""
    me, today = actor(request), office_date()
    indicator = room.indicators.get(indicator_id)
    if indicator is None:
        raise NoSuchIndicatorError(indicator_id)
    if not may_report_figure(me, room, indicator):
        raise NotYoursError(room, {key for one in responsible_for(room, indicator_id) for key in one.lead})
    periods = reporting_periods(room, indicator_id)
    form = FigureForm(
        request.POST or None,
        indicator=indicator,
        periods=[
            period_choice(key, last_day(period), today)
            for key, period in periods
            if period.start is not None and period.start <= today
        ],
        divisions=[(one.code, content(one)) for one in reporting_divisions(me)],
        today=today,
        initial=_usual(periods, today),
    )
    if request.method == "POST" and form.is_valid():
        try:
            reported = report_figure(
                actor=me,
                room=room,
                indicator_id=indicator_id,
                division_code=form.cleaned_data["division_code"],
                period_key=form.cleaned_data["period_key"],
                as_of=form.cleaned_data["as_of"],
                value=form.exact_value(),
                document=form.cleaned_data["document"],
                document_date=form.cleaned_data["document_date"],
                note=form.cleaned_data["note"],
                on=today,
                at=now(),
            )
        except ReportRefusedError as error:
            form.add_error(error.field or None, str(error))
        else:
            _say(request, reported)
            year = form.cleaned_data["as_of"].year
            return redirect(f"{reverse('board:indicator', args=[indicator_id])}?year={year}")
    year = min(max(today.year, room.plan.years[0]), room.plan.years[-1])
    return render(
        request,
        "board/report_figure.html",
        {
            "form": form,
            "indicator": indicator,
            "state": indicator_on(actor=me, room=room, indicator_id=indicator_id, on=today, year=year),
            "promises": [one for one in room.plan.commitments() if one.indicator == indicator_id],
            "crumbs": [Crumb(_("部门填报"), reverse("board:reporting")), Crumb(content(indicator))],
        },
        status=422 if form.is_bound else 200,
    )


def _usual(periods: list[tuple[str, Interval]], today: date) -> dict[str, object]:
    """The period that runs, and the end of last month: the figure that is most likely to be reported."""
    running = [key for key, period in periods if today in period]
    month_end = today.replace(day=1) - timedelta(days=1)
    return {"period_key": running[0] if running else "", "as_of": month_end}


def _say(request: HttpRequest, reported: Reported) -> None:
    if reported.again:
        messages.info(request, _("这条已经报过，内容一样；没有重复登记。"))
    elif reported.corrected is not None:
        messages.success(request, _("已更正；原来的报告仍保留备查。"))
    else:
        messages.success(request, _("已登记。看板上的数随之更新。"))


@allowed("targets.report", beyond=FIGURES)
@require_http_methods(["GET", "HEAD", "POST"])
@with_plan
def milestone(request: HttpRequest, room: Room, milestone_id: str) -> HttpResponse:
    """Report one milestone done, or take such a report back."""
    me, today = actor(request), office_date()
    found = milestone_by_id(room.plan, milestone_id)
    if found is None:
        raise NoSuchPartError(milestone_id)
    if not may_report_milestone(me, room, found):
        raise NotYoursError(room, set(found.departments.lead))
    periods = milestone_periods(found, room.plan)
    keys = [key for key, _period in periods]
    asked = request.POST.get("period_key") or request.GET.get("period", "")
    key = asked if asked in keys else keys[0]
    standing = standing_milestone(milestone_id, key)
    form = MilestoneForm(
        request.POST or None,
        periods=[period_choice(one, last_day(period), today) for one, period in periods],
        today=today,
        reported=standing is not None and standing.done,
        initial={
            "period_key": key,
            "done": "yes",
            "done_on": standing.done_on if standing else None,
            "document": standing.document if standing else "",
        },
    )
    if request.method == "POST" and form.is_valid():
        try:
            reported = report_milestone(
                actor=me,
                room=room,
                milestone_id=milestone_id,
                on=today,
                at=now(),
                **form.cleaned_data,
            )
        except ReportRefusedError as error:
            form.add_error(error.field or None, str(error))
        else:
            _say(request, reported)
            return redirect(reverse("board:section", args=[found.section]))
    return render(
        request,
        "board/report_milestone.html",
        {
            "form": form,
            "milestone": found,
            "leads": department_names(found.departments, room.plan),
            "standing": standing,
            "crumbs": [Crumb(_("部门填报"), reverse("board:reporting")), Crumb(content(found))],
        },
        status=422 if form.is_bound else 200,
    )
