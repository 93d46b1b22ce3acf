"""What plans of services such as 131 still owe: whom, by when, and how much of it is late in which county."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Substr

from jiuye.office.matters.models import Matter, PromisedService, ServiceClosing, ServiceGiven
from jiuye.office.registry.models import EmploymentSpell
from jiuye.office.registry.places import COUNTY_DIGITS, division_names
from jiuye.office.staff.queries import Actor, require, scope_filter
from jiuye.office.staff.rows import unscoped

BY_DEADLINE = (F("due_on").asc(nulls_last=True), "pk")


@dataclass(frozen=True, slots=True)
class CountyServices:
    """One county's promised services, each counted as one however often it is owed: all, those still owed, how many of these are late or
    have no term on file, and those closed without having been given in full."""

    division_code: str
    name: str
    promised: int
    owed: int
    late: int
    without_term: int
    closed: int

    @property
    def given(self) -> int:
        """Given as often as promised: what was closed is not among them."""
        return self.promised - self.owed - self.closed


def _with_times() -> QuerySet[PromisedService]:
    """The services of granted plans with how often each was given (`done`), and whether it was closed (`shut`)."""
    given = ServiceGiven.objects.filter(promised=OuterRef("pk")).order_by().values("promised")
    times = Subquery(given.annotate(times=Count("pk")).values("times"))
    found = PromisedService.objects.filter(matter__state="granted").annotate(
        done=Coalesce(times, 0),
        shut=Exists(ServiceClosing.objects.filter(promised=OuterRef("pk"), opened_on__isnull=True)),
    )
    # Nothing is owed to somebody who has died; what they were given was given.
    return found.filter(Q(done__gte=F("times")) | Q(matter__person__death_date__isnull=True))


def owed() -> QuerySet[PromisedService]:
    """Every service that was not given as often as promised and not closed, the earliest deadline first."""
    return (
        _with_times().filter(done__lt=F("times"), shut=False).select_related("matter").order_by(*BY_DEADLINE)
    )


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


def with_work(found: QuerySet[PromisedService], *, on: date) -> QuerySet[PromisedService]:
    """The same with the work that the registry shows of whoever it is owed to (`work_since`, `work_source`): begun after the plan, and not
    over on that day. What is owed to somebody who has found work is so not owed unseen for ever."""
    begun = _work(on).filter(person=OuterRef("matter__person"), start__gte=OuterRef("matter__decided_on"))
    return found.annotate(
        work_since=Subquery(begun.values("start")[:1]), work_source=Subquery(begun.values("source")[:1])
    )


def work_begun(matter: Matter, *, on: date) -> EmploymentSpell | None:
    """The first work of a plan's person that began after the plan and is not over on that day."""
    if matter.person_id is None or matter.decided_on is None:
        return None
    with unscoped("whoever moved to another county may have found work there; only that record is looked at"):
        found = _work(on).filter(person_id=matter.person_id, start__gte=matter.decided_on)
        return found.select_related("employer").first()


def work_words(spell: EmploymentSpell) -> str:
    """The record in words: as what, with whom, since when, and who keeps it."""
    employer = spell.employer.name[:80] if spell.employer is not None else ""
    return "，".join(
        filter(
            None, (spell.get_kind_display(), employer, f"自 {spell.start.isoformat()} 起（{spell.source}）")
        )
    )


def _work(on: date) -> QuerySet[EmploymentSpell]:
    still = Q(until__isnull=True) | Q(until__gt=on)
    return EmploymentSpell.objects.filter(still, start__lte=on).order_by("start", "pk")


def services_by_county(actor: Actor, *, on: date, permission: str = "matters.see") -> list[CountyServices]:
    """Every county of the actor's divisions where services were promised, in the order of their codes. Raises NotPermittedError."""
    require(actor, permission)
    short = Q(done__lt=F("times"))
    still = short & Q(shut=False)
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
            closed=Count("pk", filter=short & Q(shut=True)),
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
            row["closed"],
        )
        for row in rows
    ]
