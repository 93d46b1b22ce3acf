"""The whole plan on one page, and one task of it with its words."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from jiuye.engine.plan import Task
from jiuye.office.matters.queries import services_by_county
from jiuye.office.staff.queries import Actor
from jiuye.office.targets.queries import departments_of, may_report_milestone, plan_on
from jiuye.office.targets.rooms import Room
from jiuye.portals.board.choices import Choices, choices_of
from jiuye.portals.board.quantities import permille
from jiuye.portals.board.showing import (
    chapter_rows,
    department_names,
    department_options,
    lights_row,
    milestone_row,
    section_label,
    section_row,
    services_row,
    target_row,
    urgent_rows,
)
from jiuye.portals.board.views._shared import FIGURES, NoSuchPartError, sample, share_of, with_plan
from jiuye.portals.common.actors import actor, allowed, office_date
from jiuye.portals.common.components import Crumb, Tab
from jiuye.portals.common.templatetags.components import percent


@allowed("board.see", beyond=FIGURES)
@require_safe
@with_plan
def home(request: HttpRequest, room: Room) -> HttpResponse:
    """Every goal and task at a glance."""
    me = actor(request)
    choices = _usual_for(me, room, choices_of(request, room.plan), asked=bool(request.GET))
    found = sample()
    state = plan_on(
        actor=me, room=room, on=choices.on, year=choices.year, county=choices.county, share=share_of(found)
    )
    chapters = chapter_rows(state, choices)
    return render(
        request,
        "board/home.html",
        {
            "state": state,
            "choices": choices,
            "sample": found,
            "elapsed": percent(permille(state.elapsed) or 0),
            "years": year_tabs(room, choices),
            "headline": [target_row(one, room.plan, choices) for one in state.headline],
            "lights": lights_row(state, choices),
            "total": sum(state.lights.values()),
            "map": chapter_rows(state, choices.everything()),
            "chapters": chapters if choices.order == "plan" else [],
            "rows": urgent_rows(state, choices) if choices.order == "urgent" else [],
            "departments": department_options(room.plan),
            "filtered": bool(choices.light or choices.department),
            "services": services_row(services_by_county(me, on=office_date(), permission="board.see")),
            "may_open_services": me.may("matters.see"),
        },
    )


def _usual_for(me: Actor, room: Room, choices: Choices, *, asked: bool) -> Choices:
    """Without a question in the address, a department officer sees their own commitments, red first."""
    mine = sorted(departments_of(me, room) or ())
    if asked or len(mine) != 1 or me.roles != {"department"}:
        return choices
    return replace(choices, department=mine[0], order="urgent")


def year_tabs(room: Room, choices: Choices) -> list[Tab]:
    """One tab a year of the plan; the day of the other year is its usual one."""
    return [
        Tab(_("%(year)s 年") % {"year": year}, choices.query(year=year), year == choices.year)
        for year in room.plan.years
    ]


@allowed("board.see", beyond=FIGURES)
@require_safe
@with_plan
def section(request: HttpRequest, room: Room, section: str) -> HttpResponse:
    """The goals, a task or a safeguard: its words, who answers for it, its targets and milestones."""
    me = actor(request)
    choices = choices_of(request, room.plan)
    found = sample()
    state = plan_on(
        actor=me, room=room, on=choices.on, year=choices.year, county=choices.county, share=share_of(found)
    )
    here = next((one for one in state.sections if one.section == section), None)
    if here is None:
        raise NoSuchPartError(section)
    row = section_row(here, room.plan, choices.everything())
    order = [one.section for one in state.sections]
    at = order.index(section)
    return render(
        request,
        "board/section.html",
        {
            "row": row,
            "state": state,
            "choices": choices,
            "sample": found,
            "years": year_tabs(room, choices),
            "words": here.part.words.removeprefix(here.part.name).lstrip("。")
            if isinstance(here.part, Task) and here.part.number
            else here.part.words,  # not translated: the plan's punctuation
            "joint": department_names(here.departments, room.plan, joint=True),
            "milestones": [
                milestone_row(one, room.plan, may_report=may_report_milestone(me, room, one.milestone))
                for one in here.milestones
            ],
            "before": state.sections[at - 1] if at else None,
            "after": state.sections[at + 1] if at + 1 < len(order) else None,
            "crumbs": [Crumb(_("方案看板"), f"../../{choices.here}"), Crumb(section_label(here.part))],
        },
    )
