"""Reviews of refusals that nobody has decided yet: of cases here, of matters and loans above, by the same rule of who may decide."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import F, Q, QuerySet

from jiuye.office.casework.models.beside import ReviewOfRefusal
from jiuye.office.casework.procedures import LEVEL_DIGITS, procedures, scopes_of
from jiuye.office.staff.queries import Actor

Asked = TypeVar("Asked", bound=ReviewOfRefusal)


def undecided(kind: type[Asked]) -> QuerySet[Asked]:
    """Requests without an answer while what they are about still stands refused, the earliest deadline first."""
    found = kind._default_manager.filter(decided_on__isnull=True, **{f"{kind.of}__state": "refused"})
    return found.select_related(kind.of).order_by(F("due_on").asc(nulls_last=True), "pk")


def reviews_to_decide(actor: Actor, kind: type[Asked]) -> QuerySet[Asked]:
    """The undecided ones that this actor may decide: right role, level and place, and no hand in the refusal or the steps before it."""
    again = procedures().refusal_review
    here = Q(pk__in=[])
    for scope in scopes_of(actor, kind.decided_with, again.by):
        if len(scope) <= LEVEL_DIGITS[again.level]:
            here |= Q(**{f"{kind.of}__division_code__startswith": scope})
    found = undecided(kind).filter(here).exclude(refused_by_id=actor.account_id)
    for column in kind.hands:
        found = found.exclude(**{f"{kind.of}__{column}_id": actor.account_id})
    return found
