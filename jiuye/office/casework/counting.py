"""What is granted and not paid yet, counted as drawn: whether a subsidy that may be drawn so and so often, or for so many months, is still owed.

The facts of a decision count what the bank has paid. Between an approval and the bank's answer lie days, and one batch may hold several
cases: two firms' grants for one worker, five certificates of one holder. Each of them, decided by itself, is owed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import Q

from jiuye.engine.basis.dates import months_from
from jiuye.engine.rules.rows import Row
from jiuye.office.casework.drawn import GRANTED_NOT_DRAWN, Examined
from jiuye.office.casework.findings import Finding
from jiuye.office.casework.models import Case
from jiuye.office.casework.packrules import decision_day
from jiuye.office.entitlements.dating import policies_drawn
from jiuye.office.entitlements.facts.catalogue import SOURCES
from jiuye.office.entitlements.models import Entitlement
from jiuye.office.entitlements.operations import explain_row, subject_person, subjects_of_people
from jiuye.office.entitlements.rulebook import rulebook
from jiuye.office.entitlements.values import row_now

COUNTS = re.compile(r"\w+\.benefit_(ever|count|months)\w*\(.*\)")


@dataclass(frozen=True, slots=True)
class Counting:
    """A fact that counts what was drawn: of which entity, under which name, what it counts (ever, count or months), and of which policies."""

    entity: str
    fact: str
    what: str
    policies: frozenset[str]


@dataclass(frozen=True, slots=True)
class Granted:
    """Another case about the same person that is granted and not paid."""

    number: str
    policy_id: str
    subject: tuple[str, str]  # kind and key
    months: int


def too_often(subject: Examined, verdict: str) -> Finding | None:
    """The finding that what is granted and not paid uses up what may be drawn; None where it does not, or nothing is granted.

    `verdict` is what is owed without it.
    """
    ours = subject.entitlement
    counting = facts_counting(ours.policy_id, ours.subject_kind)
    if verdict != "yes" or not counting:
        return None
    granted = granted_to_the_same(subject, frozenset().union(*(one.policies for one in counting)))
    if not granted:
        return None
    on = decision_day(ours, subject.on)
    row = row_now(entity=ours.subject_kind, key=int(ours.subject_key), paths=(), on=on)
    if row is None or explain_row(row, policy_id=ours.policy_id, on=on).verdict != "yes":
        return None
    counted = explain_row(with_granted(row, counting, ours, granted), policy_id=ours.policy_id, on=on)
    if counted.verdict == "yes":
        return None
    looked: dict[str, Any] = {
        "times": len(granted),
        "months": sum(one.months for one in granted),
        "numbers": "、".join(one.number for one in granted),
    }
    return Finding("within_limits", "granted_counts", False, looked)


def facts_counting(policy_id: str, subject_kind: str) -> list[Counting]:
    """The facts of the subject, and of the person whom it is about, that count what was drawn of this policy; some count other policies with it."""
    found = []
    for entity in sorted({"person", subject_kind}):
        known = rulebook().pack.vocabulary.entities.get(entity)
        for name, fact in known.facts.items() if known is not None else ():
            match = COUNTS.fullmatch(fact.binding or "")
            counted = policies_drawn(fact)
            if match and policy_id in counted:
                found.append(Counting(entity, name, match[1], counted))
    return found


def granted_to_the_same(subject: Examined, policies: frozenset[str]) -> list[Granted]:
    """The other cases of these policies that are about the same person, granted and not paid. Once the case itself is granted, those before it, so
    that of two that should not both have been granted one is paid."""
    ours, case = subject.entitlement, subject.case
    others = Case.objects.filter(_about_the_same(ours), policy_id__in=policies, state__in=GRANTED_NOT_DRAWN)
    if case is not None:
        others = others.exclude(pk=case.pk)
        if case.state in GRANTED_NOT_DRAWN:
            before = Q(approved_on__lt=case.approved_on) | Q(approved_on=case.approved_on, pk__lt=case.pk)
            others = others.filter(before)
    return [
        Granted(
            one.number,
            one.policy_id,
            (one.subject_kind, one.subject_key),
            _months(one.period_start, one.period_until),
        )
        for one in others.order_by("pk")
    ]


def _about_the_same(ours: Entitlement) -> Q:
    """Cases about the person of this one: of themselves, their hires, their certificates; where it is about nobody, about the same thing."""
    person = subject_person(ours.subject_kind, ours.subject_key)
    if person is None:
        return Q(subject_kind=ours.subject_kind, subject_key=ours.subject_key)
    theirs = Q()
    for kind, keys in subjects_of_people([person]).items():
        if kind not in ("employer", "household"):  # others are in them as well
            theirs |= Q(subject_kind=kind, subject_key__in=[str(key) for key in keys])
    return theirs


def with_granted(
    row: Row, counting: Sequence[Counting], ours: Entitlement, granted: Sequence[Granted]
) -> Row:
    """The subject's row as it would be, had these been paid. Facts that nobody knows stay unknown.

    Months that count only while a status was held are all added: it can only make somebody wait for the bank who need not have.
    """
    of_person = [one for one in counting if one.entity == "person"]
    if ours.subject_kind == "person":
        return _raised(row, of_person, granted)
    same = [one for one in granted if one.subject == (ours.subject_kind, ours.subject_key)]
    row = _raised(row, [one for one in counting if one.entity == ours.subject_kind], same)
    people = {
        name: _raised(there, of_person, granted)
        for name in SOURCES[ours.subject_kind].people
        if (there := row.ones.get(name)) is not None
    }
    return replace(row, ones={**row.ones, **people})


def _raised(row: Row, counting: Iterable[Counting], granted: Sequence[Granted]) -> Row:
    raised = {}
    for one in counting:
        counted = [each for each in granted if each.policy_id in one.policies]
        drawn = row.values.get(one.fact)
        if drawn is None or not counted:
            continue
        more = len(counted) if one.what == "count" else sum(each.months for each in counted)
        raised[one.fact] = True if one.what == "ever" else drawn + more
    return replace(row, values={**row.values, **raised})


def _months(start: date | None, until: date | None) -> int:
    """A period that is open at an end takes at least one month."""
    return max(1, months_from(start, until))
