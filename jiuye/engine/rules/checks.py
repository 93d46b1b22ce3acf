"""Checks of a whole pack: time is covered, tables have no gaps, clauses can hold, cases can be read."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from jiuye.engine.basis.problems import Place, Problems, did_you_mean
from jiuye.engine.rules.parameters import ELSE, Entry, Parameter
from jiuye.engine.rules.policies import ALWAYS, Case, Derived, Policy
from jiuye.engine.rules.ranges import contradictions
from jiuye.engine.rules.rows import read_row
from jiuye.engine.rules.tree import Lookup, Marginal, walk
from jiuye.engine.rules.types import Type
from jiuye.engine.rules.values import read_value

if TYPE_CHECKING:
    from jiuye.engine.rules.pack import Pack

VERDICT_WORDS = ("yes", "no", "unknown")


def check_pack(pack: Pack, problems: Problems) -> None:
    """Run every check that needs the whole pack; problems are recorded."""
    for policy in pack.policies.values():
        _check_time(pack, policy, problems)
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
        for case in derived.cases:
            _check_derived_case(pack, derived, case, problems)
    for parameter in [
        *pack.parameters.values(),
        *(p for policy in pack.policies.values() for p in policy.parameters.values()),
    ]:
        _check_table(pack, parameter, problems)


def _check_time(pack: Pack, policy: Policy, problems: Problems) -> None:
    """Every date on which the policy is in force is covered by every expression and parameter it reads."""
    start = policy.in_force.start
    if start is None:
        return
    for dated in pack.expressions(policy):
        first = dated.versions[0][0]
        if first != ALWAYS and first > start:
            _uncovered(dated.versions[0][1].place, policy, start, first, problems)
        for _, node in dated.versions:
            for part in walk(node):
                parameter = (
                    part.parameter
                    if isinstance(part, Lookup)
                    else part.scale
                    if isinstance(part, Marginal)
                    else None
                )
                if parameter is None:
                    continue
                for entries in parameter.entries.values():
                    if entries and entries[0].start > start:
                        _uncovered(entries[0].place, policy, start, entries[0].start, problems)


def _uncovered(place: Place, policy: Policy, start: date, first: date, problems: Problems) -> None:
    problems.add(
        place,
        "time-not-covered",
        zh=f"政策“{policy.id}”自 {start} 施行，这里要到 {first} 才有值。请补上更早的值，或写 unset: 理由。",
        en=f"policy '{policy.id}' is in force from {start}, but this begins only on {first}; add the earlier value, or `unset: reason`.",
    )


def _check_table(pack: Pack, parameter: Parameter, problems: Problems) -> None:
    """No empty table, no date twice, and every member of an enum axis has a row (or there is `else`)."""
    if not any(parameter.entries.values()):
        problems.add(
            parameter.place,
            "empty-table",
            zh=f"参数“{parameter.name}”没有值。",
            en=f"parameter '{parameter.name}' has no value.",
        )
    for position, axis in enumerate(parameter.axes):
        keys = {key[position] for key in parameter.entries}
        if axis.type.kind == "enum" and ELSE not in keys:
            missing = [member for member in pack.vocabulary.enums[axis.type.enum] if member not in keys]
            if missing:
                problems.add(
                    parameter.place,
                    "gap-in-table",
                    zh=f"参数“{parameter.name}”没有这些值：{'、'.join(missing)}。请补上，或写 else（可以是 unset）。",
                    en=f"parameter '{parameter.name}' says nothing for {', '.join(missing)}; add them, or `else` (which may be unset).",
                )


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
            if policy.clause(clause_id) is None:
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
    value = case.expect.scalar("value")
    if value is not None and value.text != "unknown":
        read_value(value, derived.fact.type, pack.vocabulary.enums, problems)
    case.expect.texts("missing")
    case.expect.finish()


def expiring(pack: Pack, on: date, within_days: int = 60) -> list[tuple[Parameter, Entry]]:
    """Parameters whose value turns into `unset` within so many days after `on`: what an officer must look after."""
    found = []
    parameters = [
        *pack.parameters.values(),
        *(p for policy in pack.policies.values() for p in policy.parameters.values()),
    ]
    for parameter in parameters:
        for entries in parameter.entries.values():
            found += [
                (parameter, entry)
                for entry in entries
                if entry.unset and 0 <= (entry.start - on).days <= within_days
            ]
    return found
