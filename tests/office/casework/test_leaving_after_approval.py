"""A granted case that is not paid can still be left properly: its approval is taken back, or its applicant withdraws it."""

from __future__ import annotations

from datetime import date

import pytest

from jiuye.office.casework import operations
from jiuye.office.casework.checks import ChecksFailedError
from jiuye.office.casework.models import Case
from jiuye.office.casework.operations.paying import PayeeNotConfirmedError
from jiuye.office.casework.rules import Decision
from jiuye.office.casework.states import WrongStateError
from jiuye.office.entitlements.models import Benefit
from jiuye.office.funds.models import Budget, Reservation
from jiuye.office.messages.models import Message
from jiuye.office.registry.models import Person
from jiuye.office.staff.queries import NotPermittedError
from tests.office.casework.conftest import DAY, at
from tests.office.casework.journey import approve, publicised_case
from tests.office.casework.test_paying import GIVEN, PAY_DAY, batch_of, pay

pytestmark = pytest.mark.django_db(transaction=True)

CLOSED_ACCOUNT = "6222000000004040"  # the pretend bank sends back what goes to an account that ends so


@pytest.fixture
def approved(owner, entitlement, rules, caseworker, reviewer, approver, budget) -> Case:
    case = operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))
    return approve(publicised_case(case, caseworker, reviewer), approver, rules)


@pytest.fixture
def returned(approved, caseworker, cashier, second_cashier, bank, rules) -> Case:
    """Its payment came back from the bank."""
    Person.objects.filter(pk=approved.person_id).update(bank_account=CLOSED_ACCOUNT)
    operations.refresh_payee(actor=caseworker, case_id=approved.pk, note="本人更换账户", **GIVEN)
    pay(batch_of([approved], cashier, rules), second_cashier, bank)
    approved.refresh_from_db()
    assert approved.state == "payment_rejected"
    return approved


def test_the_approval_of_a_returned_payment_is_taken_back_its_money_is_free_and_the_applicant_is_told(
    returned, approver
):
    case = operations.undo_approval(actor=approver, case_id=returned.pk, note="金额变了", **GIVEN)
    assert (case.state, case.approved_on, case.signing_round) == ("publicised", None, 2)
    assert case.signatures.filter(round=case.signing_round).count() == 0
    assert Reservation.objects.get().state == "released"
    assert Budget.objects.get(fund__code="employment-subsidy").account.available_fen == 1_000_000
    told = Message.objects.get(occasion="case_approval_undone")
    assert told.person_id == case.person_id
    assert "金额变了" in told.body
    event = case.timeline.order_by("-pk").first()
    assert (event.act, event.from_state, event.note) == ("undo_approval", "payment_rejected", "金额变了")


def test_a_returned_case_whose_amount_changed_is_taken_back_put_right_and_paid_with_the_new_amount(
    returned, owner, entitlement, caseworker, reviewer, approver, cashier, second_cashier, bank, rules
):
    rules.answers[entitlement.pk] = Decision("yes", 120_000, "v2")
    Person.objects.filter(pk=returned.person_id).update(bank_account="6222000000004321")
    operations.refresh_payee(actor=caseworker, case_id=returned.pk, note="本人来电更正", **GIVEN)
    with pytest.raises(ChecksFailedError, match="请由审批人员撤销批准"):
        batch_of([returned], cashier, rules)
    operations.undo_approval(actor=approver, case_id=returned.pk, note="按新金额办理", **GIVEN)
    operations.request_correction(
        actor=reviewer,
        case_id=returned.pk,
        corrections={"clause:insured": "请按新金额确认"},
        rules=rules,
        **GIVEN,
    )
    case = operations.correct(actor=owner, case_id=returned.pk, note="同意", rules=rules, **GIVEN)
    assert (case.state, case.amount_fen) == ("confirmed", 120_000)
    publicised_case(case, caseworker, reviewer, on=PAY_DAY)
    later = date(2025, 6, 27)
    approve(case, approver, rules, on=later)
    assert Reservation.objects.get(state="held").amount_fen == 120_000


@pytest.mark.parametrize("state", ["approved", "publicised"])
def test_the_sentence_of_a_changed_amount_says_what_can_be_done_from_that_very_state(
    state, owner, entitlement, caseworker, reviewer, approver, cashier, budget, rules
):
    case = operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))
    publicised_case(case, caseworker, reviewer)
    if state == "approved":
        approve(case, approver, rules)
    rules.answers[entitlement.pk] = Decision("yes", 120_000, "v2")
    go_on = (lambda: batch_of([case], cashier, rules)) if state == "approved" else None
    with pytest.raises(ChecksFailedError) as refused:
        (go_on or (lambda: approve(case, approver, rules)))()
    said = str(refused.value)
    assert ("请由审核人员退回补正，按新金额办理" in said) is (state == "publicised")
    assert ("请由审批人员撤销批准，再退回补正" in said) is (state == "approved")


def test_an_account_that_the_bank_sent_back_is_not_paid_again_by_way_of_a_new_approval(
    returned, approver, caseworker, cashier, rules
):
    case = operations.undo_approval(actor=approver, case_id=returned.pk, note="再核", **GIVEN)
    approve(case, approver, rules, on=PAY_DAY)
    with pytest.raises(PayeeNotConfirmedError):
        batch_of([case], cashier, rules)
    operations.refresh_payee(actor=caseworker, case_id=case.pk, note="本人来电核对", **GIVEN)
    assert batch_of([case], cashier, rules).lines.count() == 1


def test_an_applicant_withdraws_what_was_approved_and_the_money_is_free(approved, owner):
    case = operations.withdraw(actor=owner, case_id=approved.pk, note="已在外地领取", **GIVEN)
    assert case.state == "withdrawn"
    assert Reservation.objects.get().state == "released"
    assert Benefit.objects.count() == 0


def test_an_applicant_withdraws_what_the_bank_sent_back(returned, owner):
    assert operations.withdraw(actor=owner, case_id=returned.pk, note="不要了", **GIVEN).state == "withdrawn"
    assert Reservation.objects.get().state == "released"


def test_what_is_with_the_bank_is_not_withdrawn(approved, owner, cashier, rules):
    batch_of([approved], cashier, rules)
    with pytest.raises(WrongStateError, match="付款中"):
        operations.withdraw(actor=owner, case_id=approved.pk, note="不要了", **GIVEN)
    assert Reservation.objects.get().state == "held"


def test_nobody_else_withdraws_an_approved_case(approved, reviewer):
    with pytest.raises(NotPermittedError):
        operations.withdraw(actor=reviewer, case_id=approved.pk, note="不要了", **GIVEN)
    assert Reservation.objects.get().state == "held"


def test_a_withdrawn_case_that_was_approved_is_taken_up_again_and_signed_anew(
    approved, owner, caseworker, reviewer, approver, rules
):
    operations.withdraw(actor=owner, case_id=approved.pk, note="以后再说", **GIVEN)
    case = operations.reopen(actor=caseworker, case_id=approved.pk, note="本人要求", rules=rules, **GIVEN)
    assert (case.state, case.signing_round) == ("confirmed", 2)
    publicised_case(case, caseworker, reviewer, on=PAY_DAY)
    approve(case, approver, rules, on=date(2025, 6, 27))
    assert sorted(Reservation.objects.values_list("state", flat=True)) == ["held", "released"]
