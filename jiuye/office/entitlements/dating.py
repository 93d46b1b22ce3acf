"""Which values of a past day our records can tell: those that are kept with their days, and not those of which only the present one is kept."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jiuye.engine.rules.vocabulary import Fact
from jiuye.office.entitlements.facts.registers import register_binding
from jiuye.office.entitlements.facts.tables import sources_of
from jiuye.office.entitlements.rulebook import Rulebook, rulebook
from jiuye.office.entitlements.values import facts_behind

# These change in the course of time; what is known of a hire, a birth or a certificate is only ever put right.
CHANGING = ("person", "household", "employer")
_OWN_DRAWN = re.compile(r"\w+\.benefit_\w+\((.*)\)")


def tells_of_a_past_day(entity: str, path: str, *, policy_id: str) -> bool:
    """True where the value of `path`, seen from a subject of that entity, is known as of a past day, and does not count what this policy itself
    paid. A path that leads to no fact (a count over many) is taken to be known. False for a parameter: a rule changed, and not what is known.
    """
    book = rulebook()
    if path in book.pack.parameters:
        return False
    try:
        recorded = list(_recorded(book, entity, path))
    except KeyError:
        return True
    if any(_counts_what_was_drawn(fact, policy_id) for fact in recorded):
        return False
    return any(not only_now(book, fact) for fact in recorded)


def only_now(book: Rulebook, fact: Fact) -> bool:
    """True where our records hold the present value alone: a residence, a firm's size, an answer. A date says itself when it was."""
    if fact.entity not in CHANGING or fact.type.kind == "date":
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


def _counts_what_was_drawn(fact: Fact, policy_id: str) -> bool:
    found = _OWN_DRAWN.fullmatch(fact.binding or "")
    return found is not None and policy_id in [part.strip() for part in found[1].split(",")]
