"""The synthetic city beside the published figures: shares where a figure is a share, counts scaled where it is a count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet

from jiuye.engine.basis.dates import add_months
from jiuye.engine.places import Figures, Places
from jiuye.office.registry.models import Education, Employer, EmploymentSpell, Household, Person, Status
from jiuye.office.skills.models import Apprenticeship, Certificate, Traineeship, TrainingEnrolment

COLLEGE = (
    "junior_college",
    "bachelor",
    "master",
    "doctor",
    "technician_senior",
    "technician_preparatory",
)
SENIOR = ("senior_secondary", "secondary_vocational", "technician_intermediate")


@dataclass(frozen=True, slots=True)
class Line:
    """One comparison. Both sides are in the same unit; `per_mille_off` is the difference in thousandths of the published."""

    name: str
    name_en: str
    synthetic: str
    published: str
    per_mille_off: int
    source: str


def calibration(places: Places, figures: Figures, on: date) -> list[Line]:
    """Every comparison, for the residents living on the day `on`. Counts are scaled to the city's size."""
    living = Person.objects.filter(Q(death_date__isnull=True) | Q(death_date__gt=on))
    size = living.count()
    lines = [
        *_people(living, figures, on, size),
        *_counties(living, places, figures, size),
        *_schooling(living, figures, size),
        *_employers(figures, size),
    ]
    return [*lines, *_labour(figures, on, size)]


def _share(
    figures: Figures, figure_id: str, part: int, whole: int, *, of: str = "population", label: str = ""
) -> Line:
    """A share in the city against the same share as published, in hundredths of a per cent."""
    figure = figures.by_id[figure_id]
    ours = part * 10_000 // max(1, whole)
    theirs = figure.value * 10_000 // figures[of]
    return Line(
        label or figure.name,
        figure.name_en,
        f"{ours // 100}.{ours % 100:02}%",
        f"{theirs // 100}.{theirs % 100:02}%",
        (ours - theirs) * 1000 // max(1, theirs),
        f"{figure.year} {figure.source}",
    )


def _count(figures: Figures, figure_id: str, ours: int, size: int, *, days: int = 365) -> Line:
    """A count in the city against the published one scaled to its size (and to `days` of a year)."""
    figure = figures.by_id[figure_id]
    theirs = figures.scaled(figure_id, size) * days // 365
    return Line(
        figure.name,
        figure.name_en,
        f"{ours:,}",
        f"{theirs:,}",
        (ours - theirs) * 1000 // max(1, theirs),
        f"{figure.year} {figure.source}",
    )


def _people(living: QuerySet[Person], figures: Figures, on: date, size: int) -> Iterator[Line]:
    dated = living.filter(birth_date__isnull=False)
    known = dated.count()

    def aged(low: int, high: int | None) -> int:
        """People who have completed `low` years and not yet `high`."""
        found = dated.filter(birth_date__lte=add_months(on, -12 * low))
        if high is not None:
            found = found.filter(birth_date__gt=add_months(on, -12 * high))
        return found.count()

    yield _share(figures, "male", living.filter(sex="male").count(), size)
    yield _share(figures, "female", living.filter(sex="female").count(), size)
    yield _share(figures, "aged_0_14", aged(0, 15), known)
    yield _share(figures, "aged_15_59", aged(15, 60), known)
    yield _share(figures, "aged_60_up", aged(60, None), known)
    yield _share(figures, "aged_65_up", aged(65, None), known)
    members = living.filter(household__isnull=False).count()
    homes = Household.objects.count()
    mean, published = members * 100 // homes, figures["household_members"] * 100 // figures["households"]
    yield Line(
        "平均家庭户规模",
        "people in a household",
        f"{mean // 100}.{mean % 100:02}",
        f"{published // 100}.{published % 100:02}",
        (mean - published) * 1000 // published,
        figures.by_id["households"].source,
    )


def _counties(living: QuerySet[Person], places: Places, figures: Figures, size: int) -> Iterator[Line]:
    counts = {county.code: 0 for county in places.counties}
    rows = (
        living.values_list("residence_division_id")
        .annotate(people=Count("pk"))
        .order_by("residence_division_id")
    )
    for code, people in rows:
        counts[code[:6]] += people
    total = sum(figures.residents_by_county.values())
    for county in places.counties:
        ours = counts[county.code] * 10_000 // size
        theirs = figures.residents_by_county[county.key] * 10_000 // total
        yield Line(
            f"常住人口占比 {county.name}",
            f"residents in {county.name_en}",
            f"{ours // 100}.{ours % 100:02}%",
            f"{theirs // 100}.{theirs % 100:02}%",
            (ours - theirs) * 1000 // theirs,
            "figures.yaml counties",
        )


def _schooling(living: QuerySet[Person], figures: Figures, size: int) -> Iterator[Line]:
    ids = living.values("pk")
    for figure_id, levels in (
        ("college", COLLEGE),
        ("senior_secondary", SENIOR),
        ("junior_secondary", ("junior_secondary",)),
        ("primary", ("primary",)),
    ):
        yield _share(
            figures, figure_id, Education.objects.filter(level__in=levels, person__in=ids).count(), size
        )


def _employers(figures: Figures, size: int) -> Iterator[Line]:
    enterprises = Employer.objects.filter(kind="enterprise")
    cooperatives = enterprises.filter(name__endswith="专业合作社").count()
    yield _count(figures, "enterprises", enterprises.count() - cooperatives, size)
    shops = Employer.objects.filter(kind="individual_business").count()
    yield _count(figures, "individual_businesses", shops, size)
    yield _count(figures, "cooperatives", cooperatives, size)
    entities = enterprises.count() + shops
    yield _share(
        figures, "individual_businesses", shops, entities, of="market_entities", label="个体工商户占经营主体"
    )


def _labour(figures: Figures, on: date, size: int) -> Iterator[Line]:
    open_now = Q(until__isnull=True) | Q(until__gt=on)
    registered = Status.objects.filter(open_now, kind="registered_unemployed", start__lte=on)
    yield _count(figures, "registered_unemployed", registered.count(), size)
    year, start = on.year - 1, date(on.year - 1, 1, 1)
    until = date(on.year, 1, 1)
    hires = EmploymentSpell.objects.filter(
        start__gte=start, start__lt=until, urban=True, transferred_in=False
    )
    hired = hires.values("person").distinct().count()
    left = EmploymentSpell.objects.filter(
        until__gte=start, until__lt=until, urban=True, ended_because__in=("退休", "死亡")
    )
    yield _count(figures, "new_urban_jobs", hired - left.values("person").distinct().count(), size)
    for figure_id, found in (
        ("certificates", Certificate.objects.filter(issued_on__year=year)),
        ("traineeships", Traineeship.objects.filter(start__year=year)),
        ("apprentices", Apprenticeship.objects.filter(start__year=year)),
        ("trainings", TrainingEnrolment.objects.filter(finished_on__year=year, subsidised=True)),
    ):
        yield _count(figures, figure_id, found.count(), size)
