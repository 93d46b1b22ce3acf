"""Claiming a paid case back from the pages: proposed by the cashier, confirmed by an approver, read by whoever owes."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from jiuye.office.casework import operations
from jiuye.office.casework.models import Case
from jiuye.office.funds import operations as funds
from jiuye.office.funds.models import Recovery
from jiuye.office.staff.models import Account, Post
from jiuye.office.staff.queries import actor_for
from tests.office.casework.conftest import DAY, at, make_officer
from tests.office.casework.journey import APPROVAL_DAY, approve, publicised_case
from tests.portals.refused_forms import losses, walked

PAY_DAY = date(2025, 6, 18)
FORM = {
    "amount": "500",
    "ground": "不符合条件领取",
    "document": "扬人社追〔2025〕1号",
    "first_due": "2025-07-20",
    "months": "2",
}


@pytest.fixture
def paid(
    owner, entitlement, rules, caseworker, reviewer, approver, budget, cashier, second_cashier, bank, settings
) -> Case:
    settings.OFFICE_DATE = PAY_DAY.isoformat()
    given = {"on": PAY_DAY, "at": at(PAY_DAY)}
    case = operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))
    approve(publicised_case(case, caseworker, reviewer), approver, rules)
    batch = operations.put_into_batch(actor=cashier, case_ids=[case.pk], rules=rules, **given).batch
    funds.approve_batch(actor=second_cashier, batch=batch, **given)
    sent = funds.send_batch(actor=second_cashier, batch=batch, bank=bank, **given)
    operations.settle_batch(actor=second_cashier, batch=sent, bank=bank, **given)
    case.refresh_from_db()
    return case


@pytest.mark.django_db(transaction=True)
def test_the_ledger_of_a_case_at_a_past_moment_ends_there(desk_of, cashier, paid):
    def entries(asked: dict[str, str]) -> int:
        page = desk_of(cashier).get(f"/desk/cases/{paid.pk}/", asked).text
        ledger = page[page.index("<h2>账目</h2>") :]
        return ledger[: ledger.index("</table>")].count("<tr") - 1

    assert entries({}) == 2  # reserved, and paid the day after
    assert entries({"at": APPROVAL_DAY.isoformat()}) == 1


@pytest.mark.django_db(transaction=True)
def test_a_claim_goes_from_the_case_to_a_second_officer_and_to_the_debtors_page(
    desk_of, cashier, second_cashier, approver, owner, paid
):
    window, mine = desk_of(cashier), desk_of(owner)
    page = window.get(f"/desk/cases/{paid.pk}/").text
    assert f"/desk/payments/recoveries/new/?case={paid.number}" in page
    wrong = window.post("/desk/payments/recoveries/new/", FORM | {"case": "case:1"})
    assert wrong.status_code == 422
    assert "办件编号要写全" in wrong.text
    assert "不符合条件领取" in wrong.text
    window.post("/desk/payments/recoveries/new/", FORM | {"case": paid.number})
    found = Recovery.objects.get()
    assert found.state == "proposed"
    assert "要退还的款项" not in mine.get(f"/my/cases/{paid.pk}/").text
    assert "提出追回" not in mine.get(f"/my/cases/{paid.pk}/").text
    other = desk_of(approver)
    assert "由您确认" in other.get(f"/desk/payments/recoveries/{found.pk}/").text
    lost = losses([(other, f"/desk/payments/recoveries/{found.pk}/")])
    walked(__file__, lost)
    other.post(f"/desk/payments/recoveries/{found.pk}/decide/confirm/")
    found.refresh_from_db()
    assert found.state == "open"
    shown = other.get(f"/desk/payments/recoveries/{found.pk}/").text
    with pytest.raises(funds.SameOfficerError) as refused:
        operations.drop_claim_back(
            actor=approver, recovery_id=found.pk, reason="不追", on=PAY_DAY, at=at(PAY_DAY)
        )
    assert str(refused.value) in shown  # the page says what the act would say
    assert "撤回的理由" not in shown
    page = mine.get(f"/my/cases/{paid.pk}/").text
    for words in ("要退还的款项", "不符合条件领取", "扬人社追〔2025〕1号", "2025年7月20日"):
        assert words in page
    mine_too, other_till = f"/desk/payments/recoveries/{found.pk}/", desk_of(second_cashier)
    window.post(f"{mine_too}receive/", {"amount": "500", "bank_reference": "LS-1"})
    form = {"receipt": found.receipts.get().pk, "reason": "记错了办件"}
    assert "这笔到账是您登记的" in window.post(f"{mine_too}undo-receipt/", form, follow=True).text
    assert other_till.post(f"{mine_too}undo-receipt/", form).status_code == 302
    assert "已撤销，不再计算：2025年6月18日，记错了办件" in other_till.get(mine_too).text
    assert "撤销到账登记" in mine.get(f"/my/cases/{paid.pk}/").text


@pytest.mark.django_db(transaction=True)
def test_the_page_of_a_withdrawn_claim_says_who_confirmed_it_and_who_withdrew_it(
    desk_of, cashier, second_cashier, approver, paid
):
    desk_of(cashier).post("/desk/payments/recoveries/new/", FORM | {"case": paid.number})
    page = f"/desk/payments/recoveries/{Recovery.objects.get().pk}/"
    second, third = make_officer("钱审批", "approver"), make_officer("孙审批", "approver")
    desk_of(second).post(f"{page}decide/confirm/")
    assert "撤回的理由" in desk_of(third).get(page).text
    desk_of(third).post(f"{page}decide/drop/", {"reason": "银行已退回原付款"})
    shown = desk_of(approver).get(page).text
    for words in ("签批：确认追回", "钱审批", "签批：撤回追回决定", "孙审批", "银行已退回原付款"):
        assert words in shown


@pytest.mark.django_db(transaction=True)
def test_whoever_paid_and_has_come_to_approve_is_told_why_instead_of_offered_the_form(
    desk_of, cashier, second_cashier, paid, settings
):
    desk_of(cashier).post("/desk/payments/recoveries/new/", FORM | {"case": paid.number})
    found = Recovery.objects.get()
    # He leaves the till and approves from the next day on; what he paid stays paid by him.
    next_day, account = PAY_DAY + timedelta(days=1), Account.objects.get(pk=second_cashier.account_id)
    settings.OFFICE_DATE = next_day.isoformat()
    Post.objects.filter(account=account).update(until=next_day)
    Post.objects.create(account=account, role="approver", division_code="321002", start=next_day)
    moved = actor_for(account, on=next_day)
    shown = desk_of(moved).get(f"/desk/payments/recoveries/{found.pk}/").text
    with pytest.raises(funds.SameProposerError) as refused:
        operations.confirm_claim_back(actor=moved, recovery_id=found.pk, on=next_day, at=at(next_day))
    assert str(refused.value) in shown
    assert "由您确认" not in shown
