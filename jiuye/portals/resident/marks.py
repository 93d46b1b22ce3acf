"""Marking how one was served (好差评): what the form needs, and the mark that was given, alike for matters, cases and loans."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from jiuye.office.casework.models import Case
from jiuye.office.conduct import operations, queries
from jiuye.office.conduct.models import Escalation, Rating
from jiuye.office.conduct.states import LEVELS
from jiuye.office.matters.models import Matter
from jiuye.office.registry.places import division_names
from jiuye.office.ventures.models import Loan
from jiuye.portals.common.actors import actor, now, office_date
from jiuye.portals.common.attempts import attempt


def rating_context(rated: Matter | Case, rate_url: str) -> dict[str, Any]:
    """What `resident/rating.html` shows of a thing of one's own; `rate_url` takes the form."""
    may_rate = queries.may_be_rated(rated)
    return _shown(queries.rating_of(rated) if may_rate else None, rate_url, may_rate=may_rate)


def loan_rating_contexts(loans: Iterable[Loan], rate_url: Callable[[Loan], str]) -> dict[int, dict[str, Any]]:
    """The same of several loans on one page, by their keys; nothing of an application that has not ended."""
    ended = [loan for loan in loans if queries.may_be_rated(loan)]
    given = queries.ratings_of_loans(ended) if ended else {}
    return {loan.pk: _shown(given.get(loan.pk), rate_url(loan), may_rate=True, key=loan.pk) for loan in ended}


def _shown(rating: Rating | None, rate_url: str, *, may_rate: bool, key: int | str = "") -> dict[str, Any]:
    """`key` tells the fields of several forms on one page apart."""
    owed = rating is not None and rating.answer_due is not None and getattr(rating, "answer", None) is None
    rises = queries.rises_of(rating) if rating is not None and owed else []
    return {
        "rating_key": key,
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


def take_mark(request: HttpRequest, **of: int) -> None:
    """Record the posted mark on the matter (`matter_id`), case (`case_id`) or loan (`loan_id`), once."""
    attempt(
        request,
        lambda: operations.rate(
            actor=actor(request),
            **of,
            level=request.POST.get("level", ""),
            words=request.POST.get("words", ""),
            on=office_date(),
            at=now(),
        ),
        done=_("已收到您的评价。"),
    )
