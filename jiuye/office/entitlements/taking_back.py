"""What was drawn and has been paid back counts as drawn no more."""

from __future__ import annotations

from datetime import date, datetime

import pghistory
from django.db import transaction

from jiuye.engine.basis.dates import add_months
from jiuye.office.entitlements.models import Benefit
from jiuye.office.entitlements.recording import decide_again


def take_back_benefit(
    *, case_key: str, paid_fen: int, back_fen: int, on: date, at: datetime, months: int | None = None
) -> Benefit | None:
    """Reduce what stands as drawn by what has come back, and decide again at once. Returns what is left of it; None where nothing is.

    The rule: the amount is spread evenly over the months that it was paid for, and a month counts as drawn until its whole share has
    come back; the last months go first, so that the period ends earlier. Where everything came back, nothing was drawn: limits,
    exclusions and a second payment are then held against nothing. What is waived has not come back, and still counts. `months` are those
    of the payment as it was made; run again with the same figures it changes nothing. Without them the amount alone was too much (the
    interest of a quarter): every month stays drawn until all has come back.
    """
    with transaction.atomic(), pghistory.context(operation="entitlements.take_back_benefit"):
        benefit = Benefit.objects.select_for_update().filter(case_key=case_key).order_by("pk").first()
        if benefit is None:
            return None
        person_id, employer_id = benefit.person_id, benefit.employer_id
        left: Benefit | None = benefit
        if back_fen >= paid_fen:
            benefit.delete()
            left = None
        else:
            benefit.amount_fen = paid_fen - back_fen
            if months is not None:
                benefit.months = months - months * back_fen // paid_fen
                if benefit.period_start is not None and months:
                    benefit.period_until = add_months(benefit.period_start, benefit.months)
            benefit.save(update_fields=["amount_fen", "months", "period_until"])
        decide_again(person_id=person_id, employer_id=employer_id, on=on, at=at)
    return left
