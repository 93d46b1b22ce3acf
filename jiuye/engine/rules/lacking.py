"""What is not known: the leaves that keep an expression unknown, who holds them, and the question that settles each.

Each node is made ready once, as the closures that decide are: a function from a row, a decision and the way to that row to what is
missing. Most kinds of nodes are unknown exactly where one of their parts is, so that these ask their parts and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from jiuye.engine.rules.closures import Closure, Decision, related
from jiuye.engine.rules.decide import Decider
from jiuye.engine.rules.rows import Row
from jiuye.engine.rules.tree import (
    Aggregate,
    Choice,
    Constant,
    DateCall,
    Day,
    Known,
    Logic,
    Lookup,
    Marginal,
    Node,
    Read,
)
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


Found = tuple[Missing, ...]
Finder = Callable[[Row, Decision, str], Found]
NOTHING: Found = ()


class Lacking:
    """Finds what an expression lacks, with the very closures that decide."""

    # Whether most kinds of nodes are unknown exactly where a part is: so with values; not with spans, which may settle a comparison.
    strict = True

    def __init__(self, decider: Decider) -> None:
        self.decider = decider
        self.pack = decider.pack
        # By the node's identity; the node is kept, so that it stays its own.
        self._closures: dict[int, tuple[Node, Closure]] = {}
        self._finders: dict[int, tuple[Node, Finder]] = {}

    def value(self, node: Node, row: Row, decision: Decision) -> Any:
        """The node's value, by its closure (made once)."""
        return self._closure(node)(row, decision)

    def unknown(self, node: Node, row: Row, decision: Decision, prefix: str) -> Found:
        """The leaves that keep `node` unknown, none where it is known. What could not change the answer is left out."""
        return self._finder(node)(row, decision, prefix)

    def _closure(self, node: Node) -> Closure:
        kept = self._closures.get(id(node))
        if kept is None:
            kept = self._closures[id(node)] = (node, self._settled(self.decider.compiler.node(node)))
        return kept[1]

    def _settled(self, closure: Closure) -> Closure:
        """The closure, None where its answer does not count as known."""
        return closure

    def _finder(self, node: Node) -> Finder:
        kept = self._finders.get(id(node))
        if kept is None:
            made = _MADE.get(node.__class__, Lacking._of_parts)(self, node)
            if not self.strict:
                made = _where_unknown(self._closure(node), made)
            kept = self._finders[id(node)] = (node, made)
        return kept[1]

    def _of_parts(self, node: Node) -> Finder:
        """Unknown exactly where a part is."""
        return _joined([self._finder(part) for part in node.children if not isinstance(part, _ALWAYS_KNOWN)])

    def _known(self, node: Node) -> Finder:
        """`known(x)` is a yes or a no, unless what is not known yet may still be known one day."""
        return _joined([]) if self.strict else self._of_parts(node)

    def _logic(self, node: Logic) -> Finder:
        """A part that decides makes it known, whatever the others lack."""
        return _where_unknown(self._closure(node), self._of_parts(node))

    def _datecall(self, node: DateCall) -> Finder:
        read, parts = self._closure(node), self._of_parts(node)
        outside = (Missing("rule", node.text, node.text, "算出的日期不在日历上", ""),)
        return lambda row, decision, prefix: (
            parts(row, decision, prefix) or (outside if read(row, decision) is None else NOTHING)
        )

    def _lookup(self, node: Lookup) -> Finder:
        parts, table = self._of_parts(node), node.parameter
        indexes = [self._closure(item) for item in node.index]

        def find(row: Row, decision: Decision, prefix: str) -> Found:
            found = parts(row, decision, prefix)
            if found:
                return found
            entry = table.lookup(decision.on, tuple([index(row, decision) for index in indexes]))
            if entry is not None and entry.value is not None:
                return NOTHING
            why = entry.unset if entry is not None else "表中没有这一项"
            return (Missing("rule", table.name, table.label, why, "", "", table.label_en),)

        return find

    def _marginal(self, node: Marginal) -> Finder:
        read, parts, scale = self._closure(node), self._of_parts(node), node.scale
        no_rule = (Missing("rule", scale.name, scale.label, "", "", "", scale.label_en),)
        return lambda row, decision, prefix: (
            parts(row, decision, prefix) or (no_rule if read(row, decision) is None else NOTHING)
        )

    def _choice(self, node: Choice) -> Finder:
        read = self._closure(node.condition)
        condition, then, otherwise = map(self._finder, (node.condition, node.then, node.otherwise))

        def find(row: Row, decision: Decision, prefix: str) -> Found:
            chosen = read(row, decision)
            part = condition if chosen is None else then if chosen else otherwise
            return part(row, decision, prefix)

        return find

    def _read(self, node: Read) -> Finder:
        fact = node.fact
        hops = tuple((hop, hop.name) for hop in node.hops)
        derived = (fact.entity, fact.name) in self.pack.derived
        here = self._derived_fact(node) if derived else self._recorded(node)
        if not hops:
            return here

        def follow(row: Row, decision: Decision, prefix: str) -> Found:
            path, found = prefix, row
            for hop, name in hops:
                other = found.ones.get(name)
                path += name
                if other is None:
                    return (_relation_missing(hop, path),)
                path, found = path + ".", other
            return here(found, decision, path)

        return follow

    def _derived_fact(self, node: Read) -> Finder:
        """What the expression behind a derived fact lacks, on the row that has the fact."""
        fact = node.fact
        key = (fact.entity, fact.name)
        value = self.pack.derived[key].value
        read = self._settled(self.decider.compiler.derived_fact(key))

        def find(row: Row, decision: Decision, prefix: str) -> Found:
            if read(row, decision) is not None:
                return NOTHING
            version = value.at(decision.on)
            if version is None:
                return (Missing("rule", prefix + fact.name, fact.label, "", "", "", fact.label_en),)
            return self._finder(version)(row, decision, prefix)

        return find

    def _recorded(self, node: Read) -> Finder:
        """A recorded fact of the row at hand; what is missing of the subject itself is the same for everybody."""
        fact = node.fact
        name = fact.name
        rest = (fact.label, fact.register, fact.ask, fact.ask_en, fact.label_en)
        own = (Missing("fact", name, *rest),)
        read = self._settled(lambda row, decision: row.values.get(name))

        def find(row: Row, decision: Decision, prefix: str) -> Found:
            if read(row, decision) is not None:
                return NOTHING
            return (Missing("fact", prefix + name, *rest),) if prefix else own

        return find

    def _aggregate(self, node: Aggregate) -> Finder:
        read = self._closure(node)
        body = self._finder(node.body) if node.body is not None else None
        needs_one = node.which in ("largest", "smallest")

        def find(row: Row, decision: Decision, prefix: str) -> Found:
            if read(row, decision) is not None:
                return NOTHING
            path, here = prefix, row
            for hop in node.hops:
                path += hop.name
                other = here.ones.get(hop.name)
                if other is None:
                    return (_relation_missing(hop, path),)
                path, here = path + ".", other
            members = related(row, node.hops, node.relation)
            path += node.relation.name
            if members is None or (not members and needs_one) or body is None:
                return (_relation_missing(node.relation, path),)
            found: list[Missing] = []
            for number, member in enumerate(members, start=1):
                found += body(member, decision, f"{path}[{number}].")
            return tuple(found)

        return find


