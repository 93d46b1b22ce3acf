"""From text to typed tree: a whitelist of Python's syntax, parsed by `ast`, never executed.

Every refusal is a `Problem` with the column inside the YAML file. A half-typed expression comes back as None, so that the
other expressions of the pack are still checked in the same run.
"""

from __future__ import annotations

import ast
from dataclasses import replace

from jiuye.engine.basis.documents import Scalar
from jiuye.engine.basis.money import scaled_from_text
from jiuye.engine.basis.problems import Place, Problems
from jiuye.engine.rules import syntax, typing_calls, typing_paths
from jiuye.engine.rules.parameters import Parameter
from jiuye.engine.rules.tree import (
    Arithmetic,
    Choice,
    Compare,
    Constant,
    FloorDivide,
    Logic,
    Lookup,
    Node,
    Not,
    Scaled,
)
from jiuye.engine.rules.types import BOOLEAN, DATE, INTEGER, MAX_SCALE, MONEY, TEXT, Type
from jiuye.engine.rules.typing_paths import Refused
from jiuye.engine.rules.vocabulary import DAY_WORDS, Fact, Vocabulary

NUMERIC = ("数或金额", "a number or an amount")
COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip


class Typer:
    """Types one expression. `entity` is whose facts bare names mean; aggregates type their body with another."""

    def __init__(
        self,
        scalar: Scalar,
        entity: str,
        vocabulary: Vocabulary,
        parameters: dict[str, Parameter],
        problems: Problems,
    ) -> None:
        self.scalar = scalar
        self.source = syntax.one_line(scalar)
        self.entity = entity
        self.vocabulary = vocabulary
        self.parameters = parameters
        self.problems = problems

    # --- places and refusals

    def place(self, node: ast.AST) -> Place:
        """Where a piece of the expression stands in the YAML file."""
        return self.scalar.part(*syntax.span_of(self.source, node))

    def text(self, node: ast.AST) -> str:
        """The piece as the author wrote it."""
        start, end = syntax.span_of(self.source, node)
        return self.source[start:end]

    def refuse(self, node: ast.AST, code: str, *, zh: str, en: str) -> Refused:
        """Record the problem; the caller raises what comes back."""
        self.problems.add(self.place(node), code, zh=zh, en=en)
        return Refused()

    # --- expressions

    def visit(self, node: ast.AST, expected: Type | None = None) -> Node:
        """The typed node. `expected` lets a bare word be read as a member of an enum."""
        if isinstance(node, ast.Constant):
            return self._constant(node)
        if isinstance(node, ast.Name):
            return typing_paths.name(self, node, expected)
        if isinstance(node, ast.Attribute):
            return typing_paths.path(self, node)
        if isinstance(node, ast.BoolOp):
            items = tuple(self.boolean(item) for item in node.values)
            op = "and" if isinstance(node.op, ast.And) else "or"
            return Logic(type=BOOLEAN, op=op, items=items, **self.at(node))
        if isinstance(node, ast.UnaryOp):
            return self._unary(node)
        if isinstance(node, ast.Compare):
            return self._comparisons(node)
        if isinstance(node, ast.BinOp):
            return self._arithmetic(node)
        if isinstance(node, ast.IfExp):
            return self._choice(node, expected)
        if isinstance(node, ast.Subscript):
            return typing_paths.lookup(self, node)
        if isinstance(node, ast.Call):
            return typing_calls.call(self, node)
        raise self.refuse(
            node,
            "not-in-the-language",
            zh=f"规则语言里没有“{self.text(node)}”这种写法。可用的写法见 docs/rule-language.md。",
            en=f"the rule language has no '{self.text(node)}'; see docs/rule-language.md for what there is.",
        )

    def at(self, node: ast.AST) -> typing_calls.Position:
        return {"place": self.place(node), "text": self.text(node)}

    def fact(self, entity: str, name: str) -> Fact | None:
        return self.vocabulary.entities[entity].facts.get(name)

    def boolean(self, node: ast.AST) -> Node:
        typed = self.visit(node)
        if typed.type != BOOLEAN:
            raise self.mismatch(node, typed.type, BOOLEAN)
        return typed

    def mismatch(self, node: ast.AST, found: Type, wanted: Type | tuple[str, str]) -> Refused:
        """Refuse a value of another type than the place needs; `wanted` may also be words (Chinese, English)."""
        hint_zh, hint_en = "", "."
        if wanted == BOOLEAN:
            hint_zh, hint_en = "请写成比较，例如 x >= 16。", "; write a comparison, for example x >= 16."
        elif wanted == MONEY and found.kind == "money":
            hint_zh = "请用 round_fen、floor_yuan 等写明取整办法。"
            hint_en = "; say how it is rounded: round_fen, floor_yuan and the like."
        elif wanted == NUMERIC and found == DATE:
            hint_zh = "日期加减请用 add_days、add_months。"
            hint_en = "; add to dates with add_days and add_months."
        zh, en = wanted if isinstance(wanted, tuple) else (wanted.zh, wanted.en)
        return self.refuse(
            node,
            "wrong-type",
            zh=f"“{self.text(node)}”是{found.zh}，这里要的是{zh}。{hint_zh}",
            en=f"'{self.text(node)}' is {found.en}, but {en} is needed here{hint_en}",
        )

    def _constant(self, node: ast.Constant) -> Node:
        value = node.value
        if isinstance(value, bool):
            return Constant(type=BOOLEAN, value=value, **self.at(node))
        if isinstance(value, (int, float)):
            written = self.text(node).replace("_", "")
            try:
                number, scale = scaled_from_text(written)
            except ValueError:
                raise self.refuse(
                    node,
                    "bad-number",
                    zh=f"“{written}”不是普通的十进制数。请写成 0.5 或 1200 的样子。",
                    en=f"'{written}' is not a plain decimal number; write it like 0.5 or 1200.",
                ) from None
            return Constant(type=Type("number", scale), value=number, **self.at(node))
        if isinstance(value, str):
            return Constant(type=TEXT, value=value, **self.at(node))
        raise self.refuse(
            node,
            "not-in-the-language",
            zh=f"规则里不能写“{self.text(node)}”。未知不用写，缺少的信息自然是未知。",
            en=f"'{self.text(node)}' cannot stand in a rule; what is missing is unknown by itself.",
        )

    def _unary(self, node: ast.UnaryOp) -> Node:
        if isinstance(node.op, ast.Not):
            return Not(type=BOOLEAN, item=self.boolean(node.operand), **self.at(node))
        if isinstance(node.op, ast.USub):
            item = self.numeric(node.operand)
            if isinstance(item, Constant):
                return replace(item, value=-item.value, place=self.place(node), text=self.text(node))
            zero = Constant(type=item.type, value=0, **self.at(node))
            return Arithmetic(type=item.type, op="-", left=zero, right=item, **self.at(node))
        raise self.refuse(
            node,
            "not-in-the-language",
            zh="这里只能用 not 或负号。",
            en="only `not` or a minus sign may stand here.",
        )

    def numeric(self, node: ast.AST) -> Node:
        typed = self.visit(node)
        if not typed.type.numeric:
            raise self.mismatch(node, typed.type, NUMERIC)
        return typed

    def _comparisons(self, node: ast.Compare) -> Node:
        parts = []
        operands = [node.left, *node.comparators]
        for left, op, right in zip(operands, node.ops, operands[1:], strict=False):
            if isinstance(op, (ast.In, ast.NotIn)):
                parts.append(self._membership(node, left, right, isinstance(op, ast.NotIn)))
            elif type(op) in COMPARISONS:
                parts.append(self._compare(node, left, COMPARISONS[type(op)], right))
            else:
                raise self.refuse(
                    node, "not-in-the-language", zh="请用 == 或 != 比较。", en="compare with == or !=."
                )
        return (
            parts[0]
            if len(parts) == 1
            else Logic(type=BOOLEAN, op="and", items=tuple(parts), **self.at(node))
        )

    def _compare(self, whole: ast.AST, left: ast.AST, op: str, right: ast.AST) -> Node:
        first, second = self.pair(left, right)
        if not first.type.same_kind(second.type):
            raise self.refuse(
                whole,
                "types-do-not-meet",
                zh=f"“{self.text(left)}”是{first.type.zh}，“{self.text(right)}”是{second.type.zh}，不能比较。"
                + ("金额请写 yuan(…)。" if "money" in (first.type.kind, second.type.kind) else ""),
                en=f"'{self.text(left)}' is {first.type.en} and '{self.text(right)}' is {second.type.en}: they cannot be compared."
                + (" Write amounts as yuan(…)." if "money" in (first.type.kind, second.type.kind) else ""),
            )
        if op not in ("==", "!=") and not first.type.ordered:
            raise self.refuse(
                whole,
                "no-order",
                zh=f"{first.type.zh}没有大小先后，只能用 == 或 !=。",
                en=f"{first.type.en} has no order; use == or !=.",
            )
        first, second = self.align(first, second, whole)
        return Compare(type=BOOLEAN, op=op, left=first, right=second, **self.at(whole))

    def pair(self, left: ast.AST, right: ast.AST) -> tuple[Node, Node]:
        """Both operands; the one whose type is plain helps to read the other's bare word."""
        if (
            isinstance(left, ast.Name)
            and self.fact(self.entity, left.id) is None
            and left.id not in self.parameters
            and left.id not in DAY_WORDS
        ):
            second = self.visit(right)
            return self.visit(left, second.type), second
        first = self.visit(left)
        second = self.visit(right, first.type)
        if isinstance(left, ast.Name) and not first.type.same_kind(second.type):
            first = self.visit(
                left, second.type
            )  # a fact that shares its name with a member of the other side's enum
        return first, second

    def align(self, first: Node, second: Node, whole: ast.AST) -> tuple[Node, Node]:
        """Bring two numbers to the same number of decimals."""
        scale = max(first.type.scale, second.type.scale)
        return self.rescale(first, scale, whole), self.rescale(second, scale, whole)

    def rescale(self, node: Node, scale: int, whole: ast.AST) -> Node:
        if not node.type.numeric or node.type.scale == scale:
            return node
        self.check_scale(scale, whole)
        factor = 10 ** (scale - node.type.scale)
        wanted = replace(node.type, scale=scale)
        if isinstance(node, Constant):
            return replace(node, type=wanted, value=node.value * factor)
        return Scaled(type=wanted, item=node, factor=factor, place=node.place, text=node.text)

    def check_scale(self, scale: int, whole: ast.AST) -> None:
        if scale > MAX_SCALE:
            raise self.refuse(
                whole,
                "too-many-decimals",
                zh=f"连乘后有 {scale} 位小数，超过 {MAX_SCALE} 位。请先取整再继续。",
                en=f"the product has {scale} decimals, more than {MAX_SCALE}; round before going on.",
            )

    def _membership(self, whole: ast.AST, left: ast.AST, right: ast.AST, negated: bool) -> Node:
        if not isinstance(right, (ast.Tuple, ast.List, ast.Set)) or not right.elts:
            raise self.refuse(
                right,
                "not-a-list",
                zh="in 后面要写括号里的几个值，例如 in (a, b)。",
                en="after `in` stands a list in brackets, as in (a, b).",
            )
        items = tuple(self._compare(whole, left, "!=" if negated else "==", option) for option in right.elts)
        if len(items) == 1:
            return items[0]
        return Logic(type=BOOLEAN, op="and" if negated else "or", items=items, **self.at(whole))

    def _arithmetic(self, node: ast.BinOp) -> Node:
        if isinstance(node.op, ast.Div):
            raise self.refuse(
                node,
                "no-division",
                zh="没有“/”：比例请两边相乘来比较（a <= b * 0.05），整除请用 //。",
                en="there is no '/': compare ratios by cross-multiplying (a <= b * 0.05), or divide whole numbers with //.",
            )
        if isinstance(node.op, ast.FloorDiv):
            return self._floor_divide(node)
        first, second = self.visit(node.left), self.visit(node.right)
        if isinstance(node.op, ast.Sub) and first.type == second.type == DATE:
            return typing_calls.days_between(self, node, second, first)
        if not (first.type.numeric and second.type.numeric):
            wrong = node.left if not first.type.numeric else node.right
            raise self.mismatch(wrong, first.type if not first.type.numeric else second.type, NUMERIC)
        if isinstance(node.op, ast.Mult):
            return self._product(node, first, second)
        if not isinstance(node.op, (ast.Add, ast.Sub)):
            raise self.refuse(
                node, "not-in-the-language", zh="算术只有 + - * //。", en="arithmetic has only + - * //."
            )
        if first.type.kind != second.type.kind:
            raise self.refuse(
                node,
                "types-do-not-meet",
                zh=f"{first.type.zh}与{second.type.zh}不能相加减。金额请写 yuan(…)。",
                en=f"{first.type.en} and {second.type.en} cannot be added; write amounts as yuan(…).",
            )
        first, second = self.align(first, second, node)
        op = "+" if isinstance(node.op, ast.Add) else "-"
        return Arithmetic(type=first.type, op=op, left=first, right=second, **self.at(node))

    def _product(self, node: ast.BinOp, first: Node, second: Node) -> Node:
        if first.type.kind == second.type.kind == "money":
            raise self.refuse(
                node, "money-times-money", zh="金额不能乘以金额。", en="money cannot be multiplied by money."
            )
        scale = first.type.scale + second.type.scale
        self.check_scale(scale, node)
        kind = "money" if "money" in (first.type.kind, second.type.kind) else "number"
        return Arithmetic(type=Type(kind, scale), op="*", left=first, right=second, **self.at(node))

    def _floor_divide(self, node: ast.BinOp) -> Node:
        left, right = self.numeric(node.left), self.visit(node.right)
        never_zero = (isinstance(right, Constant) and right.value != 0) or (
            isinstance(right, Lookup) and all(entry.value != 0 for entry in right.parameter.all_entries())
        )
        if right.type != INTEGER or not never_zero or left.type.scale:
            raise self.refuse(
                node,
                "bad-divisor",
                zh="// 只能用整数除以不为零的整数常数或参数；有小数时请先取整。",
                en="// divides a whole number by a whole constant or parameter that is never zero; round decimals first.",
            )
        return FloorDivide(type=left.type, left=left, right=right, **self.at(node))

    def _choice(self, node: ast.IfExp, expected: Type | None) -> Node:
        condition = self.boolean(node.test)
        then, otherwise = self.visit(node.body, expected), self.visit(node.orelse, expected)
        if not then.type.same_kind(otherwise.type):
            raise self.refuse(
                node,
                "types-do-not-meet",
                zh=f"if 的两边一个是{then.type.zh}，一个是{otherwise.type.zh}，须是同一种。",
                en=f"the two sides of `if` are {then.type.en} and {otherwise.type.en}; they must be of one kind.",
            )
        then, otherwise = self.align(then, otherwise, node)
        return Choice(type=then.type, condition=condition, then=then, otherwise=otherwise, **self.at(node))


def type_expression(
    scalar: Scalar,
    entity: str,
    vocabulary: Vocabulary,
    parameters: dict[str, Parameter],
    problems: Problems,
    wanted: Type | None = None,
) -> Node | None:
    """The typed tree of one expression, or None with the problem recorded.

    `wanted` is the type the place needs; a number with fewer decimals than a wanted ratio is aligned to it.
    """
    typer = Typer(scalar, entity, vocabulary, parameters, problems)
    parsed = syntax.parse(scalar, problems)
    if parsed is None:
        return None
    try:
        node = typer.visit(parsed, wanted)
        if wanted is None:
            return node
        if node.type.same_kind(wanted) and node.type.scale <= wanted.scale:
            return typer.rescale(node, wanted.scale, parsed)
        raise typer.mismatch(parsed, node.type, wanted)
    except Refused:
        return None
