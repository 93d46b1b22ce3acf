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

__all__ = [
    "PREMIUMS",
    "Demonstration",
    "Figure",
    "Figures",
    "Place",
    "Places",
    "load_demonstration",
    "load_figures",
    "load_places",
]
