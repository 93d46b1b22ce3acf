"""The whole of a pack's `places/` in one reading, its files held against each other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from jiuye.engine.basis.problems import Place as FilePlace
from jiuye.engine.basis.problems import Problems, display_path
from jiuye.engine.places.divisions import Places, load_places
from jiuye.engine.places.figures import Demonstration, Figures, load_demonstration, load_figures


@dataclass(frozen=True, slots=True)
class PlaceRoom:
    """What `places/` holds; a part that cannot be read, or is not there, is None."""

    places: Places | None
    figures: Figures | None
    demonstration: Demonstration | None


def load_place_room(pack: Path, *, problems: Problems | None = None) -> tuple[PlaceRoom, Problems]:
    """`places/` of the pack at `pack`, and everything that is wrong with it.

    The divisions must be there; a pack without figures and assumptions simply has no demonstration city.
    """
    problems = problems if problems is not None else Problems()
    folder = pack / "places"
    places, _ = load_places(folder / "divisions.yaml", problems=problems, base=pack)
    figures: Figures | None = None
    demonstration: Demonstration | None = None
    if (folder / "figures.yaml").exists():
        figures, _ = load_figures(folder / "figures.yaml", problems=problems, base=pack)
    if (folder / "demonstration.yaml").exists():
        demonstration, _ = load_demonstration(folder / "demonstration.yaml", problems=problems, base=pack)
    if places is not None and figures is not None:
        _hold_together(places, figures, FilePlace(display_path(folder / "figures.yaml", pack)), problems)
    return PlaceRoom(places, figures, demonstration), problems


def _hold_together(places: Places, figures: Figures, where: FilePlace, problems: Problems) -> None:
    """Every county has its residents, and no residents belong to a county that is not there."""
    known = {county.key for county in places.counties}
    for key in sorted(known - set(figures.residents_by_county)):
        problems.add(
            where,
            "county-without-residents",
            zh=f"counties 里缺少“{key}”的常住人口。请补上，或从 divisions.yaml 去掉这个地方。",
            en=f"'counties' has no residents for '{key}'; add them, or take the place out of divisions.yaml.",
        )
    for key in sorted(set(figures.residents_by_county) - known):
        problems.add(
            where,
            "residents-without-county",
            zh=f"divisions.yaml 里没有“{key}”这个县（市、区）或功能区。请改名或去掉。",
            en=f"there is no county or zone '{key}' in divisions.yaml; rename it or take it out.",
        )
