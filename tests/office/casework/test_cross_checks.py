"""What is looked up before approval and again before payment: each check says what it looked at, or that no register answers."""

from __future__ import annotations

import re
from datetime import date
from types import SimpleNamespace

import pytest
from django.utils import translation

from jiuye.engine.services import Limit, Lookup
from jiuye.office.casework import lookups, operations
from jiuye.office.casework.checks import ChecksFailedError, in_words
from jiuye.office.casework.models import CaseCheck
from jiuye.office.casework.proofs import proofs_of
from jiuye.office.casework.registers import RegisterFact
from jiuye.office.entitlements.models import Benefit
from tests.office.casework.conftest import DAY, at, make_entitlement, make_officer
from tests.office.casework.journey import APPROVAL_DAY, approve, publicised_case

LATER = date(2025, 6, 25)  # after the seven workdays of publicity of what is applied for


@pytest.fixture
def case(owner, entitlement, rules, caseworker, reviewer):
    case = operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))
    return publicised_case(case, caseworker, reviewer)


def found(subject_entitlement, *, case=None):
    return SimpleNamespace(entitlement=subject_entitlement, case=case, on=DAY)


def test_before_the_approval_and_the_payment_the_registers_are_asked_and_a_missing_one_is_said(
    case, approver, cashier, rules, budget
):
    approve(case, approver, rules)
    operations.put_into_batch(
        actor=cashier, case_ids=[case.pk], rules=rules, on=APPROVAL_DAY, at=at(APPROVAL_DAY)
    )
    for moment in ("approve", "payment"):
        row = CaseCheck.objects.get(moment=moment, check_name="account_own")
        assert row.outcome == "unchecked"
        assert "没有开户行的户名核验登记簿" in in_words(row.finding, row.looked_at)
    assert not CaseCheck.objects.filter(moment="confirm", check_name="account_own").exists()


def test_an_employer_is_looked_up_in_the_credit_and_the_insurance_register(employer, db):
    theirs = make_entitlement(
        None,
        recipient_kind="employer",
        employer=employer,
        subject_kind="employer",
        subject_key=str(employer.pk),
    )
    employer.dishonest = False
    employer.save()
    checks = {row.check: row for row in lookups.looked_up(found(theirs))}
    assert set(checks) == {"blacklisted", "in_arrears", "account_own"}
    assert checks["blacklisted"].finding == "register_clear"
    assert checks["blacklisted"].looked_at["register"] == "公共信用系统"
    employer.dishonest = True
    employer.save()
    stopped = {row.check: row for row in lookups.looked_up(found(theirs))}["blacklisted"]
    assert (stopped.outcome, stopped.finding) == ("failed", "register_stops")
    assert "严重失信为“是”，不能支付" in in_words(stopped.finding, stopped.looked_at)
    with translation.override("en"):
        said = in_words(stopped.finding, stopped.looked_at)
    assert "public credit records" in said
    assert not re.search("[\u4e00-\u9fff]", said)


@pytest.mark.parametrize(
    ("value", "outcome", "words"),
    [
        ("self_employed", "failed", "不能支付"),
        ("not_employed", "passed", "不影响享受"),
        ("", "unchecked", "没有这一项的记录"),
    ],
)
def test_a_register_stops_clears_or_has_no_record(value, outcome, words):
    row = Lookup("business_owner", "employment_kind", ("self_employed",), "", "", "design")
    told = lookups._finding(row, RegisterFact("就业形式", "kind of employment", "人社就业登记", value, value))
    assert told.outcome == outcome
    assert words in in_words(told.finding, told.looked_at)


@pytest.mark.parametrize(
    ("limit", "outcome"),
    [
        (None, "passed"),
        (Limit(2, None, "design"), "passed"),
        (Limit(1, None, "design"), "failed"),
        (Limit(None, 6, "design"), "passed"),  # three were drawn, three are asked for
        (Limit(None, 5, "design"), "failed"),
    ],
)
def test_months_used_up_and_once_in_a_lifetime_are_held_against_what_was_drawn(
    person, entitlement, monkeypatch, limit, outcome
):
    Benefit.objects.create(
        policy_id=entitlement.policy_id,
        subject_kind="person",
        subject_key=str(person.pk),
        person=person,
        period_start=date(2024, 1, 1),
        period_until=date(2024, 4, 1),
        months=3,
        amount_fen=150_000,
        paid_on=date(2024, 4, 8),
        source="测试登记",
    )
    monkeypatch.setattr(lookups, "procedure_of", lambda claimed: SimpleNamespace(limit=limit))
    told = lookups.within_limits(found(entitlement))
    assert told.outcome == outcome
    assert "1 次、3 个月" in in_words(told.finding, told.looked_at)


def test_a_register_that_turned_since_the_approval_keeps_the_case_out_of_the_batch(
    case, approver, cashier, rules, budget, monkeypatch
):
    approve(case, approver, rules)
    monkeypatch.setattr(
        lookups,
        "lookups_of",
        lambda claimed: (Lookup("insured_elsewhere", "insured_as_employee", ("no",), "", "", "design"),),
    )
    with pytest.raises(ChecksFailedError, match="社会保险系统"):
        operations.put_into_batch(
            actor=cashier, case_ids=[case.pk], rules=rules, on=APPROVAL_DAY, at=at(APPROVAL_DAY)
        )


def granted_startup_grants(person, owner, caseworker, reviewer, rules, employers=("11", "12")):
    """A founder's cases for two businesses, both publicised; the grant is given once in a life."""
    cases = []
    for employer in employers:
        theirs = make_entitlement(
            person, policy_id="startup-grant", subject_kind="employer", subject_key=employer,
            period_start=None, period_until=None,
        )  # fmt: skip
        case = operations.confirm_own(actor=owner, entitlement_id=theirs.pk, rules=rules, on=DAY, at=at(DAY))
        for proof in proofs_of(case, on=DAY):
            operations.show_original(
                actor=caseworker, case_id=case.pk, evidence_id=proof.row.id, said="原件无误", on=DAY, at=at(DAY)
            )  # fmt: skip
        cases.append(publicised_case(case, caseworker, reviewer))
    return cases


def test_what_is_granted_and_not_paid_yet_counts_for_a_grant_given_once(
    person, owner, caseworker, reviewer, rules, budget
):
    boss = make_officer("市审批", "approver", "3210")
    first, second = granted_startup_grants(person, owner, caseworker, reviewer, rules)
    approve(first, boss, rules, on=LATER)
    with pytest.raises(ChecksFailedError, match=r"已领（含已批未付）1 次.*超过1 次的上限"):
        approve(second, boss, rules, on=LATER)


def test_of_two_grants_that_were_both_approved_the_first_is_paid_and_the_other_left_out(
    person, owner, caseworker, reviewer, rules, budget, cashier, monkeypatch
):
    boss = make_officer("市审批", "approver", "3210")
    first, second = granted_startup_grants(person, owner, caseworker, reviewer, rules)
    with monkeypatch.context() as before_it_was_counted:
        before_it_was_counted.setattr(lookups, "granted_before", lambda subject: [])
        approve(second, boss, rules, on=LATER)
        approve(first, boss, rules, on=LATER)
    made = operations.put_into_batch(
        actor=cashier, case_ids=[first.pk, second.pk], rules=rules, on=LATER, at=at(LATER)
    )
    assert [case.pk for case, _ in made.left_out] == [second.pk]
