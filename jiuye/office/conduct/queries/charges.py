"""Who has what in hand, who is away, and the desk lists cut by whose the work is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from django.db.models import (
    BigIntegerField,
    Exists,
    F,
    IntegerField,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models import Case as Choose
from django.db.models.functions import Coalesce

from jiuye.office.casework.authorities import OfTheFamily
from jiuye.office.casework.models import Case
from jiuye.office.casework.queries import todays_work
from jiuye.office.conduct.models import Absence, Charge
from jiuye.office.conduct.states import IN_POOL
from jiuye.office.conduct.work import Awaited, Work, awaited_of, step_of
from jiuye.office.matters.models import Matter
from jiuye.office.matters.queries import todays_matters
from jiuye.office.staff.models import Account, Post
from jiuye.office.staff.queries import Actor, posts_in_force, require
from jiuye.office.staff.together import together

Row = TypeVar("Row", bound=Model)


def in_hand(thing: Work) -> Charge | None:
    """The charge of the step that the thing waits for now; None where it lies in the pool."""
    charge = getattr(thing, "charge", None)
    if charge is None or charge.step == IN_POOL or charge.step != step_of(thing):
        return None
    return charge


def absences(accounts: Collection[int], *, on: date) -> dict[int, Absence]:
    """Who of these is away on the day, with who stands in for them."""
    found = Absence.objects.filter(account_id__in=set(accounts), start__lte=on, until__gt=on)
    return {row.account_id: row for row in found.select_related("account", "substitute").order_by("pk")}


def standing_in_for(actor: Actor, *, on: date) -> set[int]:
    """The accounts whose work is this actor's on the day, because they are away."""
    found = Absence.objects.filter(substitute_id=actor.account_id, start__lte=on, until__gt=on)
    return set(found.order_by("pk").values_list("account_id", flat=True))


def own_absences(actor: Actor, *, on: date) -> list[Absence]:
    """The actor's own absences that have not ended, and those in which the actor stands in, the earliest first."""
    found = Absence.objects.filter(
        Q(account_id=actor.account_id) | Q(substitute_id=actor.account_id), until__gt=on
    )
    return list(found.select_related("account", "substitute", "declared_by").order_by("start", "pk"))


def cases_at_hand(actor: Actor, whose: str, *, on: date) -> QuerySet[Case]:
    """The cases that wait for the actor's role and place: one's own, nobody's, or all; what is late first, what is with the applicant last."""
    return _at_hand(todays_work(actor, on=on), actor, whose, "state", on)


def matters_at_hand(actor: Actor, whose: str, *, on: date) -> QuerySet[Matter]:
    """The same of matters."""
    return _at_hand(todays_matters(actor, on=on), actor, whose, "awaits", on)


def _at_hand(found: QuerySet[Row], actor: Actor, whose: str, step: str, on: date) -> QuerySet[Row]:
    if whose == "mine":
        mine = {actor.account_id, *standing_in_for(actor, on=on)}
        found = found.filter(charge__step=F(step), charge__holder_id__in=mine)
    elif whose == "nobody":
        # What somebody has who left, or whose substitute did, is nobody's, or no colleague would find it.
        away = Absence.objects.filter(account_id=OuterRef("charge__holder_id"), start__lte=on, until__gt=on)
        found = found.annotate(
            doer=Coalesce(
                Subquery(away.order_by("pk").values("substitute_id")[:1]),
                F("charge__holder_id"),
                output_field=BigIntegerField(),
            )
        )
        left = ~Exists(_posts_in_use(on).filter(account_id=OuterRef("doer")))
        found = found.filter(Q(charge__isnull=True) | ~Q(charge__step=F(step)) | left)
    paused = Choose(
        When(state="correction_requested", then=Value(1)), default=Value(0), output_field=IntegerField()
    )
    return (
        found.select_related("charge__holder")
        .annotate(paused=paused)
        .order_by("paused", F("due_on").asc(nulls_last=True), "pk")
    )


