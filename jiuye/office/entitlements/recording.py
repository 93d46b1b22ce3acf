"""What was paid, kept: the one place where a benefit is written, by whichever door the money went."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime

import pghistory
from django.db import transaction

from jiuye.engine.basis.dates import Interval, months_from
from jiuye.office.entitlements.models import Benefit, Entitlement
from jiuye.office.entitlements.operations import redecide_employers, redecide_people, subject_person


@dataclass(slots=True)
class _Waiting:
    """Whom a change concerned that waits to be decided upon."""

    people: set[int] = field(default_factory=set)
    employers: set[int] = field(default_factory=set)


_waiting: ContextVar[_Waiting | None] = ContextVar("decided_together", default=None)


@contextmanager
def decided_together(*, on: date, at: datetime) -> Iterator[None]:
    """Whoever is concerned by what is recorded within is decided again once, at the end of the same transaction.

    Nobody outside sees an answer that is stale; whoever is within does, until the end.
    """
    waiting = _Waiting()
    with transaction.atomic():
        token = _waiting.set(waiting)
        try:
            yield
        finally:
            _waiting.reset(token)
        redecide_people(person_ids=sorted(waiting.people), on=on, at=at)
        redecide_employers(employer_ids=sorted(waiting.employers), on=on, at=at)


def decide_again(*, person_id: int | None, employer_id: int | None, on: date, at: datetime) -> None:
    """Decide again whatever hangs on the person, or else on the employer: at once, or with the others of `decided_together`."""
    waiting = _waiting.get()
    if waiting is not None:
        if person_id is not None:
            waiting.people.add(person_id)
        elif employer_id is not None:
            waiting.employers.add(employer_id)
    elif person_id is not None:
        redecide_people(person_ids=[person_id], on=on, at=at)
    elif employer_id is not None:
        redecide_employers(employer_ids=[employer_id], on=on, at=at)


def record_benefit(
    *,
    entitlement: Entitlement,
    amount_fen: int,
    paid_on: date,
    case_key: str,
    source: str,
    on: date,
    at: datetime,
) -> Benefit:
    """Keep what was paid for an entitlement, and decide again at once: what was drawn limits what can still be drawn."""
    return record_drawn(
        policy_id=entitlement.policy_id,
        subject=(entitlement.subject_kind, entitlement.subject_key),
        person_id=subject_person(entitlement.subject_kind, entitlement.subject_key),
        employer_id=entitlement.employer_id,
        period=Interval(entitlement.period_start, entitlement.period_until),
        amount_fen=amount_fen,
        paid_on=paid_on,
        case_key=case_key,
        source=source,
        on=on,
        at=at,
    )


def _said_by_a_register(policy_id: str, subject_key: str, start: date | None) -> Benefit | None:
    """The row of the same policy, subject and beginning that no payment of ours made."""
    rows = Benefit.objects.select_for_update().filter(
        policy_id=policy_id, subject_key=subject_key, period_start=start, case_key=""
    )
    return rows.order_by("pk").first()


def record_drawn(
    *,
    policy_id: str,
    subject: tuple[str, str],
    person_id: int | None,
    employer_id: int | None,
    period: Interval,
    amount_fen: int,
    paid_on: date,
    case_key: str,
    source: str,
    on: date,
    at: datetime,
) -> Benefit:
    """Keep what was paid under a policy for one subject (kind, key), by a case or otherwise: the one place where a benefit is written.

    Whoever it concerns is decided again in the same transaction. Where a register said the same period meanwhile (the money was at the
    bank already), its row becomes ours, naming it; what it said stays in the history. Raises IntegrityError where we had paid the same
    period before.
    """
    with transaction.atomic(), pghistory.context(operation="entitlements.record_benefit"):
        benefit = _said_by_a_register(policy_id, subject[1], period.start)
        if benefit is None:
            benefit = Benefit(policy_id=policy_id, subject_key=subject[1])
        else:
            longest = Benefit._meta.get_field("source").max_length
            source = f"{source}（另见：{benefit.source}）"[:longest]
        benefit.subject_kind = subject[0]
        benefit.person_id, benefit.employer_id = person_id, employer_id
        benefit.period_start, benefit.period_until = period.start, period.end
        benefit.months = months_from(period.start, period.end)
        benefit.amount_fen, benefit.paid_on, benefit.case_key = amount_fen, paid_on, case_key
        benefit.source = source
        benefit.save()
        decide_again(person_id=person_id, employer_id=employer_id, on=on, at=at)
    return benefit
