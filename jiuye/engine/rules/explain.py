"""Why: each clause with its law, the values read, what is missing and who holds it, and how the amount was reached."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from jiuye.engine.basis.dates import period_of
from jiuye.engine.basis.money import yuan_text
from jiuye.engine.rules.closures import Decision
from jiuye.engine.rules.decide import NO, UNKNOWN, YES, Decider, Outcome
from jiuye.engine.rules.formulas import Formula
from jiuye.engine.rules.lacking import Lacking, Missing
from jiuye.engine.rules.pack import in_force
from jiuye.engine.rules.policies import ALWAYS, Clause, Policy
from jiuye.engine.rules.rows import Receipt, Row
from jiuye.engine.rules.seeing import See, Seen, Words, leaves_of
from jiuye.engine.rules.tree import Dated, Node

VERDICT_WORDS = {
    YES: ("符合", "entitled"),
    NO: ("不符合", "not entitled"),
    UNKNOWN: ("不能判定", "cannot tell"),
}


class ClauseResult(NamedTuple):
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
    amount_text_en: str = ""

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
            "amount_how_en": self.amount_text_en or None,
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


@dataclass(slots=True)
class _Told:
    """One condition, with the expressions that it had over time."""

    clause: Clause
    versions: Dated
    always: Node | None  # where it has had but one, since ever

    def at(self, on: date) -> Node | None:
        return self.always if self.always is not None else self.versions.at(on)


@dataclass(slots=True)
class _Ready:
    """A policy made ready to be explained."""

    clauses: list[_Told]
    receipt: Receipt
    refusals: dict[int, tuple[str, str]] = field(default_factory=dict)  # by the conditions that do not fail


class Explainer(Lacking):
    """Explains with the very closures that decide, so that words and verdict cannot part."""

    def __init__(self, decider: Decider) -> None:
        super().__init__(decider)
        self._words = Words(decider.pack.vocabulary.enums)
        self._leaves: dict[int, tuple[Node, list[See]]] = {}  # what each expression reads, by its identity
        self._formulas: dict[int, tuple[Node, Formula]] = {}
        self._ready: dict[str, _Ready] = {}

    def explain(self, policy: Policy, row: Row, on: date) -> Explanation:
        """The full explanation for the period that holds `on`."""
        return self.explain_within(policy, row, Decision(on, period_of(policy.period, on)))

    def explain_within(self, policy: Policy, row: Row, decision: Decision) -> Explanation:
        """The same, within a decision that other policies share (`Sitting`)."""
        on = decision.on
        outcome = self.decider.decide_within(policy, row, decision)
        ready = self._ready.get(policy.id) or self._made_ready(policy)
        facts = ready.receipt.of(row)
        if not in_force(policy, on):
            zh = f"该政策施行期为 {policy.in_force.start} 至 {policy.in_force.end or '今'}（不含当日），判定日不在其中。"
            en = f"The policy is in force over {policy.in_force}; the day of decision lies outside."
            return Explanation(policy, on, NO, zh, en, (), None, (), "", (), facts)
        clauses = self._clauses(ready.clauses, outcome, row, decision)
        missing = [item for result in clauses for item in result.missing] if outcome.unknown_bits else []
        amount_node = policy.amount.at(on) if policy.amount is not None else None
        amount_seen: tuple[Seen, ...] = ()
        how = ("", "")
        if amount_node is not None:
            amount_seen = self._seen(amount_node, row, decision)
            if outcome.amount_fen is not None:
                how = self._how(amount_node, row, decision, amount_seen, outcome.amount_fen)
            elif outcome.verdict == UNKNOWN:
                lacking = self.unknown(amount_node, row, decision, "")
                # While a condition is open, facts of the amount are not asked for yet; that no rule is on file is said at once,
                # since no answer to any question could then lead to a payment.
                missing += [item for item in lacking if item.kind == "rule" or not outcome.unknown_bits]
        missing = list(dict.fromkeys(missing)) if outcome.verdict == UNKNOWN else []
        if outcome.verdict == NO:
            passed = outcome.clause_bits | outcome.unknown_bits
            zh, en = ready.refusals.get(passed) or ready.refusals.setdefault(passed, _refusal(clauses))
        else:
            zh, en = _reason(outcome.verdict, missing)
        return Explanation(
            policy,
            on,
            outcome.verdict,
            zh,
            en,
            clauses,
            outcome.amount_fen,
            amount_seen,
            how[0],
            tuple(missing),
            facts,
            how[1],
        )

    def receipt(self, policy: Policy) -> Receipt:
        """How the facts that a policy's answer rests on are written down."""
        return (self._ready.get(policy.id) or self._made_ready(policy)).receipt

    def _made_ready(self, policy: Policy) -> _Ready:
        told = []
        for clause in policy.clauses:
            versions = clause.test.versions
            always = versions[0][1] if len(versions) == 1 and versions[0][0] == ALWAYS else None
            told.append(_Told(clause, clause.test, always))
        receipt = Receipt(self.pack.vocabulary, *self._reach(policy))
        made = self._ready[policy.id] = _Ready(told, receipt)
        return made

    def _reach(self, policy: Policy) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
        """The facts and relations that belong into the policy's receipt."""
        return self.pack.reach(policy)

    def _clauses(
        self, told: list[_Told], outcome: Outcome, row: Row, decision: Decision
    ) -> tuple[ClauseResult, ...]:
        """Each condition with its verdict, what was read for it, and what it lacks."""
        results = []
        held, unknown, on = outcome.clause_bits, outcome.unknown_bits, decision.on
        leaves, bit = self._leaves, 1
        for item in told:
            node = item.always or item.at(on)
            if node is None:
                clause = item.clause
                lacking = Missing("rule", clause.id, clause.says, "", "", "", clause.says_en)
                results.append(
                    ClauseResult(
                        clause, YES if held & bit else UNKNOWN if unknown & bit else NO, (), (lacking,)
                    )
                )
                bit <<= 1
                continue
            kept = leaves.get(id(node))
            sees = kept[1] if kept is not None else self._made_sees(node)
            seen = tuple([see(row, decision) for see in sees])
            if held & bit:
                results.append(ClauseResult(item.clause, YES, seen, ()))
            elif unknown & bit:
                missing = tuple(dict.fromkeys(self.unknown(node, row, decision, "")))
                results.append(ClauseResult(item.clause, UNKNOWN, seen, missing))
            else:
                results.append(ClauseResult(item.clause, NO, seen, ()))
            bit <<= 1
        return tuple(results)

    def _seen(self, node: Node, row: Row, decision: Decision) -> tuple[Seen, ...]:
        kept = self._leaves.get(id(node))
        sees = kept[1] if kept is not None else self._made_sees(node)
        return tuple([see(row, decision) for see in sees])

    def _made_sees(self, node: Node) -> list[See]:
        sees = self._sees(node)
        self._leaves[id(node)] = (node, sees)
        return sees

    def _sees(self, node: Node) -> list[See]:
        """How each value that an expression reads is seen, in its order."""
        return [leaf.see(self._words) for leaf in leaves_of(node, self.decider.compiler)]

    def _how(
        self, node: Node, row: Row, decision: Decision, seen: tuple[Seen, ...], amount_fen: int
    ) -> tuple[str, str]:
        """`四舍五入到分(单位缴纳五险 1,234.56 元 × 补贴比例 0.5) = 617.28 元`, and the same in English."""
        kept = self._formulas.get(id(node))
        if kept is None:
            formula = Formula(node, [item.path for item in seen], self.decider.compiler, self._words)
            kept = self._formulas[id(node)] = (node, formula)
        zh, en = kept[1].said(row, decision, seen)
        amount = yuan_text(amount_fen)
        return f"{zh} = {amount} 元", f"{en} = {amount} yuan"


