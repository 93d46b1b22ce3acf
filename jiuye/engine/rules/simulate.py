"""A draft beside today's rules: who gains, who loses, what it costs, over the same columns in one run.

Every policy that a draft changes is swept under both, and the two verdicts of each subject are held side by side: by county and
group, by the clause that makes the difference, and month by month. Results are plain data, ready for JSON.

The projection over months knows what is on record today: each month is decided by the rules of that month on today's facts.
Nobody is born, hired or dismissed in it, and nothing is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import duckdb

from jiuye.engine.basis.dates import add_months, period_of
from jiuye.engine.rules.comparing import Comparison, compare
from jiuye.engine.rules.groupings import Grouping, lay_groups
from jiuye.engine.rules.pack import Pack
from jiuye.engine.rules.policies import Policy
from jiuye.engine.rules.sweep import SweepResult, sweep

MONTHS = 12
TODAY = "today"  # the key of the rules in force


class SameKeyError(ValueError):
    """Two packs of one simulation bear the same key, and one would be taken for the other."""

    def __init__(self, keys: Sequence[str]) -> None:
        super().__init__(
            f"the drafts' keys must differ from one another and from '{TODAY}': {', '.join(keys)}"
        )


class Evaluator(Protocol):
    """Decides everyone under some policies on one day and writes `<policy>.parquet`: the sweep, or a faster one."""

    def __call__(
        self, pack: Pack, data: Path, out: Path, on: date, *, policies: Iterable[str]
    ) -> SweepResult: ...


@dataclass(frozen=True, slots=True)
class Draft:
    """A pack to hold beside today's, under a key of the caller's."""

    key: str
    pack: Pack


@dataclass(slots=True)
class Simulation:
    """`policies` holds one entry for each policy that each draft changes; see `comparing.Comparison` for its parts.

    `left_out` names (draft, policy) where the data hold nobody that the policy is counted by.
    """

    on: date
    version: str
    policies: list[dict[str, Any]] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "on": self.on.isoformat(),
            "version": self.version,
            "policies": self.policies,
            "left_out": [list(pair) for pair in self.left_out],
        }


def changed_policies(today: Pack, draft: Pack) -> list[str]:
    """Ids of the policies that do not decide by the same texts in both packs, those that only one of them has included."""
    ids = sorted({*today.policies, *draft.policies})
    return [name for name in ids if _version(today, name) != _version(draft, name)]


def _version(pack: Pack, policy_id: str) -> str:
    policy = pack.policies.get(policy_id)
    return policy.version if policy is not None else ""


def simulate(
    today: Pack,
    drafts: Sequence[Draft],
    data: Path,
    work: Path,
    on: date,
    *,
    groupings: Sequence[Grouping] = (),
    months: int = MONTHS,
    evaluator: Evaluator = sweep,
    progress: Callable[[str], None] = lambda what: None,
) -> Simulation:
    """Hold each draft beside today's rules over the columns in `data`; `work` takes the verdicts and may be thrown away.

    `months` counts the months of the projection, the one of `on` included; with 0 there is none. Raises SameKeyError, and
    what the evaluator raises (SweepDataError, SweepFailedError); nothing is kept then.
    """
    keys = [draft.key for draft in drafts]
    if len({*keys, TODAY}) <= len(keys):
        raise SameKeyError(keys)
    run = _Run(today, data, work, on, evaluator, progress)
    found = Simulation(on, today.version)
    changed = {draft.key: _decidable(run, draft, found) for draft in drafts}
    run.decide(TODAY, today, sorted({name for names in changed.values() for name in names}), months)
    for draft in drafts:
        run.decide(draft.key, draft.pack, changed[draft.key], months)
    entities = {run.policy(draft.pack, name).entity for draft in drafts for name in changed[draft.key]}
    with duckdb.connect() as connection:
        laid = lay_groups(connection, today, data, on, list(groupings), entities) if groupings else {}
        for draft in drafts:
            for name in changed[draft.key]:
                progress(f"{draft.key} {name}")
                policy = run.policy(draft.pack, name)
                comparison = compare(
                    connection,
                    Comparison(
                        today.policies.get(name),
                        draft.pack.policies.get(name),
                        run.verdicts(TODAY, name),
                        run.verdicts(draft.key, name),
                        laid.get(policy.entity, []),
                        on,
                    ),
                )
                found.policies.append(
                    {"draft": draft.key, **comparison, "months": run.projection(draft.key, name)}
                )
    return found


def _decidable(run: _Run, draft: Draft, found: Simulation) -> list[str]:
    """The policies that the draft changes and the data hold subjects of; the others are noted."""
    names = []
    for name in changed_policies(run.today, draft.pack):
        entity = run.policy(draft.pack, name).entity
        if (run.data / f"{entity}.parquet").exists():
            names.append(name)
        else:
            found.left_out.append((draft.key, name))
    return names


class _Run:
    """Verdicts and totals of every pack of one simulation, by key and day."""

    def __init__(
        self,
        today: Pack,
        data: Path,
        work: Path,
        on: date,
        evaluator: Evaluator,
        progress: Callable[[str], None],
    ) -> None:
        self.today, self.data, self.work, self.on = today, data, work, on
        self.evaluator, self.progress = evaluator, progress
        self.totals: dict[tuple[str, str], list[tuple[date, dict[str, int]]]] = {}

    def policy(self, pack: Pack, name: str) -> Policy:
        """The policy in that pack, or in today's where the draft has it no more."""
        return pack.policies.get(name) or self.today.policies[name]

    def verdicts(self, key: str, name: str) -> Path | None:
        """The verdicts on the day itself; None where that pack has no such policy."""
        path = self.work / key / self.on.isoformat() / f"{name}.parquet"
        return path if path.exists() else None

    def decide(self, key: str, pack: Pack, names: Sequence[str], months: int) -> None:
        """Sweep on the day, then on the first day of every later period that begins within the months."""
        known = [name for name in names if name in pack.policies]
        for day in [self.on, *(add_months(self.on.replace(day=1), ahead) for ahead in range(1, months))]:
            due = [name for name in known if day == self.on or _begins(pack.policies[name], day)]
            if not due:
                continue
            self.progress(f"{key} {day.isoformat()}")
            result = self.evaluator(pack, self.data, self.work / key / day.isoformat(), day, policies=due)
            for name in due:
                self.totals.setdefault((key, name), []).append((day, result.totals[name]))

    def projection(self, key: str, name: str) -> list[dict[str, Any]]:
        """By month: how many would be entitled and what they would be due, today and under the draft."""
        found: dict[str, dict[str, Any]] = {}
        for side, owner in (("before", TODAY), ("after", key)):
            for day, totals in self.totals.get((owner, name), ()):
                row = found.setdefault(
                    day.isoformat()[:7],
                    {
                        "month": day.isoformat()[:7],
                        "before": 0,
                        "after": 0,
                        "before_fen": 0,
                        "after_fen": 0,
                    },
                )
                row[side] += totals["yes"]
                row[f"{side}_fen"] += totals["amount_fen"]
        return [found[month] for month in sorted(found)]


def _begins(policy: Policy, day: date) -> bool:
    """True where a period of the policy begins on that day, so that its subjects are decided anew."""
    return period_of(policy.period, day).start == day
