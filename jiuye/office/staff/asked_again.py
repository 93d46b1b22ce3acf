"""Questions to the database that are worked out once and asked again and again.

Writing a long question down in SQL takes Python longer than the database takes to answer it, and an officer's first page asks the very
same one at every visit: the same posts, the same day, the same procedures. So its text is kept and only the answer is new.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

MOST_KEPT = 256  # of some 20 KB each; the one that was not asked for longest goes
Written = tuple[str, tuple[Any, ...]] | None  # the text and its values; None where no row can answer
_kept: OrderedDict[Hashable, tuple[tuple[object, ...], Written]] = OrderedDict()
_lock = Lock()


class QuestionAskedToWriteError(RuntimeError):
    """A kept question asked the database while it was written down: what it learned there would be kept as well, and grow old unseen."""

    def __init__(self, sql: str) -> None:
        super().__init__(
            f"A kept question is made of what it is handed, and asks for nothing while it is written: {sql}"
        )


def rows_of(
    name: str, by: Hashable, made_of: tuple[object, ...], question: Callable[[], QuerySet[Any]]
) -> list[tuple[Any, ...]]:
    """The rows that answer `question` (a list of `values`) now, each in the order of its columns, as the driver reads them: a sum of whole
    numbers is a Decimal.

    `name` is the question's own; `by` is everything that is handed to it, and `made_of` the content that it is read from: what was kept
    serves while these are the very same objects.

    Raises QuestionAskedToWriteError where `question` asks the database itself.
    """
    written = _written((name, by), made_of, question)
    if written is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute(*written)
        return list(cursor.fetchall())


def _written(key: Hashable, made_of: tuple[object, ...], question: Callable[[], QuerySet[Any]]) -> Written:
    with _lock:
        found = _kept.get(key)
        if found is not None and all(one is other for one, other in zip(found[0], made_of, strict=True)):
            _kept.move_to_end(key)
            return found[1]
    with connection.execute_wrapper(_refuse):
        written = _write(question())
    with _lock:
        _kept[key] = (made_of, written)
        _kept.move_to_end(key)
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return written


def _write(rows: QuerySet[Any]) -> Written:
    try:
        sql, values = rows.query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        return None
    return sql, tuple(values)


def _refuse(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    raise QuestionAskedToWriteError(sql)
