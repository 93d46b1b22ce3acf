"""Writing decisions into the entitlement table: what changed is updated, what no longer holds becomes a no."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from jiuye.engine.basis.dates import Interval, period_of
from jiuye.engine.rules.explain import Explanation
from jiuye.engine.rules.policies import Policy

COLUMNS = (
    "policy_id",
    "subject_kind",
    "subject_key",
    "period_start",
    "period_until",
    "recipient_kind",
    "recipient_id",
    "claim",
    "verdict",
    "clause_bits",
    "unknown_bits",
    "failing_clause",
    "missing_facts",
    "amount_fen",
    "rule_version",
    "facts",
    "decided_on",
    "decided_at",
)

STAGING = """CREATE TEMP TABLE staged (
  policy_id text, subject_kind text, subject_key text, period_start date, period_until date, recipient_kind text,
  recipient_id bigint, claim text, verdict text, clause_bits bigint, unknown_bits bigint, failing_clause text,
  missing_facts jsonb, amount_fen bigint, rule_version text, facts jsonb, decided_on date, decided_at timestamptz
) ON COMMIT DROP"""

# Rows whose recipient is not on record are left out: there is nobody to tell and nobody to pay.
MERGE = """
INSERT INTO entitlements_entitlement (
  policy_id, subject_kind, subject_key, period_start, period_until, recipient_kind, person_id, employer_id, division_code,
  claim, verdict, clause_bits, unknown_bits, failing_clause, missing_facts, amount_fen, rule_version, facts, decided_on,
  decided_at, sweep_id)
SELECT s.policy_id, s.subject_kind, s.subject_key, s.period_start, s.period_until, s.recipient_kind,
  p.id, e.id, coalesce(p.residence_division_id, e.division_id), s.claim, s.verdict, s.clause_bits, s.unknown_bits,
  s.failing_clause, s.missing_facts, s.amount_fen, s.rule_version, s.facts, s.decided_on, s.decided_at, %(sweep)s
FROM staged s
LEFT JOIN registry_person p ON s.recipient_kind = 'person' AND p.id = s.recipient_id
LEFT JOIN registry_employer e ON s.recipient_kind = 'employer' AND e.id = s.recipient_id
WHERE (p.id IS NOT NULL OR e.id IS NOT NULL) AND (s.verdict <> 'no' OR EXISTS (
  SELECT 1 FROM entitlements_entitlement o WHERE o.policy_id = s.policy_id AND o.subject_key = s.subject_key
  AND o.period_start IS NOT DISTINCT FROM s.period_start))
ON CONFLICT (policy_id, subject_key, period_start) DO UPDATE SET
  verdict = excluded.verdict, clause_bits = excluded.clause_bits, unknown_bits = excluded.unknown_bits,
  failing_clause = excluded.failing_clause, missing_facts = excluded.missing_facts, amount_fen = excluded.amount_fen,
  rule_version = excluded.rule_version, facts = excluded.facts, decided_on = excluded.decided_on,
  decided_at = excluded.decided_at, sweep_id = excluded.sweep_id, person_id = excluded.person_id,
  employer_id = excluded.employer_id, division_code = excluded.division_code, claim = excluded.claim
WHERE (entitlements_entitlement.verdict, entitlements_entitlement.clause_bits, entitlements_entitlement.unknown_bits,
       entitlements_entitlement.amount_fen, entitlements_entitlement.rule_version, entitlements_entitlement.facts,
       entitlements_entitlement.division_code)
  IS DISTINCT FROM (excluded.verdict, excluded.clause_bits, excluded.unknown_bits, excluded.amount_fen,
       excluded.rule_version, excluded.facts, excluded.division_code)
"""

GONE = """
UPDATE entitlements_entitlement SET verdict = 'no', amount_fen = NULL, failing_clause = '', missing_facts = '[]',
  unknown_bits = 0, decided_on = %(on)s, decided_at = %(at)s, sweep_id = NULL
