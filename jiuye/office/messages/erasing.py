"""What the rules of retention mean in this room: messages that no law asks to be kept with the file, and where they were sent."""

from __future__ import annotations

from datetime import datetime

import pgtrigger
from django.db.models import Q, QuerySet

from jiuye.office.messages.models import Delivery, Message
from jiuye.office.staff.retention import Erasing


def _old(before: datetime) -> QuerySet[Message]:
    """Decisions that had to be told stay with their case; what an objector was told holds a number and goes.

    A message that is still on its way stays, however old.
    """
    under_way = Delivery.objects.filter(state__in=("waiting", "sending")).values("message_id")
    return Message.objects.filter(
        Q(statutory=False) | Q(recipient_kind="objector"), written_at__lt=before
    ).exclude(pk__in=under_way)


def _erase(before: datetime, at: datetime) -> int:
    keys = list(_old(before).order_by("pk").values_list("pk", flat=True))
    with pgtrigger.ignore("office_messages.Message:kept", "office_messages.Delivery:kept"):
        Delivery.objects.filter(message_id__in=keys).delete()
        Message.objects.filter(pk__in=keys).delete()
    return len(keys)


ERASES = {"messages": Erasing(lambda before: _old(before).count(), _erase)}
