"""`jiuye backup FILE` while the software runs, and `jiuye restore FILE`: verified before it takes the place of what is there."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from jiuye.config.commands._shared import this_moment


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

    manifest, old = restore(
        url=url, files=settings.MEDIA_ROOT, keys=_keys(), source=args.file, replace=args.replace,
        at=this_moment(), verify=ledger_agrees,
    )  # fmt: skip
    print(f"已恢复到 {manifest.made_at}：{len(manifest.rows)} 张表 {manifest.total:,} 行，账簿逐笔相符。")
    if old:
        print(f"原来的数据库改名为 {old}，确认无误后可以删除。 The database before is kept as {old}.")
    return 0


def ledger_agrees(url: str) -> None:
    """The restored database brought up to this version, and its ledger recomputed, each in a process of its own. Raises BackupError."""
    from jiuye.config.backup import BackupError

    there = {**os.environ, "DATABASE_URL": url}
    for module, *words in (
        ("django", "migrate", "--no-input", "--verbosity=0"),
        ("jiuye.config.cli", "ledger", "verify"),
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
