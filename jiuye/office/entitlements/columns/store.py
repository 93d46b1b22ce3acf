"""The folder that keeps the columns between two sweeps, and the row in the database that says which columns are the last ones.

The folder belongs to one database in one state: a token stands in both. Where they differ (another database, one restored from a
backup, a sweep from another machine, a run that was killed in between) nothing that lies there is used. Files are readable by their
owner only.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

FORMAT = 1  # one more whenever what the files mean changes


@dataclass(slots=True)
class Kept:
    """What was last read: as of `on`, everything that the database's snapshot had seen. `entities` by name: file, what it was read by."""

    token: str
    database: str  # the server's own identifier and the database's
    snapshot: str
    on: date
    entities: dict[str, dict[str, Any]] = field(default_factory=dict)
    silences: dict[str, bool] = field(default_factory=dict)
    folder: str = ""


class DamagedStoreError(ValueError):
    """The folder's files are not those that its list names. `zh` and `en` say which."""

    def __init__(self, what: str) -> None:
        self.zh, self.en = f"上次的列不完整（{what}）", f"the columns of last time are damaged ({what})"
        super().__init__(self.zh)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One process at a time; makes the folder, for its owner only."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    with (folder / "lock").open("w") as file:
        os.chmod(folder / "lock", 0o600)
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def opened(folder: Path) -> Kept | None:
    """What lies there; None for nothing. Raises DamagedStoreError where it is not what was written."""
    path = folder / "columns.json"
    if not path.exists():
        return None
    try:
        written = json.loads(path.read_text(encoding="utf-8"))
        if written.pop("format") != FORMAT:
            return None
        kept = Kept(**{**written, "on": date.fromisoformat(written["on"])})
        for name, entity in kept.entities.items():
            if digest(folder / kept.folder / f"{name}.parquet") != entity["digest"]:
                raise DamagedStoreError(f"{name}.parquet")
    except (OSError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, DamagedStoreError):
            raise
        raise DamagedStoreError(
            path.name if not isinstance(error, OSError) else str(error.filename)
        ) from error
    return kept


def publish(folder: Path, kept: Kept, before: str) -> None:
    """Make `kept` (its files lie in `kept.folder` already) what lies there; what lay there before goes, but for `before`."""
    beside = folder / "columns.json.new"
    written = (
        {"format": FORMAT}
        | {name: getattr(kept, name) for name in Kept.__slots__ if name != "on"}
        | {"on": kept.on.isoformat()}
    )
    beside.write_text(json.dumps(written, ensure_ascii=False), encoding="utf-8")
    beside.chmod(0o600)
    beside.replace(folder / "columns.json")
    for other in folder.iterdir():
        if other.is_dir() and other.name not in (kept.folder, before):
            shutil.rmtree(other, ignore_errors=True)


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "blake2b").hexdigest()[:32]
