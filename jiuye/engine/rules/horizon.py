"""What time alone will change: who comes to be entitled on a later day, whose entitlement ends, who was entitled and lost it.

The facts stay as they are known; only the day of decision, the periods it lies in, and what is dated (parameters, versions, the
policy itself) move. A verdict is looked at on some days ahead and behind, and where it differs the day of the change is found between
two of them by halving: a change that comes and goes between two looks is not seen.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

from jiuye.engine.basis.dates import add_months
from jiuye.engine.rules.decide import NO, YES, Decider, Outcome
from jiuye.engine.rules.engines import fastest
from jiuye.engine.rules.pack import Pack
from jiuye.engine.rules.parameters import Parameter
from jiuye.engine.rules.policies import Policy
from jiuye.engine.rules.rows import Row
from jiuye.engine.rules.sweep import sweep
from jiuye.engine.rules.sweep_data import parquet
from jiuye.engine.rules.tree import Dated, Day, Lookup, Marginal, Node, Read, walk

SOON, ENDING, LOST = "soon", "ending", "lost"


@dataclass(frozen=True, slots=True)
class Prospect:
    """A change that time brings or brought. `day` is the first day of the new verdict; `clause` the condition that turns.

    `amount_fen` is what is at stake: of the day it begins, of today where it ends, of the last look behind where it is lost.
    """

    kind: str
    day: date
    clause: str
    amount_fen: int | None


@dataclass(frozen=True, slots=True)
class Looks:
    """The days looked at: ahead, the nearest first, and behind, the nearest first."""

    ahead: tuple[date, ...]
    behind: tuple[date, ...]

    @property
    def window(self) -> tuple[date, date]:
        """The first and the last day that anything is decided on."""
        return self.behind[-1], self.ahead[-1]


def monthly_looks(on: date, ahead: int, behind: int) -> Looks:
    """A look a month, at the same day of the month as `on`."""
    return Looks(
        tuple(add_months(on, step) for step in range(1, ahead + 1)),
        tuple(add_months(on, -step) for step in range(1, behind + 1)),
    )


def prospect_of(
    decider: Decider, policy: Policy, row: Row, on: date, looks: Looks, timely: int | None = None
) -> Prospect | None:
    """What time will change for one subject, or has changed; None where it changes nothing, or where today cannot be told.

    `timely` is what `timely_clauses` says of the policy, where it is at hand: who fails a condition that time cannot turn is looked
    at today alone.
    """
    today = decider.decide(policy, row, on)
    if timely is not None:
        everything = (1 << len(policy.clauses)) - 1
        failing = everything & ~(today.clause_bits | today.unknown_bits)
        if not timely or (today.verdict == NO and failing & ~timely):
            return None
    if today.verdict == YES:
        before = on
        for day in looks.ahead:
            if decider.decide(policy, row, day).verdict == NO:
                turns = _first_day(decider, policy, row, before, day, YES)
                there = decider.decide(policy, row, turns)
                return Prospect(ENDING, turns, _failing(policy, there), today.amount_fen)
            before = day
        return None
    if today.verdict != NO:
        return None
    before = on
    for day in looks.ahead:
        there = decider.decide(policy, row, day)
        if there.verdict == YES:
            begins = _first_day(decider, policy, row, before, day, NO)
            found = decider.decide(policy, row, begins)
            return Prospect(SOON, begins, _failing(policy, today), found.amount_fen)
        before = day
    after = on
    for day in looks.behind:
        there = decider.decide(policy, row, day)
        if there.verdict == YES:
            ended = _first_day(decider, policy, row, day, after, YES)
            return Prospect(LOST, ended, _failing(policy, today), there.amount_fen)
        after = day
    return None


def _first_day(decider: Decider, policy: Policy, row: Row, early: date, late: date, verdict: str) -> date:
    """The first day after `early` (which has the verdict) and up to `late` (which has another) without it."""
    while (late - early).days > 1:
        middle = early + timedelta(days=(late - early).days // 2)
        if decider.decide(policy, row, middle).verdict == verdict:
            early = middle
        else:
            late = middle
    return late


def _failing(policy: Policy, outcome: Outcome) -> str:
    """The first condition that fails; empty where none does, as out of force."""
    for position, clause in enumerate(policy.clauses):
        if not (outcome.clause_bits | outcome.unknown_bits) >> position & 1:
            return clause.id if outcome.clause_bits or outcome.unknown_bits or position else ""
    return ""


# --- everyone: whose verdict is worth looking at


def timely_clauses(pack: Pack, policy: Policy, window: tuple[date, date]) -> int:
    """The conditions, one bit each, that time alone may turn between the two days; all of them where the policy begins or ends."""
    first, last = window
    start, end = policy.in_force.start, policy.in_force.end
    if (start is not None and first < start <= last) or (end is not None and first < end <= last):
        return (1 << len(policy.clauses)) - 1
    mask = 0
    for position, clause in enumerate(policy.clauses):
        mask |= _moves(pack, clause.test, window) << position
    return mask


def _moves(pack: Pack, dated: Dated, window: tuple[date, date]) -> bool:
    """True where an expression reads the day, or anything dated that changes in the window, itself or through derived facts."""
    seen: set[tuple[str, str]] = set()
    waiting = [dated]
    while waiting:
        here = waiting.pop()
        if any(window[0] < start <= window[1] for start, _ in here.versions):
            return True
        for _, node in here.versions:
            for part in walk(node):
                if isinstance(part, Day) or any(_steps(table, window) for table in _tables(part)):
                    return True
                key = (part.fact.entity, part.fact.name) if isinstance(part, Read) else None
                if key is not None and key in pack.derived and key not in seen:
                    seen.add(key)
                    waiting.append(pack.derived[key].value)
    return False


def _tables(part: Node) -> Iterator[Parameter]:
    if isinstance(part, Lookup):
        yield part.parameter
    elif isinstance(part, Marginal):
        yield part.scale


def _steps(table: Parameter, window: tuple[date, date]) -> bool:
    return any(window[0] < entry.start <= window[1] for entry in table.all_entries())


def changed_subjects(
    pack: Pack, columns: Path, verdicts: Path, work: Path, looks: Looks, policies: Iterable[str]
) -> dict[str, list[int]]:
    """Subjects by policy whose verdict on some day looked at is yes where today's is no, or the other way round.

    `columns` and `verdicts` are a sweep's data and results of today. Policies that time cannot turn are left out, and of the days only
    one in the middle and the farthest are swept: a sweep costs the same for one that changes as for all.
    """
    known = [pack.policies[policy_id] for policy_id in policies]
    timely = [policy.id for policy in known if timely_clauses(pack, policy, looks.window)]
    found: dict[str, set[int]] = {policy_id: set() for policy_id in timely}
    days = dict.fromkeys((looks.ahead[len(looks.ahead) // 2], looks.ahead[-1], looks.behind[-1]))
    with duckdb.connect() as duck:
        for day in days if timely else ():
            folder = work / day.isoformat()
            sweep(pack, columns, folder, day, engine=fastest(columns), policies=timely)
            for policy_id, subjects in found.items():
                name = f"{policy_id}.parquet"
                subjects.update(_turned(duck, verdicts / name, folder / name))
            shutil.rmtree(folder)
    return {policy_id: sorted(subjects) for policy_id, subjects in found.items() if subjects}


def _turned(duck: duckdb.DuckDBPyConnection, today: Path, then: Path) -> list[int]:
    rows = duck.execute(
        f"SELECT n.subject FROM {parquet(today)} n JOIN {parquet(then)} t USING (subject) "
        f"WHERE (n.verdict = '{YES}' AND t.verdict = '{NO}') OR (n.verdict = '{NO}' AND t.verdict = '{YES}')"
    ).fetchall()
    return [row[0] for row in rows]
