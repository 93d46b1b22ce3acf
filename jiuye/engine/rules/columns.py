"""The evaluator for everyone: each typed node becomes an SQL expression over columns; NULL is unknown.

Traps that are settled here, once: DuckDB's `least`/`greatest` skip NULLs, `//` truncates, sums of 64-bit integers may
overflow, `IN` with NULL is not Kleene. So: 128-bit arithmetic, macros for division and dates, NULL handled by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

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

MACROS = """
CREATE OR REPLACE MACRO jy_floor_div(a, b) AS
  (a // b) - CASE WHEN (a % b) <> 0 AND ((a < 0) <> (b < 0)) THEN 1 ELSE 0 END;
CREATE OR REPLACE MACRO jy_round(a, d) AS
  CASE WHEN a >= 0 THEN (2 * a + d) // (2 * d) ELSE -((2 * -a + d) // (2 * d)) END;
CREATE OR REPLACE MACRO jy_floor(a, d) AS jy_floor_div(a, d);
CREATE OR REPLACE MACRO jy_ceil(a, d) AS -jy_floor_div(-a, d);
CREATE OR REPLACE MACRO jy_month(a) AS year(a) * 12 + month(a) - 1;
CREATE OR REPLACE MACRO jy_age(b, o) AS
  year(o) - year(b) - CASE WHEN month(o) * 100 + day(o) < month(b) * 100 + day(b) THEN 1 ELSE 0 END;
CREATE OR REPLACE MACRO jy_months_between(a, b) AS
  jy_month(b) - jy_month(a) - CASE WHEN day(b) < day(a) THEN 1 ELSE 0 END;
CREATE OR REPLACE MACRO jy_calendar_months(a, b) AS jy_month(b) - jy_month(a);
CREATE OR REPLACE MACRO jy_days_between(a, b) AS date_diff('day', a, b);
CREATE OR REPLACE MACRO jy_add_months(a, n) AS
  CASE WHEN jy_month(a) + n BETWEEN 12 AND 119999 THEN CAST(a + to_months(CAST(n AS INTEGER)) AS DATE) END;
CREATE OR REPLACE MACRO jy_add_days(a, n) AS
  CASE WHEN date_diff('day', DATE '0001-01-01', a) + n BETWEEN 0 AND 3652058
       THEN CAST(a + to_days(CAST(n AS INTEGER)) AS DATE) END;
"""

SQL_TYPES = {"boolean": "BOOLEAN", "number": "HUGEINT", "money": "HUGEINT", "date": "DATE", "month": "BIGINT"}


def null_of(of: Type) -> str:
    return f"CAST(NULL AS {SQL_TYPES.get(of.kind, 'VARCHAR')})"


def literal(value: Any, of: Type) -> str:
    """A constant of that type as SQL."""
    if value is None:
        return null_of(of)
    if of.kind == "boolean":
        return "TRUE" if value else "FALSE"
    if of.numeric or of.kind == "month":
        return f"({value}::HUGEINT)" if abs(value) >= 2**62 else f"({value}::BIGINT)"
    if of == DATE:
        return f"DATE '{value.isoformat()}'"
    escaped = str(value).replace("'", "''")
    return f"'{escaped}'"


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


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


class ColumnCompiler:
    """SQL for one day of decision. A derived fact is read as a column; the sweep stages them beforehand."""

    def __init__(self, on: date, period: Interval) -> None:
        self.on = on
        self.period = period

    def dated(self, value: Dated, scope: Scope, of: Type) -> str:
        node = value.at(self.on)
        return null_of(of) if node is None else self.node(node, scope)

    def node(self, node: Node, scope: Scope) -> str:
        return getattr(self, "_" + type(node).__name__.lower())(node, scope)  # type: ignore[no-any-return]

    def _constant(self, node: Constant, scope: Scope) -> str:
        return literal(node.value, node.type)

    def _day(self, node: Day, scope: Scope) -> str:
        day = {"on": self.on, "period_start": self.period.start, "period_end": self.period.end}[node.which]
        return literal(day, DATE)

    def _read(self, node: Read, scope: Scope) -> str:
        alias = scope.to_one(node.hops)
        return null_of(node.type) if alias is None else f"{alias}.{quoted(node.fact.name)}"

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
        return f"({self._wide(node.left, scope)} {node.op} {self._wide(node.right, scope)})"

    def _wide(self, node: Node, scope: Scope) -> str:
        return f"CAST({self.node(node, scope)} AS HUGEINT)"

    def _floordivide(self, node: FloorDivide, scope: Scope) -> str:
        return f"jy_floor_div({self._wide(node.left, scope)}, {self._wide(node.right, scope)})"

    def _scaled(self, node: Scaled, scope: Scope) -> str:
        return f"({self._wide(node.item, scope)} * {node.factor}::HUGEINT)"

    def _rounded(self, node: Rounded, scope: Scope) -> str:
        rounded = f"jy_{node.mode}({self._wide(node.item, scope)}, {node.divisor}::HUGEINT)"
        return f"({rounded} * {node.unit})"

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
        arguments = [self.node(item, scope) for item in node.arguments]
        if node.name == "year_of":
            return f"year({arguments[0]})"
        return f"jy_{'month' if node.name == 'month_of' else node.name}({', '.join(arguments)})"

    def _marginal(self, node: Marginal, scope: Scope) -> str:
        found = node.scale.entries.get((), [])
        entry = entry_on(found, self.on)
        if entry is None or entry.value is None:
            return null_of(node.type)
        item = self._wide(node.item, scope)
        parts = []
        for position, (threshold, rate) in enumerate(entry.value):
            last = position + 1 == len(entry.value)
            top = item if last else f"least({item}, {entry.value[position + 1][0]}::HUGEINT)"
            parts.append(f"greatest(0::HUGEINT, {top} - {threshold}::HUGEINT) * {rate}::HUGEINT")
        return f"(CASE WHEN {item} IS NULL THEN NULL ELSE {' + '.join(parts)} END)"

    def _lookup(self, node: Lookup, scope: Scope) -> str:
        parameter = node.parameter
        if not node.index:
            entry = entry_on(parameter.entries.get((), []), self.on)
            return literal(entry.value if entry is not None else None, node.type)
        indexes = [self.node(item, scope) for item in node.index]
        branches = []
        for key in sorted(parameter.entries, key=lambda found: [part == ELSE for part in found]):
            entry = entry_on(parameter.entries[key], self.on)
            tests = [
                self._matches(parameter, position, part, indexes[position])
                for position, part in enumerate(key)
                if part != ELSE
            ]
            value = literal(entry.value if entry is not None else None, node.type)
            branches.append(f"WHEN {' AND '.join(tests) or 'TRUE'} THEN {value}")
        unknown = " OR ".join(f"{index} IS NULL" for index in indexes)
        return f"(CASE WHEN {unknown} THEN NULL {' '.join(branches)} ELSE NULL END)"

    def _matches(self, parameter: Parameter, position: int, part: Any, index: str) -> str:
        axis = parameter.axes[position]
        if not axis.steps:
            return f"{index} = {literal(part, axis.type)}"
        higher = sorted(
            {key[position] for key in parameter.entries if key[position] != ELSE and key[position] > part}
        )
        test = f"{index} >= {literal(part, axis.type)}"
        return f"{test} AND {index} < {literal(higher[0], axis.type)}" if higher else test

    def _aggregate(self, node: Aggregate, scope: Scope) -> str:
        base = scope.to_one(node.hops)
        table = scope.tables(node.relation.to)
        if base is None or table is None or not scope.linked(node.relation.to, node.relation.via):
            return null_of(node.type)
        key = f"{node.path}|{node.which}|{node.body!r}"
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
        value = {
            "count": f"count(*) FILTER (WHERE {body})",
            "sum": f"sum(CAST({body} AS HUGEINT))",
            "largest": f"max({body})",
            "smallest": f"min({body})",
        }[node.which]
        return f"CASE WHEN {some_unknown} THEN NULL ELSE {value} END"
