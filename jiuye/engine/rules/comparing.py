"""Two sets of verdicts of one policy held side by side: what became of each subject, and which clause made it so.

What becomes of a subject (`MOVES`): `newly` and `gone` turn to or from entitled, `more` and `less` stay entitled with another
amount, `unsure` and `cleared` turn to or from "cannot tell" without being entitled before or after, `same` is everyone else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from jiuye.engine.rules.columns import DUCKDB
from jiuye.engine.rules.groupings import Grouping, column_of
from jiuye.engine.rules.pack import in_force
from jiuye.engine.rules.policies import Policy
from jiuye.engine.rules.sql import quoted
from jiuye.engine.rules.sweep_data import parquet

GAINS = ("newly", "more")
LOSSES = ("gone", "less")
MOVES = (*GAINS, *LOSSES, "unsure", "cleared", "same")
# What decides a difference where no single clause does.
SEVERAL, AMOUNT, IN_FORCE = "several", "amount", "in_force"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One policy before and after; a side that does not have it has neither policy nor verdicts."""

    before: Policy | None
    after: Policy | None
    verdicts_before: Path | None
    verdicts_after: Path | None
    groupings: Sequence[Grouping]
    on: date

    @property
    def policy(self) -> Policy:
        """The policy as the draft has it, else as it is today."""
        policy = self.after or self.before
        assert policy is not None
        return policy


def compare(connection: duckdb.DuckDBPyConnection, comparison: Comparison) -> dict[str, Any]:
    """The policy's part of a simulation: `totals`, `moves`, `clauses`, `groups` as plain data; amounts in fen."""
    policy = comparison.policy
    connection.execute(f"CREATE OR REPLACE TEMP TABLE compared AS {_sides(comparison)}")
    return {
        "policy": policy.id,
        "name": policy.label,
        "name_en": policy.label_en,
        "fund": policy.fund,
        "period": policy.period,
        "entity": policy.entity,
        "service": policy.amount is None,
        "effect": policy.effect,
        "version_before": comparison.before.version if comparison.before is not None else "",
        "version_after": comparison.after.version if comparison.after is not None else "",
        "totals": _totals(connection),
        "moves": _moves(connection),
        "clauses": _clauses(connection, comparison),
        "groups": {grouping.id: _group(connection, policy, grouping) for grouping in comparison.groupings},
    }


def _sides(comparison: Comparison) -> str:
    """SQL: a row a subject with verdict and amount of both sides, what became of it, and what decides the difference."""
    move = (
        "CASE WHEN va = 'yes' AND vb <> 'yes' THEN 'newly' WHEN vb = 'yes' AND va <> 'yes' THEN 'gone' "
        "WHEN va = 'yes' AND fa > fb THEN 'more' WHEN va = 'yes' AND fa < fb THEN 'less' "
        "WHEN va = 'unknown' AND vb = 'no' THEN 'unsure' WHEN va = 'no' AND vb = 'unknown' THEN 'cleared' ELSE 'same' END"
    )
    return (
        f"SELECT subject, vb, va, fb, fa, move, CASE WHEN move IN ('more', 'less') THEN '{AMOUNT}' "
        f"ELSE {_deciding(comparison)} END AS decides FROM (SELECT *, {move} AS move FROM ("
        "SELECT coalesce(b.subject, a.subject) AS subject, coalesce(b.verdict, 'no') AS vb, coalesce(a.verdict, 'no') AS va, "
        "coalesce(b.amount_fen, 0) AS fb, coalesce(a.amount_fen, 0) AS fa, coalesce(b.clause_bits, 0) AS hb, "
        "coalesce(b.unknown_bits, 0) AS ub, coalesce(a.clause_bits, 0) AS ha, coalesce(a.unknown_bits, 0) AS ua "
        f"FROM {_rows(comparison.verdicts_before)} b FULL JOIN {_rows(comparison.verdicts_after)} a USING (subject)))"
    )


def _rows(path: Path | None) -> str:
    if path is None:
        return (
            "(SELECT NULL::BIGINT AS subject, NULL::VARCHAR AS verdict, NULL::BIGINT AS amount_fen, "
            "NULL::BIGINT AS clause_bits, NULL::BIGINT AS unknown_bits WHERE FALSE)"
        )
    return parquet(path)


def _deciding(comparison: Comparison) -> str:
    """SQL for the one clause whose verdict differs, or a word for several, for the amount alone, for not being in force."""
    sides = (comparison.before, comparison.after)
    if any(policy is None or not in_force(policy, comparison.on) for policy in sides):
        return f"'{IN_FORCE}'"
    differ = [
        f"(CASE WHEN {_state(comparison.before, name, 'hb', 'ub')} <> {_state(comparison.after, name, 'ha', 'ua')} "
        f"THEN [{DUCKDB.string(name)}] ELSE []::VARCHAR[] END)"
        for name in _clause_ids(comparison)
    ]
    names = " || ".join(differ) or "[]::VARCHAR[]"
    return f"(CASE len({names}) WHEN 0 THEN '{AMOUNT}' WHEN 1 THEN ({names})[1] ELSE '{SEVERAL}' END)"


