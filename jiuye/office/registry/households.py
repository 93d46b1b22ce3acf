"""Who belongs to one household: registered at the counter, from a day on, and ended when somebody leaves it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import pghistory
from django.db import transaction
from django.utils.translation import gettext as _

from jiuye.office.registry.models import Household, HouseholdMembership, Person
from jiuye.office.registry.operations import CHANGE, FactRefusedError
from jiuye.office.registry.secrets import blind_index
from jiuye.office.registry.signals import people_changed
from jiuye.office.staff.queries import Actor, require, scope_filter

MOST = 30  # people of one household who are registered at once


def register_household(
    *,
    actor: Actor,
    person: Person,
    id_numbers: Sequence[str],
    start: date,
    source: str,
    on: date,
    at: datetime,
) -> Household:
    """The people of these ID numbers belong to one household with the person from `start` on: to theirs, or to a new one.

    Whoever belongs to it already stays as they are. Raises NotPermittedError where the person lives outside the actor's divisions, and
    FactRefusedError with every sentence for numbers of nobody whom the actor may change, and for whoever belongs to another household.
    """
    require(actor, CHANGE, person.residence_division_id)
    if start > on:
        raise FactRefusedError([_("%(what)s%(day)s晚于今天。") % {"what": _("起始日期"), "day": start}])
    with (
        transaction.atomic(),
        pghistory.context(operation="registry.register_household", account=actor.account_id),
    ):
        others = _found(actor, id_numbers)
        # In one order for everybody, so that two counters do not wait for each other.
        keys = sorted({person.pk, *(one.pk for one in others)})
        locked = list(Person.objects.select_for_update(of=["self"]).filter(pk__in=keys).order_by("pk"))
        theirs = next(one for one in locked if one.pk == person.pk).household_id
        elsewhere = [one for one in locked if one.household_id not in (None, theirs)]
        if elsewhere:
            raise FactRefusedError(
                [
                    _("%(name)s（编号%(number)d）已登记在另一户；请先在其页面登记离开原来的家庭。")
                    % {"name": one.masked_name, "number": one.pk}
                    for one in elsewhere
                ]
            )
        household = (
            Household.objects.get(pk=theirs)
            if theirs is not None
            else Household.objects.create(division_id=person.residence_division_id, source=source)
        )
        joining = [one for one in locked if one.household_id is None]
        for one in joining:
            _join(one, household, start, source)
        if joining:
            people_changed.send(sender=Household, person_ids=keys, on=on, at=at)
    return household


def leave_household(*, actor: Actor, person: Person, until: date, on: date, at: datetime) -> None:
    """The person belongs to their household no more: `until` is the first day without it.

    Raises NotPermittedError, FactRefusedError where they belong to none or the day does not fit.
    """
    require(actor, CHANGE, person.residence_division_id)
    if until > on:
        raise FactRefusedError([_("%(what)s%(day)s晚于今天。") % {"what": _("离开日期"), "day": until}])
    with (
        transaction.atomic(),
        pghistory.context(operation="registry.leave_household", account=actor.account_id),
    ):
        locked = Person.objects.select_for_update(of=["self"]).get(pk=person.pk)
        if locked.household_id is None:
            raise FactRefusedError([_("这位居民没有登记在任何一户。")])
        left = locked.household_id
        membership = (
            HouseholdMembership.objects.filter(person=locked, until__isnull=True).order_by("pk").first()
        )
        if membership is not None:
            if until <= membership.start:
                raise FactRefusedError(
                    [_("离开日期必须晚于同户的起始日期%(start)s。") % {"start": membership.start}]
                )
            membership.until = until
            membership.save(update_fields=["until"])
        locked.household = None
        locked.save(update_fields=["household"])
        rest = Person.objects.filter(household_id=left).order_by("pk").values_list("pk", flat=True)
        people_changed.send(sender=Household, person_ids=[locked.pk, *rest], on=on, at=at)


def _found(actor: Actor, id_numbers: Sequence[str]) -> list[Person]:
    """The residents of these numbers whom the actor may change; the sentence is one and the same for unknown and for elsewhere."""
    numbers = list(dict.fromkeys(number.strip().upper() for number in id_numbers if number.strip()))
    if not numbers:
        raise FactRefusedError([_("请填写同户成员的身份证号。")])
    if len(numbers) > MOST:
        raise FactRefusedError([_("一次最多登记%(most)d人。") % {"most": MOST}])
    inside = scope_filter(actor, CHANGE, "residence_division__code")
    indexes = {blind_index(number): place for place, number in enumerate(numbers, start=1)}
    people = list(Person.objects.filter(inside, id_number_index__in=list(indexes)).order_by("pk"))
    there = {indexes[bytes(one.id_number_index)] for one in people}
    missing = [place for place in indexes.values() if place not in there]
    if missing:
        raise FactRefusedError(
            [
                _("第%(place)d个身份证号：没有登记过这位居民，或者不在您的管辖范围内；请核对，或先登记。")
                % {"place": place}
                for place in missing
            ]
        )
    return people


def _join(person: Person, household: Household, start: date, source: str) -> None:
    earlier = HouseholdMembership.objects.filter(person=person, until__gt=start).order_by("-until").first()
    if earlier is not None:
        raise FactRefusedError(
            [
                _("%(name)s到%(until)s才离开原来的家庭；起始日期不能早于这一天。")
                % {"name": person.masked_name, "until": earlier.until}
            ]
        )
    HouseholdMembership.objects.create(person=person, household=household, start=start, source=source)
    person.household = household
    person.save(update_fields=["household"])
