"""A long list in slices: the next rows after a key, so that the hundredth slice costs what the first does and nothing is shown twice or
left out when rows come or go meanwhile.

The key holds where the last row shown stood in the order of the list. Words (a resident's name) are not written into it, since addresses
are kept in logs and histories; they are read again from the row.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from operator import attrgetter
from typing import Any, Generic, TypeVar

from django.core.exceptions import FieldDoesNotExist
from django.db.models import F, Model, Q, QuerySet
from django.db.models.expressions import OrderBy
from django.db.models.sql.where import WhereNode

from jiuye.office.staff.rows import unscoped

LONGEST_KEY = 300
Row = TypeVar("Row", bound=Model)


class UnstableOrderError(TypeError):
    """A list that is to be sliced has an order that does not end with `pk`: equal rows would stand anyhow."""

    def __init__(self, found: QuerySet[Any]) -> None:
        super().__init__(
            f"{found.model.__name__}: a sliced list is ordered by fields and last by pk, here by {found.query.order_by}."
        )


@dataclass(frozen=True, slots=True)
class Slice(Generic[Row]):
    """Rows with the keys that lead on: `before` and `after` are empty at the ends; `beside` is what was asked with them."""

    rows: Sequence[Row]
    before: str = ""
    after: str = ""
    beside: Any = None


@dataclass(frozen=True, slots=True)
class _Field:
    """One field of an order, `empty_last` where rows without a value stand at the end; None where each has one."""

    name: str
    descending: bool
    empty_last: bool | None

    def beyond(self, value: Any, *, back: bool) -> Q | None:
        """Rows that stand after (going back: before) the value; None where none can."""
        descending, empty_last = self.descending != back, self.empty_last
        if back and empty_last is not None:
            empty_last = not empty_last
        if value is None:
            return None if empty_last else Q(**{f"{self.name}__isnull": False})
        farther = Q(**{f"{self.name}__{'lt' if descending else 'gt'}": value})
        return farther | Q(**{f"{self.name}__isnull": True}) if empty_last else farther

    def same(self, value: Any) -> Q:
        return Q(**{f"{self.name}__isnull": True}) if value is None else Q(**{self.name: value})


def slice_of(
    found: QuerySet[Row],
    *,
    size: int,
    after: str = "",
    before: str = "",
    leaving: str = "",
    beside: Callable[[], Any] | None = None,
) -> Slice[Row]:
    """The rows after (or before) a key of an earlier slice, in the list's own order.

    From the beginning with a key that no slice wrote, and where nothing is left behind it: all of it was worked on meanwhile.

    `leaving` is why the keys of the slice are looked for outside the request's row scope, where an index can be asked that row policies
    keep from being asked; the list has its own scope, and its rows are then read within the row scope all the same.

    What `beside` answers stands in the slice: asked with the keys, so that the scope is left once; it has a scope of its own as well.

    Raises UnstableOrderError where the order does not end with `pk`.
    """
    if not leaving:
        whole: Slice[Row] = _slice(found, size, after, before)
        return replace(whole, beside=beside()) if beside is not None else whole
    keyed = found.select_related(None).prefetch_related(None).only(*_columns(found))
    with unscoped(leaving):
        keys: Slice[Row] = _slice(keyed, size, after, before)
        answered = beside() if beside is not None else None
    there = {row.pk: row for row in _again(found, [row.pk for row in keys.rows])}
    return Slice([there[row.pk] for row in keys.rows if row.pk in there], keys.before, keys.after, answered)


def _again(found: QuerySet[Row], keys: list[Any]) -> QuerySet[Row]:
    """The rows of these keys, with what the list reads of them. Its conditions have chosen the keys and are not asked a second time."""
    rows = found.order_by("pk")
    rows.query.where = WhereNode()
    return rows.filter(pk__in=keys)


def _slice(found: QuerySet[Row], size: int, after: str, before: str) -> Slice[Row]:
    fields = _fields(found)
    back = bool(before)
    values = _read(before or after, fields, found)
    rows: list[Row] = []
    if values is not None:
        onward = found.filter(_farther(fields, values, back=back))
        rows = list((onward.reverse() if back else onward)[: size + 1])
    if not rows:
        values, back = None, False
        rows = list(found[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    if back:
        rows.reverse()
    first = bool(rows) and (more if back else values is not None)
    last = bool(rows) and (back or more)
    return Slice(rows, _written(rows[0], fields) if first else "", _written(rows[-1], fields) if last else "")


def _columns(found: QuerySet[Any]) -> list[str]:
    """The columns of the table that the order needs."""
    return [field.name for field in _fields(found) if field.name not in found.query.annotations]


def _fields(found: QuerySet[Any]) -> list[_Field]:
    fields = []
    for entry in found.query.order_by:
        if isinstance(entry, str):
            fields.append(_field(found, entry.lstrip("-"), entry.startswith("-"), None))
        elif isinstance(entry, OrderBy) and isinstance(entry.expression, F):
            empty_last = True if entry.nulls_last else (False if entry.nulls_first else None)
            fields.append(_field(found, entry.expression.name, entry.descending, empty_last))
        else:
            raise UnstableOrderError(found)
    if not fields or fields[-1].name != "pk":
        raise UnstableOrderError(found)
    return fields


def _field(found: QuerySet[Any], name: str, descending: bool, empty_last: bool | None) -> _Field:
    """PostgreSQL puts rows without a value last, and first where the order descends."""
    try:
        may_be_empty = name != "pk" and bool(found.model._meta.get_field(name).null)
    except FieldDoesNotExist:
        may_be_empty = False  # an annotation; one with holes says where they stand
    return _Field(name, descending, (not descending) if may_be_empty and empty_last is None else empty_last)


def _farther(fields: list[_Field], values: list[Any], *, back: bool) -> Q:
    """After in the first field; or equal there and after in the next; and so on."""
    whole: Q | None = None
    for field, value in reversed(list(zip(fields, values, strict=True))):
        beyond = field.beyond(value, back=back)
        if whole is None:
            whole = beyond
        else:
            tied = field.same(value) & whole
            whole = tied if beyond is None else beyond | tied
    assert whole is not None  # pk is never empty
    return whole


def _written(row: Model, fields: list[_Field]) -> str:
    values = [_as_json(attrgetter(field.name.replace("__", "."))(row)) for field in fields]
    text = json.dumps(values, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _as_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"t": value.isoformat()}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    if isinstance(value, str):
        return "w"
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise TypeError(f"a list cannot be sliced by {value!r}: whole numbers, days, moments and words can")


def _read(key: str, fields: list[_Field], found: QuerySet[Any]) -> list[Any] | None:
    """The values in a key; None for anything that no slice of this order wrote, and where a row with words is gone."""
    if not key or len(key) > LONGEST_KEY:
        return None
    try:
        written = json.loads(base64.urlsafe_b64decode(key + "=" * (-len(key) % 4)))
        values = [_from_json(value) for value in written]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    if len(values) != len(fields) or type(values[-1]) is not int:
        return None
    for field, value in zip(fields, values, strict=True):
        if not _fits(found, field, value):
            return None
    words = [field.name for field, value in zip(fields, values, strict=True) if isinstance(value, str)]
    if not words:
        return values
    # Without the list's own filters: a row that was worked on since has left the list, and still says where we were.
    row = found.model._default_manager.filter(pk=values[-1]).values(*words).first()
    if row is None:
        return None
    return [
        row[field.name] if isinstance(value, str) else value
        for field, value in zip(fields, values, strict=True)
    ]


def _from_json(value: Any) -> Any:
    if isinstance(value, dict):
        ((kind, text),) = value.items()
        return {"t": datetime.fromisoformat, "d": date.fromisoformat}[kind](text)
    if value is None or value == "w" or (type(value) is int and abs(value) < 1 << 63):
        return value
    raise ValueError(value)


_KINDS: dict[str, type] = {"DateField": date, "DateTimeField": datetime, "CharField": str, "TextField": str}


def _fits(found: QuerySet[Any], field: _Field, value: Any) -> bool:
    """Whether a value from an address can be compared with the field at all; an empty one only where there are empty ones."""
    if value is None:
        return field.empty_last is not None
    if field.name == "pk":
        return type(value) is int
    if field.name in found.query.annotations:
        kind = found.query.annotations[field.name].output_field.get_internal_type()
    else:
        kind = found.model._meta.get_field(field.name).get_internal_type()
    return type(value) is _KINDS.get(kind, int)
