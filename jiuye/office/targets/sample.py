"""Whether the registry holds the whole city or, as a demonstration does, only a part of it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from jiuye.engine.places import load_figures
from jiuye.office.registry.models import Person

WHOLE = Fraction(1)


@dataclass(frozen=True, slots=True)
class Sample:
    """The registry's living residents beside the city's published population and its year."""

    residents: int
    population: int
    year: int

    @property
    def share(self) -> Fraction:
        return Fraction(self.residents, self.population)


def demonstration_sample(pack: Path) -> Sample | None:
    """The sample that a demonstration's registry is of the city; None where it holds half the population or more.

    Only a demonstration asks: measured flows are then held against that share of the plan's targets, and the board
    says so. A registry in use is never scaled: what it lacks, the city lacks.
    """
    published = _population(pack / "places" / "figures.yaml")
    if published is None:
        return None
    population, year = published
    residents = Person.objects.filter(death_date__isnull=True).count()
    return Sample(residents, population, year) if 0 < 2 * residents < population else None


@lru_cache(maxsize=4)
def _population(path: Path) -> tuple[int, int] | None:
    figures, _ = load_figures(path)  # what is wrong with the file is reported by `jiuye check`
    if figures is None or "population" not in figures.by_id:
        return None
    found = figures.by_id["population"]
    return found.value, found.year
