"""The pack's own words: enums, entities, facts, relations (facts.yaml, and what the files under facts/ add to it)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from jiuye.engine.basis.documents import Mapping, Scalar
from jiuye.engine.basis.problems import Place, Problems, did_you_mean
from jiuye.engine.rules.holders import check_holders, read_holders
from jiuye.engine.rules.types import BOOLEAN, DATE, INTEGER, MONEY, MONTH, TEXT, Type
from jiuye.engine.rules.values import read_value

FACT_TYPES = ("boolean", "integer", "money", "ratio", "date", "month", "enum", "text")
LOGIC_WORDS = ("and", "or", "not", "in", "is", "if", "else", "true", "false", "none")
DAY_WORDS = ("on", "period_start", "period_end")
AGGREGATES = ("count", "sum", "any", "all", "largest", "smallest")
ROUNDINGS = (
    "round_fen", "floor_fen", "ceil_fen", "round_yuan", "floor_yuan", "ceil_yuan",
    "round_whole", "floor_whole", "ceil_whole",
)  # fmt: skip
DATE_FUNCTIONS = (
    "age", "months_between", "add_months", "add_days", "days_between", "year_of", "month_of", "calendar_months",
)  # fmt: skip
FUNCTIONS = (
    *AGGREGATES,
    *ROUNDINGS,
    *DATE_FUNCTIONS,
    "min",
    "max",
    "known",
    "date",
    "month",
    "yuan",
    "marginal",
)
# A fact may bear a function's name (`age`): brackets tell one from the other.
RESERVED = frozenset((*LOGIC_WORDS, *DAY_WORDS))
MOST_DECIMALS = 9  # of a ratio that is recorded as a fact
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing known (or not) of an entity. `register` says who holds it, `ask` is the question that settles it.

    `low` and `high` are the least and the greatest value that can be right, in the fact's own type (fen for money, the scaled
    integer for a ratio); None where the pack names none.
    """

    entity: str
    name: str
    type: Type
    label: str
    label_en: str
    register: str = ""
    ask: str = ""
    ask_en: str = ""
    binding: str = ""
    low: Any = None
    high: Any = None
    place: Place = field(default_factory=lambda: Place(""), compare=False)
    unbound: str = ""  # why no register of ours holds it, where there is no binding

    @property
    def key(self) -> str:
        return f"{self.entity}.{self.name}"


@dataclass(frozen=True, slots=True)
class Relation:
    """From one entity to one (`via` empty) or to many others, found by their to-one relation `via` back."""

    entity: str
    name: str
    to: str
    via: str
    label: str
    label_en: str = ""
    register: str = ""
    place: Place = field(default_factory=lambda: Place(""), compare=False)

    @property
    def many(self) -> bool:
        return bool(self.via)


@dataclass(slots=True)
class Entity:
    name: str
    label: str
    label_en: str
    facts: dict[str, Fact] = field(default_factory=dict)
    relations: dict[str, Relation] = field(default_factory=dict)
    place: Place = field(default_factory=lambda: Place(""))


@dataclass(slots=True)
class Vocabulary:
    enums: dict[str, dict[str, str]] = field(default_factory=dict)
    entities: dict[str, Entity] = field(default_factory=dict)
    # Who holds facts, as `register` names them: the English name of each, and where it stands.
    holders: dict[str, str] = field(default_factory=dict)
    holder_places: dict[str, Place] = field(default_factory=dict)
    # Names whose own entry has a mistake, as (entity, name); "" stands for parameters, "*" for any entity. Their mistake is
    # reported once, where it stands; expressions and cases that use them are not blamed as well.
    broken: set[tuple[str, str]] = field(default_factory=set)

    def is_broken(self, entity: str, name: str) -> bool:
        """True where a fact, relation or parameter of that name exists, but could not be read."""
        return not self.broken.isdisjoint({(entity, name), ("*", name), ("", name)})


def read_vocabulary(root: Mapping, problems: Problems, additions: Iterable[Mapping] = ()) -> Vocabulary:
    """facts.yaml as a vocabulary; every mistake in it is recorded.

    `additions` are the files under facts/: they bring enums and entities of their own, and give facts and relations to an
    entity that an earlier file names.
    """
    vocabulary = Vocabulary()
    for document in (root, *additions):
        _read_document(document, vocabulary, problems, first=document is root)
    _check_relations(vocabulary, problems)
    check_holders(vocabulary, problems)
    return vocabulary


def _read_document(root: Mapping, vocabulary: Vocabulary, problems: Problems, *, first: bool) -> None:
    if (enums := root.mapping("enums")) is not None:
        for name, place, node in enums.mappings("枚举", "the enum"):
            check_name(name, place, problems)
            if name in vocabulary.enums:
                problems.add(
                    place,
                    "duplicate-name",
                    zh=f"枚举“{name}”在前面的文件里已有。请换一个名字，或补写到那里。",
                    en=f"the enum '{name}' already stands in an earlier file; choose another name, or add to it there.",
                )
                continue
            vocabulary.enums[name] = _read_members(node, place, problems)
    if first:
        read_holders(root.mapping("holders"), vocabulary, problems)
    entities = root.mapping("entities", required=first)
    root.finish()
    if entities is None:
        return
    for name, place, node in entities.mappings("实体", "the entity"):
        check_name(name, place, problems)
        vocabulary.entities[name] = _read_entity(name, node, place, vocabulary, problems)


