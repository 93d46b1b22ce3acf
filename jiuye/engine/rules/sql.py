"""What every SQL evaluator shares: the walk over the typed tree that writes one expression over columns; NULL is unknown.

`columns` says it in DuckDB's words, `columns_spark` in Spark's. Traps that are settled here, once: `least` and `greatest` skip
NULLs, `IN` with NULL is not Kleene, a list that nobody gave is not an empty list. What differs between engines (how wide a whole
number is, how it is divided, how months are added) is a method that the dialect fills in.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

from jiuye.engine.basis.dates import Interval
from jiuye.engine.rules.parameters import ELSE, Parameter, entry_on
from jiuye.engine.rules.tree import (
    Aggregate,
    Arithmetic,
    Choice,
    Compare,
    Constant,
    DateCall,
    Dated,
    Day,
    Extreme,
    FloorDivide,
    Known,
    Logic,
    Lookup,
    Marginal,
    Node,
    Not,
    Read,
    Rounded,
    Scaled,
)
from jiuye.engine.rules.types import DATE, Type
from jiuye.engine.rules.vocabulary import Relation


def quoted(name: str) -> str:
    """A name as SQL; every dialect here takes the standard's double quotes."""
    return '"' + name.replace('"', '""') + '"'


class Dialect(ABC):
    """How one engine writes types and constants."""

    types: ClassVar[dict[str, str]]  # of a fact's kind; every other kind is text
    text: ClassVar[str]  # the type of text
    wide: ClassVar[str]  # the widest exact whole number
    without: ClassVar[str]  # how `SELECT *` leaves columns out

    def null_of(self, of: Type) -> str:
        """Unknown, of that type."""
        return f"CAST(NULL AS {self.types.get(of.kind, self.text)})"

    def literal(self, value: Any, of: Type) -> str:
        """A constant of that type as SQL."""
        if value is None:
            return self.null_of(of)
        if of.kind == "boolean":
            return "TRUE" if value else "FALSE"
        if of.numeric or of.kind == "month":
            return self.whole(value)
        if of == DATE:
            return f"DATE '{value.isoformat()}'"
        return self.string(str(value))

    @abstractmethod
    def whole(self, value: int) -> str:
        """A whole number of 64 bits, of the widest type where that does not hold it."""

    @abstractmethod
    def string(self, value: str) -> str:
        """Text as a constant."""

    @abstractmethod
    def month(self, day: str) -> str:
        """The number of a date's month since year 0."""

    @abstractmethod
    def json(self, pairs: list[tuple[str, str]]) -> str:
        """One JSON object as text, of (key, expression), unknown ones as null."""


@dataclass(slots=True)
class Scope:
    """One entity's row under an alias, with the joins that its expressions have asked for so far."""

    entity: str
    alias: str
    tables: Callable[[str], str | None]  # the table of an entity, None where nobody supplied it
    linked: Callable[
        [str, str], bool
    ]  # whether the data hold the column of a to-one relation (entity, relation)
    joins: list[str] = field(default_factory=list)
    _paths: dict[tuple[str, ...], str] = field(default_factory=dict)
    _aggregates: dict[str, str] = field(default_factory=dict)
    depth: int = 0

    def to_one(self, hops: tuple[Relation, ...]) -> str | None:
        """The alias of the row reached over `hops`; None where its entity's table was not supplied."""
        alias = self.alias
        path: tuple[str, ...] = ()
        for hop in hops:
            path = (*path, hop.name)
            table = self.tables(hop.to)
            if table is None or not self.linked(hop.entity, hop.name):
                return None
            if path not in self._paths:
                joined = f"j{self.depth}_{len(self._paths)}"
                self._paths[path] = joined
                self.joins.append(
                    f"LEFT JOIN {table} {joined} ON {joined}.id = {alias}.{quoted(hop.name + '_id')}"
                )
            alias = self._paths[path]
        return alias


