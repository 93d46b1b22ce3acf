"""The same sweep on an Apache Spark cluster, for what one machine cannot hold: same files in, same files out, same answers.

Both folders must be ones that every machine of the cluster sees under the same path. A policy's results are one file, as of the
embedded engine, up to `ROWS_A_FILE` subjects; beyond that they are a folder of that name with several files, since one file has
one writer.
"""

from __future__ import annotations

import re
import shutil
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import duckdb

from jiuye.engine.basis.dates import Interval
from jiuye.engine.rules.columns_spark import SPARK, SparkCompiler
from jiuye.engine.rules.magnitudes import Magnitudes
from jiuye.engine.rules.policies import Derived, Policy
from jiuye.engine.rules.spark_session import Watch, spark_session
from jiuye.engine.rules.sql import Scope, quoted
from jiuye.engine.rules.sweep_data import EMPTY, DataFolder, Opening
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

# What Spark says where the whole application came to its end, and not one task of it.
ENDED = r"SparkContext was shut ?down|stopped SparkContext|Master removed our application|masters are unresponsive"
SHORT = r"OutOfMemory|ExecutorLostFailure|Not enough memory"

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
        with Watch(session) as watch:
            try:
                run.open(task.policies)
                return run.policies()
            except (PySparkException, Py4JError, duckdb.Error, ConnectionError) as error:
                raise failed(error, task, deserted=watch.deserted) from error


