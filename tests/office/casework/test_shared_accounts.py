"""One bank account under several people is found before money goes to it, and waits for somebody to say why that is right."""

from __future__ import annotations

import pytest

from jiuye.engine.rules.pack import load_pack
from jiuye.engine.services import load_subsidies
from jiuye.office.casework import operations
from jiuye.office.casework.checks import ChecksFailedError
from jiuye.office.casework.models import Case
from jiuye.office.casework.operations.paying import AccountCheckNoteError
from jiuye.office.registry.models import Person
from tests.office.casework.conftest import DAY, at, make_entitlement, make_person
from tests.office.casework.journey import APPROVAL_DAY, approve, publicised_case

GIVEN = {"on": APPROVAL_DAY, "at": at(APPROVAL_DAY)}
ACCOUNT = "6222000000001234"


def opened_for(name: str, number: str, caseworker, rules, account: str = ACCOUNT) -> Case:
    found = make_entitlement(make_person(name, number=number, bank_account=account))
    return operations.confirm_on_behalf(
        actor=caseworker, entitlement_id=found.pk, note="来电", rules=rules, on=DAY, at=at(DAY)
    )


@pytest.fixture
def case(owner, entitlement, rules, caseworker, reviewer) -> Case:
    case = operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))
    return publicised_case(case, caseworker, reviewer)


def test_an_account_that_nobody_else_uses_passes(case, approver, rules, budget):
    assert approve(case, approver, rules).state == "approved"
    assert case.entitlement.checks.filter(finding="account_single").exists()


def test_an_account_under_another_person_stops_until_somebody_says_why(
    case, caseworker, approver, rules, budget
):
    other = opened_for("陈桂英", "321002196001010045", caseworker, rules)
    with pytest.raises(ChecksFailedError, match="还用在另外 1 人") as refused:
        approve(case, approver, rules)
    assert other.number in str(refused.value)
    assert "陈桂英" not in str(refused.value)
    with pytest.raises(AccountCheckNoteError):
        operations.confirm_account(actor=caseworker, case_id=case.pk, note=" ", **GIVEN)
    operations.confirm_account(actor=caseworker, case_id=case.pk, note="夫妻共用，已看结婚证", **GIVEN)
    assert approve(case, approver, rules).state == "approved"


def test_a_confirmation_holds_only_for_the_account_and_the_people_it_was_given_for(
    case, caseworker, approver, cashier, rules, budget
):
    opened_for("陈桂英", "321002196001010045", caseworker, rules)
    operations.confirm_account(actor=caseworker, case_id=case.pk, note="夫妻共用，已看结婚证", **GIVEN)
    approve(case, approver, rules)
    opened_for("李桂兰", "321002196002020046", caseworker, rules)
    with pytest.raises(ChecksFailedError, match="还用在另外 2 人"):
        operations.put_into_batch(actor=cashier, case_ids=[case.pk], rules=rules, **GIVEN)
    operations.confirm_account(actor=approver, case_id=case.pk, note="母女三人，已核对户口簿", **GIVEN)
    assert operations.put_into_batch(actor=cashier, case_ids=[case.pk], rules=rules, **GIVEN).left_out == []


def test_another_account_taken_over_is_looked_for_in_its_turn(case, caseworker, approver, rules, budget):
    opened_for("陈桂英", "321002196001010045", caseworker, rules, account="6222000000005678")
    Person.objects.filter(pk=case.person_id).update(bank_account="6222000000005678")
    operations.refresh_payee(actor=caseworker, case_id=case.pk, note="本人更换账户", **GIVEN)
    with pytest.raises(ChecksFailedError, match="尾号 5678"):
        approve(case, approver, rules)


def test_ones_own_other_case_is_no_sharing(case, person, caseworker, approver, rules, budget):
    second = make_entitlement(person, policy_id="startup-grant")
    operations.confirm_on_behalf(
        actor=caseworker, entitlement_id=second.pk, note="来电", rules=rules, on=DAY, at=at(DAY)
    )
    assert approve(case, approver, rules).state == "approved"


# Conditions that the register is asked about again before money goes out, by the words in which a policy writes them.
ASKED_AGAIN = {
    "not insured_as_employee": {"insured_elsewhere"},
    "employment_kind == not_employed": {"insured_elsewhere", "business_owner"},
}


def test_every_subsidy_of_persons_looks_up_what_its_own_policy_makes_a_condition(pack_dir):
    """Those meant for the insured, for trainees kept on, or for founders have no such condition, and must not be stopped by one."""
    pack, _ = load_pack(pack_dir)
    subsidies, _ = load_subsidies(pack_dir, pack=pack)
    wrong = []
    for policy_id, subsidy in subsidies.items():
        if subsidy.applicant != "person":
            continue
        text = (pack_dir / "policies" / f"{policy_id}.yaml").read_text()
        tests = [line for line in text.splitlines() if line.strip().startswith("test:")]
        looked_up = {row.check for row in subsidy.procedure.lookups}
        for condition, checks in ASKED_AGAIN.items():
            if any(condition in line for line in tests) and checks - looked_up:
                wrong.append((policy_id, sorted(checks - looked_up)))
        if any("first_business" in line for line in tests) and "business_owner" in looked_up:
            wrong.append((policy_id, ["founders own a business"]))
    assert wrong == []
