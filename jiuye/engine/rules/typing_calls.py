"""Typing of the functions of the rule language: arguments, result, and the node each becomes."""

from __future__ import annotations

import ast
from datetime import date
from typing import TYPE_CHECKING, TypedDict

from jiuye.engine.basis.money import fen_from_yuan
from jiuye.engine.basis.problems import Place, did_you_mean
from jiuye.engine.rules.tree import Aggregate, Constant, DateCall, Extreme, Known, Marginal, Node, Rounded
from jiuye.engine.rules.types import BOOLEAN, DATE, INTEGER, MONEY, MONTH, Type
from jiuye.engine.rules.typing_paths import relation_path
from jiuye.engine.rules.values import LARGEST
from jiuye.engine.rules.vocabulary import AGGREGATES, FUNCTIONS, ROUNDINGS, Relation

if TYPE_CHECKING:
    from jiuye.engine.rules.typing import Typer

ORDERED = ("能比大小的值", "a value that has an order")
# name → (types of the arguments, type of the result)
DATE_SIGNATURES: dict[str, tuple[tuple[Type, ...], Type]] = {
    "age": ((DATE, DATE), INTEGER),
    "months_between": ((DATE, DATE), INTEGER),
    "days_between": ((DATE, DATE), INTEGER),
    "calendar_months": ((DATE, DATE), INTEGER),
    "add_months": ((DATE, INTEGER), DATE),
    "add_days": ((DATE, INTEGER), DATE),
    "year_of": ((DATE,), INTEGER),
    "month_of": ((DATE,), MONTH),
}


class Position(TypedDict):
    """The keyword arguments that every node takes."""

    place: Place
    text: str


def call(typer: Typer, node: ast.Call) -> Node:
    """The typed node of a function call."""
    if not isinstance(node.func, ast.Name) or node.keywords:
        raise typer.refuse(
            node,
            "not-in-the-language",
            zh="函数写作 名称(值, 值)。",
            en="a function is written name(value, value).",
        )
    name = node.func.id
    if name in AGGREGATES:
        return _aggregate(typer, node, name)
    if name in ROUNDINGS:
        return _rounding(typer, node, name)
    if name in DATE_SIGNATURES:
        return _date_call(typer, node, name)
    if name in ("min", "max"):
        return _extreme(typer, node, name)
    if name == "known":
        (item,) = _arguments(typer, node, 1)
        return Known(type=BOOLEAN, item=typer.visit(item), **typer.at(node))
    if name == "marginal":
        return _marginal(typer, node)
    if name in ("date", "month", "yuan"):
        return _literal(typer, node, name)
    zh, en = did_you_mean(name, FUNCTIONS)
    raise typer.refuse(
        node.func, "unknown-function", zh=f"没有函数“{name}”。{zh}", en=f"no function '{name}'; {en}"
    )


def _arguments(typer: Typer, node: ast.Call, count: int) -> list[ast.expr]:
    if len(node.args) != count:
        name = typer.text(node.func)
        raise typer.refuse(
            node,
            "wrong-arguments",
            zh=f"{name} 要 {count} 个值，这里有 {len(node.args)} 个。",
            en=f"{name} takes {count} value(s), here stand {len(node.args)}.",
        )
    return node.args


def _date_call(typer: Typer, node: ast.Call, name: str) -> Node:
    wanted, result = DATE_SIGNATURES[name]
    arguments = []
    for item, want in zip(_arguments(typer, node, len(wanted)), wanted, strict=True):
        typed = typer.visit(item)
        if typed.type != want:
            raise typer.mismatch(item, typed.type, want)
        arguments.append(typed)
    return DateCall(type=result, name=name, arguments=tuple(arguments), **typer.at(node))


def days_between(typer: Typer, node: ast.AST, start: Node, end: Node) -> Node:
    """`end - start` of two dates."""
    return DateCall(type=INTEGER, name="days_between", arguments=(start, end), **typer.at(node))


def _rounding(typer: Typer, node: ast.Call, name: str) -> Node:
    (argument,) = _arguments(typer, node, 1)
    mode, unit = name.split("_")
    item = typer.numeric(argument)
    kind = "number" if unit == "whole" else "money"
    if item.type.kind != kind:
        raise typer.mismatch(argument, item.type, MONEY if kind == "money" else INTEGER)
    grain = 100 if unit == "yuan" else 1
    divisor = 10**item.type.scale * grain
    return Rounded(type=Type(kind), mode=mode, item=item, divisor=divisor, unit=grain, **typer.at(node))


def _extreme(typer: Typer, node: ast.Call, name: str) -> Node:
    if len(node.args) < 2:
        raise typer.refuse(
            node, "wrong-arguments", zh=f"{name} 至少要两个值。", en=f"{name} takes at least two values."
        )
    items = [typer.visit(item) for item in node.args]
    for item, written in zip(items, node.args, strict=True):
        if not item.type.ordered or not item.type.same_kind(items[0].type):
            raise typer.mismatch(written, item.type, items[0].type if items[0].type.ordered else ORDERED)
    scale = max(item.type.scale for item in items)
    aligned = tuple(typer.rescale(item, scale, node) for item in items)
    return Extreme(type=aligned[0].type, which=name, items=aligned, **typer.at(node))


