"""Running a contender as a process of its own, several times, and what came of it."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
IN_MEMORY = ("build", "decide")  # from arrays to arrays
BESIDE = ("memory_build", "memory_decide")  # the same of an engine that reads by itself, measured beside
WHOLE = ("read", "build", "decide", "write")  # from Parquet to Parquet


@dataclass(slots=True)
class Measured:
    """The runs of one contender on one population. Times are seconds, memory is bytes."""

    name: str
    runs: list[dict[str, Any]] = field(default_factory=list)
    walls: list[float] = field(default_factory=list)  # of the whole process, its start included
    refusal: str = ""  # why there are none

    @property
    def peak(self) -> int:
        return max(run["peak"] for run in self.runs)

    def seconds(self, phases: tuple[str, ...]) -> list[float]:
        """The sum of those phases, run by run, in order of size."""
        return sorted(sum(run["phases"].get(phase, 0.0) for phase in phases) for run in self.runs)

    def median(self, phases: tuple[str, ...]) -> float:
        return statistics.median(self.seconds(phases))

    def processor(self) -> float:
        """Seconds of all cores, the process's start included."""
        return statistics.median(run["processor"] for run in self.runs)

    @property
    def in_memory(self) -> tuple[str, ...] | None:
        """The phases from arrays to arrays; None where nothing was measured by that."""
        if not self.reads_by_itself:
            return IN_MEMORY
        return BESIDE if self.runs and BESIDE[0] in self.runs[0]["phases"] else None

    @property
    def reads_by_itself(self) -> bool:
        """True where reading and writing cannot be told from deciding."""
        return bool(self.runs) and "read" not in self.runs[0]["phases"]


def run(name: str, command: list[str], out: Path, times: int) -> Measured:
    """Run the command so many times, into a fresh `out` each time. A failing one is a refusal, with its last line."""
    measured = Measured(name)
    for _ in range(times):
        shutil.rmtree(out, ignore_errors=True)
        start = time.perf_counter()
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        wall = time.perf_counter() - start
        if done.returncode:
            lines = (done.stderr or done.stdout).strip().splitlines()
            measured.refusal = (
                lines[-1] if lines else f"it ended with {done.returncode} and no word, killed perhaps"
            )
            return measured
        measured.walls.append(wall)
        measured.runs.append(json.loads(done.stdout.strip().splitlines()[-1]))
    return measured


def module(name: str, *arguments: str) -> list[str]:
    """The command of one of our own modules, under this Python."""
    return [sys.executable, "-m", f"benchmarks.rules.{name}", *arguments]


def script(python: Path, name: str, *arguments: str) -> list[str]:
    """The command of a contender under another environment's Python."""
    return [str(python), str(ROOT / "benchmarks" / "rules" / "contenders" / f"{name}.py"), *arguments]
