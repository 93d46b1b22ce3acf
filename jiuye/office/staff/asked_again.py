"""Questions to the database that are worked out once and asked again and again.

Writing a long question down in SQL takes Python longer than the database takes to answer it, and an officer's pages ask the very same
ones at every visit: the same posts, the same day, the same procedures, only another resident. So the text is kept, with a blank for the
numbers that are asked about, and only the answer is new.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from copy import copy
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import QuerySet
from django.db.models.sql import Query
from django.db.models.sql.compiler import SQLCompiler

MOST_KEPT = 512  # of some 20 KB each; the one that was not asked for longest goes
# What stands for the numbers while a question is written down: greater than any key, and within eight bytes.
BLANKS = tuple(9_100_000_000_000_000_000 + number for number in range(4))
Kept = TypeVar("Kept")
_kept: OrderedDict[Hashable, tuple[tuple[object, ...], Any]] = OrderedDict()
_lock = Lock()


class QuestionAskedToWriteError(RuntimeError):
    """A kept question asked the database while it was written down: what it learned there would be kept as well, and grow old unseen."""

    def __init__(self, sql: str) -> None:
        super().__init__(
            f"A kept question is made of what it is handed, and asks for nothing while it is written: {sql}"
        )


class BlankLostError(RuntimeError):
    """A number that a question is about stands nowhere in its text as it was handed in: for another number the text would not be the same."""

    def __init__(self, sql: str) -> None:
        super().__init__(f"A number was handed to this question and is not among its values: {sql}")


@dataclass(frozen=True, slots=True)
class Text:
    """A question in SQL with its values; `blanks` are the places in `values` of the numbers, as (place, which number)."""

    sql: str
    values: tuple[Any, ...]
    blanks: tuple[tuple[int, int], ...]

    def about(self, numbers: Sequence[int]) -> tuple[str, list[Any]]:
        """With the numbers in their places, each of the type that the driver was given when it was written."""
        filled = list(self.values)
        for place, which in self.blanks:
            filled[place] = type(filled[place])(numbers[which])
        return self.sql, filled


def text_of(sql: str, values: Sequence[Any], *, numbers: int) -> Text:
    """The text of a question that was written about the first `numbers` of BLANKS. Raises BlankLostError."""
    blanks = tuple(
        (place, BLANKS.index(value))
        for place, value in enumerate(values)
        if isinstance(value, int) and value in BLANKS
    )
    if {which for _, which in blanks} != set(range(numbers)):
        raise BlankLostError(sql)
    return Text(sql, tuple(values), blanks)


def kept(key: Hashable, made_of: tuple[object, ...], write: Callable[[], Kept]) -> Kept:
    """What `write` makes, kept under the key while `made_of` are the very same objects. Raises QuestionAskedToWriteError."""
    with _lock:
        found = _kept.get(key)
        if found is not None and all(one is other for one, other in zip(found[0], made_of, strict=True)):
            _kept.move_to_end(key)
            written: Kept = found[1]
            return written
    with connection.execute_wrapper(_refuse):
        written = write()
    with _lock:
        _kept[key] = (made_of, written)
        _kept.move_to_end(key)
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return written


def rows_of(
    name: str,
    by: Hashable,
    made_of: tuple[object, ...],
    question: Callable[..., QuerySet[Any]],
    *,
    about: Sequence[int] = (),
) -> list[Any]:
    """The rows that answer `question` now, as its query set would bring them.

    `name` is the question's own; `by` is everything that it is made of, and `made_of` the content that it is read from: what was kept
    serves while these are the very same objects. `about` are whole numbers (keys) that differ from one time to the next: the question is
    handed one argument for each, and may do nothing with them but compare them with a column.

    Raises QuestionAskedToWriteError where `question` asks the database itself, BlankLostError where a number is not in its text.
    """
    written = kept((name, by), made_of, lambda: _write(question, len(about)))
    return list(written.asked(about)) if written is not None else []


class _KeptQuery(Query):
    """A query whose text is there already. It is asked once and handed to nobody, so that nobody narrows it further in vain."""

    compiler: SQLCompiler
    text: tuple[str, list[Any]]

    def get_compiler(
        self, using: Any = None, connection: Any = None, elide_empty: bool = True
    ) -> SQLCompiler:
        there = copy(self.compiler)
        there.connection = connections[DEFAULT_DB_ALIAS]  # this thread's own
        text = self.text
        there.as_sql = lambda *_, **__: text
        return there


@dataclass(frozen=True, slots=True)
class _Written:
    rows: QuerySet[Any]
    compiler: SQLCompiler
    text: Text

    def asked(self, numbers: Sequence[int]) -> QuerySet[Any]:
        found = self.rows.all()
        query: Any = found.query.chain(klass=_KeptQuery)
        query.compiler, query.text = self.compiler, self.text.about(numbers)
        # What makes rows of the answer is chosen anew by whoever sets a query of values: tuples would come as dictionaries.
        found.query, found._iterable_class = query, self.rows._iterable_class
        return found


def _write(question: Callable[..., QuerySet[Any]], numbers: int) -> _Written | None:
    """None where no row can answer."""
    rows = question(*BLANKS[:numbers])
    compiler = rows.query.get_compiler(connection=connection)
    try:
        sql, values = compiler.as_sql()
    except EmptyResultSet:
        return None
    return _Written(rows, compiler, text_of(sql, values, numbers=numbers))


def _refuse(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    raise QuestionAskedToWriteError(sql)
