"""Noting that somebody opened a message."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from jiuye.office.messages.models import Message
from jiuye.office.messages.queries import own_message
from jiuye.office.staff.queries import Actor


@transaction.atomic
def mark_read(*, actor: Actor, message_id: int, at: datetime) -> Message:
    """The receiver opened it, noted once. Raises MessageNotFoundError where it is not theirs."""
    message = own_message(actor, message_id)
    if message.read_at is None:
        Message.objects.filter(pk=message.pk, read_at__isnull=True).update(read_at=at)
        message.read_at = at
    return message
