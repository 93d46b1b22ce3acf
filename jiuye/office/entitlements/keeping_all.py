"""Writing a sweep's decisions into the entitlement table: all policies at once, and only those that are not there already.

What was written last time lies beside the columns. A decision is written again where it differs from that, where its recipient was read
anew, and where the table's row was written since by somebody else; everything else stands as it is.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from django.db import connection

from jiuye.engine.basis.dates import period_of
from jiuye.engine.rules.policies import Policy
from jiuye.engine.rules.sweep_data import parquet
from jiuye.office.entitlements.columns.collecting import Collected
from jiuye.office.entitlements.columns.store import digest
from jiuye.office.entitlements.keeping import COLUMNS, MERGE, STAGING, keeps_near_misses
from jiuye.office.entitlements.models import Sweep

WHEN = ("decided_on", "decided_at")  # may differ without the decision being another
SAME = tuple(name for name in COLUMNS if name not in WHEN)
DECIDED = "CREATE TEMP TABLE decided (policy_id text, period_start date, rule_version text, whole boolean) ON COMMIT DROP"
GONE = "CREATE TEMP TABLE gone (policy_id text, subject_key text) ON COMMIT DROP"
# Whoever stood there for this period and is not among the findings now plainly fails.
TURNED = """
UPDATE entitlements_entitlement o SET verdict = 'no', amount_fen = NULL, failing_clause = '', missing_facts = '[]',
  unknown_bits = 0, decided_on = %(on)s, decided_at = %(at)s, rule_version = d.rule_version, sweep_id = %(sweep)s
FROM decided d
WHERE o.policy_id = d.policy_id AND o.period_start IS NOT DISTINCT FROM d.period_start AND o.verdict <> 'no'
  AND CASE WHEN d.whole
    THEN NOT EXISTS (SELECT 1 FROM staged s WHERE s.policy_id = o.policy_id AND s.subject_key = o.subject_key)
    ELSE EXISTS (SELECT 1 FROM gone g WHERE g.policy_id = o.policy_id AND g.subject_key = o.subject_key) END
"""
# Decided one by one since a sweep wrote them, as happens when a fact changes.
SINCE = """
SELECT o.policy_id, o.subject_key FROM entitlements_entitlement o JOIN decided d ON o.policy_id = d.policy_id
  AND o.period_start IS NOT DISTINCT FROM d.period_start WHERE o.sweep_id IS NULL ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Written:
    """How many decisions there are to keep, and how many of them were sent to the table."""

    kept: int
    sent: int


def keep_all(
    policies: Collection[Policy], verdicts: Path, run: Sweep, at: datetime, work: Path, read: Collected | None
) -> Written:
    """Merge what a sweep found, inside a transaction: yes, unknown and near misses; earlier findings that are gone become a no.

    The decisions are left in `work` for `remember`. `read` says which subjects were read anew; None takes everything for new.
    """
    with duckdb.connect() as duck, connection.cursor() as cursor:
        parts = [_found(policy, verdicts / f"{policy.id}.parquet", run, at) for policy in policies]
        duck.execute(f"CREATE VIEW everyone AS {' UNION ALL '.join(parts)}" if parts else _NOBODY)
        now = work / "kept.parquet"
        duck.execute(f"COPY everyone TO '{now}' (FORMAT parquet)")
        last = _last(read)
        _decided(cursor, policies, run, last)
        sent = _sent(duck, cursor, now, last, read)
        cursor.execute("DROP TABLE IF EXISTS staged")
        cursor.execute(STAGING)
        cursor.execute(GONE)
        _copy(duck, cursor, work, "staged", COLUMNS, f"SELECT {', '.join(COLUMNS)} FROM sent")
        if last is not None:
            _copy(
                duck,
                cursor,
                work,
                "gone",
                ("policy_id", "subject_key"),
                "SELECT policy_id, subject_key FROM gone",
            )
        # Without an index and figures the planner would compare every row with every other.
        cursor.execute("CREATE INDEX ON staged (policy_id, subject_key)")
        cursor.execute("ANALYZE staged")
        cursor.execute(MERGE, {"sweep": run.pk})
        cursor.execute(TURNED, {"on": run.on_date, "at": at, "sweep": run.pk})
        row = duck.execute(f"SELECT count(*) FROM read_parquet('{now}')").fetchone()
    assert row is not None
    return Written(int(row[0]), sent)


