"""What the registry tells of changed residents and employers: they are decided again in the same transaction, so that no stale answer is seen.

What was found of a birth or a certificate that is on record no more is a no from the same transaction on.

After a change of more than can be decided one by one everyone is swept, as soon as the change is committed.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.dispatch import receiver

from jiuye.office.entitlements.keeping import forget_gone
from jiuye.office.entitlements.models import Sweep
from jiuye.office.entitlements.operations import redecide_employers, redecide_people, run_sweep
from jiuye.office.registry.signals import (
    employers_changed,
    many_people_changed,
    people_changed,
    subjects_gone,
)

logger = logging.getLogger(__name__)


@receiver(people_changed)
def decide_again(sender: Any, *, person_ids: Sequence[int], on: date, at: datetime, **_: Any) -> None:
    """Decide again whatever depends on these residents; a pack that cannot decide fails the change with it."""
    redecide_people(person_ids=person_ids, on=on, at=at)


@receiver(employers_changed)
def decide_employers_again(
    sender: Any, *, employer_ids: Sequence[int], on: date, at: datetime, **_: Any
) -> None:
    """The same for employers and whatever is counted by what belongs to them."""
    redecide_employers(employer_ids=employer_ids, on=on, at=at)


@receiver(subjects_gone)
def let_nothing_stand(
    sender: Any, *, entity: str, keys: Sequence[int], on: date, at: datetime, **_: Any
) -> None:
    """Nothing that was found of these subjects stands: they are on record no more."""
    forget_gone(entity, list(keys), on, at)


@receiver(many_people_changed)
def decide_everyone_again(sender: Any, *, on: date, at: datetime, **_: Any) -> None:
    """Sweep everyone: for more than some hundred that is faster than deciding them one by one.

    Before the first sweep nobody has a decision that could be stale. The change is committed already: where the sweep fails, it is
    logged, the change stays, and the nightly run decides.
    """
    if not Sweep.objects.filter(state="done").exists():
        return
    try:
        run_sweep(actor=None, on=on, at=at)
    except Exception:
        logger.exception("everyone was to be decided again after a large change, and was not")
