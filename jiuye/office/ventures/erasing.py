"""What the rules of retention mean in this room: the papers of an application that its borrower took back,
and forms that were filled in and never handed in."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from jiuye.office.casework.erasing import erase_papers_of
from jiuye.office.staff.retention import Erasing
from jiuye.office.ventures.models import Loan, LoanDraft, LoanEvidence


def _withdrawn(before: datetime) -> QuerySet[Loan]:
    """Taken back before that moment, with papers still there."""
    found = Loan.objects.filter(state="withdrawn", timeline__act="withdraw", timeline__at__lt=before)
    return found.filter(evidence__isnull=False).distinct()


def _erase_papers(before: datetime, at: datetime) -> int:
    return erase_papers_of(_withdrawn(before), LoanEvidence, "loan", at=at)


def _drafts(before: datetime) -> QuerySet[LoanDraft]:
    """Last saved before that moment."""
    return LoanDraft.objects.filter(saved_at__lt=before)


def _erase_drafts(before: datetime, at: datetime) -> int:
    """Nothing of what was never applied for stays: no case, no history."""
    return _drafts(before).delete()[0]


ERASES = {
    "unsubmitted_matters": Erasing(lambda before: _drafts(before).count(), _erase_drafts),
    "withdrawn_matters": Erasing(lambda before: _withdrawn(before).count(), _erase_papers),
}
