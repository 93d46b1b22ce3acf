"""Papers that prove something, kept sealed by their hash: what is accepted, under which name, read back. For cases, and for matters above."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.utils.translation import gettext

from jiuye.exchange import papers
from jiuye.office.casework.models.authorities import Authority
from jiuye.office.casework.models.beside import PaperGiven
from jiuye.office.casework.refusals import Refusal
from jiuye.office.casework.timeline import record
from jiuye.office.registry.sealed_files import fingerprint, folder_of, keep_sealed, read_sealed
from jiuye.office.staff.queries import Actor
from jiuye.office.staff.refusals import LINE, within

MOST_BYTES = 10 * 1024 * 1024
# What a file says of itself in its first bytes; its name is not believed.
SIGNATURES: dict[str, bytes] = {
    "pdf": b"%PDF-",
    "png": b"\x89PNG\r\n\x1a\n",
    "jpeg": b"\xff\xd8\xff",
}
CONTENT_TYPES = {"pdf": "application/pdf", "png": "image/png", "jpeg": "image/jpeg"}


class FileRefusedError(Refusal):
    """The file is empty, too large, of another kind, or holds something that runs."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)


class FileGoneError(Refusal):
    """A kept file is no longer on the disk."""

    def __init__(self) -> None:
        super().__init__(gettext("这份材料的文件已不在服务器上；请联系系统管理员从备份恢复。"))


class EvidenceMissingError(Refusal):
    """Something has to be proved, and neither a register knows it nor was a paper given. `names` says which."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        super().__init__(
            gettext("还缺材料：%(names)s。请上传，或者到窗口出示原件。") % {"names": "、".join(names)}
        )


def kind_of(content: bytes) -> str:
    """pdf, png or jpeg by what stands in the file, which has to be whole and to do nothing by itself. Raises FileRefusedError."""
    if not content:
        raise FileRefusedError(gettext("文件是空的；请重新选择。"))
    if len(content) > MOST_BYTES:
        raise FileRefusedError(
            gettext("文件有 %(size)d MB，最大 10 MB；请压缩或分开上传。") % {"size": len(content) // 1024**2}
        )
    kind = next((name for name, mark in SIGNATURES.items() if content.startswith(mark)), None)
    if kind is None:
        raise FileRefusedError(gettext("只收 PDF、PNG、JPEG；请把材料拍照或另存为 PDF。"))
    try:
        if kind == "pdf" and papers.is_active(content):
            raise FileRefusedError(
                gettext("这个 PDF 里有会自动运行的内容或附件，不能接收；请打印成 PDF 后再上传。")
            )
        if kind == "png":
            papers.require_png(content)
        if kind == "jpeg":
            papers.require_jpeg(content)
    except papers.LockedPaperError as error:
        raise FileRefusedError(gettext("这个 PDF 有打开密码；请去掉密码，或打印成 PDF 后再上传。")) from error
    except papers.DamagedPaperError as error:
        raise FileRefusedError(gettext("文件已损坏或不完整，打不开；请重新拍照或另存后再上传。")) from error
    except papers.TooMuchInPaperError as error:
        raise FileRefusedError(
            gettext("文件里的内容太多或图片太大，无法显示；请分开，或缩小后再上传。")
        ) from error
    return kind


def plain_name(name: str, kind: str) -> str:
    """The name without folders, control characters and marks of HTML, with the ending that the content has."""
    stem = Path(name.replace("\\", "/")).name.rsplit(".", 1)[0]
    plain = "".join(letter for letter in stem if letter.isprintable() and letter not in "<>\"'&/").strip(". ")
    return f"{plain[:80] or 'file'}.{kind}"


def keep_paper(content: bytes) -> str:
    """Seal the content under its fingerprint, once, and return the fingerprint."""
    digest = fingerprint(content)
    try:
        os.utime(_path(digest))  # whoever forgets papers sees that it has just been given again
    except FileNotFoundError:
        keep_sealed(_path(digest), content)
    return digest


def forget_papers(digests: Iterable[str], *, at: datetime) -> None:
    """Delete the files that no row names any more; one given again within the last day stays, since its row may not be written yet.

    Called after the commit that took their rows away.
    """
    kinds = [*PaperGiven.__subclasses__(), Authority]
    for digest in sorted(set(digests)):
        if any(kind._default_manager.filter(file_digest=digest).exists() for kind in kinds):
            continue
        going = _path(digest).with_suffix(".going")
        try:
            _path(digest).rename(going)  # from here on, whoever keeps the same content writes a new file
        except FileNotFoundError:
            continue
        if going.stat().st_mtime > (at - timedelta(days=1)).timestamp():
            going.rename(_path(digest))
        else:
            going.unlink()


def read_paper(digest: str) -> bytes:
    """The content kept under a fingerprint. Raises FileGoneError."""
    try:
        return read_sealed(_path(digest))
    except FileNotFoundError as error:
        raise FileGoneError from error


def _path(digest: str) -> Path:
    return folder_of("evidence") / f"{digest}.sealed"


def keep_uploaded(
    thing: Any,
    evidence_id: str,
    *,
    kind: str,
    file_name: str,
    content: bytes,
    actor: Actor,
    on: date,
    at: datetime,
    details: Mapping[str, Any] | None = None,
) -> Any:
    """A row of `thing.evidence` for an uploaded paper of that `kind_of`; the very same file for the same point is not kept twice."""
    digest = keep_paper(content)
    same = thing.evidence.filter(evidence_id=evidence_id, file_digest=digest).order_by("pk").first()
    if same is not None:
        return same
    kept = thing.evidence.create(
        evidence_id=evidence_id,
        kind="file",
        file_name=plain_name(file_name, kind),
        file_digest=digest,
        file_kind=kind,
        file_bytes=len(content),
        given_by_name=actor.name,
        on_date=on,
        at=at,
    )
    record(thing, "attach", actor=actor, on=on, at=at, details={"evidence": kept.pk, **(details or {})})
    return kept


def require_words(said: str) -> str:
    """What the original was that an officer saw. Raises FileRefusedError without words, TooLongError."""
    if not said.strip():
        raise FileRefusedError(gettext("请写明核对了什么原件（证件名称、编号）。"))
    return within(said, LINE, "核对了什么原件、编号")


def note_seen(
    thing: Any,
    evidence_id: str,
    *,
    said: str,
    actor: Actor,
    on: date,
    at: datetime,
    details: Mapping[str, Any] | None = None,
) -> Any:
    """A row of `thing.evidence` for an original that the officer saw."""
    seen = thing.evidence.create(
        evidence_id=evidence_id, kind="seen", said=said, given_by_name=actor.name, on_date=on, at=at
    )
    record(
        thing,
        "attach",
        actor=actor,
        on=on,
        at=at,
        note=said,
        details={"evidence": seen.pk, **(details or {})},
    )
    return seen


def read_uploaded(kept: Any) -> tuple[str, str, bytes]:
    """(name, content type, content) of an uploaded paper, as a page hands it out. Raises FileGoneError."""
    return kept.file_name, CONTENT_TYPES[kept.file_kind], read_paper(kept.file_digest)
