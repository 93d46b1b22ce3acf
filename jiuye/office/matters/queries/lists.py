"""Lists of matters: today's work by deadline, search, one applicant's own, the public notice."""

from __future__ import annotations

import re
from datetime import date

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from jiuye.office.casework.answering import to_be_answered
from jiuye.office.casework.procedures import LEVEL_DIGITS, scopes_of
from jiuye.office.matters.access import MatterNotFoundError
from jiuye.office.matters.content import service_items
from jiuye.office.matters.models import Matter, MatterEvent, MatterObjection, Review
from jiuye.office.matters.states import REVIEWERS, STEP_ACTS, transition
from jiuye.office.staff.asked_again import rows_of
from jiuye.office.staff.queries import Actor, require, scope_filter

BY_DEADLINE = (F("due_on").asc(nulls_last=True), "pk")


def visible_matters(actor: Actor) -> QuerySet[Matter]:
    """The matters of the actor's divisions, drafts left out: they are their applicants' alone."""
    require(actor, "matters.see")
    found = Matter.objects.filter(scope_filter(actor, "matters.see", "division_code"))
    return found.exclude(state="draft").order_by(*BY_DEADLINE)


def counter_drafts(actor: Actor) -> QuerySet[Matter]:
    """What was begun at the counter of the actor's divisions and not handed in, the newest first; with who began it (`begun_by`) and when it
    was last kept (`kept_at`). What somebody writes at home is theirs alone.
    """
    require(actor, "matters.start_on_behalf")
    found = Matter.objects.filter(
        scope_filter(actor, "matters.start_on_behalf", "division_code"),
        state="draft",
        way__in=("on_behalf", "relative"),
    )
    begun = MatterEvent.objects.filter(matter=OuterRef("pk"), act="start").order_by("pk")
    versions = Matter.pgh_event_model.objects.filter(pgh_obj_id=OuterRef("pk")).order_by("-pgh_created_at")
    return found.annotate(
        begun_by=Subquery(begun.values("actor_name")[:1]),
        kept_at=Subquery(versions.values("pgh_created_at")[:1]),
    ).order_by("-started_on", "-pk")


def _mine(actor: Actor, on: date) -> Q:
    """Matters whose next step this actor may take now: right role, right divisions, right level, not their own acceptance."""
    found = Q(pk__in=[])
    for act in STEP_ACTS:
        for permission in transition(act).permissions:
            for role in sorted(actor.roles):
                for scope in scopes_of(actor, permission, role):
                    here = Q(division_code__startswith=scope) if scope else Q()
                    found |= (
                        Q(awaits=act, awaits_role=role, awaits_digits__gte=len(scope))
                        & here
                        & _ready(act, actor, on)
                    )
    return found


def _ready(act: str, actor: Actor, on: date) -> Q:
    if act != "decide":
        return Q()
    over = Q(publicity_until__isnull=True) | Q(publicity_until__lte=on)
    return over & (Q(accepted_by__isnull=True) | ~Q(accepted_by_id=actor.account_id))


def todays_matters(actor: Actor, *, on: date) -> QuerySet[Matter]:
    """The matters that wait for this actor, the most urgent first."""
    return visible_matters(actor).filter(_mine(actor, on))


def search_matters(actor: Actor, *, words: str = "", state: str = "", item_id: str = "") -> QuerySet[Matter]:
    """Matters by number, applicant's name, state and item."""
    found = visible_matters(actor)
    if state:
        found = found.filter(state=state)
    if item_id:
        found = found.filter(item_id=item_id)
    words = words.strip()
    if words:
        number = re.fullmatch(r"S\d{6}-\d{8}-(\d{6,})", words)
        by_number = Q(pk=int(number.group(1))) if number else Q(pk__in=[])
        found = found.filter(by_number | Q(applicant_name__contains=words))
    return found


def own_matters(actor: Actor) -> QuerySet[Matter]:
    """Every matter of one's own, the newest first. Raises NotPermittedError for an account that is nobody's own."""
    require(actor, "own.see")
    key = int(actor.subject_key)
    mine = Q(person_id=key) if actor.kind == "resident" else Q(employer_id=key)
    return Matter.objects.filter(mine).order_by("-started_on", "-pk")


def matters_of(*, kind: str, key: int) -> list[Matter]:
    """One applicant's matters for a desk page that has checked its scope; drafts left out."""
    return rows_of("matters_of", kind, (), lambda one: _matters_of(kind, one), about=[key])


def _matters_of(kind: str, key: int) -> QuerySet[Matter]:
    mine = Q(person_id=key) if kind == "person" else Q(employer_id=key)
    found = Matter.objects.filter(mine).exclude(state="draft")
    return found.defer("answers").order_by("-started_on", "-pk")


def noticed(*, on: date, division: str = "") -> QuerySet[Matter]:
    """Matters in public notice on that day, the last to begin first."""
    found = Matter.objects.filter(state="publicised", publicity_start__lte=on, publicity_until__gt=on)
    if division:
        found = found.filter(division_code__startswith=division)
    return found.order_by("-publicity_start", "pk")


def reviews_due(actor: Actor) -> QuerySet[Review]:
    """Reviews of the actor's divisions that nobody has answered, the longest due first."""
    require(actor, "matters.see")
    return unanswered_reviews().filter(scope_filter(actor, "matters.see", "matter__division_code"))


def unanswered_reviews() -> QuerySet[Review]:
    """Every review that nobody has answered, the longest due first."""
    return Review.objects.filter(outcome="").select_related("matter").order_by("due_on", "pk")


def reviews_to_answer(actor: Actor) -> QuerySet[Review]:
    """The reviews that this actor may answer, the longest due first: each by the role and at the level that its item names."""
    mine = Q(pk__in=[])
    for item in service_items().items.values():
        if item.review is None:
            continue
        scopes = {scope for act in REVIEWERS for scope in scopes_of(actor, act, item.review.by)}
        for scope in sorted(scope for scope in scopes if len(scope) <= LEVEL_DIGITS[item.review.level]):
            here = Q(matter__division_code__startswith=scope) if scope else Q()
            mine |= Q(matter__item_id=item.id) & here
    return unanswered_reviews().filter(mine)


def matter_of_review(actor: Actor, review_id: int) -> int:
    """The key of the matter that a review is about, if the actor may see it. Raises MatterNotFoundError."""
    return _key_of(visible_matters(actor).filter(reviews=review_id))


def matter_of_refusal_review(actor: Actor, review_id: int) -> int:
    """The key of the matter whose refusal a review is about, if the actor may see it. Raises MatterNotFoundError."""
    return _key_of(visible_matters(actor).filter(refusal_reviews=review_id))


def matter_of_objection(actor: Actor, objection_id: int) -> int:
    """The key of the matter that an objection is about, if the actor may see it. Raises MatterNotFoundError."""
    return _key_of(visible_matters(actor).filter(objections=objection_id))


def objections_to_answer(actor: Actor) -> QuerySet[MatterObjection]:
    """Decided objections whose objectors this actor still has to tell by hand, the earliest decision first; none without the permission."""
    places = Q(pk__in=[])
    for permission in ("matters.review", "matters.decide"):
        places |= scope_filter(actor, permission, "matter__division_code")
    return to_be_answered(MatterObjection.objects.filter(places), "matter").select_related("matter")


def _key_of(found: QuerySet[Matter]) -> int:
    key = found.values_list("pk", flat=True).first()
    if key is None:
        raise MatterNotFoundError
    return int(key)
