"""What was granted or drawn before, as the checks before approval and payment ask for it: the same questions for every case of a long list.

Writing them down in SQL took a third of the time in which a case is checked. So their texts are kept (`asked_again`), and all that differs
from case to case is handed in: who, which policy, which subject, which period. A period that is open at a side is another question.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Protocol, TypeVar

from django.db.models import CharField, Count, Exists, OuterRef, Q, QuerySet, Sum, Value
from django.db.models.functions import Cast, Concat

from jiuye.office.casework.models import Case
from jiuye.office.casework.states import LIVE_STATES
from jiuye.office.entitlements.models import Benefit, Entitlement
from jiuye.office.staff.asked_again import Asked, rows_of

Periodic = TypeVar("Periodic", Case, Benefit)
Day = date | None

# Granted, and no benefit yet: the bank's answer writes it.
GRANTED_NOT_DRAWN = ("approved", "in_payment", "payment_rejected")
# A case in one of these has been granted: what it excludes can no longer win.
DRAWN_STATES = (*GRANTED_NOT_DRAWN, "paid")


class Examined(Protocol):
    """Who is examined, for which case if there is one already, on which day."""

    @property
    def entitlement(self) -> Entitlement: ...
    @property
    def case(self) -> Case | None: ...
    @property
    def on(self) -> date: ...


def granted_case(subject: Examined) -> Case | None:
    """Another case of the same policy and subject that is granted or paid and shares a day with this entitlement."""
    ours = subject.entitlement

    def question(
        key: int, policy: str, kind: str, subject_key: str, start: Day, until: Day
    ) -> QuerySet[Case]:
        same = _others(key, start, until).filter(
            policy_id=policy, subject_kind=kind, subject_key=subject_key, state__in=DRAWN_STATES
        )
        return _overlapping(same, start, until)[:1]

    about = (ours.pk, ours.policy_id, ours.subject_kind, ours.subject_key)
    return _first(_asked(subject, "granted_case", (), question, about))


def drawn_benefit(subject: Examined) -> Benefit | None:
    """A benefit of the same policy and subject on record (from the registers too) that shares a day, our own case's apart."""
    ours = subject.entitlement

    def question(policy: str, kind: str, subject_key: str, *rest: Any) -> QuerySet[Benefit]:
        same = Benefit.objects.filter(policy_id=policy, subject_kind=kind, subject_key=subject_key)
        return _of_another_case(same, *rest)

    about = (ours.policy_id, ours.subject_kind, ours.subject_key, *_own_key(subject))
    return _first(_asked(subject, "drawn_benefit", subject.case is None, question, about))


def excluded_cases(subject: Examined, policies: Sequence[str]) -> list[Case]:
    """Live cases of policies that exclude this one, of the same person, whoever is paid for them; without a person, of the same employer and
    subject."""
    ours, named = subject.entitlement, tuple(sorted(policies))

    def question(key: int, *rest: Any) -> QuerySet[Case]:
        *who, start, until = rest
        if len(who) == 1:
            whose = Q(person_id=who[0]) | Q(entitlement__person_id=who[0])
        else:
            whose = Q(employer_id=who[0], subject_key=who[1])
        others = _others(key, start, until).filter(whose, policy_id__in=named, state__in=LIVE_STATES)
        return _overlapping(others, start, until)

    return _asked(subject, "excluded_cases", named, question, (ours.pk, *_whose(ours)))


def excluded_benefit(subject: Examined, policies: Sequence[str]) -> Benefit | None:
    """A benefit of one of these policies that the same drew, sharing a day with this entitlement."""
    ours, named = subject.entitlement, tuple(sorted(policies))
    who = _whose(ours)

    def question(*handed: Any) -> QuerySet[Benefit]:
        theirs, rest = handed[: len(who)], handed[len(who) :]
        drawn = Benefit.objects.filter(policy_id__in=named)
        if len(theirs) == 1:
            drawn = drawn.filter(person_id=theirs[0])
        else:
            drawn = drawn.filter(employer_id=theirs[0], subject_key=theirs[1])
        return _of_another_case(drawn, *rest)

    about = (*who, *_own_key(subject))
    return _first(
        _asked(subject, "excluded_benefit", (named, len(who), subject.case is None), question, about)
    )


