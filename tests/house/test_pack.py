"""The pack's rules keep the house's promises: every clause is tried alone, every answer comes out once, every fact can be asked.

`jiuye check` sees that a pack can be used and `jiuye cases` that its cases come out; here stands what only we ask of our own.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from jiuye.engine.basis.problems import Problems
from jiuye.engine.registers import load_registers
from jiuye.engine.rules.decide import Decider
from jiuye.engine.rules.explain import Explainer, Explanation
from jiuye.engine.rules.pack import Pack, require_pack
from jiuye.engine.rules.policies import Derived, Policy
from jiuye.engine.rules.rows import read_row
from jiuye.office.entitlements.facts.catalogue import sources_of, unbound, unexplained

PACK = Path(__file__).resolve().parents[2] / "plans" / "yangzhou-2023-2025"
# Their amounts are not on file on any day that they are in force: nobody can be told yes.
NEVER_PAYABLE = {
    "hiring-one-off-grant",
    "job-retention-loan",
    "startup-base-construction-subsidy",
    "startup-base-operating-subsidy",
    "startup-rent-subsidy",
    "temporary-welfare-post-subsidy",
    "unemployment-assistance",
}


@pytest.fixture(scope="module")
def pack() -> Pack:
    return require_pack(PACK)


@pytest.fixture(scope="module")
def outcomes(pack: Pack) -> dict[str, list[Explanation]]:
    """What each case of each policy comes to."""
    explainer = Explainer(Decider(pack))

    def explained(policy: Policy) -> list[Explanation]:
        return [
            explainer.explain(
                policy, read_row(case.facts, policy.entity, pack.vocabulary, Problems()), case.on
            )
            for case in policy.cases
        ]

    return {policy.id: explained(policy) for policy in pack.policies.values()}


def test_every_clause_has_a_case_in_which_it_alone_says_no(
    pack: Pack, outcomes: dict[str, list[Explanation]]
) -> None:
    untried = []
    for policy in pack.policies.values():
        alone = set()
        for outcome in outcomes[policy.id]:
            # Where a clause waits for a number that no document gives, it can never be a yes beside the one that fails.
            held = {"yes", "unknown"} if policy.id in NEVER_PAYABLE else {"yes"}
            failing = [clause.clause.id for clause in outcome.clauses if clause.verdict not in held]
            if outcome.verdict == "no" and len(failing) == 1:
                alone.add(failing[0])
        untried += [f"{policy.id}: {clause.id}" for clause in policy.clauses if clause.id not in alone]
    assert untried == []


def test_every_policy_has_a_case_for_yes_for_no_and_for_cannot_tell(
    pack: Pack, outcomes: dict[str, list[Explanation]]
) -> None:
    wanted = {
        policy_id: {"no", "unknown"} | (set() if policy_id in NEVER_PAYABLE else {"yes"})
        for policy_id in pack.policies
    }
    assert {policy_id: {outcome.verdict for outcome in outcomes[policy_id]} for policy_id in wanted} == wanted


def test_no_two_cases_of_a_rule_have_the_same_name(pack: Pack) -> None:
    rules: list[Policy | Derived] = [*pack.policies.values(), *pack.derived.values()]
    for rule in rules:
        names = [case.name for case in rule.cases]
        assert len(names) == len(set(names)), (rule.file, sorted({n for n in names if names.count(n) > 1}))


def test_every_derived_fact_has_cases_for_each_answer_of_yes_or_no(pack: Pack) -> None:
    for (entity, name), derived in pack.derived.items():
        answers = {case.expect.text("value") for case in derived.cases}
        needed = {"true", "false"} if derived.fact.type.kind == "boolean" else set()
        assert answers, f"{entity}.{name}"
        assert needed <= answers, f"{entity}.{name}"


def test_every_policy_is_worded_in_both_languages(pack: Pack) -> None:
    for policy in pack.policies.values():
        texts = [policy.label, policy.label_en, policy.summary, policy.summary_en, policy.amount_law]
        assert all(texts), policy.id
        assert all(
            clause.says and clause.says_en and clause.source is not None for clause in policy.clauses
        ), policy.id


def test_every_fact_names_its_register_and_the_question_that_settles_it(pack: Pack) -> None:
    for entity in pack.vocabulary.entities.values():
        for fact in entity.facts.values():
            if (entity.name, fact.name) not in pack.derived:
                assert all((fact.register, fact.label, fact.label_en)), fact.key
                assert fact.ask.endswith("？"), fact.key
                assert fact.ask_en.endswith("?"), fact.key


def test_every_binding_is_something_that_our_records_hold(pack: Pack) -> None:
    registers, problems = load_registers(PACK / "registers.yaml")
    assert problems.errors == []
    assert [f"{fact.key}: {why}" for _, fact, why in unbound(pack, registers)] == []


def test_no_policy_is_passed_over_and_what_no_register_holds_says_why(pack: Pack) -> None:
    """Every policy is counted by something that our records hold, and every fact that it reads is bound or asked for a reason."""
    held = sources_of(pack)
    assert [policy.id for policy in pack.policies.values() if policy.entity not in held] == []
    assert [fact.key for fact in unexplained(pack)] == []


def test_a_yes_that_comes_to_an_amount_says_who_pays_whom(pack) -> None:
    """What names no fund is not paid out by us: it must be called a relief or a duty, or screens would promise it as a benefit."""
    wrong = [
        policy.id
        for policy in pack.policies.values()
        if policy.amount is not None and not policy.fund and policy.effect == "payment"
    ]
    assert wrong == []
    assert {policy.effect for policy in pack.policies.values()} == {"payment", "relief", "duty", "service"}


def test_whoever_holds_a_fact_has_an_english_name(pack: Pack) -> None:
    """`jiuye check` refuses a new holder without one wherever a pack names any: ours does."""
    assert len(pack.vocabulary.holders) > 50
