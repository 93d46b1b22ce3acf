"""What goes wrong around a cluster is one sentence that says what to do. None of these needs a cluster, pyspark or Java."""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from jiuye.engine.rules import spark_session
from jiuye.engine.rules.spark_session import Watch
from jiuye.engine.rules.sweep_spark import failed
from jiuye.engine.rules.sweep_task import SweepFailedError

MASTER = "spark://m1:7077"


class Context:
    """A cluster's context of which only the number of executors is known, one more each time it is asked."""

    def __init__(self, *executors: int, master: str = MASTER) -> None:
        self.master, self.cancelled, self._executors = master, 0, list(executors)
        self._jsc = SimpleNamespace(sc=lambda: self)

    def getExecutorMemoryStatus(self) -> Any:
        now = self._executors.pop(0) if len(self._executors) > 1 else self._executors[0]
        return SimpleNamespace(size=lambda: 1 + now)

    def cancelAllJobs(self) -> None:
        self.cancelled += 1


def java(folder: Path, version: str) -> str:
    """A folder as JAVA_HOME names it, with a program that says it is that version."""
    (folder / "bin").mkdir()
    program = folder / "bin" / "java"
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2020-01-01' >&2\n", encoding="utf-8")
    program.chmod(0o755)
    return str(folder)


@pytest.mark.parametrize("version", ["11.0.2", "1.8.0_292"])
def test_a_java_that_is_too_old_is_named_with_what_to_install(tmp_path, monkeypatch, version):
    monkeypatch.setenv("JAVA_HOME", java(tmp_path, version))
    with pytest.raises(SweepFailedError) as caught:
        spark_session._check_java()
    told = "11" if version.startswith("11") else "8"
    assert f"Spark needs Java 17 or later ({tmp_path}/bin/java is {told}); install it" in caught.value.en
    assert f"Spark 需要 Java 17 或更高版本（{tmp_path}/bin/java 是 {told}）" in caught.value.zh


def test_without_any_java_the_sentence_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SweepFailedError, match="请安装（例如 apt install openjdk-17-jre-headless）"):
        spark_session._check_java()


@pytest.mark.parametrize("version", ["17.0.15", "21", "25-ea"])
def test_a_java_that_is_new_enough_is_taken(tmp_path, monkeypatch, version):
    monkeypatch.setenv("JAVA_HOME", java(tmp_path, version))
    spark_session._check_java()


def test_a_master_that_does_not_answer_is_named_with_what_to_check():
    class Builder:
        def __getattr__(self, name: str) -> Any:
            return lambda *arguments: self

        def getOrCreate(self) -> Any:
            raise RuntimeError("All masters are unresponsive! Giving up.\n\tat org.apache.spark")

    with pytest.raises(SweepFailedError) as caught:
        spark_session._start(SimpleNamespace(builder=Builder()), MASTER, 1024)
    assert caught.value.en == (
        f"cannot reach the Spark cluster at {MASTER} (All masters are unresponsive! Giving up.); check the address given with --master, "
        "and that the cluster runs and is of the same version."
    )
    assert f"连不上 Spark 集群 {MASTER}" in caught.value.zh


def test_a_cluster_that_gives_no_executor_is_not_waited_for_without_end(monkeypatch):
    monkeypatch.setattr(spark_session, "PATIENCE_SECONDS", 0)
    with pytest.raises(SweepFailedError) as caught:
        spark_session._wait_for_workers(SimpleNamespace(sparkContext=Context(0)), 900)
    assert "check that a worker is free and has 900MB of memory (--memory)" in caught.value.en


def watched(context: Context, *, until_over: float = 0.5) -> bool:
    session = SimpleNamespace(sparkContext=context)
    with Watch(session, patience_seconds=0.1, look_every_seconds=0.02) as watch:
        time.sleep(until_over)
    return watch.deserted


def test_a_sweep_whose_workers_all_went_away_is_ended():
    context = Context(2, 1, 0)
    assert watched(context)
    assert context.cancelled


@pytest.mark.parametrize("context", [Context(2, 0, 1), Context(2), Context(0, master="local[2]")])
def test_a_worker_that_comes_back_in_time_ends_nothing(context):
    assert not watched(context)
    assert not context.cancelled


@pytest.mark.parametrize(
    ("said", "deserted", "zh", "en"),
    [
        ("Job 3 cancelled as part of cancellation of all jobs", True, "worker 都退出了", "every worker of the cluster at spark://m1:7077 went away"),
        ("SparkContext was shut down", False, "master 停止、重启", "its master stopped or was started anew"),
        ("Master removed our application: KILLED", False, "master 停止、重启", "Look at the cluster and run it again when it is back."),
        ("Lost task 1.3: ExecutorLostFailure (executor 4 exited)", False, "请加大 --memory，或增加机器", "raise --memory, or add machines"),
        ("java.lang.OutOfMemoryError: Java heap space", False, "内存上限 2GB 不够用", "the memory limit of 2GB is too small"),
        ("An error occurred while calling o3.parquet.\n: org.apache.spark.SparkException: Not enough memory to build and broadcast", False, "内存上限 2GB 不够用", "raise --memory"),
        ("An error occurred while calling o3.parquet.\n: java.io.IOException: No space left on device\n\tat x", False, "计算没有完成：java.io.IOException: No space left on device", "No space left on device"),
        ("\n[ARITHMETIC_OVERFLOW] long overflow.\n at x", False, "计算没有完成：[ARITHMETIC_OVERFLOW] long overflow.", "the sweep was not finished: [ARITHMETIC_OVERFLOW] long overflow."),
    ],
)  # fmt: skip
def test_what_a_cluster_could_not_do_is_one_sentence(said, deserted, zh, en):
    task: Any = SimpleNamespace(master=MASTER, memory_limit="2GB")
    error = failed(RuntimeError(said), task, deserted=deserted)
    assert zh in error.zh
    assert en in error.en
    assert "\n" not in error.zh + error.en
