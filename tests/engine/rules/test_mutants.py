"""The mutation check: what is changed and where, what the cases catch, and what is left out because it is proved to change nothing."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from jiuye.engine.basis.dates import period_of
from jiuye.engine.basis.documents import Scalar
from jiuye.engine.basis.problems import Place, Problems
from jiuye.engine.rules.cases import run_cases
from jiuye.engine.rules.closures import Decision
from jiuye.engine.rules.decide import Decider
from jiuye.engine.rules.equivalence import same
from jiuye.engine.rules.mutations import edits
from jiuye.engine.rules.pack import require_pack
from jiuye.engine.rules.trials import CAUGHT, IDLE, REFUSED, SURVIVED, Trials, mutants
from jiuye.engine.rules.typing import type_expression
from tests.engine.rules.expressions import EVERY_CONSTRUCT
from tests.engine.rules.populations import Population
from tests.engine.rules.workshop import pack_of
from tests.engine.rules.world import World

FERRY = {
    "facts.yaml": """
enums: {shore: {north: 北岸, south: 南岸, islet: 小岛}}
entities:
  boat:
    name: 船
    facts:
      length: {type: integer, name: 长, min: 1, max: 40}
      shore: {type: enum, enum: shore, name: 岸}
      built: {type: date, name: 造船日}
      repairs: {type: money, name: 修理费, min: 0}
      leaking: {type: boolean, name: 漏水}
""",
    "parameters/harbour.yaml": """
sources: {law: {document: 港约}}
parameters:
  share:
    name: 补贴比例
    type: ratio
    values:
      1990-01-01: {value: 0.4, source: law}
      2000-01-01: {value: 0.5, source: law}
      2010-01-01: {value: 0.6, source: law}
""",
    "derived/boats.yaml": """
entity: boat
facts:
  old:
    type: boolean
    name: 旧船
    law: 港约第二条
    value: age(built, on) >= 10
    cases:
      - {name: 十年前的今天造的, on: 2005-06-01, facts: {built: 1995-06-01}, expect: {value: true}}
""",
    "policies/repair-aid.yaml": """
id: repair-aid
name: 修船补贴
name_en: repair aid
for: boat
in_force: {from: 2000-01-01, to: 2009-12-31}
conditions:
  - id: old
    law: 船龄满十年
    says: 旧船
    test: old
  - id: afloat
    law: 不漏水，长不足一丈者除外
    says: 不漏水
    test: not leaking and length >= 1
  - id: shores
    law: 南北两岸
    says: 在南岸或北岸
    test: shore in (north, south)
amount: round_fen(repairs * share)
cases:
  - name: 北岸旧船
    on: 2000-01-01
    facts: {length: 12, shore: north, built: 1990-01-01, repairs: 100.01, leaking: false}
    expect: {verdict: yes, amount: 50.01}
  - name: 差一天不是旧船
    on: 2000-01-01
    facts: {length: 12, shore: north, built: 1990-01-02, repairs: 100.01, leaking: false}
    expect: {verdict: no, clauses: {old: no}}
  - name: 漏水
    on: 2009-12-31
    facts: {length: 12, shore: north, built: 1990-01-01, repairs: 100.01, leaking: true}
    expect: {verdict: no, clauses: {afloat: no}}
  - name: 最后一天
    on: 2009-12-31
    facts: {length: 1, shore: south, built: 1990-01-01, repairs: 100.01, leaking: false}
    expect: {verdict: yes, amount: 50.01}
  - name: 次日
    on: 2010-01-01
    facts: {length: 1, shore: south, built: 1990-01-01, repairs: 100.01, leaking: false}
    expect: {verdict: no}
  - name: 前一日
    on: 1999-12-31
    facts: {length: 1, shore: south, built: 1980-01-01, repairs: 100.01, leaking: false}
    expect: {verdict: no}
