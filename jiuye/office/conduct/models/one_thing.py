"""A row that is about one of several things: a column for each, and one of them filled."""

from __future__ import annotations

from functools import reduce
from operator import or_

from django.db.models import Q


def exactly_one(columns: tuple[str, ...]) -> Q:
    """One of these columns says what the row is about, and only one."""
    ways = (Q(**{f"{other}__isnull": other != one for other in columns}) for one in columns)
    return reduce(or_, ways)