WHERE subject_kind = %(kind)s AND subject_key = ANY(%(keys)s) AND verdict <> 'no'
"""


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision ready to be kept: the values of `COLUMNS`."""

    values: tuple[Any, ...]


def keeps_near_misses(policy: Policy) -> bool:
    """False for what is counted by an employer's hires, births and trainees: their narrow misses are nobody's to mend.

    A hire does not become one of somebody hard to employ, and a large firm has hundreds. What time will mend is a prospect.
    """
    return policy.recipient_entity != "employer" or policy.entity == "employer"


def kept_row(
    policy: Policy, key: int, recipient: int | None, explanation: Explanation, at: datetime
) -> Decided:
    """One explained decision as a row."""
    held = unknown = 0
    for position, result in enumerate(explanation.clauses):
        held |= (result.verdict == "yes") << position
        unknown |= (result.verdict == "unknown") << position
    near = explanation.near_miss if keeps_near_misses(policy) else None
    verdict = "near_miss" if near is not None else explanation.verdict
    missing = [item.path for item in explanation.missing]
    return Decided(
        _values(
            policy,
            str(key),
            recipient,
            period_of(policy.period, explanation.on),
            verdict,
            held,
            unknown,
            near.clause.id if near is not None else "",
            missing,
            explanation.amount_fen,
            json.dumps(explanation.facts, ensure_ascii=False),
            explanation.on,
            at,
        )
    )


def keep_rows(decided: list[Decided]) -> None:
    """Merge a handful of decisions, in one statement; a plain no is written only where something stood before."""
    rows = [dict(zip(COLUMNS, row.values, strict=True)) for row in decided if row.values[6] is not None]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(f"WITH staged AS ({few(STAGING)}) {MERGE}", {"rows": as_json(rows), "sweep": None})


def few(staging: str) -> str:
    """A SELECT of the rows of such a temporary table out of the parameter `rows`: a table for a few rows costs more than they do."""
    columns = [
        part.split() for part in staging[staging.index("(") + 1 : staging.rindex(")")].split(",")
    ]  # (name, type)
    # Texts of JSON stay texts until they are read into their column.
    declared = ", ".join(f"{name} {'text' if kind == 'jsonb' else kind}" for name, kind in columns)
    selected = ", ".join(f"{name}::jsonb AS {name}" if kind == "jsonb" else name for name, kind in columns)
    return f"SELECT {selected} FROM json_to_recordset(%(rows)s::json) AS r({declared})"


def as_json(rows: list[dict[str, Any]]) -> str:
    """Rows as PostgreSQL reads them back: days and moments in ISO's form."""
    return json.dumps(rows, ensure_ascii=False, default=lambda value: value.isoformat())


def forget_gone(entity: str, keys: list[int], on: date, at: datetime) -> None:
    """Subjects that are on record no more: what was found of them becomes a no, and nothing is foreseen of them."""
    if not keys:
        return
    texts = [str(key) for key in keys]
    with connection.cursor() as cursor:
        cursor.execute(GONE, {"kind": entity, "keys": texts, "on": on, "at": at})
        cursor.execute(
            "DELETE FROM entitlements_prospect WHERE subject_kind = %s AND subject_key = ANY(%s)",
            [entity, texts],
        )


def _values(
    policy: Policy,
    key: str,
    recipient: Any,
    period: Interval,
    verdict: str,
    held: int,
    unknown: int,
    failing: str,
    missing: list[str],
    amount: int | None,
    facts: str,
    on: date,
    at: datetime,
) -> tuple[Any, ...]:
    return (
        policy.id,
        policy.entity,
        key,
        period.start,
        period.end,
        policy.recipient_entity,
        recipient,
        policy.claim,
        verdict,
        held,
        unknown,
        failing,
        json.dumps(missing, ensure_ascii=False),
        amount,
        policy.version,
        facts,
        on,
        at,
    )
