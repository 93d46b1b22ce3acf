"""The embedded sweep: DuckDB on this machine, within a memory limit."""

from __future__ import annotations

from pathlib import Path

import duckdb

from jiuye.engine.basis.dates import Interval
from jiuye.engine.rules.columns import DUCKDB, MACROS, ColumnCompiler
from jiuye.engine.rules.policies import Policy
from jiuye.engine.rules.sweep_data import DataFolder, Opening, parquet
from jiuye.engine.rules.sweep_sql import SqlSweep
from jiuye.engine.rules.sweep_task import TOTALS, SweepFailedError, SweepTask, Totals


def evaluate(task: SweepTask) -> dict[str, Totals]:
    """Decide everyone. Raises SweepDataError, and SweepFailedError where memory or disk give out."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": task.memory_limit,
        "temp_directory": str(task.target / "spill"),
        "preserve_insertion_order": "false",
    }
    try:
        with duckdb.connect(config=config) as connection:
            connection.execute(MACROS)
            run = _DuckDbSweep(task, connection)
            run.open(task.policies)
            totals = {}
            for policy in task.policies:
                task.progress(policy.id)
                totals[policy.id] = run.policy(policy, task.target / f"{policy.id}.parquet")
            return totals
    except duckdb.Error as error:
        raise failed(error, task.memory_limit) from error


def failed(error: duckdb.Error, memory_limit: str) -> SweepFailedError:
    """The sentence for what DuckDB could not do."""
    if isinstance(error, duckdb.OutOfMemoryException):
        return SweepFailedError(
            f"内存上限 {memory_limit} 不够用。请加大 --memory，或分批计算。",
            f"the memory limit of {memory_limit} is too small; raise --memory, or sweep fewer policies at once.",
        )
    if isinstance(error, duckdb.ParserException) and "memory" in str(error).lower():
        return SweepFailedError(
            f"内存上限“{memory_limit}”写得不对，请写成 2GB、500MB 的样子。",
            f"'{memory_limit}' is no memory limit; write it like 2GB or 500MB.",
        )
    return SweepFailedError(f"计算没有完成：{error}", f"the sweep was not finished: {error}")


class DuckDbOpening(Opening):
    """Files are read where they lie."""

    dialect = DUCKDB

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def read(self, entity: str, path: Path, columns: dict[str, str]) -> str:
        return parquet(path)

    def view(self, name: str, query: str) -> None:
        self.connection.execute(f"CREATE TEMP VIEW {name} AS {query}")

    def row(self, query: str) -> tuple[object, ...]:
        row = self.connection.execute(query).fetchone()
        assert row is not None
        return row


class _DuckDbSweep(SqlSweep):
    def __init__(self, task: SweepTask, connection: duckdb.DuckDBPyConnection) -> None:
        folder = DataFolder(task.data, task.pack.vocabulary, DuckDbOpening(connection))
        super().__init__(task, folder)
        self.connection = connection

    def compiler(self, period: Interval) -> ColumnCompiler:
        return ColumnCompiler(self.on, period)

    def view(self, name: str, query: str) -> None:
        self.connection.execute(f"CREATE TEMP VIEW {name} AS {query}")

    def table(self, name: str, query: str) -> None:
        self.connection.execute(f"CREATE TEMP TABLE {name} AS {query}")

    def policy(self, policy: Policy, target: Path) -> Totals:
        """Write one policy's verdicts; return its totals."""
        self.connection.execute(
            f"COPY ({self.query(policy)}) TO {DUCKDB.string(str(target))} (FORMAT parquet, COMPRESSION zstd)"
        )
        row = self.connection.execute(
            "SELECT count(*), count(*) FILTER (verdict = 'yes'), count(*) FILTER (verdict = 'no'), "
            f"count(*) FILTER (verdict = 'unknown'), coalesce(sum(amount_fen), 0) FROM {parquet(target)}"
        ).fetchone()
        assert row is not None
        return {name: int(value) for name, value in zip(TOTALS, row, strict=True)}
