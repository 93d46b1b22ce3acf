"""Running the cases that stand in the pack's files: the tests anyone can read."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from jiuye.engine.basis.dates import Interval
from jiuye.engine.basis.documents import Scalar
from jiuye.engine.basis.money import yuan_text
from jiuye.engine.basis.problems import Place, Problems
from jiuye.engine.rules.closures import Decision
from jiuye.engine.rules.decide import Decider
from jiuye.engine.rules.explain import Explainer
from jiuye.engine.rules.pack import Pack
from jiuye.engine.rules.policies import Case, Derived, Policy
from jiuye.engine.rules.rows import read_row
from jiuye.engine.rules.types import MONEY
from jiuye.engine.rules.values import read_value, show_value

_NUMBER = re.compile(r"\[[0-9]+\]")


@dataclass(frozen=True, slots=True)
class CaseFailure:
    """One case that came out otherwise: what was expected, and what came."""

    place: Place
    owner: str
    name: str
    zh: str
    en: str

    def render(self, lang: str = "zh") -> str:
        return f"{self.place.file}:{self.place.line}: {self.owner}：{self.name}\n    {self.zh if lang == 'zh' else self.en}"


def run_cases(pack: Pack, *, policies: Collection[str] | None = None) -> tuple[int, list[CaseFailure]]:
    """(how many passed, which failed), over derived facts and policies in their order; of these policies alone where named."""
    explainer = Explainer(Decider(pack))
    passed, failures = 0, []
    for derived in pack.derived.values():
        for case in derived.cases:
            found = derived_case(explainer, derived, case)
            failures += found
            passed += not found
    for policy in pack.policies.values():
        for case in policy.cases if policies is None or policy.id in policies else ():
            found = policy_case(explainer, policy, case)
            failures += found
            passed += not found
    return passed, failures


def policy_case(explainer: Explainer, policy: Policy, case: Case) -> list[CaseFailure]:
    """What comes out otherwise than the case says; empty where nothing does."""
    problems = Problems()
    row = read_row(case.facts, policy.entity, explainer.pack.vocabulary, problems)
    result = explainer.explain(policy, row, case.on)
    expected: list[tuple[str, str, str, str]] = []  # (zh, en, wanted, found)
    expected.append(("结论", "verdict", case.expect.text("verdict"), result.verdict))
    amount = case.expect.scalar("amount")
    if amount is not None:
        fen = read_value(amount, MONEY, {}, problems)
        found = yuan_text(result.amount_fen) if result.amount_fen is not None else "—"
        expected.append(("金额", "amount", yuan_text(fen) if fen is not None else amount.text, found))
    if (clauses := case.expect.mapping("clauses")) is not None:
        verdicts = {item.clause.id: item.verdict for item in result.clauses}
        for clause_id in clauses.entries:
            wanted = clauses.text(clause_id)
            expected.append(
                (f"条件 {clause_id}", f"condition {clause_id}", wanted, verdicts.get(clause_id, "—"))
            )
    if "missing" in case.expect:
        expected.append(_missing(case, {item.path for item in result.missing}))
    return _compare(policy.id, case, expected, f"（{result.reason}）")


def derived_case(explainer: Explainer, derived: Derived, case: Case) -> list[CaseFailure]:
    """The same of a derived fact's own case."""
    problems = Problems()
    enums = explainer.pack.vocabulary.enums
    fact = derived.fact
    row = read_row(case.facts, fact.entity, explainer.pack.vocabulary, problems)
    node = derived.value.at(case.on)
    decision = Decision(case.on, Interval())
    value = explainer.value(node, row, decision) if node is not None else None
    wanted = case.expect.scalar("value")
    text = wanted.text if wanted is not None else "unknown"
    if wanted is not None and text != "unknown":
        text = show_value(
            read_value(Scalar(text, wanted.place, False), fact.type, enums, problems), fact.type, enums
        )
    found = "unknown" if value is None else show_value(value, fact.type, enums)
    expected = [("值", "value", text, found)]
    if "missing" in case.expect:
        lacking = explainer.unknown(node, row, decision, "") if node is not None else []
        expected.append(_missing(case, {item.path for item in lacking}))
    return _compare(f"{fact.entity}.{fact.name}", case, expected, "")


def _missing(case: Case, found: set[str]) -> tuple[str, str, str, str]:
    """`members[2].wage` names the second member's; `members.wage` stands for whichever member's."""
    wanted = {scalar.text for scalar in case.expect.texts("missing")}
    if not any("[" in path for path in wanted):
        found = {_NUMBER.sub("", path) for path in found}
    return ("缺少的信息", "missing", "、".join(sorted(wanted)), "、".join(sorted(found)))


def _compare(
    owner: str, case: Case, expected: list[tuple[str, str, str, str]], why: str
) -> list[CaseFailure]:
    wrong = [item for item in expected if item[2] != item[3]]
    if not wrong:
        return []
    zh = "；".join(f"{name}应为 {want}，实为 {found}" for name, _, want, found in wrong) + why
    en = "; ".join(f"{name} should be {want}, is {found}" for _, name, want, found in wrong)
    return [CaseFailure(case.place, owner, case.name, zh, en)]
