"""What casework tells of: the bank's answers were taken, so that interest that was paid goes on record in the same moment."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.dispatch import receiver

from jiuye.office.casework.signals import results_taken
from jiuye.office.ventures.operations.drawing import record_paid_interest, take_back_returned_interest
from jiuye.office.ventures.operations.reminding import tell_compensations_paid


@receiver(results_taken)
def interest_was_paid(sender: Any, *, on: date, at: datetime, **_: Any) -> None:
    """Record what the bank paid for loans, take from the record what it sent back since, and tell whoever owes the fund now."""
    take_back_returned_interest(on=on, at=at)
    record_paid_interest(on=on, at=at)
    tell_compensations_paid(on=on, at=at)
