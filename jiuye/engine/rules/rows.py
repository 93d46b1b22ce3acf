"""What is known of one subject: its facts, and the subjects it is related to. The input of one decision."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from jiuye.engine.basis.documents import Mapping, Scalar, Sequence
from jiuye.engine.basis.problems import Problems, did_you_mean
from jiuye.engine.rules.types import Type
from jiuye.engine.rules.values import plain_value, read_value
from jiuye.engine.rules.vocabulary import Fact, Vocabulary


@dataclass(slots=True, eq=False)
class Row:
    """Facts by name (absent or None is unknown), to-one relations, and to-many ones (absent is unlisted, so unknown)."""

    entity: str
    values: dict[str, Any] = field(default_factory=dict)
    ones: dict[str, Row | None] = field(default_factory=dict)
    many: dict[str, list[Row]] = field(default_factory=dict)


def read_row(node: Mapping, entity: str, vocabulary: Vocabulary, problems: Problems) -> Row:
    """A facts mapping (a facts file, or `facts:` of a case) as a row; every mistake in it is recorded."""
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
            if value is not None and within_range(fact, value, child, problems):
                row.values[key] = value
        elif (relation := here.relations.get(key)) is not None:
            if isinstance(child, Scalar) and child.is_null:
                row.ones[key] = None
            elif relation.many and isinstance(child, Sequence):
                row.many[key] = []
                for item in child:
                    if isinstance(item, Mapping):
                        row.many[key].append(read_row(item, relation.to, vocabulary, problems))
                    else:
                        _not_a_group(item.place, key, problems)
            elif not relation.many and isinstance(child, Mapping):
                row.ones[key] = read_row(child, relation.to, vocabulary, problems)
            else:
                wanted_zh, wanted_en = ("列表", "a list") if relation.many else ("一组“键: 值”", "a mapping")
                problems.add(
                    child.place,
                    "wrong-shape",
                    zh=f"关系“{key}”下面应当是{wanted_zh}。",
                    en=f"the relation '{key}' takes {wanted_en}.",
                )
        else:
            zh, en = did_you_mean(key, [*here.facts, *here.relations])
            problems.add(
                place,
                "unknown-fact",
                zh=f"“{entity}”没有叫“{key}”的事实或关系。{zh}",
                en=f"'{entity}' has no fact or relation '{key}'; {en}",
            )
    return row


def _not_a_group(place: Any, key: str, problems: Problems) -> None:
    problems.add(
        place,
        "wrong-shape",
        zh=f"“{key}”列表里的每一项应当是一组“键: 值”。",
        en=f"each item of '{key}' should be a mapping of facts.",
    )


def within_range(fact: Fact, value: Any, scalar: Scalar, problems: Problems) -> bool:
    """True where an integer lies inside the fact's `min` and `max`; otherwise a problem is recorded."""
    if fact.type != Type("number"):
        return True
    if (fact.low is not None and value < fact.low) or (fact.high is not None and value > fact.high):
        low, high = "…" if fact.low is None else fact.low, "…" if fact.high is None else fact.high
        problems.add(
            scalar.place,
            "out-of-range",
            zh=f"“{fact.label}”须在 {low} 与 {high} 之间，这里是 {value}。",
            en=f"'{fact.name}' lies between {low} and {high}; here stands {value}.",
        )
        return False
    return True


def row_as_facts(row: Row, vocabulary: Vocabulary) -> dict[str, Any]:
    """The row as plain data that reads back the same: the facts part of a receipt."""
    here = vocabulary.entities[row.entity]
    found: dict[str, Any] = {
        name: plain_value(value, here.facts[name].type)
        for name, value in row.values.items()
        if value is not None
    }
    for name, other in row.ones.items():
        if other is not None:
            found[name] = row_as_facts(other, vocabulary)
    for name, others in row.many.items():
        found[name] = [row_as_facts(other, vocabulary) for other in others]
    return found
