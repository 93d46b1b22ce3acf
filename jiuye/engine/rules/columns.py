"""The embedded evaluator for everyone: the typed tree in DuckDB's SQL.

Traps that are settled here, once: `//` truncates, and sums and products of 64-bit integers may overflow. So: 128-bit arithmetic
throughout, and macros for division and dates.
"""

from __future__ import annotations

from typing import ClassVar

from jiuye.engine.rules.sql import Dialect, Scope, SqlCompiler, quoted
from jiuye.engine.rules.tree import FloorDivide, Node, Rounded

__all__ = ["DUCKDB", "MACROS", "ColumnCompiler", "Scope", "literal", "null_of", "quoted"]

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


class DuckDbDialect(Dialect):
    """DuckDB's types and constants."""

    types: ClassVar[dict[str, str]] = {
        "boolean": "BOOLEAN", "number": "HUGEINT", "money": "HUGEINT", "date": "DATE", "month": "BIGINT",
    }  # fmt: skip
    text = "VARCHAR"
    wide = "HUGEINT"
    without = "EXCLUDE"

    def whole(self, value: int) -> str:
        return f"({value}::HUGEINT)" if abs(value) >= 2**62 else f"({value}::BIGINT)"

    def string(self, value: str) -> str:
        escaped = value.replace("'", "''")
        return f"'{escaped}'"

    def month(self, day: str) -> str:
        return f"jy_month({day})"

    def json(self, pairs: list[tuple[str, str]]) -> str:
        packed = ", ".join(f"{quoted(key)} := {value}" for key, value in pairs)
        return f"CAST(to_json(struct_pack({packed})) AS VARCHAR)"


DUCKDB = DuckDbDialect()
null_of = DUCKDB.null_of
literal = DUCKDB.literal


class ColumnCompiler(SqlCompiler):
    """SQL for DuckDB: every number is computed in 128 bits."""

    dialect = DUCKDB

    def width(self, node: Node) -> str:
        return "HUGEINT"

    def cast(self, node: Node, scope: Scope, width: str) -> str:
        return f"CAST({self.node(node, scope)} AS {width})"

    def number(self, value: int, width: str) -> str:
        return f"{value}::{width}"

    def divided(self, node: FloorDivide, scope: Scope) -> str:
        left, right = (self.cast(item, scope, "HUGEINT") for item in (node.left, node.right))
        return f"jy_floor_div({left}, {right})"

    def rounded(self, node: Rounded, scope: Scope) -> str:
        item = self.cast(node.item, scope, "HUGEINT")
        return f"(jy_{node.mode}({item}, {node.divisor}::HUGEINT) * {node.unit})"

    def date_call(self, name: str, arguments: list[str]) -> str:
        if name == "year_of":
            return f"year({arguments[0]})"
        return f"jy_{'month' if name == 'month_of' else name}({', '.join(arguments)})"
