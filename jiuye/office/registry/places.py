"""The pack's divisions in the registry: loaded at the start, again whenever the pack changes."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db import transaction
from django.db.models import Q
from django.utils.translation import get_language

from jiuye.engine.places import Place
from jiuye.office.registry.models import Division


@transaction.atomic
def load_divisions(places: Iterable[Place]) -> tuple[int, int]:
    """Write the divisions, parents first; returns how many were added and how many changed.

    Loading twice changes nothing. A division that is on record and no longer in the pack stays: people live
    there; its closing is a dated fact (`closed`), not a deletion.
    """
    known = {division.code: division for division in Division.objects.order_by("code")}
    added: list[Division] = []
    changed: list[Division] = []
    for place in places:
        wanted = {
            "name": place.name,
            "name_en": place.name_en,
            "kind": place.kind,
            "parent_id": place.parent or None,
            "urban": place.urban,
        }
        division = known.get(place.code)
        if division is None:
            added.append(Division(code=place.code, **wanted))
        elif any(getattr(division, field) != value for field, value in wanted.items()):
            for field, value in wanted.items():
                setattr(division, field, value)
            changed.append(division)
    Division.objects.bulk_create(added)
    if changed:
        Division.objects.bulk_update(changed, ["name", "name_en", "kind", "parent", "urban"])
    return len(added), len(changed)


COUNTY_DIGITS = 6  # a county's or functional zone's code (GB/T 2260)


def county_of(code: str) -> str:
    """The county or functional zone that a division lies in; empty for the city itself and for no division."""
    return code[:COUNTY_DIGITS] if len(code) >= COUNTY_DIGITS else ""


def division_names(codes: Collection[str]) -> dict[str, str]:
    """Names by code in the reader's language; codes that are on file nowhere are left out."""
    return names_of(Division.objects.filter(pk__in=codes).order_by("pk").only("code", "name", "name_en"))


def names_of(divisions: Iterable[Division]) -> dict[str, str]:
    """The same of divisions that were read already."""
    english = (get_language() or "").startswith("en")
    return {row.code: (english and row.name_en) or row.name for row in divisions}


def is_on_file(code: str) -> bool:
    """True where there is such a division."""
    return Division.objects.filter(pk=code).exists()


def places_within(prefixes: Collection[str]) -> dict[str, str]:
    """Every division that lies in one of these, by code; all of them where one of these is empty."""
    here = Q(pk__in=[])
    for prefix in prefixes:
        here |= Q(code__startswith=prefix)
    return dict(Division.objects.filter(here).order_by("code").values_list("code", "name"))
