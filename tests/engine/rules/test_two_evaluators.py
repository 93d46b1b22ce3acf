"""One rule, several evaluators, one meaning: the walk over one subject and the sweeps over everyone never differ."""

from __future__ import annotations

import tempfile
from collections import Counter
from datetime import date
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from jiuye.engine.basis.dates import period_of
from jiuye.engine.rules.closures import Decision
from jiuye.engine.rules.decide import Decider
from jiuye.engine.rules.pack import Pack, load_pack, require_pack
from jiuye.engine.rules.policies import Policy
from jiuye.engine.rules.rows import Row, row_as_facts
from jiuye.engine.rules.sweep import sweep
from jiuye.engine.rules.tree import (
    Aggregate,
    Arithmetic,
    Compare,
    DateCall,
    Extreme,
    Logic,
    Node,
    Read,
    Rounded,
    walk,
)
from tests.engine.rules.boundary_subjects import BoundarySubjects
from tests.engine.rules.expressions import EVERY_CONSTRUCT, amounts, conditions
from tests.engine.rules.populations import Population, all_nodes
from tests.engine.rules.workshop import written
from tests.engine.rules.world import FILES

HERE = Path(__file__).parent
TITHE = HERE / "tithe_pack"
YANGZHOU = HERE.parents[2] / "plans" / "yangzhou-2023-2025"
REFUSED_WITH_REASON = {"too-large", "too-many-decimals"}  # what the language itself sets limits to


EMBEDDED = ("duckdb", "compiled")  # the third, Spark, has tests of its own (`make cluster-test`)


def differences(
    pack: Pack,
    population: Population | BoundarySubjects,
    folder: Path,
    engines: tuple[str, ...] = EMBEDDED,
    policies: list[str] | None = None,
) -> list[str]:
    """Every subject on whom a sweep differs from the walk, in words: the condition, both answers, and the facts.

    Under every policy, or under those named.
    """
    on = population.on
    population.write(folder / "in")
    decider = Decider(pack)
    looked_at = [policy for policy in pack.policies.values() if policies is None or policy.id in policies]
    walked = {
        (policy.id, number): decider.decide(policy, row, on)
        for policy in looked_at
        for number, row in enumerate(population.rows[policy.entity])
    }
    found = []
    for engine in engines:
        sweep(pack, folder / "in", folder / engine, on, engine=engine, policies=policies)
        for policy in looked_at:
            swept = {
                row[0]: row[1:]
                for row in duckdb.sql(
                    "SELECT subject, verdict, clause_bits, unknown_bits, amount_fen "
                    f"FROM read_parquet('{folder / engine / policy.id}.parquet')"
                ).fetchall()
            }
            assert len(swept) == len(population.rows[policy.entity])
            for number, row in enumerate(population.rows[policy.entity]):
                outcome = walked[policy.id, number]
                walk_says = (outcome.verdict, outcome.clause_bits, outcome.unknown_bits, outcome.amount_fen)
                if walk_says != swept[number]:
                    found.append(f"{engine}: {in_words(pack, policy, row, on, walk_says, swept[number])}")
    return found


def in_words(pack: Pack, policy: Policy, row: Row, on: date, walked: tuple, swept: tuple) -> str:
    """The first condition (or the amount) on which they differ, as its author wrote it."""
    facts = row_as_facts(row, pack.vocabulary, *pack.reach(policy))
    for position, clause in enumerate(policy.clauses):
        answers = [
            "unknown" if unknown >> position & 1 else "yes" if held >> position & 1 else "no"
            for _, held, unknown, _ in (walked, swept)
        ]
        if answers[0] != answers[1]:
            node = clause.test.at(on)
            text = _unfolded(pack, node) if node is not None else "—"
            return f"{policy.id}.{clause.id} on {on}: {text}\n  walk says {answers[0]}, sweep says {answers[1]}\n  facts {facts}"
    return f"{policy.id} amount on {on}: walk {walked[3]}, sweep {swept[3]} ({walked[0]}, {swept[0]})\n  facts {facts}"


def _unfolded(pack: Pack, node: Node) -> str:
    """The text of a clause; of one that only names a derived fact, that fact's own."""
    derived = pack.derived.get(("thing", node.text))
    return f"{node.text} := {derived.value.versions[0][1].text}" if derived is not None else node.text


@pytest.mark.parametrize("folder", [TITHE, YANGZHOU], ids=["tithe", "yangzhou"])
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), day=st.dates(date(2023, 1, 1), date(2025, 12, 31)))
def test_random_and_boundary_subjects_get_the_same_verdict_on_every_clause_from_both_evaluators(
    folder, seed, day, tmp_path_factory
):
    pack = _pack(folder)
    on = day if folder == YANGZHOU else day.replace(year=day.year - 14, day=min(day.day, 28))
    # Machine code is made anew for each day: of the large pack only the walk and SQL are tried on so many.
    engines = EMBEDDED if folder == TITHE else ("duckdb",)
    assert differences(pack, Population(pack, on, 250, seed), tmp_path_factory.mktemp("sweep"), engines) == []


@pytest.mark.parametrize(
    "on", [date(2023, 3, 31), date(2024, 2, 29)], ids=str
)  # the last day: test_boundary_subjects
def test_the_city_s_whole_pack_as_machine_code_gives_the_same_verdict_on_every_clause(on, tmp_path):
    pack = _pack(YANGZHOU)
    assert differences(pack, Population(pack, on, 400, seed=on.year), tmp_path, ("compiled",)) == []


_packs: dict[Path, Pack] = {}


