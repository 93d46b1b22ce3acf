"""What a sweep costs on Spark beside the engines of one machine: the whole pack, a master and two workers of this machine.

    python -m benchmarks.cluster [--sizes 100000,1000000] [--write FILE]

Prints the load of the machine, one JSON line an engine and size (wall time, processor seconds, peak memory, bytes read, shuffled
and written, whether the results are equal row for row), and what follows from two sizes for a province and the country.
docs/scale.md explains the model. Needs pyspark and Java (make cluster-test installs pyspark).
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import resource
import shutil
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import psutil

from benchmarks.rules.city_population import write_city
from jiuye.engine.rules.pack import Pack, require_pack
from jiuye.engine.rules.sweep import sweep
from jiuye.engine.rules.sweep_data import parquet

ROOT = Path(__file__).resolve().parents[1]
PACK = ROOT / "plans" / "yangzhou-2023-2025"
ON = date(2024, 6, 15)
PLACES = {"a province": 85_000_000, "the country": 1_400_000_000}
Found = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", default="100000", help="residents, one size or several with commas")
    parser.add_argument("--write", type=Path, help="keep what is printed in this file too")
    args = parser.parse_args()
    if importlib.util.find_spec("pyspark") is None:
        print("pyspark is not installed: nothing measured (make cluster-test installs it)")
        return
    from jiuye.engine.rules.spark_session import spark_session
    from tests.engine.rules.spark_machines import machines

    pack = require_pack(PACK)
    say = _Told(args.write)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with machines(folder / "machines") as url, spark_session(url, "1536MB") as session:
            sizes = [int(word) for word in args.sizes.split(",")]
            # A new Java learns its own code in the first sweep; every later one is what a sweep costs.
            _spark(pack, folder / "first", 2_000, session, say, "the first sweep of a new session")
            measured = [
                _spark(pack, folder / str(size), size, session, say, "spark", compare=True) for size in sizes
            ]
    if len(measured) > 1:
        say.text(model(measured[0], measured[-1]))


class _Told:
    """Prints, and keeps what was printed."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        if path is not None:
            path.write_text("", encoding="utf-8")

    def text(self, line: str) -> None:
        print(line, flush=True)
        if self.path is not None:
            with self.path.open("a", encoding="utf-8") as kept:
                kept.write(line + "\n")

    def found(self, found: Found) -> None:
        rounded = {
            key: round(value, 2) if isinstance(value, float) else value for key, value in found.items()
        }
        self.text(json.dumps(rounded))


def _spark(
    pack: Pack, folder: Path, size: int, session: Any, say: _Told, name: str, *, compare: bool = False
) -> Found:
    """One sweep on the cluster, after those of the engines of one machine where it is to be compared with them."""
    counts = write_city(pack, folder / "in", size, ON)
    common = {"residents": size, "rows": sum(counts.values()), "in_bytes": _bytes(folder / "in")}
    for engine in ("duckdb", "compiled") if compare else ():
        say.found({**_here(pack, folder, engine), **common})
    earlier = _work_of(session)
    begun_at, load = time.monotonic(), os.getloadavg()
    staged = [0]  # what stands on the disk besides the results, at most

    def begun(policy_id: str) -> None:
        staged.append(_bytes(folder / "there" / ".partial" / "spark" / "staged"))

    there = sweep(pack, folder / "in", folder / "there", ON, engine="spark", progress=begun)
    wall = time.monotonic() - begun_at
    spent = {key: value - earlier[key] for key, value in _work_of(session).items()}
    found = {
        "engine": name, "load_average": [round(value, 1) for value in load], "wall_s": wall, **spent,
        "core_s": spent["executor_cpu_s"] + spent["driver_cpu_s"], **_memory(),
        "decisions": sum(totals["subjects"] for totals in there.totals.values()),
        "staged_bytes": max(staged), "out_bytes": _bytes(folder / "there"), **common,
    }  # fmt: skip
    if compare:
        found["rows_that_differ"] = sum(_differing(pack, folder, side) for side in ("duckdb", "compiled"))
    say.found(found)
    shutil.rmtree(folder)
    return found


