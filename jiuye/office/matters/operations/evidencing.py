"""Evidence: files that were uploaded (checked, sealed, kept by their hash) and originals seen at the counter."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext

from jiuye.office.casework.answering import PurposeMissingError
from jiuye.office.casework.authorities import by_relative
from jiuye.office.casework.papers import (
    keep_uploaded,
    kind_of,
    note_seen,
    read_uploaded,
    require_words,
)
from jiuye.office.casework.refusals import Refusal
from jiuye.office.matters.access import MatterNotFoundError, is_own, require_for
from jiuye.office.matters.content import item_of
from jiuye.office.matters.models import Evidence, Matter
from jiuye.office.matters.operations.starting import save
from jiuye.office.matters.operations.steps import locked, one_act
from jiuye.office.matters.states import OPEN_STATES, WrongStateError, transition
from jiuye.office.staff.operations import record_look
from jiuye.office.staff.queries import Actor, require
from jiuye.office.staff.refusals import LINE, within


class UnknownEvidenceError(Refusal):
    """The item asks for no such paper."""

    def __init__(self, evidence_id: str) -> None:
        super().__init__(gettext("这个事项不需要材料“%(evidence)s”；请核对。") % {"evidence": evidence_id})


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
    kind = kind_of(content)
    with one_act("attach"):
        matter = _open(actor, matter_id, evidence_id)
        return keep_uploaded(
            matter,
            evidence_id,
            kind=kind,
            file_name=file_name,
            content=content,
            actor=actor,
            on=on,
            at=at,
            details=by_relative(matter, "attach", actor=actor, on=on, at=at),
        )


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
    words = require_words(said)
    with one_act("attach"):
        matter = locked(matter_id)
        require(actor, "matters.start_on_behalf", matter.division_code)
        matter = _open(actor, matter_id, evidence_id)
        spoken = by_relative(matter, "attach", actor=actor, on=on, at=at)
        return note_seen(matter, evidence_id, said=words, actor=actor, on=on, at=at, details=spoken)


def read_file(*, actor: Actor, evidence_id: int, purpose: str, at: datetime) -> tuple[str, str, bytes]:
    """(name, content type, content) of an uploaded paper; an officer's look is recorded with its purpose.

    A draft is its applicant's alone, and of whoever fills it in at the counter for them.

    Raises MatterNotFoundError, NotPermittedError, PurposeMissingError, TooLongError, FileGoneError.
    """
    kept = Evidence.objects.select_related("matter").filter(pk=evidence_id, kind="file").first()
    if kept is None:
        raise MatterNotFoundError
    matter = kept.matter
    if not is_own(matter, actor):
        require(actor, "matters.see", matter.division_code)
        if matter.state == "draft" and (
            matter.way == "own" or not actor.may("matters.start_on_behalf", matter.division_code)
        ):
            raise MatterNotFoundError
        if not purpose.strip():
            raise PurposeMissingError
        with one_act("read_file"):
            record_look(
                actor=actor,
                subject_kind=matter.applicant_kind,
                subject_key=str(matter.person_id or matter.employer_id),
                field=f"evidence:{kept.evidence_id}"[:40],
                purpose=within(purpose, LINE, "查看事由"),
                at=at,
            )
    return read_uploaded(kept)


# ---------------------------------------------------------------------------------------------- internals


def _open(actor: Actor, matter_id: int, evidence_id: str) -> Matter:
    matter = locked(matter_id)
    require_for(transition("submit"), actor=actor, matter=matter)
    if matter.state not in OPEN_STATES:
        raise WrongStateError("attach", matter.state, matter.awaits)
    if evidence_id not in {row.id for row in item_of(matter.item_id).evidence}:
        raise UnknownEvidenceError(evidence_id)
    return matter
