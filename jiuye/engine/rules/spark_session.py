"""A connection to a Spark cluster with the settings on which exact answers depend, or one sentence that says what is lacking.

pyspark and Java are needed only here, so both are looked for when somebody asks for them (`pip install .[cluster]`).
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from jiuye.engine.rules.sweep_task import SweepFailedError

OLDEST_JAVA = 17  # Spark 4 runs on no older one
LEAST_MEGABYTES = 512  # Spark refuses to start with less
PATIENCE_SECONDS = 60  # for the first worker to offer room
HERE = "local[*]"

# What an answer depends on. Overflow is an error and never silent; dates are the ones of the calendar that we count with; names
# mean what they say.
EXACT = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.ansi.doubleQuotedIdentifiers": "true",
    "spark.sql.caseSensitive": "true",
    "spark.sql.decimalOperations.allowPrecisionLoss": "true",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.sql.parser.escapedStringLiterals": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
    "spark.sql.variable.substitute": "false",
}


# What fits a small city must fit the country. Which side of a join goes whole to every machine is settled on its rows when they are
# there: a file's size says little, since a million residents take a few compressed megabytes and many times that when read.
BOUNDED = {
    "spark.sql.autoBroadcastJoinThreshold": "-1",
    "spark.sql.adaptive.enabled": "true",
    "spark.sql.adaptive.autoBroadcastJoinThreshold": "16MB",
}


@contextmanager
def spark_session(master: str, memory_limit: str) -> Iterator[Any]:
    """A session on that cluster (`local[*]` where none is named), ended afterwards; one that runs already is used and kept.

    `memory_limit` is what each executor may take. Raises SweepFailedError where pyspark, Java, the cluster or a worker with so
    much room is not there.
    """
    megabytes = _megabytes(memory_limit)
    session_class = _pyspark()
    running = session_class.getActiveSession()
    if running is not None:
        session = running.newSession()
        _settle(session)
        yield session
        return
    _check_java()
    session = _start(session_class, master or HERE, megabytes)
    try:
        _settle(session)
        _wait_for_workers(session, megabytes)
        yield session
    finally:
        session.stop()


def _settle(session: Any) -> None:
    for key, value in {**EXACT, **BOUNDED}.items():
        session.conf.set(key, value)


def _pyspark() -> Any:
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise SweepFailedError(
            "没有安装 pyspark，不能在集群上计算。请执行 pip install .[cluster]，或改用 --engine duckdb。",
            "pyspark is not installed, so nothing can be decided on a cluster; run pip install .[cluster], or use --engine duckdb.",
        ) from error
    logging.getLogger(
        "SQLQueryContextLogger"
    ).disabled = True  # errors are told once, by the one who catches them
    return SparkSession


def _check_java() -> None:
    home = os.environ.get("JAVA_HOME")
    java = os.path.join(home, "bin", "java") if home else shutil.which("java")
    found = 0
    if java is not None and os.path.exists(java):
        done = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
        version = re.search(r'version "(?:1\.)?(\d+)', done.stderr + done.stdout)
        found = int(version.group(1)) if version else 0
    if found >= OLDEST_JAVA:
        return
    where = f"（{java} 是 {found}）" if found else ""
    raise SweepFailedError(
        f"Spark 需要 Java {OLDEST_JAVA} 或更高版本{where}。请安装（例如 apt install openjdk-17-jre-headless），或把 JAVA_HOME 指向它。",
        f"Spark needs Java {OLDEST_JAVA} or later{f' ({java} is {found})' if found else ''}; install it (for example apt install "
        "openjdk-17-jre-headless), or let JAVA_HOME point to it.",
    )


def _megabytes(memory_limit: str) -> int:
    """`2GB`, `500MB` or `2 GiB` in megabytes, written as the embedded engine takes them."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(G|M)(?:i?B)?\s*", memory_limit, re.IGNORECASE)
    if match is None:
        raise SweepFailedError(
            f"内存上限“{memory_limit}”写得不对，请写成 2GB、500MB 的样子。",
            f"'{memory_limit}' is no memory limit; write it like 2GB or 500MB.",
        )
    whole, _, part = match.group(1).partition(".")
    thousandths = int(whole) * 1000 + int((part + "000")[:3])
    megabytes = thousandths * (1024 if match.group(2).upper() == "G" else 1) // 1000
    if megabytes < LEAST_MEGABYTES:
        raise SweepFailedError(
            f"内存上限 {memory_limit} 不够 Spark 启动，至少要 {LEAST_MEGABYTES}MB。请加大 --memory。",
            f"the memory limit of {memory_limit} is too small for Spark, which needs {LEAST_MEGABYTES}MB; raise --memory.",
        )
    return megabytes


