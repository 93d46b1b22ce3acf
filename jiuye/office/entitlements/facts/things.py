"""Things of the pack's own kinds (a project, a post, a brand): every such entity has the same source, made from its vocabulary.

An entity is one of them where it has no source of its own, a fact of it is bound to a register or to the list itself
(`labour_brand.register(labour_brands, scale)`, `labour_brand.listed_on`), and a to-one relation leads to the person or the employer whose it is.
"""

from __future__ import annotations

from jiuye.engine.rules.vocabulary import Entity, Relation
from jiuye.office.entitlements.facts.sources import FactSource, in_force, quote

OWNERS = {"person": "g.person_id", "employer": "g.employer_id"}
COLUMNS = {
    "key": "g.key",
    "name": "nullif(g.name, '')",
    "county": "{county:g.division_id}",
    "listed_on": "g.start",
}


def owners_of(entity: Entity) -> dict[str, Relation]:
    """The relations that lead to whose a thing is: the first to a person and the first to an employer, by that kind."""
    found: dict[str, Relation] = {}
    for relation in entity.relations.values():
        if not relation.many and relation.to in OWNERS:
            found.setdefault(relation.to, relation)
    return found


def surplus_owners(entity: Entity) -> list[Relation]:
    """Relations to a second person or employer, which a thing has no column for."""
    first = owners_of(entity)
    return [
        relation
        for relation in entity.relations.values()
        if not relation.many and relation.to in OWNERS and first[relation.to] is not relation
    ]


def thing_source(entity: Entity) -> FactSource | None:
    """The source of a thing of that kind; None where nothing is bound or nobody owns it."""
    owners = owners_of(entity)
    bound = any(fact.binding for fact in entity.facts.values())
    if not bound or not owners:
        return None
    relations = {relation.name: OWNERS[kind] for kind, relation in owners.items()}
    return FactSource(
        entity=entity.name,
        table="registry_registeredthing g",
        key="g.id",
        columns={f"{entity.name}.{name}": column for name, column in COLUMNS.items()},
        relations=relations,
        members=relations,
        employers=tuple(relation.name for kind, relation in owners.items() if kind == "employer"),
        where=f"g.entity = {quote(entity.name)} AND {in_force('g')}",
        record="thing_id",
    )
