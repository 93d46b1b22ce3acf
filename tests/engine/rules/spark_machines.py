"""A Spark cluster of this machine for a test: a standalone master and two workers on loopback, ended with the test."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

PATIENCE_SECONDS = 180  # a machine that others use too starts its Java slowly
# Most of a small sweep's time is Java making machine code of what runs once: a test does without the thorough half of that.
BRISK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


@contextlib.contextmanager
def brisk() -> Iterator[None]:
    """Java programs started inside spare themselves the thorough compiler; those of a benchmark must not."""
    before = os.environ.get("JDK_JAVA_OPTIONS")
    os.environ["JDK_JAVA_OPTIONS"] = BRISK
    try:
        yield
    finally:
        os.environ.pop("JDK_JAVA_OPTIONS")
        if before is not None:
            os.environ["JDK_JAVA_OPTIONS"] = before


@contextlib.contextmanager
def machines(folder: Path, *, memory: str = "2g") -> Iterator[str]:
    """The master's address, once both workers (a core each) have reported to it."""
    with machines_one_by_one(folder, memory=memory) as (url, _):
        yield url


@contextlib.contextmanager
def machines_one_by_one(
    folder: Path, *, memory: str = "2g"
) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """The same with its programs, the master and the two workers, for a test that lets one go away."""
    port, page = _free_port(), _free_port()
    url = f"spark://127.0.0.1:{port}"
    folder.mkdir(parents=True, exist_ok=True)
    started: list[subprocess.Popen[bytes]] = []
    try:
        started.append(
            _start(folder, "Master", "--host", "127.0.0.1", "--port", str(port), "--webui-port", str(page))
        )
        _until(lambda: "Workers" in _page(page), "the master")
        for number in range(2):
            work = folder / f"worker-{number}"
            started.append(
                _start(folder, "Worker", "--host", "127.0.0.1", "--cores", "1", "--memory", memory, "--work-dir", str(work),
                       "--webui-port", str(_free_port()), url)
            )  # fmt: skip
        _until(lambda: _page(page).count("ALIVE") >= 3, "both workers")  # the master and each of them
        yield url, started
    finally:
        for process in reversed(started):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        for process in started:
            process.wait(timeout=60)


def _start(folder: Path, name: str, *arguments: str) -> subprocess.Popen[bytes]:
    import pyspark

    program = Path(pyspark.__file__).parent / "bin" / "spark-class"
    environment = {
        **os.environ,
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOCAL_DIRS": str(folder / "local"),
        "SPARK_DAEMON_MEMORY": "512m",
    }
    role = name.lower()
    with (folder / f"{role}-{arguments[3]}.log").open("ab") as log:
        return subprocess.Popen(
            [str(program), f"org.apache.spark.deploy.{role}.{name}", *arguments],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, start_new_session=True,
        )  # fmt: skip


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _page(port: int) -> str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
            return answer.read().decode("utf-8", "replace")
    except OSError:
        return ""


def _until(ready, what: str) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not ready():
        assert time.monotonic() < until, f"{what} did not start within {PATIENCE_SECONDS} seconds"
        time.sleep(0.5)
