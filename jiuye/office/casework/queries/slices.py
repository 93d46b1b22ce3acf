"""A long list in slices: the next rows after a key, so that the hundredth slice costs what the first does and nothing is shown twice
when rows come or go meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet

SEPARATOR = "."
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Slice(Generic[Row]):
    """Rows with the keys that lead on: `before` and `after` are empty at the ends."""

    rows: list[Row]
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Order:
    """What a list is ordered by: one field or annotation without holes (whole numbers or days), then the number of the row."""

    by: str
    descending: bool = False


def slice_of(
    found: QuerySet[Row], order: Order, *, size: int, after: str = "", before: str = ""
) -> Slice[Row]:
    """The rows after (or before) a key of an earlier slice; from the beginning without one, or with a key that is none."""
    at = _read(before or after)
    back = bool(before) and at is not None
    descending = order.descending != back
    if at is not None:
        value, number = at
        farther = Q(**{f"{order.by}__{'lt' if descending else 'gt'}": value})
        found = found.filter(
            farther | Q(**{order.by: value}) & Q(**{f"pk__{'lt' if back else 'gt'}": number})
        )
    rows = list(found.order_by(("-" if descending else "") + order.by, "-pk" if back else "pk")[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    if back:
        rows.reverse()
    first = bool(rows) and (more if back else at is not None)
    last = bool(rows) and (True if back else more)
    return Slice(rows, _written(rows[0], order) if first else "", _written(rows[-1], order) if last else "")


def _written(row: Model, order: Order) -> str:
    value: Any = getattr(row, order.by)
    return f"{value.toordinal() if isinstance(value, date) else value}{SEPARATOR}{'d' if isinstance(value, date) else 'n'}{row.pk}"


def _read(key: str) -> tuple[int | date, int] | None:
    """A key as (value, number); None for anything that no slice wrote."""
    value, separator, rest = key.partition(SEPARATOR)
    kind, number = rest[:1], rest[1:]
    if not separator or not number.isascii() or not number.isdecimal() or len(key) > 50:
        return None
    if not value.removeprefix("-").isascii() or not value.removeprefix("-").isdecimal():
        return None
    whole = int(value)
    if int(number) >= 1 << 63 or abs(whole) >= 1 << 63:
        return None
    if kind == "n":
        return whole, int(number)
    if kind == "d" and 1 <= whole <= date.max.toordinal():
        return date.fromordinal(whole), int(number)
    return None
