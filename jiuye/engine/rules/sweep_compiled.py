"""The fastest sweep on one machine: rules as machine code over columns in memory (see `compiled`).

Files and columns are opened and refused as for every engine. Values are looked at while they are read; where one is odd, the
thorough checks of `sweep_data` are run and speak. What machine code leaves is done by DuckDB: numbers beyond 64 bits, and data whose
columns do not fit the memory limit all at once.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from jiuye.engine.rules import sweep_duckdb
from jiuye.engine.rules.columns import DUCKDB, MACROS
from jiuye.engine.rules.compiled.program import width
from jiuye.engine.rules.compiled.run import BeyondMachineNumbersError, CompiledRun
from jiuye.engine.rules.compiled.tables import OddValueError
from jiuye.engine.rules.sweep_data import DataFolder, Needs, Opening, parquet
from jiuye.engine.rules.sweep_sql import needs_of, require_files
from jiuye.engine.rules.sweep_task import SweepTask, Totals

BYTES_OF_A_DECISION = 80  # bits, unknown bits, amount, verdict; and once more as Arrow and Parquet hold them
BYTES_OF_A_RECEIPT = 200  # on the average of all rows: most are a plain no and have none


def evaluate(task: SweepTask) -> dict[str, Totals]:
    """Decide everyone. Raises SweepDataError, and SweepFailedError where memory or disk give out."""
    require_files(task.data, task.policies)
    needs = needs_of(task.pack, task.policies)
    try:
        connection = duckdb.connect(config={"memory_limit": task.memory_limit})
    except duckdb.Error as error:
        raise sweep_duckdb.failed(error, task.memory_limit) from error
    with connection, ThreadPoolExecutor(max_workers=1) as pool:
        connection.execute(MACROS)
        folder = DataFolder(task.data, task.pack.vocabulary, _Footers(connection))
        folder.open(needs, set(task.pack.derived))
        run = CompiledRun(task.pack, folder, task.on)
        if _bytes_wanted(task, folder, needs, run.threads) > _limit(connection):
            return sweep_duckdb.evaluate(task)
        try:
            run.open(task.policies, needs, pool)
            if run.tables.beyond_limits:
                folder.check_values()
        except OddValueError:
            folder.check_values()  # refuses in words; where it finds nothing, the value is one that DuckDB can hold
            return sweep_duckdb.evaluate(task)
    try:
        with ThreadPoolExecutor(run.threads) as workers:
            run.stage(workers)
            totals = run.policies(task.target, workers, task.progress, receipts=task.receipts)
    except BeyondMachineNumbersError:
        return sweep_duckdb.evaluate(task)
    task.result.notices += folder.notices
    return totals


def _bytes_wanted(task: SweepTask, folder: DataFolder, needs: Needs, threads: int) -> int:
    """What the columns of the entities take, the derived ones included, with a policy's results for each thread."""
    wanted = 0
    for entity, opened in folder.opened.items():
        rows = int(pq.ParquetFile(task.data / f"{entity}.parquet").metadata.num_rows)
        facts = task.pack.vocabulary.entities[entity].facts
        columns = {name for key, name in needs.facts if key == entity and name in facts}
        bits = 64 + 32 * len(opened.relations) + sum(width(facts[name].type) for name in columns)
        wanted = wanted + rows * (bits // 8)
        if any(policy.entity == entity for policy in task.policies):
            wanted += rows * (BYTES_OF_A_DECISION + BYTES_OF_A_RECEIPT * task.receipts) * threads
    return wanted


def _limit(connection: duckdb.DuckDBPyConnection) -> int:
    """The connection's memory limit in bytes, read from DuckDB's own words (`1.8 GiB`)."""
    row = connection.execute("SELECT current_setting('memory_limit')").fetchone()
    assert row is not None
    number, unit = str(row[0]).split()
    power = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB").index(unit)
    whole, _, tenth = number.partition(".")
    return (int(whole) * 10 + int(tenth or 0)) * (1 << 10 * power) // 10


class _Footers(Opening):
    """Reads footers, and values only where they have to be checked thoroughly."""

    dialect = DUCKDB
    trusts = True

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def read(self, entity: str, path: Path, columns: dict[str, str]) -> str:
        return parquet(path)

    def view(self, name: str, query: str) -> None:
        """Nothing is queried."""

    def row(self, query: str) -> tuple[object, ...]:
        row = self.connection.execute(query).fetchone()
        assert row is not None
        return row
