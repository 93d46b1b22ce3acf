"""Next year's budget drawn up: versions, what each comes to by fund, policy and county, and what is changed while one is a draft."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jiuye.engine.basis.money import yuan_text
from jiuye.office.budgeting import operations, queries
from jiuye.office.budgeting.models import BudgetVersion
from jiuye.office.budgeting.states import UNDER_WAY, transition
from jiuye.portals.common.actors import actor, allowed, now, office_date
from jiuye.portals.common.attempts import attempt
from jiuye.portals.common.components import Crumb
from jiuye.portals.common.slices import slice_asked
from jiuye.portals.common.templatetags.jiuye import content, english
from jiuye.portals.common.words import policy_names
from jiuye.portals.desk.budget import forms, left_out, presenting
from jiuye.portals.desk.budget.workbook import version_workbook
from jiuye.portals.desk.refusals import REFUSALS

PAGE_SIZE = 30
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def version_of(request: HttpRequest, version_id: int) -> BudgetVersion:
    """The version, or the 404 page."""
    found = queries.one_version(actor=actor(request), version_id=version_id)
    if found is None:
        raise Http404(_("没有这个预算版本。"))
    return found


def crumbs_of(version: BudgetVersion, *more: Crumb) -> list[Crumb]:
    """The way to a version, and on."""
    here = Crumb(presenting.version_name(version), reverse("desk:budget", args=[version.pk]) if more else "")
    return [Crumb(_("预算"), reverse("desk:budgets")), here, *more]


@allowed("budgeting.see")
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Every version; the city office draws the next year's up here."""
    me, on = actor(request), office_date()
    page = slice_asked(request, queries.versions(actor=me), size=PAGE_SIZE)
    drawing = queries.last_drawing(actor=me, year=on.year + 1)
    under_way = drawing is not None and drawing.state in UNDER_WAY
    return render(
        request,
        "desk/budget/list.html",
        {
            "table": presenting.version_table(page.rows),
            "page": page,
            "years": (on.year, on.year + 1),
            "next_year": on.year + 1,
            "drawing": drawing,
            "under_way": under_way,
            "drawing_state": presenting.drawing_cell(drawing) if drawing is not None else None,
            "running_form": forms.DrawForm() if queries.may_begin_running_year(actor=me, on=on) else None,
            "this_year": on.year,
            "draw_form": forms.DrawForm() if me.may("budgeting.draw") and not under_way else None,
        },
    )


@allowed("budgeting.draw")
@require_POST
def draw(request: HttpRequest) -> HttpResponse:
    """Ask for a version of next year's budget; it is drawn up beside the pages."""
    attempt(
        request,
        lambda: operations.ask(
            actor=actor(request),
            year=office_date().year + 1,
            note=str(request.POST.get("note", "")),
            on=office_date(),
            at=now(),
        ),
        done=_("已开始编制，可以离开这一页；编成以后列在下面。没有改变任何人的待遇。"),
        refusals=REFUSALS,
    )
    return redirect("desk:budgets")


@allowed("budgeting.draw")
@require_POST
def begin_running_year(request: HttpRequest) -> HttpResponse:
    """A draft for the year under way, to be filled in from documents, where the office begins in the middle of a year."""
    begun = attempt(
        request,
        lambda: operations.begin_running_year(
            actor=actor(request), note=str(request.POST.get("note", "")), on=office_date(), at=now()
        ),
        done=_("已建立草稿；请逐项资金登记各级安排的金额，再提交批准。"),
        refusals=REFUSALS,
    )
    return redirect("desk:budgets") if begun is None else redirect("desk:budget", begun.pk)


@allowed("budgeting.see")
@require_safe
def one(request: HttpRequest, version_id: int) -> HttpResponse:
    """One version: the floors, the funds, the assumptions, the policies and the counties; and what may be done now."""
    me = actor(request)
    version = version_of(request, version_id)
    lines = queries.lines_of(version)
    standings = queries.fund_standings(version)
    acts = queries.acts_of(actor=me, version=version)
    may_change = version.state == "draft" and me.may("budgeting.draw")
    return render(
        request,
        "desk/budget/one.html",
        {
            "version": version,
            "name": presenting.version_name(version),
            "state": presenting.state_cell(version),
            "facts_rows": presenting.version_facts(version),
            "total_fen": sum(row.arranged_fen for row in standings),
            "floors": presenting.floor_table(
                queries.floor_standings(version), {row.fund.code: content(row.fund) for row in standings}
            ),
            "lapsed": presenting.lapsed_floor_words(version),
            "funds": presenting.fund_table(version, standings),
            "assumptions": presenting.assumption_table(version),
            "assumption_form": _assumption_form(None, version, lines) if may_change else None,
            "policies": presenting.policy_table(version, lines),
            "counties": presenting.county_table(lines),
            "netted": left_out.netted_table(version) if "netted" in version.summary else None,
            "left_out": left_out.left_out_words(version),
            "plain_acts": [
                (act, _(transition(act).button), reverse("desk:budget_act", args=[version.pk, act]))
                for act in acts
                if act in ("submit", "discard")
            ],
            "approval_form": forms.ApprovalForm() if "approve" in acts else None,
            "return_form": forms.ReturnForm() if "send_back" in acts else None,
            "by_hand": not lines,
            "may_copy": me.may("budgeting.draw") and version.state != "draft",
            "others": [
                (
                    presenting.version_name(other),
                    reverse("desk:budget_compare", args=[other.pk, version.pk]),
                )
                for other in queries.versions(actor=me).filter(year=version.year).exclude(pk=version.pk)[:10]
            ],
            "crumbs": crumbs_of(version),
        },
    )


