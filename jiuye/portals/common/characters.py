"""Characters that nothing here can keep.

The database takes no NUL and no half of a pair (a surrogate), and a form no NUL. U+FFFD is what a reader puts where it could not read what
stood there: bytes that are no UTF-8 arrive as it, so that taking it would keep something else than was sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.http import QueryDict

UNKEPT = re.compile("[\x00\ud800-\udfff\ufffd]")
SHOWN = "\ufffd"  # stands for one of them on a page; sent again it is refused again


def is_unkept(text: str) -> bool:
    """Whether there is a character in it that cannot be kept."""
    return UNKEPT.search(text) is not None


def shown(values: QueryDict) -> QueryDict:
    """The same, each such character as one that a page can show."""
    found = QueryDict(mutable=True, encoding=values.encoding)
    for name, value in pairs(values):
        found.appendlist(UNKEPT.sub(SHOWN, name), UNKEPT.sub(SHOWN, value))
    return found


def pairs(values: QueryDict) -> Iterator[tuple[str, str]]:
    """Every name with every value of it."""
    return ((name, value) for name, all_of in values.lists() for value in all_of)


def places(value: Any, place: str = "") -> Iterator[str]:
    """Where in what was read from JSON such characters stand, names included."""
    if isinstance(value, str):
        if is_unkept(value):
            yield place
    elif isinstance(value, dict):
        for name, held in value.items():
            inside = ".".join(filter(None, (place, UNKEPT.sub(SHOWN, name))))
            if is_unkept(name):
                yield inside
            yield from places(held, inside)
    elif isinstance(value, list):
        for number, held in enumerate(value):
            yield from places(held, ".".join(filter(None, (place, str(number)))))
