"""Promised services on the page of their matter: one put on record as given, closed without being given, opened again."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiuye.office.conduct import operations as conduct
from jiuye.office.matters import operations, queries
from jiuye.office.matters.queries import MatterView
from jiuye.office.staff.queries import Actor
from jiuye.portals.common.actors import actor, allowed, now, office_date
from jiuye.portals.common.attempts import attempt
from jiuye.portals.common.templatetags.jiuye import english
from jiuye.portals.common.typed import note_refusal


@allowed("matters.serve")
@require_POST
def give(request: HttpRequest, matter_id: int, promised_id: int) -> HttpResponse:
    """A promised service was given."""
    there = f"{reverse('desk:matter', args=[matter_id])}#promised"
    try:
        given_on = date.fromisoformat(request.POST.get("on", ""))
    except ValueError:
        words = _("提供日期要写成 2025-06-09 的样子。")
        messages.error(request, words)
        note_refusal(request, words)
        return redirect(there)
    attempt(
        request,
        lambda: operations.give_service(
            actor=actor(request),
            promised_id=promised_id,
            given_on=given_on,
            note=request.POST.get("note", ""),
            on=office_date(),
            at=now(),
        ),
        done=_("已登记这次服务。"),
    )
    return redirect(there)


@allowed("matters.serve")
@require_POST
def close(request: HttpRequest, matter_id: int, promised_id: int) -> HttpResponse:
    """Close what is still owed of a promised service, with a reason."""
    attempt(
        request,
        lambda: conduct.close_service(
            actor=actor(request),
            promised_id=promised_id,
            reason=request.POST.get("reason", ""),
            note=request.POST.get("note", ""),
            on=office_date(),
            at=now(),
        ),
        done=_("已了结，不再列为还欠；不计入已提供，需要时可以重新打开。"),
    )
    return redirect(f"{reverse('desk:matter', args=[matter_id])}#promised")


@allowed("matters.serve")
@require_POST
def reopen(request: HttpRequest, matter_id: int, promised_id: int) -> HttpResponse:
    """A closed service is owed again."""
    attempt(
        request,
        lambda: operations.open_service_again(
            actor=actor(request),
            promised_id=promised_id,
            note=request.POST.get("note", ""),
            on=office_date(),
            at=now(),
        ),
        done=_("已重新打开，这项服务又列为还欠。"),
    )
    return redirect(f"{reverse('desk:matter', args=[matter_id])}#promised")


def closing_of(me: Actor, view: MatterView, *, on: date) -> dict[str, Any]:
    """What the page needs for closing: the reasons of the item's file, the one that is proposed, and the record that it rests on."""
    closings = view.item.closings
    if not view.promised or not closings or not me.may("matters.serve", view.matter.division_code):
        return {}
    by_work = next((row for row in closings if row.proved_by == "employment"), None)
    spell = queries.work_begun(view.matter, on=on) if by_work is not None else None
    return {
        "reasons": [
            (row.id, _with_tries(row.says_en if english() else row.says, row.tries)) for row in closings
        ],
        "proposed": by_work.id if by_work is not None and spell is not None else "",
        "record": queries.work_words(spell) if spell is not None else "",
    }


def _with_tries(words: str, tries: int) -> str:
    if not tries:
        return words
    return _("%(why)s（要登记过至少 %(tries)d 天的走访或电话）") % {"why": words, "tries": tries}
