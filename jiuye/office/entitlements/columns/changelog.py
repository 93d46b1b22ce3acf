"""What has changed in the tables that facts are read from: noted by triggers, in the transaction that made the change.

A note holds the table and the row's identifiers (numbers, no names), of the old row and of the new. Which notes a sweep has not seen is
told by PostgreSQL's own snapshots: a note counts as seen only where its transaction was visible when the columns were last read, so that
one that was open then, and committed later with an earlier number, is not missed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from jiuye.office.entitlements.columns.reaching import NAMED, Touch

NOTES = "entitlements_factchange"
# More rows at once than this share of the table are noted as "everything": so many single notes would cost more than they save.
FUNCTION = f"""
CREATE OR REPLACE FUNCTION entitlements_note_change() RETURNS trigger LANGUAGE plpgsql AS $note$
DECLARE
  source text := CASE TG_OP WHEN 'INSERT' THEN 'SELECT * FROM new_rows' WHEN 'DELETE' THEN 'SELECT * FROM old_rows'
    ELSE 'SELECT * FROM old_rows UNION ALL SELECT * FROM new_rows' END;
  number bigint;
  size bigint;
BEGIN
  IF TG_OP <> 'TRUNCATE' THEN
    EXECUTE format('SELECT count(*) FROM (%s) r', source) INTO number;
    IF number = 0 THEN RETURN NULL; END IF;
    SELECT reltuples INTO size FROM pg_class WHERE oid = TG_RELID;
  END IF;
  IF TG_OP = 'TRUNCATE' OR number > greatest(2000, size / 2) THEN
    INSERT INTO {NOTES} (xid, table_name, keys) VALUES (pg_current_xact_id(), TG_TABLE_NAME, NULL);
  ELSE
    EXECUTE format('INSERT INTO {NOTES} (xid, table_name, keys) '
      'SELECT DISTINCT pg_current_xact_id(), %L, jsonb_build_object(%s) FROM (%s) r', TG_TABLE_NAME, TG_ARGV[0], source);
  END IF;
  RETURN NULL;
