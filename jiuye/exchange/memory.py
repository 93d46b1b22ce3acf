"""What a pretend system remembers: a SQLite file of its own that survives our process, and digests instead of people's data."""

from __future__ import annotations

import hashlib
import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_SALT = "CREATE TABLE IF NOT EXISTS salt (value TEXT NOT NULL);"


@contextmanager
def remembering(
    path: Path, schema: str, unreachable: Callable[[str], Exception]
) -> Iterator[sqlite3.Connection]:
    """A connection to the file, made with its tables where it is not there, inside one transaction.

    What the block did is on the disk when it has ended, or not done. Raises what `unreachable` makes of the reason where the file
    cannot be used.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            os.close(os.open(path, os.O_CREAT, 0o600))
        connection = sqlite3.connect(path, timeout=30, isolation_level=None)
    except (OSError, sqlite3.Error) as error:
        raise unreachable(str(error)) from error
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("BEGIN IMMEDIATE")
        for statement in filter(str.strip, (_SALT + schema).split(";")):
            connection.execute(statement)
        yield connection
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise unreachable(str(error)) from error
    finally:
        connection.close()  # what was not committed is rolled back


def salt_of(connection: sqlite3.Connection) -> str:
    """The salt of this file, made at its first use."""
    row = connection.execute("SELECT value FROM salt").fetchone()
    if row is None:
        row = [secrets.token_hex(16)]
        connection.execute("INSERT INTO salt VALUES (?)", row)
    return str(row[0])


def digest_of(*parts: str) -> str:
    """What is kept of a number, a name or a text: its salt comes first."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
