"""A loan's money takes as many decision-makers as a case's: by the bands of the amount, each another person."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from jiuye.office.ventures import operations
from jiuye.office.ventures.models import LoanEvent, LoanSignature
from tests.office.ventures.conftest import APPLIED, at

DAY = date(2024, 11, 13)


def sign_guarantee(street, loan, who, fen: int = 20_000_000):
    return operations.guarantee(actor=who, loan_id=loan.pk, amount_fen=fen, on=APPLIED, at=at(APPLIED))


def sign_compensation(street, loan, who, fen: int = 20_000_000):
    return operations.compensate(
        actor=who,
        loan_id=loan.pk,
        fund="startup-guarantee",
        amount_fen=fen,
        note="逾期满90天",
        on=DAY,
        at=at(DAY),
    )


def test_a_guarantee_of_two_hundred_thousand_takes_two_people(street):
    loan = street.apply()
    assert sign_guarantee(street, loan, street.approver).state == "applied"
    with pytest.raises(operations.AlreadySignedError, match="共需 2 人"):
        sign_guarantee(street, loan, street.approver)
    assert sign_guarantee(street, loan, street.second).state == "guaranteed"
    assert LoanEvent.objects.get(act="sign").actor_name == "审批"


def test_a_small_guarantee_takes_one(street):
    loan = street.apply(5_000_000)
    assert sign_guarantee(street, loan, street.approver, 5_000_000).state == "guaranteed"


def test_another_amount_is_another_proposal_and_is_signed_anew(street):
    loan = street.apply()
    sign_guarantee(street, loan, street.approver)
    assert sign_guarantee(street, loan, street.second, 10_000_000).state == "applied"
    loan = sign_guarantee(street, loan, street.approver, 10_000_000)
    assert (loan.state, loan.guaranteed_fen) == ("guaranteed", 10_000_000)


def test_who_guaranteed_does_not_decide_that_the_fund_pays(street):
    loan = street.lend(plan=[(date(2024, 8, 15), 20_000_000)])
    for who in (street.approver, street.second):
        with pytest.raises(operations.GuarantorError, match="担保"):
            sign_compensation(street, loan, who)
    assert sign_compensation(street, loan, street.third).state == "disbursed"
    assert sign_compensation(street, loan, street.fourth).state == "compensated"


def test_the_database_takes_no_signature_of_the_guarantor_under_the_compensation_nor_two_of_one_person(
    street,
):
    loan = street.lend(plan=[(date(2024, 8, 15), 20_000_000)])
    sign_compensation(street, loan, street.third)
    values = {
        "loan": loan, "act": "compensate", "subject": loan.compensation_key, "round": 1, "ordinal": 2, "needed": 2,
        "amount_fen": 20_000_000, "terms": "startup-guarantee", "signed_by_name": "审批", "on_date": DAY, "at": at(DAY),
    }  # fmt: skip
    with pytest.raises(Exception, match="签批人不能是"), transaction.atomic():
        LoanSignature.objects.create(signed_by_id=street.approver.account_id, **values)
    with pytest.raises(IntegrityError, match="loan_signature_once_a_person"), transaction.atomic():
        LoanSignature.objects.create(signed_by_id=street.third.account_id, **values)


def test_the_signatures_of_a_compensation_that_was_taken_back_do_not_count_for_the_next(street):
    loan = street.lend(plan=[(date(2024, 8, 15), 20_000_000)])
    sign_compensation(street, loan, street.third)
    sign_compensation(street, loan, street.fourth)
    operations.undo_compensation(actor=street.third, loan_id=loan.pk, note="银行撤回申请", on=DAY, at=at(DAY))
    assert sign_compensation(street, loan, street.third).state == "disbursed"
    assert sign_compensation(street, loan, street.fourth).state == "compensated"
