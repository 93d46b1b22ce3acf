"""What the rules of retention mean in this room: how to reach somebody who objected, once that is long settled. For cases, and for matters above."""

from __future__ import annotations

from datetime import datetime

import pgtrigger
from django.db.models import Model

from jiuye.office.casework.models import Objection, RefusalReview
from jiuye.office.casework.models.objections import ObjectionRaised
from jiuye.office.staff.retention import Erasing


def contacts_of(*models: type[Model]) -> Erasing:
    """Telephone numbers and addresses left with what was settled before a moment; the words and the decision stay on the file."""

    def settled(model: type[Model], before: datetime) -> dict[str, object]:
        day = "resolved_on__lt" if issubclass(model, ObjectionRaised) else "decided_on__lt"
        return {day: before.date()}

    def count(before: datetime) -> int:
        return sum(
            model._default_manager.filter(**settled(model, before)).exclude(contact=b"").count()
            for model in models
        )

    def erase(before: datetime, at: datetime) -> int:
        number = 0
        for model in models:
            rows = model._default_manager.filter(**settled(model, before)).exclude(contact=b"")
            keys = list(rows.select_for_update().order_by("pk").values_list("pk", flat=True))
            number += model._default_manager.filter(pk__in=keys).update(contact="")
            forget_in_versions(model, keys, contact="")
        return number

    return Erasing(count, erase)


def forget_in_versions(model: type[Model], keys: list[int], **fields: str) -> None:
    """Write these over what the history of the rows holds: what is erased stands nowhere, not even as it once was."""
    versions = model.pgh_event_model
    with pgtrigger.ignore(f"{versions._meta.label}:append_only"):
        versions.objects.filter(pgh_obj_id__in=keys).update(**fields)


ERASES = {"objectors_contacts": contacts_of(Objection, RefusalReview)}
