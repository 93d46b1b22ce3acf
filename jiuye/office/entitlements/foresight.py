"""Keeping what time alone will change: worked out after a sweep for those whose verdict differs on a later day, and for one
subject whenever it is decided again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connection

from jiuye.engine.rules.horizon import Looks, Prospect, changed_subjects, monthly_looks, prospect_of
from jiuye.engine.rules.policies import Policy
from jiuye.engine.rules.rows import Row
from jiuye.office.entitlements.facts.reading import FactReader
from jiuye.office.entitlements.keeping import as_json, few
from jiuye.office.entitlements.rulebook import Rulebook

MONTHS_AHEAD, MONTHS_BEHIND = 6, 3
ROWS_AT_ONCE = 5_000
Recipients = Callable[[str, dict[int, Row], list[Policy], FactReader], dict[tuple[str, int], int]]

COLUMNS = (
    "policy_id", "subject_kind", "subject_key", "recipient_kind", "recipient_id", "kind", "day", "clause", "amount_fen",
    "rule_version", "facts", "decided_on",
)  # fmt: skip
STAGING = """CREATE TEMP TABLE foreseen (
  policy_id text, subject_kind text, subject_key text, recipient_kind text, recipient_id bigint, kind text, day date, clause text,
  amount_fen bigint, rule_version text, facts jsonb, decided_on date
) ON COMMIT DROP"""
INSERT = """
INSERT INTO entitlements_prospect (
  policy_id, subject_kind, subject_key, recipient_kind, person_id, employer_id, division_code, kind, day, clause, amount_fen,
  rule_version, facts, decided_on)
SELECT s.policy_id, s.subject_kind, s.subject_key, s.recipient_kind, p.id, e.id, coalesce(p.residence_division_id, e.division_id),
  s.kind, s.day, s.clause, s.amount_fen, s.rule_version, s.facts, s.decided_on
FROM foreseen s
LEFT JOIN registry_person p ON s.recipient_kind = 'person' AND p.id = s.recipient_id
LEFT JOIN registry_employer e ON s.recipient_kind = 'employer' AND e.id = s.recipient_id
WHERE p.id IS NOT NULL OR e.id IS NOT NULL
"""

GONE = """
DELETE FROM entitlements_prospect p USING unnest(%s::text[], %s::text[]) AS s(kind, key)
WHERE p.subject_kind = s.kind AND p.subject_key = s.key AND p.policy_id = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One prospect with whom it is about."""

    policy: Policy
    key: int
    recipient: int
    prospect: Prospect
    row: Row


def looks_of(on: date) -> Looks:
    """The days that are looked at: each month of the next half-year, and of the last quarter."""
    return monthly_looks(on, MONTHS_AHEAD, MONTHS_BEHIND)


def foresee(
    book: Rulebook,
    policies: Iterable[Policy],
    rows: dict[int, Row],
    recipients: dict[tuple[str, int], int],
    on: date,
) -> list[Foreseen]:
    """The prospects of these subjects under these policies, counted by the same entity."""
    looks = looks_of(on)
    found = []
    for policy in policies:
        timely = book.timely_clauses(policy, looks.window)
        for key, row in rows.items():
            recipient = recipients.get((policy.id, key))
            if recipient is None:
                continue
            prospect = prospect_of(book.decider, policy, row, on, looks, timely)
            if prospect is not None:
                found.append(Foreseen(policy, key, recipient, prospect, row))
    return found


def foresee_everyone(
    book: Rulebook,
    reader: FactReader,
    folder: Path,
    policies: Iterable[str],
    on: date,
    recipients: Recipients,
) -> Iterator[Foreseen]:
    """After a sweep of today in `folder`: the prospects of everyone whose verdict differs on one of the days."""
    changed = changed_subjects(
        book.pack, folder / "columns", folder / "verdicts", folder / "ahead", looks_of(on), policies
    )
    for policy_id, keys in sorted(changed.items()):
        policy = book.pack.policies[policy_id]
        for begin in range(0, len(keys), ROWS_AT_ONCE):
            rows = reader.rows(policy.entity, keys[begin : begin + ROWS_AT_ONCE])
            yield from foresee(book, [policy], rows, recipients(policy.entity, rows, [policy], reader), on)


def replace_prospects(book: Rulebook, found: Iterable[Foreseen], policies: Iterable[str], on: date) -> int:
    """What was foreseen of everyone takes the place of what stood there for these policies. Inside a transaction."""
    count = 0
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM entitlements_prospect WHERE policy_id = ANY(%s)", [sorted(policies)])
        cursor.execute("DROP TABLE IF EXISTS foreseen")
        cursor.execute(STAGING)
        with cursor.copy(f"COPY foreseen ({', '.join(COLUMNS)}) FROM STDIN") as copy:
            for item in found:
                copy.write_row(_values(book, item, on))
                count += 1
        if count:
            cursor.execute(INSERT)
    return count


def replace_prospects_of(
    book: Rulebook, found: list[Foreseen], subjects: dict[str, list[int]], on: date
) -> None:
    """The same for a handful of subjects (keys by entity) under the policies of the pack: two statements."""
    kinds = [kind for kind, keys in subjects.items() for _ in keys]
    keys = [str(key) for keys in subjects.values() for key in keys]
    with connection.cursor() as cursor:
        cursor.execute(GONE, [kinds, keys, sorted(book.pack.policies)])
        if found:
            rows = [dict(zip(COLUMNS, _values(book, item, on), strict=True)) for item in found]
            cursor.execute(f"WITH foreseen AS ({few(STAGING)}) {INSERT}", {"rows": as_json(rows)})


def _values(book: Rulebook, item: Foreseen, on: date) -> tuple[Any, ...]:
    policy, prospect = item.policy, item.prospect
    facts = book.explainer.receipt(policy).of(item.row)
    return (
        policy.id,
        policy.entity,
        str(item.key),
        policy.recipient_entity,
        item.recipient,
        prospect.kind,
        prospect.day,
        prospect.clause,
        prospect.amount_fen,
        policy.version,
        json.dumps(facts, ensure_ascii=False),
        on,
    )
