"""What the registry tells of changed residents and employers: they are decided again in the same transaction, so that no stale answer is seen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.dispatch import receiver

from jiuye.office.entitlements.operations import redecide_employer, redecide_person
from jiuye.office.registry.signals import employers_changed, people_changed


@receiver(people_changed)
def decide_again(sender: Any, *, person_ids: Sequence[int], on: date, at: datetime, **_: Any) -> None:
    """Decide again whatever depends on these residents; a pack that cannot decide fails the change with it."""
    for person_id in person_ids:
        redecide_person(person_id=person_id, on=on, at=at)


@receiver(employers_changed)
def decide_employers_again(
    sender: Any, *, employer_ids: Sequence[int], on: date, at: datetime, **_: Any
) -> None:
    """The same for employers and whatever is counted by what belongs to them."""
    for employer_id in employer_ids:
        redecide_employer(employer_id=employer_id, on=on, at=at)
