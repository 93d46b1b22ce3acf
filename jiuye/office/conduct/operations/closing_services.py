"""Closing a promised service where the reason may rest on visits and calls: they are kept here, above the matters."""

from __future__ import annotations

from datetime import date, datetime

from jiuye.office.conduct.queries.contacts import days_tried
from jiuye.office.matters import operations as matters
from jiuye.office.matters.models import PromisedService, ServiceClosing
from jiuye.office.staff.queries import Actor


def close_service(
    *, actor: Actor, promised_id: int, reason: str, note: str, on: date, at: datetime
) -> ServiceClosing:
    """Close what is still owed of a promised service, with the days on which a visit or call was tried since the plan began.

    Raises as `matters.operations.close_service`.
    """
    promised = PromisedService.objects.select_related("matter").filter(pk=promised_id).first()
    tries = days_tried(promised.matter, on=on) if promised is not None else 0
    return matters.close_service(
        actor=actor, promised_id=promised_id, reason=reason, note=note, tries=tries, on=on, at=at
    )