def _refusal(clauses: tuple[ClauseResult, ...]) -> tuple[str, str]:
    """The conditions that fail, in one sentence of Chinese and one of English."""
    failing = [result.clause for result in clauses if result.verdict == NO]
    zh = "；".join(clause.says for clause in failing)
    en = "; ".join(clause.says_en or clause.says for clause in failing)
    return f"未满足：{zh}。", f"Not met: {en}."


def _reason(verdict: str, missing: list[Missing]) -> tuple[str, str]:
    """Why yes, or why it cannot be told."""
    if verdict == YES:
        return "全部条件都满足。", "Every condition holds."
    if any(item.kind == "rule" for item in missing):
        names, names_en = _names([item for item in missing if item.kind == "rule"])
        return (
            f"不能判定：没有查到有效规定（{names}），不付款。",
            f"Cannot tell: no rule on file ({names_en}); nothing is paid.",
        )
    names, names_en = _names(missing)
    return f"不能判定：还缺 {names}。", f"Cannot tell: not known: {names_en}."


def _names(missing: list[Missing]) -> tuple[str, str]:
    """What is missing, each once, in Chinese and in English."""
    zh = dict.fromkeys(item.label for item in missing)
    en = dict.fromkeys(item.label_en or item.label for item in missing)
    return "、".join(zh), ", ".join(en)
