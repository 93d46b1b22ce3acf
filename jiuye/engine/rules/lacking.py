"""What is not known: the leaves that keep an expression unknown, who holds them, and the question that settles each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from jiuye.engine.rules.closures import Closure, Decision, related
from jiuye.engine.rules.decide import Decider
from jiuye.engine.rules.rows import Row
from jiuye.engine.rules.tree import Aggregate, Choice, DateCall, Lookup, Marginal, Node, Read
from jiuye.engine.rules.vocabulary import Relation


class Missing(NamedTuple):
    """What is not known. `kind` is fact, relation or rule (no rule on file); `ask` is the question that settles a fact."""

    kind: str
    path: str
    label: str
    register: str
    ask: str
    ask_en: str = ""
    label_en: str = ""


class Lacking:
    """Finds what an expression lacks, with the very closures that decide."""

    def __init__(self, decider: Decider) -> None:
        self.decider = decider
        self.pack = decider.pack
        self._closures: dict[int, tuple[Node, Closure]] = {}

    def value(self, node: Node, row: Row, decision: Decision) -> Any:
        """The node's value, by its closure (made once)."""
        kept = self._closures.get(id(node))
        if kept is None:
            kept = self._closures[id(node)] = (node, self.decider.compiler.node(node))
        return kept[1](row, decision)

    def unknown(self, node: Node, row: Row, decision: Decision, prefix: str) -> list[Missing]:
        """The leaves that keep `node` unknown. What could not change the answer is left out."""
        if self.value(node, row, decision) is not None:
            return []
        find = _UNKNOWN.get(node.__class__)
        if find is not None:
            return find(self, node, row, decision, prefix)
        found = []
        for part in node.children:
            found += self.unknown(part, row, decision, prefix)
        if not found and isinstance(node, DateCall):
            return [Missing("rule", node.text, node.text, "算出的日期不在日历上", "")]
        return found

    def _unknown_lookup(self, node: Lookup, row: Row, decision: Decision, prefix: str) -> list[Missing]:
        found = [item for index in node.index for item in self.unknown(index, row, decision, prefix)]
        if found:
            return found
        table = node.parameter
        index = tuple(self.value(item, row, decision) for item in node.index)
        entry = table.lookup(decision.on, index)
        why = entry.unset if entry is not None else "表中没有这一项"
        return [Missing("rule", table.name, table.label, why, "", "", table.label_en)]

    def _unknown_marginal(self, node: Marginal, row: Row, decision: Decision, prefix: str) -> list[Missing]:
        scale = node.scale
        return self.unknown(node.item, row, decision, prefix) or [
            Missing("rule", scale.name, scale.label, "", "", "", scale.label_en)
        ]

    def _unknown_choice(self, node: Choice, row: Row, decision: Decision, prefix: str) -> list[Missing]:
        condition = self.value(node.condition, row, decision)
        part = node.condition if condition is None else node.then if condition else node.otherwise
        return self.unknown(part, row, decision, prefix)

    def _unknown_read(self, node: Read, row: Row, decision: Decision, prefix: str) -> list[Missing]:
        path = prefix
        found: Row = row
        for hop in node.hops:
            other = found.ones.get(hop.name)
            path += hop.name + "."
            if other is None:
                return [_relation_missing(hop, path[:-1])]
            found = other
        fact = node.fact
        derived = self.pack.derived.get((fact.entity, fact.name))
        if derived is None:
            return [
                Missing(
                    "fact",
                    path + fact.name,
                    fact.label,
                    fact.register,
                    fact.ask,
                    fact.ask_en,
                    fact.label_en,
                )
            ]
        version = derived.value.at(decision.on)
        if version is None:
            return [Missing("rule", path + fact.name, fact.label, "", "", "", fact.label_en)]
        return self.unknown(version, found, decision, path)

    def _unknown_aggregate(self, node: Aggregate, row: Row, decision: Decision, prefix: str) -> list[Missing]:
        path, here = prefix, row
        for hop in node.hops:
            path += hop.name
            other = here.ones.get(hop.name)
            if other is None:
                return [_relation_missing(hop, path)]
            path, here = path + ".", other
        members = related(row, node.hops, node.relation)
        path += node.relation.name
        if members is None or (not members and node.which in ("largest", "smallest")) or node.body is None:
            return [_relation_missing(node.relation, path)]
        found = []
        for number, member in enumerate(members, start=1):
            found += self.unknown(node.body, member, decision, f"{path}[{number}].")
        return found


def _relation_missing(relation: Relation, path: str) -> Missing:
    return Missing("relation", path, relation.label, relation.register, "", "", relation.label_en)


# What keeps these kinds of nodes unknown; of any other, whatever keeps its parts so.
_UNKNOWN: dict[type[Node], Callable[..., list[Missing]]] = {
    Read: Lacking._unknown_read,
    Lookup: Lacking._unknown_lookup,
    Marginal: Lacking._unknown_marginal,
    Choice: Lacking._unknown_choice,
    Aggregate: Lacking._unknown_aggregate,
}
