"""Policies whose standard is on no document answer "cannot tell"; with an assumed one they pay what their rule says.

The files' own cases cannot say this: a case states facts and a day, and the numbers are the pack's, which are honestly unset. Here
the unset numbers are replaced in a copy of the file, as an officer would who has found the document. The numbers are this test's.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from jiuye.engine.basis.problems import Problems
from jiuye.engine.rules.decide import Decider
from jiuye.engine.rules.explain import Explainer
from jiuye.engine.rules.pack import require_pack
from jiuye.engine.rules.rows import read_row
from tests.office.packs import pack_with

PACK = Path(__file__).resolve().parents[3] / "plans" / "yangzhou-2023-2025"
ASSUMED = {
    "hiring-one-off-grant": {"standard": 1000},
    "startup-base-construction-subsidy": {"for_each": 2000},
    "startup-base-operating-subsidy": {"standard": 50_000},
    "temporary-welfare-post-subsidy": {
        "hourly_standard": 21,
        "monthly_standard": 900,
        "most_hours_month": 80,
    },
    "unemployment-assistance": {"standard": 600},
    "startup-rent-subsidy": {"most_rent_year": 6000, "most_years": 3},
}
# (policy, the case of its file whose facts are taken, what the assumption must make of them in fen)
WANTED = [
    ("hiring-one-off-grant", "条件都符合，但标准没有查到，不能判定金额", 100_000),
    ("hiring-one-off-grant", "施行第一天", 100_000),
    ("startup-base-construction-subsidy", "新建的市级基地，条件都符合，每人的标准没有查到", 24_000_000),
    (
        "startup-base-construction-subsidy",
        "改建的市级基地，条件都符合，每人的标准没有查到",
        15_000_000,
    ),  # the cap
    ("startup-base-construction-subsidy", "只有一人入驻", 200_000),
    ("startup-base-operating-subsidy", "考核合格的市级基地，标准没有查到", 5_000_000),
    (
        "temporary-welfare-post-subsidy",
        "临时性岗位，条件都符合，标准和工时上限没有查到",
        168_000,
    ),  # 80 hours: just within
    ("temporary-welfare-post-subsidy", "乡村岗位，条件都符合，标准没有查到", 90_000),
    ("unemployment-assistance", "受理截止当天", 60_000),
    ("startup-rent-subsidy", "条件都符合，但扬州的上限和年数没有查到", 600_000),  # the cap
    ("startup-rent-subsidy", "只付了一分钱租金", 1),
]


@pytest.fixture(scope="module")
def assumed(tmp_path_factory):
    """The pack with those policies alone, and each unset number of them assumed."""
    excluded = (
        "job-expansion-grant",
        "traineeship-retention-grant",
        "unemployment-benefit",
    )  # that they name
    folder = pack_with({*ASSUMED, *excluded}, of=PACK, under=tmp_path_factory.mktemp("assumed"))
    for policy, numbers in ASSUMED.items():
        file = folder / "policies" / f"{policy}.yaml"
        head, cases = file.read_text(encoding="utf-8").split("\nconditions:", 1)
        source = re.search(r"^sources:\n  ([\w-]+):", head, re.MULTILINE)
        assert source is not None
        for name, number in numbers.items():
            head, count = re.subn(
                rf"(\n  {name}:\n(?:    .*\n)*?      [\d-]+: )\{{unset: [^}}]*}}",
                rf"\g<1>{{value: {number}, source: {source[1]}}}",
                head,
            )
            assert count == 1, (policy, name)
        assert "{unset:" not in head, f"{policy}: an unset number is not assumed here"
        file.write_text(head + "\nconditions:" + cases, encoding="utf-8")
    return require_pack(folder)


def told(pack, policy_id: str, name: str):
    policy = pack.policies[policy_id]
    (case,) = (case for case in policy.cases if case.name == name)
    explainer = Explainer(Decider(pack))
    return explainer.explain(
        policy, read_row(case.facts, policy.entity, pack.vocabulary, Problems()), case.on
    )


@cache
def shipped():
    return require_pack(PACK)


@pytest.mark.parametrize(("policy", "name", "amount_fen"), WANTED)
def test_with_an_assumed_standard_the_rule_pays_and_without_it_cannot_tell(policy, name, amount_fen, assumed):
    honest = told(shipped(), policy, name)
    assert (honest.verdict, honest.amount_fen) == ("unknown", None)
    assert {item.path for item in honest.missing} <= set(ASSUMED[policy])
    paid = told(assumed, policy, name)
    assert (paid.verdict, paid.amount_fen) == ("yes", amount_fen)


def test_every_policy_that_pays_but_has_no_case_of_a_yes_stands_in_this_table():
    without = {
        policy.id
        for policy in shipped().policies.values()
        if policy.effect == "payment"
        and not any(case.expect.text("verdict") == "yes" for case in policy.cases)
    }
    assert without == set(ASSUMED)