def _start(session_class: Any, master: str, megabytes: int) -> Any:
    """A session, with what the JVM says on its way kept out of the terminal."""
    near = master.startswith(("local", "spark://127.", "spark://localhost"))
    builder = session_class.builder.master(master).appName("jiuye sweep")
    settings = {
        "spark.ui.enabled": "false",  # it would listen on a port, without asking who is there
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
        "spark.driver.memory" if master.startswith("local") else "spark.executor.memory": f"{megabytes}m",
        **({"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"} if near else {}),
    }
    if near:
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    for key, value in settings.items():
        builder = builder.config(key, value)
    with tempfile.TemporaryFile() as log:
        try:
            with _stderr_into(log):
                return builder.getOrCreate()
        except Exception as error:  # pyspark raises what Java threw, in many classes
            said = _last_words(log) or str(error).strip().split("\n")[0]
            raise SweepFailedError(
                f"连不上 Spark 集群 {master}（{said}）。请检查 --master 的地址，以及集群是否在运行、版本是否相同。",
                f"cannot reach the Spark cluster at {master} ({said}); check the address given with --master, and that the cluster runs "
                "and is of the same version.",
            ) from error


@contextmanager
def _stderr_into(log: IO[bytes]) -> Iterator[None]:
    """Whatever is started inside writes its errors into `log` for as long as it lives: the JVM inherits them."""
    saved = os.dup(2)
    try:
        os.dup2(log.fileno(), 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)


def _last_words(log: IO[bytes]) -> str:
    """The last line in which the JVM says what went wrong."""
    log.seek(0)
    lines = log.read().decode("utf-8", "replace").split("\n")
    telling = [line.strip() for line in lines if re.search(r"ERROR|Exception|Error:", line)]
    return telling[-1][:200] if telling else ""


def _wait_for_workers(session: Any, megabytes: int) -> None:
    """Until a worker has given an executor: without one Spark would wait for ever, and say so to nobody."""
    context = session.sparkContext
    if context.master.startswith("local"):
        return
    until = time.monotonic() + PATIENCE_SECONDS
    while not executors(context):
        if time.monotonic() > until:
            raise SweepFailedError(
                f"集群 {context.master} 在 {PATIENCE_SECONDS} 秒内没有给出任何执行器。请检查有没有空闲的 worker，以及它的内存是否有 {megabytes}MB（--memory）。",
                f"the cluster at {context.master} gave no executor within {PATIENCE_SECONDS} seconds; check that a worker is free and has "
                f"{megabytes}MB of memory (--memory).",
            )
        time.sleep(1)


def executors(context: Any) -> int:
    """How many executors the cluster gives at this moment."""
    return int(context._jsc.sc().getExecutorMemoryStatus().size()) - 1  # the driver itself is one


class Watch:
    """Ends a sweep whose cluster has lost all its workers: Spark itself would wait for new ones for ever.

    One that goes away while others stay is no failure; Spark does its share again.
    """

    def __init__(
        self, session: Any, *, patience_seconds: float = PATIENCE_SECONDS, look_every_seconds: float = 5
    ) -> None:
        self.context, self.patience_seconds = session.sparkContext, patience_seconds
        self.look_every_seconds = look_every_seconds
        self.deserted = False  # read it once the jobs were cancelled
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="watch", daemon=True)

    def __enter__(self) -> Watch:
        if not self.context.master.startswith("local"):
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()

    def _look(self) -> None:
        seen = time.monotonic()
        while not self._over.wait(self.look_every_seconds):
            try:
                if executors(self.context):
                    seen = time.monotonic()
                elif time.monotonic() - seen > self.patience_seconds:
                    self.deserted = True
                    self.context.cancelAllJobs()
            except Exception:  # the context has ended: whoever waits for a job is told so
                return
