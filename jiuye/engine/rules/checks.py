"""Checks of a whole pack: time is covered, tables have no gaps, clauses can hold, cases can be read."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from jiuye.engine.basis.problems import Problems, did_you_mean
from jiuye.engine.rules.checks_tables import check_table, check_time
from jiuye.engine.rules.checks_use import check_use
from jiuye.engine.rules.magnitudes import check_magnitudes
from jiuye.engine.rules.parameters import Entry, Parameter
from jiuye.engine.rules.policies import Case, Derived, Policy
from jiuye.engine.rules.ranges import contradictions
from jiuye.engine.rules.rows import read_row
from jiuye.engine.rules.tree import Dated, Day, walk
from jiuye.engine.rules.types import Type
from jiuye.engine.rules.values import read_value

if TYPE_CHECKING:
    from jiuye.engine.rules.pack import Pack

VERDICT_WORDS = ("yes", "no", "unknown")


def check_pack(pack: Pack, problems: Problems) -> None:
    """Run every check that needs the whole pack; problems are recorded."""
    for policy in pack.policies.values():
        check_time(pack, policy, problems)
        _check_period(policy, problems)
        _check_excludes(pack, policy, problems)
        contradictions(policy, problems)
        if not policy.cases:
            problems.add(
                policy.place,
                "no-cases",
                zh="这个政策没有案例。请至少写一个。",
                en="this policy has no cases; write at least one.",
            )
        for case in policy.cases:
            _check_policy_case(pack, policy, case, problems)
    for derived in pack.derived.values():
        _refuse_periods(derived.value, _NO_PERIOD_DERIVED, problems)
        for case in derived.cases:
            _check_derived_case(pack, derived, case, problems)
    for parameter in pack.all_parameters():
        check_table(pack, parameter, problems)
    check_magnitudes(pack, problems)
    if not problems.errors:  # what an error kept from being read would look unused
        check_use(pack, problems)


_NO_PERIOD_DERIVED = (
    "派生事实供周期不同的政策共用，不能用 period_start、period_end。请用 on，或写在政策里。",
    "a derived fact is shared by policies of different periods and cannot use period_start or period_end; use `on`, or write it in the policy.",
)
_NO_PERIOD_ONCE = (
    "period: once 的政策没有期间，period_start、period_end 永远未知。请写 period: month 等，或用 on。",
    "a policy with `period: once` has no period: period_start and period_end would never be known; write `period: month` or the like, or use `on`.",
)


def _check_period(policy: Policy, problems: Problems) -> None:
    if policy.period == "once":
        for clause in policy.clauses:
            _refuse_periods(clause.test, _NO_PERIOD_ONCE, problems)
        if policy.amount is not None:
            _refuse_periods(policy.amount, _NO_PERIOD_ONCE, problems)


def _refuse_periods(dated: Dated, sentence: tuple[str, str], problems: Problems) -> None:
    for _, node in dated.versions:
        for part in walk(node):
            if isinstance(part, Day) and part.which != "on":
                problems.add(part.place, "no-period", zh=sentence[0], en=sentence[1])


def _check_excludes(pack: Pack, policy: Policy, problems: Problems) -> None:
    for exclusion in policy.excludes:
        if exclusion.policy not in pack.policies or exclusion.policy == policy.id:
            zh, en = did_you_mean(exclusion.policy, set(pack.policies) - {policy.id})
            problems.add(
                exclusion.place,
                "unknown-policy",
                zh=f"没有别的政策叫“{exclusion.policy}”。{zh}",
                en=f"no other policy is called '{exclusion.policy}'; {en}",
            )


def _check_policy_case(pack: Pack, policy: Policy, case: Case, problems: Problems) -> None:
    read_row(case.facts, policy.entity, pack.vocabulary, problems)
    case.expect.choice("verdict", VERDICT_WORDS)
    amount = case.expect.scalar("amount")
    if amount is not None:
        read_value(amount, Type("money"), pack.vocabulary.enums, problems)
    case.expect.texts("missing")
    if (clauses := case.expect.mapping("clauses")) is not None:
        for clause_id, place, _ in clauses.items():
            clauses.choice(clause_id, VERDICT_WORDS)
            if policy.clause(clause_id) is None and clause_id not in policy.unreadable:
                zh, en = did_you_mean(clause_id, [clause.id for clause in policy.clauses])
                problems.add(
                    place,
                    "unknown-clause",
                    zh=f"没有条件“{clause_id}”。{zh}",
                    en=f"no condition '{clause_id}'; {en}",
                )
    case.expect.finish()


def _check_derived_case(pack: Pack, derived: Derived, case: Case, problems: Problems) -> None:
    read_row(case.facts, derived.fact.entity, pack.vocabulary, problems)
    value = case.expect.scalar("value", required=True)
    if value is not None and value.text != "unknown":
        read_value(value, derived.fact.type, pack.vocabulary.enums, problems)
    case.expect.texts("missing")
    case.expect.finish()


def expiring(pack: Pack, on: date, within_days: int = 60) -> list[tuple[Parameter, Entry]]:
    """Parameters whose value turns into `unset` within so many days after `on`, or has turned and is not set again yet: what an
    officer must look after."""
    found = []
    for parameter in pack.all_parameters():
        for entries in parameter.entries.values():
            for position, entry in enumerate(entries):
                over = position + 1 < len(entries) and entries[position + 1].start <= on
                had_a_value = position > 0 and not entries[position - 1].unset
                if entry.unset and not over and had_a_value and (entry.start - on).days <= within_days:
                    found.append((parameter, entry))
    return found
