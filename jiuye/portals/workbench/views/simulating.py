"""Simulations: asking for one, and reading what it found."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from jiuye.office.entitlements.asked_simulations import ask
from jiuye.office.policies import queries
from jiuye.office.policies.models import Simulation
from jiuye.office.policies.operations.simulations import MOST_DRAFTS
from jiuye.office.policies.states import SIMULATION_LEVELS, SIMULATION_STATES, UNDER_WAY
from jiuye.portals.common.actors import actor, allowed, now, office_date
from jiuye.portals.common.attempts import attempt
from jiuye.portals.common.components import Crumb
from jiuye.portals.workbench.forms import grid_of, value_choices
from jiuye.portals.workbench.presenting import simulation_table
from jiuye.portals.workbench.refusals import REFUSALS
from jiuye.portals.workbench.results import result_page
from jiuye.portals.workbench.views._shared import frame, the_draft
from jiuye.portals.workbench.workbooks import simulation_workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@allowed("policies.see")
@require_http_methods(["GET", "HEAD", "POST"])
def simulate(request: HttpRequest, draft_id: int) -> HttpResponse:
    """The form, with earlier runs and the one under way; posted, one is asked for. What was filled in and refused stays filled in."""
    draft = the_draft(request, draft_id)
    beside = [int(value) for value in request.POST.getlist("beside") if value.isdecimal()]
    if request.method == "POST":
        asked = attempt(
            request,
            lambda: ask(
                actor=actor(request),
                draft_ids=[draft.pk, *beside],
                grid=grid_of(request.POST),
                on=office_date(),
                at=now(),
            ),
            done=_("已开始测算，可以离开这一页；算完以后列在下面。没有改变任何人的待遇。"),
            refusals=REFUSALS,
        )
        if asked is not None:
            return redirect("workbench:simulate", draft_id)
    files = list(draft.files.order_by("path"))
    last = queries.last_asked(actor=actor(request), draft=draft)
    return render(
        request,
        "workbench/simulate.html",
        {
            **frame(request, draft, "simulate"),
            "others": queries.other_drafts(actor=actor(request), draft=draft)[:20],
            "most": MOST_DRAFTS - 1,
            "beside": beside,
            "axes": [
                (number, request.POST.get(f"grid_{number}", ""), request.POST.get(f"values_{number}", ""))
                for number in ("1", "2")
            ],
            "grid_open": any(request.POST.get(f"values_{number}") for number in ("1", "2")),
            "asked": last,
            "under_way": last is not None and last.state in UNDER_WAY,
            "asked_level": SIMULATION_LEVELS[last.state] if last is not None else "",
            "asked_word": _(SIMULATION_STATES[last.state]) if last is not None else "",
            "choices": value_choices(files),
            "simulations": simulation_table(draft.simulations.order_by("-pk")[:20]),
        },
        status=422 if request.method == "POST" else 200,
    )


@allowed("policies.see")
@require_safe
def result(request: HttpRequest, simulation_id: int) -> HttpResponse:
    """Who gains, who loses, what it costs: for every draft and policy of the run."""
    run = _run(request, simulation_id)
    return render(
        request,
        "workbench/simulation.html",
        {
            "run": run,
            "page": result_page(run, shown=request.GET.get("show", "")),
            "crumbs": [
                Crumb(_("草案"), reverse("workbench:drafts")),
                Crumb(run.draft.title, reverse("workbench:simulate", args=[run.draft_id])),
                Crumb(_("测算结果")),
            ],
        },
    )


@allowed("policies.see")
@require_safe
def workbook(request: HttpRequest, simulation_id: int) -> HttpResponse:
    """The run as a workbook."""
    run = _run(request, simulation_id)
    response = HttpResponse(simulation_workbook(run), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="simulation-{run.pk}.xlsx"'
    return response


def _run(request: HttpRequest, simulation_id: int) -> Simulation:
    found = queries.one_simulation(actor=actor(request), simulation_id=simulation_id)
    if found is None:
        raise Http404(_("没有这次测算。"))
    return found
