"""The cluster's evaluator for everyone: the typed tree in Spark's SQL.

Spark has no 128-bit integer. Where the sizes of the data prove that 64 bits hold a number and all that leads to it, it is a
BIGINT; where not, a DECIMAL(38,0), slower and as exact. Spark's ANSI mode is on: what overflows all the same stops the sweep.

Traps that are settled here, once: `div` of decimals answers in 64 bits, `/` keeps six decimals and rounds them, a quotient of
decimals holds no more than 32 digits before the point, `%` follows the dividend, `add_months` counts in 32 bits.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from jiuye.engine.basis.dates import Interval
from jiuye.engine.rules.magnitudes import Magnitudes
from jiuye.engine.rules.sql import Dialect, Scope, SqlCompiler
from jiuye.engine.rules.tree import Constant, Dated, FloorDivide, Lookup, Node, Rounded
from jiuye.engine.rules.types import Type

LONG, WIDE = "BIGINT", "DECIMAL(38,0)"
MOST_LONG = 2**62  # one bit to spare, so that adding two of them does not overflow
MOST_QUOTIENT = 10**31  # a quotient of decimals is a DECIMAL(38,6)
SPLIT = 10**16


class SparkDialect(Dialect):
    """Spark's types and constants."""

    types: ClassVar[dict[str, str]] = {
        "boolean": "BOOLEAN", "number": LONG, "money": LONG, "date": "DATE", "month": LONG,
    }  # fmt: skip
    text = "STRING"
    wide = WIDE
    without = "EXCEPT"

    def whole(self, value: int) -> str:
        return f"CAST({value} AS {WIDE})" if abs(value) >= MOST_LONG else f"({value}L)"

    def string(self, value: str) -> str:
        escaped = value.replace("\\", "\\\\").replace("'", "\\'")
        return f"'{escaped}'"

    def month(self, day: str) -> str:
        return f"(year({day}) * 12 + month({day}) - 1)"

    def json(self, pairs: list[tuple[str, str]]) -> str:
        packed = ", ".join(f"{self.string(key)}, {value}" for key, value in pairs)
        return f"to_json(named_struct({packed}), map('ignoreNullFields', 'false'))"


SPARK = SparkDialect()


class SparkCompiler(SqlCompiler):
    """SQL for Spark. `magnitudes` knows how large the numbers of the data at hand are."""

    dialect = SPARK

    def __init__(self, on: date, period: Interval, magnitudes: Magnitudes) -> None:
        super().__init__(on, period)
        self.magnitudes = magnitudes

    def dated(self, value: Dated, scope: Scope, of: Type) -> str:
        """Numbers come out in the type that whoever reads the column will expect."""
        node = value.at(self.on)
        if node is not None and node.type.numeric:
            return self.cast(node, scope, self.width(node))
        return super().dated(value, scope, of)

    def width(self, node: Node) -> str:
        leading = (
            () if isinstance(node, Lookup) else node.children
        )  # an index leads to a number, but is not part of it
        most = max([self.magnitudes.most(node), *(self.magnitudes.most(child) for child in leading)])
        return LONG if most < MOST_LONG else WIDE

    def cast(self, node: Node, scope: Scope, width: str) -> str:
        return f"CAST({self.node(node, scope)} AS {width})"

    def number(self, value: int, width: str) -> str:
        return f"({value}L)" if width == LONG else f"CAST({value} AS {WIDE})"

    # --- division

    def divided(self, node: FloorDivide, scope: Scope) -> str:
        width = self.width(node)
        left, right = self.cast(node.left, scope, width), self.cast(node.right, scope, width)
        if isinstance(node.right, Constant) and node.right.value > 0:
            return self._floor(left, node.right.value, width, self.magnitudes.most(node.left))
        less = f"CASE WHEN {left} % {right} <> 0 AND ({left} < 0) <> ({right} < 0) THEN 1 ELSE 0 END"
        whole = self._towards_zero(left, right, width, self.magnitudes.most(node.left))
        return f"({whole} - {less})"

    def rounded(self, node: Rounded, scope: Scope) -> str:
        most = self.magnitudes.most(node.item)
        width = LONG if 2 * most + node.divisor < MOST_LONG and self.width(node) == LONG else WIDE
        item, divisor = self.cast(node.item, scope, width), node.divisor
        if divisor == 1:
            whole = item
        elif node.mode == "floor":
            whole = self._floor(item, divisor, width, most)
        elif node.mode == "ceil":
            whole = f"-{self._floor(f'-{item}', divisor, width, most)}"
        else:
            half, twice = self.number(divisor, width), self.number(2, width)
            moved = f"({twice} * {item} + CASE WHEN {item} >= 0 THEN {half} ELSE -{half} END)"
            whole = self._towards_zero(moved, self.number(2 * divisor, width), width, most // divisor + 1)
        return f"({whole} * {self.number(node.unit, width)})" if node.unit != 1 else f"({whole})"

    def _floor(self, item: str, divisor: int, width: str, most: int) -> str:
        """Divided by a positive constant, towards minus infinity."""
        by = self.number(divisor, width)
        return self._towards_zero(f"({item} - pmod({item}, {by}))", by, width, most // divisor + 1)

    def _towards_zero(self, item: str, by: str, width: str, most: int) -> str:
        """The whole part of a quotient of at most `most`."""
        if width == LONG:
            return f"({item} div {by})"
        if most < MOST_QUOTIENT:
            return f"CAST(({item} - {item} % {by}) / {by} AS {WIDE})"
        # In two steps: of item = high × SPLIT + low, first the high part, then its remainder with the low one.
        split = self.number(SPLIT, width)
        high = self._towards_zero(item, split, width, most // SPLIT)
        first = self._towards_zero(high, by, width, most // SPLIT)
        rest = f"({high} % {by} * {split} + {item} % {split})"
        return f"({first} * {split} + {self._towards_zero(rest, by, width, 1)})"

    # --- dates

    def date_call(self, name: str, arguments: list[str]) -> str:
        month = SPARK.month
        if name in ("year_of", "month_of"):
            return f"CAST({f'year({arguments[0]})' if name == 'year_of' else month(arguments[0])} AS {LONG})"
        first, second = arguments
        if name == "add_months":
            within = f"{month(first)} + {second} BETWEEN 12 AND 119999"
            return f"(CASE WHEN {within} THEN add_months({first}, TRY_CAST({second} AS INT)) END)"
        if name == "add_days":
            within = f"datediff({first}, DATE '0001-01-01') + {second} BETWEEN 0 AND 3652058"
            return f"(CASE WHEN {within} THEN date_add({first}, TRY_CAST({second} AS INT)) END)"
        found = {
            "days_between": f"datediff({second}, {first})",
            "calendar_months": f"{month(second)} - {month(first)}",
            "months_between": f"{month(second)} - {month(first)} - CASE WHEN day({second}) < day({first}) THEN 1 ELSE 0 END",
            "age": f"year({second}) - year({first}) - CASE WHEN month({second}) * 100 + day({second}) "
            f"< month({first}) * 100 + day({first}) THEN 1 ELSE 0 END",
        }[name]
        return f"CAST({found} AS {LONG})"
