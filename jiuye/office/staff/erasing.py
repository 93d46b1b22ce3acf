"""What the rules of retention mean in this room: failed log-ins, ended sessions, looks at protected data."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pgtrigger
from django.db.models import QuerySet

from jiuye.office.staff.models import FailedLogIn, LookRecord, RefusedSignOn, SignIn
from jiuye.office.staff.retention import Erasing


def _rows(found: Callable[[datetime], QuerySet], *kept_by: str) -> Erasing:
    """Rows that simply go; `kept_by` names the triggers that keep them from everyone but this."""

    def erase(before: datetime, at: datetime) -> int:
        with pgtrigger.ignore(*kept_by):
            _, gone = found(before).delete()
            return gone.get(found(before).model._meta.label, 0)  # what hangs on a row goes with it, uncounted

    return Erasing(lambda before: found(before).count(), erase)


def _attempts(before: datetime) -> tuple[QuerySet, QuerySet]:
    """With a password, and over the single sign-on of the public."""
    return FailedLogIn.objects.filter(at__lt=before), RefusedSignOn.objects.filter(at__lt=before)


def _erase_attempts(before: datetime, at: datetime) -> int:
    return sum(found.delete()[0] for found in _attempts(before))


ERASES = {
    "log_in_attempts": Erasing(
        lambda before: sum(found.count() for found in _attempts(before)), _erase_attempts
    ),
    "looks": _rows(
        lambda before: LookRecord.objects.filter(looked_at__lt=before),
        "staff.LookRecord:append_only",
        "staff.LookedAt:append_only",
    ),
    # A session that nobody ended is over when its cookie is; it counts from when it was last used.
    "ended_sessions": _rows(
        lambda before: SignIn.objects.filter(seen_at__lt=before), "staff.LookRecord:append_only"
    ),
}
