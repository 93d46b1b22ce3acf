"""Files that hold personal data, sealed on disk below MEDIA_ROOT: written at once or not at all, readable by nobody else."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from django.conf import settings

from jiuye.office.registry.secrets import seal_bytes, unseal_bytes


def folder_of(room: str) -> Path:
    """The folder of one room (imports, evidence), made where it is not there yet."""
    folder = Path(settings.MEDIA_ROOT) / room
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def fingerprint(content: bytes) -> str:
    """The SHA-256 of the content, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def keep_sealed(path: Path, content: bytes) -> None:
    """Write the sealed content to `path`; what lay there before is replaced in one step."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(seal_bytes(content))
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read_sealed(path: Path) -> bytes:
    """The content behind `keep_sealed`. Raises FileNotFoundError, and UnreadableSecretError where it was changed."""
    return unseal_bytes(path.read_bytes())