def _assumption_form(data: Any, version: BudgetVersion, lines: list[Any]) -> forms.AssumptionForm:
    names = policy_names(line.policy_id for line in lines)
    words = presenting.assumption_words()
    return forms.AssumptionForm(
        data,
        [(key, content(row)) for key, row in words.items()],
        sorted(names.items(), key=lambda item: item[1]),
    )


@allowed("budgeting.draw")
@require_POST
def assume(request: HttpRequest, version_id: int) -> HttpResponse:
    """Another percentage for an assumption; the lines are reckoned again."""
    version = version_of(request, version_id)
    form = _assumption_form(request.POST, version, queries.lines_of(version))
    attempt(
        request,
        lambda: operations.assume(
            actor=actor(request),
            version_id=version_id,
            assumption=form.cleaned_data["assumption"],
            policy_id=form.cleaned_data["policy"],
            percent=form.cleaned_data["percent"],
            basis=form.cleaned_data["basis"],
            on=office_date(),
        ),
        done=_("假定已改，各项已重新计算。"),
        refusals=REFUSALS,
        form=form,
    )
    return redirect("desk:budget", version_id)


@allowed("budgeting.see")
@require_http_methods(["GET", "HEAD", "POST"])
def fund(request: HttpRequest, version_id: int, code: str) -> HttpResponse:
    """One fund: who gives how much (changed here while it is a draft), and its lines by policy and county."""
    me = actor(request)
    version = version_of(request, version_id)
    given = [row for row in queries.contributions_of(version) if row.fund.code == code]
    standing = next((row for row in queries.fund_standings(version) if row.fund.code == code), None)
    if standing is None:
        raise Http404(_("这个版本里没有这项资金。"))
    may_change = version.state == "draft" and me.may("budgeting.draw")
    named = [(row, queries.giver_name(row.giver, english=english())) for row in given]
    form = forms.ContributionForm(request.POST if request.method == "POST" else None, named)
    if form.is_bound and form.is_valid():
        done = attempt(
            request,
            lambda: operations.contribute(
                actor=me,
                version_id=version_id,
                amounts={(code, giver): fen for giver, fen in form.cleaned_data.items()},
            ),
            done=_("资金安排已保存。"),
            refusals=REFUSALS,
        )
        if done is not None:
            return redirect("desk:budget_fund", version_id, code)
    return render(
        request,
        "desk/budget/fund.html",
        {
            "version": version,
            "standing": standing,
            "name": content(standing.fund),
            "given_rows": [(name, f"{yuan_text(row.amount_fen)} {_('元')}") for row, name in named],
            "form": form if may_change else None,
            "tables": presenting.line_tables(version, queries.lines_of(version, fund=code)),
            "crumbs": crumbs_of(version, Crumb(content(standing.fund))),
        },
        status=422 if form.is_bound else 200,
    )


@allowed("budgeting.see")
@require_http_methods(["GET", "HEAD", "POST"])
def line(request: HttpRequest, version_id: int, line_id: int) -> HttpResponse:
    """One policy in one county: month by month, its parts, and its budget, changed here while it is a draft."""
    me = actor(request)
    version = version_of(request, version_id)
    found = next((row for row in queries.lines_of(version) if row.pk == line_id), None)
    if found is None:
        raise Http404(_("这个版本里没有这一项。"))
    found.version = version
    may_change = version.state == "draft" and me.may("budgeting.draw")
    form = forms.LineForm(
        request.POST if request.method == "POST" else None,
        initial={"budgeted": yuan_text(found.budgeted_fen, separators=False), "reason": found.by_hand},
    )
    if form.is_bound and form.is_valid():
        done = attempt(
            request,
            lambda: operations.change_line(
                actor=me,
                version_id=version_id,
                line_id=line_id,
                budgeted_fen=form.cleaned_data["budgeted"],
                reason=form.cleaned_data["reason"],
            ),
            done=_("这一项的预算已改。"),
            refusals=REFUSALS,
        )
        if done is not None:
            return redirect("desk:budget_line", version_id, line_id)
    policy = policy_names([found.policy_id])[found.policy_id]
    place = queries.giver_name(found.county_code, english=english())
    return render(
        request,
        "desk/budget/line.html",
        {
            "line": found,
            "policy": policy,
            "place": place,
            "facts_rows": presenting.line_facts(found),
            "months": presenting.month_table(found),
            "form": form if may_change else None,
            "crumbs": crumbs_of(
                version,
                Crumb(content(found.fund), reverse("desk:budget_fund", args=[version.pk, found.fund.code])),
                Crumb(f"{policy} · {place}"),
            ),
        },
        status=422 if form.is_bound else 200,
    )


@allowed("budgeting.see")
@require_safe
def workbook(request: HttpRequest, version_id: int) -> HttpResponse:
    """The version as a workbook."""
    version = version_of(request, version_id)
    response = HttpResponse(version_workbook(version), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="budget-{version.year}-{version.number}.xlsx"'
    return response
