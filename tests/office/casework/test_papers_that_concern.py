"""A paper is asked of whom it concerns: the decision that the case keeps says who that is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from jiuye.engine.basis.problems import Problems
from jiuye.engine.rules.decide import Decider
from jiuye.engine.rules.explain import Explainer
from jiuye.engine.rules.pack import require_pack
from jiuye.engine.rules.rows import read_row
from jiuye.engine.services.subsidies import load_subsidies
from jiuye.office.casework.models import Case
from jiuye.office.casework.proofs import proofs_of
from tests.office.casework.conftest import DAY

PACK = Path(__file__).resolve().parents[3] / "plans" / "yangzhou-2023-2025"
POLICY = "flexible-employment-insurance-subsidy"


@pytest.mark.parametrize(
    ("situation", "papers"),
    [
        ("困难人员自己缴1213.38元，补606.69元", ["identity", "contributions"]),
        ("毕业当天登记灵活就业", ["identity", "contributions", "diploma"]),
    ],
)
@pytest.mark.django_db
def test_a_diploma_is_shown_among_the_papers_of_a_graduate_only(settings, situation, papers):
    settings.PACK = PACK
    pack = require_pack(PACK)
    policy = pack.policies[POLICY]
    told = next(case for case in policy.cases if case.name == situation)
    row = read_row(told.facts, policy.entity, pack.vocabulary, Problems())
    receipt = Explainer(Decider(pack)).explain(policy, row, told.on).as_dict()
    case = Case(pk=1, policy_id=POLICY, state="paid", claim="confirm", receipt=receipt)
    assert [proof.row.id for proof in proofs_of(case, on=DAY)] == papers
    # A decision that says nothing of it leaves the paper where it was.
    case.receipt = {}
    assert "diploma" in [proof.row.id for proof in proofs_of(case, on=DAY)]


@pytest.mark.parametrize("fact", ["graduated_on", "higher_education", "sex"])
def test_a_paper_that_concerns_whom_the_conditions_do_not_ask_for_is_refused(tmp_path, fact):
    folder = tmp_path / "services" / "subsidies"
    folder.mkdir(parents=True)
    file = shutil.copy(PACK / "services" / "subsidies" / f"{POLICY}.yaml", folder)
    text = Path(file).read_text(encoding="utf-8")
    Path(file).write_text(
        text.replace("concerns: higher_education_graduate", f"concerns: {fact}"), encoding="utf-8"
    )
    found, problems = load_subsidies(tmp_path, pack=require_pack(PACK))
    assert [(one.code, fact in one.zh) for one in problems.errors] == [("concerns-nobody", True)]
    assert found == {}
