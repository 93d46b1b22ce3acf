"""A version submitted, decided, copied and held beside another; and what becomes of an approved budget, down to its cases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from jiuye.office.budgeting import operations, queries
from jiuye.office.budgeting.models import BudgetVersion
from jiuye.portals.common.actors import actor, allowed, now, office_date
from jiuye.portals.common.attempts import attempt
from jiuye.portals.common.components import Crumb
from jiuye.portals.common.slices import slice_asked
from jiuye.portals.common.templatetags.jiuye import english
from jiuye.portals.common.words import policy_names
from jiuye.portals.desk.budget import presenting
from jiuye.portals.desk.budget.execution import case_rows, execution_tables
from jiuye.portals.desk.budget.views import crumbs_of, version_of
from jiuye.portals.desk.refusals import REFUSALS

PAGE_SIZE = 30


@allowed("budgeting.see")
@require_POST
def take_act(request: HttpRequest, version_id: int, act: str) -> HttpResponse:
    """Submit, approve, send back, discard or copy: one domain call each."""
    take = ACTS.get(act)
    if take is None:
        raise Http404(_("没有这个办理事项。"))
    words, call = take
    done: BudgetVersion | None = attempt(
        request, lambda: call(request, version_id), done=str(words), refusals=REFUSALS
    )
    return redirect("desk:budget", done.pk if done is not None else version_id)


def _submit(request: HttpRequest, version_id: int) -> BudgetVersion:
    return operations.submit(actor=actor(request), version_id=version_id, on=office_date())


def _discard(request: HttpRequest, version_id: int) -> BudgetVersion:
    return operations.discard(actor=actor(request), version_id=version_id)


def _approve(request: HttpRequest, version_id: int) -> BudgetVersion:
    return operations.approve(
        actor=actor(request),
        version_id=version_id,
        document=str(request.POST.get("document", "")),
        on=office_date(),
        at=now(),
    )


def _send_back(request: HttpRequest, version_id: int) -> BudgetVersion:
    return operations.send_back(
        actor=actor(request),
        version_id=version_id,
        reason=str(request.POST.get("reason", "")),
        on=office_date(),
    )


def _copy(request: HttpRequest, version_id: int) -> BudgetVersion:
    return operations.copy_version(
        actor=actor(request),
        version_id=version_id,
        note=str(request.POST.get("note", "")),
        on=office_date(),
        at=now(),
    )


ACTS: dict[str, tuple[Any, Callable[[HttpRequest, int], BudgetVersion]]] = {
    "submit": (gettext_lazy("预算已提交，等待批准；从现在起这个版本不能再改。"), _submit),
    "discard": (gettext_lazy("这个版本已作废。"), _discard),
    "approve": (gettext_lazy("预算已批准，资金已下达；审批办件按它预留。"), _approve),
    "send_back": (gettext_lazy("预算已退回。"), _send_back),
    "copy": (gettext_lazy("已另编一个版本，可以修改。"), _copy),
}


@allowed("budgeting.see")
@require_safe
def compare(request: HttpRequest, version_id: int, other_id: int) -> HttpResponse:
    """Two versions: what differs, the largest first."""
    before, after = version_of(request, version_id), version_of(request, other_id)
    found, assumptions = queries.compare_versions(before, after)
    return render(
        request,
        "desk/budget/compare.html",
        {
            "before": presenting.version_name(before),
            "after": presenting.version_name(after),
            "table": presenting.difference_table(before, after, found),
            "assumptions": presenting.changed_assumption_table(assumptions),
            "total_fen": sum(row.fen for row in found if row.kind == "line"),
            "given_fen": sum(row.fen for row in found if row.kind == "contribution"),
            "crumbs": crumbs_of(after, Crumb(_("与另一版本比较"))),
        },
    )


@allowed(
    "budgeting.see", beyond="sums of the whole city by policy and county; the lists they open are scoped"
)
@require_safe
def execution(request: HttpRequest, year: int) -> HttpResponse:
    """A year's budget: approved, reserved, spent, left, beside the share of the year that has gone."""
    me, on = actor(request), office_date()
    found = queries.execution(actor=me, year=year, on=on)
    by = "county" if request.GET.get("by") == "county" else "policy"
    return render(
        request,
        "desk/budget/execution.html",
        {
            "found": found,
            "year": year,
            "on": on,
            "version_name": presenting.version_name(found.version) if found.version is not None else "",
            "by": by,
            **execution_tables(found, by=by, may_open=me.may("casework.see")),
            "crumbs": [
                Crumb(_("预算"), reverse("desk:budgets")),
                Crumb(_("%(year)d 年执行情况") % {"year": year}),
            ],
        },
    )


@allowed("budgeting.see")
@require_safe
def cases(request: HttpRequest, year: int, policy_id: str, county: str) -> HttpResponse:
    """The cases that hold or have spent a policy's money of that year in a county, of the actor's own places."""
    me = actor(request)
    page = slice_asked(
        request,
        queries.cases_behind(actor=me, year=year, policy_id=policy_id, county=county),
        size=PAGE_SIZE,
    )
    name = policy_names([policy_id])[policy_id]
    place = queries.giver_name(county, english=english())
    context: dict[str, Any] = {
        "title": f"{name} · {place}",
        "table": case_rows(page.rows),
        "page": page,
        "crumbs": [
            Crumb(_("预算"), reverse("desk:budgets")),
            Crumb(_("%(year)d 年执行情况") % {"year": year}, reverse("desk:budget_execution", args=[year])),
            Crumb(f"{name} · {place}"),
        ],
    }
    return render(request, "desk/budget/cases.html", context)
