"""Deciding and explaining on what is known so far: the rules' own closures, open to what may still be answered, and to spans."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from jiuye.engine.rules.asking import OpenCompiler
from jiuye.engine.rules.closures import Closure, Decision
from jiuye.engine.rules.decide import UNKNOWN, Decider, Outcome
from jiuye.engine.rules.explain import Explainer
from jiuye.engine.rules.pack import Pack
from jiuye.engine.rules.policies import Policy
from jiuye.engine.rules.rows import Row
from jiuye.engine.rules.seeing import Leaf, See, Seen, leaves_of
from jiuye.engine.rules.spans import Between, show_span
from jiuye.engine.rules.tree import Node


class OpenDecider(Decider):
    """Decides on what is known so far; an amount that is known only roughly is not known yet."""

    def __init__(self, pack: Pack) -> None:
        super().__init__(pack)
        derived = {key: item.value for key, item in pack.derived.items()}
        self.compiler = OpenCompiler(derived, pack.vocabulary.enums)

    def decide_within(self, policy: Policy, row: Row, decision: Decision) -> Outcome:
        found = super().decide_within(policy, row, decision)
        return (
            replace(found, verdict=UNKNOWN, amount_fen=None)
            if isinstance(found.amount_fen, Between)
            else found
        )


class OpenExplainer(Explainer):
    """Explains on what is known so far: what is known only roughly still keeps an expression open."""

    strict = False

    def _settled(self, closure: Closure) -> Closure:
        def settled(row: Row, decision: Decision) -> Any:
            found = closure(row, decision)
            return None if isinstance(found, Between) else found

        return settled

    def _reach(self, policy: Policy) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
        """No receipt: what somebody says of themselves is kept nowhere."""
        return set(), set()

    def _sees(self, node: Node) -> list[See]:
        return [self._see(leaf) for leaf in leaves_of(node, self.decider.compiler)]

    def _see(self, leaf: Leaf) -> See:
        """A span as a span, anything else as it is seen where it is known."""
        exact, enums = leaf.see(self._words), self.pack.vocabulary.enums

        def see(row: Row, decision: Decision) -> Seen:
            value = leaf.read(row, decision)
            if not isinstance(value, Between):
                return exact(row, decision)
            zh, en = (show_span(value, leaf.type, enums, lang) for lang in ("zh", "en"))
            return Seen(leaf.path, leaf.label, None, zh, leaf.source, leaf.label_en, en)

        return see
