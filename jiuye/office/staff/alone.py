"""Being the only process at some work: an advisory lock of a database session, which a killed process loses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection


def being_worked_on(lock_class: int) -> set[int]:
    """The numbers of that class that some process works on now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND objsubid = 2 AND granted "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            [lock_class],
        )
        return {int(number) for (number,) in cursor.fetchall()}


@contextmanager
def alone_with(
    lock_class: int, number: int, *, session: Any = connection, wait: bool = False
) -> Iterator[bool]:
    """True with the lock of that class and number (below 2³¹) held by the session; False where another one holds it. With `wait` it is waited
    for."""
    with session.cursor() as cursor:
        if wait:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [lock_class, number])
        else:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [lock_class, number])
        ours = wait or bool(cursor.fetchone()[0])
    try:
        yield ours
    finally:
        if ours:
            with session.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [lock_class, number])
