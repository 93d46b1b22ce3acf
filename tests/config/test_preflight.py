"""What is asked before the start, and what is said where the answer is no."""

from __future__ import annotations

import errno
import shutil
import subprocess
from collections import namedtuple
from pathlib import Path

import psycopg
import pytest

from jiuye.config import embedded, postgres, preflight
from jiuye.config.embedded import DatabaseUnavailableError
from jiuye.config.preflight import CannotStartError, require_folder, require_port, require_room
from jiuye.portals.common.faults import is_disk_full

Usage = namedtuple("Usage", "total used free")


def test_a_disk_without_room_for_the_city_is_refused_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(0, 0, 500 * preflight.MEGABYTE))
    require_room(tmp_path, residents=1000, first_start=True)
    with pytest.raises(CannotStartError, match="500 MB") as refused:
        require_room(tmp_path, residents=50_000, first_start=True)
    assert "CITY=" in str(refused.value)
    require_room(tmp_path, residents=50_000, first_start=False)


def test_a_folder_on_a_full_disk_is_said_to_be_full_and_not_unwritable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(CannotStartError, match="磁盘空间不够"):
        require_folder(tmp_path)


def test_a_full_disk_is_recognised_whoever_reports_it() -> None:
    outer = RuntimeError("while writing")
    outer.__cause__ = psycopg.errors.DiskFull("could not extend file")
    assert is_disk_full(outer)
    assert is_disk_full(OSError(errno.ENOSPC, "full"))
    assert not is_disk_full(OSError(errno.EACCES, "no"))


def test_a_port_outside_the_numbers_is_refused() -> None:
    with pytest.raises(CannotStartError, match="70000"):
        require_port("127.0.0.1", 70000)


def test_a_server_older_than_fifteen_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Old:
        info = namedtuple("Info", "server_version")(140012)

        def __enter__(self) -> Old:
            return self

        def __exit__(self, *error: object) -> None:
            """Nothing to close."""

    monkeypatch.setattr(psycopg, "connect", lambda *arguments, **more: Old())
    with pytest.raises(DatabaseUnavailableError, match="PostgreSQL 14"):
        postgres.require_server("postgresql:///old")


def test_a_database_folder_whose_making_was_killed_is_moved_aside(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    (folder / "base").mkdir(parents=True)
    (folder / "PG_VERSION").write_text("18\n")  # initdb writes it first and the control file last
    embedded._set_aside_half_made(folder)
    assert not folder.exists()
    assert (tmp_path / "postgres.half-made-1" / "base").exists()


def test_a_database_folder_that_was_once_ready_is_never_moved(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    folder.mkdir()
    (folder / embedded.READY).touch()
    embedded._set_aside_half_made(folder)
    assert folder.exists()


def test_the_servers_own_complaint_is_what_people_are_told(tmp_path: Path) -> None:
    log, earlier = tmp_path / "log", "2026-01-01 00:00:00.000 UTC [9] FATAL:  terminating connection\n"
    log.write_text(
        earlier
        + "2026-01-02 00:00:00.000 UTC [12] FATAL:  could not write lock file: No space left on device\n"
    )
    error = subprocess.CalledProcessError(1, "pg_ctl", stderr="pg_ctl: error: permission denied\n")
    assert "No space left" in embedded._reason(log, len(earlier), error)
    assert "permission denied" in embedded._reason(log, log.stat().st_size, error)


def test_those_who_were_killed_are_taken_off_the_list_of_users(tmp_path: Path) -> None:
    import json
    import os

    listed = tmp_path / ".handle_pids.json"
    listed.write_text(json.dumps([os.getpid(), 2**22 + 7]))  # beyond the largest process number of Linux
    embedded._forget_the_dead(tmp_path)
    assert json.loads(listed.read_text()) == [os.getpid()]