""",
}
POLICY = "policies/repair-aid.yaml"


@pytest.fixture
def ferry(tmp_path) -> dict[str, str]:
    """Each mutant of the ferry, as the command prints it, with what became of it."""
    return outcomes(FERRY, tmp_path)


def outcomes(files: dict[str, str], folder: Path) -> dict[str, str]:
    pack = pack_of(folder, files)
    trials = Trials(pack)
    return {mutant.render(): trials.outcome(mutant) for mutant in mutants(pack)}


def those(found: dict[str, str], outcome: str) -> list[str]:
    return [name.removeprefix("pack/") for name, what in found.items() if what == outcome]


def without_case(name: str) -> dict[str, str]:
    """The ferry without the case of that name."""
    head, *cases = FERRY[POLICY].split("  - name: ")
    kept = [case for case in cases if not case.startswith(f"{name}\n")]
    assert len(kept) == len(cases) - 1
    return {**FERRY, POLICY: "  - name: ".join([head, *kept])}


CEILING = f"{POLICY}:20:9: repair-aid [function] round_fen → ceil_fen"


def test_what_no_case_tells_apart_is_named_with_its_place_and_its_change(ferry):
    # The one amount of the cases, 50.005 yuan, is rounded up either way.
    assert those(ferry, SURVIVED) == [CEILING]
    assert Counter(ferry.values()) == {CAUGHT: 21, IDLE: 9, REFUSED: 1, SURVIVED: 1}


@pytest.mark.parametrize(
    ("case", "survivors"),
    [
        ("次日", ["6:34: repair-aid [in force] 2009-12-31 → 2010-01-01"]),
        (
            "最后一天",
            [
                "15:34: repair-aid [comparison] >= → >",
                "15:37: repair-aid [constant] 1 → 2",
                "19:28: repair-aid [list] south → ∅",
                "19:28: repair-aid [constant] south → islet",
                "20:9: repair-aid [function] round_fen → ceil_fen",
                "parameters/harbour.yaml:10:7: parameters/harbour.yaml [since] share 2010-01-01 → 2009-12-31",
            ],
        ),
    ],
)
def test_a_case_taken_away_leaves_just_what_it_alone_caught(case, survivors, ferry, tmp_path):
    found = those(outcomes(without_case(case), tmp_path / "fewer"), SURVIVED)
    assert set(found) - {CEILING} == {
        name if name.startswith("parameters/") else f"{POLICY}:{name}" for name in survivors
    } - {CEILING}


def test_a_derived_fact_is_held_by_the_cases_of_every_policy_that_reads_it(ferry):
    # Its own case says nothing of those who are not old; the policy's do.
    assert ferry["pack/derived/boats.yaml:8:30: boat.old [constant] 10 → 9"] == CAUGHT
    assert ferry["pack/derived/boats.yaml:8:27: boat.old [comparison] >= → >"] == CAUGHT


def test_what_the_checker_itself_refuses_is_counted_apart(ferry):
    assert those(ferry, REFUSED) == [f"{POLICY}:20:27: repair-aid [operator] * → +"]


def test_what_changes_nothing_is_left_out_by_proof(ferry):
    found = those(ferry, IDLE)
    # No boat is shorter than one: the vocabulary says so.
    assert f"{POLICY}:15:37: repair-aid [constant] 1 → 0" in found
    # The policy begins when the first value has given way, and ends before the last one holds.
    others = [name for name in found if not name.startswith(POLICY)]
    assert len(others) == 8
    assert all(":8:" in name or ":10:" in name or "1999-12-31" in name for name in others)


def test_trying_mutants_leaves_the_pack_as_it_was(tmp_path):
    pack = pack_of(tmp_path, FERRY)
    trials = Trials(pack)
    for mutant in mutants(pack):
        trials.outcome(mutant)
        assert run_cases(pack) == (7, []), mutant.render()


@pytest.mark.parametrize(
    ("written", "changed"),
    [
        ("n > 3", ["n >= 3", "n > 2", "n > 4"]),
        ("1 <= n < 10", ["0 <= n < 10", "2 <= n < 10", "1 < n < 10", "1 <= n <= 10", "1 <= n < 9", "1 <= n < 11"]),
        ("sure and (flag or large)", ["sure or (flag or large)", "sure and (flag and large)"]),
        ("not sure", [" sure"]),
        ("colour != grey", ["colour == grey", "colour != red"]),
        ("colour == paint", ["colour != paint"]),
        ("colour in (red, grey)", [
            "colour not in (red, grey)", "colour in (grey,)", "colour in (blue, grey)", "colour in (red,)", "colour in (red, red)",
        ]),
        ("price >= yuan(1.50)", ["price > yuan(1.50)", "price >= yuan(1.49)", "price >= yuan(1.51)"]),
        ("start < date(2024, 3, 1)", ["start <= date(2024, 3, 1)", "start < date(2024, 2, 29)", "start < date(2024, 3, 2)"]),
        ("since == month(2023, 1)", ["since != month(2023, 1)", "since == month(2022, 12)", "since == month(2023, 2)"]),
        ("rate < 0.50", ["rate <= 0.50", "rate < 0.4", "rate < 0.6"]),
        ("flag == True", ["flag != True", "flag == False"]),
        ("n < -1", ["n <= -1", "n < (-2)", "n < 0"]),
        ("round_fen(price * rate) + cost", [
            "floor_fen(price * rate) + cost", "ceil_fen(price * rate) + cost", "round_fen(price + rate) + cost",
            "round_fen(price * rate) - cost",
        ]),
        ("min(n, m) // 12", ["max(n, m) // 12", "min(n, m) * 12", "min(n, m) // 11", "min(n, m) // 13"]),
        ("any(parts, n not in (1, 2))", [
            "all(parts, n not in (1, 2))", "any(parts, n in (1, 2))", "any(parts, n not in (2,))", "any(parts, n not in (0, 2))",
            "any(parts, n not in (2, 2))", "any(parts, n not in (1,))", "any(parts, n not in (1, 1))", "any(parts, n not in (1, 3))",
        ]),
    ],
)  # fmt: skip
def test_an_expression_is_changed_by_one_step_at_each_of_its_places(world: World, written, changed):
    scalar = Scalar(written, Place("test", 1, 1, len(written), written), False)
    found = list(edits(scalar, world.node(written), world.pack.vocabulary.enums))
    assert sorted(edit.text for edit in found) == sorted(changed)
    for edit in found:
        place = edit.place
        assert place.source[place.column - 1 : place.column - 1 + len(edit.was)] == edit.was


def test_a_place_is_exact_in_a_block_of_several_lines(tmp_path):
    files = {
        **FERRY,
        POLICY: FERRY[POLICY].replace(
            "test: shore in (north, south)", "test: >-\n      shore in (north,\n        south)"
        ),
    }
    found = [name for name in outcomes(files, tmp_path) if "south" in name]
    assert found == [
        f"pack/{POLICY}:20:17: repair-aid [constant] north → south",
        f"pack/{POLICY}:21:9: repair-aid [list] south → ∅",
        f"pack/{POLICY}:21:9: repair-aid [constant] south → islet",
    ]  # fmt: skip


def test_what_is_proved_to_be_the_same_is_the_same_for_everyone(world: World):
    """Each expression of the language's list with all its changes, and some that are the same in other words, over random things."""
    pack, on = world.pack, date(2011, 5, 31)
    rows = Population(pack, on, 200, 3).rows["thing"]
    compiler, decision = Decider(pack).compiler, Decision(on, period_of("month", on))
    pairs = [
        ("sure or sure", "sure and sure"), ("not (sure or flag)", "not sure and not flag"), ("n < 3", "not n >= 3"),
        ("n > 2", "n >= 3"), ("n < 3 or n >= 3", "n == n"), ("(n if sure else m) > 5", "n > 5 if sure else m > 5"),
        ("count(parts) >= 0", "count(parts) > -1"), ("count(parts) > 0", "count(parts) != 0"),
        ("round_fen(count(parts) * yuan(5) * 0.1) > cost", "ceil_fen(count(parts) * yuan(5) * 0.1) > cost"),
        ("round_fen(count(parts) * yuan(0.05) * 0.1) > cost", "ceil_fen(count(parts) * yuan(0.05) * 0.1) > cost"),
        ("calendar_months(start, date(2005, 3, 1)) > n", "calendar_months(start, date(2005, 3, 31)) > n"),
        ("grade[19] > n", "grade[10] > n"),
    ]  # fmt: skip
    for text in EVERY_CONSTRUCT:
        scalar = Scalar(text, Place("test", 1, 1, len(text), text), False)
        for edit in edits(scalar, world.node(text), pack.vocabulary.enums):
            problems = Problems()
            if type_expression(edit.scalar(scalar), "thing", pack.vocabulary, pack.parameters, problems):
                pairs.append((text, edit.text))
    proved = [pair for pair in pairs if same(world.node(pair[0]), world.node(pair[1]), pack)]
    for first, second in proved:
        closures = [compiler.node(world.node(text)) for text in (first, second)]
        for row in rows:
            assert closures[0](row, decision) == closures[1](row, decision), (first, second)
    assert set(pairs[:12]) - set(proved) == {
        ("n < 3 or n >= 3", "n == n")
    }  # unknown n: both are unknown, but that is not seen
    assert len(pairs) > 200


def test_a_sample_of_the_city_s_own_pack_is_caught(pack_dir):
    """The whole is `jiuye mutate`; here as many as a few seconds allow, always the same ones."""
    pack = require_pack(pack_dir)
    trials, found = Trials(pack), mutants(pack)
    assert len(found) > 2000
    sample = random.Random(7).sample(found, 150)
    survivors = [mutant.render() for mutant in sample if trials.outcome(mutant) == SURVIVED]
    assert len(survivors) * 100 <= 5 * len(sample), "\n".join(survivors)