def remember(policies: Iterable[Policy], run: Sweep, work: Path, read: Collected) -> None:
    """After the transaction: what was written becomes what the next sweep compares with."""
    target = read.folder / "kept.parquet"
    shutil.move(work / "kept.parquet", target)
    target.chmod(0o600)
    told = {
        "sweep": run.pk,
        "digest": digest(target),
        "policies": {
            policy.id: [policy.version, str(period_of(policy.period, run.on_date).start)]
            for policy in policies
        },
    }
    beside = read.folder / "kept.json.new"
    beside.write_text(json.dumps(told), encoding="utf-8")
    beside.chmod(0o600)
    beside.replace(read.folder / "kept.json")


# --- what is kept


def _found(policy: Policy, verdicts: Path, run: Sweep, at: datetime) -> str:
    """SQL for one policy's decisions that are kept, as `COLUMNS`."""
    period = period_of(policy.period, run.on_date)
    everything = (1 << len(policy.clauses)) - 1
    missing = f"({everything}::BIGINT & ~clause_bits)"
    near = f"(verdict = 'no' AND unknown_bits = 0 AND bit_count({missing}) = 1)"
    failing = " ".join(
        f"WHEN {1 << place} THEN {_text(clause.id)}" for place, clause in enumerate(policy.clauses)
    )
    unknown = ", ".join(
        f"CASE WHEN unknown_bits & {1 << place} <> 0 THEN {_text(json.dumps(f'clause:{clause.id}', ensure_ascii=False))} END"
        for place, clause in enumerate(policy.clauses)
    )
    values = {
        "policy_id": _text(policy.id),
        "subject_kind": _text(policy.entity),
        "subject_key": "CAST(subject AS VARCHAR)",
        "period_start": _day(period.start),
        "period_until": _day(period.end),
        "recipient_kind": _text(policy.recipient_entity),
        "recipient_id": "CAST(recipient AS BIGINT)",
        "claim": _text(policy.claim),
        "verdict": f"CASE WHEN {near} THEN 'near_miss' ELSE verdict END",
        "clause_bits": "clause_bits",
        "unknown_bits": "unknown_bits",
        "failing_clause": f"CASE WHEN {near} THEN CASE {missing} {failing} END ELSE '' END"
        if failing
        else "''",
        "missing_facts": f"'[' || concat_ws(', ', {unknown}) || ']'" if unknown else "'[]'",
        "amount_fen": "amount_fen",
        "rule_version": _text(policy.version),
        "facts": "coalesce(facts, '{}')",
        "decided_on": _day(run.on_date),
        "decided_at": _text(at.isoformat()),
    }
    listed = ", ".join(f"{values[name]} AS {name}" for name in COLUMNS)
    wanted = f"(verdict <> 'no' OR {near})" if keeps_near_misses(policy) else "verdict <> 'no'"
    return f"SELECT {listed} FROM {parquet(verdicts)} WHERE recipient IS NOT NULL AND {wanted}"


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _day(day: Any) -> str:
    return "CAST(NULL AS DATE)" if day is None else f"DATE '{day}'"


_NOBODY = (
    "CREATE VIEW everyone AS SELECT " + ", ".join(f"NULL AS {name}" for name in COLUMNS) + " WHERE FALSE"
)


# --- what is sent


@dataclass(frozen=True, slots=True)
class _Last:
    path: Path
    policies: dict[str, list[str]]


