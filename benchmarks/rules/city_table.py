"""The whole pack over a city: one line an evaluator, and whether they wrote the same."""

from __future__ import annotations

import hashlib
import shutil
from datetime import date
from pathlib import Path

from benchmarks.rules.agreement import fingerprints
from benchmarks.rules.running import WHOLE, Measured, module, run
from benchmarks.rules.tables import Printer, megabytes, seconds, spread
from jiuye.engine.rules.pack import Pack, in_force, require_pack

WARM_UP = 1_000  # residents
HEAD = [
    "evaluator", "load, s", "sweep, s", "first run, s", "processor, s", "peak, MB", "rows a second", "verdicts on clauses a second",
    "written, MB", "the same as the first",
]  # fmt: skip


def busiest_day(pack: Pack) -> date:
    """The first of a month, 2023 to 2025, on which most policies are in force; the latest of several."""
    days = [date(year, month, 1) for year in (2023, 2024, 2025) for month in range(1, 13)]
    return max(days, key=lambda day: (sum(in_force(policy, day) for policy in pack.policies.values()), day))


def city(cache: Path, folder: Path, residents: int, on: date) -> tuple[Path, Measured | None]:
    """The folder of that city, and how it was made if it was not there."""
    facts = b"".join(path.read_bytes() for path in sorted(folder.rglob("*.yaml")))
    own = (Path(__file__).parent / "city_population.py").read_bytes()
    stamp = hashlib.sha256(facts + own).hexdigest()[:12]
    target = cache / f"city-{residents}-{on}-{stamp}"
    if target.exists():
        return target, None
    for old in cache.glob(f"city-{residents}-*"):  # of a vocabulary that has changed
        shutil.rmtree(old)
    command = module("city_population", str(target), str(residents), str(folder), on.isoformat())
    return target, run("the city", command, cache / "out", 1)


def show(
    cache: Path,
    folder: Path,
    residents: int,
    on: date | None,
    engines: list[str],
    runs: int,
    memory: str,
    printer: Printer,
) -> None:
    """Make the city, sweep it under each evaluator, print."""
    pack = require_pack(folder)
    on = on or busiest_day(pack)
    at_work = sum(in_force(policy, on) for policy in pack.policies.values())
    clauses = sum(len(policy.clauses) for policy in pack.policies.values())
    printer.title(
        f"The whole pack over {residents:,} residents on {on}: {len(pack.policies)} policies ({at_work} in force), {clauses} clauses, "
        f"{len(pack.derived)} derived facts, median of {runs}"
    )
    small, _ = city(cache, folder, WARM_UP, on)
    data, made = city(cache, folder, residents, on)
    if made is not None:
        if made.refusal:
            printer.text(f"The city could not be made: {made.refusal}")
            return
        printer.text(
            f"The city was made in {seconds(made.median(WHOLE))} s at {megabytes(made.peak)} MB: "
            + ", ".join(f"{count:,} {name}" for name, count in made.runs[0]["rows"].items())
            + f"; {megabytes(made.runs[0]['bytes'])} MB of Parquet.\n"
        )
    rows, refusals = [], []
    first: dict[str, tuple[int, int]] = {}
    for engine in engines:
        out = cache / "out" / f"city-{engine}"
        more = [f"pack={folder}", f"engine={engine}", f"memory={memory}"]
        warm = run(
            engine, [*module("contenders.engine"), str(small), str(out), on.isoformat(), *more], out, 1
        )
        measured = run(
            engine, [*module("contenders.engine"), str(data), str(out), on.isoformat(), *more], out, runs
        )
        if measured.refusal:
            refusals.append(f"Not in the table: {engine}. {measured.refusal}")
            continue
        written = fingerprints(out)
        first = first or written
        rows.append(_row(measured, warm, pack, out, written, first))
        shutil.rmtree(out)
    if rows:
        printer.table(HEAD, rows)
    for refusal in refusals:
        printer.text(refusal)


def _row(
    measured: Measured,
    warm: Measured,
    pack: Pack,
    out: Path,
    written: dict[str, tuple[int, int]],
    first: dict[str, tuple[int, int]],
) -> list[str]:
    totals = measured.runs[0]["totals"]
    subjects = sum(total["subjects"] for total in totals.values())
    clauses = sum(len(policy.clauses) * totals[policy.id]["subjects"] for policy in pack.policies.values())
    wall = measured.median(WHOLE)
    differing = [name for name in first if written.get(name) != first[name]]
    return [
        measured.name, seconds(measured.median(("load",))), spread(measured.seconds(WHOLE), wall),
        seconds(warm.median(WHOLE)) if warm.runs else "", seconds(measured.processor()), megabytes(measured.peak),
        f"{subjects / wall:,.0f}", f"{clauses / wall:,.0f}", megabytes(sum(path.stat().st_size for path in out.glob("*.parquet"))),
        "" if written is first else f"no: {', '.join(differing)}" if differing else "every row",
    ]  # fmt: skip