def drawn_before(subject: Examined) -> tuple[int, int]:
    """How many times, and for how many months, the recipient drew this policy before, our own case apart."""
    ours, by_person = subject.entitlement, subject.entitlement.person_id is not None
    own = _own_key(subject)

    def question(policy: str, who: int, *own_key: str) -> QuerySet[Any]:
        drawn = Benefit.objects.filter(policy_id=policy)
        drawn = drawn.filter(person_id=who) if by_person else drawn.filter(employer_id=who)
        for key in own_key:
            drawn = drawn.exclude(case_key=key)
        counted = drawn.order_by().values("policy_id").annotate(times=Count("pk"), lasting=Sum("months"))
        return counted.values_list("times", "lasting")

    about = (ours.policy_id, _recipient(ours), *own)
    for times, months in rows_of("drawn_before", (by_person, len(own)), (), question, about=about):
        return times, months or 0
    return 0, 0


def granted_before(subject: Examined) -> list[tuple[Day, Day]]:
    """The periods of the recipient's other cases of the policy that are granted and not paid yet: no benefit tells of them so far.

    Before its approval a case stands behind all of them; afterwards behind those that were granted before it, so that of two that should
    not both have been granted one is paid.
    """
    ours, case, by_person = subject.entitlement, subject.case, subject.entitlement.person_id is not None
    granted_on = case.approved_on if case is not None and case.state in GRANTED_NOT_DRAWN else None
    about: list[Asked] = [ours.policy_id, _recipient(ours)]
    about += [case.pk] if case is not None else []
    about += [granted_on] if granted_on is not None else []

    def question(policy: str, who: int, *of_case: Any) -> QuerySet[Any]:
        others = Case.objects.filter(policy_id=policy, state__in=GRANTED_NOT_DRAWN)
        if by_person:
            others = others.filter(entitlement__person_id=who)
        else:
            others = others.filter(entitlement__person_id__isnull=True, entitlement__employer_id=who)
        if of_case:
            others = others.exclude(pk=of_case[0])
        if len(of_case) > 1:
            key, day = of_case
            others = others.filter(Q(approved_on__lt=day) | Q(approved_on=day, pk__lt=key))
        return others.order_by("pk").values_list("period_start", "period_until")

    return rows_of("granted_before", (by_person, len(about)), (), question, about=about)


def _asked(
    subject: Examined, name: str, by: Any, question: Callable[..., QuerySet[Any]], about: Sequence[Any]
) -> list[Any]:
    """The rows of a question about these and, last, the days of the entitlement's period, None for an open side."""
    start, until = subject.entitlement.period_start, subject.entitlement.period_until
    opens, ends = start is not None, until is not None

    def with_period(*handed: Any) -> QuerySet[Any]:
        days = list(handed[len(about) :])
        return question(*handed[: len(about)], days[0] if opens else None, days[-1] if ends else None)

    days = [day for day in (start, until) if day is not None]
    return rows_of(name, (by, len(about), opens, ends), (), with_period, about=[*about, *days])


def _overlapping(rows: QuerySet[Periodic], start: Day, until: Day) -> QuerySet[Periodic]:
    """Rows whose period shares a day with this one; an open side is unbounded."""
    if until is not None:
        rows = rows.filter(Q(period_start__isnull=True) | Q(period_start__lt=until))
    if start is not None:
        rows = rows.filter(Q(period_until__isnull=True) | Q(period_until__gt=start))
    return rows


def _others(entitlement_id: int, start: Day, until: Day) -> QuerySet[Case]:
    """Other cases, without the paid ones whose months here were paid back: a paid case stands by what is left of its benefit."""
    kept = Benefit.objects.filter(case_key=Concat(Value("case:"), Cast(OuterRef("pk"), CharField())))
    others = Case.objects.exclude(entitlement_id=entitlement_id)
    return others.filter(~Q(state="paid") | Exists(_overlapping(kept, start, until))).order_by("pk")


def _of_another_case(rows: QuerySet[Benefit], *rest: Any) -> QuerySet[Benefit]:
    """The first that shares a day with the period at the end of `rest`, without the case's own where its key stands before."""
    *own_key, start, until = rest
    for key in own_key:
        rows = rows.exclude(case_key=key)
    return _overlapping(rows, start, until).order_by("pk")[:1]


def _whose(entitlement: Entitlement) -> tuple[Any, ...]:
    if entitlement.person_id is not None:
        return (entitlement.person_id,)
    return (entitlement.employer_id, entitlement.subject_key)


def _recipient(entitlement: Entitlement) -> int:
    key = entitlement.person_id if entitlement.person_id is not None else entitlement.employer_id
    assert key is not None  # held by the constraint entitlement_recipient_named_once
    return key


def _own_key(subject: Examined) -> tuple[str, ...]:
    return (subject.case.claim_key,) if subject.case is not None else ()


def _first(rows: list[Any]) -> Any:
    return rows[0] if rows else None
