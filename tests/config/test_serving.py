"""The web server as several processes on one socket: what one cannot do, another does; none is left behind."""

from __future__ import annotations

import contextlib
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from jiuye.config import serving
from jiuye.config.preflight import CannotStartError
from tests.config.running import Running, free_port, jiuye, running


@pytest.fixture(scope="module")
def office() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="jiuye-serving-")) / "data"
    done = jiuye(folder, "run", "--prepare-only", "--city", "0")
    assert done.returncode == 0, done.stdout + done.stderr
    yield folder
    shutil.rmtree(folder.parent, ignore_errors=True)


def workers_of(site: Running) -> list[psutil.Process]:
    """Those that live; one that was killed stays in the list of processes until its parent looks."""
    found = []
    for child in psutil.Process(site.process.pid).children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if "jiuye.config.serving" in child.cmdline():
                found.append(child)
    return found


def until(seen, seconds: float = 30) -> None:
    """Wait until `seen` is true; the test's own time limit, never a pause of fixed length."""
    limit = time.monotonic() + seconds
    while not seen():
        assert time.monotonic() < limit
        time.sleep(0.05)


def test_two_processes_answer_until_told_to_stop_and_both_end_with_their_parent(office, tmp_path) -> None:
    with running(office, tmp_path, "--city", "0", "--processes", "2") as site:
        assert "csrfmiddlewaretoken" in site.get("/login/")
        until(lambda: len(workers_of(site)) == 2)
        workers = workers_of(site)
        assert site.stop() == 0
        assert "已停止" in site.log.read_text()
    assert [worker.pid for worker in workers if worker.is_running()] == []


def test_a_process_that_is_killed_is_replaced_and_nobody_meets_a_closed_door(office, tmp_path) -> None:
    with running(office, tmp_path, "--city", "0", "--processes", "2") as site:
        assert "csrfmiddlewaretoken" in site.get("/login/")
        until(lambda: len(workers_of(site)) == 2)
        victim = workers_of(site)[0]
        victim.kill()
        until(lambda: len(workers_of(site)) == 2 and victim.pid not in {one.pid for one in workers_of(site)})
        for _ in range(6):
            assert "csrfmiddlewaretoken" in site.get("/login/")
        assert "一个网页服务进程意外退出（-9）" in site.log.read_text()
        assert site.stop(signal.SIGTERM) == 0


def test_a_parent_that_is_killed_leaves_no_process_and_no_port_behind(office, tmp_path) -> None:
    with running(office, tmp_path, "--city", "0", "--processes", "2") as site:
        assert "csrfmiddlewaretoken" in site.get("/login/")
        until(lambda: len(workers_of(site)) == 2)
        workers = workers_of(site)
        site.process.kill()
        site.process.wait()
        until(lambda: not any(worker.is_running() for worker in workers))
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", site.port))


def test_a_process_that_ends_before_it_is_ready_is_one_sentence_and_no_port_that_never_answers(
    monkeypatch, tmp_path
) -> None:
    monkeypatch.setattr(serving.sys, "executable", shutil.which("false"))
    with serving.listening("127.0.0.1", free_port()) as sock:
        workers = serving.Workers(sock, 2)
        with pytest.raises(CannotStartError, match="一启动就退出了"):
            workers.start()
        workers.stop()


def test_processes_that_keep_ending_are_given_up_instead_of_started_for_ever(monkeypatch, capfd) -> None:
    monkeypatch.setattr(serving.sys, "executable", shutil.which("false"))
    monkeypatch.setattr(serving._Worker, "ready", lambda _self, _seconds: True)
    with serving.listening("127.0.0.1", free_port()) as sock:
        workers = serving.Workers(sock, 1)
        workers.start()
        with pytest.raises(CannotStartError, match="反复退出"):
            workers.look_after()
        workers.stop()
    assert capfd.readouterr().err.count("已另起一个") == serving.FUTILE_STARTS


def test_less_than_one_process_is_refused_with_what_to_change(tmp_path) -> None:
    refused = jiuye(tmp_path / "data", "run", "--processes", "0")
    assert refused.returncode == 1
    assert "请改 --processes" in refused.stderr
