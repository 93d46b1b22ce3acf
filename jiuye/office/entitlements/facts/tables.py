"""Every entity's source in one place: those with tables of their own, and the pack's own kinds of things."""

from __future__ import annotations

from collections.abc import Iterable

from jiuye.engine.rules.pack import Pack
from jiuye.engine.rules.vocabulary import Entity
from jiuye.office.entitlements.facts.employers import BIRTH, EMPLOYER, HIRE
from jiuye.office.entitlements.facts.people import HOUSEHOLD, PERSON
from jiuye.office.entitlements.facts.skills import APPRENTICESHIP, CERTIFICATE, TRAINEESHIP, TRAINING
from jiuye.office.entitlements.facts.sources import FactSource
from jiuye.office.entitlements.facts.things import thing_source

# What has tables of its own; `sources_of` adds a pack's things.
SOURCES: dict[str, FactSource] = {
    source.entity: source
    for source in (
        PERSON,
        HOUSEHOLD,
        EMPLOYER,
        HIRE,
        BIRTH,
        CERTIFICATE,
        TRAINING,
        TRAINEESHIP,
        APPRENTICESHIP,
    )
}


def is_thing(entity: Entity) -> bool:
    """True for the pack's own kind of thing that registers list."""
    return entity.name not in SOURCES and thing_source(entity) is not None


def things_among(entities: Iterable[Entity]) -> list[Entity]:
    """The kinds of things among these entities, in their order."""
    return [entity for entity in entities if is_thing(entity)]


def sources_of(pack: Pack) -> dict[str, FactSource]:
    """The source of every entity of the pack that our records hold, by name."""
    found = dict(SOURCES)
    for entity in pack.vocabulary.entities.values():
        if entity.name not in found and (source := thing_source(entity)) is not None:
            found[entity.name] = source
    return found
