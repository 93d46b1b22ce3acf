"""Every way in which one expression can be wrong by one step: found in its syntax, each with its exact place in the file.

A comparison takes or loses its equality, a list loses a member, a constant moves by the smallest step of its type, `and` becomes
`or`. What each change does to the cases is told by `mutants`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from jiuye.engine.basis.documents import Scalar
from jiuye.engine.basis.money import scaled_from_text, scaled_text
from jiuye.engine.basis.problems import Place, Problems
from jiuye.engine.rules import syntax
from jiuye.engine.rules.tree import Constant, Node, walk

COMPARISONS = {
    "<": "<=",
    "<=": "<",
    ">": ">=",
    ">=": ">",
    "==": "!=",
    "!=": "==",
    "in": "not in",
    "not in": "in",
}
CONNECTIVES = {"and": "or", "or": "and"}
ARITHMETIC = {"+": "-", "-": "+", "*": "+", "//": "*"}
# One step of rounding, and the other end of a choice.
FUNCTIONS = {
    **{f"round_{unit}": (f"floor_{unit}", f"ceil_{unit}") for unit in ("fen", "yuan", "whole")},
    **{f"{way}_{unit}": (f"round_{unit}",) for way in ("floor", "ceil") for unit in ("fen", "yuan", "whole")},
    "min": ("max",), "max": ("min",), "any": ("all",), "all": ("any",),
    "largest": ("smallest",), "smallest": ("largest",),
}  # fmt: skip
_COMPARISON = re.compile(r"==|!=|<=|>=|<|>|not\s+in|in")
_CONNECTIVE = re.compile(r"and|or")
_ARITHMETIC = re.compile(r"//|[-+*]")


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of an expression: its whole text afterwards, and what stands at `place` before and after."""

    kind: str  # comparison, list, connective, constant, operator or function
    place: Place
    was: str
    now: str
    text: str

    def scalar(self, original: Scalar) -> Scalar:
        """The expression as changed, at the place of the original; columns inside it are no longer those of the file."""
        return replace(original, text=self.text, lines=(), quoted=True)


def edits(scalar: Scalar, typed: Node, enums: dict[str, dict[str, str]]) -> Iterator[Edit]:
    """Every change of one step in an expression that is sound, in reading order. `typed` is what it means."""
    parsed = syntax.parse(scalar, Problems())
    assert parsed is not None, scalar.text
    yield from sorted(
        _Editor(scalar, typed, enums).all(parsed), key=lambda edit: (edit.place.line, edit.place.column)
    )


def neighbours(value: Any, kind: str, members: dict[str, str] | None = None) -> list[Any]:
    """The values one step from this one: both numbers or days beside it, the other of yes and no, the next member of an enum."""
    if kind == "boolean":
        return [not value]
    if kind == "enum":
        names = list(members or ())
        following = names[(names.index(value) + 1) % len(names)]
        return [following] if following != value else []
    if kind == "date":
        return [value - timedelta(days=1), value + timedelta(days=1)]
    return [] if kind == "text" else [value - 1, value + 1]


