"""Two certificates of one holder, where one a year is subsidised: what is granted and not paid yet counts, so that one batch does not pay both."""

from __future__ import annotations

from datetime import date

import pytest

from jiuye.engine.ledger.funds_file import load_funds
from jiuye.engine.rules.rows import Row
from jiuye.office.casework import checks, counting, operations
from jiuye.office.casework.checks import ChecksFailedError
from jiuye.office.casework.models import Case, CaseCheck
from jiuye.office.casework.packrules import PackRules
from jiuye.office.entitlements.delivering import deliver_file
from jiuye.office.entitlements.models import Benefit, Entitlement
from jiuye.office.funds.operations import appropriate_for_demonstration, record_funds
from tests.office.casework.conftest import DAY, at, make_officer
from tests.office.casework.journey import approve, publicised_case
from tests.office.casework.test_rows_taken_back import CERTIFICATES, CONTRIBUTIONS, NOTICE_OVER, POLICY
from tests.office.packs import FEW, pack_with

LINE = (
    "{number},职业技能等级证书,{certificate},{trade},三级（高级工）,A类（生产制造）,{shortage},否,2025-03-01"
)


@pytest.fixture
def cases(settings, pack_dir, tmp_path, person, employer, owner, caseworker, reviewer, request) -> list[Case]:
    """A case for each of her two certificates, past their public notice; of ordinary trades, or of those in short supply."""
    settings.PACK = pack_with(FEW, of=pack_dir, under=tmp_path)
    clerk = make_officer("高文", "caseworker", "3210")

    def deliver(kind: str, register: str, *lines: str) -> None:
        deliver_file(
            actor=clerk, register=register, entity=kind, file_name="明细.csv", content="\n".join(lines).encode(),
            as_of=date(2025, 6, 1), source="市社保中心", on=DAY, at=at(DAY),
        )  # fmt: skip

    deliver(
        "contribution", "insurance", CONTRIBUTIONS,
        f"{person.id_number},{employer.credit_code},单位缴纳,2024-01,5000,800,400,25",
    )  # fmt: skip
    shortage = getattr(request, "param", "否")
    deliver(
        "certificate", "skill_assessments", CERTIFICATES,
        *(
            LINE.format(number=person.id_number, certificate=certificate, trade=trade, shortage=shortage)
            for certificate, trade in (("Y32-1", "车工"), ("Y32-2", "钳工"))
        ),
    )  # fmt: skip
    definitions, _ = load_funds(pack_dir / "funds.yaml")
    record_funds(funds=definitions.values())
    for fund in definitions:
        appropriate_for_demonstration(fund=fund, year=2025, amount_fen=1_000_000, on=DAY, at=at(DAY))
    begun = [
        operations.confirm_own(actor=owner, entitlement_id=found.pk, rules=PackRules(), on=DAY, at=at(DAY))
        for found in Entitlement.objects.filter(policy_id=POLICY, verdict="yes").order_by("pk")
    ]
    return [publicised_case(one, caseworker, reviewer) for one in begun]


def test_what_is_granted_and_not_paid_uses_up_the_times_of_the_year(cases, approver):
    first, second = cases
    approve(first, approver, PackRules())
    with pytest.raises(ChecksFailedError, match=f"另有 1 次.*还没有到账（{first.number}）"):
        approve(second, approver, PackRules())
    second.refresh_from_db()
    assert second.state == "publicised"


def test_of_two_that_were_both_approved_the_first_is_paid_and_the_other_left_out(
    cases, approver, cashier, monkeypatch
):
    first, second = cases
    with monkeypatch.context() as before_it_was_counted:
        before_it_was_counted.setattr(checks, "too_often", lambda subject, verdict: None)
        approve(second, approver, PackRules())
        approve(first, approver, PackRules())
    # Of two approved on one day the one that was begun first comes first.
    made = operations.put_into_batch(
        actor=cashier,
        case_ids=[first.pk, second.pk],
        rules=PackRules(),
        on=NOTICE_OVER,
        at=at(NOTICE_OVER),
    )
    assert [case.pk for case, _ in made.left_out] == [second.pk]
    kept = CaseCheck.objects.filter(moment="payment", outcome="failed")
    assert [(row.entitlement_id, row.finding) for row in kept] == [(second.entitlement_id, "granted_counts")]


@pytest.mark.parametrize("cases", ["是"], indirect=True)
def test_where_three_a_year_are_owed_two_are_approved_together(cases, approver):
    for case in cases:
        assert approve(case, approver, PackRules()).state == "approved"


def test_what_counts_is_named_by_the_pack_and_what_is_granted_is_found_through_the_holder(
    cases, approver, person
):
    first, second = cases
    approve(first, approver, PackRules())
    facts = counting.facts_counting(POLICY, "certificate")
    assert [(fact.entity, fact.fact, fact.what) for fact in facts] == [
        ("person", "skill_subsidies_this_year", "count")
    ]
    assert not Benefit.objects.filter(person=person).exists()
    granted = counting.granted_to_the_same(
        checks.Subject(second.entitlement, person, None, None, second, NOTICE_OVER), facts[0].policies
    )
    assert [one.number for one in granted] == [first.number]


def test_months_that_are_counted_over_several_policies_are_raised_by_what_is_granted_under_each_of_them(
    person, settings, pack_dir
):
    settings.PACK = pack_dir
    counted = counting.facts_counting("difficult-person-insurance-subsidy", "hire")
    (months,) = [one for one in counted if one.fact == "subsidy_months_drawn"]
    assert "flexible-employment-insurance-subsidy" in months.policies
    hire = Entitlement(policy_id="difficult-person-insurance-subsidy", subject_kind="hire", subject_key="7")
    as_a_worker = counting.Granted(
        "甲", "flexible-employment-insurance-subsidy", ("person", str(person.pk)), 5
    )
    of_another_kind = counting.Granted("乙", POLICY, ("certificate", "3"), 1)
    row = Row("hire", ones={"worker": Row("person", values={"subsidy_months_drawn": 30}), "employer": None})
    raised = counting.with_granted(row, counted, hire, [as_a_worker, of_another_kind])
    assert raised.ones["worker"].values["subsidy_months_drawn"] == 35
    assert row.ones["worker"].values["subsidy_months_drawn"] == 30, "the row that was read stays as it is"
