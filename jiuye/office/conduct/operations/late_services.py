"""A promised service ("131") that was not given by its last day goes to the office above by itself, by the same rules as a late step.

It is owed by the nearest office over the place where somebody may give services, and by the county's where that would be the city's own or
nobody's: so that there always is an office above. A service without a term on file is never late.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import QuerySet
from django.db.models.functions import Substr

from jiuye.office.conduct.operations.rising import Escalated, Late, nearest_with, pass_up_late
from jiuye.office.conduct.states import SERVICE_STEP
from jiuye.office.matters.models import PromisedService
from jiuye.office.matters.queries import owed
from jiuye.office.registry.places import COUNTY_DIGITS
from jiuye.office.staff.models import Post
from jiuye.office.staff.roles import PERMISSIONS

SERVE = "matters.serve"
SERVERS = sorted(role for role, may in PERMISSIONS.items() if SERVE in may)


def counties_with_late_services(on: date) -> set[str]:
    """The counties in which a promised service is owed beyond its day."""
    counties = _late(on).order_by().annotate(county=Substr("matter__division_code", 1, COUNTY_DIGITS))
    return set(counties.values_list("county", flat=True).distinct())


def pass_up_services(county: str, posts: list[Post], done: Escalated, on: date, at: datetime) -> None:
    """Pass up the county's late services and tell both offices; within the transaction of the county's run.

    Raises CalendarNotPublishedError, MessagesUnreadableError.
    """
    late = _late(on).filter(matter__division_code__startswith=county).select_for_update(of=("self",))
    found = [_late_one(promised, posts) for promised in late]
    occasions = ("service_late", "service_late_up")
    done.services += pass_up_late(found, occasions, posts, county, done, on, at)


def _late(on: date) -> QuerySet[PromisedService]:
    return owed().filter(due_on__lt=on)


def _late_one(promised: PromisedService, posts: list[Post]) -> Late:
    assert promised.due_on is not None  # only what has a deadline is late
    place = promised.matter.division_code
    nearest, servers = nearest_with(place, posts, lambda post: post.role in SERVERS)
    return Late(
        column="promised",
        row=promised,
        due_on=promised.due_on,
        thing=promised.matter,
        step=SERVICE_STEP,
        role=SERVERS[0],
        office=nearest if len(nearest) >= COUNTY_DIGITS else place[:COUNTY_DIGITS],
        owed_by=servers,
    )
