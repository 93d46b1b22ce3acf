"""How an amount was reached, in people's words and along the branch that was taken; no word of the rule language is left in it."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from jiuye.engine.basis.problems import Problems
from jiuye.engine.rules.decide import Decider
from jiuye.engine.rules.explain import Explainer
from jiuye.engine.rules.pack import require_pack
from jiuye.engine.rules.rows import read_row
from tests.engine.rules.test_explaining import FIREWOOD, POOR, explained
from tests.engine.rules.workshop import Change, changed_tithe

YANGZHOU = Path(__file__).resolve().parents[3] / "plans" / "yangzhou-2023-2025"
AMOUNT = "amount: round_fen(firewood[shore] * hearths)"


@pytest.mark.parametrize(
    ("amount", "zh"),
    [
        pytest.param(
            "round_fen(firewood[shore] * (hearths + 1 if hearths < 3 else 1))",
            "四舍五入到分(每灶柴钱 12.34 元 × (灶台数 2 + 1))（灶台数 2 < 3） = 37.02 元",
            id="a sum that was chosen keeps its brackets, and the comparison says why",
        ),
        pytest.param(
            "round_fen(firewood[shore] * (hearths + 1 if hearths >= 3 else 1))",
            "四舍五入到分(每灶柴钱 12.34 元 × 1)（灶台数 2 < 3） = 12.34 元",
            id="what did not hold is said as what does",
        ),
        pytest.param(
            "yuan(5) if shore == south and hearths > 1 else yuan(6)",
            "6.00 元（所在海岸 北岸，灶台数 2 > 1） = 6.00 元",
            id="a value out of a list says itself",
        ),
        pytest.param(
            "yuan(5) if not (shore in (south, north)) else yuan(6) - (yuan(3) - yuan(1))",
            "6.00 元 − (3.00 元 − 1.00 元)（所在海岸 北岸） = 4.00 元",
            id="what is taken from is not taken twice, and a fact is named once",
        ),
        pytest.param(
            "yuan(2) if hearths > 5 else yuan(3) if income < yuan(1500) else yuan(4)",
            "3.00 元（灶台数 2 ≤ 5，全户收入 1,000.00 元 < 1,500.00 元） = 3.00 元",
            id="a choice in a choice gives both reasons",
        ),
        pytest.param(
            "min(yuan(9), round_yuan(firewood[shore] * 0.5)) * months_between(date(2011, 1, 1), period_end) // 12",
            "取小(9.00 元，四舍五入到元(每灶柴钱 12.34 元 × 0.5)) × 整月数(2011-01-01，期末) ÷ 12 = 6.00 元",
            id="days, the smaller of two, and what is divided last",
        ),
    ],
)
def test_an_amount_is_told_along_the_branch_that_was_taken(tmp_path, amount, zh):
    change = Change("policies/firewood-gift.yaml", AMOUNT, f"amount: {amount}")
    cases = Change("policies/firewood-gift.yaml", "verdict: yes, amount: 24.68", "verdict: yes")
    pack = require_pack(changed_tithe(tmp_path, change, cases))
    assert explained(pack, FIREWOOD, POOR, date(2011, 1, 1)).amount_text == zh


def test_every_amount_of_the_pack_is_told_in_chinese_and_in_english_without_a_word_of_the_rules():
    pack = require_pack(YANGZHOU)
    explainer, told, machine = Explainer(Decider(pack)), 0, []
    for policy in pack.policies.values():
        for case in policy.cases:
            row = read_row(case.facts, policy.entity, pack.vocabulary, Problems())
            found = explainer.explain(policy, row, case.on)
            if found.amount_fen is None:
                continue
            told += 1
            if re.search(r"[a-z_]{2,}", found.amount_text) or re.search(r"[一-鿿]", found.amount_text_en):
                machine.append((policy.id, found.amount_text, found.amount_text_en))
    assert told > 400
    assert machine == []
