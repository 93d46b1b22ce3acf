"""What the rules of retention mean in this room: why a colleague was away, once that is long over."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from jiuye.office.conduct.models import AbsenceReason
from jiuye.office.staff.retention import Erasing


def _over(before: datetime) -> QuerySet[AbsenceReason]:
    return AbsenceReason.objects.filter(absence__until__lt=before.date())


def _erase(before: datetime, at: datetime) -> int:
    """That they were away, who stood in and who declared it stay on record."""
    gone, _ = _over(before).delete()
    return gone


ERASES = {"absence_reasons": Erasing(lambda before: _over(before).count(), _erase)}
