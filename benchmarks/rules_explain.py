"""How fast the rules are: the pack loads, one person is explained under every policy, everyone is swept.

    .venv/bin/python benchmarks/rules_explain.py [--pack DIR] [--people 100000,1000000] [--memory 2GB]

Targets: the pack in under 1 s; one person against all policies, explained, in under 5 ms (median). The population is made by
DuckDB from the pack's own vocabulary: every fact with holes, every value from a range that the clauses can tell apart. Times are
wall clock; the processor's own time stands beside them, since a shared machine makes the wall clock slow.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from jiuye.engine.rules.decide import Decider
from jiuye.engine.rules.explain import Explainer
from jiuye.engine.rules.pack import Pack, require_pack
from jiuye.engine.rules.rows import Row
from jiuye.engine.rules.sweep import sweep
from jiuye.engine.rules.vocabulary import Entity, Fact

ON = date(2024, 6, 15)
PACK = Path(__file__).resolve().parents[1] / "plans" / "yangzhou-2023-2025"
HOLES = 0.08  # the share of facts that nobody knows
MEMBERS = 3  # rows in each to-many relation of an explained person
DEPTH = 3  # relations followed from an explained person
EXPLAINED = 200


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--pack", type=Path, default=PACK)
    parser.add_argument("--people", default="100000,1000000", help="sizes of the population, with commas")
    parser.add_argument("--memory", default="2GB", help="DuckDB's memory limit")
    args = parser.parse_args()
    pack = loading(args.pack)
    explaining(pack)
    for size in (int(text) for text in args.people.split(",")):
        sweeping(pack, size, args.memory)


def line(what: str, figure: str, note: str = "") -> None:
    print(f"{what:<58} {figure:>14}  {note}")


def timed(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """(what came out, seconds on the wall, seconds of this process)."""
    wall, processor = time.perf_counter(), time.process_time()
    found = work()
    return found, time.perf_counter() - wall, time.process_time() - processor


def loading(folder: Path) -> Pack:
    """The pack read and checked three times; the best counts."""
    runs = [timed(lambda: require_pack(folder)) for _ in range(3)]
    pack: Pack = runs[0][0]
    wall, processor = min(run[1] for run in runs), min(run[2] for run in runs)
    clauses = sum(len(policy.clauses) for policy in pack.policies.values())
    what = f"load {len(pack.policies)} policies, {clauses} clauses, {len(pack.derived)} derived facts"
    line(what, f"{wall:.2f} s", f"processor {processor:.2f} s; target 1 s")
    return pack


def explaining(pack: Pack) -> None:
    """One person: the subject of each policy with everything it is related to, explained under every policy."""
    explainer = Explainer(Decider(pack))
    maker = RowMaker(pack, random.Random(1))
    people = [
        [(policy, maker.row(policy.entity, DEPTH)) for policy in pack.policies.values()]
        for _ in range(EXPLAINED)
    ]
    times, decided = [], []
    for subjects in people:
        start = time.perf_counter()
        for policy, row in subjects:
            explainer.explain(policy, row, ON)
        middle = time.perf_counter()
        for policy, row in subjects:
            explainer.decider.decide(policy, row, ON)
        times.append(middle - start)
        decided.append(time.perf_counter() - middle)
    note = f"p95 {percentile(times, 95) * 1000:.2f} ms, first {times[0] * 1000:.1f} ms; target 5 ms"
    what = f"one person against {len(pack.policies)} policies, explained (median)"
    line(what, f"{statistics.median(times) * 1000:.2f} ms", note)
    note = f"p95 {percentile(decided, 95) * 1000:.2f} ms"
    line("the same, decided without words (median)", f"{statistics.median(decided) * 1000:.2f} ms", note)


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


def sweeping(pack: Pack, size: int, memory: str) -> None:
    """A population of `size` of each entity, decided under every policy."""
    with tempfile.TemporaryDirectory(prefix="jiuye-bench-") as folder:
        data, out = Path(folder) / "data", Path(folder) / "out"
        data.mkdir()
        _, made, _ = timed(lambda: make_population(pack, data, size))
        result, wall, processor = timed(lambda: sweep(pack, data, out, ON, memory_limit=memory))
        written = sum(path.stat().st_size for path in out.glob("*.parquet"))
    rows = sum(totals["subjects"] for totals in result.totals.values())
    clauses = sum(
        len(policy.clauses) * result.totals[policy.id]["subjects"] for policy in pack.policies.values()
    )
    line(f"make {size:,} rows of each of {len(pack.vocabulary.entities)} entities", f"{made:.1f} s")
    note = f"processor {processor:.1f} s, memory limit {memory}, {written / 2**20:.0f} MB written"
    line(f"sweep {rows:,} subject × policy", f"{wall:.1f} s", note)
    line("  decisions a second", f"{rows / wall:,.0f}", f"{clauses / wall:,.0f} clause verdicts a second")


def make_population(pack: Pack, folder: Path, size: int) -> None:
    """One Parquet file an entity, made by DuckDB; every relation points at a random row."""
    with duckdb.connect() as duck:
        duck.execute("SELECT setseed(0.5)")
        for entity in pack.vocabulary.entities.values():
            columns = ["range AS id"]
            for relation in entity.relations.values():
                if not relation.many:
                    columns.append(f'CAST(random() * {size - 1} AS BIGINT) AS "{relation.name}_id"')
            columns += [
                _column(pack, entity, fact) for fact in entity.facts.values() if _recorded(pack, fact)
            ]
            target = folder / f"{entity.name}.parquet"
            duck.execute(
                f"COPY (SELECT {', '.join(columns)} FROM range({size})) TO '{target}' (FORMAT parquet)"
            )


def _recorded(pack: Pack, fact: Fact) -> bool:
    return (fact.entity, fact.name) not in pack.derived


def _column(pack: Pack, entity: Entity, fact: Fact) -> str:
    of = fact.type
    if of.kind == "boolean":
        value = "random() < 0.5"
    elif of.kind == "enum":
        members = list(pack.vocabulary.enums[of.enum])
        listed = ", ".join(f"'{member}'" for member in members)
        value = f"list_extract([{listed}], 1 + CAST(floor(random() * {len(members)}) AS INTEGER))"
    elif of.kind == "text":
        value = "'甲'"
    elif of.kind == "date":
        value = f"DATE '{ON}' - CAST(random() * 20000 AS INTEGER)"
    elif of.kind == "month":
        value = f"CAST(date_trunc('month', DATE '{ON}' - CAST(random() * 1800 AS INTEGER)) AS DATE)"
    else:
        low = fact.low if fact.low is not None else 0
        high = fact.high if fact.high is not None else low + (10**6 if of.kind == "money" else 60)
        span = min(high - low, 10**6)
        value = f"{low} + CAST(random() * {span} AS BIGINT)"
        if of.kind == "number" and of.scale:
            value = f"CAST(({value}) / {10**of.scale} AS DECIMAL(18,{of.scale}))"
    return f'CASE WHEN random() < {HOLES} THEN NULL ELSE {value} END AS "{fact.name}"'


if __name__ == "__main__":
    main()
