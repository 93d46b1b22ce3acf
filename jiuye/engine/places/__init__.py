"""Where things are: the pack's divisions, and the published figures about them."""

from jiuye.engine.places.divisions import Place, Places, load_places
from jiuye.engine.places.figures import (
    PREMIUMS,
    Demonstration,
    Figure,
    Figures,
    load_demonstration,
    load_figures,
)
from jiuye.engine.places.room import PlaceRoom, load_place_room

__all__ = [
    "PREMIUMS",
    "Demonstration",
    "Figure",
    "Figures",
    "Place",
    "PlaceRoom",
    "Places",
    "load_demonstration",
    "load_figures",
    "load_place_room",
    "load_places",
]