END $note$
"""
EVENTS = {
    "INSERT": "REFERENCING NEW TABLE AS new_rows",
    "UPDATE": "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "DELETE": "REFERENCING OLD TABLE AS old_rows",
    "TRUNCATE": "",
}
UNSEEN = "n.xid >= pg_snapshot_xmin(%(seen)s::pg_snapshot) AND NOT pg_visible_in_snapshot(n.xid, %(seen)s::pg_snapshot)"
COLUMNS = """SELECT a.attname, t.typname FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
  WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attname"""


def install_triggers(tables: Iterable[str]) -> list[str]:
    """See to it that changes of these tables are noted; returns those whose triggers were missing or older."""
    made = []
    with connection.cursor() as cursor:
        standing = _standing(cursor)
        for table in sorted(tables):
            wanted = _wanted(cursor, table)
            if set(wanted) <= standing.get(table, set()):
                continue
            made.append(table)
            for name in standing.get(table, set()) - set(wanted):
                cursor.execute(f'DROP TRIGGER "{name}" ON "{table}"')
            for name, (event, arguments) in wanted.items():
                cursor.execute(
                    f'CREATE OR REPLACE TRIGGER "{name}" AFTER {event} ON "{table}" {EVENTS[event]} FOR EACH STATEMENT '
                    f"EXECUTE FUNCTION entitlements_note_change({arguments})"
                )
                # Also where a session takes itself for a replica, as bulk loads do to skip triggers.
                cursor.execute(f'ALTER TABLE "{table}" ENABLE ALWAYS TRIGGER "{name}"')
    return made


def unnoted(tables: Iterable[str]) -> list[str]:
    """Tables of which some change would not be noted now: a trigger is missing, older, or switched off."""
    with connection.cursor() as cursor:
        standing = _standing(cursor)
        return sorted(
            table for table in tables if not set(_wanted(cursor, table)) <= standing.get(table, set())
        )


def _standing(cursor: Any) -> dict[str, set[str]]:
    cursor.execute(
        "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc f ON f.oid = t.tgfoid "
        "WHERE f.proname = 'entitlements_note_change' AND t.tgenabled = 'A' ORDER BY 1, 2"
    )
    found: dict[str, set[str]] = {}
    for table, name in cursor.fetchall():
        found.setdefault(table, set()).add(name)
    return found


def _wanted(cursor: Any, table: str) -> dict[str, tuple[str, str]]:
    """Trigger name → (event, arguments). The name holds what is noted, so that an older trigger is told apart."""
    pairs = ", ".join(f"'{column}', r.\"{column}\"" for column, _ in _columns(cursor, table))
    mark = hashlib.sha256(pairs.encode()).hexdigest()[:8]
    argument = "'" + pairs.replace("'", "''") + "'"
    return {f"noted_{event.lower()}_{mark}": (event, argument) for event in EVENTS}


def _columns(cursor: Any, table: str) -> list[tuple[str, str]]:
    """The columns of a table that are noted, with their SQL types."""
    cursor.execute(COLUMNS, [f'"{table}"'])
    return [
        (name, "bigint" if kind in ("int2", "int4", "int8") else "text")
        for name, kind in cursor.fetchall()
        if (kind in ("int2", "int4", "int8", "varchar", "text") and (name == "id" or name.endswith("_id")))
        or name in NAMED
    ]


@dataclass(slots=True)
class Changes:
    """What a snapshot `seen` has not seen, asked of the database in one transaction, and what turns between two days."""

    seen: str
    earlier: date
    later: date

    def tables(self) -> dict[str, tuple[int, bool]]:
        """Table → (unseen notes, whether all of its rows may have changed)."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT n.table_name, count(*), bool_or(n.keys IS NULL) FROM {NOTES} n WHERE {UNSEEN} GROUP BY 1 ORDER BY 1",
                {"seen": self.seen},
            )
            return {table: (number, whole) for table, number, whole in cursor.fetchall()}

    def subjects(self, touch: Touch, *, noted: bool) -> list[int]:
        """Subjects that the unseen notes (where there are any) of a table concern, or one of whose dates is passed between the days."""
        assert touch.path is not None
        with connection.cursor() as cursor:
            columns = _columns(cursor, touch.table)
            queries = [self._noted(touch, columns)] if noted else []
            if touch.turns and self.earlier != self.later:
                queries.append(self._turned(touch, columns))
            if not queries:
                return []
            cursor.execute(
                f"WITH changed AS ({' UNION '.join(queries)}) {_distinct(touch.path)}", {"seen": self.seen}
            )
            return [row[0] for row in cursor.fetchall() if row[0] is not None]

    def _noted(self, touch: Touch, columns: Collection[tuple[str, str]]) -> str:
        selected = ", ".join(f"(n.keys->>'{name}')::{kind} AS \"{name}\"" for name, kind in columns)
        filters = "".join(f" AND n.keys->>'{name}' = '{value}'" for name, value in touch.filters.items())
        return (
            f"SELECT {selected} FROM {NOTES} n WHERE n.table_name = '{touch.table}' AND {UNSEEN}"
            f" AND n.keys IS NOT NULL{filters}"
        )

    def _turned(self, touch: Touch, columns: Collection[tuple[str, str]]) -> str:
        selected = ", ".join(f'r."{name}"::{kind}' for name, kind in columns)
        passed = []
        for column, interval in sorted(touch.turns):
            low, high = (
                f"(DATE '{day}'{f' - interval {chr(39)}{interval}{chr(39)}' if interval else ''})"
                for day in (self.earlier, self.later)
            )
            passed.append(f'r."{column}" BETWEEN {low} AND {high}')
        filters = "".join(f" AND r.\"{name}\" = '{value}'" for name, value in touch.filters.items())
        return f'SELECT {selected} FROM "{touch.table}" r WHERE ({" OR ".join(passed)}){filters}'


def _distinct(path: str) -> str:
    return path.replace("SELECT", "SELECT DISTINCT", 1)


def forget_seen(snapshot: str) -> int:
    """Take out the notes that a snapshot has seen; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {NOTES} n WHERE pg_visible_in_snapshot(n.xid, %s::pg_snapshot)", [snapshot]
        )
        return int(cursor.rowcount)
