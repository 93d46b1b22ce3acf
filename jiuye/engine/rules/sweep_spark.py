"""The same sweep on an Apache Spark cluster, for what one machine cannot hold: same files in, same files out, same answers.

Both folders must be ones that every machine of the cluster sees under the same path. A policy's results are one file, as of the
embedded engine, up to `ROWS_A_FILE` subjects; beyond that they are a folder of that name with several files, since one file has
one writer.
"""

from __future__ import annotations

import re
import shutil
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import duckdb

from jiuye.engine.basis.dates import Interval
from jiuye.engine.rules.columns_spark import SPARK, SparkCompiler
from jiuye.engine.rules.magnitudes import Magnitudes
from jiuye.engine.rules.policies import Derived, Policy
from jiuye.engine.rules.spark_session import spark_session
from jiuye.engine.rules.sql import quoted
from jiuye.engine.rules.sweep_data import EMPTY, DataFolder, Opening, parquet
from jiuye.engine.rules.sweep_sql import SqlSweep
from jiuye.engine.rules.sweep_task import (
    TOTALS,
    SweepDataError,
    SweepFailedError,
    SweepTask,
    Totals,
)

ROWS_A_FILE = 10_000_000
ROWS_A_PART = 500_000  # of a shuffle
MOST_AT_ONCE = 16  # policies under way together

# How Spark reads the column that DuckDB calls so.
SPARK_TYPES = {
    "BOOLEAN": "boolean", "DATE": "date", "VARCHAR": "string", "TINYINT": "tinyint", "SMALLINT": "smallint", "INTEGER": "int",
    "BIGINT": "bigint", "UTINYINT": "smallint", "USMALLINT": "int", "UINTEGER": "bigint", "UBIGINT": "decimal(20,0)",
}  # fmt: skip


def evaluate(task: SweepTask) -> dict[str, Totals]:
    """Decide everyone. Raises SweepDataError, and SweepFailedError where the cluster is not there or gives out."""
    with spark_session(task.master, task.memory_limit) as session:
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException

        run = _SparkSweep(task, session)
        try:
            run.open(task.policies)
            return run.policies()
        except (PySparkException, Py4JError) as error:
            raise _failed(error, task.memory_limit) from error


def _failed(error: Exception, memory_limit: str) -> SweepFailedError:
    """The sentence for what Spark could not do."""
    said = str(error)
    if "OutOfMemory" in said or "ExecutorLostFailure" in said:
        return SweepFailedError(
            f"内存上限 {memory_limit} 不够用，或有机器中途退出。请加大 --memory，或增加机器。",
            f"the memory limit of {memory_limit} is too small, or a machine went away; raise --memory, or add machines.",
        )
    first = next((line.strip() for line in said.split("\n") if line.strip()), type(error).__name__)
    return SweepFailedError(f"计算没有完成：{first}", f"the sweep was not finished: {first}")


def address(path: Path) -> str:
    """A path as Spark takes it, on the file system that the machines share."""
    return f"file://{path.resolve()}"


def pattern(place: str) -> str:
    """The same where Spark reads: a star or a bracket in a path is part of the name."""
    return re.sub(r"([\\{}\[\]*?,])", r"\\\1", place)


class _SparkOpening(Opening):
    """Files become views of exactly the columns that are read, in the types that their footers name."""

    dialect = SPARK
    measures = True
    apart = True

    def __init__(self, session: Any) -> None:
        self.session = session

    def read(self, entity: str, path: Path, columns: dict[str, str]) -> str:
        from pyspark.sql.functions import lit

        read = {
            name: _spark_type(name, found, path.name) for name, found in columns.items() if found not in EMPTY
        }
        schema = ", ".join(f"`{name}` {found}" for name, found in read.items())
        frame = self.session.read.schema(schema).parquet(pattern(address(path)))
        for name in columns.keys() - read.keys():
            frame = frame.withColumn(name, lit(None).cast("bigint"))
        frame.createOrReplaceTempView(f"file_{entity}")
        return quoted(f"file_{entity}")

    def view(self, name: str, query: str) -> None:
        self.session.sql(f"CREATE OR REPLACE TEMP VIEW {name} AS {query}")

    def row(self, query: str) -> tuple[Any, ...]:
        return tuple(self.session.sql(query).collect()[0])


def _spark_type(column: str, found: str, file: str) -> str:
    if found.startswith("DECIMAL"):
        return found.lower()
    if found in SPARK_TYPES:
        return SPARK_TYPES[found]
    raise SweepDataError(
        f"{file} 的列“{column}”是 {found}，集群读不了。请改成整数或字符串。",
        f"{file}: column '{column}' is {found}, which the cluster cannot read; make it whole numbers or strings.",
    )


