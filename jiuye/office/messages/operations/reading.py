"""Noting that somebody read what they were told."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from jiuye.office.messages.queries import inbox
from jiuye.office.staff.queries import Actor


@transaction.atomic
def mark_read(*, actor: Actor, at: datetime) -> int:
    """The receiver has seen their inbox: what was unread is noted as read, once. Returns how many. Raises NotPermittedError."""
    return inbox(actor).filter(read_at__isnull=True).update(read_at=at)