def _marginal(typer: Typer, node: ast.Call) -> Node:
    first, second = _arguments(typer, node, 2)
    scale = typer.parameters.get(first.id) if isinstance(first, ast.Name) else None
    if scale is None or scale.type.kind != "scale":
        raise typer.refuse(
            first,
            "not-a-scale",
            zh="marginal 的第一个值要是 type: scale 的参数。",
            en="the first value of marginal is a parameter of `type: scale`.",
        )
    item = typer.visit(second)
    if item.type != MONEY:
        raise typer.mismatch(second, item.type, MONEY)
    return Marginal(type=Type("money", scale.type.scale), scale=scale, item=item, **typer.at(node))


def _literal(typer: Typer, node: ast.Call, name: str) -> Node:
    """`date(2023, 1, 1)`, `month(2023, 7)`, `yuan(1500)`: constants only."""
    if name == "yuan":
        (argument,) = _arguments(typer, node, 1)
        try:
            fen = fen_from_yuan(typer.text(argument).replace("_", ""))
            if abs(fen) > LARGEST:
                raise ValueError(fen)
        except ValueError:
            raise typer.refuse(
                argument,
                "not-an-amount",
                zh="yuan 里写元的数目，最多两位小数，不超过十万亿元。",
                en="yuan takes an amount with at most two decimals, up to ten trillion.",
            ) from None
        return Constant(type=MONEY, value=fen, **typer.at(node))
    numbers = []
    for argument in _arguments(typer, node, 3 if name == "date" else 2):
        if not (isinstance(argument, ast.Constant) and type(argument.value) is int):
            raise typer.refuse(
                argument, "not-a-date", zh=f"{name} 里写数字，例如 {name}(2023, 7{', 1' if name == 'date' else ''})。",
                en=f"{name} takes digits, as in {name}(2023, 7{', 1' if name == 'date' else ''}).",
            )  # fmt: skip
        numbers.append(argument.value)
    try:
        day = date(numbers[0], numbers[1], numbers[2] if name == "date" else 1)
    except ValueError:
        raise typer.refuse(
            node, "not-a-date", zh="日历上没有这一天。", en="the calendar has no such day."
        ) from None
    if name == "date":
        return Constant(type=DATE, value=day, **typer.at(node))
    return Constant(type=MONTH, value=day.year * 12 + day.month - 1, **typer.at(node))


def _aggregate(typer: Typer, node: ast.Call, name: str) -> Node:
    if not 1 <= len(node.args) <= 2:
        raise typer.refuse(
            node,
            "wrong-arguments",
            zh=f"{name} 写作 {name}(关系, 表达式)。",
            en=f"{name} is written {name}(relation, expression).",
        )
    target, body_node = node.args[0], node.args[1] if len(node.args) == 2 else None
    if body_node is None and name != "count":
        # sum(members.wage) is sum(members, wage).
        if not isinstance(target, ast.Attribute):
            raise typer.refuse(
                node,
                "wrong-arguments",
                zh=f"{name} 还要说明取什么，例如 {name}(关系, 事实)。",
                en=f"{name} needs to know of what, as in {name}(relation, fact).",
            )
        body_node, target = ast.copy_location(ast.Name(target.attr), target), target.value
    path = relation_path(typer, target)
    hops, relation = path[:-1], path[-1]
    if not relation.many or any(hop.many for hop in hops):
        raise typer.refuse(
            target,
            "not-a-collection",
            zh=f"“{typer.text(target)}”不是一对多的关系，不能用 {name}。",
            en=f"'{typer.text(target)}' is not a to-many relation; {name} needs one.",
        )
    body = _body(typer, name, body_node, relation) if body_node is not None else None
    result = {"count": INTEGER, "any": BOOLEAN, "all": BOOLEAN}.get(name) or (body.type if body else INTEGER)
    return Aggregate(type=result, which=name, hops=hops, relation=relation, body=body, **typer.at(node))


def _body(typer: Typer, name: str, node: ast.expr, relation: Relation) -> Node:
    inner = type(typer)(typer.scalar, relation.to, typer.vocabulary, typer.parameters, typer.problems)
    body = inner.visit(node)
    if name in ("count", "any", "all") and body.type != BOOLEAN:
        raise inner.mismatch(node, body.type, BOOLEAN)
    if name == "sum" and not body.type.numeric:
        raise inner.mismatch(node, body.type, ("数或金额", "a number or an amount"))
    if name in ("largest", "smallest") and not body.type.ordered:
        raise inner.mismatch(node, body.type, ORDERED)
    return body
