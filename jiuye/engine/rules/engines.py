"""Which engines can carry a sweep out. A module by itself, so that the command line can name them without loading any."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

# By the name it is asked for: the module whose `evaluate(task)` decides everyone. It is imported when it is asked for, so that
# an engine's own needs (pyspark and Java for `spark`) are nobody else's.
ENGINES = {
    "duckdb": "jiuye.engine.rules.sweep_duckdb",
    "compiled": "jiuye.engine.rules.sweep_compiled",
    "spark": "jiuye.engine.rules.sweep_spark",
}


# Machine code for a large pack takes some seconds to make for a new day, in which DuckDB decides some hundred thousand subjects.
WORTH_COMPILING = 500_000


def fastest(data: Path) -> str:
    """The fastest engine of this installation for the subjects in a folder: machine code for many, where LLVM is installed; else DuckDB."""
    import pyarrow.parquet as pq

    if find_spec("llvmlite") is None:
        return "duckdb"
    subjects = sum(pq.read_metadata(path).num_rows for path in sorted(data.glob("*.parquet")))
    return "compiled" if subjects >= WORTH_COMPILING else "duckdb"
