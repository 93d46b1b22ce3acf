"""Who has what in hand, who is away, and the desk lists cut by whose the work is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from typing import Any, TypeVar

from django.db.models import (
    BigIntegerField,
    Exists,
    F,
    IntegerField,
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
from jiuye.office.casework.queries.signing import signed_in_round
from jiuye.office.conduct.models import Absence, Charge
from jiuye.office.conduct.states import IN_POOL
from jiuye.office.conduct.work import COLUMNS, Awaited, Work, awaited_of, step_of
from jiuye.office.matters.models import Matter
from jiuye.office.matters.queries import todays_matters
from jiuye.office.staff.models import Account, Post
from jiuye.office.staff.queries import Actor, posts_in_force, require
from jiuye.office.staff.together import together
from jiuye.office.ventures.answering import may_not_answer, signed_as_it_stands
from jiuye.office.ventures.models import Loan
from jiuye.office.ventures.queries import applications_to_answer

Row = TypeVar("Row", Case, Matter, Loan)


@dataclass(frozen=True, slots=True)
class InHand:
    """Who has a thing in hand, who stands in for them, and whom it may be handed on to; nobody where it lies in the pool."""

    charge: Charge | None
    away: Absence | None
    colleagues: tuple[Account, ...] = ()


def held() -> QuerySet[Charge]:
    """The charges of somebody who can still do what the thing waited for when they took it: not given back, and not signed by them, since the
    next signature is another's. Whether the thing still waits for that step is the caller's to ask.
    """
    of_case = signed_in_round(
        case=OuterRef("case_id"), round=OuterRef("case__signing_round"), account=OuterRef("holder_id")
    )
    of_loan = signed_as_it_stands(loan=OuterRef("loan_id"), account=OuterRef("holder_id"))
    return Charge.objects.filter(~Exists(of_case), ~Exists(of_loan)).exclude(step=IN_POOL)


def in_hand(thing: Work) -> Charge | None:
    """The charge of the step that the thing waits for now; None where it lies in the pool."""
    found = held().filter(**{COLUMNS[type(thing)]: thing.pk}, step=step_of(thing))
    return found.select_related("holder").order_by("pk").first()


def in_hand_of(things: Iterable[Work], *, on: date) -> dict[Work, InHand]:
    """Of these things those that somebody has in hand, with who stands in for them on the day: one query, whatever their number, and one more where
    a holder is away. Several lists in one query would ask three times over who holds what, which a page of fifty things feels.
    """
    asked = {(COLUMNS[type(thing)], thing.pk): thing for thing in things}
    keys: dict[str, list[int]] = defaultdict(list)
    for column, key in asked:
        keys[column].append(key)
    if not keys:
        return {}
    about = reduce(or_, (Q(**{f"{column}_id__in": some}) for column, some in keys.items()))
    found: dict[Work, InHand] = {}
    for one in _many_with_people(held().filter(about), on):
        ways = ((column, getattr(one.charge, f"{column}_id")) for column in keys)
        thing = next(asked[way] for way in ways if way in asked)
        if one.charge is not None and one.charge.step == step_of(thing):
            found[thing] = one
    return found


def _beside(charges: QuerySet[Charge], on: date) -> dict[str, QuerySet[Any]]:
    """The lists that `_with_people` joins: the charges, who of their holders is away, and the people of both."""
    away = Absence.objects.filter(account_id__in=charges.values("holder_id"), start__lte=on, until__gt=on)
    people = Q(pk__in=charges.values("holder_id")) | Q(pk__in=away.values("substitute_id"))
    return {
        "charges": charges.order_by("pk"),
        "away": away.order_by("pk"),
        "people": Account.objects.filter(people).only("display_name").order_by("pk"),
    }


def _with_people(found: Mapping[str, list[Any]]) -> list[InHand]:
    people = {row.pk: row for row in found["people"]}
    away: dict[int, Absence] = {}
    for row in found["away"]:
        row.account, row.substitute = people[row.account_id], people[row.substitute_id]
        away[row.account_id] = row
    for charge in found["charges"]:
        charge.holder = people[charge.holder_id]
    return [InHand(charge, away.get(charge.holder_id)) for charge in found["charges"]]


def _many_with_people(charges: QuerySet[Charge], on: date) -> list[InHand]:
    of_holder = Absence.objects.filter(account_id=OuterRef("holder_id"), start__lte=on, until__gt=on)
    newest = Subquery(of_holder.order_by("-pk").values("pk")[:1])
    rows = list(charges.select_related("holder").annotate(away_id=newest).order_by("pk"))
    keys = {row.away_id for row in rows if row.away_id is not None}
    away = Absence.objects.select_related("account", "substitute").in_bulk(keys) if keys else {}
    return [InHand(row, away.get(row.away_id)) for row in rows]


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
    return _by_deadline(_at_hand(todays_work(actor, on=on), actor, whose, "state", on))


def matters_at_hand(actor: Actor, whose: str, *, on: date) -> QuerySet[Matter]:
    """The same of matters."""
    return _by_deadline(_at_hand(todays_matters(actor, on=on), actor, whose, "awaits", on))


def loans_at_hand(actor: Actor, whose: str, *, on: date) -> QuerySet[Loan]:
    """The same of applications for loans, the earliest promise first."""
    return _at_hand(applications_to_answer(actor), actor, whose, "state", on)


def _at_hand(found: QuerySet[Row], actor: Actor, whose: str, step: str, on: date) -> QuerySet[Row]:
    theirs = held().filter(**{COLUMNS[found.model]: OuterRef("pk")}, step=OuterRef(step))
    if whose == "mine":
        mine = {actor.account_id, *standing_in_for(actor, on=on)}
        return found.filter(Exists(theirs.filter(holder_id__in=mine)))
    if whose == "nobody":
        # What somebody has who left, or whose substitute did, is nobody's, or no colleague would find it.
        away = Absence.objects.filter(account_id=OuterRef("holder_id"), start__lte=on, until__gt=on)
        done_by = Coalesce(
            Subquery(away.order_by("pk").values("substitute_id")[:1]),
            F("holder_id"),
            output_field=BigIntegerField(),
        )
        there = Exists(_posts_in_use(on).filter(account_id=OuterRef("doer")))
        return found.exclude(Exists(theirs.annotate(doer=done_by).filter(there)))
    return found


def _by_deadline(found: QuerySet[Row]) -> QuerySet[Row]:
    paused = Choose(
        When(state="correction_requested", then=Value(1)), default=Value(0), output_field=IntegerField()
    )
    return found.annotate(paused=paused).order_by("paused", F("due_on").asc(nulls_last=True), "pk")


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
    in_post = posts_in_force(on=on).filter(
        role=awaited.role, division_code__in=places, account__is_active=True
    )
    barred = Q(OfTheFamily(thing.person_id))
    if isinstance(thing, Loan):
        barred |= may_not_answer(thing)
    return Account.objects.filter(~barred, pk__in=in_post.values("account_id")).order_by("display_name", "pk")


def in_hand_with_colleagues(actor: Actor, thing: Work, *, on: date) -> InHand:
    """`in_hand_of` one thing, and `colleagues`, for a page of the thing: all in one query."""
    awaited = awaited_of(thing)
    if awaited is None:
        return InHand(None, None)
    charges = held().filter(**{COLUMNS[type(thing)]: thing.pk}, step=awaited.step)
    colleagues_there = _colleagues(actor, thing, awaited, on).only("display_name")
    found = together({**_beside(charges, on), "colleagues": colleagues_there})
    one = next(iter(_with_people(found)), InHand(None, None))
    without = one.charge.holder_id if one.charge is not None else actor.account_id
    others = tuple(row for row in found["colleagues"] if row.pk != without)
    return InHand(one.charge, one.away, others)


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
