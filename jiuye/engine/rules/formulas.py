"""How an amount was reached, as people read it: the formula with its values, along the branch that was taken, and why that one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from jiuye.engine.rules.closures import Compiler, Decision
from jiuye.engine.rules.rows import Row
from jiuye.engine.rules.seeing import Seen, Words, path_of
from jiuye.engine.rules.tree import (
    Arithmetic,
    Choice,
    Compare,
    Constant,
    DateCall,
    Day,
    Extreme,
    FloorDivide,
    Known,
    Logic,
    Node,
    Not,
    Rounded,
    Scaled,
)

Pair = tuple[str, str]  # in Chinese and in English
Why = list[Pair]  # the conditions by which a branch was taken, as they hold
Say = Callable[[Row, Decision, Sequence[Seen], Why], Pair]

CALLS = {
    "round_fen": ("四舍五入到分", "rounded to fen"),
    "floor_fen": ("舍到分", "rounded down to fen"),
    "ceil_fen": ("进到分", "rounded up to fen"),
    "round_yuan": ("四舍五入到元", "rounded to yuan"),
    "floor_yuan": ("舍到元", "rounded down to yuan"),
    "ceil_yuan": ("进到元", "rounded up to yuan"),
    "round_whole": ("四舍五入", "rounded"),
    "floor_whole": ("向下取整", "rounded down"),
    "ceil_whole": ("向上取整", "rounded up"),
    "min": ("取小", "the smaller of"),
    "max": ("取大", "the larger of"),
    "age": ("周岁", "years of age"),
    "months_between": ("整月数", "whole months"),
    "days_between": ("天数", "days"),
    "calendar_months": ("月数", "calendar months"),
    "add_months": ("加月", "plus months"),
    "add_days": ("加天", "plus days"),
    "year_of": ("年份", "year"),
    "month_of": ("月份", "month"),
}
DAYS = {
    "on": ("判定日", "day of decision"),
    "period_start": ("期初", "first day of the period"),
    "period_end": ("期末", "end of the period"),
}
SIGNS = {"+": "+", "-": "−", "*": "×", "//": "÷"}
STRENGTH = {"+": 1, "-": 1, "*": 2, "//": 2}
RELATIONS = {"==": "=", "!=": "≠", "<": "<", "<=": "≤", ">": ">", ">=": "≥"}
OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


class Formula:
    """One expression, made ready to be said of any row whose values were seen; `paths` are those of the values, in the order in which they
    are seen."""

    def __init__(self, node: Node, paths: Sequence[str], compiler: Compiler, words: Words) -> None:
        self._places = {path: place for place, path in enumerate(paths)}
        self._compiler, self._words = compiler, words
        self._say = self._of(node)

    def said(self, row: Row, decision: Decision, seen: Sequence[Seen]) -> Pair:
        """`四舍五入到分(标准 1,500.00 元 × (1 + 上浮 0.3))（紧缺职业 是）`, and the same in English. Values of a branch that was not taken are not
        named."""
        why: Why = []
        zh, en = self._say(row, decision, seen, why)
        reasons = list(dict.fromkeys(why))
        if reasons:
            zh = f"{zh}（{'，'.join(pair[0] for pair in reasons)}）"
            en = f"{en} ({', '.join(pair[1] for pair in reasons)})"
        return zh, en

    def _of(self, node: Node) -> Say:
        path = path_of(node)
        if path is not None:
            return _value(self._places[path])
        match node:
            case Choice():
                return self._choice(node, self._of)
            case Arithmetic() | FloorDivide():
                return self._operation(node)
            case Rounded() | Extreme() | DateCall():
                return _call(node.text.split("(")[0].strip(), [self._of(item) for item in node.children])
            case Scaled():
                return self._of(node.item)
            case Constant():
                return _fixed(self._constant(node))
            case Day():
                return _fixed(DAYS[node.which])
        # A condition in the place of a number does not pass the types; what is new to this list is shown as its author wrote it.
        return _fixed((node.text, node.text))

    def _constant(self, node: Constant) -> Pair:
        if node.type.kind == "number":
            return node.text, node.text  # with the decimals of its author, not with those it was aligned to
        _, zh, en = self._words.of(node.value, node.type)
        return zh, en

    def _choice(self, node: Choice, branch: Callable[[Node], Say]) -> Say:
        """The branch that was taken, each made ready by `branch`; why that one is noted."""
        holds, because = self._compiler.node(node.condition), self._reason(node.condition)
        then, otherwise = branch(node.then), branch(node.otherwise)

        def say(row: Row, decision: Decision, seen: Sequence[Seen], why: Why) -> Pair:
            because(row, decision, seen, why)
            return (then if holds(row, decision) else otherwise)(row, decision, seen, why)

        return say

    def _operation(self, node: Arithmetic | FloorDivide) -> Say:
        own = node.op if isinstance(node, Arithmetic) else "//"
        sign = SIGNS[own]
        left, right = self._side(node.left, own, False), self._side(node.right, own, True)

        def say(row: Row, decision: Decision, seen: Sequence[Seen], why: Why) -> Pair:
            first, second = left(row, decision, seen, why), right(row, decision, seen, why)
            return f"{first[0]} {sign} {second[0]}", f"{first[1]} {sign} {second[1]}"

        return say

    def _side(self, node: Node, outer: str, second: bool) -> Say:
        """One side of an operation, in brackets where it would be read in another order without; a choice shows the branch that was taken."""
        while isinstance(node, Scaled):
            node = node.item
        if isinstance(node, Choice):
            return self._choice(node, lambda part: self._side(part, outer, second))
        said = self._of(node)
        inner = node.op if isinstance(node, Arithmetic) else "//" if isinstance(node, FloorDivide) else ""
        if not inner or (STRENGTH[inner], not second) > (STRENGTH[outer], False):
            return said

        def bracketed(row: Row, decision: Decision, seen: Sequence[Seen], why: Why) -> Pair:
            zh, en = said(row, decision, seen, why)
            return f"({zh})", f"({en})"

        return bracketed

    def _reason(self, node: Node) -> Callable[[Row, Decision, Sequence[Seen], Why], None]:
        """Adds the parts of a condition as they hold: a fact with its value, a comparison with the sign that is true."""
        if isinstance(node, Logic | Not | Known) or (isinstance(node, Compare) and self._names_itself(node)):
            parts = [self._reason(part) for part in node.children if not isinstance(part, Constant)]

            def each(row: Row, decision: Decision, seen: Sequence[Seen], why: Why) -> None:
                for part in parts:
                    part(row, decision, seen, why)

            return each
        if isinstance(node, Compare):
            return self._comparison(node)
        said = self._of(node)

        def value(row: Row, decision: Decision, seen: Sequence[Seen], why: Why) -> None:
            why.append(said(row, decision, seen, why))

        return value

    @staticmethod
    def _names_itself(node: Compare) -> bool:
        """Whether the value says it all: one of a list of names, or yes and no."""
        return node.left.type.kind in ("enum", "boolean", "text")

    def _comparison(self, node: Compare) -> Callable[[Row, Decision, Sequence[Seen], Why], None]:
        holds = self._compiler.node(node)
        left, right = self._of(node.left), self._of(node.right)
        true, false = RELATIONS[node.op], RELATIONS[OPPOSITE[node.op]]

        def compared(row: Row, decision: Decision, seen: Sequence[Seen], why: Why) -> None:
            found = holds(row, decision)
            first, second = left(row, decision, seen, why), right(row, decision, seen, why)
            if found is not None:  # of an unknown side nothing is said: another part of the condition decided
                sign = true if found else false
                why.append((f"{first[0]} {sign} {second[0]}", f"{first[1]} {sign} {second[1]}"))

        return compared


def _fixed(pair: Pair) -> Say:
    return lambda row, decision, seen, why: pair


def _value(place: int) -> Say:
    def say(row: Row, decision: Decision, seen: Sequence[Seen], why: Why) -> Pair:
        found = seen[place]
        return (
            f"{found.label} {found.shown}",
            f"{found.label_en or found.label} {found.shown_en or found.shown}",
        )

    return say


def _call(name: str, items: list[Say]) -> Say:
    zh, en = CALLS[name]

    def say(row: Row, decision: Decision, seen: Sequence[Seen], why: Why) -> Pair:
        said = [item(row, decision, seen, why) for item in items]
        return f"{zh}({'，'.join(pair[0] for pair in said)})", f"{en}({', '.join(pair[1] for pair in said)})"

    return say
