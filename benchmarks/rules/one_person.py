"""What a person feels: the pack loads, one resident is explained under every policy.

    .venv/bin/python -m benchmarks.rules.one_person [--pack DIR]

Targets: the pack in 0.5 s (0.1 s from a cache); one person against all policies, explained, in 2 ms (median). The person is made of
random facts with holes, three related rows in every list. Wall clock, with the processor's own time beside it, since a shared
machine makes the wall clock slow.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from benchmarks.rules.tables import Printer
from jiuye.engine.rules.decide import Decider, Sitting
from jiuye.engine.rules.explain import Explainer
from jiuye.engine.rules.pack import Pack, require_pack
from jiuye.engine.rules.ready import ready_pack
from jiuye.engine.rules.rows import Row
from jiuye.engine.rules.vocabulary import Fact

ON = date(2024, 6, 15)
PACK = Path(__file__).resolve().parents[2] / "plans" / "yangzhou-2023-2025"
HOLES = 0.08  # the share of facts that nobody knows
MEMBERS = 3  # rows in each to-many relation of an explained person
DEPTH = 3  # relations followed from an explained person
EXPLAINED = 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--pack", type=Path, default=PACK)
    args = parser.parse_args()
    show(args.pack, Printer())


def show(folder: Path, printer: Printer, people: int = EXPLAINED) -> None:
    """The table of one pack."""
    pack, loaded = loading(folder)
    printer.table(["what", "measured", "note"], [*loaded, *explaining(pack, people)])


def timed(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """(what came out, seconds on the wall, seconds of this process)."""
    wall, processor = time.perf_counter(), time.process_time()
    found = work()
    return found, time.perf_counter() - wall, time.process_time() - processor


def loading(folder: Path) -> tuple[Pack, list[list[str]]]:
    """The pack read and checked, and the same restored from disk, five times each; the best counts."""
    runs = [timed(lambda: require_pack(folder)) for _ in range(5)]
    pack: Pack = runs[0][0]
    clauses = sum(len(policy.clauses) for policy in pack.policies.values())
    what = f"load {len(pack.policies)} policies, {clauses} clauses, {len(pack.derived)} derived facts"
    ready_pack(folder)
    again = [timed(lambda: ready_pack(folder)) for _ in range(5)]
    return pack, [_best(what, runs, "0.5 s"), _best("the same, kept on disk", again, "0.1 s")]


def _best(what: str, runs: list[tuple[Any, float, float]], target: str) -> list[str]:
    wall, processor = min(run[1] for run in runs), min(run[2] for run in runs)
    return [what, f"{wall:.2f} s", f"processor {processor:.2f} s; target {target}"]


def explaining(pack: Pack, count: int) -> list[list[str]]:
    """One person: the subject of each policy with everything it is related to, explained under every policy."""
    explainer = Explainer(Decider(pack))
    maker = RowMaker(pack, random.Random(1))
    entities = sorted({policy.entity for policy in pack.policies.values()})
    people = []
    for _ in range(count):
        rows = {entity: maker.row(entity, DEPTH) for entity in entities}
        people.append([(policy, rows[policy.entity]) for policy in pack.policies.values()])
    times, decided = [], []
    for subjects in people:
        start = time.perf_counter()
        sitting = Sitting(ON)
        for policy, row in subjects:
            explainer.explain_within(policy, row, sitting.under(policy))
        middle = time.perf_counter()
        for policy, row in subjects:
            explainer.decider.decide(policy, row, ON)
        times.append(middle - start)
        decided.append(time.perf_counter() - middle)
    policies = len(pack.policies)
    note = f"p95 {percentile(times, 95) * 1000:.2f} ms, first {times[0] * 1000:.1f} ms; target 2 ms"
    plain = f"p95 {percentile(decided, 95) * 1000:.2f} ms"
    return [
        [
            f"one person against {policies} policies, explained (median)",
            f"{statistics.median(times) * 1000:.2f} ms",
            note,
        ],
        ["the same, decided without words (median)", f"{statistics.median(decided) * 1000:.2f} ms", plain],
    ]


def percentile(times: list[float], share: int) -> float:
    return sorted(times)[len(times) * share // 100]


class RowMaker:
    """Rows of random facts, with related rows to some depth."""

    def __init__(self, pack: Pack, pick: random.Random) -> None:
        self.pack, self.pick = pack, pick

    def row(self, entity: str, depth: int) -> Row:
        row = Row(entity)
        here = self.pack.vocabulary.entities[entity]
        for fact in here.facts.values():
            if (entity, fact.name) not in self.pack.derived and self.pick.random() >= HOLES:
                row.values[fact.name] = self._value(fact)
        for relation in here.relations.values() if depth else ():
            if relation.many:
                row.many[relation.name] = [self.row(relation.to, depth - 1) for _ in range(MEMBERS)]
            else:
                row.ones[relation.name] = self.row(relation.to, depth - 1)
        return row

    def _value(self, fact: Fact) -> Any:
        kind = fact.type.kind
        if kind == "boolean":
            return self.pick.random() < 0.5
        if kind == "enum":
            return self.pick.choice(list(self.pack.vocabulary.enums[fact.type.enum]))
        if kind == "text":
            return "甲"
        if kind == "date":
            return ON - timedelta(days=self.pick.randrange(0, 20000))
        if kind == "month":
            return ON.year * 12 + ON.month - 1 - self.pick.randrange(0, 60)
        low = fact.low if fact.low is not None else 0
        high = fact.high if fact.high is not None else low + (10**6 if kind == "money" else 60)
        return self.pick.randint(low, min(high, low + 10**6))


if __name__ == "__main__":
    main()
