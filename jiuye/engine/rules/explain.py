"""Why: each clause with its law, the values read, what is missing and who holds it, and how the amount was reached."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from jiuye.engine.basis.dates import period_of
from jiuye.engine.basis.money import yuan_text
from jiuye.engine.rules.closures import Closure, Decision, related
from jiuye.engine.rules.decide import NO, UNKNOWN, YES, Decider
from jiuye.engine.rules.pack import in_force
from jiuye.engine.rules.policies import Clause, Policy
from jiuye.engine.rules.rows import Row, row_as_facts
from jiuye.engine.rules.seeing import Leaf, Seen, leaves_of
from jiuye.engine.rules.tree import Aggregate, Choice, DateCall, Lookup, Marginal, Node, Read
from jiuye.engine.rules.vocabulary import Relation

# A formula as people read it, in the order of replacing.
FORMULA_WORDS = (
    ("round_fen(", "四舍五入到分("), ("floor_fen(", "舍到分("), ("ceil_fen(", "进到分("),
    ("round_yuan(", "四舍五入到元("), ("floor_yuan(", "舍到元("), ("ceil_yuan(", "进到元("),
    ("round_whole(", "四舍五入("), ("floor_whole(", "向下取整("), ("ceil_whole(", "向上取整("),
    ("marginal(", "分档累进("), ("min(", "取小("), ("max(", "取大("), ("yuan(", "元("), (" * ", " × "), (" // ", " ÷ "),
)  # fmt: skip
VERDICT_WORDS = {
    YES: ("符合", "entitled"),
    NO: ("不符合", "not entitled"),
    UNKNOWN: ("不能判定", "cannot tell"),
}


@dataclass(frozen=True, slots=True)
class Missing:
    """What is not known. `kind` is fact, relation or rule (no rule on file); `ask` is the question that settles a fact."""

    kind: str
    path: str
    label: str
    register: str
    ask: str
    ask_en: str = ""
    label_en: str = ""


@dataclass(frozen=True, slots=True)
class ClauseResult:
    clause: Clause
    verdict: str
    seen: tuple[Seen, ...]
    missing: tuple[Missing, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """The whole answer for one subject under one policy on one day; also its receipt."""

    policy: Policy
    on: date
    verdict: str
    reason: str  # zh: one sentence
    reason_en: str
    clauses: tuple[ClauseResult, ...]
    amount_fen: int | None
    amount_seen: tuple[Seen, ...]
    amount_text: str
    missing: tuple[Missing, ...]
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def failing(self) -> tuple[ClauseResult, ...]:
        return tuple(result for result in self.clauses if result.verdict == NO)

    @property
    def near_miss(self) -> ClauseResult | None:
        """The one clause that fails where all others hold."""
        others = [result for result in self.clauses if result.verdict != YES]
        return others[0] if len(others) == 1 and others[0].verdict == NO else None

    def as_dict(self) -> dict[str, Any]:
        """Plain data, for JSON and for keeping as the receipt of a case."""
        return {
            "policy": self.policy.id,
            "name": self.policy.label,
            "on": self.on.isoformat(),
            "verdict": self.verdict,
            "verdict_zh": VERDICT_WORDS[self.verdict][0],
            "reason": self.reason,
            "reason_en": self.reason_en,
            "clauses": [
                {
                    "id": result.clause.id,
                    "law": result.clause.law,
                    "source": result.clause.source.citation if result.clause.source else None,
                    "says": result.clause.says,
                    "says_en": result.clause.says_en,
                    "verdict": result.verdict,
                    "values": [_seen_dict(seen) for seen in result.seen],
                    "missing": [_missing_dict(missing) for missing in result.missing],
                }
                for result in self.clauses
            ],
            "amount_fen": self.amount_fen,
            "amount": yuan_text(self.amount_fen, separators=False) if self.amount_fen is not None else None,
            "amount_law": self.policy.amount_law or None,
            "amount_how": self.amount_text or None,
            "amount_values": [_seen_dict(seen) for seen in self.amount_seen],
            "missing": [_missing_dict(missing) for missing in self.missing],
            "excludes": [
                {"policy": other.policy, "keep": other.keep, "law": other.law}
                for other in self.policy.excludes
            ],
            "receipt": {"rule_version": self.policy.version, "on": self.on.isoformat(), "facts": self.facts},
        }


def _seen_dict(seen: Seen) -> dict[str, Any]:
    return {
        "name": seen.path,
        "label": seen.label,
        "label_en": seen.label_en or seen.label,
        "value": seen.value,
        "shown": seen.shown,
        "shown_en": seen.shown_en or seen.shown,
        "source": seen.source,
    }


def _missing_dict(missing: Missing) -> dict[str, Any]:
    return {
        "kind": missing.kind, "name": missing.path, "label": missing.label, "register": missing.register,
        "ask": missing.ask, "ask_en": missing.ask_en, "label_en": missing.label_en or missing.label,
    }  # fmt: skip


class Explainer:
    """Explains with the very closures that decide, so that words and verdict cannot part."""

    def __init__(self, decider: Decider) -> None:
        self.decider = decider
        self.pack = decider.pack
        self._closures: dict[int, tuple[Node, Closure]] = {}
        self._leaves: dict[int, tuple[Node, list[Leaf]]] = {}
        self._reached: dict[str, tuple[set[tuple[str, str]], set[tuple[str, str]]]] = {}

    def explain(self, policy: Policy, row: Row, on: date) -> Explanation:
        """The full explanation for the period that holds `on`."""
        decision = Decision(on, period_of(policy.period, on))
        outcome = self.decider.decide_within(policy, row, decision)
        facts = row_as_facts(row, self.pack.vocabulary, *self._reach(policy))
        if not in_force(policy, on):
            zh = f"该政策施行期为 {policy.in_force.start} 至 {policy.in_force.end or '今'}（不含当日），判定日不在其中。"
            en = f"The policy is in force over {policy.in_force}; the day of decision lies outside."
            return Explanation(policy, on, NO, zh, en, (), None, (), "", (), facts)
        clauses = tuple(
            self._clause(
                clause,
                bool(outcome.clause_bits >> position & 1),
                bool(outcome.unknown_bits >> position & 1),
                row,
                decision,
            )
            for position, clause in enumerate(policy.clauses)
        )
        missing = [item for result in clauses for item in result.missing]
        amount_node = policy.amount.at(on) if policy.amount is not None else None
        amount_seen: tuple[Seen, ...] = ()
        how = ""
        if amount_node is not None:
            amount_seen = self._seen(amount_node, row, decision)
            if outcome.amount_fen is not None:
                how = self._how(amount_node, amount_seen, outcome.amount_fen)
            elif outcome.verdict == UNKNOWN:
                lacking = self.unknown(amount_node, row, decision, "")
                # While a condition is open, facts of the amount are not asked for yet; that no rule is on file is said at once,
                # since no answer to any question could then lead to a payment.
                missing += [item for item in lacking if item.kind == "rule" or not outcome.unknown_bits]
        missing = list(dict.fromkeys(missing)) if outcome.verdict == UNKNOWN else []
        zh, en = self._reason(outcome.verdict, clauses, missing)
        return Explanation(
            policy,
            on,
            outcome.verdict,
            zh,
            en,
            clauses,
            outcome.amount_fen,
            amount_seen,
            how,
            tuple(missing),
            facts,
        )

    def _reach(self, policy: Policy) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
        """The facts and relations that belong into the policy's receipt; worked out once."""
        if policy.id not in self._reached:
            self._reached[policy.id] = self.pack.reach(policy)
        return self._reached[policy.id]

    def value(self, node: Node, row: Row, decision: Decision) -> Any:
        """The node's value, by its closure (made once)."""
        kept = self._closures.get(id(node))
        if kept is None:
            kept = self._closures[id(node)] = (node, self.decider.compiler.node(node))
        return kept[1](row, decision)

    def _clause(
        self, clause: Clause, held: bool, unknown: bool, row: Row, decision: Decision
    ) -> ClauseResult:
        node = clause.test.at(decision.on)
        verdict = YES if held else UNKNOWN if unknown else NO
        if node is None:
            lacking = Missing("rule", clause.id, clause.says, "", "", "", clause.says_en)
            return ClauseResult(clause, verdict, (), (lacking,))
        missing = tuple(dict.fromkeys(self.unknown(node, row, decision, ""))) if unknown else ()
        return ClauseResult(clause, verdict, self._seen(node, row, decision), missing)

    def _seen(self, node: Node, row: Row, decision: Decision) -> tuple[Seen, ...]:
        kept = self._leaves.get(id(node))
        if kept is None:
            kept = self._leaves[id(node)] = (node, leaves_of(node, self.decider.compiler))
        enums = self.pack.vocabulary.enums
        return tuple([leaf.see(row, decision, enums) for leaf in kept[1]])

    def _how(self, node: Node, seen: tuple[Seen, ...], amount_fen: int) -> str:
        """`round_fen(单位缴纳五险 1,234.56 元 * 补贴比例 0.5) = 617.28 元`."""
        text = " ".join(node.text.split())
        # Longest names first, each behind a number, so that a name inside an index is not written twice.
        for number, item in sorted(enumerate(seen), key=lambda pair: -len(pair[1].path)):
            text = _replace_word(text, item.path, f"\0{number}\0")
        for number, item in enumerate(seen):
            text = text.replace(f"\0{number}\0", f"{item.label} {item.shown}")
        for word, zh in FORMULA_WORDS:
            text = text.replace(word, zh)
        return f"{text} = {yuan_text(amount_fen)} 元"

    def _reason(
        self, verdict: str, clauses: tuple[ClauseResult, ...], missing: list[Missing]
    ) -> tuple[str, str]:
        if verdict == YES:
            return "全部条件都满足。", "Every condition holds."
        if verdict == NO:
            failing = [result.clause for result in clauses if result.verdict == NO]
            zh = "；".join(clause.says for clause in failing)
            en = "; ".join(clause.says_en or clause.says for clause in failing)
            return f"未满足：{zh}。", f"Not met: {en}."
        if any(item.kind == "rule" for item in missing):
            names, names_en = _names([item for item in missing if item.kind == "rule"])
            return (
                f"不能判定：没有查到有效规定（{names}），不付款。",
                f"Cannot tell: no rule on file ({names_en}); nothing is paid.",
            )
        names, names_en = _names(missing)
        return f"不能判定：还缺 {names}。", f"Cannot tell: not known: {names_en}."

    def unknown(self, node: Node, row: Row, decision: Decision, prefix: str) -> list[Missing]:
        """The leaves that keep `node` unknown. What could not change the answer is left out."""
        if self.value(node, row, decision) is not None:
            return []
        if isinstance(node, Read):
            return self._unknown_read(node, row, decision, prefix)
        if isinstance(node, Lookup):
            found = [item for index in node.index for item in self.unknown(index, row, decision, prefix)]
            if found:
                return found
            index = tuple(self.value(item, row, decision) for item in node.index)
            entry = node.parameter.lookup(decision.on, index)
            why = entry.unset if entry is not None else "表中没有这一项"
            return [
                Missing(
                    "rule", node.parameter.name, node.parameter.label, why, "", "", node.parameter.label_en
                )
            ]
        if isinstance(node, Marginal) and (found := self.unknown(node.item, row, decision, prefix)):
            return found
        if isinstance(node, Marginal):
            return [Missing("rule", node.scale.name, node.scale.label, "", "", "", node.scale.label_en)]
        if isinstance(node, Choice):
            condition = self.value(node.condition, row, decision)
            part = node.condition if condition is None else node.then if condition else node.otherwise
            return self.unknown(part, row, decision, prefix)
        if isinstance(node, Aggregate):
            return self._unknown_aggregate(node, row, decision, prefix)
        found = [item for part in node.children for item in self.unknown(part, row, decision, prefix)]
        if not found and isinstance(node, DateCall):
            return [Missing("rule", node.text, node.text, "算出的日期不在日历上", "")]
        return found

    def _unknown_read(self, node: Read, row: Row, decision: Decision, prefix: str) -> list[Missing]:
        path = prefix
        found: Row = row
        for hop in node.hops:
            other = found.ones.get(hop.name)
            path += hop.name + "."
            if other is None:
                return [_relation_missing(hop, path[:-1])]
            found = other
        fact = node.fact
        derived = self.pack.derived.get((fact.entity, fact.name))
        if derived is None:
            return [
                Missing(
                    "fact",
                    path + fact.name,
                    fact.label,
                    fact.register,
                    fact.ask,
                    fact.ask_en,
                    fact.label_en,
                )
            ]
        version = derived.value.at(decision.on)
        if version is None:
            return [Missing("rule", path + fact.name, fact.label, "", "", "", fact.label_en)]
        return self.unknown(version, found, decision, path)

    def _unknown_aggregate(self, node: Aggregate, row: Row, decision: Decision, prefix: str) -> list[Missing]:
        path, here = prefix, row
        for hop in node.hops:
            path += hop.name
            other = here.ones.get(hop.name)
            if other is None:
                return [_relation_missing(hop, path)]
            path, here = path + ".", other
        members = related(row, node.hops, node.relation)
        path += node.relation.name
        if members is None or (not members and node.which in ("largest", "smallest")) or node.body is None:
            return [_relation_missing(node.relation, path)]
        found = []
        for number, member in enumerate(members, start=1):
            found += self.unknown(node.body, member, decision, f"{path}[{number}].")
        return found


def _relation_missing(relation: Relation, path: str) -> Missing:
    return Missing("relation", path, relation.label, relation.register, "", "", relation.label_en)


def _names(missing: list[Missing]) -> tuple[str, str]:
    """What is missing, each once, in Chinese and in English."""
    zh = dict.fromkeys(item.label for item in missing)
    en = dict.fromkeys(item.label_en or item.label for item in missing)
    return "、".join(zh), ", ".join(en)


def _replace_word(text: str, word: str, by: str) -> str:
    """Replace `word` where it stands as a whole name, not as part of a longer one."""
    out, position = [], 0
    while (found := text.find(word, position)) >= 0:
        before = text[found - 1] if found else " "
        after = text[found + len(word)] if found + len(word) < len(text) else " "
        whole = not (before.isalnum() or before in "_.\0") and not (after.isalnum() or after in "_.\0")
        out.append(text[position:found] + (by if whole else word))
        position = found + len(word)
    return "".join(out) + text[position:]
