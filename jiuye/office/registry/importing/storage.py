"""Where an upload and its preview are kept until it is decided on: sealed, because they hold ID numbers in clear.

Everything lies in `MEDIA_ROOT/imports`: uploads by the SHA-256 of their content, results by the batch's number.
"""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl
from django.utils.translation import gettext as _

from jiuye.office.registry.sealed_files import fingerprint, folder_of, keep_sealed, read_sealed


class FileGoneError(LookupError):
    """A kept file is no longer there."""

    def __init__(self, batch: int) -> None:
        super().__init__(_("批次%(batch)d的文件已不在服务器上，请重新上传原文件。") % {"batch": batch})


def _folder() -> Path:
    return folder_of("imports")


def _keep(name: str, content: bytes) -> None:
    keep_sealed(_folder() / name, content)


def keep_upload(content: bytes) -> str:
    """Keep an uploaded file; returns its fingerprint."""
    digest = fingerprint(content)
    _keep(f"{digest}.upload", content)
    return digest


def read_upload(digest: str, batch: int) -> bytes:
    """The uploaded file as it came. Raises FileGoneError."""
    path = _folder() / f"{digest}.upload"
    if not path.exists():
        raise FileGoneError(batch)
    return read_sealed(path)


def forget_upload(digest: str) -> None:
    (_folder() / f"{digest}.upload").unlink(missing_ok=True)


def keep_frame(batch: int, name: str, frame: pl.DataFrame) -> None:
    """Keep one result of a preview."""
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    _keep(f"{batch}.{name}", buffer.getvalue())


def read_frame(batch: int, name: str) -> pl.DataFrame:
    """A kept result. Raises FileGoneError."""
    path = _folder() / f"{batch}.{name}"
    if not path.exists():
        raise FileGoneError(batch)
    return pl.read_parquet(io.BytesIO(read_sealed(path)))


def has_frame(batch: int, name: str) -> bool:
    return (_folder() / f"{batch}.{name}").exists()


def forget_frames(batch: int, *names: str) -> None:
    for name in names:
        (_folder() / f"{batch}.{name}").unlink(missing_ok=True)


def keeps_something_of(batch: int) -> bool:
    """Whether any result of the batch still lies here."""
    return any(_folder().glob(f"{batch}.*"))


def forget_all_of(batch: int) -> None:
    """Delete every kept result of the batch."""
    for path in _folder().glob(f"{batch}.*"):
        path.unlink(missing_ok=True)
