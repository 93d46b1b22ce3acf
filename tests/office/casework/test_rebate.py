"""失业保险稳岗返还: found in the registers, confirmed and accepted for everybody together; no employer applies."""

from __future__ import annotations

from datetime import date

import pytest

from jiuye.office.casework import operations
from jiuye.office.casework.models import Case
from jiuye.office.casework.operations.confirming import AutomaticRun
from jiuye.office.casework.packrules import PackRules
from jiuye.office.entitlements.models import Entitlement
from jiuye.office.entitlements.operations import redecide_employers
from jiuye.office.registry.models import ContributionSpell, Employer
from tests.office.casework.conftest import at, make_person
from tests.office.places import VILLAGE

DAY = date(2023, 8, 21)  # a Monday
# 上年度: 200 insured at both ends, none laid off; premiums of 86,400.55 yuan, of which 60 % go back to a medium enterprise.
KEPT_ITS_PEOPLE = {
    "kind": "enterprise", "size": "medium", "figures_year": 2022, "insured_at_year_start": 200,
    "insured_at_year_end": 200, "insured_monthly_mean": 200, "retired_in_year": 0, "died_in_year": 0,
    "unemployment_premium_months": 12, "unemployment_premium_fen": 8640055, "premium_arrears": False,
    "dishonest": False, "bank_account": "3210000000001234", "bank_name": "工商银行",
}  # fmt: skip


@pytest.fixture
def firms(divisions, settings, pack_dir) -> dict[str, Employer]:
    rows = {
        "留人的": {},
        "裁了人的": {"insured_at_year_end": 120},
        "没有账号的": {"bank_account": ""},
    }
    found = {
        name: Employer.objects.create(
            **{
                "name": name, "credit_code": f"91321002MA1XAB{number:03}X", "division_id": VILLAGE,
                "source": "测试登记", **KEPT_ITS_PEOPLE, **changes,
            }
        )
        for number, (name, changes) in enumerate(rows.items())
    }  # fmt: skip
    for number, firm in enumerate(found.values()):
        ContributionSpell.objects.create(
            person=make_person("职工", number=f"32100219780305{number:04}"), employer=firm, payer="employer",
            start=date(2022, 1, 1), base_fen=600000, source="测试登记",
        )  # fmt: skip
    return found


def run() -> AutomaticRun:
    return operations.confirm_all_automatic(actor=None, rules=PackRules(), on=DAY, at=at(DAY))


def test_a_run_by_data_match_accepts_the_rebate_of_everybody_entitled_and_of_nobody_else(firms):
    redecide_employers(employer_ids=[firm.pk for firm in firms.values()], on=DAY, at=at(DAY))
    assert run() == AutomaticRun(opened=1, kept_back=1)  # the one without an account stays in the found list
    case = Case.objects.get(policy_id="job-retention-rebate")
    assert case.employer == firms["留人的"]
    assert (case.state, case.confirmed_by_way, case.amount_fen) == ("accepted", "automatic", 5184033)
    assert {row.evidence_id for row in case.evidence.order_by("pk")} == {"premiums", "headcount"}
    assert not Entitlement.objects.filter(
        policy_id="job-retention-rebate", employer=firms["裁了人的"], verdict="yes"
    ).exists()


def test_the_run_again_opens_nothing_twice_and_takes_up_what_was_put_right(firms):
    redecide_employers(employer_ids=[firm.pk for firm in firms.values()], on=DAY, at=at(DAY))
    run()
    Employer.objects.filter(name="没有账号的").update(bank_account=firms["留人的"].bank_account)
    assert run() == AutomaticRun(opened=1, kept_back=0)
    assert run() == AutomaticRun(opened=0, kept_back=0)
    assert Case.objects.filter(policy_id="job-retention-rebate", state="accepted").count() == 2
