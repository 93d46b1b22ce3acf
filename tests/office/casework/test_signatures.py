"""Signatures by bands of amount: how many, by whom, in what order, and an approval taken back while unpaid."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from jiuye.engine.basis.money import fen_from_yuan
from jiuye.engine.ledger.funds_file import load_funds
from jiuye.office.casework import operations
from jiuye.office.casework.models import Case, Signature
from jiuye.office.casework.operations.approving import AlreadySignedError, SamePersonError
from jiuye.office.casework.procedures import signatures_needed
from jiuye.office.casework.queries import one_case, todays_work
from jiuye.office.casework.states import NoteMissingError, WrongStateError
from jiuye.office.funds.models import Reservation
from jiuye.office.funds.operations import appropriate_for_demonstration, record_funds
from jiuye.office.staff.models import Account, Post
from jiuye.office.staff.queries import actor_for
from tests.office.casework.conftest import DAY, at, make_entitlement, make_officer
from tests.office.casework.journey import APPROVAL_DAY, approve, publicised_case

SIXTY_THOUSAND = 6_000_000


def granted_after(person, amount_fen, owner, caseworker, reviewer, rules) -> Case:
    """A case of that amount whose public notice is over."""
    entitlement = make_entitlement(person, amount_fen=amount_fen)
    case = operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))
    return publicised_case(case, caseworker, reviewer)


@pytest.fixture
def plenty(db, pack_dir):
    """A budget of a million yuan in 2025."""
    definitions, _ = load_funds(pack_dir / "funds.yaml")
    record_funds(funds=definitions.values())
    appropriate_for_demonstration(
        fund="employment-subsidy", year=2025, amount_fen=100_000_000, on=DAY, at=at(DAY)
    )


@pytest.fixture
def two_signatures(person, owner, caseworker, reviewer, rules, plenty) -> Case:
    return granted_after(person, SIXTY_THOUSAND, owner, caseworker, reviewer, rules)


@pytest.fixture
def second_approver(divisions):
    return make_officer("钱审批", "approver")


def test_sixty_thousand_yuan_take_two_people_and_the_second_reserves_the_money(
    two_signatures, approver, second_approver, rules
):
    case = approve(two_signatures, approver, rules)
    assert (case.state, Reservation.objects.count()) == ("publicised", 0)
    view = one_case(second_approver, case.pk, on=APPROVAL_DAY)
    assert (view.signing.signed, view.signing.needed) == (["赵审批"], 2)
    assert view.signing.may_sign == ["钱审批"]
    assert case in todays_work(second_approver, on=APPROVAL_DAY)
    assert case not in todays_work(approver, on=APPROVAL_DAY)
    case = approve(case, second_approver, rules)
    assert (case.state, case.approved_by_id) == ("approved", second_approver.account_id)
    assert Reservation.objects.get().amount_fen == SIXTY_THOUSAND
    signed = Signature.objects.order_by("ordinal").values_list("signed_by_name", "ordinal", "needed")
    assert list(signed) == [("赵审批", 1, 2), ("钱审批", 2, 2)]


def test_one_person_does_not_sign_twice_and_is_told_how_many_are_awaited(two_signatures, approver, rules):
    approve(two_signatures, approver, rules)
    with pytest.raises(AlreadySignedError, match="共需 2 人签批，已签 1 人"):
        approve(two_signatures, approver, rules)


@pytest.mark.parametrize(
    ("yuan", "signatures"), [("50000.00", 1), ("50000.01", 2), ("500000.00", 2), ("500000.01", 3)]
)
def test_the_band_of_the_amount_says_how_many_sign(entitlement, yuan, signatures):
    assert signatures_needed(entitlement, fen_from_yuan(yuan)) == signatures


def test_the_database_refuses_a_signature_of_whoever_reviewed_and_an_approval_with_too_few(
    two_signatures, reviewer, approver, rules
):
    row = {
        "case": two_signatures,
        "round": two_signatures.signing_round,
        "ordinal": 1,
        "needed": 2,
        "amount_fen": SIXTY_THOUSAND,
        "on_date": APPROVAL_DAY,
        "at": at(APPROVAL_DAY),
    }
    with pytest.raises(IntegrityError, match="签批人不能是代办、受理或审核过"), transaction.atomic():
        Signature.objects.create(**row, signed_by_id=reviewer.account_id, signed_by_name="李审核")
    with pytest.raises(IntegrityError, match="金额、轮次已经变了"), transaction.atomic():
        Signature.objects.create(
            **row | {"amount_fen": 1}, signed_by_id=approver.account_id, signed_by_name="赵审批"
        )
    approve(two_signatures, approver, rules)
    with pytest.raises(IntegrityError, match="签批人数不够"), transaction.atomic():
        Case.objects.filter(pk=two_signatures.pk).update(
            state="approved", approved_on=APPROVAL_DAY, approved_by=approver.account_id
        )


def test_signatures_are_never_edited(two_signatures, approver, rules):
    approve(two_signatures, approver, rules)
    with pytest.raises(Exception, match="Cannot update or delete"), transaction.atomic():
        Signature.objects.update(needed=1)


def test_an_approval_is_undone_with_a_reason_the_money_is_free_and_everybody_signs_again(
    two_signatures, approver, second_approver, rules
):
    approve(two_signatures, approver, rules)
    case = approve(two_signatures, second_approver, rules)
    with pytest.raises(NoteMissingError):
        operations.undo_approval(
            actor=approver, case_id=case.pk, note=" ", on=APPROVAL_DAY, at=at(APPROVAL_DAY)
        )
    case = operations.undo_approval(
        actor=approver, case_id=case.pk, note="金额要再核", on=APPROVAL_DAY, at=at(APPROVAL_DAY)
    )
    assert (case.state, case.approved_on, Reservation.objects.get().state) == ("publicised", None, "released")
    assert approve(case, approver, rules).state == "publicised"
    assert approve(case, second_approver, rules).state == "approved"
    assert sorted(Reservation.objects.values_list("state", flat=True)) == ["held", "released"]


def test_what_is_with_the_bank_is_not_undone(
    person, owner, caseworker, reviewer, approver, rules, budget, cashier
):
    case = granted_after(person, 150_000, owner, caseworker, reviewer, rules)
    case = approve(case, approver, rules)
    operations.put_into_batch(
        actor=cashier, case_ids=[case.pk], rules=rules, on=APPROVAL_DAY, at=at(APPROVAL_DAY)
    )
    with pytest.raises(WrongStateError, match="撤销批准"):
        operations.undo_approval(
            actor=approver, case_id=case.pk, note="想想", on=date(2025, 6, 18), at=at(date(2025, 6, 18))
        )


def test_the_reviewer_who_became_an_approver_still_does_not_sign(two_signatures, reviewer, rules):
    account = Account.objects.get(pk=reviewer.account_id)
    Post.objects.filter(account=account).update(until=DAY)
    Post.objects.create(account=account, role="approver", division_code="321002", start=DAY)
    with pytest.raises(SamePersonError):
        approve(two_signatures, actor_for(account, on=APPROVAL_DAY), rules)
