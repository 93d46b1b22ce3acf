"""A draft of a matter, filled in with what the city knows; opened by somebody, or by the system after another matter."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext

from jiuye.engine.services import Item
from jiuye.office.casework.authorities import by_relative
from jiuye.office.casework.refusals import Refusal
from jiuye.office.casework.timeline import record
from jiuye.office.matters.forms import kept, known_facts, packed, prefilled
from jiuye.office.matters.models import Matter
from jiuye.office.matters.states import OPEN_STATES
from jiuye.office.matters.telling_apart import mark_of
from jiuye.office.registry.models import Employer, Household, Person
from jiuye.office.staff.queries import Actor
from jiuye.office.staff.rows import unscoped


class NoHouseholdError(Refusal):
    """The item is about a household, and none is on record of the applicant."""

    def __init__(self) -> None:
        super().__init__(gettext("登记里没有您的家庭信息；请先到社区登记同户的家庭成员。"))


class HouseholdUnderWayError(Refusal):
    """Somebody else of the household has begun the same matter for all of them."""

    def __init__(self, number: str) -> None:
        super().__init__(
            gettext("同户的家庭成员已在办理这个事项（%(number)s），一家办一件就够了。") % {"number": number}
        )


@unscoped("another member of the household may live elsewhere; only the number of their matter is told")
def refuse_second_of_household(item: Item, applicant: Person | Employer) -> None:
    """Raise where the item is about a household that has none, or of which somebody has begun it."""
    if item.about != "household":
        return
    household = applicant.household_id if isinstance(applicant, Person) else None
    if household is None:
        raise NoHouseholdError
    # Held, so that two members do not begin it at once.
    Household.objects.select_for_update(no_key=True).get(pk=household)
    begun = Matter.objects.filter(item_id=item.id, state__in=OPEN_STATES, household_id=household)
    if (other := begun.order_by("pk").first()) is not None:
        raise HouseholdUnderWayError(other.number)


def open_draft(
    item: Item,
    applicant: Person | Employer,
    *,
    division: str,
    way: str,
    life_event: str,
    actor: Actor | None,
    on: date,
    at: datetime,
    authority_id: int | None = None,
    answers: dict[str, str] | None = None,
) -> Matter:
    """Write the draft and its first event, in the caller's transaction. `answers` stand above what the city knows."""
    known = known_facts(item, applicant_kind=item.applicant, applicant_id=applicant.pk, on=on)
    mine: dict[str, Any] = {item.applicant: applicant}
    filled_in = prefilled(item, known) | kept(item, answers or {})
    matter = Matter.objects.create(
        item_id=item.id,
        item_name=item.name,
        item_name_en=item.name_en,
        item_version=item.version,
        applicant_kind=item.applicant,
        applicant_name=applicant.name,
        division_code=division,
        answers=packed(filled_in),
        told_apart=mark_of(item, filled_in),
        way=way,
        authority_id=authority_id,
        life_event=life_event,
        started_on=on,
        household_id=applicant.household_id
        if item.about == "household" and isinstance(applicant, Person)
        else None,
        **mine,
    )
    spoken = by_relative(matter, "start", actor=actor, on=on, at=at) if actor is not None else {}
    record(matter, "start", actor=actor, on=on, at=at, from_state="", details=spoken)
    return matter
