"""What was paid before the office opened: the months of benefit that the funds' own registers report.

Nobody invents an amount: for every month back, the pack's own rules decide about those who drew, on the register as it
stood in that month, and only what they grant was paid. Most people drew; some never came, and the software is to find them.
"""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from jiuye.city.records import City
from jiuye.engine.basis.dates import add_months
from jiuye.engine.places import Demonstration
from jiuye.engine.rules.policies import Policy
from jiuye.office.entitlements.facts.reading import FactReader, Needs, needs_of
from jiuye.office.entitlements.models import Benefit
from jiuye.office.entitlements.rulebook import Rulebook, rulebook
from jiuye.office.registry.models import Status

SOURCE = "演示城市（合成数据）：经办系统历史发放"
DRAWS_ON = 15  # the day of the month on which a month was decided


def lay_benefits(city: City, demonstration: Demonstration) -> int:
    """Benefits of the months before the city's own, for the policies that the pack's demonstration names; how many."""
    book = rulebook()
    policies = [
        book.pack.policies[policy_id]
        for policy_id in demonstration.paid_before
        if policy_id in book.pack.policies and book.pack.policies[policy_id].period == "month"
    ]
    # Only what these policies read is read, month by month: the whole pack reads ten times as much.
    needs = needs_of(book.pack, policies)
    this_month = date(city.on.year, city.on.month, 1)
    count = 0
    # Month by month and not all at once: what was drawn in one month limits the next.
    for back in range(demonstration.paid_months, 0, -1):
        month = add_months(this_month, -back)
        for policy in policies:
            count += len(_paid_in(book, needs, policy, month, city, demonstration.take_up_percent))
    return count


def _paid_in(
    book: Rulebook, needs: Needs, policy: Policy, month: date, city: City, take_up_percent: int
) -> list[Benefit]:
    """One policy's benefits of one month."""
    day = month.replace(day=DRAWS_ON)
    stories = {person.pk for person in city.residents if person.story}
    waiting = Status.objects.filter(
        Q(until__isnull=True) | Q(until__gt=day),
        kind__in=("registered_unemployed", "flexible_employment"),
        start__lte=day,
    )
    people = sorted(
        pk
        for pk in waiting.order_by("person_id").values_list("person_id", flat=True).distinct()
        # Who draws is settled by the key, so that a person who draws in one month draws in the next.
        if pk not in stories and pk * 37 % 100 < take_up_percent
    )
    rows = FactReader(book.pack, day, book.counties, needs).rows("person", people)
    until = add_months(month, 1)
    benefits = []
    for pk, row in sorted(rows.items()):
        decided = book.explainer.explain(policy, row, day)
        if decided.verdict == "yes" and decided.amount_fen:
            benefits.append(
                Benefit(
                    policy_id=policy.id,
                    subject_kind="person",
                    subject_key=str(pk),
                    person_id=pk,
                    period_start=month,
                    period_until=until,
                    months=1,
                    amount_fen=decided.amount_fen,
                    paid_on=until.replace(day=5) if until.replace(day=5) <= city.on else city.on,
                    source=SOURCE,
                )
            )
    return Benefit.objects.bulk_create(benefits)
