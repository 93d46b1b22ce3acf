"""What a sweep costs on Spark beside the embedded engine: the whole pack at two sizes, a master and two workers of this machine.

    python -m benchmarks.cluster [--sizes 100000,1000000]

Prints one JSON line an engine and size: wall time, processor seconds, bytes read, shuffled and written, and whether the results are
equal row for row. docs/scale.md computes from these lines. Needs pyspark and Java (make cluster-test installs pyspark).
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import resource
import shutil
import sys
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

ROOT = Path(__file__).resolve().parents[1]
PACK = ROOT / "plans" / "yangzhou-2023-2025"
ON = date(2024, 6, 15)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", default="100000", help="residents, one size or several with commas")
    args = parser.parse_args()
    if importlib.util.find_spec("pyspark") is None:
        print("pyspark is not installed: nothing measured (make cluster-test installs it)")
        return
    from jiuye.engine.rules.spark_session import spark_session
    from tests.engine.rules.spark_machines import machines

    pack = require_pack(PACK)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with machines(folder / "machines") as url, spark_session(url, "1536MB") as session:
            for size in (int(word) for word in args.sizes.split(",")):
                _measure(pack, folder / str(size), size, session)


def _measure(pack: Pack, folder: Path, size: int, session: Any) -> None:
    counts = write_city(pack, folder / "in", size, ON)
    before = resource.getrusage(resource.RUSAGE_SELF)
    started = time.monotonic()
    here = sweep(pack, folder / "in", folder / "here", ON, memory_limit="4GB")
    wall = time.monotonic() - started
    after = resource.getrusage(resource.RUSAGE_SELF)
    cores = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    decisions = sum(totals["subjects"] for totals in here.totals.values())
    common = {
        "residents": size,
        "rows": sum(counts.values()),
        "policies": len(pack.policies),
        "decisions": decisions,
    }
    read, written = _bytes(folder / "in"), _bytes(folder / "here")
    _say(
        {
            "engine": "duckdb",
            **common,
            "wall_s": wall,
            "core_s": cores,
            "in_bytes": read,
            "out_bytes": written,
        }
    )
    earlier = _work_of(session)
    started = time.monotonic()
    staged: list[int] = []  # what stands on the disk besides the results, when the first policy begins

    def begun(policy_id: str) -> None:
        if not staged:
            staged.append(_bytes(folder / "there" / ".partial" / "spark" / "staged"))

    there = sweep(pack, folder / "in", folder / "there", ON, engine="spark", progress=begun)
    wall = time.monotonic() - started
    spent = {key: value - earlier[key] for key, value in _work_of(session).items()}
    _say({
        "engine": "spark", **common, "wall_s": wall, **spent, "in_bytes": read, "staged_bytes": staged[0],
        "out_bytes": _bytes(folder / "there"),
        "equal": here.totals == there.totals and _equal(pack, folder),
    })  # fmt: skip
    shutil.rmtree(folder)


def _work_of(session: Any) -> dict[str, float]:
    """What the cluster has done so far: processor time, which a busy machine does not stretch, and bytes."""
    found = session.sparkContext._jsc.sc().statusStore().executorList(False)
    done = {"executor_cpu_s": 0.0, "driver_cpu_s": 0.0, "scanned_bytes": 0.0, "shuffled_bytes": 0.0}
    for process in psutil.Process().children(recursive=True):
        spent = process.cpu_times()
        words = " ".join(process.cmdline())
        if "CoarseGrainedExecutorBackend" in words:
            done["executor_cpu_s"] += spent.user + spent.system
        elif "SparkSubmit" in words:
            done["driver_cpu_s"] += spent.user + spent.system
    for number in range(found.size()):
        executor = found.apply(number)
        done["scanned_bytes"] += executor.totalInputBytes()
        done["shuffled_bytes"] += executor.totalShuffleWrite()
    return done


def _equal(pack: Pack, folder: Path) -> bool:
    """Row for row, every column."""
    for policy in pack.policies:
        first, second = (
            f"SELECT * FROM read_parquet('{folder / side / policy}.parquet')" for side in ("here", "there")
        )
        for one, other in ((first, second), (second, first)):
            if duckdb.sql(f"{one} EXCEPT ALL {other}").limit(1).fetchall():
                return False
    return True


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*.parquet"))


def _say(found: dict[str, Any]) -> None:
    print(
        json.dumps(
            {key: round(value, 2) if isinstance(value, float) else value for key, value in found.items()}
        )
    )
    sys.stdout.flush()


if __name__ == "__main__":
    main()
