"""Evidence: files that were uploaded (checked, sealed, kept by their hash) and originals seen at the counter."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from django.utils.translation import gettext

from jiuye.office.casework.refusals import Refusal
from jiuye.office.casework.timeline import record
from jiuye.office.matters.access import MatterNotFoundError, is_own, require_for
from jiuye.office.matters.content import item_of
from jiuye.office.matters.models import Evidence, Matter
from jiuye.office.matters.operations.starting import save
from jiuye.office.matters.operations.steps import locked, one_act
from jiuye.office.matters.states import OPEN_STATES, WrongStateError, transition
from jiuye.office.registry.sealed_files import fingerprint, folder_of, keep_sealed, read_sealed
from jiuye.office.staff.operations import record_look
from jiuye.office.staff.queries import Actor, require

MOST_BYTES = 10 * 1024 * 1024
# What a file says of itself in its first bytes; its name is not believed.
SIGNATURES: dict[str, bytes] = {
    "pdf": b"%PDF-",
    "png": b"\x89PNG\r\n\x1a\n",
    "jpeg": b"\xff\xd8\xff",
}
CONTENT_TYPES = {"pdf": "application/pdf", "png": "image/png", "jpeg": "image/jpeg"}
# What makes a PDF act by itself when it is opened.
ACTIVE_PDF = (b"/JavaScript", b"/JS", b"/Launch", b"/EmbeddedFile", b"/OpenAction", b"/AA")


class FileRefusedError(Refusal):
    """The file is empty, too large, of another kind, or holds something that runs."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)


class UnknownEvidenceError(Refusal):
    """The item asks for no such paper."""

    def __init__(self, evidence_id: str) -> None:
        super().__init__(gettext("这个事项不需要材料“%(evidence)s”；请核对。") % {"evidence": evidence_id})


class FileGoneError(Refusal):
    """A kept file is no longer on the disk."""

    def __init__(self) -> None:
        super().__init__(gettext("这份材料的文件已不在服务器上；请联系系统管理员从备份恢复。"))


def attach(
    *,
    actor: Actor,
    matter_id: int,
    evidence_id: str,
    file_name: str,
    content: bytes,
    on: date,
    at: datetime,
    answers: dict[str, str] | None = None,
) -> Evidence:
    """Keep an uploaded paper. The very same file for the same point is returned, not kept twice.

    `answers` is the form as it stands beside the paper: it is kept too, also where the file is refused, so that nothing typed is lost.

    Raises NotPermittedError, WrongStateError, UnknownEvidenceError, FileRefusedError.
    """
    if answers is not None:
        save(actor=actor, matter_id=matter_id, answers=answers, on=on, at=at)
    kind = _kind(content)
    with one_act("attach"):
        matter = _open(actor, matter_id, evidence_id)
        digest = fingerprint(content)
        same = matter.evidence.filter(evidence_id=evidence_id, file_digest=digest).order_by("pk").first()
        if same is not None:
            return same
        if not _path(digest).exists():
            keep_sealed(_path(digest), content)
        kept = Evidence.objects.create(
            matter=matter,
            evidence_id=evidence_id,
            kind="file",
            file_name=_plain_name(file_name, kind),
            file_digest=digest,
            file_kind=kind,
            file_bytes=len(content),
            given_by_name=actor.name,
            on_date=on,
            at=at,
        )
        record(matter, "attach", actor=actor, on=on, at=at, details={"evidence": kept.pk})
    return kept


def show_original(
    *,
    actor: Actor,
    matter_id: int,
    evidence_id: str,
    said: str,
    on: date,
    at: datetime,
    answers: dict[str, str] | None = None,
) -> Evidence:
    """An officer saw the original at the counter; `said` is what it was, `answers` the form beside it, kept as with `attach`.

    Raises as `attach`, and FileRefusedError without words.
    """
    if answers is not None:
        save(actor=actor, matter_id=matter_id, answers=answers, on=on, at=at)
    if not said.strip():
        raise FileRefusedError(gettext("请写明核对了什么原件（证件名称、编号）。"))
    with one_act("attach"):
        matter = locked(matter_id)
        require(actor, "matters.start_on_behalf", matter.division_code)
        matter = _open(actor, matter_id, evidence_id)
        seen = Evidence.objects.create(
            matter=matter,
            evidence_id=evidence_id,
            kind="seen",
            said=said.strip(),
            given_by_name=actor.name,
            on_date=on,
            at=at,
        )
        record(matter, "attach", actor=actor, on=on, at=at, details={"evidence": seen.pk})
    return seen


def read_file(*, actor: Actor, evidence_id: int, purpose: str, at: datetime) -> tuple[str, str, bytes]:
    """(name, content type, content) of an uploaded paper; an officer's look is recorded with its purpose.

    Raises MatterNotFoundError, NotPermittedError, FileGoneError.
    """
    kept = Evidence.objects.select_related("matter").filter(pk=evidence_id, kind="file").first()
    if kept is None:
        raise MatterNotFoundError
    matter = kept.matter
    if not is_own(matter, actor):
        require(actor, "matters.see", matter.division_code)
        with one_act("read_file"):
            record_look(
                actor=actor,
                subject_kind=matter.applicant_kind,
                subject_key=str(matter.person_id or matter.employer_id),
                field=f"evidence:{kept.evidence_id}",
                purpose=(purpose.strip() or matter.number)[:200],
                at=at,
            )
    try:
        content = read_sealed(_path(kept.file_digest))
    except FileNotFoundError as error:
        raise FileGoneError from error
    return kept.file_name, CONTENT_TYPES[kept.file_kind], content


# ---------------------------------------------------------------------------------------------- internals


def _open(actor: Actor, matter_id: int, evidence_id: str) -> Matter:
    matter = locked(matter_id)
    require_for(transition("submit"), actor=actor, matter=matter)
    if matter.state not in OPEN_STATES:
        raise WrongStateError("attach", matter.state, matter.awaits)
    if evidence_id not in {row.id for row in item_of(matter.item_id).evidence}:
        raise UnknownEvidenceError(evidence_id)
    return matter


def _kind(content: bytes) -> str:
    """pdf, png or jpeg by the file's own first bytes. Raises FileRefusedError."""
    if not content:
        raise FileRefusedError(gettext("文件是空的；请重新选择。"))
    if len(content) > MOST_BYTES:
        raise FileRefusedError(
            gettext("文件有 %(size)d MB，最大 10 MB；请压缩或分开上传。") % {"size": len(content) // 1024**2}
        )
    kind = next((name for name, mark in SIGNATURES.items() if content.startswith(mark)), None)
    if kind is None:
        raise FileRefusedError(gettext("只收 PDF、PNG、JPEG；请把材料拍照或另存为 PDF。"))
    if kind == "pdf" and any(mark in content for mark in ACTIVE_PDF):
        raise FileRefusedError(gettext("这个 PDF 里有会自动运行的内容，不能接收；请打印成 PDF 后再上传。"))
    return kind


def _plain_name(name: str, kind: str) -> str:
    """The name without folders, control characters and marks of HTML, with the ending that the content has."""
    stem = Path(name.replace("\\", "/")).name.rsplit(".", 1)[0]
    plain = "".join(letter for letter in stem if letter.isprintable() and letter not in "<>\"'&/").strip(". ")
    return f"{plain[:80] or 'file'}.{kind}"


def _path(digest: str) -> Path:
    return folder_of("evidence") / f"{digest}.sealed"
