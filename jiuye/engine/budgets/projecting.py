"""The sweep projected over the months of a year: who on record would be entitled in each month, by policy and county.

Each month is decided by the rules of that month on the facts of the day they were read. Time moves, and with it ages, ends and terms; what
is drawn meanwhile is added to the facts that count it (`Draw`), so that who reaches the end of a term falls out. Of policies that cannot
be drawn together one is counted (`netting`). Nobody is born, hired or registered in it: those who are not there yet are an assumption (`reckoning`), and those of whom it cannot be told are counted apart.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb

from jiuye.engine.basis.dates import add_months, month_index, period_of
from jiuye.engine.budgets.content import Draw
from jiuye.engine.budgets.netting import NETTED, Netted, Netting
from jiuye.engine.rules.engines import fastest
from jiuye.engine.rules.pack import Pack, in_force
from jiuye.engine.rules.policies import Policy
from jiuye.engine.rules.sql import quoted
from jiuye.engine.rules.sweep import sweep
from jiuye.engine.rules.sweep_data import parquet

MONTHS = 12
NOT_KNOWN = ""  # the county of those whose place no register knows


@dataclass(slots=True)
class Projected:
    """One policy in one county. Counts are subjects, amounts fen; `months` has twelve pairs of (decided yes, their amounts).

    Of what is paid once, a subject stands in the first month in which it is entitled; who is entitled before the year begins stands in
    `waiting` instead. `standing` are those entitled on the day of the facts, `newcomers` those of them who were not twelve months before by
    what was on record of that day.
    `unknown` is the largest number in any month of whom it cannot be told.
    """

    policy: str
    county: str
    months: list[tuple[int, int]] = field(default_factory=lambda: [(0, 0)] * MONTHS)
    standing: int = 0
    standing_fen: int = 0
    newcomers: int = 0
    waiting: int = 0
    waiting_fen: int = 0
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class Projection:
    """Every policy and county with anyone in it; the policies that no period of the year is in force for; those nobody is on record for.

    `measured` are the policies whose newcomers could be told: in force twelve months before, with facts of that day. `netted` is what the
    year's months leave out because another policy stays; it is in none of the rows.
    """

    on: date
    year: int
    rows: tuple[Projected, ...]
    not_in_force: tuple[str, ...]
    nobody: tuple[str, ...]
    measured: frozenset[str]
    netted: tuple[Netted, ...] = ()


def project(
    pack: Pack,
    data: Path,
    work: Path,
    *,
    on: date,
    year: int,
    policies: Sequence[str],
    places: Mapping[str, str],
    draws: Mapping[str, Sequence[Draw]] | None = None,
    whose: Mapping[str, str] | None = None,
    earlier: Path | None = None,
    progress: Callable[[str], None] = lambda what: None,
) -> Projection:
    """Project these policies over the twelve months of `year`, which begins after `on`, from the columns in `data`.

    `earlier` holds the columns of twelve months before `on`: without them nobody is told to have started meanwhile. `places` names the fact that holds the county of each entity that receives, `whose` the relation from
    an entity to the one that its benefits are about (empty: itself). `work` takes verdicts and changed columns and may be
    thrown away. Raises what the sweep raises (SweepDataError, SweepFailedError); nothing is kept then.
    """
    known = [pack.policies[name] for name in policies]
    nobody = [policy.id for policy in known if not (data / f"{policy.entity}.parquet").exists()]
    run = _Run(pack, data, earlier, work, on, date(year, 1, 1), places, draws or {}, whose or {}, progress)
    run.go([policy for policy in known if policy.id not in nobody])
    firsts = [add_months(run.first, ahead) for ahead in range(MONTHS)]
    ended = [policy.id for policy in known if not any(in_force(policy, day) for day in firsts)]
    rows = tuple(row for key in sorted(run.rows) if _says_something(row := run.rows[key]))
    return Projection(on, year, rows, tuple(ended), tuple(nobody), frozenset(run.measured), run.netted)


def _says_something(row: Projected) -> bool:
    return any((*(count for count, _ in row.months), row.standing, row.waiting, row.unknown))


class _Run:
    """One projection: the rows by (policy, county), and the columns as the drawing so far has left them."""

    def __init__(
        self,
        pack: Pack,
        data: Path,
        earlier: Path | None,
        work: Path,
        on: date,
        first: date,
        places: Mapping[str, str],
        draws: Mapping[str, Sequence[Draw]],
        whose: Mapping[str, str],
        progress: Callable[[str], None],
    ) -> None:
        self.pack, self.source, self.work, self.on, self.first = pack, data, work, on, first
        self.earlier = earlier
        self.places, self.draws, self.whose, self.progress = places, draws, whose, progress
        self.netted: tuple[Netted, ...] = ()
        self.rows: dict[tuple[str, str], Projected] = {}
        self.measured: set[str] = set()
        self.data = work / "columns"
        self.duck = duckdb.connect()

    def go(self, policies: Sequence[Policy]) -> None:
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(parents=True)
        for path in sorted(self.source.glob("*.parquet")):
            (self.data / path.name).symlink_to(path.resolve())  # replaced where drawing changes it
        with self.duck:
            self.netting = Netting(self.duck, self.pack, policies, self.whose, self._place)
            self._today(policies)
            day = add_months(self.on.replace(day=1), 1)
            while day < add_months(self.first, MONTHS):
                self._month([policy for policy in policies if _decided_on(policy, day)], day)
                day = add_months(day, 1)
            self.netted = self.netting.found()

    def _today(self, policies: Sequence[Policy]) -> None:
        """Who is entitled on the day of the facts, and who of them was not twelve months before."""
        before = self._year_before(policies)
        folder = self._decide(policies, self.on, self.data)
        for policy in policies:
            if policy.period == "once":
                self.duck.execute(f"CREATE TABLE {_seen(policy)} (subject BIGINT)")
        self._net(policies, folder, self.on)
        yes = "v.verdict = 'yes'"
        for policy in policies:
            new, joined = "FALSE", ""
            if before is not None and policy.id in self.measured:
                joined = f"LEFT JOIN {parquet(before / f'{policy.id}.parquet')} b ON b.subject = v.subject"
                new = "coalesce(b.verdict, 'no') = 'no'"
            numbers = (
                f"count(*) FILTER ({yes}), coalesce(sum(v.amount_fen) FILTER ({yes}), 0), "
                f"count(*) FILTER ({yes} AND {new})"
            )
            for county, count, fen, newcomers in self._counted(policy, folder, numbers, joined):
                row = self._row(policy, county)
                row.standing, row.standing_fen, row.newcomers = count, fen, newcomers
            if policy.period == "once":
                verdicts = parquet(folder / f"{policy.id}.parquet")
                self.duck.execute(
                    f"INSERT INTO {_seen(policy)} SELECT subject FROM {verdicts} WHERE verdict IN ('yes', '{NETTED}')"
                )
                for row in self._rows_of(policy):
                    row.waiting, row.waiting_fen = row.standing, row.standing_fen
        # What is decided for the period under way is drawn for it.
        self._draw([policy for policy in policies if policy.period != "once"], folder)

    def _year_before(self, policies: Sequence[Policy]) -> Path | None:
        """The verdicts of twelve months before, on the facts of that day; of policies that were in force, where their subjects are on record."""
        before = add_months(self.on, -MONTHS)
        if self.earlier is None:
            return None
        told = [
            policy
            for policy in policies
            if in_force(policy, before) and (self.earlier / f"{policy.entity}.parquet").exists()
        ]
        self.measured.update(policy.id for policy in told)
        return self._decide(told, before, self.earlier)

    def _month(self, policies: Sequence[Policy], day: date) -> None:
        folder = self._decide(policies, day, self.data)
        self._net(policies, folder, day)
        for policy in policies:
            self._count_month(policy, folder, day)
        self._draw([policy for policy in policies if policy.period != "once"], folder)
        shutil.rmtree(folder, ignore_errors=True)

    def _net(self, policies: Sequence[Policy], folder: Path, day: date) -> None:
        seen = 'SELECT subject FROM "seen_{policy}"'
        self.netting.settle(policies, folder, self.data, day, once_seen=seen, kept=day >= self.first)

    def _count_month(self, policy: Policy, folder: Path, day: date) -> None:
        once = policy.period == "once"
        fresh = (
            f"v.verdict = 'yes' AND v.subject NOT IN (SELECT subject FROM {_seen(policy)})"
            if once
            else "v.verdict = 'yes'"
        )
        counted = self._counted(
            policy,
            folder,
            f"count(*) FILTER ({fresh}), coalesce(sum(v.amount_fen) FILTER ({fresh}), 0), count(*) FILTER (v.verdict = 'unknown')",
        )
        ahead = month_index(day) - month_index(self.first)
        for county, count, fen, unknown in counted:
            row = self._row(policy, county)
            if ahead >= 0:
                row.months[ahead] = (count, fen)
                row.unknown = max(row.unknown, unknown)
            elif once:
                row.waiting += count
                row.waiting_fen += fen
        if once:
            self.duck.execute(
                f"INSERT INTO {_seen(policy)} SELECT v.subject FROM {parquet(folder / f'{policy.id}.parquet')} v "
                f"WHERE v.verdict IN ('yes', '{NETTED}') AND v.subject NOT IN (SELECT subject FROM {_seen(policy)})"
            )

    def _decide(self, policies: Sequence[Policy], day: date, data: Path) -> Path:
        folder = self.work / day.isoformat()
        self.progress(day.isoformat())
        names = [policy.id for policy in policies]
        if names:
            sweep(self.pack, data, folder, day, engine=fastest(data), policies=names)
        return folder

    def _counted(
        self, policy: Policy, folder: Path, numbers: str, joined: str = ""
    ) -> list[tuple[str, int, int, int]]:
        """Three numbers by the county of who receives. Whose county is not known stands under NOT_KNOWN."""
        county, where = self._place(policy)
        rows = self.duck.execute(
            f"SELECT {county}, {numbers} FROM {parquet(folder / f'{policy.id}.parquet')} v {joined} {where} GROUP BY 1 ORDER BY 1"
        ).fetchall()
        return [(str(row[0]), int(row[1]), int(row[2]), int(row[3])) for row in rows]

    def _place(self, policy: Policy) -> tuple[str, str]:
        """SQL of the county of a verdict `v`, and the join that it needs."""
        fact = self.places.get(policy.recipient_entity, "")
        place = self.data / f"{policy.recipient_entity}.parquet"
        if fact and place.exists() and self._has(place, fact):
            county = f"coalesce(CAST(r.{quoted(fact)} AS VARCHAR), '{NOT_KNOWN}')"
            return county, f"LEFT JOIN {parquet(place)} r ON r.id = v.recipient"
        return f"'{NOT_KNOWN}'", ""

    def _has(self, path: Path, column: str) -> bool:
        return column in {
            row[0] for row in self.duck.execute(f"DESCRIBE SELECT * FROM {parquet(path)}").fetchall()
        }

    def _row(self, policy: Policy, county: str) -> Projected:
        return self.rows.setdefault((policy.id, county), Projected(policy.id, county))

    def _rows_of(self, policy: Policy) -> Iterable[Projected]:
        return [row for row in self.rows.values() if row.policy == policy.id]

    def _draw(self, policies: Sequence[Policy], folder: Path) -> None:
        """Add what these verdicts would be paid for to the facts that count it, in the columns."""
        for policy in policies:
            for draw in self.draws.get(policy.id, ()):
                self._add(policy, draw, folder)

    def _add(self, policy: Policy, draw: Draw, folder: Path) -> None:
        entity = draw.entity or policy.entity
        target, own = self.data / f"{entity}.parquet", self.data / f"{policy.entity}.parquet"
        named = [name for name in (draw.fact, draw.when, draw.unless) if name]
        if not target.exists() or not all(self._has(target, name) for name in named):
            return  # no policy reads it, so that nothing depends on it
        subject = "v.subject"
        joined = ""
        if draw.through:
            link = f"{draw.through}_id"
            if not self._has(own, link):
                return
            subject, joined = f"s.{quoted(link)}", f"JOIN {parquet(own)} s ON s.id = v.subject"
        holds = f"AND {quoted(draw.when)} IS TRUE" if draw.when else ""
        if draw.unless:
            holds += f" AND {quoted(draw.unless)} IS NOT TRUE"
        fact = quoted(draw.fact)
        kept = self.data / f"{entity}.part"
        self.duck.execute(
            f"COPY (SELECT * REPLACE (CASE WHEN id IN (SELECT {subject} FROM {parquet(folder / f'{policy.id}.parquet')} v {joined} "
            f"WHERE v.verdict = 'yes') {holds} THEN {fact} + {draw.months} ELSE {fact} END AS {fact}) FROM {parquet(target)}) "
            f"TO '{kept}' (FORMAT parquet)"
        )
        kept.replace(target)


def _decided_on(policy: Policy, day: date) -> bool:
    """True where a period of the policy begins on that first of a month; what is paid once may begin in any."""
    return policy.period == "once" or period_of(policy.period, day).start == day


def _seen(policy: Policy) -> str:
    return quoted(f"seen_{policy.id}")
