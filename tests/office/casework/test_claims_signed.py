"""A claim for money back, and giving one up, take as many different people as the band of the amount: by the mechanism of loans."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction

from jiuye.office.casework import operations
from jiuye.office.casework.models import Case
from jiuye.office.funds import operations as funds
from jiuye.office.funds.models import Recovery, RecoverySignature
from jiuye.office.funds.signing import AlreadySignedError
from jiuye.office.messages.models import Message
from tests.office.casework.conftest import at, make_officer
from tests.office.casework.journey import approve
from tests.office.casework.test_claiming_back import AUGUST, JULY, claimed, propose, receive
from tests.office.casework.test_paying import GIVEN, batch_of, pay
from tests.office.casework.test_signatures import (  # noqa: F401 (the fixtures are used by name)
    SIXTY_THOUSAND,
    plenty,
    two_signatures,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def second(divisions):
    return make_officer("钱审批", "approver")


@pytest.fixture
def third(divisions):
    return make_officer("孙审批", "approver")


@pytest.fixture
def fourth(divisions):
    return make_officer("尤审批", "approver")


@pytest.fixture
def paid(two_signatures, approver, second, rules, cashier, second_cashier, bank) -> Case:  # noqa: F811
    """60,000 yuan, signed by two, paid in June."""
    case = approve(approve(two_signatures, approver, rules), second, rules)
    pay(batch_of([case], cashier, rules), second_cashier, bank)
    case.refresh_from_db()
    assert case.state == "paid"
    return case


def confirm(recovery: Recovery, officer) -> Recovery:
    return operations.confirm_claim_back(actor=officer, recovery_id=recovery.pk, **GIVEN)


def waive(recovery: Recovery, officer, reason: str = "已死亡，无遗产") -> Recovery:
    return operations.waive_back(
        actor=officer, recovery_id=recovery.pk, reason=reason, on=AUGUST, at=at(AUGUST)
    )


def opened(paid, cashier, approver, second) -> Recovery:
    return confirm(confirm(propose(paid, cashier, SIXTY_THOUSAND), approver), second)


def test_sixty_thousand_yuan_are_claimed_back_by_two_and_nobody_is_told_before_the_second(
    paid, cashier, approver, second
):
    found = propose(paid, cashier, SIXTY_THOUSAND)
    told = Message.objects.count()
    assert confirm(found, approver).state == "proposed"
    assert Message.objects.count() == told
    assert paid.timeline.order_by("-pk").first().act == "sign_claim_back"
    with pytest.raises(AlreadySignedError, match="共需 2 人签批，已签 1 人"):
        confirm(found, approver)
    found = confirm(found, second)
    assert (found.state, found.decided_by_id) == ("open", second.account_id)
    assert Message.objects.count() > told


def test_a_small_claim_takes_one(paid, cashier, approver):
    assert claimed(paid, cashier, approver).state == "open"


def test_what_is_still_owed_says_how_many_give_it_up(paid, cashier, approver, second, third, fourth):
    found = opened(paid, cashier, approver, second)
    assert waive(found, fourth, "失踪").state == "open"
    assert paid.timeline.order_by("-pk").first().act == "sign_waiver"
    with pytest.raises(AlreadySignedError):
        waive(found, fourth)
    with pytest.raises(funds.SameOfficerError, match="您批准支付的"):
        waive(found, second)  # whose signature granted the payment
    found = waive(found, third)
    assert (found.state, found.waived_by_id) == ("waived", third.account_id)
    reasons = RecoverySignature.objects.filter(act="waive").order_by("pk").values_list("words", flat=True)
    assert list(reasons) == ["失踪", "已死亡，无遗产"]


def test_money_that_comes_in_between_makes_another_amount_which_is_signed_anew(
    paid, cashier, approver, second, third, fourth
):
    found = opened(paid, cashier, approver, second)
    waive(found, fourth)
    receive(found, cashier, 100_000)
    assert waive(found, third).state == "open"
    assert waive(found, fourth).state == "waived"


def test_once_little_is_owed_one_gives_it_up(paid, cashier, approver, second, third):
    found = opened(paid, cashier, approver, second)
    receive(found, cashier, 1_000_000)
    assert waive(found, third).state == "waived"


def test_whoever_signed_that_it_is_owed_gives_nothing_of_it_up(paid, cashier, approver, second, third):
    found = confirm(confirm(propose(paid, cashier, SIXTY_THOUSAND), third), approver)
    receive(found, cashier, 1_000_000)
    for who in (third, approver):  # the first signature binds as the last one does
        with pytest.raises(funds.SameOfficerError, match=r"您确认的.*没有参与确认的另一位审批人员"):
            waive(found, who)
    values = {
        "recovery": found, "act": "waive", "subject": f"recovery-waive:{found.pk}", "round": 1, "ordinal": 1, "needed": 1,
        "amount_fen": 1, "words": "绕过", "signed_by_name": "某", "on_date": AUGUST, "at": at(AUGUST),
    }  # fmt: skip
    with pytest.raises(IntegrityError, match="不能是签批确认这项追回的人"), transaction.atomic():
        RecoverySignature.objects.create(signed_by_id=third.account_id, **values)
    with pytest.raises(IntegrityError, match="recovery_not_waived_by_who_confirmed"), transaction.atomic():
        Recovery.objects.filter(pk=found.pk).update(waived_by_id=approver.account_id)
    found.refresh_from_db()
    assert found.state == "open"


def withdraw(recovery: Recovery, officer) -> Recovery:
    return operations.drop_claim_back(
        actor=officer, recovery_id=recovery.pk, reason="原付款已由银行退回", on=AUGUST, at=at(AUGUST)
    )


def test_whoever_signed_that_it_is_owed_does_not_withdraw_it_either(
    paid, cashier, approver, second, third, fourth
):
    found = confirm(confirm(propose(paid, cashier, SIXTY_THOUSAND), third), approver)
    with pytest.raises(funds.SameOfficerError, match=r"您确认的.*不能由您撤回"):
        withdraw(found, third)
    values = {
        "recovery": found, "act": "withdraw", "subject": f"recovery-withdraw:{found.pk}", "round": 1, "ordinal": 1,
        "needed": 1, "amount_fen": 1, "words": "绕过", "signed_by_name": "某", "on_date": AUGUST, "at": at(AUGUST),
    }  # fmt: skip
    with pytest.raises(IntegrityError, match="不能是签批确认这项追回的人"), transaction.atomic():
        RecoverySignature.objects.create(signed_by_id=third.account_id, **values)
    with pytest.raises(IntegrityError, match="撤回追回决定的不能是确认追回的人"), transaction.atomic():
        Recovery.objects.filter(pk=found.pk).update(state="dropped", dropped_because="绕过")
    assert withdraw(found, fourth).state == "open"
    fifth = make_officer("褚审批", "approver")
    assert withdraw(found, fifth).state == "dropped"


def test_the_database_confirms_and_waives_nothing_without_the_last_signature(paid, cashier, approver, second):
    found = confirm(propose(paid, cashier, SIXTY_THOUSAND), approver)
    with pytest.raises(IntegrityError, match="最后一签的人就是确认人"), transaction.atomic():
        Recovery.objects.filter(pk=found.pk).update(
            state="open", decided_by=approver.account_id, decided_on=JULY
        )
    found = confirm(found, second)
    with pytest.raises(IntegrityError, match="最后一签的人就是核销人"), transaction.atomic():
        Recovery.objects.filter(pk=found.pk).update(
            state="waived", waived_by=approver.account_id, waived_on=AUGUST, waived_because="无"
        )


def test_the_database_takes_no_signature_of_who_proposed_or_paid(paid, cashier, approver, second_cashier):
    found = propose(paid, cashier, SIXTY_THOUSAND)
    values = {
        "recovery": found, "act": "confirm", "subject": f"recovery-confirm:{found.pk}", "round": 1, "ordinal": 1, "needed": 2,
        "amount_fen": SIXTY_THOUSAND, "signed_by_name": "某", "on_date": JULY, "at": at(JULY),
    }  # fmt: skip
    for who in (cashier, second_cashier):  # one proposed and paid, the other released the payment
        with pytest.raises(IntegrityError, match="签批人不能是提出追回的人"), transaction.atomic():
            RecoverySignature.objects.create(signed_by_id=who.account_id, **values)
    outsider = make_officer("周审批", "approver")
    row = RecoverySignature.objects.create(signed_by_id=outsider.account_id, **values)
    with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
        RecoverySignature.objects.filter(pk=row.pk).update(words="改")


def test_who_proposed_does_not_sign_with_another_post_either(paid, cashier):
    found = propose(paid, cashier, SIXTY_THOUSAND)
    both = replace(cashier, posts=(*cashier.posts, ("approver", "3210", "")))
    with pytest.raises(funds.SameProposerError):
        funds.confirm_claim_back(actor=both, recovery_id=found.pk, **GIVEN)
