"""Statements planned once a connection: the facts of one subject take PostgreSQL longer to plan than to find.

The plan is a general one, good for a few keys, which every connection keeps (`plan_cache_mode` in `config/postgres.py`). Where
connections are shared behind a pooler (`DISABLE_SERVER_SIDE_CURSORS`, as Django calls that), nothing is prepared.
"""

from __future__ import annotations

import hashlib
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection

MOST_KEYS = 100  # for more keys than these their own plan is worth its time
MOST_KEPT = 160  # statements a connection keeps, some hundred kilobytes each; a policy reads by two or three, and a new day brings new texts

_prepared: WeakKeyDictionary[Any, dict[str, None]] = (
    WeakKeyDictionary()
)  # connection → names, the oldest first


def fetch(sql: str, keys: list[int]) -> list[tuple[Any, ...]]:
    """The rows of a text whose placeholders, where it has several, all take the same list of keys."""
    plain = connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS") or len(keys) > MOST_KEYS
    with connection.cursor() as cursor:
        if plain:
            cursor.execute(sql.replace("%s", "%(keys)s"), {"keys": keys})
        else:
            cursor.execute(f"EXECUTE {_name(cursor, sql)}(%s::bigint[])", [keys])
        return list(cursor.fetchall())


def _name(cursor: Any, sql: str) -> str:
    """The name of the statement on this connection, prepared where it is not yet. It outlives a transaction that is taken back."""
    name = "facts_" + hashlib.sha256(sql.encode()).hexdigest()[:24]
    names = _prepared.setdefault(connection.connection, {})
    if name not in names:
        while len(names) >= MOST_KEPT:
            oldest = next(iter(names))
            cursor.execute(f"DEALLOCATE {oldest}")
            del names[oldest]
        cursor.execute(f"PREPARE {name}(bigint[]) AS {sql.replace('%s', '$1')}")
        names[name] = None
    return name
