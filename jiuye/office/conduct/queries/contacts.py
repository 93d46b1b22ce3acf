"""Visits and calls: those with one resident or employer, or on one case, matter or loan; and what is to be done next."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from jiuye.office.conduct.models import Contact
from jiuye.office.conduct.queries.charges import standing_in_for
from jiuye.office.conduct.states import NOT_REACHED, UNSAID
from jiuye.office.matters.models import Matter
from jiuye.office.staff.asked_again import rows_of
from jiuye.office.staff.queries import Actor, require, scope_filter

MOST_SHOWN = 100
TRIES = ("visit", "phone")


def contacts_with(
    actor: Actor, *, person_id: int | None = None, employer_id: int | None = None
) -> list[Contact]:
    """The newest visits and calls with one resident or employer in the actor's divisions, whatever they were about."""
    require(actor, "registry.see")
    key, column = (person_id, "person_id") if person_id is not None else (employer_id, "employer_id")
    if key is None:
        return []  # noted with nobody
    return rows_of("contacts_with", (actor, column), (), lambda one: _with(actor, column, one), about=[key])


def _with(actor: Actor, column: str, key: int) -> QuerySet[Contact]:
    found = Contact.objects.filter(scope_filter(actor, "registry.see", "division_code"), **{column: key})
    return found.select_related("followed", "case", "matter", "loan").order_by("-made_on", "-pk")[:MOST_SHOWN]


def days_tried(matter: Matter, *, on: date) -> int:
    """On how many days since the matter was granted, and since its applicant was last reached, somebody went to them or called and reached
    nobody. Of what was noted before that was asked every visit and call counts; that they came themselves is no try.
    """
    found = Contact.objects.filter(
        person_id=matter.person_id,
        employer_id=matter.employer_id,
        made_on__gte=matter.decided_on or matter.started_on,
        made_on__lte=on,
    ).order_by()
    reached = found.filter(Q(reached="person") | Q(kind="counter")).aggregate(last=Max("made_on"))["last"]
    if reached is not None:
        found = found.filter(made_on__gt=reached)
    tries = found.filter(kind__in=TRIES, reached__in=[UNSAID, *NOT_REACHED])
    return tries.values("made_on").distinct().count()


def not_reached(actor: Actor) -> QuerySet[Contact]:
    """Those of the actor's places whom the last visit or call did not reach, the longest ago first: to be tried again, or their number or
    address put right. Raises NotPermittedError for somebody who notes none.
    """
    require(actor, "conduct.contact")
    later = Contact.objects.filter(
        Q(person_id=OuterRef("person_id")) | Q(employer_id=OuterRef("employer_id")),
        Q(made_on__gt=OuterRef("made_on")) | Q(made_on=OuterRef("made_on"), pk__gt=OuterRef("pk")),
    )
    found = Contact.objects.filter(
        scope_filter(actor, "conduct.contact", "division_code"), reached__in=NOT_REACHED
    ).exclude(Exists(later))
    return found.select_related("person", "employer", "case", "matter", "loan", "made_by").order_by(
        "made_on", "pk"
    )


def to_do_next(actor: Actor, *, whose: str, on: date) -> QuerySet[Contact]:
    """Next steps that nobody has done yet, the earliest first: "mine" (with those of whoever the actor stands in for), or "all" of the
    actor's places. Raises NotPermittedError for somebody who notes none.
    """
    require(actor, "conduct.contact")
    found = Contact.objects.filter(
        scope_filter(actor, "conduct.contact", "division_code"), next_on__isnull=False, followed__isnull=True
    )
    if whose == "mine":
        found = found.filter(made_by_id__in={actor.account_id, *standing_in_for(actor, on=on)})
    return found.select_related("person", "employer", "case", "matter", "loan", "made_by").order_by(
        "next_on", "pk"
    )
