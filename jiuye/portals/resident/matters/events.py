"""就业一件事: what happened to somebody, as one form; sent once, and one answer that says for each how it went."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.forms.utils import ErrorDict
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from jiuye.office.casework.packrules import rules
from jiuye.office.casework.refusals import Refusal
from jiuye.office.matters import operations, queries
from jiuye.office.matters.operations import Outcome, Paper
from jiuye.office.matters.queries import EventView, Given
from jiuye.office.matters.queries.events import EventQuestion
from jiuye.office.matters.queries.one import Answer
from jiuye.portals.common.actors import actor, allowed, now, office_date
from jiuye.portals.common.components import Crumb
from jiuye.portals.common.matters import drawn_field
from jiuye.portals.common.templatetags.jiuye import content, english
from jiuye.portals.resident.matters.presenting import VERDICTS

ANSWER = "life_event_answer"  # of the session: how the last sending went
FILE = "file-"
HELD = ("good", gettext_lazy("登记里已有，不用再办"))
TOLD = {
    "handed_in": ("good", gettext_lazy("已提交")),
    "confirmed": ("good", gettext_lazy("已确认")),
    "there": ("none", gettext_lazy("之前已在办")),
    "draft": ("watch", gettext_lazy("存为草稿，还差一点")),
    "refused": ("bad", gettext_lazy("没有办成")),
}


class EventForm(forms.Form):
    """The questions of every ticked item, each under `item.field`; what is written is judged by the domain when it is sent."""

    def __init__(self, view: EventView) -> None:
        rows = [*view.shared, *(row for item in view.items for row in item.questions)]
        super().__init__(data={row.name: row.text for row in rows if row.text})
        for row in rows:
            self.fields[row.name] = drawn_field(Answer(row.question, row.text, row.known, "", row.limits))
        self._errors = ErrorDict()
        self.cleaned_data: dict[str, Any] = {}

    def of(self, rows: tuple[EventQuestion, ...]) -> list[forms.BoundField]:
        """The fields of these questions."""
        return [self[row.name] for row in rows]


@allowed("own.confirm")
def event(request: HttpRequest, event_id: str) -> HttpResponse:
    """The form of one event; sent, everything that is ticked is begun, and the answer says how each went."""
    if request.method == "POST":
        return _send(request, event_id)
    return _page(request, event_id, None)


@allowed("own.confirm")
@require_POST
def fields(request: HttpRequest, event_id: str) -> HttpResponse:
    """Keep what was typed, and draw the form again where what is ticked and answered now asks for something else."""
    given = _given(request)
    view = _view(request, event_id, given)
    told = _keep(request, event_id, given)
    htmx = bool(getattr(request, "htmx", False))
    if htmx and request.POST.get("shown") == _shown(view):
        response = HttpResponse(status=204)  # so that nothing is overwritten that is being typed
    else:
        response = _page(request, event_id, given, part=htmx)
    if told:
        response["HX-Trigger"] = json.dumps({"jiuye:toast": {"text": " ".join(told), "kind": "bad"}})
    return response


@allowed("own.confirm")
@require_safe
def done(request: HttpRequest, event_id: str) -> HttpResponse:
    """What became of the last sending: for each what happened and what is left to do."""
    kept = request.session.get(ANSWER) or {}
    if kept.get("event") != event_id:
        return redirect("resident:life_event", event_id)
    view = _view(request, event_id, None)
    rows = [_told(row) for row in kept["rows"]]
    return render(
        request,
        "resident/matters/event_done.html",
        {
            "event": view.event,
            "rows": rows,
            "begun": sum(row["kind"] in ("handed_in", "confirmed") for row in rows),
            "left": sum(row["kind"] in ("draft", "refused") for row in rows),
            "crumbs": _crumbs(view),
        },
    )


def _send(request: HttpRequest, event_id: str) -> HttpResponse:
    given = _given(request)
    papers = [
        Paper(item, evidence, str(file.name), file.read())
        for name, file in request.FILES.items()
        if name.startswith(FILE) and file is not None
        for item, _dot, evidence in [name.removeprefix(FILE).partition(".")]
    ]
    try:
        outcomes = operations.begin_event(
            actor=actor(request),
            event_id=event_id,
            items=given.items,
            benefits=given.benefits,
            answers=given.answers,
            papers=papers,
            rules=rules(),
            on=office_date(),
            at=now(),
        )
    except Refusal as error:
        messages.error(request, str(error))
        return _page(request, event_id, given, status=422)
    request.session[ANSWER] = {"event": event_id, "rows": [_kept(row) for row in outcomes]}
    return redirect("resident:life_event_done", event_id)


def _keep(request: HttpRequest, event_id: str, given: Given) -> list[str]:
    """Keep the drafts; the words of what could not be kept."""
    return operations.keep_event(
        actor=actor(request),
        event_id=event_id,
        items=given.items,
        answers=given.answers,
        on=office_date(),
        at=now(),
    )


def _given(request: HttpRequest) -> Given:
    sent = request.POST
    benefits = [int(key) for key in sent.getlist("benefit") if key.isdecimal()]
    return Given({name: str(text) for name, text in sent.items()}, sent.getlist("item"), benefits)


def _view(request: HttpRequest, event_id: str, given: Given | None) -> EventView:
    view = queries.event_form(actor(request), event_id, given=given, on=office_date())
    if view is None:
        raise Http404(_("没有这件事。"))
    return view


def _page(
    request: HttpRequest, event_id: str, given: Given | None, *, part: bool = False, status: int = 200
) -> HttpResponse:
    view = _view(request, event_id, given)
    form = EventForm(view)
    papers = [f"{FILE}{row.item.id}.{paper.id}" for row in view.items for paper in row.item.evidence]
    context = {
        "view": view,
        "shared": form.of(view.shared),
        "serves": [content(item, "name") for item in _served(view)],
        "items": [
            {
                "row": row,
                "fields": form.of(row.questions),
                "light": HELD if row.held else VERDICTS.get(row.verdict),
            }
            for row in view.items
        ],
        "carried": [{"item": item, "light": VERDICTS.get(verdict)} for item, verdict in view.carried],
        "named": [{"policy": policy, "light": VERDICTS.get(verdict)} for policy, verdict in view.named],
        "shown": _shown(view),
        # Files travel with the sending alone, not with every change.
        "params": f"not {','.join(papers)}" if papers else "*",
        "crumbs": _crumbs(view)[:2],
    }
    template = "resident/matters/event_fields.html" if part else "resident/matters/event.html"
    return render(request, template, context, status=status)


def _shown(view: EventView) -> str:
    """Which questions and papers stand in the form."""
    rows = [row.name for row in view.shared]
    for item in view.items:
        rows += [item.item.id] if item.ticked else []
        rows += [row.name for row in item.questions] + [f"{item.item.id}.{paper.id}" for paper in item.papers]
    return " ".join(rows)


def _served(view: EventView) -> list[Any]:
    found = {item.id: item for row in view.shared for item in row.serves}
    return list(found.values())


def _crumbs(view: EventView) -> list[Crumb]:
    name = content(view.event, "name")
    return [
        Crumb(_("办事"), "/my/services/"),
        Crumb(name, f"/my/services/events/{view.event.id}/"),
        Crumb(_("办理结果")),
    ]


def _kept(row: Outcome) -> dict[str, Any]:
    """An outcome as the session keeps it."""
    promised = row.promised_on.isoformat() if row.promised_on is not None else ""
    return asdict(row) | {"promised_on": promised}


def _told(row: dict[str, Any]) -> dict[str, Any]:
    level, word = TOLD[row["kind"]]
    return row | {
        "name": (row["name_en"] if english() else row["name"]) or _("没有找到的一项"),
        "level": level,
        "word": str(word),
        "promised_on": date.fromisoformat(row["promised_on"]) if row["promised_on"] else None,
        "papers": [en if english() else zh for zh, en in row["papers"]],
    }
