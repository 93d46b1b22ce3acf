"""The name of the city whose pack this installation carries out."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.translation import get_language

from jiuye.engine.places import load_places


def city_name() -> str:
    """The city's short name in the language of the page (扬州, Yangzhou); empty where the pack names no city."""
    name, name_en = _names(Path(settings.PACK) / "places" / "divisions.yaml")
    if (get_language() or "").startswith("en") and name_en:
        return name_en
    return name.removesuffix("市")  # not translated: part of the name


@lru_cache(maxsize=4)
def _names(path: Path) -> tuple[str, str]:
    places, _ = load_places(path)  # what is wrong with the file is reported by `jiuye check`
    return (places.city.name, places.city.name_en) if places is not None else ("", "")
