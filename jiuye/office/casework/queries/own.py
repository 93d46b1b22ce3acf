"""One resident's (or employer's) own pages: what was found for them together with the cases they have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import models
from django.db.models import QuerySet, When

from jiuye.engine.rules.explain import Explanation
from jiuye.engine.rules.policies import Policy
from jiuye.office.casework.access import CaseNotFoundError
from jiuye.office.casework.models import Case
from jiuye.office.casework.procedures import carried_by_loans
from jiuye.office.casework.queries.one import CaseView, view_of
from jiuye.office.casework.states import LIVE_STATES, OPEN_STATES
from jiuye.office.entitlements.models import Benefit
from jiuye.office.entitlements.queries import Finding, Question, one_finding, overview
from jiuye.office.staff.queries import Actor, require

MOST_SHOWN = 5  # a firm has a case for each hire; the list of all is a page of its own
WAITS_FOR_APPLICANT = ("correction_requested", "payment_rejected")


@dataclass(frozen=True, slots=True)
class OwnPage:
    """The first screen: found and not yet claimed, nearly, not to be told, the questions, under way, received."""

    can_get: tuple[Finding, ...]
    nearly: tuple[Finding, ...]
    cannot_tell: tuple[Finding, ...]
    questions: tuple[Question, ...]
    under_way: tuple[Case, ...]  # the first of them: what waits for the applicant, then the newest
    number_under_way: int
    receives: tuple[tuple[Policy | None, Benefit], ...]
    with_loan: frozenset[str] = frozenset()  # policies whose money comes with a loan: nothing to confirm

    @property
    def total_fen(self) -> int:
        """What all confirmable findings add up to, in fen."""
        return sum(
            found.entitlement.amount_fen or 0
            for found in self.can_get
            if found.policy.effect == "payment" and found.policy.id not in self.with_loan
        )


def recipient_of(actor: Actor) -> tuple[str, int]:
    """(recipient kind, key) of the actor's own account. Raises NotPermittedError for officers."""
    require(actor, "own.see")
    return ("employer" if actor.kind == "employer" else "person"), int(actor.subject_key)


def own_cases(actor: Actor) -> QuerySet[Case]:
    """The actor's own cases, the newest first: a firm has one for each hire, so that a page shows a part of them."""
    kind, key = recipient_of(actor)
    cases = Case.objects.filter(recipient_kind=kind, **{f"{kind}_id": key})
    return cases.select_related("entitlement").order_by("-confirmed_on", "-pk")


def own_page(actor: Actor, *, on: date) -> OwnPage:
    """Everything on the first screen, in a fixed number of queries."""
    kind, key = recipient_of(actor)
    found = overview(recipient_kind=kind, recipient_id=key, on=on)
    keys = [item.entitlement.pk for item in found.can_get]
    claims = Case.objects.filter(entitlement__in=keys, state__in=LIVE_STATES).order_by("pk")
    claimed = set(claims.values_list("entitlement_id", flat=True)) if keys else set()
    under_way, number = _under_way(actor)
    return OwnPage(
        can_get=tuple(item for item in found.can_get if item.entitlement.pk not in claimed),
        nearly=found.nearly,
        cannot_tell=found.cannot_tell,
        questions=found.questions,
        under_way=under_way,
        number_under_way=number,
        receives=found.receives,
        with_loan=carried_by_loans(),
    )


def _under_way(actor: Actor) -> tuple[tuple[Case, ...], int]:
    """The first of the actor's open cases, those that wait for the applicant before the others, and how many there are in all."""
    theirs = models.Case(When(state__in=WAITS_FOR_APPLICANT, then=0), default=1)
    found = own_cases(actor).filter(state__in=OPEN_STATES)
    first = list(found.order_by(theirs, "-confirmed_on", "-pk")[: MOST_SHOWN + 1])
    return tuple(first[:MOST_SHOWN]), found.count() if len(first) > MOST_SHOWN else len(first)


def own_finding(
    actor: Actor, entitlement_id: int, *, on: date
) -> tuple[Finding, Explanation | None, Case | None]:
    """One finding of the actor's own, explained on the day's facts, with its case where there is one.

    Raises CaseNotFoundError where it is not theirs.
    """
    kind, key = recipient_of(actor)
    found = one_finding(entitlement_id, recipient_kind=kind, recipient_id=key, on=on)
    if found is None:
        raise CaseNotFoundError
    case = Case.objects.filter(entitlement_id=entitlement_id).order_by("pk").first()
    return found, found.explanation, case


def own_case(actor: Actor, case_id: int, *, on: date) -> CaseView:
    """One case of the actor's own. Raises CaseNotFoundError."""
    kind, key = recipient_of(actor)
    case = (
        Case.objects.filter(pk=case_id, recipient_kind=kind, **{f"{kind}_id": key})
        .select_related("person", "employer", "entitlement", "accepted_by", "reviewed_by", "approved_by")
        .order_by("pk")
        .first()
    )
    if case is None:
        raise CaseNotFoundError
    return view_of(case, actor, on=on)
