"""Files that only save time: what was once worked out is kept on disk, and made again wherever it is not there.

They stand in one folder, are written beside and moved into place, so that nobody reads half of one, and can be read by their owner
alone. Nothing rests on them: a folder that cannot be written, or a file that cannot be read, costs the work again and nothing else.
"""

from __future__ import annotations

import contextlib
import io
import os
import pickle
import stat
import tempfile
from pathlib import Path
from typing import Any


def cache_folder() -> Path:
    """Where such files are kept: JIUYE_CACHE, else the user's cache folder."""
    named = os.environ.get("JIUYE_CACHE")
    return (
        Path(named) if named else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "jiuye"
    )


def read_own(path: Path) -> bytes | None:
    """What a kept file holds; None where there is none, or where it is not this user's own: another's could hold anything.

    Own means a plain file, no link, that belongs to the user of this process and that nobody else may write.
    """
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        return None
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(file.fileno())
        others = stat.S_IWGRP | stat.S_IWOTH
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & others:
            return None
        with contextlib.suppress(OSError):
            os.utime(file.fileno())  # the one used last is the one thrown away last
        try:
            return file.read()
        except OSError:
            return None


def write_own(path: Path, content: bytes, latest: int) -> None:
    """Keep the content under that name, readable by its owner alone; of the files with the same ending the `latest` stay."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".new")
        beside = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)  # where it could not be written or moved
        kept = sorted(path.parent.glob(f"*{path.suffix}"), key=lambda found: found.stat().st_mtime)
        for old in kept[:-latest]:
            old.unlink(missing_ok=True)


# Values that are no records of ours.
_PLAIN = {
    ("datetime", "date"),
    ("builtins", "set"),
    ("builtins", "frozenset"),
    ("pathlib", "PosixPath"),
    ("pathlib", "WindowsPath"),
}


class _Restorer(pickle.Unpickler):
    """Restores the engine's own records and plain values, and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        if module.startswith("jiuye.engine.") or (module, name) in _PLAIN:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"a kept file holds no {module}.{name}")


def restored(data: bytes | memoryview) -> Any:
    """What was pickled, the engine's own records and plain values alone. Raises UnpicklingError for anything else."""
    return _Restorer(io.BytesIO(data)).load()
