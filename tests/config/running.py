"""Help for tests that start the software as a person would: as a process of its own, over HTTP, and ended by signals."""

from __future__ import annotations

import http.cookiejar
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(data: Path, **more: str) -> dict[str, str]:
    """This process's environment without what points at another installation; its server does no night unless `more` says when."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("JIUYE_", "DATABASE_URL", "DJANGO_", "PYTEST_"))
    }
    return {**kept, "JIUYE_DATA": str(data), "PYTHONUNBUFFERED": "1", "JIUYE_NIGHT": "off", **more}


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "jiuye.config.cli", *arguments]


def jiuye(data: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        command(*arguments),
        env=environment(data, **more),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=420,
        check=False,
    )


class Running:
    """A `jiuye run` that answers."""

    def __init__(self, process: subprocess.Popen[str], port: int, log: Path, seconds: float) -> None:
        self.process, self.port, self.log, self.seconds = process, port, log, seconds
        self.cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def get(self, path: str) -> str:
        with self.opener.open(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
            return str(answer.read().decode())

    def post(self, path: str, page: str, **fields: str) -> str:
        """Post a form with the token that stood on `page`."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token is not None, page[:2000]
        body = urllib.parse.urlencode({"csrfmiddlewaretoken": token.group(1), **fields}).encode()
        url = f"http://127.0.0.1:{self.port}{path}"
        request = urllib.request.Request(url, body, {"Referer": url})
        with self.opener.open(request, timeout=30) as answer:
            return str(answer.read().decode())

    def stop(self, number: int = signal.SIGINT) -> int:
        """Send the signal and wait for the end; the exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout=60)


@contextmanager
def running(data: Path, tmp_path: Path, *arguments: str, **more: str) -> Iterator[Running]:
    """Start `jiuye run` and wait until it answers; it is killed at the end if it still runs."""
    port, log = free_port(), tmp_path / f"run-{time.monotonic_ns()}.log"
    began = time.monotonic()
    with log.open("w") as file:
        process = subprocess.Popen(
            command("run", "--port", str(port), *arguments),
            env=environment(data, **more),
            cwd=ROOT,
            stdout=file,
            stderr=subprocess.STDOUT,
            text=True,
        )
    try:
        while True:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() - began < 420, log.read_text()
            if (
                "Ctrl-C" in log.read_text()
            ):  # it says where it is to be found once every process of it answers
                break
            time.sleep(0.1)
        yield Running(process, port, log, time.monotonic() - began)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def processes_of(data: Path) -> list[psutil.Process]:
    """Processes that name the data folder in their command line or run with it as their data folder."""
    found = []
    for process in psutil.process_iter(["pid", "cmdline"]):
        line = " ".join(process.info["cmdline"] or [])
        if str(data) in line:
            found.append(process)
    return found