def failed(error: Exception, task: SweepTask, *, deserted: bool = False) -> SweepFailedError:
    """The sentence for what Spark could not do. `deserted`: the last worker went away and none came back."""
    said, memory = str(error), task.memory_limit
    if deserted:
        return SweepFailedError(
            f"集群 {task.master} 的 worker 都退出了，计算没有完成，没有写入任何结果。请检查各台机器，恢复后重新执行。",
            f"every worker of the cluster at {task.master} went away; the sweep was not finished and nothing was written. Look at the "
            "machines and run it again when they are back.",
        )
    if re.search(ENDED, said) or type(error).__name__ in ("Py4JNetworkError", "ConnectionRefusedError"):
        return SweepFailedError(
            f"集群 {task.master} 结束了这次计算（master 停止、重启，或有人取消了它），没有写入任何结果。请检查集群，恢复后重新执行。",
            f"the cluster at {task.master} ended the sweep (its master stopped or was started anew, or somebody cancelled it) and nothing "
            "was written. Look at the cluster and run it again when it is back.",
        )
    if re.search(SHORT, said):
        return SweepFailedError(
            f"内存上限 {memory} 不够用，或有机器多次中途退出。请加大 --memory，或增加机器。",
            f"the memory limit of {memory} is too small, or machines went away again and again; raise --memory, or add machines.",
        )
    lines = [line.strip() for line in said.split("\n") if line.strip()] or [type(error).__name__]
    first = (
        lines[1].lstrip(": ")
        if lines[0].startswith("An error occurred while calling") and lines[1:]
        else lines[0]
    )
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
    together = True

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
    """A query costs a cluster seconds before it has read a row, and a file one writer; so all policies of an entity are decided
    in one pass on all cores (`wide`), and each one's columns are then copied into its own file.
    """

    def __init__(self, task: SweepTask, session: Any) -> None:
        super().__init__(task, DataFolder(task.data, task.pack.vocabulary, _SparkOpening(session)))
        self.session = session
        self.magnitudes = Magnitudes({})
        self.work = task.target / "spark"
        relations = {pair for policy in task.policies for pair in self.pack.reach(policy)[1]}
        entities = self.pack.vocabulary.entities
        self.read_by_others = {entities[entity].relations[name].to for entity, name in relations}

    def compiler(self, period: Interval) -> SparkCompiler:
        return SparkCompiler(self.on, period, self.magnitudes)

    def view(self, name: str, query: str) -> None:
        self.folder.opening.view(name, query)

    def table(self, name: str, query: str) -> None:
        """On the disk that the machines share: a machine that goes away takes nothing with it, and plans stay small."""
        self._kept(name.strip('"'), query).createOrReplaceTempView(name.strip('"'))

    def keeps(self, entity: str) -> bool:
        """What only the entity's own policies read is computed where they are decided, all at once."""
        return entity in self.read_by_others

    def _kept(self, name: str, query: str) -> Any:
        """The rows of a query, from the shared disk."""
        folder = address(self.work / "staged" / name)
        frame = self.session.sql(query)
        frame.write.option("compression", "zstd").parquet(folder)
        return self.session.read.schema(frame.schema).parquet(pattern(folder))

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
        """A shuffle gets as many parts as the largest file needs and the cores can share."""
        most = max(self.folder.rows.values(), default=0)
        parts = max(self.session.sparkContext.defaultParallelism, most // ROWS_A_PART + 1)
        self.session.conf.set("spark.sql.shuffle.partitions", str(parts))

    # --- policies

    def policies(self) -> dict[str, Totals]:
        """Write every policy's verdicts, several at once; return the totals, counted on what was written."""
        groups: dict[str, list[Policy]] = {}
        for policy in self.task.policies:
            groups.setdefault(policy.entity, []).append(policy)
        largest_first = sorted(groups.values(), key=lambda group: -self.folder.rows[group[0].entity])
        at_once = min(MOST_AT_ONCE, self.session.sparkContext.defaultParallelism + 1)
        with ThreadPoolExecutor(at_once) as deciding, ThreadPoolExecutor(at_once) as copying:
            under_way = [deciding.submit(self._decide, group, copying) for group in largest_first]
            try:
                for decided in as_completed(under_way):
                    for copied in as_completed(decided.result()):
                        copied.result()
            except BaseException:
                deciding.shutdown(wait=False, cancel_futures=True)
                copying.shutdown(wait=False, cancel_futures=True)
                self.session.sparkContext.cancelAllJobs()
                raise
        totals = self._totals()
        for policy in self.task.policies:
            self._place(policy)
        shutil.rmtree(self.work)
        return totals

    def _decide(self, group: list[Policy], copying: ThreadPoolExecutor) -> list[Future[None]]:
        """Decide all policies of one entity, then begin copying each."""
        entity = group[0].entity
        frame = self._kept(f"decided_{entity}", self.wide(entity, group))
        return [
            copying.submit(self._write, policy, frame, f"_{number}") for number, policy in enumerate(group)
        ]

    def wide(self, entity: str, group: list[Policy]) -> str:
        """One row a subject with every policy's columns, the n-th one's ending in `_n`."""
        scope = Scope(entity, "s", self.table_of, self.linked)
        stated = [self.stated(policy, scope, f"_{number}") for number, policy in enumerate(group)]
        columns = [f"{name}_{number}" for number in range(len(group)) for name in self._columns()]
        inner, bits, outer = (
            ", ".join(column for one in stated for column in getattr(one, step))
            for step in ("inner", "bits", "outer")
        )
        return (
            f"SELECT subject, {', '.join(columns)} FROM (SELECT *, {outer} FROM (SELECT *, {', '.join(one.verdict for one in stated)} "
            f"FROM (SELECT *, {bits} FROM (SELECT s.id AS subject, {inner} FROM {self.tables[entity]} s {' '.join(scope.joins)}))))"
        )

    def _columns(self) -> list[str]:
        """Of the results, but for the subject."""
        columns = ["recipient", "verdict", "clause_bits", "unknown_bits", "amount_fen"]
        return [*columns, "facts"] if self.task.receipts else columns

    def _write(self, policy: Policy, frame: Any, ending: str) -> None:
        self.task.progress(policy.id)
        files = self.folder.rows[policy.entity] // ROWS_A_FILE + 1
        columns = [frame[f"{name}{ending}"].alias(name) for name in self._columns()]
        frame.select("subject", *columns).coalesce(files).write.option("compression", "zstd").parquet(
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