def _state(policy: Policy | None, clause_id: str, held: str, unknown: str) -> str:
    """2 where the clause holds (also where there is none), 1 where it cannot be told, 0 where it fails."""
    ids = [clause.id for clause in policy.clauses] if policy is not None else []
    if clause_id not in ids:
        return "2"
    bit = 1 << ids.index(clause_id)
    return f"(CASE WHEN {held} & {bit}::BIGINT <> 0 THEN 2 WHEN {unknown} & {bit}::BIGINT <> 0 THEN 1 ELSE 0 END)"


def _clause_ids(comparison: Comparison) -> list[str]:
    """The clauses of the draft in their order, then those that it has no more."""
    after = [clause.id for clause in comparison.after.clauses] if comparison.after is not None else []
    before = [clause.id for clause in comparison.before.clauses] if comparison.before is not None else []
    return after + [name for name in before if name not in after]


def _totals(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    row = connection.execute(
        "SELECT count(*), coalesce(sum(fb), 0), coalesce(sum(fa), 0), "
        + ", ".join(
            f"count(*) FILTER ({side} = '{verdict}')"
            for side in ("vb", "va")
            for verdict in ("yes", "unknown", "no")
        )
        + " FROM compared"
    ).fetchone()
    assert row is not None
    subjects, before_fen, after_fen, *counts = (int(value) for value in row)
    return {
        "subjects": subjects,
        "before": dict(zip(("yes", "unknown", "no"), counts[:3], strict=True)) | {"amount_fen": before_fen},
        "after": dict(zip(("yes", "unknown", "no"), counts[3:], strict=True)) | {"amount_fen": after_fen},
    }


def _moves(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, int]]:
    """By what became of them: how many, and by how much their amounts differ together."""
    rows = connection.execute(
        "SELECT move, count(*), coalesce(sum(fa - fb), 0) FROM compared GROUP BY move"
    ).fetchall()
    found = {name: {"count": 0, "fen": 0} for name in MOVES}
    found.update({name: {"count": int(count), "fen": int(fen)} for name, count, fen in rows})
    return found


def _moved(policy: Policy) -> str:
    """SQL: how many are better off and by how much, how many worse off and by how much. Of a duty, who owes less is better off."""
    gains, losses, difference = GAINS, LOSSES, "fa - fb"
    if policy.effect == "duty":
        gains, losses, difference = LOSSES, GAINS, "fb - fa"
    return ", ".join(
        f"count(*) FILTER (move IN {moves}), coalesce(sum({difference}) FILTER (move IN {moves}), 0)"
        for moves in (gains, losses)
    )


_MOVED_NAMES = ("gain", "gain_fen", "lose", "lose_fen")


def _clauses(connection: duckdb.DuckDBPyConnection, comparison: Comparison) -> list[dict[str, Any]]:
    """What decides the difference, for those who gain or lose; in the order of the clauses, what is no clause last."""
    found = {
        row[0]: [int(value) for value in row[1:]]
        for row in connection.execute(
            f"SELECT decides, {_moved(comparison.policy)} FROM compared WHERE move IN ('newly', 'more', 'gone', 'less') GROUP BY decides"
        ).fetchall()
    }
    words = {}
    for policy in (comparison.before, comparison.after):
        if policy is not None:
            words.update({clause.id: (clause.says, clause.says_en) for clause in policy.clauses})
    return [
        {
            "id": name,
            "says": words.get(name, ("", ""))[0],
            "says_en": words.get(name, ("", ""))[1],
            **dict(zip(_MOVED_NAMES, found[name], strict=True)),
        }
        for name in [*_clause_ids(comparison), SEVERAL, AMOUNT, IN_FORCE]
        if name in found
    ]


def _group(connection: duckdb.DuckDBPyConnection, policy: Policy, grouping: Grouping) -> list[dict[str, Any]]:
    """By member of one grouping: entitled and due before and after, who gains and who loses. Empty groups are left out."""
    column = quoted(column_of(grouping))
    rows = {
        row[0]: [int(value) for value in row[1:]]
        for row in connection.execute(
            f"SELECT coalesce(g.{column}, ''), count(*) FILTER (vb = 'yes'), count(*) FILTER (va = 'yes'), "
            f"coalesce(sum(fb), 0), coalesce(sum(fa), 0), {_moved(policy)} "
            f"FROM compared c LEFT JOIN {quoted('groups_' + policy.entity)} g USING (subject) GROUP BY 1"
        ).fetchall()
    }
    names = ("before", "after", "before_fen", "after_fen", *_MOVED_NAMES)
    return [
        {
            "key": member.key,
            "label": member.label,
            "label_en": member.label_en,
            **dict(zip(names, rows[member.key], strict=True)),
        }
        for member in grouping.members
        if any(rows.get(member.key, ()))
    ]