def _read_members(node: Mapping, place: Place, problems: Problems) -> dict[str, str]:
    """The members of one enum with their labels."""
    labels = {}
    for key, key_place, value in node.items():
        check_name(key, key_place, problems)
        if not isinstance(value, Scalar) or value.is_null or not value.text.strip():
            problems.add(
                key_place,
                "no-label",
                zh=f"“{key}”没有显示名。请写成 {key}: 名称。",
                en=f"'{key}' has no label; write {key}: label.",
            )
            continue
        labels[key] = value.text
    if not node.entries:
        problems.add(
            place,
            "empty-enum",
            zh="这个枚举没有任何值。请至少写一个。",
            en="this enum has no member; write one.",
        )
    return labels


def _read_entity(
    name: str, node: Mapping, place: Place, vocabulary: Vocabulary, problems: Problems
) -> Entity:
    known = vocabulary.entities.get(name)
    label, label_en = node.text("name", required=known is None), node.text("name_en")
    entity = known or Entity(name, label, label_en, place=place)
    if known is not None and label:
        problems.add(
            node.key_place("name"),
            "duplicate-name",
            zh=f"“{name}”在前面的文件里已有名称；这里只写新增的 facts 和 relations。",
            en=f"'{name}' is named in an earlier file; write only the facts and relations that are new.",
        )
    for words in ("relations", "facts"):
        entry = node.entries.get(words)
        if entry is not None and isinstance(entry[1], Mapping):
            there = {*entity.facts, *entity.relations}
            vocabulary.broken |= {
                (name, key) for key in entry[1].entries if key not in there
            }  # until each is read
    if (relations := node.mapping("relations")) is not None:
        for key, key_place, item in relations.mappings("关系", "the relation"):
            check_name(key, key_place, problems)
            vocabulary.broken.discard((name, key))
            many = item.text("many")
            to = many or item.text("to", required=True)
            via = item.text("by", required=True) if many else ""
            label, label_en = item.text("name") or key, item.text("name_en")
            relation = Relation(name, key, to, via, label, label_en, item.text("register"), key_place)
            item.finish()
            if _is_new(key, entity, key_place, problems):
                entity.relations[key] = relation
    if (facts := node.mapping("facts")) is not None:
        for key, key_place, item in facts.mappings("事实", "the fact"):
            check_name(key, key_place, problems)
            free = _is_new(key, entity, key_place, problems) and check_columns(
                key, entity, key_place, problems
            )
            fact = read_fact(name, key, item, key_place, vocabulary, problems)
            item.finish()
            if fact is not None and free:
                entity.facts[key] = fact
                vocabulary.broken.discard((name, key))
    node.finish()
    return entity


def _is_new(name: str, entity: Entity, place: Place, problems: Problems) -> bool:
    """True where no earlier file gave the entity a fact or a relation of that kind and name."""
    earlier = entity.facts.get(name) or entity.relations.get(name)
    if earlier is None or earlier.place.file == place.file:
        return True
    problems.add(
        place,
        "duplicate-name",
        zh=f"“{entity.name}.{name}”在 {earlier.place.file} 已有。请换一个名字，或改那一处。",
        en=f"'{entity.name}.{name}' already stands in {earlier.place.file}; choose another name, or change it there.",
    )
    return False


def read_type(item: Mapping, vocabulary: Vocabulary, problems: Problems) -> Type | None:
    """The `type` (with `enum` or `decimals`) of a fact, a derived fact or a parameter."""
    kind = item.choice("type", FACT_TYPES)
    simple = {
        "boolean": BOOLEAN, "integer": INTEGER, "money": MONEY, "date": DATE, "month": MONTH, "text": TEXT,
    }  # fmt: skip
    if kind in simple:
        return simple[kind]
    if kind == "ratio":
        return _read_ratio(item, problems)
    if kind == "enum":
        scalar = item.scalar("enum", required=True)
        if scalar is None:
            return None
        if scalar.text not in vocabulary.enums:
            zh, en = did_you_mean(scalar.text, vocabulary.enums)
            problems.add(
                scalar.place,
                "unknown-enum",
                zh=f"没有枚举“{scalar.text}”。{zh}",
                en=f"no enum '{scalar.text}'; {en}",
            )
            return None
        return Type("enum", enum=scalar.text)
    return None