def _joined(finders: list[Finder]) -> Finder:
    """What any of the parts lacks, in their order."""
    if not finders:
        return lambda row, decision, prefix: NOTHING
    if len(finders) == 1:
        return finders[0]
    if len(finders) == 2:
        first, second = finders

        def both(row: Row, decision: Decision, prefix: str) -> Found:
            one, other = first(row, decision, prefix), second(row, decision, prefix)
            return one + other if one and other else one or other

        return both

    def each(row: Row, decision: Decision, prefix: str) -> Found:
        found: list[Missing] = []
        for finder in finders:
            found += finder(row, decision, prefix)
        return tuple(found)

    return each


def _where_unknown(read: Closure, found: Finder) -> Finder:
    """Looks for what is lacking where the value is not known."""
    return lambda row, decision, prefix: (
        found(row, decision, prefix) if read(row, decision) is None else NOTHING
    )


def _relation_missing(relation: Relation, path: str) -> Missing:
    return Missing("relation", path, relation.label, relation.register, "", "", relation.label_en)


_ALWAYS_KNOWN = (Constant, Day)
# These are unknown for reasons of their own, or known in spite of their parts; any other is unknown where one of its parts is.
_MADE: dict[type[Node], Callable[[Any, Any], Finder]] = {
    Known: Lacking._known,
    Logic: Lacking._logic,
    DateCall: Lacking._datecall,
    Lookup: Lacking._lookup,
    Marginal: Lacking._marginal,
    Choice: Lacking._choice,
    Read: Lacking._read,
    Aggregate: Lacking._aggregate,
}
