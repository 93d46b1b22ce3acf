"""The machine in one paragraph: figures without it mean nothing."""

from __future__ import annotations

import os
import platform
from datetime import datetime
from importlib.metadata import version
from pathlib import Path


def describe() -> str:
    """Day, processor, cores, memory, how busy it was before the run, and the versions that matter."""
    load = os.getloadavg()
    libraries = ", ".join(f"{name} {version(name)}" for name in ("duckdb", "numba", "numpy", "pyarrow"))
    return (
        f"{datetime.now().astimezone():%Y-%m-%d %H:%M}, {_processor()}, {os.cpu_count()} cores, {_memory()}; load average before the run "
        f"{load[0]:.1f} (1 min) {load[1]:.1f} (5 min). Python {platform.python_version()}, {libraries}."
    )


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _memory() -> str:
    try:
        return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GB of memory"
    except (ValueError, OSError):
        return "memory unknown"