def _read_ratio(item: Mapping, problems: Problems) -> Type | None:
    """A ratio with its `decimals` (4 where none is written)."""
    scalar = item.scalar("decimals")
    decimals = item.whole("decimals") if scalar is not None else 4
    if decimals is None or scalar is None:
        return Type("number", 4) if scalar is None else None
    if 1 <= decimals <= MOST_DECIMALS:
        return Type("number", decimals)
    problems.add(
        scalar.place,
        "bad-decimals",
        zh=f"小数位数须在 1 与 {MOST_DECIMALS} 之间；没有小数的请用 type: integer。",
        en=f"decimals lie between 1 and {MOST_DECIMALS}; what has none is `type: integer`.",
    )
    return None


def read_fact(
    entity: str, name: str, item: Mapping, place: Place, vocabulary: Vocabulary, problems: Problems
) -> Fact | None:
    """One fact of facts.yaml, or None where its type is wrong."""
    found = read_type(item, vocabulary, problems)
    low, high = (_read_bound(item, key, found, vocabulary, problems) for key in ("min", "max"))
    if low is not None and high is not None and low > high:
        problems.add(
            item.key_place("max"),
            "wrong-bounds",
            zh="max 小于 min。请检查两个界限。",
            en="`max` lies below `min`; check both bounds.",
        )
        low = high = None
    fact = Fact(
        entity,
        name,
        found or TEXT,
        item.text("name", required=True),
        item.text("name_en"),
        item.text("register"),
        item.text("ask"),
        item.text("ask_en"),
        item.text("binding"),
        low,
        high,
        place,
        item.text("unbound"),
    )
    if fact.unbound and fact.binding:
        problems.add(
            item.key_place("unbound"),
            "bound-and-unbound",
            zh="既写了 binding，又写了 unbound（没有登记簿登记它的理由）。请去掉一个。",
            en="both `binding` and `unbound` (why no register holds it) are written; take one out.",
        )
    return fact if found is not None else None


def _read_bound(item: Mapping, key: str, of: Type | None, vocabulary: Vocabulary, problems: Problems) -> Any:
    """`min` or `max` as a value of the fact's type; only what has an order can have bounds."""
    scalar = item.scalar(key)
    if scalar is None or of is None:
        return None
    if of.ordered:
        return read_value(scalar, of, vocabulary.enums, problems)
    problems.add(
        item.key_place(key),
        "no-order",
        zh=f"{of.zh}没有大小先后，不能写 {key}。",
        en=f"{of.en} has no order and takes no `{key}`.",
    )
    return None


def check_columns(name: str, entity: Entity, place: Place, problems: Problems) -> bool:
    """True where a fact's name is taken neither by a relation nor by a column that the sweep's files need for themselves."""
    if name in entity.relations:
        problems.add(
            place,
            "duplicate-name",
            zh=f"“{name}”既是事实又是关系。请改其中一个的名字。",
            en=f"'{name}' is both a fact and a relation; rename one.",
        )
        return False
    columns = {"id", *(f"{rel.name}_id" for rel in entity.relations.values() if not rel.many)}
    if name in columns:
        problems.add(
            place,
            "reserved-name",
            zh=f"“{name}”在数据文件里是标识或关系的列名，不能用作事实的名字。请换一个。",
            en=f"'{name}' is the column of an identifier or a relation in data files; choose another name for the fact.",
        )
        return False
    return True


def check_name(name: str, place: Place, problems: Problems) -> None:
    """A name is lower-case and no word of the language itself."""
    if not _NAME.fullmatch(name):
        problems.add(
            place,
            "bad-name",
            zh=f"名称“{name}”只能用小写字母、数字和下划线，以字母开头。",
            en=f"the name '{name}' may only use lower-case letters, digits and underscores, and begins with a letter.",
        )
    elif name in RESERVED:
        problems.add(
            place,
            "reserved-name",
            zh=f"“{name}”是规则语言自己的词，不能用作名称。请换一个。",
            en=f"'{name}' is a word of the rule language; choose another name.",
        )


def _check_relations(vocabulary: Vocabulary, problems: Problems) -> None:
    for entity in vocabulary.entities.values():
        for relation in entity.relations.values():
            target = vocabulary.entities.get(relation.to)
            if target is None:
                zh, en = did_you_mean(relation.to, vocabulary.entities)
                problems.add(
                    relation.place,
                    "unknown-entity",
                    zh=f"没有实体“{relation.to}”。{zh}",
                    en=f"no entity '{relation.to}'; {en}",
                )
            elif relation.many:
                back = target.relations.get(relation.via)
                if vocabulary.is_broken(relation.to, relation.via) or (
                    back and back.to not in vocabulary.entities
                ):
                    continue  # reported there
                if back is None or back.many or back.to != entity.name:
                    problems.add(
                        relation.place,
                        "no-way-back",
                        zh=f"“{relation.to}”没有指向“{entity.name}”的单值关系“{relation.via}”。请先在那里写上。",
                        en=f"'{relation.to}' has no to-one relation '{relation.via}' to '{entity.name}'; add it there.",
                    )
