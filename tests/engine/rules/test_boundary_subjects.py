"""Every comparison of the city's pack on both sides of its turning point, through the walk, through SQL and through machine code.

Spark's part is in test_cluster.py.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

import pytest

from jiuye.engine.rules.pack import Pack, load_pack, require_pack
from jiuye.engine.rules.policies import Policy
from jiuye.engine.rules.tree import walk
from tests.engine.rules.boundary_subjects import BoundarySubjects, Comparison, comparisons, why_one_sided
from tests.engine.rules.test_two_evaluators import YANGZHOU, differences

# The last day of the plan, on which nearly everything is in force; then days on which an earlier version holds, or on which
# a comparison of the day alone (the windows of May and September, the last day of applying) says otherwise.
DAYS = (
    date(2025, 12, 31), date(2025, 5, 15), date(2023, 12, 15), date(2024, 9, 15), date(2026, 1, 1), date(2022, 6, 15),
    date(2020, 3, 10),
)  # fmt: skip


class Town:
    """The pack, with a policy for the derived facts that none reads; the subjects of each day; and which policies they concern."""

    def __init__(self, folder: Path) -> None:
        plain = require_pack(folder)
        self.pack = with_every_derived_fact_read(plain)
        self.wanted = {
            id(item.node): item
            for item in comparisons(self.pack)
            if not item.owner.startswith("every-derived-")
        }
        self.subjects = {day: BoundarySubjects(self.pack, day) for day in DAYS}
        self.sides: dict[int, set[bool]] = defaultdict(set)
        self.policies: dict[date, list[str]] = {}
        for day, found in self.subjects.items():
            new = {id(item.node) for item in found.comparisons if self._adds(found, item)}
            self.policies[day] = [
                item.id for item in self.pack.policies.values() if self._compares(item, new)
            ]

    def _adds(self, found: BoundarySubjects, comparison: Comparison) -> bool:
        known = self.sides[id(comparison.node)]
        before = len(known)
        known |= {side for side in found.sides(comparison) if side is not None}
        return len(known) > before

    def _compares(self, policy: Policy, nodes: set[int]) -> bool:
        return any(
            id(part) in nodes
            for dated in self.pack.expressions(policy)
            for _, node in dated.versions
            for part in walk(node)
        )


def with_every_derived_fact_read(pack: Pack) -> Pack:
    """The pack with one more policy an entity, whose conditions read the derived facts that no other policy does."""
    read = set().union(*(pack.reach(policy)[0] for policy in pack.policies.values()))
    clauses: dict[str, list[str]] = defaultdict(list)
    for (entity, name), derived in pack.derived.items():
        if (entity, name) in read:
            continue
        of = derived.fact.type
        member = next(iter(pack.vocabulary.enums.get(of.enum, {"": ""})))
        test = {
            "boolean": name, "number": f"{name} > 0", "money": f"{name} > yuan(0)", "date": f"{name} <= on",
            "month": f"{name} <= month_of(on)", "enum": f"{name} == {member}",
        }[of.kind]  # fmt: skip
        clauses[entity].append(f"  - {{id: c{len(clauses[entity])}, law: 无, says: 无, test: {test}}}\n")
    overlay = {
        f"policies/every-derived-{entity.replace('_', '-')}.yaml": (
            f"id: every-derived-{entity.replace('_', '-')}\nname: 派生事实\nname_en: derived facts\nfor: {entity}\n"
            f"in_force: {{from: 2025-01-01, to: 2025-12-31}}\nconditions:\n{''.join(found)}"
            "cases:\n  - {name: 空, on: 2025-12-31, facts: {}, expect: {verdict: unknown}}\n"
        )
        for entity, found in clauses.items()
    }
    fuller, problems = load_pack(pack.folder, overlay)
    assert problems.errors == [], problems.errors[0].render()
    assert set(fuller.derived) == set().union(
        *(fuller.reach(item)[0] for item in fuller.policies.values())
    ) & set(fuller.derived)
    return fuller


@pytest.fixture(scope="module")
def town() -> Town:
    return Town(YANGZHOU)


def test_no_comparison_is_without_a_subject_on_either_side_but_those_that_are_never_known(town):
    one_sided = {
        str(item): why_one_sided(town.pack, item)
        for node, item in town.wanted.items()
        if len(town.sides[node]) < 2
    }
    for name, why in one_sided.items():
        print(f"{name}: {why}")
    assert len(town.wanted) > 380
    assert [name for name, why in one_sided.items() if not why] == []
    assert len(one_sided) <= 6


def test_subjects_stand_just_before_and_just_after_the_turn(town):
    """Sixteen years to the day: of those who register for the 1st of January 2026, one was born a day too late."""
    found = town.subjects[date(2025, 12, 31)]
    age = next(item for item in found.comparisons if item.node.text == "age >= 16")
    births = {row.values.get("birth_date") for row in found.rows[age.entity]}
    assert {date(2009, 12, 31), date(2010, 1, 1)} <= births
    assert date(2009, 12, 31) + timedelta(days=1) == date(2010, 1, 1)


@pytest.mark.parametrize("engine", ["duckdb", "compiled"])
@pytest.mark.parametrize("day", DAYS, ids=str)
def test_the_boundary_subjects_get_the_same_answer_on_every_condition_from_every_evaluator(
    town, engine, day, tmp_path
):
    policies = town.policies[day]
    assert policies, f"{day} adds nothing and can be left out"
    assert differences(town.pack, town.subjects[day], tmp_path, (engine,), policies) == []
