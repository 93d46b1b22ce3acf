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
        for key, row in rows.items():
            recipient = recipients.get((policy.id, key))
            if recipient is None:
                continue
            prospect = prospect_of(book.decider, policy, row, on, looks)
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


def replace_prospects(
    book: Rulebook,
    found: Iterable[Foreseen],
    policies: Iterable[str],
    on: date,
    subjects: Iterable[int] | None = None,
) -> int:
    """What was foreseen takes the place of what stood there for these policies (and, where given, these subjects). Inside a
    transaction."""
    names = sorted(policies)
    count = 0
    with connection.cursor() as cursor:
        if subjects is None:
            cursor.execute("DELETE FROM entitlements_prospect WHERE policy_id = ANY(%s)", [names])
        else:
            cursor.execute(
                "DELETE FROM entitlements_prospect WHERE policy_id = ANY(%s) AND subject_key = ANY(%s)",
                [names, [str(key) for key in subjects]],
            )
        cursor.execute("DROP TABLE IF EXISTS foreseen")
        cursor.execute(STAGING)
        with cursor.copy(f"COPY foreseen ({', '.join(COLUMNS)}) FROM STDIN") as copy:
            for item in found:
                copy.write_row(_values(book, item, on))
                count += 1
        if count:
            cursor.execute(INSERT)
    return count


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
