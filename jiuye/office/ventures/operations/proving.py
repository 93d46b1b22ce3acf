"""The papers of an application: uploaded by the borrower, seen at the counter, or spared because a register knows them (免证明)."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext

from jiuye.office.casework.answering import PurposeMissingError
from jiuye.office.casework.papers import (
    EvidenceMissingError,
    keep_uploaded,
    kind_of,
    note_seen,
    read_uploaded,
    require_words,
)
from jiuye.office.staff.operations import record_look
from jiuye.office.staff.queries import Actor, require
from jiuye.office.staff.refusals import LINE, within
from jiuye.office.ventures.models import Loan, LoanEvidence
from jiuye.office.ventures.operations.steps import LoanNotFoundError, is_borrower, locked, one_act
from jiuye.office.ventures.proofs import TAKES_PAPERS, proofs_of
from jiuye.office.ventures.rules import loan_item
from jiuye.office.ventures.states import STATE_LABELS, LoanRefusal


class UnknownLoanPaperError(LoanRefusal):
    """The service item asks for no such paper."""

    def __init__(self, evidence_id: str) -> None:
        super().__init__(
            gettext("申请这种贷款不需要材料“%(evidence)s”；请核对。") % {"evidence": evidence_id}
        )


class LoanPapersClosedError(LoanRefusal):
    """The application is decided."""

    def __init__(self, state: str) -> None:
        super().__init__(
            gettext("这笔贷款现在是“%(state)s”，不再收材料；申请还没有担保的时候才收。")
            % {"state": gettext(STATE_LABELS[state])}
        )


def attach(
    *, actor: Actor, loan_id: int, evidence_id: str, file_name: str, content: bytes, on: date, at: datetime
) -> LoanEvidence:
    """Keep an uploaded paper of the borrower's. The very same file for the same point is returned, not kept twice.

    Raises NotPermittedError, LoanNotFoundError, LoanPapersClosedError, UnknownLoanPaperError, FileRefusedError.
    """
    kind = kind_of(content)
    with one_act("attach"):
        loan = locked(loan_id)
        if not (is_borrower(actor, loan) and actor.may("own.confirm")):
            require(actor, "ventures.record", loan.division_code)
        _require_asked_for(loan, evidence_id)
        kept: LoanEvidence = keep_uploaded(
            loan, evidence_id, kind=kind, file_name=file_name, content=content, actor=actor, on=on, at=at
        )
    return kept


def show_original(
    *, actor: Actor, loan_id: int, evidence_id: str, said: str, on: date, at: datetime
) -> LoanEvidence:
    """An officer saw the original at the counter; `said` is what it was. Raises as `attach`, and FileRefusedError without words."""
    words = require_words(said)
    with one_act("attach"):
        loan = locked(loan_id)
        require(actor, "ventures.record", loan.division_code)
        _require_asked_for(loan, evidence_id)
        seen: LoanEvidence = note_seen(loan, evidence_id, said=words, actor=actor, on=on, at=at)
    return seen


def read_file(*, actor: Actor, evidence_id: int, purpose: str, at: datetime) -> tuple[str, str, bytes]:
    """(name, content type, content) of an uploaded paper; an officer's look is recorded with its purpose.

    Raises LoanNotFoundError, NotPermittedError, PurposeMissingError, TooLongError, FileGoneError.
    """
    kept = LoanEvidence.objects.select_related("loan").filter(pk=evidence_id, kind="file").first()
    if kept is None:
        raise LoanNotFoundError
    loan = kept.loan
    if not is_borrower(actor, loan):
        require(actor, "ventures.see", loan.division_code)
        if not purpose.strip():
            raise PurposeMissingError
        with one_act("read_file"):
            record_look(
                actor=actor,
                subject_kind="person" if loan.person_id is not None else "employer",
                subject_key=str(loan.person_id or loan.employer_id),
                field=f"evidence:{kept.evidence_id}"[:40],
                purpose=within(purpose, LINE, "查看事由"),
                at=at,
            )
    return read_uploaded(kept)


def require_proved(loan: Loan, *, on: date, at: datetime) -> None:
    """Keep what registers prove of the application, once. Raises EvidenceMissingError where something is proved by nobody."""
    proofs = proofs_of(loan, on=on)
    missing = [proof.row.name for proof in proofs if not proof.settled]
    if missing:
        raise EvidenceMissingError(missing)
    kept = set(loan.evidence.filter(kind="register").order_by("pk").values_list("evidence_id", flat=True))
    LoanEvidence.objects.bulk_create(
        LoanEvidence(
            loan=loan,
            evidence_id=proof.row.id,
            kind="register",
            said="、".join(proof.registers),
            given_by_name="、".join(proof.registers)[:60],
            on_date=on,
            at=at,
        )
        for proof in proofs
        if proof.known and proof.row.id not in kept
    )


def _require_asked_for(loan: Loan, evidence_id: str) -> None:
    if loan.state not in TAKES_PAPERS:
        raise LoanPapersClosedError(loan.state)
    item = loan_item(loan.kind)
    if item is None or evidence_id not in {row.id for row in item.evidence}:
        raise UnknownLoanPaperError(evidence_id)
