"""The papers of a case: uploaded by the applicant, seen at the counter, or spared because a register knows them."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext

from jiuye.office.casework.access import CaseNotFoundError, owns
from jiuye.office.casework.answering import PurposeMissingError
from jiuye.office.casework.authorities import by_relative
from jiuye.office.casework.models import Case, CaseEvidence
from jiuye.office.casework.operations.steps import locked, one_act
from jiuye.office.casework.papers import (
    EvidenceMissingError,
    keep_uploaded,
    kind_of,
    note_seen,
    read_uploaded,
    require_words,
)
from jiuye.office.casework.procedures import require_at_level, subsidy_of
from jiuye.office.casework.proofs import TAKES_PAPERS, Proof, proofs_of
from jiuye.office.casework.refusals import Refusal
from jiuye.office.casework.states import STATE_LABELS
from jiuye.office.staff.operations import record_look
from jiuye.office.staff.queries import Actor, require
from jiuye.office.staff.refusals import LINE, within


class UnknownPaperError(Refusal):
    """The procedure asks for no such paper."""

    def __init__(self, evidence_id: str) -> None:
        super().__init__(gettext("这项补贴不需要材料“%(evidence)s”；请核对。") % {"evidence": evidence_id})


class PapersClosedError(Refusal):
    """The case is past the steps that look at papers."""

    def __init__(self, case: Case) -> None:
        super().__init__(
            gettext("办件现在是“%(state)s”，不再收材料；要补材料的，请由审核人员退回补正。")
            % {"state": gettext(STATE_LABELS[case.state])}
        )


def attach(
    *,
    actor: Actor,
    case_id: int,
    evidence_id: str,
    file_name: str,
    content: bytes,
    on: date,
    at: datetime,
) -> CaseEvidence:
    """Keep an uploaded paper. The very same file for the same point is returned, not kept twice.

    Raises NotPermittedError, CaseNotFoundError, PapersClosedError, UnknownPaperError, FileRefusedError.
    """
    kind = kind_of(content)
    with one_act("attach"):
        case = _open(actor, case_id, evidence_id)
        return keep_uploaded(
            case,
            evidence_id,
            kind=kind,
            file_name=file_name,
            content=content,
            actor=actor,
            on=on,
            at=at,
            details=by_relative(case, "attach", actor=actor, on=on, at=at),
        )


def show_original(
    *, actor: Actor, case_id: int, evidence_id: str, said: str, on: date, at: datetime
) -> CaseEvidence:
    """An officer saw the original at the counter; `said` is what it was. Raises as `attach`, and FileRefusedError without words."""
    words = require_words(said)
    with one_act("attach"):
        case = locked(case_id)
        require_at_level(
            actor, ("casework.confirm_on_behalf", "casework.review"), case.division_code, "street"
        )
        _require_asked_for(case, evidence_id)
        spoken = by_relative(case, "attach", actor=actor, on=on, at=at)
        return note_seen(case, evidence_id, said=words, actor=actor, on=on, at=at, details=spoken)


def read_file(*, actor: Actor, evidence_id: int, purpose: str, at: datetime) -> tuple[str, str, bytes]:
    """(name, content type, content) of an uploaded paper; an officer's look is recorded with its purpose.

    Raises CaseNotFoundError, NotPermittedError, PurposeMissingError, TooLongError, FileGoneError.
    """
    kept = CaseEvidence.objects.select_related("case").filter(pk=evidence_id, kind="file").first()
    if kept is None:
        raise CaseNotFoundError
    case = kept.case
    if not _is_own(case, actor):
        require(actor, "casework.see", case.division_code)
        if not purpose.strip():
            raise PurposeMissingError
        with one_act("read_file"):
            record_look(
                actor=actor,
                subject_kind=case.recipient_kind,
                subject_key=str(case.person_id if case.recipient_kind == "person" else case.employer_id),
                field=f"evidence:{kept.evidence_id}"[:40],
                purpose=within(purpose, LINE, "查看事由"),
                at=at,
            )
    return read_uploaded(kept)


def require_proved(case: Case, *, actor: Actor | None, on: date, at: datetime) -> None:
    """Keep what registers prove of the case. Raises EvidenceMissingError where something is proved by nobody."""
    proofs = proofs_of(case, on=on)
    missing = [proof.row.name for proof in proofs if not proof.settled]
    if missing:
        raise EvidenceMissingError(missing)
    _keep_register_proofs(case, proofs, actor=actor, on=on, at=at)


def _keep_register_proofs(
    case: Case, proofs: list[Proof], *, actor: Actor | None, on: date, at: datetime
) -> None:
    """What spared a paper on that day stays on record, also where the register changes later."""
    CaseEvidence.objects.bulk_create(
        CaseEvidence(
            case=case,
            evidence_id=proof.row.id,
            kind="register",
            said="、".join(proof.registers),
            given_by_name="、".join(proof.registers)[:60],
            on_date=on,
            at=at,
        )
        for proof in proofs
        if proof.known and not any(given.kind == "register" for given in proof.given)
    )


def _is_own(case: Case, actor: Actor) -> bool:
    return owns(
        actor, person_id=case.person_id, employer_id=case.employer_id, recipient_kind=case.recipient_kind
    )


def _open(actor: Actor, case_id: int, evidence_id: str) -> Case:
    case = locked(case_id)
    if not (_is_own(case, actor) and actor.may("own.confirm")):
        require_at_level(actor, ("casework.confirm_on_behalf",), case.division_code, "street")
    _require_asked_for(case, evidence_id)
    return case


def _require_asked_for(case: Case, evidence_id: str) -> None:
    if case.state not in TAKES_PAPERS:
        raise PapersClosedError(case)
    subsidy = subsidy_of(case)
    if subsidy is None or evidence_id not in {row.id for row in subsidy.evidence}:
        raise UnknownPaperError(evidence_id)
