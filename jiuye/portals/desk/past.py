"""The moment at which a case, a matter or a loan is shown: read from the address, and linked from each step of its timeline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, time
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from jiuye.office.casework.moments import NotYetThereError, day_of
from jiuye.portals.common.actors import CHINA, office_date
from jiuye.portals.common.components import Step

View = TypeVar("View")


def as_asked(request: HttpRequest, now: Callable[[], View], then: Callable[[datetime], View]) -> View:
    """What the address asks for: the thing as it was at the moment that it names, or now, with a sentence where it had not begun by then."""
    moment = moment_asked(request)
    if moment is not None:
        try:
            return then(moment)
        except NotYetThereError as error:
            messages.warning(request, str(error))
    return now()


def moment_asked(request: HttpRequest) -> datetime | None:
    """The moment that the address names; None for now, with a sentence where what it names is none."""
    asked = request.GET.get("at", "")
    moment = moment_of(asked) if asked else None
    if asked and moment is None:
        messages.warning(request, _("时间要写成 2025-06-09T15:30 的样子；下面是现在的状态。"))
    if moment is not None and day_of(moment) > office_date():
        messages.warning(request, _("这个时间还没有到；下面是现在的状态。"))
        return None
    return moment


def moment_of(text: str) -> datetime | None:
    """A moment as an address names it: with or without a zone (China's then), or a day (its end). None for anything else."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if len(text) <= len("2025-06-09"):
        moment = datetime.combine(moment.date(), time.max)
    elif moment.tzinfo is None and len(text) <= len("2025-06-09T15:30"):
        moment = moment.replace(second=59, microsecond=999_999)  # the minute named is shown whole
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=CHINA)


def at_value(moment: datetime) -> str:
    """The moment for a field of a form, to the minute, in China's time."""
    return moment.astimezone(CHINA).strftime("%Y-%m-%dT%H:%M")


def past_links(
    steps: list[Step],
    timeline: Sequence[Any],
    address: str,
    *,
    shown: Callable[[Any], bool] = lambda event: True,
) -> list[Step]:
    """Each step that was taken leads to the thing as it left it, where that is `shown`."""
    taken = len(timeline)
    linked = [
        replace(step, url=f"{address}?{urlencode({'at': event.at.isoformat()})}") if shown(event) else step
        for step, event in zip(steps[:taken], timeline, strict=True)
    ]
    return [*linked, *steps[taken:]]