class SqlCompiler(ABC):
    """SQL for one day of decision. A derived fact is read as a column; the sweep stages them beforehand."""

    dialect: Dialect

    def __init__(self, on: date, period: Interval) -> None:
        self.on = on
        self.period = period

    # --- what an engine says in its own words

    @abstractmethod
    def width(self, node: Node) -> str:
        """The SQL type in which a number is computed so that neither it nor what leads to it overflows."""

    @abstractmethod
    def cast(self, node: Node, scope: Scope, width: str) -> str:
        """The number as that type."""

    @abstractmethod
    def number(self, value: int, width: str) -> str:
        """A constant as that type."""

    @abstractmethod
    def divided(self, node: FloorDivide, scope: Scope) -> str:
        """Division rounded towards minus infinity, whatever the signs."""

    @abstractmethod
    def rounded(self, node: Rounded, scope: Scope) -> str:
        """Division by a positive constant under the node's mode, times its unit; halves go away from zero."""

    @abstractmethod
    def date_call(self, name: str, arguments: list[str]) -> str:
        """One of the language's functions of dates, unknown outside the years 1 to 9999."""

    # --- the walk

    def null_of(self, of: Type) -> str:
        return self.dialect.null_of(of)

    def literal(self, value: Any, of: Type) -> str:
        return self.dialect.literal(value, of)

    def dated(self, value: Dated, scope: Scope, of: Type) -> str:
        node = value.at(self.on)
        return self.null_of(of) if node is None else self.node(node, scope)

    def node(self, node: Node, scope: Scope) -> str:
        return getattr(self, "_" + type(node).__name__.lower())(node, scope)  # type: ignore[no-any-return]

    def _constant(self, node: Constant, scope: Scope) -> str:
        return self.literal(node.value, node.type)

    def _day(self, node: Day, scope: Scope) -> str:
        day = {"on": self.on, "period_start": self.period.start, "period_end": self.period.end}[node.which]
        return self.literal(day, DATE)

    def _read(self, node: Read, scope: Scope) -> str:
        alias = scope.to_one(node.hops)
        return self.null_of(node.type) if alias is None else f"{alias}.{quoted(node.fact.name)}"

    def _known(self, node: Known, scope: Scope) -> str:
        return f"({self.node(node.item, scope)} IS NOT NULL)"

    def _not(self, node: Not, scope: Scope) -> str:
        return f"(NOT {self.node(node.item, scope)})"

    def _logic(self, node: Logic, scope: Scope) -> str:
        return "(" + f" {node.op.upper()} ".join(self.node(item, scope) for item in node.items) + ")"

    def _compare(self, node: Compare, scope: Scope) -> str:
        op = {"==": "=", "!=": "<>"}.get(node.op, node.op)
        return f"({self.node(node.left, scope)} {op} {self.node(node.right, scope)})"

    def _arithmetic(self, node: Arithmetic, scope: Scope) -> str:
        width = self.width(node)
        return f"({self.cast(node.left, scope, width)} {node.op} {self.cast(node.right, scope, width)})"

    def _floordivide(self, node: FloorDivide, scope: Scope) -> str:
        return self.divided(node, scope)

    def _scaled(self, node: Scaled, scope: Scope) -> str:
        width = self.width(node)
        return f"({self.cast(node.item, scope, width)} * {self.number(node.factor, width)})"

    def _rounded(self, node: Rounded, scope: Scope) -> str:
        return self.rounded(node, scope)

    def _choice(self, node: Choice, scope: Scope) -> str:
        condition = self.node(node.condition, scope)
        then, otherwise = self.node(node.then, scope), self.node(node.otherwise, scope)
        return f"(CASE WHEN {condition} IS NULL THEN NULL WHEN {condition} THEN {then} ELSE {otherwise} END)"

    def _extreme(self, node: Extreme, scope: Scope) -> str:
        items = [self.node(item, scope) for item in node.items]
        function = "least" if node.which == "min" else "greatest"
        unknown = " OR ".join(f"{item} IS NULL" for item in items)
        return f"(CASE WHEN {unknown} THEN NULL ELSE {function}({', '.join(items)}) END)"

    def _datecall(self, node: DateCall, scope: Scope) -> str:
        return self.date_call(node.name, [self.node(item, scope) for item in node.arguments])

    def _marginal(self, node: Marginal, scope: Scope) -> str:
        found = node.scale.entries.get((), [])
        entry = entry_on(found, self.on)
        if entry is None or entry.value is None:
            return self.null_of(node.type)
        width = self.width(node)
        item, zero = self.cast(node.item, scope, width), self.number(0, width)
        parts = []
        for position, (threshold, rate) in enumerate(entry.value):
            last = position + 1 == len(entry.value)
            top = item if last else f"least({item}, {self.number(entry.value[position + 1][0], width)})"
            inside = f"greatest({zero}, {top} - {self.number(threshold, width)})"
            parts.append(f"{inside} * {self.number(rate, width)}")
        return f"(CASE WHEN {item} IS NULL THEN NULL ELSE {' + '.join(parts)} END)"

    def _lookup(self, node: Lookup, scope: Scope) -> str:
        parameter = node.parameter
        if not node.index:
            entry = entry_on(parameter.entries.get((), []), self.on)
            return self.literal(entry.value if entry is not None else None, node.type)
        indexes = [self.node(item, scope) for item in node.index]
        branches = []
        for key in sorted(parameter.entries, key=lambda found: [part == ELSE for part in found]):
            entry = entry_on(parameter.entries[key], self.on)
            tests = [
                self._matches(parameter, position, part, indexes[position])
                for position, part in enumerate(key)
                if part != ELSE
            ]
            value = self.literal(entry.value if entry is not None else None, node.type)
            branches.append(f"WHEN {' AND '.join(tests) or 'TRUE'} THEN {value}")
        unknown = " OR ".join(f"{index} IS NULL" for index in indexes)
        return f"(CASE WHEN {unknown} THEN NULL {' '.join(branches)} ELSE NULL END)"

    def _matches(self, parameter: Parameter, position: int, part: Any, index: str) -> str:
        axis = parameter.axes[position]
        if not axis.steps:
            return f"{index} = {self.literal(part, axis.type)}"
        higher = sorted(
            {key[position] for key in parameter.entries if key[position] != ELSE and key[position] > part}
        )
        test = f"{index} >= {self.literal(part, axis.type)}"
        return f"{test} AND {index} < {self.literal(higher[0], axis.type)}" if higher else test

    def _aggregate(self, node: Aggregate, scope: Scope) -> str:
        base = scope.to_one(node.hops)
        table = scope.tables(node.relation.to)
        if base is None or table is None or not scope.linked(node.relation.to, node.relation.via):
            return self.null_of(node.type)
        key = f"{node.path}|{node.which}|{self.period}|{node.body!r}"
        if key not in scope._aggregates:
            alias = f"a{scope.depth}_{len(scope._aggregates)}"
            scope._aggregates[key] = alias
            inner = Scope(
                node.relation.to, f"m{scope.depth}", scope.tables, scope.linked, depth=scope.depth + 1
            )
            value = self._combined(node, inner)
            via = f"m{scope.depth}.{quoted(node.relation.via + '_id')}"
            scope.joins.append(
                f"LEFT JOIN (SELECT {via} AS k, {value} AS v FROM {table} m{scope.depth} {' '.join(inner.joins)} "
                f"WHERE {via} IS NOT NULL GROUP BY 1) {alias} ON {alias}.k = {base}.id"
            )
        alias = scope._aggregates[key]
        empty = {"count": "0", "sum": "0", "any": "FALSE", "all": "TRUE"}.get(node.which, "NULL")
        none_reached = f"{base}.id IS NULL" if node.hops else "FALSE"
        return f"(CASE WHEN {none_reached} THEN NULL WHEN {alias}.k IS NULL THEN {empty} ELSE {alias}.v END)"

    def _combined(self, node: Aggregate, inner: Scope) -> str:
        if node.body is None:
            return "count(*)"
        body = self.node(node.body, inner)
        some_unknown = f"bool_or({body} IS NULL)"
        if node.which == "any":
            return f"CASE WHEN bool_or({body}) THEN TRUE WHEN {some_unknown} THEN NULL ELSE FALSE END"
        if node.which == "all":
            return f"CASE WHEN bool_or(NOT {body}) THEN FALSE WHEN {some_unknown} THEN NULL ELSE TRUE END"
        if node.which == "count":
            value = f"count(*) FILTER (WHERE {body})"
        elif node.which == "sum":
            value = f"sum({self.cast(node.body, inner, self.width(node))})"
        else:
            value = f"{'max' if node.which == 'largest' else 'min'}({body})"
        return f"CASE WHEN {some_unknown} THEN NULL ELSE {value} END"