def has_left(account_id: int, *, on: date) -> bool:
    """True where nobody does an account's work on that day: it is shut or holds no post any more; of who is away, so does the substitute."""
    away = absences([account_id], on=on).get(account_id)
    doer = away.substitute_id if away is not None else account_id
    return not _posts_in_use(on).filter(account_id=doer).exists()


def _posts_in_use(on: date) -> QuerySet[Post]:
    return posts_in_force(on=on).filter(account__is_active=True)


def colleagues(actor: Actor, thing: Work, *, on: date) -> list[Account]:
    """Whom the thing may be handed on to: the step's role, over the same place as the actor's own post; by name.

    Whoever oversees the place chooses among everyone whose post covers it at the step's level. A relative of the applicant is none of them.
    """
    awaited, holder = awaited_of(thing), in_hand(thing)
    if awaited is None:
        return []
    without = holder.holder_id if holder is not None else actor.account_id
    return list(_colleagues(actor, thing, awaited, on).exclude(pk=without))


def _colleagues(actor: Actor, thing: Work, awaited: Awaited, on: date) -> QuerySet[Account]:
    """Whoever does the step there, whoever has the thing among them."""
    places = {thing.division_code[:length] for length in range(awaited.digits + 1)}
    if not actor.may("conduct.oversee", thing.division_code):
        places &= {prefix for role, prefix, _ in actor.posts if role == awaited.role}
    held = posts_in_force(on=on).filter(role=awaited.role, division_code__in=places, account__is_active=True)
    return Account.objects.filter(
        ~Q(OfTheFamily(thing.person_id)), pk__in=held.values("account_id")
    ).order_by("display_name", "pk")


@dataclass(frozen=True, slots=True)
class InHand:
    """Who has a thing in hand, who stands in for them, and whom it may be handed on to; nobody where it lies in the pool."""

    charge: Charge | None
    away: Absence | None
    colleagues: tuple[Account, ...]


def in_hand_with_colleagues(actor: Actor, thing: Work, *, on: date) -> InHand:
    """`in_hand`, `absences` of whoever has it, and `colleagues`, for a page of the thing: all in one query."""
    awaited = awaited_of(thing)
    if awaited is None:
        return InHand(None, None, ())
    charges = Charge.objects.filter(
        **{"case_id" if isinstance(thing, Case) else "matter_id": thing.pk}, step=awaited.step
    ).exclude(step=IN_POOL)
    away = Absence.objects.filter(account_id__in=charges.values("holder_id"), start__lte=on, until__gt=on)
    people = Account.objects.only("display_name").order_by("pk")
    found = together(
        {
            "charge": charges.order_by("pk"),
            "holder": people.filter(pk__in=charges.values("holder_id")),
            "away": away.order_by("pk"),
            "substitutes": people.filter(pk__in=away.values("substitute_id")),
            "colleagues": _colleagues(actor, thing, awaited, on).only("display_name"),
        }
    )
    charge = found["charge"][0] if found["charge"] else None
    absence = found["away"][-1] if found["away"] else None
    if charge is not None:
        charge.holder = found["holder"][0]
    if absence is not None and charge is not None:
        names = {row.pk: row for row in found["substitutes"]}
        absence.account, absence.substitute = charge.holder, names[absence.substitute_id]
    without = charge.holder_id if charge is not None else actor.account_id
    return InHand(charge, absence, tuple(row for row in found["colleagues"] if row.pk != without))


def officers_beside(actor: Actor, *, on: date) -> list[Account]:
    """Officers with a post in a place that the actor's posts lie in or cover: who may be named as substitute; by name."""
    require(actor, "desk.open")
    near = Q(pk__in=[])
    for _, prefix, _ in actor.posts:
        near |= Q(division_code__startswith=prefix) if prefix else Q()
        near |= Q(division_code__in=[prefix[:length] for length in (4, 6, 9) if length < len(prefix)])
    held = posts_in_force(on=on).filter(near)
    found = Account.objects.filter(pk__in=held.values("account_id"), is_active=True)
    return list(found.exclude(pk=actor.account_id).order_by("display_name", "pk"))