class _Editor:
    def __init__(self, scalar: Scalar, typed: Node, enums: dict[str, dict[str, str]]) -> None:
        self.scalar, self.enums = scalar, enums
        self.source = syntax.one_line(scalar)
        self.constants = {part.place: part for part in walk(typed) if isinstance(part, Constant)}

    def all(self, node: ast.AST) -> Iterator[Edit]:
        yield from self._own(node)
        if not self._is_literal(node):
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr):
                    yield from self.all(child)

    def _own(self, node: ast.AST) -> Iterator[Edit]:
        if isinstance(node, ast.Compare):
            operands = [node.left, *node.comparators]
            for left, right in pairwise(operands):
                yield from self._between("comparison", left, right, _COMPARISON, COMPARISONS)
                if isinstance(right, (ast.Tuple, ast.List, ast.Set)) and len(right.elts) > 1:
                    yield from self._shorter(right)
        elif isinstance(node, ast.BoolOp):
            for left, right in pairwise(node.values):
                yield from self._between("connective", left, right, _CONNECTIVE, CONNECTIVES)
        elif isinstance(node, ast.BinOp):
            yield from self._between("operator", node.left, node.right, _ARITHMETIC, ARITHMETIC)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant):
            yield from self._constant(node)  # a negative number
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            start, _ = self._span(node)
            yield self._edit("connective", start, start + 3, "")
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS:
            for other in FUNCTIONS[node.func.id]:
                yield self._edit("function", *self._span(node.func), other)
        elif self._is_literal(node) or isinstance(node, (ast.Constant, ast.Name)):
            yield from self._constant(node)

    def _span(self, node: ast.AST) -> tuple[int, int]:
        return syntax.span_of(self.source, node)

    def _is_literal(self, node: ast.AST) -> bool:
        """True for `date(…)`, `month(…)` and `yuan(…)`, whose digits are one constant."""
        return (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("date", "month", "yuan")
        )  # fmt: skip

    def _between(
        self, kind: str, left: ast.AST, right: ast.AST, pattern: re.Pattern[str], swaps: dict[str, str]
    ) -> Iterator[Edit]:
        """The operator between two operands: only blanks and brackets stand there besides it."""
        begin, end = self._span(left)[1], self._span(right)[0]
        found = pattern.search(self.source, begin, end)
        assert found is not None, self.source[begin:end]
        yield self._edit(kind, *found.span(), swaps[" ".join(found.group().split())])

    def _shorter(self, items: ast.Tuple | ast.List | ast.Set) -> Iterator[Edit]:
        """The list without each of its members."""
        start, end = self._span(items)
        written = [self.source[slice(*self._span(item))] for item in items.elts]
        for number, item in enumerate(items.elts):
            rest = ", ".join(written[:number] + written[number + 1 :])
            edit = self._edit("list", start, end, f"({rest},)")
            yield replace(edit, place=self.scalar.part(*self._span(item)), was=written[number], now="")

    def _constant(self, node: ast.AST) -> Iterator[Edit]:
        start, end = self._span(node)
        constant = self.constants.get(self.scalar.part(start, end))
        if constant is None:
            return  # a name of something else
        kind, value = constant.type.kind, constant.value
        if kind == "number":
            number, scale = scaled_from_text(self.source[start:end].replace("_", ""))
            shown = [scaled_text(other, scale) for other in neighbours(number, kind)]
        elif kind == "money":
            shown = [f"yuan({scaled_text(other, 2)})" for other in neighbours(value, kind)]
        elif kind == "date":
            shown = [f"date({day.year}, {day.month}, {day.day})" for day in neighbours(value, kind)]
        elif kind == "month":
            shown = [f"month({index // 12}, {index % 12 + 1})" for index in neighbours(value, kind)]
        else:
            shown = [str(other) for other in neighbours(value, kind, self.enums.get(constant.type.enum))]
        for text in shown:
            yield self._edit("constant", start, end, f"({text})" if text.startswith("-") else text)

    def _edit(self, kind: str, start: int, end: int, now: str) -> Edit:
        text = self.source[:start] + now + self.source[end:]
        return Edit(kind, self.scalar.part(start, end), self.source[start:end], now, text)


def rebuilt(node: Node, change: Callable[[Node], Node]) -> Node:
    """The tree with `change` made to each of its nodes, the lowest first."""
    fresh: dict[str, Any] = {}
    for field in fields(node):
        value = getattr(node, field.name)
        if isinstance(value, Node):
            fresh[field.name] = rebuilt(value, change)
        elif isinstance(value, tuple) and value and isinstance(value[0], Node):
            fresh[field.name] = tuple(rebuilt(item, change) for item in value)
    return change(replace(node, **fresh) if fresh else node)


def dated_neighbours(value: Any, kind: str, members: dict[str, str] | None) -> list[Any]:
    """Of a table's value: like `neighbours`; of a scale, each threshold but the first and each rate one step off."""
    if kind != "scale":
        return neighbours(value, kind, members)
    found = []
    for position, (threshold, rate) in enumerate(value):
        for step in (-1, 1):
            found.append((*value[:position], (threshold, rate + step), *value[position + 1 :]))
            if position:
                found.append((*value[:position], (threshold + step, rate), *value[position + 1 :]))
    return found


def one_day(day: date) -> list[date]:
    """The day before and the day after."""
    return [day - timedelta(days=1), day + timedelta(days=1)]
