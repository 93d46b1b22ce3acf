"""How much of each kind waits for an officer today, counted in one question beside the counts of cases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from django.db.models import QuerySet

from jiuye.office.casework import queries as casework
from jiuye.office.casework.procedures import standing
from jiuye.office.conduct.queries.escalations import escalated
from jiuye.office.conduct.queries.reviews import REVIEWED, reviews_of
from jiuye.office.matters import queries as matters
from jiuye.office.matters.content import service_items
from jiuye.office.staff.counting import counted_together
from jiuye.office.staff.queries import Actor
from jiuye.office.staff.rows import unscoped
from jiuye.office.ventures.queries import applications_to_answer


@dataclass(frozen=True, slots=True)
class TodaysFigures:
    """The counts of cases; matters that wait for the actor and services that are late in their places (None: not theirs to see); what came
    up to them because it was late; objections whose objectors they still have to tell; doubts about what was paid; reviews that they may decide, by kind; services due
    soon that they may give; applications for loans that they may guarantee; what was granted and is due for them to look at again."""

    counts: casework.Counts
    waiting_matters: int | None
    late_services: int | None
    late_up: int
    to_answer: int
    doubts: int
    reviews: dict[str, int]
    services: int
    loans: int
    due_reviews: int


def todays_figures(actor: Actor, *, on: date, soon: date) -> TodaysFigures:
    """The figures of the actor's own places; services are counted that are due before `soon`. Two queries.

    Asked outside the row scope, where each list is held to its own places: row policies on each table of so long a question take four
    times as long to plan, and keep an index from answering alone. Raises NotPermittedError for somebody who sees no cases.
    """
    sees = actor.may("matters.see")
    answers = any(actor.may(may) for may in ("casework.settle", "matters.review", "matters.decide"))
    lists: dict[str, Callable[[Actor], QuerySet[Any]] | None] = {
        "waiting_matters": partial(matters.todays_matters, on=on) if sees else None,
        "late_services": partial(matters.promises, until=on) if sees else None,
        "late_up": partial(escalated, to_us=True),
        "of_cases": casework.objections_to_answer if answers else None,
        "doubts": partial(casework.doubts_about_payments, settled=False),
        "of_matters": matters.objections_to_answer if answers else None,
        "loans": applications_to_answer if actor.may("ventures.guarantee") else None,
        "due_reviews": matters.reviews_to_answer if sees else None,
        "services": partial(matters.services_to_give, until=soon),
        **{kind: partial(reviews_of, kind=kind) for kind in REVIEWED},
    }
    with unscoped("figures of the actor's own places, each list held to them by itself"):
        counts = casework.counts(actor, on=on)
        found = counted_together(actor, "today", lists, by=(on, soon), made_of=(*standing(), service_items()))
    return TodaysFigures(
        counts=counts,
        waiting_matters=found["waiting_matters"],
        late_services=found["late_services"],
        late_up=found["late_up"] or 0,
        to_answer=(found["of_cases"] or 0) + (found["of_matters"] or 0),
        doubts=found["doubts"] or 0,
        reviews={kind: found[kind] or 0 for kind in REVIEWED},
        services=found["services"] or 0,
        loans=found["loans"] or 0,
        due_reviews=found["due_reviews"] or 0,
    )
