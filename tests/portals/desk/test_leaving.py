"""Leaving a granted case from the pages: its applicant withdraws it, an approver takes the approval back."""

from __future__ import annotations

from datetime import date

import pytest

from jiuye.office.casework import operations
from jiuye.office.casework.checks import ChecksFailedError
from jiuye.office.casework.models import Case
from jiuye.office.funds.models import Reservation
from tests.office.casework.conftest import DAY, at
from tests.office.casework.journey import approve, publicised_case


@pytest.fixture
def approved(owner, entitlement, rules, caseworker, reviewer, approver, budget, settings) -> Case:
    settings.OFFICE_DATE = date(2025, 6, 18).isoformat()
    case = operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))
    return approve(publicised_case(case, caseworker, reviewer), approver, rules)


def test_an_applicant_withdraws_an_approved_case_from_their_own_page(desk_of, owner, approved):
    client = desk_of(owner)
    assert "我要撤回" in client.get(f"/my/cases/{approved.pk}/").text
    client.post(f"/my/cases/{approved.pk}/withdraw/", {"note": "已在外地领取"})
    approved.refresh_from_db()
    assert approved.state == "withdrawn"
    assert Reservation.objects.get().state == "released"


def test_an_approver_takes_back_an_approval_whose_payment_was_returned(desk_of, approver, approved):
    Case.objects.filter(pk=approved.pk).update(state="in_payment")
    Case.objects.filter(pk=approved.pk).update(state="payment_rejected", rejection="账号已销户")
    client = desk_of(approver)
    assert "撤销批准" in client.get(f"/desk/cases/{approved.pk}/").text
    client.post(f"/desk/cases/{approved.pk}/acts/undo_approval/", {"note": "金额变了"})
    approved.refresh_from_db()
    assert approved.state == "publicised"


def test_an_account_that_must_be_looked_at_can_be_updated_from_every_state_of_the_page(
    desk_of, caseworker, approved, cashier, rules
):
    approved.person.bank_account = "6222000000004321"
    approved.person.save(update_fields=["bank_account"])
    with pytest.raises(ChecksFailedError):
        operations.put_into_batch(
            actor=cashier, case_ids=[approved.pk], rules=rules, on=date(2025, 6, 18), at=at(date(2025, 6, 18))
        )
    page = desk_of(caseworker).get(f"/desk/cases/{approved.pk}/").text
    assert "按登记更新收款账户" in page
