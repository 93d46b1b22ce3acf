"""Making a synthetic city: the same from the same pack, size, seed and day, on any machine."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from random import Random

from jiuye.city.careers import Careers
from jiuye.city.contributions import Contributions
from jiuye.city.firms import Firms
from jiuye.city.numbers import Numbers
from jiuye.city.people import People
from jiuye.city.records import City
from jiuye.city.schooling import Schooling
from jiuye.city.shops import staff_some_shops
from jiuye.city.stories import Stories
from jiuye.city.training import Training
from jiuye.city.welfare import Welfare
from jiuye.engine.basis.problems import Problems
from jiuye.engine.places import Demonstration, Figures, Places, load_place_room

SEED = 20230524  # the day of the plan


class PackUnusableError(ValueError):
    """The pack's `places/` has mistakes; the message lists them all, with file and line."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        sentences = [problem.render() for problem in problems.sorted()]
        super().__init__(
            "\n".join(sentences)
            or "规则包的 places/ 里没有 figures.yaml 或 demonstration.yaml，不能建演示城市。 "
            "The pack has no places/figures.yaml or places/demonstration.yaml, so that no city can be made of it."
        )


def read_places(pack: Path) -> tuple[Places, Figures, Demonstration]:
    """The three files of `places/`. Raises PackUnusableError with every mistake in them."""
    room, problems = load_place_room(pack)
    if problems.errors or room.places is None or room.figures is None or room.demonstration is None:
        raise PackUnusableError(problems)
    return room.places, room.figures, room.demonstration


def make_city(
    places: Places,
    figures: Figures,
    demonstration: Demonstration,
    *,
    size: int,
    seed: int = SEED,
    on: date | None = None,
) -> City:
    """A city of `size` residents on the day `on` (default: the pack's demonstration day). Touches no database."""
    with _without_collector():
        return _make_city(places, figures, demonstration, size, seed, on or demonstration.day)


@contextmanager
def _without_collector() -> Iterator[None]:
    """The collector of cyclic garbage walks over a million live records again and again and finds nothing: a third of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _make_city(
    places: Places, figures: Figures, demonstration: Demonstration, size: int, seed: int, on: date
) -> City:
    city = City(on=on)
    random, numbers = Random(seed), Numbers()
    people = People(city, places, figures, demonstration, random, numbers)
    people.villages()
    firms = Firms(city, places, figures, random, numbers)
    firms.build(size - people.dead_among(size))
    Stories(city, people, firms, numbers).build()
    people.build(size - len(city.residents))
    Schooling(city, figures, random).build()
    living = sum(1 for resident in city.residents if resident.death is None)
    careers = Careers(city, firms, figures, demonstration, random, living)
    careers.build()
    Training(city, figures, careers, random, living).build()
    Welfare(city, random, numbers).build()
    staff_some_shops(city, places, seed)
    Contributions(city, demonstration, random).build()
    headcounts: dict[int, int] = {}
    for spell in city.spells:
        if spell.firm is not None and spell.until is None:
            headcounts[spell.firm.pk] = headcounts.get(spell.firm.pk, 0) + 1
    firms.finish(headcounts)
    return city
