"""What plans of services such as 131 still owe: whom, by when, and how much of it is late in which county."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Substr

from jiuye.office.matters.models import PromisedService, ServiceGiven
from jiuye.office.registry.places import COUNTY_DIGITS, division_names
from jiuye.office.staff.queries import Actor, require, scope_filter

BY_DEADLINE = (F("due_on").asc(nulls_last=True), "pk")


@dataclass(frozen=True, slots=True)
class CountyServices:
    """One county's promised services, each counted as one however often it is owed: all, those still owed, and how many of these are late
    or have no term on file."""

    division_code: str
    name: str
    promised: int
    owed: int
    late: int
    without_term: int


def _with_times() -> QuerySet[PromisedService]:
    """The services of granted plans with how often each was given (`done`)."""
    given = ServiceGiven.objects.filter(promised=OuterRef("pk")).order_by().values("promised")
    times = Subquery(given.annotate(times=Count("pk")).values("times"))
    found = PromisedService.objects.filter(matter__state="granted").annotate(done=Coalesce(times, 0))
    # Nothing is owed to somebody who has died; what they were given was given.
    return found.filter(Q(done__gte=F("times")) | Q(matter__person__death_date__isnull=True))


def owed() -> QuerySet[PromisedService]:
    """Every service that was not given as often as promised, the earliest deadline first."""
    return _with_times().filter(done__lt=F("times")).select_related("matter").order_by(*BY_DEADLINE)


def promises(actor: Actor, *, until: date | None = None) -> QuerySet[PromisedService]:
    """The services still owed in the actor's divisions, the earliest deadline first; with `until` those due before that day.

    Raises NotPermittedError.
    """
    require(actor, "matters.see")
    found = owed().filter(scope_filter(actor, "matters.see", "matter__division_code"))
    return found if until is None else found.filter(due_on__lt=until)


def services_to_give(actor: Actor, *, until: date) -> QuerySet[PromisedService]:
    """The services due before that day that this actor may give, the earliest deadline first; none without the permission."""
    found = owed().filter(due_on__lt=until)
    return found.filter(scope_filter(actor, "matters.serve", "matter__division_code"))


def services_by_county(actor: Actor, *, on: date, permission: str = "matters.see") -> list[CountyServices]:
    """Every county of the actor's divisions where services were promised, in the order of their codes. Raises NotPermittedError."""
    require(actor, permission)
    still = Q(done__lt=F("times"))
    rows = list(
        _with_times()
        .filter(scope_filter(actor, permission, "matter__division_code"))
        .annotate(county=Substr("matter__division_code", 1, COUNTY_DIGITS))
        .order_by()
        .values("county")
        .annotate(
            promised=Count("pk"),
            owed=Count("pk", filter=still),
            late=Count("pk", filter=still & Q(due_on__lt=on)),
            without_term=Count("pk", filter=still & Q(due_on__isnull=True)),
        )
        .order_by("county")
    )
    names = division_names({row["county"] for row in rows})
    return [
        CountyServices(
            row["county"],
            names.get(row["county"], row["county"]),
            row["promised"],
            row["owed"],
            row["late"],
            row["without_term"],
        )
        for row in rows
    ]
