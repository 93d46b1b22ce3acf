"""What went wrong below us and can be said in one sentence: the database does not answer, the disk is full, or two acts waited for each other. Read from an error and what
caused it; needs no application, so that the command line asks here as well before there is any."""

from __future__ import annotations

import errno
from collections.abc import Iterator

import psycopg

DISK_FULL = "53100"
# Connection exceptions, and the server being shut down, crashing or starting (PostgreSQL manual, appendix A).
GONE = ("08", "57P")
# Deadlock, serialization failure, a lock that was not to be had in time: the database undid the one, and the other went on.
CLASHED = ("40P01", "40001", "55P03")


def is_disk_full(error: BaseException) -> bool:
    """True where the disk ran full, whoever said so: the operating system or PostgreSQL (53100)."""
    return any(
        (isinstance(seen, OSError) and seen.errno in (errno.ENOSPC, errno.EDQUOT))
        or getattr(seen, "sqlstate", None) == DISK_FULL
        for seen in _causes(error)
    )


def is_database_gone(error: BaseException) -> bool:
    """True where the connection to the database ended or could not be made. What the request had asked it to keep last may be kept or not."""
    return any(
        isinstance(seen, psycopg.OperationalError | psycopg.InterfaceError)
        and (seen.sqlstate is None or seen.sqlstate.startswith(GONE))
        for seen in _causes(error)
    )


def is_clash(error: BaseException) -> bool:
    """True where the database undid this act because another one held what it needed: nothing of it was kept, and it can be done again."""
    return any(getattr(seen, "sqlstate", None) in CLASHED for seen in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__
