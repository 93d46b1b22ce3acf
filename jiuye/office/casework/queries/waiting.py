"""Granted cases that wait for payment, by the fund that pays them: each fund's whole number and sum, and the cases due first."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Case as Choose
from django.db.models import CharField, Count, F, Sum, Value, When, Window
from django.db.models.functions import RowNumber

from jiuye.office.casework.models import Case
from jiuye.office.casework.queries.worklist import BY_DEADLINE, waiting_for_payment
from jiuye.office.casework.rules import Rules, UnknownPolicyError
from jiuye.office.staff.queries import Actor

NO_FUND = "—"  # of a policy that the pack no longer has


@dataclass(frozen=True, slots=True)
class WaitingFund:
    """What waits for one fund's money: how many cases and how much in all, and those of them that are listed."""

    fund: str
    number: int
    total_fen: int
    cases: tuple[Case, ...]


def waiting_by_fund(actor: Actor, rules: Rules, *, most: int) -> list[WaitingFund]:
    """Of each fund at most so many cases, those due first; a fund for which many wait keeps none of another's from being listed.

    Raises NotPermittedError.
    """
    found = waiting_for_payment(actor)
    policies: dict[str, list[str]] = {}
    numbers: dict[str, int] = {}
    totals: dict[str, int] = {}
    sums = found.order_by("policy_id").values("policy_id")
    for policy, number, total in sums.annotate(number=Count("pk"), total=Sum("amount_fen")).values_list(
        "policy_id", "number", "total"
    ):
        fund = _fund_of(policy, rules)
        policies.setdefault(fund, []).append(policy)
        numbers[fund] = numbers.get(fund, 0) + number
        totals[fund] = totals.get(fund, 0) + int(total)
    if not policies:
        return []
    whose = Choose(
        *(When(policy_id__in=of_it, then=Value(fund)) for fund, of_it in policies.items()),
        default=Value(NO_FUND),
        output_field=CharField(),
    )
    places = found.annotate(fund=whose).annotate(
        place=Window(RowNumber(), partition_by=F("fund"), order_by=list(BY_DEADLINE))
    )
    listed: dict[str, list[Case]] = {}
    for case in places.filter(place__lte=most):
        listed.setdefault(case.fund, []).append(case)
    return [
        WaitingFund(fund, numbers[fund], totals[fund], tuple(listed.get(fund, ())))
        for fund in sorted(policies)
    ]


def _fund_of(policy_id: str, rules: Rules) -> str:
    try:
        return rules.terms(policy_id).fund
    except UnknownPolicyError:
        return NO_FUND
