"""A case and an explanation as the design system's components, for every portal that shows them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from jiuye.office.casework.queries.one import CaseView
from jiuye.office.casework.states import ACT_NAMES, INSIDE_ACTS, UNTOLD_ACTS
from jiuye.portals.common.authorities import noted
from jiuye.portals.common.components import Clause, Step
from jiuye.portals.common.templatetags.jiuye import content, day, english, holder_name
from jiuye.portals.common.words import act_name, holder_words


def steps_of(view: CaseView, *, for_applicant: bool = False) -> list[Step]:
    """What happened, what is awaited and from whom, and what comes after it."""
    failing = {"refuse", "record_rejected", "record_returned", "withdraw"}
    steps = [
        Step(
            title=act_name(event),
            state="failed" if event.act in failing else "done",
            when=event.at,
            who=event.actor_name if event.actor_id else _("系统"),
            note="" if for_applicant and event.act in INSIDE_ACTS else noted(event),
        )
        for event in view.timeline
        if not (for_applicant and event.act in UNTOLD_ACTS)
    ]
    for position, act in enumerate(view.awaited):
        who = holder_words(view.holder) if position == 0 and view.holder is not None else ""
        until = view.holder.until if position == 0 and view.holder is not None else None
        steps.append(
            Step(
                title=_(ACT_NAMES[act]),
                state="current" if position == 0 else "next",
                when=_until(view, until) if until else None,
                who=who,
            )
        )
    return steps


def _until(view: CaseView, until: date) -> str:
    """By when whoever has the case must act; while the public has it, how long it may read."""
    public = view.holder is not None and view.holder.role == "public"
    return (_("公示至 %(day)s") if public else _("%(day)s 前")) % {"day": day(until)}


def clauses_of(explanation: dict[str, Any]) -> list[Clause]:
    """The clauses of an explanation (as the engine writes it) for the clause list."""
    return [_clause(row) for row in explanation.get("clauses", [])]


def _clause(row: dict[str, Any]) -> Clause:
    missing = (row.get("missing") or [None])[0]
    question = holder = ""
    if missing is not None:
        question = str(
            (english() and missing.get("ask_en")) or missing.get("ask") or missing.get("label") or ""
        )
        holder = holder_name(missing.get("register") or "")
    return Clause(
        says=content(row, "says") or row["id"],
        verdict=row.get("verdict", "unknown"),
        law=row.get("law") or "",
        source=row.get("source") or "",
        values=[(content(value, "label"), content(value, "shown")) for value in row.get("values", [])],
        question=question,
        holder=holder,
    )
