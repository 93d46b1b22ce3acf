"""Marks on the desk (好差评): the low ones that want an answer, every county's figures, one mark with its answer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from jiuye.office.conduct import operations, queries
from jiuye.office.conduct.models import Rating
from jiuye.office.conduct.operations import RatingNotFoundError
from jiuye.office.conduct.queries import CountyMarks
from jiuye.office.conduct.states import LEVEL_LIGHTS, LEVELS
from jiuye.office.registry.places import division_names
from jiuye.office.staff.queries import Actor
from jiuye.portals.common.actors import actor, allowed, now, office_date
from jiuye.portals.common.attempts import attempt
from jiuye.portals.common.components import Cell, Column, Crumb, Tab, Table
from jiuye.portals.common.slices import slice_asked
from jiuye.portals.common.templatetags.jiuye import day
from jiuye.portals.common.words import due_cell

PAGE_SIZE = 30
COLUMNS = (
    Column("number", gettext_lazy("办件编号"), heads=True),
    Column("level", gettext_lazy("评价")),
    Column("on", gettext_lazy("评价日期")),
    Column("due", gettext_lazy("回复期限")),
)
FIGURES = (
    Column("county", gettext_lazy("区划"), heads=True),
    *(Column(level, gettext_lazy(word), kind="number") for level, word in LEVELS.items()),
    Column("unanswered", gettext_lazy("待回复"), kind="number"),
    Column("late", gettext_lazy("逾期未回复"), kind="number"),
)


@allowed("matters.see")
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """The low marks that want an answer, or every mark; the counties' figures below."""
    me, on = actor(request), office_date()
    whole = request.GET.get("view") == "all"
    found = queries.visible_ratings(me) if whole else queries.unanswered(me)
    page = slice_asked(request, found, size=PAGE_SIZE)
    context = {
        "table": _table(page.rows, on=on),
        "page": page,
        "figures": _figures(queries.marks_by_county(me, on=on)),
        "tabs_items": [
            Tab(_("待回复"), "?", current=not whole),
            Tab(_("全部评价"), "?view=all", current=whole),
        ],
    }
    return render(request, "desk/ratings/list.html", context)


@allowed("matters.see")
@require_safe
def detail(request: HttpRequest, rating_id: int) -> HttpResponse:
    """One mark with its words and the answer, or the form for one."""
    me = actor(request)
    try:
        rating = queries.seen_rating(me, rating_id)
    except RatingNotFoundError as error:
        raise Http404(str(error)) from error
    number = rating.rated.number
    given = getattr(rating, "answer", None)
    rises = queries.rises_of(rating) if rating.low else []
    names = division_names({code for row in rises for code in (row.from_division, row.to_division)})
    context = {
        "rating": rating,
        "given": given,
        "due": due_cell(rating.answer_due, office_date()) if rating.answer_due and given is None else None,
        "answered_late": given is not None and rating.answer_due and given.on_date > rating.answer_due,
        "rises": [
            (
                row,
                names.get(row.from_division, row.from_division),
                names.get(row.to_division, row.to_division),
            )
            for row in rises
        ],
        "level": LEVEL_LIGHTS[rating.level],
        "word": _(LEVELS[rating.level]),
        "number": number,
        "url": _url(rating, me),
        "may_answer": rating.low and given is None and me.may("conduct.answer", rating.division_code),
        "crumbs": [Crumb(_("好差评"), reverse("desk:ratings")), Crumb(number)],
    }
    return render(request, "desk/ratings/one.html", context)


@allowed("conduct.answer")
@require_POST
def answer(request: HttpRequest, rating_id: int) -> HttpResponse:
    """Answer a low mark under one's own name."""
    attempt(
        request,
        lambda: operations.answer(
            actor=actor(request),
            rating_id=rating_id,
            words=request.POST.get("words", ""),
            on=office_date(),
            at=now(),
        ),
        done=_("已回复。"),
    )
    return redirect("desk:rating", rating_id)


def _url(rating: Rating, me: Actor) -> str:
    """Where what was marked stands; empty for a loan that this officer sees nothing more of."""
    if rating.matter_id is not None:
        return reverse("desk:matter", args=[rating.matter_id])
    if rating.case_id is not None:
        return reverse("desk:case", args=[rating.case_id])
    seen = me.may("ventures.see", rating.division_code)
    return reverse("desk:loan", args=[rating.loan_id]) if seen else ""


def _table(ratings: Iterable[Rating], *, on: date) -> Table:
    rows = [
        {
            "number": Cell(rating.rated.number, url=reverse("desk:rating", args=[rating.pk])),
            "level": Cell(_(LEVELS[rating.level]), level=LEVEL_LIGHTS[rating.level]),
            "on": day(rating.on_date),
            "due": _due(rating, on),
        }
        for rating in ratings
    ]
    return Table(_("评价"), COLUMNS, rows, empty_title=_("没有待回复的评价"))


def _due(rating: Rating, on: date) -> Cell:
    if not rating.low:
        return Cell("—", absent=True)
    given = getattr(rating, "answer", None)
    return due_cell(rating.answer_due, on) if given is None else Cell(_("已回复"), note=day(given.on_date))


def _figures(marks: Iterable[CountyMarks]) -> Table:
    rows = [
        {
            "county": row.name,
            **row.levels,
            "unanswered": row.unanswered,
            "late": Cell(row.late, level="bad") if row.late else 0,
        }
        for row in marks
    ]
    return Table(_("各区划的评价"), FIGURES, rows, empty_title=_("还没有评价"))
