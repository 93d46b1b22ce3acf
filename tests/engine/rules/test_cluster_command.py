"""`jiuye sweep --engine spark` as a command: its lines, its sentences, and machines that go away while it runs.

Left out of `make test`; `make cluster-test` installs pyspark and runs them. Needs Java 17.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from jiuye.engine.rules.pack import Pack, require_pack
from jiuye.engine.rules.sweep import sweep
from tests.engine.rules.populations import Population
from tests.engine.rules.spark_machines import brisk, machines, machines_one_by_one
from tests.engine.rules.test_sweeping import laid
from tests.engine.rules.workshop import changed_tithe

pytestmark = pytest.mark.cluster

ROOT = Path(__file__).resolve().parents[3]
ON = date(2011, 5, 20)


@pytest.fixture(scope="module", autouse=True)
def _brisk() -> Iterator[None]:
    with brisk():
        yield


@pytest.fixture(scope="module")
def tithe(tmp_path_factory) -> Pack:
    return require_pack(changed_tithe(tmp_path_factory.mktemp("pack")))


def command(tmp_path: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    whole = [
        sys.executable, "-m", "jiuye.config.cli", "sweep", "--data", str(tmp_path / "data"), "--on", "2011-05-20", "--out",
        str(tmp_path / "out"), "--pack", str(changed_tithe(tmp_path)), "--lang", "en", "--engine", "spark", *arguments,
    ]  # fmt: skip
    return subprocess.run(
        whole,
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, **environment},
        timeout=300,
    )


def test_the_command_says_its_lines_and_nothing_of_the_machinery(tmp_path):
    laid(tmp_path)
    done = command(tmp_path, "--memory", "600MB")
    assert done.returncode == 0, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["firewood-gift", "monthly-tithe"]
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert (tmp_path / "out" / "sweep.json").exists()


def test_a_cluster_that_is_not_there_is_one_sentence(tmp_path):
    laid(tmp_path)
    done = command(tmp_path, "--master", "spark://127.0.0.1:9")
    assert done.returncode == 1
    assert "cannot reach the Spark cluster at spark://127.0.0.1:9" in done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr


def test_a_cluster_without_room_is_one_sentence(tmp_path):
    laid(tmp_path)
    with machines(tmp_path / "machines") as cluster:
        done = command(tmp_path, "--master", cluster, "--memory", "900GB")
    assert done.returncode == 1
    assert "gave no executor within 60 seconds" in done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr


def test_without_java_it_is_one_sentence(tmp_path):
    laid(tmp_path)
    done = command(tmp_path, JAVA_HOME=str(tmp_path))
    assert (done.returncode, done.stdout) == (1, "")
    assert "Spark needs Java 17 or later; install it" in done.stderr
    assert shutil.which("java"), "and this machine has one, elsewhere"


# --- machines that go away


def during(process: subprocess.Popen[str], folder: Path, what: str) -> None:
    """Wait until the sweep has written something below that folder of its work."""
    until = time.monotonic() + 300
    while not list((folder / ".partial" / "spark").glob(what)):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until, f"no {what} within five minutes"
        time.sleep(0.2)


def started(tmp_path: Path, pack: Path, master: str) -> subprocess.Popen[str]:
    whole = [
        sys.executable, "-m", "jiuye.config.cli", "sweep", "--data", str(tmp_path / "data"), "--on", "2011-05-20", "--out",
        str(tmp_path / "out"), "--pack", str(pack), "--lang", "en", "--engine", "spark", "--master", master, "--memory", "700MB",
    ]  # fmt: skip
    return subprocess.Popen(whole, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)


def test_one_worker_that_goes_away_takes_nothing_with_it(tithe, tmp_path):
    Population(tithe, ON, 2_000, 4).write(tmp_path / "data")
    expected = sweep(tithe, tmp_path / "data", tmp_path / "here", ON)
    with machines_one_by_one(tmp_path / "machines") as (url, (_, first, _)):
        process = started(tmp_path, changed_tithe(tmp_path), url)
        during(process, tmp_path / "out", "staged/*")
        os.killpg(first.pid, signal.SIGKILL)
        _, told = process.communicate(timeout=600)
    assert process.returncode == 0, told
    summary = json.loads((tmp_path / "out" / "sweep.json").read_text(encoding="utf-8"))
    assert {
        name: {key: value for key, value in found.items() if key != "version"}
        for name, found in summary["policies"].items()
    } == expected.totals


def test_a_cluster_that_loses_every_worker_is_one_sentence_and_nothing_is_written(tithe, tmp_path):
    Population(tithe, ON, 2_000, 4).write(tmp_path / "data")
    with machines_one_by_one(tmp_path / "machines") as (url, (_, *workers)):
        process = started(tmp_path, changed_tithe(tmp_path), url)
        during(process, tmp_path / "out", "staged/*")
        for worker in workers:
            os.killpg(worker.pid, signal.SIGKILL)
        told, said = process.communicate(timeout=600)
    assert (process.returncode, told) == (1, "")
    assert f"every worker of the cluster at {url} went away" in said
    assert len(said.splitlines()) == 1, said
    assert not list((tmp_path / "out").iterdir())