def _here(pack: Pack, folder: Path, engine: str) -> Found:
    """The same on this machine alone."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    begun_at, load = time.monotonic(), os.getloadavg()
    result = sweep(pack, folder / "in", folder / engine, ON, engine=engine, memory_limit="4GB")
    wall = time.monotonic() - begun_at
    after = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "engine": engine, "load_average": [round(value, 1) for value in load], "wall_s": wall,
        "core_s": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "decisions": sum(totals["subjects"] for totals in result.totals.values()), "out_bytes": _bytes(folder / engine),
    }  # fmt: skip


def model(small: Found, large: Found) -> str:
    """What two sizes say of larger ones, in proportion to the residents; the formulas stand in docs/scale.md."""
    decided = small["decisions"], large["decisions"]
    each = (large["core_s"] - small["core_s"]) / (decided[1] - decided[0])
    fixed = small["core_s"] - each * decided[0]
    lines = [
        f"F = {fixed:.1f} core-seconds, c = {each * 1e6:.1f} core-seconds a million decisions",
        "| | residents | decisions | core-hours | data in, GB | staged, GB | shuffled, GB | results, GB |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for place, residents in PLACES.items():
        times = residents / large["residents"]
        kept = [
            large[key] * times / 1e9 for key in ("in_bytes", "staged_bytes", "shuffled_bytes", "out_bytes")
        ]
        decisions = large["decisions"] * times
        hours = (fixed + each * decisions) / 3600
        lines.append(
            f"| {place} | {residents:,} | {decisions / 1e9:.2f} thousand million | {hours:.1f} | "
            + " | ".join(f"{value:.1f}" for value in kept)
            + " |"
        )
    return "\n".join(lines)


def _programs() -> dict[str, list[psutil.Process]]:
    """The Java programs that do the work: executors and the driver."""
    found: dict[str, list[psutil.Process]] = {"executor": [], "driver": []}
    for process in psutil.Process().children(recursive=True):
        try:
            words = " ".join(process.cmdline())
        except psutil.Error:  # it ended meanwhile
            continue
        if "CoarseGrainedExecutorBackend" in words:
            found["executor"].append(process)
        elif "SparkSubmit" in words:
            found["driver"].append(process)
    return found


def _work_of(session: Any) -> dict[str, float]:
    """What the cluster has done so far: processor time, which a busy machine does not stretch, and bytes."""
    executors = session.sparkContext._jsc.sc().statusStore().executorList(False)
    done = {"scanned_bytes": 0.0, "shuffled_bytes": 0.0}
    for role, processes in _programs().items():
        times = [process.cpu_times() for process in processes]
        done[f"{role}_cpu_s"] = sum(spent.user + spent.system for spent in times)
    for number in range(executors.size()):
        executor = executors.apply(number)
        done["scanned_bytes"] += executor.totalInputBytes()
        done["shuffled_bytes"] += executor.totalShuffleWrite()
    return done


def _memory() -> Found:
    """The largest that a program of each kind has been, in MB."""
    found = {}
    for role, processes in _programs().items():
        statuses = [Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8") for process in processes]
        peaks = [
            int(line.split()[1])
            for text in statuses
            for line in text.splitlines()
            if line.startswith("VmHWM")
        ]
        found[f"{role}_peak_mb"] = max(peaks, default=0) // 1024
    return found


def _differing(pack: Pack, folder: Path, side: str) -> int:
    """Rows that the cluster and another engine do not have in common, every column of every policy."""
    differing = 0
    for policy in pack.policies:
        one, other = (
            f"SELECT * FROM {parquet(folder / name / f'{policy}.parquet')}" for name in (side, "there")
        )
        for first, second in ((one, other), (other, one)):
            found = duckdb.execute(f"SELECT count(*) FROM ({first} EXCEPT ALL {second})").fetchall()
            differing += found[0][0]
    return differing


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*.parquet"))


if __name__ == "__main__":
    main()
