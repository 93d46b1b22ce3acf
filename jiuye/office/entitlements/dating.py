"""Which values of a past day our records can tell: those that are kept with their days, and not those of which only the present one is kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from jiuye.engine.rules.vocabulary import Fact
from jiuye.office.entitlements.facts.registers import register_binding
from jiuye.office.entitlements.facts.tables import sources_of
from jiuye.office.entitlements.rulebook import Rulebook, rulebook
from jiuye.office.entitlements.values import facts_behind

Standing = Literal["rule", "dated", "undated"]
# These change in the course of time; what is known of a hire, a birth or a certificate is only ever put right.
_CHANGING = ("person", "household", "employer")
_DRAWN = re.compile(r"\w+\.benefit_\w+\((.*)\)")


def standing_of(entity: str, path: str, *, policy_id: str) -> Standing:
    """What the value of `path`, seen from a subject of that entity, can tell of a past day.

    `rule`: nothing, it is a parameter. `dated`: what was so on that day, by what is known now; also a path that leads to no fact (a count over
    many). `undated`: what is so now, or what this policy itself has paid by now. Raises NoSuchPolicyError.
    """
    book = rulebook()
    parameter = path.partition("[")[0]  # one with axes is told with the place that was looked up
    if parameter in book.pack.parameters or parameter in book.pack.policy(policy_id).parameters:
        return "rule"
    try:
        recorded = list(_recorded(book, entity, path))
    except KeyError:
        return "dated"
    if any(policy_id in policies_drawn(fact) for fact in recorded):
        return "undated"
    return "undated" if recorded and all(_only_now(book, fact) for fact in recorded) else "dated"


def policies_drawn(fact: Fact) -> frozenset[str]:
    """The policies of which the fact says what was drawn (`person.benefit_months(a, b)`); none for any other fact."""
    found = _DRAWN.fullmatch(fact.binding or "")
    return frozenset(part.strip() for part in found[1].split(",")) if found is not None else frozenset()


def _only_now(book: Rulebook, fact: Fact) -> bool:
    """True where our records hold the present value alone: a residence, a firm's size, an answer. A date says itself when it was."""
    if fact.entity not in _CHANGING or fact.type.kind == "date":
        return False
    if not fact.binding:
        return True
    if register_binding(fact.binding) is not None:
        return False  # a register's records have their days
    source = sources_of(book.pack)[fact.entity]
    text = source.expression(fact.binding)
    return "SELECT" not in text and not any(re.search(rf"\b{alias}\.", text) for alias in source.laterals)


def _recorded(book: Rulebook, entity: str, path: str) -> Iterator[Fact]:
    for of, name in facts_behind(book, entity, [path]):
        if (of, name) not in book.pack.derived:
            yield book.pack.vocabulary.entities[of].facts[name]
