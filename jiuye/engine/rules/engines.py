"""Which engines can carry a sweep out. A module by itself, so that the command line can name them without loading any."""

from __future__ import annotations

from importlib.util import find_spec

# By the name it is asked for: the module whose `evaluate(task)` decides everyone. It is imported when it is asked for, so that
# an engine's own needs (pyspark and Java for `spark`) are nobody else's.
ENGINES = {
    "duckdb": "jiuye.engine.rules.sweep_duckdb",
    "compiled": "jiuye.engine.rules.sweep_compiled",
    "spark": "jiuye.engine.rules.sweep_spark",
}


def fastest() -> str:
    """The fastest engine that this installation can carry out by itself: machine code where LLVM is installed, else DuckDB."""
    return "compiled" if find_spec("llvmlite") is not None else "duckdb"
