"""What this room keeps only for a time (`access.yaml`): failed log-ins, ended sessions, looks. How long and why is the pack's to say."""

from __future__ import annotations

from datetime import datetime, timedelta

import pgtrigger
from django.db import transaction
from django.db.models import Q, QuerySet

from jiuye.office.staff.access import access
from jiuye.office.staff.models import FailedLogIn, LookRecord, SignIn


def expired(*, at: datetime) -> dict[str, QuerySet]:
    """What is past its time, by the key of its rule; a rule that says `keep`, or that the pack does not have, erases nothing."""
    rules = access().retention
    found: dict[str, QuerySet] = {}
    for key, rows, moment in (
        ("log_in_attempts", FailedLogIn.objects.all(), "at"),
        ("looks", LookRecord.objects.all(), "looked_at"),
        # A session that nobody ended is over when its cookie is; it counts from when it was last used.
        ("ended_sessions", SignIn.objects.all(), "seen_at"),
    ):
        rule = rules.get(key)
        if rule is not None and rule.then == "erase":
            found[key] = rows.filter(Q(**{f"{moment}__lt": at - timedelta(days=rule.days)}))
    return found


@transaction.atomic
def erase_expired(*, at: datetime) -> dict[str, int]:
    """Erase it; returns how many rows of each. Looks are append-only for everyone but this."""
    erased = {}
    for key, rows in expired(at=at).items():
        with pgtrigger.ignore("staff.LookRecord:append_only"):
            erased[key] = rows.delete()[0]
    return erased
