"""Questions to the database that are worked out once and asked again and again.

Writing a long question down in SQL takes Python longer than the database takes to answer it, and an officer's pages ask the very same
ones at every visit: the same posts, the same day, the same procedures, only another resident. So the text is kept, with a blank for what
is asked about, and only the answer is new.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import Any, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import QuerySet
from django.db.models.sql import Query
from django.db.models.sql.compiler import SQLCompiler

MOST_KEPT = 512  # of some 20 KB each; the one that was not asked for longest goes
Asked = int | str | date  # what a question may be about
# What stands for it while a question is written down: numbers greater than any key and within eight bytes, words and days that nobody writes.
MOST_BLANKS = 8
BLANKS = tuple(9_100_000_000_000_000_000 + number for number in range(MOST_BLANKS))
_WORDS = tuple(f"\uf8ff{number}\uf8ff" for number in range(MOST_BLANKS))
_DAYS = tuple(date(9998, 2, 1 + number) for number in range(MOST_BLANKS))
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
    """Something that a question is about stands nowhere in its text as it was handed in: about another the text would not be the same."""

    def __init__(self, sql: str) -> None:
        super().__init__(f"Something was handed to this question and is not among its values: {sql}")


@dataclass(frozen=True, slots=True)
class Text:
    """A question in SQL with its values; `blanks` are the places in `values` of what it is about, as (place, which of them)."""

    sql: str
    values: tuple[Any, ...]
    blanks: tuple[tuple[int, int], ...]

    def about(self, asked: Sequence[Asked]) -> tuple[str, list[Any]]:
        """With what is asked about in its places, each of the type that the driver was given when it was written."""
        filled = list(self.values)
        for place, which in self.blanks:
            value = asked[which]
            filled[place] = type(filled[place])(value) if isinstance(value, int) else value
        return self.sql, filled


def blanks_for(about: Sequence[Asked]) -> tuple[Asked, ...]:
    """What stands for each of these while a question is written down, of the same kind."""
    return tuple(_blanks_like(value)[place] for place, value in enumerate(about))


def _blanks_like(value: Asked) -> Sequence[Asked]:
    if isinstance(value, str):
        return _WORDS
    return _DAYS if isinstance(value, date) else BLANKS


def text_of(sql: str, values: Sequence[Any], *, blanks: Sequence[Asked]) -> Text:
    """The text of a question that was written about these blanks. Raises BlankLostError."""
    found = tuple(
        (place, blanks.index(value))
        for place, value in enumerate(values)
        if isinstance(value, int | str | date) and value in blanks
    )
    if {which for _, which in found} != set(range(len(blanks))):
        raise BlankLostError(sql)
    return Text(sql, tuple(values), found)


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
    about: Sequence[Asked] = (),
) -> list[Any]:
    """The rows that answer `question` now, as its query set would bring them.

    `name` is the question's own; `by` is everything that it is made of, and `made_of` the content that it is read from: what was kept
    serves while these are the very same objects. `about` are keys, words and days that differ from one time to the next: the question is
    handed one argument for each, and may do nothing with them but compare them with a column.

    Raises QuestionAskedToWriteError where `question` asks the database itself, BlankLostError where one of them is not in its text.
    """
    blanks = blanks_for(about)
    written = kept((name, by, blanks), made_of, lambda: _write(question, blanks))
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

    def asked(self, about: Sequence[Asked]) -> QuerySet[Any]:
        found = self.rows.all()
        query: Any = found.query.chain(klass=_KeptQuery)
        query.compiler, query.text = self.compiler, self.text.about(about)
        # What makes rows of the answer is chosen anew by whoever sets a query of values: tuples would come as dictionaries.
        found.query, found._iterable_class = query, self.rows._iterable_class
        return found


def _write(question: Callable[..., QuerySet[Any]], blanks: Sequence[Asked]) -> _Written | None:
    """None where no row can answer."""
    rows = question(*blanks)
    compiler = rows.query.get_compiler(connection=connection)
    try:
        sql, values = compiler.as_sql()
    except EmptyResultSet:
        return None
    return _Written(rows, compiler, text_of(sql, values, blanks=blanks))


def _refuse(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    raise QuestionAskedToWriteError(sql)
