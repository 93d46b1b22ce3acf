"""Rows of several small lists in one query: what a page shows of one subject lies in many tables, a few rows in each.

Each list goes to the database as it was written, with its own filters and order, and comes back as rows of its model. What a list
costs is mostly the way there and back, so that five lists together cost little more than one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models import Model, QuerySet

from jiuye.office.staff.asked_again import BLANKS, Asked, Text, kept, text_of

# How a column comes out of JSON. Other kinds are refused, so that none is read as something else than it is.
AS_IT_IS = (models.IntegerField, models.BooleanField, models.CharField, models.TextField, models.JSONField)
Reader = Callable[[Any], Any]
Column = tuple[str, str, Reader | None]  # the attribute, the column, and what reads its value
READ: dict[type, Reader] = {
    models.DateField: date.fromisoformat,
    models.DateTimeField: datetime.fromisoformat,
    models.DecimalField: Decimal,
}


class UnreadableColumnError(TypeError):
    """A list has a column that does not come through JSON as what it is: binary, or of a kind not met before; or one that is sealed and
    that the list does not name."""

    def __init__(self, model: type[Model], name: str) -> None:
        super().__init__(
            f"{model.__name__}.{name} cannot be read together with other lists; leave it out with only() or defer()."
        )


@dataclass(frozen=True, slots=True)
class _Lists:
    """Lists in one text: None where none of them can have rows. By its name each one's model and columns."""

    text: Text | None
    columns: Mapping[str, tuple[type[Model], list[Column]]]

    def rows(self, numbers: Sequence[int]) -> dict[str, list[Any]]:
        found: dict[str, list[tuple[int, str]]] = {name: [] for name in self.columns}
        if self.text is not None:
            with connection.cursor() as cursor:
                cursor.execute(*self.text.about(numbers))
                for name, number, text in cursor.fetchall():
                    found[name].append((number, text))
        return {
            name: [_row(model, columns, text) for _, text in sorted(found[name])]
            for name, (model, columns) in self.columns.items()
        }


def together(lists: Mapping[str, QuerySet[Any]]) -> dict[str, list[Any]]:
    """By its name each list's rows in its order, all in one query; columns left out of a list are read when they are asked for.

    A list is of one table: what `select_related` would join is a list of its own. Raises UnreadableColumnError, before asking, for a
    column that JSON does not carry.
    """
    return _written(lists, blanks=()).rows(())


def together_about(
    name: str, by: Hashable, lists: Callable[..., Mapping[str, QuerySet[Any]]], *, about: Sequence[int]
) -> dict[str, list[Any]]:
    """The same of lists that are asked again and again about other numbers: their text is kept, as `asked_again.rows_of` says."""
    blanks = BLANKS[: len(about)]
    written = kept((name, by), (), lambda: _written(lists(*blanks), blanks=blanks))
    return written.rows(about)


def keep_related(row: Any, name: str, related: Sequence[Any]) -> None:
    """The row's related rows, as `prefetch_related` would leave them: `row.<name>.all()` is asked of nobody any more."""
    found = getattr(row, name).all()
    found._result_cache, found._prefetch_done = list(related), True
    row.__dict__.setdefault("_prefetched_objects_cache", {})[name] = found


def _written(lists: Mapping[str, QuerySet[Any]], *, blanks: Sequence[Asked]) -> _Lists:
    texts: list[str] = []
    values: list[Any] = []
    columns: dict[str, tuple[type[Model], list[Column]]] = {}
    for name, found in lists.items():
        columns[name] = (found.model, _columns(found))
        try:
            sql, parameters = found.query.get_compiler(connection=connection).as_sql()
        except EmptyResultSet:
            continue
        # Numbered inside, since nothing else says that rows of one list come in its order.
        texts.append(f"SELECT %s, row_number() OVER (), to_jsonb(q)::text FROM ({sql}) q")
        values += [name, *parameters]
    text = text_of(" UNION ALL ".join(texts), values, blanks=blanks) if texts else None
    return _Lists(text, columns)


def _columns(found: QuerySet[Any]) -> list[Column]:
    left_out, deferred = found.query.deferred_loading
    return [
        (
            field.attname,
            field.column,
            _reader(found.model, field, named=not deferred and field.name in left_out),
        )
        for field in found.model._meta.concrete_fields
        if field.primary_key or ((field.name in left_out) != deferred)
    ]


def _reader(model: type[Model], field: models.Field[Any, Any], *, named: bool) -> Reader | None:
    """What makes the column's value of what JSON carries; None where that is the value. A sealed column is opened only where the list
    names it itself (`only`). Raises UnreadableColumnError."""
    target: Any = field
    if named and isinstance(target, models.BinaryField) and hasattr(target, "from_db_value"):
        opened: Callable[[Any, Any, Any], Any] = target.from_db_value
        return lambda text: opened(bytes.fromhex(text.removeprefix("\\x")), None, connection)
    while isinstance(target, models.ForeignKey):
        target = target.target_field
    if isinstance(target, AS_IT_IS):
        return None
    for kind in type(target).__mro__:
        if kind in READ:
            return READ[kind]
    raise UnreadableColumnError(model, field.name)


def _row(model: type[Model], columns: list[Column], text: str) -> Model:
    said = json.loads(text, parse_float=Decimal)
    values = [
        said[column] if read is None or said[column] is None else read(said[column])
        for _, column, read in columns
    ]
    return model.from_db(connection.alias, [name for name, _, _ in columns], values)
