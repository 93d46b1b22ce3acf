"""A batch that the bank refuses: the page says what to do, keeps what was typed, and the cases wait for payment again."""

from __future__ import annotations

from datetime import date

import pytest

from jiuye.exchange.bank import Instruction, Submission
from jiuye.office.casework import operations
from jiuye.office.funds import operations as funds
from jiuye.office.funds.models import PaymentBatch
from tests.office.casework.conftest import DAY, at
from tests.office.casework.journey import approve, publicised_case
from tests.portals.refused_forms import losses, walked

PAY_DAY = date(2025, 6, 18)


@pytest.mark.django_db(transaction=True)
def test_a_refused_batch_is_given_up_with_words_and_its_case_waits_again(
    desk_of, owner, entitlement, rules, caseworker, reviewer, approver, budget, cashier, second_cashier, bank,
    settings, monkeypatch,
):  # fmt: skip
    settings.OFFICE_DATE = PAY_DAY.isoformat()
    monkeypatch.setattr("jiuye.portals.desk.payments.views.installed_bank", lambda: bank)
    given = {"on": PAY_DAY, "at": at(PAY_DAY)}
    case = operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))
    approve(publicised_case(case, caseworker, reviewer), approver, rules)
    batch = operations.put_into_batch(actor=cashier, case_ids=[case.pk], rules=rules, **given).batch
    other = Instruction("case:999#1", "张三", "6222021108000000017", "", 100)
    bank.submit(Submission(batch.number, "fund", DAY, (other,)))
    funds.approve_batch(actor=second_cashier, batch=batch, **given)
    window, page = desk_of(second_cashier), f"/desk/payments/batches/{batch.pk}/"
    assert "银行拒收" not in window.get(page).text
    window.post(f"{page}send_batch/")
    assert PaymentBatch.objects.get().state == "sending"
    walked(__file__, losses([(window, page)]))
    assert "银行拒收" not in desk_of(approver).get(page).text
    window.post(f"{page}give-up/", {"reason": "银行来电：批次号已用过"})
    assert PaymentBatch.objects.get().state == "discarded"
    assert "银行来电：批次号已用过" in window.get(page).text
    case.refresh_from_db()
    assert case.state == "approved"
