"""Demonstration budgets: without any, nothing could be granted in the demonstration. Marked as such wherever shown.

No document gives a yearly budget by fund, so that none is pretended: the amount is so many yuan a resident, a round
number chosen to pay some thousand claims.
"""

from __future__ import annotations

from datetime import date, datetime

from jiuye.office.funds.operations import appropriate_for_demonstration
from jiuye.office.funds.queries import funds
from jiuye.office.registry.models import Person

YUAN_A_RESIDENT = 100


def lay_budgets(*, on: date, at: datetime) -> int:
    """A budget of the year of `on` for each fund on record that has none; how many were laid. Safe to repeat."""
    amount_fen = Person.objects.count() * YUAN_A_RESIDENT * 100
    if not amount_fen:
        return 0
    laid = [
        appropriate_for_demonstration(fund=fund.code, year=on.year, amount_fen=amount_fen, on=on, at=at)
        for fund in funds()
    ]
    return sum(entry is not None for entry in laid)
