"""What is known of one subject: its facts, and the subjects it is related to. The input of one decision."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field
from typing import Any

from jiuye.engine.basis.documents import Mapping, Node, Scalar, Sequence
from jiuye.engine.basis.problems import Problems, did_you_mean
from jiuye.engine.rules.types import Type
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
    """The row as plain data that reads back the same. For many rows make a `Receipt` once."""
    return Receipt(vocabulary, facts, relations).of(row)


class Receipt:
    """How rows are written down as plain data that reads back the same: the facts part of a receipt.

    `facts` and `relations` narrow it to what a policy reads; None takes everything. Rows may point at each other in circles: one
    that is already being written is written a second time without its relations.
    """

    def __init__(
        self, vocabulary: Vocabulary, facts: Keys | None = None, relations: Keys | None = None
    ) -> None:
        self._vocabulary = vocabulary
        self._parts: dict[str, _Part] = {}
        for name, entity in vocabulary.entities.items():
            kinds = [fact for fact in entity.facts.values() if facts is None or (name, fact.name) in facts]
            known = [
                item
                for item in entity.relations.values()
                if relations is None or (name, item.name) in relations
            ]
            self._parts[name] = _Part(
                tuple((fact.name, None if _is_plain(fact.type) else fact.type) for fact in kinds),
                tuple(item.name for item in known if not item.many),
                tuple(item.name for item in known if item.many),
            )

    def of(self, row: Row) -> dict[str, Any]:
        """This row, written down."""
        return self._written(row, ())

    def _written(self, row: Row, above: tuple[Row, ...]) -> dict[str, Any]:
        part = self._parts[row.entity]
        values = row.values
        found: dict[str, Any] = {}
        for name, kind in part.facts:
            value = values.get(name)
            if value is not None:
                found[name] = value if kind is None else plain_value(value, kind)
        if not (part.ones or part.manies) or row in above:
            return found
        path = (*above, row)
        for name in part.ones:
            other = row.ones.get(name)
            if other is None:
                continue
            lists_us = above and other is above[-1] and _is_listed(row, name, other, self._vocabulary)
            if not lists_us:  # reading the list back restores this way by itself
                found[name] = self._written(other, path)
        for name in part.manies:
            others = row.many.get(name)
            if others is not None:
                found[name] = [self._written(other, path) for other in others]
        return found


@dataclass(frozen=True, slots=True)
class _Part:
    """Of one entity: the facts with their types (None where the value is plain data already), the relations to one and to many."""

    facts: tuple[tuple[str, Type | None], ...]
    ones: tuple[str, ...]
    manies: tuple[str, ...]


def _is_plain(kind: Type) -> bool:
    return kind.kind in ("boolean", "text", "enum") or (kind.kind == "number" and kind.scale == 0)


def _is_listed(row: Row, name: str, owner: Row, vocabulary: Vocabulary) -> bool:
    """True where `row` stands in a list of `owner` whose way back is the relation `name`."""
    return any(
        relation.via == name and row in owner.many.get(relation.name, ())
        for relation in vocabulary.entities[owner.entity].relations.values()
        if relation.to == row.entity
    )
