"""Rows of several small lists in one query: what a page shows of one subject lies in many tables, a few rows in each.

Each list goes to the database as it was written, with its own filters and order, and comes back as rows of its model. What a list
costs is mostly the way there and back, so that five lists together cost little more than one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models import Model, QuerySet

# How a column comes out of JSON. Other kinds are refused, so that none is read as something else than it is.
AS_IT_IS = (models.IntegerField, models.BooleanField, models.CharField, models.TextField, models.JSONField)
READ: dict[type[models.Field[Any, Any]], Any] = {
    models.DateField: date.fromisoformat,
    models.DateTimeField: datetime.fromisoformat,
    models.DecimalField: Decimal,
}


class UnreadableColumnError(TypeError):
    """A list has a column that does not come through JSON as what it is: sealed, binary, or of a kind not met before."""

    def __init__(self, model: type[Model], name: str) -> None:
        super().__init__(
            f"{model.__name__}.{name} cannot be read together with other lists; leave it out with only() or defer()."
        )


def together(lists: Mapping[str, QuerySet[Any]]) -> dict[str, list[Any]]:
    """By its name each list's rows in its order, all in one query; columns left out of a list are read when they are asked for.

    A list is of one table: what `select_related` would join is a list of its own. Raises UnreadableColumnError, before asking, for a
    column that JSON does not carry.
    """
    texts: list[str] = []
    values: list[Any] = []
    columns: dict[str, list[models.Field[Any, Any]]] = {}
    for name, found in lists.items():
        columns[name] = _columns(found)
        try:
            sql, parameters = found.query.get_compiler(connection=connection).as_sql()
        except EmptyResultSet:
            continue
        # Numbered inside, since nothing else says that rows of one list come in its order.
        texts.append(f"SELECT %s, row_number() OVER (), to_jsonb(q)::text FROM ({sql}) q")
        values += [name, *parameters]
    rows: dict[str, list[tuple[int, str]]] = {name: [] for name in lists}
    if texts:
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(texts), values)
            for name, number, text in cursor.fetchall():
                rows[name].append((number, text))
    return {
        name: [_row(found.model, columns[name], text) for _, text in sorted(rows[name])]
        for name, found in lists.items()
    }


def _columns(found: QuerySet[Any]) -> list[models.Field[Any, Any]]:
    left_out, deferred = found.query.deferred_loading
    fields = [
        field
        for field in found.model._meta.concrete_fields
        if field.primary_key or ((field.name in left_out) != deferred)
    ]
    for field in fields:
        if _reader(field) is None:
            raise UnreadableColumnError(found.model, field.name)
    return fields


def _reader(field: models.Field[Any, Any]) -> Any:
    """What makes the column's value of what JSON carries; None where nothing is known to."""
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    if isinstance(field, AS_IT_IS):
        return lambda value: value
    return next((READ[kind] for kind in type(field).__mro__ if kind in READ), None)


def _row(model: type[Model], fields: list[models.Field[Any, Any]], text: str) -> Model:
    said = json.loads(text, parse_float=Decimal)
    values = [None if said[one.column] is None else _reader(one)(said[one.column]) for one in fields]
    return model.from_db(connection.alias, [field.attname for field in fields], values)
