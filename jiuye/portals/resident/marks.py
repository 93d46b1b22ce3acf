"""Marking how one was served (好差评): what the form needs, and the mark that was given, alike for matters and cases."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from jiuye.office.casework.models import Case
from jiuye.office.conduct import operations, queries
from jiuye.office.conduct.models import Escalation
from jiuye.office.conduct.states import LEVELS
from jiuye.office.matters.models import Matter
from jiuye.office.registry.places import division_names
from jiuye.portals.common.actors import actor, now, office_date
from jiuye.portals.common.attempts import attempt


def rating_context(rated: Matter | Case, rate_url: str) -> dict[str, Any]:
    """What `resident/rating.html` shows of a thing of one's own; `rate_url` takes the form."""
    may_rate = queries.may_be_rated(rated)
    rating = queries.rating_of(rated) if may_rate else None
    owed = rating is not None and rating.answer_due is not None and getattr(rating, "answer", None) is None
    rises = queries.rises_of(rating) if rating is not None and owed else []
    return {
        "rating_up": _up(rises[-1]) if rises else None,
        "may_rate": may_rate,
        "rating": rating,
        "rating_answer": getattr(rating, "answer", None),
        "rating_word": _(LEVELS[rating.level]) if rating else "",
        "rating_levels": [(level, _(word)) for level, word in LEVELS.items()],
        "rate_url": rate_url,
    }


def _up(row: Escalation) -> tuple[Escalation, str]:
    """Where an unanswered mark lies now, with the office's name."""
    return row, division_names({row.to_division}).get(row.to_division, row.to_division)


def take_mark(request: HttpRequest, *, matter_id: int | None = None, case_id: int | None = None) -> None:
    """Record the posted mark on one of the two, once."""
    attempt(
        request,
        lambda: operations.rate(
            actor=actor(request),
            matter_id=matter_id,
            case_id=case_id,
            level=request.POST.get("level", ""),
            words=request.POST.get("words", ""),
            on=office_date(),
            at=now(),
        ),
        done=_("已收到您的评价。"),
    )
