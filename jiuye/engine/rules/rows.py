"""What is known of one subject: its facts, and the subjects it is related to. The input of one decision."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field
from typing import Any

from jiuye.engine.basis.documents import Mapping, Node, Scalar, Sequence
from jiuye.engine.basis.problems import Problems, did_you_mean
from jiuye.engine.rules.values import plain_value, read_value, show_value
from jiuye.engine.rules.vocabulary import Fact, Relation, Vocabulary


@dataclass(slots=True, eq=False)
class Row:
    """Facts by name (absent or None is unknown), to-one relations, and to-many ones (absent is unlisted, so unknown)."""

    entity: str
    values: dict[str, Any] = field(default_factory=dict)
    ones: dict[str, Row | None] = field(default_factory=dict)
    many: dict[str, list[Row]] = field(default_factory=dict)


def read_row(node: Mapping, entity: str, vocabulary: Vocabulary, problems: Problems) -> Row:
    """A facts mapping (a facts file, or `facts:` of a case) as a row; every mistake in it is recorded.

    What stands in the list of a to-many relation points back to the row that lists it, unless it says otherwise itself.
    """
    here = vocabulary.entities[entity]
    row = Row(entity)
    for key, place, child in node.items():
        if (fact := here.facts.get(key)) is not None:
            if not isinstance(child, Scalar):
                problems.add(
                    child.place,
                    "wrong-shape",
                    zh=f"“{key}”是一个值（{fact.type.zh}），不是一组。",
                    en=f"'{key}' is one value ({fact.type.en}), not a group.",
                )
                continue
            value = read_value(child, fact.type, vocabulary.enums, problems)
            if value is not None and within_range(fact, value, child, vocabulary, problems):
                row.values[key] = value
        elif (relation := here.relations.get(key)) is not None:
            _read_related(row, relation, child, vocabulary, problems)
        elif not vocabulary.is_broken(entity, key):
            zh, en = did_you_mean(key, [*here.facts, *here.relations])
            problems.add(
                place,
                "unknown-fact",
                zh=f"“{entity}”没有叫“{key}”的事实或关系。{zh}",
                en=f"'{entity}' has no fact or relation '{key}'; {en}",
            )
    return row


def _read_related(
    row: Row, relation: Relation, child: Node, vocabulary: Vocabulary, problems: Problems
) -> None:
    """What stands under a relation: one group, or a list of them; null is not known."""
    if relation.to not in vocabulary.entities:
        return  # reported with the relation itself, in facts.yaml
    if isinstance(child, Scalar) and child.is_null:
        return
    if relation.many and isinstance(child, Sequence):
        members = row.many[relation.name] = []
        for item in child:
            if not isinstance(item, Mapping):
                _not_a_group(item.place, relation.name, problems)
                continue
            member = read_row(item, relation.to, vocabulary, problems)
            member.ones.setdefault(relation.via, row)
            members.append(member)
    elif not relation.many and isinstance(child, Mapping):
        row.ones[relation.name] = read_row(child, relation.to, vocabulary, problems)
    else:
        wanted_zh, wanted_en = ("列表", "a list") if relation.many else ("一组“键: 值”", "a mapping")
        problems.add(
            child.place,
            "wrong-shape",
            zh=f"关系“{relation.name}”下面应当是{wanted_zh}。",
            en=f"the relation '{relation.name}' takes {wanted_en}.",
        )


def _not_a_group(place: Any, key: str, problems: Problems) -> None:
    problems.add(
        place,
        "wrong-shape",
        zh=f"“{key}”列表里的每一项应当是一组“键: 值”。",
        en=f"each item of '{key}' should be a mapping of facts.",
    )


def within_range(fact: Fact, value: Any, scalar: Scalar, vocabulary: Vocabulary, problems: Problems) -> bool:
    """True where a value lies inside the fact's `min` and `max`; otherwise a problem is recorded."""
    if (fact.low is None or value >= fact.low) and (fact.high is None or value <= fact.high):
        return True
    low, high, here = (
        "…" if bound is None else show_value(bound, fact.type, vocabulary.enums)
        for bound in (fact.low, fact.high, value)
    )
    problems.add(
        scalar.place,
        "out-of-range",
        zh=f"“{fact.label}”须在 {low} 与 {high} 之间，这里是 {here}。",
        en=f"'{fact.name}' lies between {low} and {high}; here stands {here}.",
    )
    return False


Keys = Container[tuple[str, str]]  # (entity, name) of facts or relations


def row_as_facts(
    row: Row, vocabulary: Vocabulary, facts: Keys | None = None, relations: Keys | None = None
) -> dict[str, Any]:
    """The row as plain data that reads back the same: the facts part of a receipt.

    `facts` and `relations` narrow it to what a policy reads; None takes everything. Rows may point at each other in circles:
    one that is already being written is written a second time without its relations.
    """
    return _as_facts(row, vocabulary, facts, relations, ())


def _as_facts(
    row: Row, vocabulary: Vocabulary, facts: Keys | None, relations: Keys | None, above: tuple[Row, ...]
) -> dict[str, Any]:
    here = vocabulary.entities[row.entity]
    found: dict[str, Any] = {
        name: plain_value(value, here.facts[name].type)
        for name, value in row.values.items()
        if value is not None and (facts is None or (row.entity, name) in facts)
    }
    if row in above:
        return found
    path = (*above, row)
    for name, other in row.ones.items():
        if other is None or (relations is not None and (row.entity, name) not in relations):
            continue
        lists_us = above and other is above[-1] and _is_listed(row, name, other, vocabulary)
        if not lists_us:  # reading the list back restores this way by itself
            found[name] = _as_facts(other, vocabulary, facts, relations, path)
    for name, others in row.many.items():
        if relations is None or (row.entity, name) in relations:
            found[name] = [_as_facts(other, vocabulary, facts, relations, path) for other in others]
    return found


def _is_listed(row: Row, name: str, owner: Row, vocabulary: Vocabulary) -> bool:
    """True where `row` stands in a list of `owner` whose way back is the relation `name`."""
    return any(
        relation.via == name and row in owner.many.get(relation.name, ())
        for relation in vocabulary.entities[owner.entity].relations.values()
        if relation.to == row.entity
    )
