"""Subsidies paid, from the cases that the bank has paid."""

from __future__ import annotations

from typing import Any

from django.db.models import F, QuerySet

from jiuye.engine.basis.dates import Interval
from jiuye.office.casework.models import Case
from jiuye.office.targets.measures.counting import Measure, Part, RecordLine
from jiuye.office.targets.states import PART_NAMES


def paid(period: Interval) -> QuerySet[Any]:
    """Cases that the bank reported as paid, on the day of payment, where the case is handled."""
    return Case.objects.filter(state="paid", paid_on__gte=period.start, paid_on__lt=period.end).annotate(
        counted_on=F("paid_on"), place=F("division_code")
    )


def on_the_way(period: Interval) -> QuerySet[Any]:
    """Approved in the period and not yet at the recipient's: no money has moved."""
    return Case.objects.filter(
        state__in=["approved", "in_payment", "payment_rejected"],
        approved_on__gte=period.start,
        approved_on__lt=period.end,
    ).annotate(counted_on=F("approved_on"), place=F("division_code"))


def case_line(case: Any) -> RecordLine:
    """A case with its policy; residents masked, firms by name."""
    return RecordLine(
        case.masked_recipient, case.policy_name, case.counted_on, case.place, case.number, case.amount_fen
    )


SUBSIDIES_PAID = Measure(
    "subsidies_paid",
    (
        Part("paid", PART_NAMES["paid"], 1, paid, case_line),
        Part("on_the_way", PART_NAMES["on_the_way"], 0, on_the_way, case_line),
    ),
    amount="amount_fen",
)