def _last(read: Collected | None) -> _Last | None:
    """What the last sweep wrote; None where it is not certain that the table still says so."""
    if read is None or read.before is None or "" in read.whole:
        return None
    path = read.before / "kept.parquet"
    try:
        told = json.loads((read.before / "kept.json").read_text(encoding="utf-8"))
        if digest(path) != told["digest"]:
            return None
    except (OSError, ValueError, KeyError):
        return None
    earlier = Sweep.objects.filter(state="done").order_by("-pk").values_list("pk", flat=True).first()
    return _Last(path, told["policies"]) if earlier == told["sweep"] else None


def _decided(cursor: Any, policies: Collection[Policy], run: Sweep, last: _Last | None) -> None:
    """What was decided, by policy; `whole` where there is nothing to compare with."""
    cursor.execute("DROP TABLE IF EXISTS decided")
    cursor.execute("DROP TABLE IF EXISTS gone")
    cursor.execute(DECIDED)
    for policy in policies:
        start = period_of(policy.period, run.on_date).start
        whole = last is None or last.policies.get(policy.id) != [policy.version, str(start)]
        cursor.execute(
            "INSERT INTO decided VALUES (%s, %s, %s, %s)", [policy.id, start, policy.version, whole]
        )


def _sent(
    duck: duckdb.DuckDBPyConnection, cursor: Any, now: Path, last: _Last | None, read: Collected | None
) -> int:
    """Make the tables `sent` and `gone`; the number of decisions sent."""
    if last is None or read is None:
        duck.execute(f"CREATE VIEW sent AS SELECT * FROM read_parquet('{now}')")
        row = duck.execute("SELECT count(*) FROM sent").fetchone()
    else:
        cursor.execute(SINCE)
        since = cursor.fetchall()
        duck.register("since", pa.table({
            "policy_id": pa.array([row[0] for row in since], pa.string()),
            "subject_key": pa.array([row[1] for row in since], pa.string()),
        }))  # fmt: skip
        anew = []
        for kind in ("person", "employer"):
            keys = read.keys.get(kind)
            duck.register(f"anew_{kind}", pa.table({"id": pa.array(keys or [], pa.int64())}))
            inside = "TRUE" if keys is None else f"n.recipient_id IN (SELECT id FROM anew_{kind})"
            anew.append(f"(n.recipient_kind = '{kind}' AND {inside})")
        other = " OR ".join(f"n.{name} IS DISTINCT FROM l.{name}" for name in SAME)
        key = "n.policy_id = l.policy_id AND n.subject_key = l.subject_key"
        duck.execute(
            f"CREATE TABLE sent AS SELECT n.* FROM read_parquet('{now}') n LEFT JOIN read_parquet('{last.path}') l ON {key} "
            f"WHERE l.policy_id IS NULL OR {other} OR {' OR '.join(anew)} "
            "OR (n.policy_id, n.subject_key) IN (SELECT policy_id, subject_key FROM since)"
        )
        duck.execute(
            f"CREATE TABLE gone AS SELECT policy_id, subject_key FROM (SELECT policy_id, subject_key FROM read_parquet('{last.path}') "
            f"UNION SELECT policy_id, subject_key FROM since) l ANTI JOIN read_parquet('{now}') n USING (policy_id, subject_key)"
        )
        row = duck.execute("SELECT count(*) FROM sent").fetchone()
    assert row is not None
    return int(row[0])


def _copy(
    duck: duckdb.DuckDBPyConnection, cursor: Any, work: Path, table: str, columns: Iterable[str], query: str
) -> None:
    """Rows of a query into a table of the database."""
    path = work / f"{table}.csv"
    duck.execute(f"COPY ({query}) TO '{path}' (FORMAT csv, HEADER false, NULLSTR '\\N')")
    with (
        path.open("rb") as file,
        cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT csv, NULL '\\N')") as copy,
    ):
        while block := file.read(1 << 20):
            copy.write(block)
    path.unlink()
