"""`jiuye backup FILE` while the software runs, and `jiuye restore FILE`: verified before it takes the place of what is there."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg

from jiuye.config.commands._shared import this_moment

# What people and the bank know by a number that is its key: after a restore another case must not answer to the number of a lost one, or the
# bank's word on a payment would be taken for a payment of somebody else. No city begins so many of one kind between two backups.
NUMBERED = (
    "casework_case",
    "matters_matter",
    "ventures_loan",
    "ventures_interestsubsidy",
    "ventures_loantopup",
)
SKIPPED = 10_000


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `backup` and `restore`."""
    backup = subparsers.add_parser("backup", help="备份，不用停机 / back up while running")
    backup.add_argument("file", type=Path, metavar="FILE", help="备份文件 / the file to write")
    backup.set_defaults(run=run_backup)
    restore = subparsers.add_parser(
        "restore", help="恢复：核对无误后换上 / restore, verified before it is used"
    )
    restore.add_argument("file", type=Path, metavar="FILE", help="备份文件 / the file to read")
    restore.add_argument(
        "--replace",
        action="store_true",
        help="换下现有的数据（另名保留） / replace what is there (kept under another name)",
    )
    restore.set_defaults(run=run_restore)


def run_backup(args: argparse.Namespace) -> int:
    """Say how many rows and files were written, and that the keys are kept apart."""
    return _guarded(_back_up, args)


def run_restore(args: argparse.Namespace) -> int:
    """Say what came back and under which name the database before stands."""
    return _guarded(_restore, args)


def _guarded(act: Any, args: argparse.Namespace) -> int:
    from jiuye.config.backup import BackupError
    from jiuye.config.postgres import DatabaseUnavailableError, ensure_database

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jiuye.config.settings")
    try:
        return int(act(args, ensure_database()))
    except (BackupError, DatabaseUnavailableError) as error:
        print(error, file=sys.stderr)
    except OSError as error:
        print(
            f"文件读写失败：{error.strerror}（{error.filename}）。 The file could not be read or written.",
            file=sys.stderr,
        )
    return 1


def _back_up(args: argparse.Namespace, url: str) -> int:
    from django.conf import settings

    from jiuye.config.backup import back_up

    manifest = back_up(url=url, files=settings.MEDIA_ROOT, keys=_keys(), target=args.file, at=this_moment())
    size = args.file.stat().st_size / 1_000_000
    print(
        f"{args.file}：{len(manifest.rows)} 张表 {manifest.total:,} 行、{len(manifest.hashes) - 1} 个文件，{size:.1f} MB。"
        f"密钥（{settings.DATA / 'keys'}）不在里面，请另行保管。 The keys are not in it; keep them apart."
    )
    return 0


def _restore(args: argparse.Namespace, url: str) -> int:
    from django.conf import settings

    from jiuye.config.backup import restore

    at, given = this_moment(), numbers_given(url)
    manifest, old = restore(
        url=url, files=settings.MEDIA_ROOT, keys=_keys(), source=args.file, replace=args.replace, at=at, verify=ledger_agrees,
        record=lambda there, held: note_restore(there, made_at=held.made_at, at=at, given=given),
    )  # fmt: skip
    print(f"已恢复到 {manifest.made_at}：{len(manifest.rows)} 张表 {manifest.total:,} 行，账簿逐笔相符。")
    if old:
        print(f"原来的数据库改名为 {old}，确认无误后可以删除。 The database before is kept as {old}.")
        if not given:
            print(
                "原来的数据库读不出用到了哪个编号：如果它本身也是恢复来的，新编号可能与它的重复，请先核对再办件。 "
                "Which numbers the database before has given cannot be read from it: if it had been restored as well, new numbers may be "
                "among its own; look before anything is begun."
            )
    print(
        f"请与银行核对：{manifest.made_at} 以后银行受理、付出和退回的每一笔都不在恢复的数据里。先向银行要这段时间各批次的回盘文件，"
        "用 jiuye ledger compare 文件… 逐笔对照；本系统有的批次到“付款”页读入，没有的批次里已付过的办件不要再列批次。核对完再付款；新批次号带恢复时刻，新办件、事项和贷款的编号跳过一万，不会与丢失的重复。\n"
        f"Compare with the bank: nothing that it took, paid or sent back after {manifest.made_at} is in what came back. Ask it for the return "
        "files of all batches since then and hold them to the records by `jiuye ledger compare FILE ...`; read those of batches that are here "
        "in at the payments page, and put no case that was paid by a batch that is not here into a batch again. Pay only after that; new batch numbers carry the moment "
        "of the restore, and new cases, matters and loans go on ten thousand numbers later, so that none answers to a number that was lost."
    )
    return 0


def numbers_given(url: str) -> dict[str, int]:
    """The last number that the database has given, by table; nothing where it is empty or cannot be read any more."""
    last = "SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence(%s, 'id')::regclass), 0)"
    try:
        with psycopg.connect(url) as connection:
            found = {table: connection.execute(last, [table]).fetchone() for table in NUMBERED}
    except psycopg.Error:
        return {}
    return {table: int(row[0]) for table, row in found.items() if row is not None}


def note_restore(url: str, *, made_at: str, at: datetime, given: Mapping[str, int] | None = None) -> None:
    """Write into the restored database that it is one: batch numbers carry the moment from then on, and what is numbered by its key goes on
    beyond any number that the lost time can have given. `given`: what the database has given in whose place it is put, which may come from
    an earlier restore of the same backup and then has given numbers beyond those.
    """
    with psycopg.connect(url) as connection:
        for table in NUMBERED:
            connection.execute(
                "SELECT setval(pg_get_serial_sequence(%s, 'id'), greatest(nextval(pg_get_serial_sequence(%s, 'id')), %s) + %s)",
                [table, table, (given or {}).get(table, 0), SKIPPED],
            )
        connection.execute(
            "INSERT INTO funds_restore (backup_made_at, restored_at) VALUES (%s, %s)",
            [datetime.fromisoformat(made_at), at],
        )


def ledger_agrees(url: str) -> None:
    """The restored database brought up to this version, and its ledger recomputed, each in a process of its own. Raises BackupError."""
    from jiuye.config.backup import BackupError

    there = {**os.environ, "DATABASE_URL": url}
    for module, *words in (
        ("django", "migrate", "--no-input", "--verbosity=0"),
        ("jiuye.config.cli", "ledger", "verify", "--backup"),
    ):
        command = [sys.executable, "-m", module, *words]
        done = subprocess.run(command, env=there, capture_output=True, text=True, check=False)
        if done.returncode:
            said = " ".join((done.stdout + done.stderr).split())[-400:]
            raise BackupError(
                f"恢复的数据核对不符，没有换上：{said} The restored data do not agree and were not put in place."
            )


def _keys() -> dict[str, bytes]:
    """The keys that a restored database needs, by name."""
    from django.conf import settings

    versions = {f"data_key_{version}": key for version, key in settings.DATA_KEYS.items()}
    return {**versions, "index_key": settings.INDEX_KEY, "bank_key": settings.BANK_KEY}
