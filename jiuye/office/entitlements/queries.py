"""Reading decisions: what one resident or employer can get, and who is entitled."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Q, QuerySet, Sum

from jiuye.engine.rules.decide import Sitting
from jiuye.engine.rules.explain import Explanation
from jiuye.engine.rules.lacking import Missing
from jiuye.engine.rules.policies import Policy
from jiuye.office.entitlements.models import Benefit, Entitlement
from jiuye.office.entitlements.rulebook import rulebook
from jiuye.office.staff.queries import Actor, scope_filter
from jiuye.office.staff.rows import unscoped

MOST_SHOWN = 200  # findings on one page; a large employer's others are reached through the lists


@dataclass(frozen=True, slots=True)
class Finding:
    """One decision with its policy, explained on the day's facts."""

    entitlement: Entitlement
    policy: Policy
    explanation: Explanation | None


@dataclass(frozen=True, slots=True)
class Question:
    """The question that would settle something, with the policies that wait for it."""

    missing: Missing
    entity: str
    subject_key: str
    kind: str  # boolean, date, money, number, enum …
    options: tuple[tuple[str, str], ...]
    waiting: tuple[Policy, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """A resident's (or an employer's) first screen."""

    can_get: tuple[Finding, ...]
    nearly: tuple[Finding, ...]
    cannot_tell: tuple[Finding, ...]
    questions: tuple[Question, ...]
    receives: tuple[tuple[Policy | None, Benefit], ...]


def overview(*, recipient_kind: str, recipient_id: int, on: date) -> Overview:
    """What can be got, what is nearly within reach, what could not be told and what settles it, what is received already.

    Only decisions whose period holds the day; near misses only of the recipient's own doing are shown.
    """
    book = rulebook()
    owner = Q(person_id=recipient_id) if recipient_kind == "person" else Q(employer_id=recipient_id)
    rows = list(
        Entitlement.objects.filter(
            owner, Q(period_start__isnull=True) | Q(period_start__lte=on), recipient_kind=recipient_kind
        )
        .filter(Q(period_until__isnull=True) | Q(period_until__gt=on))
        .exclude(verdict="no")
        # Services have no amount: they come after the money.
        .order_by("verdict", F("amount_fen").desc(nulls_last=True), "policy_id", "subject_key")[:MOST_SHOWN]
    )
    findings = _explained(rows, on)
    benefits = Benefit.objects.filter(owner).order_by("-paid_on", "policy_id", "pk")
    if recipient_kind == "person":
        benefits = benefits.filter(employer__isnull=True)
    return Overview(
        can_get=tuple(found for found in findings if found.entitlement.verdict == "yes"),
        nearly=tuple(found for found in findings if found.entitlement.verdict == "near_miss"),
        cannot_tell=tuple(found for found in findings if found.entitlement.verdict == "unknown"),
        questions=_questions(findings),
        receives=tuple((book.pack.policies.get(benefit.policy_id), benefit) for benefit in benefits),
    )


def one_finding(entitlement_id: int, *, recipient_kind: str, recipient_id: int, on: date) -> Finding | None:
    """One decision of that recipient, explained for its own period; None where it is not theirs."""
    owner = Q(person_id=recipient_id) if recipient_kind == "person" else Q(employer_id=recipient_id)
    row = (
        Entitlement.objects.filter(owner, pk=entitlement_id, recipient_kind=recipient_kind)
        .order_by("pk")
        .first()
    )
    if row is None:
        return None
    found = _explained([row], on)
    return found[0] if found else None


def _explained(rows: list[Entitlement], on: date) -> list[Finding]:
    book = rulebook()
    told = explained([(row.policy_id, row.subject_kind, row.subject_key) for row in rows], on)
    return [
        Finding(row, book.pack.policies[row.policy_id], told.get((row.policy_id, row.subject_key)))
        for row in rows
        if row.policy_id in book.pack.policies
    ]


@unscoped("rules read households, employers and hires beyond a county's border")
def explained(
    subjects: Iterable[tuple[str, str, str]], on: date, *, day: date | None = None
) -> dict[tuple[str, str], Explanation]:
    """Subjects (policy, kind, key) explained on the facts of `on`, decided on `day` where it is another; by (policy, key).

    What is not on record any more, and policies that the pack has no more, are left out. One query a kind and relation.
    """
    book = rulebook()
    reader = book.reader(on)
    wanted = [subject for subject in subjects if subject[0] in book.pack.policies]
    keys: dict[str, set[int]] = {}
    for _, kind, key in wanted:
        keys.setdefault(kind, set()).add(int(key))
    facts = {kind: reader.rows(kind, found) for kind, found in sorted(keys.items())}
    sitting = Sitting(day or on)
    return {
        (policy_id, key): book.explainer.explain_within(
            policy := book.pack.policies[policy_id], facts[kind][int(key)], sitting.under(policy)
        )
        for policy_id, kind, key in wanted
        if int(key) in facts[kind]
    }


@unscoped("rules read households, employers and hires beyond a county's border")
def explained_under(policy_id: str, kind: str, keys: Iterable[str], on: date) -> dict[str, Explanation]:
    """Many subjects of a kind explained under one policy on the facts of that day, by key; only what the policy reads is read.

    What is not on record any more is left out. Raises NoSuchPolicyError where the pack has no such policy.
    """
    book = rulebook()
    policy = book.pack.policy(policy_id)
    rows = book.reader_of(policy, on).rows(kind, [int(key) for key in keys])
    return {str(key): book.explainer.explain(policy, row, on) for key, row in rows.items()}


def policy_version(policy_id: str) -> str:
    """The version of the policy as it reads now. Raises NoSuchPolicyError."""
    return rulebook().pack.policy(policy_id).version


def _questions(findings: list[Finding]) -> tuple[Question, ...]:
    """One question a missing fact that the subject can answer, the one that most policies wait for first."""
    book = rulebook()
    waiting: dict[tuple[str, str, str], list[Policy]] = {}
    asked: dict[tuple[str, str, str], Missing] = {}
    for found in findings:
        if found.explanation is None or found.entitlement.verdict != "unknown":
            continue
        if any(missing.kind == "rule" for missing in found.explanation.missing):
            continue  # no answer of theirs would settle it
        for missing in found.explanation.missing:
            if missing.kind == "fact" and missing.ask and "." not in missing.path:
                key = (found.entitlement.subject_kind, found.entitlement.subject_key, missing.path)
                asked[key] = missing
                waiting.setdefault(key, []).append(found.policy)
    questions = []
    for (entity, subject_key, path), missing in asked.items():
        fact = book.pack.vocabulary.entities[entity].facts[path]
        options = (
            tuple(book.pack.vocabulary.enums[fact.type.enum].items()) if fact.type.kind == "enum" else ()
        )
        questions.append(
            Question(
                missing,
                entity,
                subject_key,
                fact.type.kind,
                options,
                tuple(waiting[entity, subject_key, path]),
            )
        )
    return tuple(sorted(questions, key=lambda question: (-len(question.waiting), question.missing.path)))


def in_scope(actor: Actor) -> QuerySet[Entitlement]:
    """Decisions of the divisions that the actor may see."""
    return Entitlement.objects.filter(scope_filter(actor, "entitlements.see", "division_code"))


def totals(actor: Actor) -> list[dict[str, object]]:
    """Counts and amounts by policy and verdict within the actor's scope."""
    return list(
        in_scope(actor)
        .exclude(verdict="no")
        .values("policy_id", "verdict")
        .annotate(subjects=Count("pk"), amount_fen=Sum("amount_fen"))
        .order_by("policy_id", "verdict")
    )


def policies_with(*effects: str) -> list[str]:
    """Ids of the policies in use whose yes means one of these: payment, relief, duty, service."""
    return sorted(policy.id for policy in rulebook().pack.policies.values() if policy.effect in effects)


def unpaid_policies() -> list[str]:
    """Ids of the policies under which nothing is paid out, whatever amount they come to."""
    return policies_with("relief", "duty", "service")
