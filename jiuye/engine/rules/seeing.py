"""The values that an expression read, in people's words: each fact, parameter and count with its label and its source."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, NamedTuple

from jiuye.engine.rules.closures import Closure, Compiler, Decision
from jiuye.engine.rules.parameters import Parameter
from jiuye.engine.rules.rows import Row
from jiuye.engine.rules.tree import Aggregate, Lookup, Marginal, Node, Read
from jiuye.engine.rules.types import Type
from jiuye.engine.rules.values import words_of

MOST_KEPT = 256  # shown values a leaf remembers; most leaves have a handful of values
MOST_WORDS = 4096  # the same of all leaves of one type


class Seen(NamedTuple):
    """One value that was read: a fact by its path, or a parameter with its document."""

    path: str
    label: str
    value: Any
    shown: str
    source: str
    label_en: str = ""
    shown_en: str = ""


See = Callable[[Row, Decision], Seen]


class Words:
    """Values as plain data, in Chinese and in English, each made once for all leaves that read values of its type."""

    def __init__(self, enums: dict[str, dict[str, str]]) -> None:
        self.enums = enums
        self._kept: dict[Type, dict[Any, tuple[Any, str, str]]] = {}

    def of(self, value: Any, kind: Type) -> tuple[Any, str, str]:
        """The value for JSON, and as people read it in both languages."""
        kept = self._kept.setdefault(kind, {})
        found = kept.get(value)
        if found is None:
            if len(kept) >= MOST_WORDS:
                kept.clear()
            found = kept[value] = words_of(value, kind, self.enums)
        return found


@dataclass(slots=True)
class Leaf:
    """Something an expression reads, with its closure and its words made ready. `parameter` is looked up by `index`."""

    type: Type
    read: Closure
    path: str
    label: str
    label_en: str
    source: str
    parameter: Parameter | None = None
    index: tuple[Closure, ...] = ()
    fact: str = ""  # the name of a recorded fact of the row at hand, which is read without its closure

    def see(self, words: Words) -> See:
        """What gives the value with its words for a row and a day; a value that was seen before is at hand."""
        read, fact, kept = self.read, self.fact, _Kept()
        known = kept.get

        def see_value(row: Row, decision: Decision) -> Seen:
            value = read(row, decision)
            return known(value) or kept.keep(value, self._seen(words, value, self.source))

        def see_fact(row: Row, decision: Decision) -> Seen:
            value = row.values.get(fact)
            return known(value) or kept.keep(value, self._seen(words, value, self.source))

        table = self.parameter
        if table is None:
            return see_fact if fact else see_value
        index = self.index

        def see_number(row: Row, decision: Decision) -> Seen:
            """A number of the law is the same for everyone whom the same day and index lead to it."""
            on = decision.on
            at = tuple([closure(row, decision) for closure in index])
            found = known((on, at))
            if found is not None:
                return found
            entry = table.lookup(on, at) if None not in at else None
            source = (entry.source.citation if entry.source else entry.unset) if entry is not None else ""
            return kept.keep((on, at), self._seen(words, read(row, decision), source))

        return see_number

    def _seen(self, words: Words, value: Any, source: str) -> Seen:
        plain, zh, en = words.of(value, self.type)
        return Seen(self.path, self.label, plain, zh, source, self.label_en, en)


class _Kept(dict[Hashable, Seen]):
    """What a leaf remembers, up to a number."""

    def keep(self, key: Hashable, seen: Seen) -> Seen:
        if len(self) >= MOST_KEPT:
            self.clear()
        self[key] = seen
        return seen


def leaves_of(node: Node, compiler: Compiler) -> list[Leaf]:
    """Facts, parameters and aggregates an expression reads, in its order, each once."""
    found: dict[str, Leaf] = {}

    def collect(part: Node) -> None:
        leaf = _leaf(part, compiler)
        if leaf is not None:
            found.setdefault(leaf.path, leaf)
        if isinstance(part, Aggregate):
            return  # its body speaks of other rows
        for child in part.children:
            collect(child)

    collect(node)
    return list(found.values())


def path_of(part: Node) -> str | None:
    """Under which path a value that an expression reads is seen; None for what is made of others."""
    if isinstance(part, Read):
        return part.path
    if isinstance(part, Lookup):
        return part.text or part.parameter.name
    return part.text if isinstance(part, Aggregate | Marginal) else None


def _leaf(part: Node, compiler: Compiler) -> Leaf | None:
    if isinstance(part, Read):
        fact = part.fact
        recorded = not part.hops and (fact.entity, fact.name) not in compiler.derived
        return Leaf(
            part.type,
            compiler.node(part),
            part.path,
            fact.label,
            fact.label_en,
            fact.register,
            fact=fact.name if recorded else "",
        )
    if isinstance(part, Lookup):
        table = part.parameter
        index = tuple(compiler.node(item) for item in part.index)
        path = path_of(part) or ""
        return Leaf(part.type, compiler.node(part), path, table.label, table.label_en, "", table, index)
    if isinstance(part, Aggregate):
        rel = part.relation
        return Leaf(part.type, compiler.node(part), part.text, rel.label, rel.label_en, rel.register)
    if isinstance(part, Marginal):
        scale = part.scale
        return Leaf(part.type, compiler.node(part), part.text, scale.label, scale.label_en, "")
    return None