class _SparkSweep(SqlSweep):
    def __init__(self, task: SweepTask, session: Any) -> None:
        super().__init__(task, DataFolder(task.data, task.pack.vocabulary, _SparkOpening(session)))
        self.session = session
        self.magnitudes = Magnitudes({})
        self.work = task.target / "spark"

    def compiler(self, period: Interval) -> SparkCompiler:
        return SparkCompiler(self.on, period, self.magnitudes)

    def view(self, name: str, query: str) -> None:
        self.folder.opening.view(name, query)

    def table(self, name: str, query: str) -> None:
        """On the disk that the machines share: a machine that goes away takes nothing with it, and plans stay small."""
        folder = address(self.work / "staged" / name.strip('"'))
        self.session.sql(query).write.option("compression", "zstd").parquet(folder)
        self.session.read.parquet(pattern(folder)).createOrReplaceTempView(name.strip('"'))

    def stage(self, derived: list[Derived]) -> None:
        """First settle how large every number is, so that each derived column's type is known to whoever reads it."""
        self._divide_the_work()
        known = {
            (name, fact): self.folder.bounds.get((name, fact), 0)
            for name, entity in self.pack.vocabulary.entities.items()
            for fact in entity.facts
        }
        self.magnitudes = Magnitudes(known)
        for (entity, name), item in self.pack.derived.items():  # each needs only earlier ones
            node = item.value.at(self.on)
            if node is not None:
                known[entity, name] = max(known[entity, name], self.magnitudes.most(node))
        super().stage(derived)

    def _divide_the_work(self) -> None:
        """As many parts of a shuffle as the largest file needs and the cores can share."""
        most = max((self._rows(entity) for entity in self.folder.opened), default=0)
        parts = max(self.session.sparkContext.defaultParallelism, most // ROWS_A_PART + 1)
        self.session.conf.set("spark.sql.shuffle.partitions", str(parts))

    def _rows(self, entity: str) -> int:
        """Rows of an entity's file, as its footers say."""
        with duckdb.connect() as connection:
            row = connection.execute(
                f"SELECT count(*) FROM {parquet(self.task.data / f'{entity}.parquet')}"
            ).fetchone()
        assert row is not None
        return int(row[0])

    def policies(self) -> dict[str, Totals]:
        """Write every policy's verdicts, several at once; return the totals, counted on what was written."""
        at_once = min(len(self.task.policies), MOST_AT_ONCE, self.session.sparkContext.defaultParallelism + 1)
        with ThreadPoolExecutor(max(1, at_once)) as pool:
            under_way = [pool.submit(self._write, policy) for policy in self.task.policies]
            try:
                for done in as_completed(under_way):
                    done.result()
            except BaseException:
                for other in under_way:
                    other.cancel()
                self.session.sparkContext.cancelAllJobs()
                raise
        totals = self._totals()
        for policy in self.task.policies:
            self._place(policy)
        shutil.rmtree(self.work)
        return totals

    def _write(self, policy: Policy) -> None:
        self.task.progress(policy.id)
        files = self._rows(policy.entity) // ROWS_A_FILE + 1
        frame = self.session.sql(self.query(policy)).coalesce(files)
        frame.write.option("compression", "zstd").parquet(
            address(self.work / "results" / f"policy={policy.id}")
        )

    def _totals(self) -> dict[str, Totals]:
        """One pass over all that was written: what is reported is what stands in the files."""
        if not self.task.policies:
            return {}
        written = self.session.read.parquet(pattern(address(self.work / "results")))
        written.select("policy", "verdict", "amount_fen").createOrReplaceTempView("written")
        rows = self.session.sql(
            "SELECT policy, count(*), count(*) FILTER (WHERE verdict = 'yes'), count(*) FILTER (WHERE verdict = 'no'), "
            f"count(*) FILTER (WHERE verdict = 'unknown'), coalesce(sum(CAST(amount_fen AS {SPARK.wide})), 0) FROM written GROUP BY policy"
        ).collect()
        found = {row[0]: row[1:] for row in rows}
        nothing = (0,) * len(TOTALS)
        return {
            policy.id: {
                name: int(value) for name, value in zip(TOTALS, found.get(policy.id, nothing), strict=True)
            }
            for policy in self.task.policies
        }

    def _place(self, policy: Policy) -> None:
        """Move a policy's results to where the embedded engine would have written them."""
        parts = sorted((self.work / "results" / f"policy={policy.id}").glob("part-*.parquet"))
        target = self.task.target / f"{policy.id}.parquet"
        if len(parts) == 1:
            parts[0].replace(target)
            return
        target.mkdir()
        for number, part in enumerate(parts):
            part.replace(target / f"part-{number:05}.parquet")
