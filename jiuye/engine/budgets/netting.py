"""Of policies that cannot be drawn together only the one that the rules would pay is projected (不重复享受).

Each month's verdicts are settled person by person as a case would be (`engine/rules/exclusions`), against each other and against what the
projection has drawn before; whatever falls away is marked NETTED in the verdicts, so that nothing counts it or draws for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path

import duckdb

from jiuye.engine.basis.dates import Interval, period_of
from jiuye.engine.rules.exclusions import Claim, kept_apart, settle
from jiuye.engine.rules.pack import Pack
from jiuye.engine.rules.policies import Policy
from jiuye.engine.rules.sql import quoted
from jiuye.engine.rules.sweep_data import parquet

NETTED = "netted"  # the verdict of whoever would be entitled, were it not for another policy


@dataclass(frozen=True, slots=True)
class Netted:
    """What was left out of one policy in one county because another stays: persons, payments and fen, within the year."""

    policy: str
    instead: str
    county: str
    people: int
    periods: int
    fen: int


class Netting:
    """What is drawn so far by whom, and what fell away. `whose` names the relation from what a policy is counted by to the one it is about."""

    def __init__(
        self,
        duck: duckdb.DuckDBPyConnection,
        pack: Pack,
        policies: Sequence[Policy],
        whose: Mapping[str, str],
        place: Callable[[Policy], tuple[str, str]],
    ) -> None:
        self.duck, self.whose, self.place = duck, whose, place
        known = {policy.id for policy in policies}
        self.apart = {
            policy.id: found
            for policy in policies
            if (
                found := {
                    row.policy_id: row.keep for row in kept_apart(pack, policy.id) if row.policy_id in known
                }
            )
        }
        claim = "policy VARCHAR, subject BIGINT, owner VARCHAR, amount BIGINT, start DATE, until DATE"
        duck.execute(f"CREATE TABLE drawn ({claim})")
        duck.execute(f"CREATE TABLE claims ({claim})")
        duck.execute("CREATE TABLE apart (one VARCHAR, other VARCHAR)")
        duck.execute("CREATE TABLE fallen (policy VARCHAR, subject BIGINT, instead VARCHAR)")
        duck.execute(
            "CREATE TABLE gone (policy VARCHAR, instead VARCHAR, county VARCHAR, owner VARCHAR, amount BIGINT)"
        )
        for one, others in self.apart.items():
            for other in others:
                duck.execute("INSERT INTO apart VALUES (?, ?)", [one, other])

    def settle(
        self, policies: Sequence[Policy], folder: Path, data: Path, day: date, *, once_seen: str, kept: bool
    ) -> None:
        """Settle the verdicts of that day in `folder`. `kept`: what falls away is counted (the day lies in the year).

        `once_seen` is SQL with a place for the policy's id: the subjects whose one payment was counted before.
        """
        ours = [policy for policy in policies if policy.id in self.apart]
        self.duck.execute("DELETE FROM claims")
        self.duck.execute("DELETE FROM fallen")
        for policy in ours:
            self._claim(policy, folder, data, day, once_seen)
        fallen = self._fallen(day)
        if fallen:
            self.duck.execute(
                "INSERT INTO fallen SELECT unnest(?), unnest(?), unnest(?)",
                [[row[number] for row in fallen] for number in range(3)],
            )
            for policy in ours:
                if any(row[0] == policy.id for row in fallen):
                    self._mark(policy, folder, kept)
        self.duck.execute("INSERT INTO drawn SELECT * FROM claims ANTI JOIN fallen USING (policy, subject)")

    def found(self) -> tuple[Netted, ...]:
        """What fell away in the year, by policy, the one that stays, and county."""
        rows = self.duck.execute(
            "SELECT policy, instead, county, count(DISTINCT owner), count(*), sum(amount) FROM gone GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        return tuple(Netted(str(a), str(b), str(c), int(d), int(e), int(f)) for a, b, c, d, e, f in rows)

    def _claim(self, policy: Policy, folder: Path, data: Path, day: date, once_seen: str) -> None:
        """Everyone entitled under the policy for the period of that day, by whom it is about."""
        period = period_of(policy.period, day)
        own, relation = data / f"{policy.entity}.parquet", self.whose.get(policy.entity, "")
        owner, joined = f"'{policy.entity}:' || v.subject", ""
        if relation:
            owner = f"coalesce('one:' || s.{quoted(relation + '_id')}, '{policy.entity}:' || v.subject)"
            joined = f"JOIN {parquet(own)} s ON s.id = v.subject"
        elif policy.entity in self.whose:
            owner = "'one:' || v.subject"
        fresh = (
            f"AND v.subject NOT IN ({once_seen.format(policy=policy.id)})" if policy.period == "once" else ""
        )
        self.duck.execute(
            f"INSERT INTO claims SELECT ?, v.subject, {owner}, v.amount_fen, ?, ? "
            f"FROM {parquet(folder / f'{policy.id}.parquet')} v {joined} WHERE v.verdict = 'yes' {fresh}",
            [policy.id, period.start, period.end],
        )

    def _fallen(self, day: date) -> list[tuple[str, int, str]]:
        """(policy, subject, the policy that stays) of all that falls away: only those who have two that meet are looked at."""
        self.duck.execute(
            """CREATE OR REPLACE TABLE meeting AS
               SELECT DISTINCT a.owner FROM claims a
                 JOIN apart p ON p.one = a.policy
                 JOIN (SELECT policy, owner, until, FALSE AS earlier FROM claims
                       UNION ALL SELECT DISTINCT policy, owner, until, TRUE FROM drawn) b
                   ON b.policy = p.other AND b.owner = a.owner
                WHERE NOT b.earlier OR a.until IS NULL OR b.until IS NULL OR b.until > ?""",
            [day],
        )
        rows = self.duck.execute(
            """SELECT owner, policy, subject, amount, start, until, FALSE FROM claims SEMI JOIN meeting USING (owner)
               UNION ALL
               SELECT owner, policy, subject, max(amount), min(start), max(until), TRUE
                 FROM drawn SEMI JOIN meeting USING (owner) GROUP BY owner, policy, subject
               ORDER BY 1, 2, 3, 7"""
        ).fetchall()
        fallen = []
        for _, own in groupby(rows, key=lambda row: row[0]):
            claims = [
                Claim(policy, subject, amount or 0, Interval(start, until), drawn)
                for _, policy, subject, amount, start, until, drawn in own
            ]
            for claim, instead in settle(claims, self.apart).items():
                fallen.append((claim.policy_id, claim.subject, instead.policy_id))
        return fallen

    def _mark(self, policy: Policy, folder: Path, kept: bool) -> None:
        verdicts, part = folder / f"{policy.id}.parquet", folder / f"{policy.id}.part"
        if kept:
            county, where = self.place(policy)
            self.duck.execute(
                f"INSERT INTO gone SELECT c.policy, f.instead, {county}, c.owner, c.amount "
                f"FROM fallen f JOIN claims c USING (policy, subject) JOIN {parquet(verdicts)} v ON v.subject = c.subject {where} "
                "WHERE c.policy = ?",
                [policy.id],
            )
        self.duck.execute(
            f"COPY (SELECT * REPLACE (CASE WHEN verdict = 'yes' AND subject IN (SELECT subject FROM fallen WHERE policy = '{policy.id}') "
            f"THEN '{NETTED}' ELSE verdict END AS verdict) FROM {parquet(verdicts)}) TO '{part}' (FORMAT parquet)"
        )
        part.replace(verdicts)
