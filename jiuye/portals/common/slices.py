"""A list page's part of a long list: the address says after (or before) which row it begins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from jiuye.office.staff.slices import Slice, slice_of

SLICE_KEYS = ("after", "before")  # whatever else changes in an address, a list begins anew without these


def slice_asked(
    request: HttpRequest,
    found: QuerySet[Any],
    *,
    size: int,
    leaving: str = "",
    beside: Callable[[], Any] | None = None,
) -> Slice[Any]:
    """The rows that the address asks for, with the keys that lead on; drawn with `{% slices %}`. `leaving` and `beside` as in `slice_of`."""
    after, before = request.GET.get("after", ""), request.GET.get("before", "")
    return slice_of(found, size=size, after=after, before=before, leaving=leaving, beside=beside)