def _pack(folder: Path) -> Pack:
    if folder not in _packs:
        _packs[folder] = require_pack(folder)
    return _packs[folder]


# --- random expressions


def world_pack(folder: Path, tests: list[str], amount: str) -> Pack | None:
    """The small world with one policy whose conditions are these expressions; None where the language sets a limit to one.

    Each expression is a derived fact, so that contradictions between random conditions are nobody's mistake.
    """
    facts = "".join(
        f"  e{number}:\n    type: boolean\n    name: 式{number}\n    law: 物律\n    value: >-\n      {text}\n"
        for number, text in enumerate(tests)
    )
    facts += f"  pay:\n    type: money\n    name: 付\n    law: 物律\n    value: >-\n      {amount}\n"
    clauses = "".join(
        f"  - {{id: c{number}, law: 物律, says: 式{number}, test: e{number}}}\n"
        for number in range(len(tests))
    )
    policy = (
        "id: random\nname: 随机\nname_en: random\nfor: thing\nperiod: month\nin_force: {from: 2000-01-01}\n"
        f"conditions:\n{clauses}"
        "  - {id: period, law: 物律, says: 期间, test: start < period_end and until >= period_start}\n"
        "amount: pay\ncases:\n  - {name: 空, on: 2011-01-01, facts: {}, expect: {verdict: unknown}}\n"
    )
    files = {
        **FILES,
        "derived/random.yaml": f"entity: thing\nfacts:\n{facts}",
        "policies/random.yaml": policy,
    }
    pack, problems = load_pack(written(folder, files))
    if {item.code for item in problems.errors} & REFUSED_WITH_REASON:
        return None
    assert problems.errors == [], [item.render("en") for item in problems.errors]
    return pack


def kind_of(node: Node) -> str:
    """The construct that a node is, with its operator."""
    name = type(node).__name__
    if isinstance(node, (Logic, Compare, Arithmetic)):
        return f"{name} {node.op}"
    if isinstance(node, (Extreme, Aggregate)):
        return f"{name} {node.which}"
    if isinstance(node, DateCall):
        return f"{name} {node.name}"
    if isinstance(node, Rounded):
        return f"{name} {node.mode} to {'yuan' if node.unit == 100 else 'whole' if node.type.kind == 'number' else 'fen'}"
    return name


EVERY_KIND = {
    "Constant", "Day", "Read", "Lookup", "Known", "Not", "FloorDivide", "Scaled", "Choice", "Marginal",
    *(f"Logic {op}" for op in ("and", "or")),
    *(f"Compare {op}" for op in ("==", "!=", "<", "<=", ">", ">=")),
    *(f"Arithmetic {op}" for op in "+-*"),
    *(f"Extreme {which}" for which in ("min", "max")),
    *(f"Aggregate {which}" for which in ("count", "sum", "any", "all", "largest", "smallest")),
    *(f"DateCall {name}" for name in (
        "age", "months_between", "days_between", "calendar_months", "add_months", "add_days", "year_of", "month_of",
    )),
    *(f"Rounded {mode} to {unit}" for mode in ("round", "floor", "ceil") for unit in ("fen", "yuan", "whole")),
}  # fmt: skip


def test_every_construct_of_the_language_gets_the_same_answer_from_both_and_is_both_known_and_unknown(
    tmp_path,
):
    pack = world_pack(tmp_path, EVERY_CONSTRUCT, "round_fen(price * 0.5)")
    assert pack is not None
    answers: dict[str, Counter[str]] = {}
    for seed, on in enumerate([date(2005, 3, 1), date(2011, 5, 31), date(2014, 2, 28), date(2021, 2, 28)]):
        population = Population(pack, on, 250, seed)
        assert differences(pack, population, tmp_path / str(seed)) == []
        compiler = Decider(pack).compiler
        for node in all_nodes(pack):
            closure = compiler.node(node)
            for row in population.rows["thing"] if _speaks_of_things(node) else ():
                value = closure(row, Decision(on, period_of("month", on)))
                word = "unknown" if value is None else str(value) if isinstance(value, bool) else "known"
                answers.setdefault(kind_of(node), Counter())[word] += 1
    for kind in sorted(answers):
        print(f"{kind:<28} {dict(answers[kind])}")
    assert set(answers) == EVERY_KIND
    always_known = {"Constant", "Day", "Known"}
    assert {kind for kind, words in answers.items() if not words["unknown"]} <= always_known
    assert all(words["known"] or (words["True"] and words["False"]) for words in answers.values())


def _speaks_of_things(node: Node) -> bool:
    """True for nodes that a thing's row can answer: not those inside the body of a list of parts."""
    reads = [part for part in walk(node) if isinstance(part, Read) and not isinstance(node, Aggregate)]
    return all((part.hops[0].entity if part.hops else part.fact.entity) == "thing" for part in reads)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(
    tests=st.lists(conditions(2), min_size=1, max_size=5),
    amount=amounts(2),
    seed=st.integers(0, 2**16),
    on=st.sampled_from(
        [date(2011, 5, 31), date(2012, 2, 29), date(2009, 12, 31), date(2015, 1, 1), date(2021, 2, 28)]
    ),
)
def test_random_expressions_get_the_same_answer_from_both(tests, amount, seed, on):
    with tempfile.TemporaryDirectory() as folder:
        pack = world_pack(Path(folder), tests, amount)
        assume(pack is not None)
        assert pack is not None
        found = differences(pack, Population(pack, on, 40, seed), Path(folder))
    assert not found, found[0]
