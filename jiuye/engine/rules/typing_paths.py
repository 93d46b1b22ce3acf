"""Typing of names: facts, paths over relations, parameters with their index, members of enums."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from jiuye.engine.basis.problems import did_you_mean
from jiuye.engine.rules.parameters import Axis, Parameter
from jiuye.engine.rules.tree import Constant, Day, Lookup, Node, Read
from jiuye.engine.rules.types import DATE, Type
from jiuye.engine.rules.vocabulary import DAY_WORDS, FUNCTIONS, Relation

if TYPE_CHECKING:
    from jiuye.engine.rules.typing import Typer


class Refused(Exception):
    """Raised inside one expression after its problem is recorded; caught by `type_expression`."""


def name(typer: Typer, node: ast.Name, expected: Type | None) -> Node:
    """A bare word. `expected` lets it be a member of an enum; a fact of that very enum comes first."""
    name = node.id
    if name in DAY_WORDS:
        return Day(type=DATE, which=name, **typer.at(node))
    fact = typer.fact(typer.entity, name)
    is_member = (
        expected is not None and expected.kind == "enum" and name in typer.vocabulary.enums[expected.enum]
    )
    if is_member and not (fact is not None and fact.type == expected):
        assert expected is not None
        return Constant(type=expected, value=name, **typer.at(node))
    if fact is not None:
        return Read(type=fact.type, hops=(), fact=fact, **typer.at(node))
    if name in typer.parameters:
        return parameter(typer, node, typer.parameters[name], ())
    raise _unknown_name(typer, node, name, expected)


def _unknown_name(typer: Typer, node: ast.AST, name: str, expected: Type | None) -> Refused:
    if typer.vocabulary.is_broken(typer.entity, name):
        return Refused()
    if expected is not None and expected.kind == "enum":
        zh, en = did_you_mean(name, typer.vocabulary.enums[expected.enum])
        return typer.refuse(
            node,
            "unknown-name",
            zh=f"枚举“{expected.enum}”没有“{name}”这个值，“{typer.entity}”也没有这个事实。{zh}",
            en=f"'{expected.enum}' has no member '{name}', and '{typer.entity}' no such fact; {en}",
        )
    known = known_names(typer)
    home = [enum for enum, members in typer.vocabulary.enums.items() if name in members]
    if home and name not in known:
        return typer.refuse(
            node,
            "member-alone",
            zh=f"“{name}”是枚举“{home[0]}”的值，要与同一枚举的事实比较，例如 x == {name}。",
            en=f"'{name}' is a member of '{home[0]}'; compare it with a fact of that enum, as in x == {name}.",
        )
    if name in typer.vocabulary.entities[typer.entity].relations:
        return typer.refuse(
            node,
            "relation-alone",
            zh=f"“{name}”是关系，不是值。请写 {name}.某个事实，或用 count({name})。",
            en=f"'{name}' is a relation, not a value; write {name}.fact, or count({name}).",
        )
    if name in FUNCTIONS:
        return typer.refuse(
            node,
            "function-alone",
            zh=f"“{name}”是函数，要写成 {name}(…)。",
            en=f"'{name}' is a function; write {name}(…).",
        )
    zh, en = did_you_mean(name, known)
    return typer.refuse(
        node,
        "unknown-name",
        zh=f"“{typer.entity}”没有叫“{name}”的事实，也没有这个参数。{zh}",
        en=f"'{typer.entity}' has no fact '{name}', and there is no such parameter; {en}",
    )


def known_names(typer: Typer) -> set[str]:
    """Every name that an expression of this entity may use."""
    here = typer.vocabulary.entities[typer.entity]
    return set(here.facts) | set(here.relations) | set(typer.parameters) | set(DAY_WORDS)


def path(typer: Typer, node: ast.Attribute) -> Node:
    """`employer.kind`: a fact of an entity reached over to-one relations."""
    hops = relation_path(typer, node.value)
    for hop in hops:
        if hop.many:
            raise typer.refuse(
                node,
                "many-without-aggregate",
                zh=f"“{hop.name}”有多个，不能直接取“{node.attr}”。请用 sum({hop.name}, {node.attr})、any(…) 等。",
                en=f"'{hop.name}' holds many; take '{node.attr}' through sum({hop.name}, {node.attr}), any(…) and the like.",
            )
    fact = typer.fact(hops[-1].to, node.attr)
    if fact is None and typer.vocabulary.is_broken(hops[-1].to, node.attr):
        raise Refused
    if fact is None:
        zh, en = did_you_mean(node.attr, typer.vocabulary.entities[hops[-1].to].facts)
        raise typer.refuse(
            node,
            "unknown-name",
            zh=f"“{hops[-1].to}”没有叫“{node.attr}”的事实。{zh}",
            en=f"'{hops[-1].to}' has no fact '{node.attr}'; {en}",
        )
    return Read(type=fact.type, hops=hops, fact=fact, **typer.at(node))


def relation_path(typer: Typer, node: ast.AST) -> tuple[Relation, ...]:
    """`employer.division` as relations, starting from the entity at hand."""
    names: list[tuple[str, ast.AST]] = []
    inner = node
    while isinstance(inner, ast.Attribute):
        names.append((inner.attr, inner))
        inner = inner.value
    if not isinstance(inner, ast.Name):
        raise typer.refuse(
            inner,
            "not-a-path",
            zh="点号前面要是关系的名字。",
            en="before a dot stands the name of a relation.",
        )
    names.append((inner.id, inner))
    hops: list[Relation] = []
    entity = typer.entity
    for name, where in reversed(names):
        relation = typer.vocabulary.entities[entity].relations.get(name)
        if relation is None and typer.vocabulary.is_broken(entity, name):
            raise Refused
        if relation is None:
            zh, en = did_you_mean(name, typer.vocabulary.entities[entity].relations)
            raise typer.refuse(
                where,
                "unknown-relation",
                zh=f"“{entity}”没有叫“{name}”的关系。{zh}",
                en=f"'{entity}' has no relation '{name}'; {en}",
            )
        if relation.to not in typer.vocabulary.entities:
            raise Refused  # the relation's own mistake is reported in facts.yaml
        hops.append(relation)
        entity = relation.to
    return tuple(hops)


def parameter(typer: Typer, node: ast.AST, parameter: Parameter, index: tuple[ast.AST, ...]) -> Node:
    """A parameter with its index checked against the axes."""
    if parameter.broken:
        raise Refused
    if len(index) != len(parameter.axes):
        raise typer.refuse(
            node,
            "wrong-index",
            zh=f"参数“{parameter.name}”要按 {len(parameter.axes)} 项来查，这里写了 {len(index)} 项。",
            en=f"parameter '{parameter.name}' is looked up by {len(parameter.axes)} index(es), here stand {len(index)}.",
        )
    if parameter.type.kind == "scale":
        raise typer.refuse(
            node,
            "scale-alone",
            zh=f"“{parameter.name}”是分档表，请用 marginal({parameter.name}, 金额)。",
            en=f"'{parameter.name}' is a scale; use marginal({parameter.name}, amount).",
        )
    typed = tuple(_index(typer, item, axis) for item, axis in zip(index, parameter.axes, strict=True))
    return Lookup(type=parameter.type, parameter=parameter, index=typed, **typer.at(node))


def _index(typer: Typer, node: ast.AST, axis: Axis) -> Node:
    typed = typer.visit(node, axis.type)
    if typed.type != axis.type:
        raise typer.mismatch(node, typed.type, axis.type)
    return typed


def lookup(typer: Typer, node: ast.Subscript) -> Node:
    """`minimum_wage[employer.county]`."""
    if not isinstance(node.value, ast.Name) or node.value.id not in typer.parameters:
        name = typer.text(node.value)
        if ("", name) in typer.vocabulary.broken:
            raise Refused
        zh, en = did_you_mean(name, typer.parameters)
        raise typer.refuse(
            node.value,
            "unknown-parameter",
            zh=f"没有参数“{name}”。{zh}",
            en=f"no parameter '{name}'; {en}",
        )
    index = tuple(node.slice.elts) if isinstance(node.slice, ast.Tuple) else (node.slice,)
    return parameter(typer, node, typer.parameters[node.value.id], index)
