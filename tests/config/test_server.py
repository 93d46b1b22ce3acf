"""On a PostgreSQL of somebody else's: the migrations, a city, a sweep, and a resident who logs in and looks."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.config.running import processes_of, running

pytestmark = pytest.mark.server
DATABASE = "jiuye_server_test"


@pytest.fixture(scope="module")
def server_url() -> Iterator[str]:
    """An empty database on the server of DATABASE_URL, else on a PostgreSQL ≥ 15 of this machine started for this test."""
    given = os.environ.get("DATABASE_URL")
    if given:
        yield from _database_on(given)
        return
    programs = sorted(
        (path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / "initdb").exists()),
        key=lambda path: int(path.parent.name),
    )
    if not programs or int(programs[-1].parent.name) < 15:
        pytest.skip("no PostgreSQL 15 or later on this machine; set DATABASE_URL to test on another one")
    user = _unprivileged_user()
    folder = Path(tempfile.mkdtemp(prefix="jiuye-pg-"))
    try:
        if user is not None:
            shutil.chown(folder, user)
        _run(
            user,
            programs[-1] / "initdb",
            "-D",
            folder / "data",
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
        )
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        control = (programs[-1] / "pg_ctl", "-D", folder / "data", "-w")
        _run(user, *control, "-l", folder / "log", "-o", options, "start")
        try:
            yield from _database_on(f"postgresql://postgres@/postgres?host={folder}")
        finally:
            _run(user, *control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged_user() -> str | None:
    """PostgreSQL refuses to run as root: then its own user runs it; otherwise whoever runs the tests."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        pytest.skip("PostgreSQL does not run as root and there is no user 'postgres' on this machine")


def _run(user: str | None, *words: object) -> None:
    subprocess.run(
        [str(word) for word in words],
        user=user,
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
    )


def _database_on(url: str) -> Iterator[str]:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"drop database if exists {DATABASE}")
        connection.execute(f"create database {DATABASE}")
    parts = psycopg.conninfo.conninfo_to_dict(url)
    try:
        yield psycopg.conninfo.make_conninfo(**{**parts, "dbname": DATABASE})
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"drop database if exists {DATABASE} with (force)")


def test_a_resident_finds_what_is_due_to_her_on_a_server_of_its_own(server_url: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running(data, tmp_path, "--city", "1000", DATABASE_URL=server_url) as site:
        page = site.get("/login/")
        site.post("/login/", page, username="zhangxiulan", password="demo")
        assert "灵活就业社会保险补贴" in site.get("/my/")
        assert site.stop() == 0
    assert not (data / "postgres").exists(), "the embedded server is not started beside another one"
    assert processes_of(data) == []
    with psycopg.connect(server_url) as connection:
        people = connection.execute("select count(*) from registry_person").fetchone()
        sweeps = connection.execute("select state from entitlements_sweep").fetchall()
    assert people == (1000,)
    assert sweeps == [("done",)]
