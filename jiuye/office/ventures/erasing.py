"""What the rules of retention mean in this room: the papers of an application that its borrower took back,
and forms that were filled in and never handed in."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from jiuye.office.casework.erasing import erase_papers
from jiuye.office.casework.timeline import record
from jiuye.office.staff.retention import Erasing
from jiuye.office.ventures.models import Loan, LoanDraft, LoanEvidence


def _withdrawn(before: datetime) -> QuerySet[Loan]:
    """Taken back before that moment, with papers still there."""
    found = Loan.objects.filter(state="withdrawn", timeline__act="withdraw", timeline__at__lt=before)
    return found.filter(evidence__isnull=False).distinct()


def _erase_papers(before: datetime, at: datetime) -> int:
    """That somebody applied, for how much and when stays; what proved it goes."""
    loans = list(Loan.objects.select_for_update().filter(pk__in=_withdrawn(before)).order_by("pk"))
    for loan in loans:
        record(loan, "erase", actor=None, on=at.date(), at=at, note="材料已按保存期限删除")
    erase_papers(LoanEvidence.objects.filter(loan__in=[loan.pk for loan in loans]), at=at)
    return len(loans)


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
