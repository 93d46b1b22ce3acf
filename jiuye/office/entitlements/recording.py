"""What was paid, kept: the one place where a benefit is written, by whichever door the money went."""

from __future__ import annotations

from datetime import date, datetime

import pghistory
from django.db import transaction

from jiuye.engine.basis.dates import Interval, months_from
from jiuye.office.entitlements.models import Benefit, Entitlement
from jiuye.office.entitlements.operations import redecide_employers, redecide_person, subject_person


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

    Whoever it concerns is decided again in the same transaction. Raises IntegrityError where the same period was paid before.
    """
    with transaction.atomic(), pghistory.context(operation="entitlements.record_benefit"):
        benefit = Benefit.objects.create(
            policy_id=policy_id,
            subject_kind=subject[0],
            subject_key=subject[1],
            person_id=person_id,
            employer_id=employer_id,
            period_start=period.start,
            period_until=period.end,
            months=months_from(period.start, period.end),
            amount_fen=amount_fen,
            paid_on=paid_on,
            case_key=case_key,
            source=source,
        )
        if person_id is not None:
            redecide_person(person_id=person_id, on=on, at=at)
        elif employer_id is not None:
            redecide_employers(employer_ids=[employer_id], on=on, at=at)
    return benefit
