"""What the registry tells of changed residents: they are decided again in the same transaction, so that no stale answer is seen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.dispatch import receiver

from jiuye.office.entitlements.operations import redecide_person
from jiuye.office.registry.signals import people_changed


@receiver(people_changed)
def decide_again(sender: Any, *, person_ids: Sequence[int], on: date, at: datetime, **_: Any) -> None:
    """Decide again whatever depends on these residents; a pack that cannot decide fails the change with it."""
    for person_id in person_ids:
        redecide_person(person_id=person_id, on=on, at=at)
