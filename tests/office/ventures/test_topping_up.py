"""A repayment is taken back after the fund has compensated the rest: the bank is owed more, and the fund pays that as well, by the same rules."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from jiuye.office.casework import operations as casework
from jiuye.office.casework.operations import confirm_claim_back
from jiuye.office.funds.models import Reservation
from jiuye.office.funds.operations import Due, PaidByBankError, receive_back
from jiuye.office.funds.queries import claim_payments, verify_ledger
from jiuye.office.messages.models import Message
from jiuye.office.staff.models import Account
from jiuye.office.ventures import operations
from jiuye.office.ventures.models import Loan, LoanSignature, LoanTopUp
from jiuye.office.ventures.operations.claims import compensation_claim
from jiuye.office.ventures.queries import WANTING, loans, position, wanting
from jiuye.office.ventures.states import NoteMissingError
from tests.office.ventures.conftest import at
from tests.office.ventures.test_taking_over_paid import paid_and_lost, taken_over

DAY, NEXT = date(2024, 11, 20), date(2024, 11, 27)
OWED = 8_000_000


@pytest.fixture
def owing(street) -> Loan:
    """200,000 yuan, of which 80,000 were entered as repaid by mistake; the fund has paid the bank the other 120,000."""
    loan = street.lend(plan=[(date(2024, 8, 15), 20_000_000)])
    wrong = street.repay(loan, OWED, "HK-1", date(2024, 11, 1))
    loan = street.compensate(loan, 20_000_000 - OWED, DAY)
    pay(street, loan)
    operations.undo_repayment(
        actor=street.approver, loan_id=loan.pk, repayment_id=wrong.pk, note="记错了贷款", on=DAY, at=at(DAY)
    )
    return Loan.objects.get(pk=loan.pk)


def pay(street, loan: Loan) -> None:
    street.settle(operations.pay_compensation(actor=street.maker, loan_id=loan.pk, on=DAY, at=at(DAY)), DAY)
    casework.collect_payment_results(on=DAY, at=at(DAY))


def more(loan: Loan, actor, fen: int = OWED, **changes) -> LoanTopUp | None:
    given = {"fund": "startup-guarantee", "note": "撤销了记错的还款", "on": NEXT} | changes
    return operations.compensate_more(
        actor=actor, loan_id=loan.pk, amount_fen=fen, at=at(given["on"]), **given
    )


def topped_up(street, loan: Loan) -> LoanTopUp:
    assert more(loan, street.third) is None  # 80,000 yuan take two
    found = more(loan, street.fourth)
    assert found is not None
    return found


def claim_all(street, loan: Loan, reference: str) -> None:
    """Claimed from the borrower, confirmed, and paid back whole."""
    left = operations.claimable_fen(Loan.objects.get(pk=loan.pk))
    claim = operations.recover_from_borrower(
        actor=street.maker, loan_id=loan.pk, document="扬担追〔2024〕3号", schedule=[Due(date(2025, 1, 15), left)],
        on=NEXT, at=at(NEXT),
    )  # fmt: skip
    for who in (street.third, street.fourth):
        if claim.state == "proposed":
            claim = confirm_claim_back(actor=who, recovery_id=claim.pk, on=NEXT, at=at(NEXT))
    receive_back(
        actor=street.maker, recovery_id=claim.pk, amount_fen=left, bank_reference=reference, on=NEXT, at=at(NEXT)
    )  # fmt: skip


def close(street, loan: Loan) -> Loan:
    return operations.close_recovered(actor=street.clerk, loan_id=loan.pk, on=NEXT, at=at(NEXT))


def test_what_the_bank_is_owed_besides_is_signed_by_two_reserved_paid_told_and_leaves_the_list(street, owing):
    assert position(owing, on=NEXT).outstanding_fen == OWED
    assert loans(actor=street.clerk).filter(wanting("owing", on=NEXT)).exists()
    top_up = topped_up(street, owing)
    assert Reservation.objects.get(claim_key=top_up.claim_key).amount_fen == OWED
    pay(street, owing)
    assert claim_payments([top_up.claim_key])[top_up.claim_key].state == "paid"
    assert position(Loan.objects.get(pk=owing.pk), on=NEXT).outstanding_fen == 0
    assert not any(loans(actor=street.clerk).filter(wanting(view, on=NEXT)).exists() for view in WANTING)
    told = Message.objects.filter(occasion="loan_compensated").order_by("pk")
    assert ["120,000.00" in row.body for row in told] == [True, False]
    assert "80,000.00" in told[1].body
    casework.collect_payment_results(on=NEXT, at=at(NEXT))
    assert told.count() == 2  # once each
    assert sum(row.amount_fen for row in street.bank.payouts()) == 20_000_000
    assert verify_ledger().faults == ()


def test_the_rules_of_a_compensation_hold_for_a_further_one(street, owing):
    with pytest.raises(operations.AmountOutOfRangeError, match=r"80,000\.00"):
        more(owing, street.third, OWED + 1)
    with pytest.raises(operations.GuarantorError):
        more(owing, street.approver)
    with pytest.raises(operations.FundNotForThisError):
        more(owing, street.third, fund="inclusive-finance")
    with pytest.raises(NoteMissingError, match="理由"):
        more(owing, street.third, note=" ")
    with pytest.raises(operations.NotLateEnoughError):
        more(owing, street.third, on=date(2024, 11, 1))
    more(owing, street.third)
    with pytest.raises(operations.AlreadySignedError):
        more(owing, street.third)
    assert not LoanTopUp.every.exists()


def test_the_database_compensates_no_more_than_was_lent_and_keeps_what_was_granted(street, owing):
    given = {"fund": "startup-guarantee", "granted_on": NEXT, "recorded_by_id": street.third.account_id}
    with pytest.raises(IntegrityError, match="合计不能超过放款金额"), transaction.atomic():
        LoanTopUp.objects.create(loan=owing, amount_fen=OWED + 1, **given)
    top_up = topped_up(street, owing)
    with pytest.raises(IntegrityError, match="合计不能超过放款金额"), transaction.atomic():
        LoanTopUp.objects.create(loan=owing, amount_fen=1, **given)
    with pytest.raises(IntegrityError, match="追加代偿不能修改"), transaction.atomic():
        LoanTopUp.objects.filter(pk=top_up.pk).update(amount_fen=1)
    guarantor = LoanSignature.objects.filter(act="guarantee").order_by("pk")[0].signed_by_id
    with pytest.raises(IntegrityError, match="代偿的签批人也不能是担保的签批人"), transaction.atomic():
        LoanSignature.objects.create(
            loan=owing, act="compensate", subject="x", round=1, ordinal=1, needed=1, amount_fen=1,
            signed_by_id=guarantor, signed_by_name="某", on_date=NEXT, at=at(NEXT),
        )  # fmt: skip


def test_a_further_compensation_is_taken_back_while_unpaid_and_the_first_one_is_not(street, owing):
    given = {"loan_id": owing.pk, "note": "借款人还清了", "on": NEXT, "at": at(NEXT)}
    top_up = topped_up(street, owing)
    loan = operations.undo_last_compensation(actor=street.third, **given)
    assert (loan.state, position(loan, on=NEXT).outstanding_fen) == ("compensated", OWED)
    assert Reservation.objects.get(claim_key=top_up.claim_key).state == "released"
    with pytest.raises(operations.CompensationPaidError):
        operations.undo_last_compensation(actor=street.third, **given)
    street.repay(loan, OWED, "HK-2", NEXT)
    with pytest.raises(operations.NotLateEnoughError):  # nothing is missing any more
        more(owing, street.third)


def test_the_page_offers_it_while_the_bank_is_owed_and_says_how_it_stands(street, owing, client, settings):
    settings.OFFICE_DATE = NEXT.isoformat()
    page, act = f"/desk/loans/{owing.pk}/", f"/desk/loans/{owing.pk}/compensate_more/"
    form = {"fund": "startup-guarantee", "amount": "80000", "note": "撤销了记错的还款"}
    for who in (street.third, street.fourth):
        client.force_login(Account.objects.get(pk=who.account_id))
        assert act in client.get(page).text
        said = client.post(act, form, follow=True).text
        assert ("还需其他审批人员签批" in said) == (who is street.third)
    shown = client.get(page).text
    assert act not in shown  # nothing is owed any more
    assert "80,000.00 · 2024年11月27日 · 已批准，等待付款" in shown
    client.post(f"/desk/loans/{owing.pk}/undo_compensation/", {"note": "借款人还清了"})
    shown = client.get(page).text
    assert "撤销追加代偿" in shown
    assert act in shown


def test_what_the_bank_was_paid_is_offered_neither_to_be_paid_nor_taken_back(street, owing, client, settings):
    settings.OFFICE_DATE = NEXT.isoformat()
    page, undo, paying = f"/desk/loans/{owing.pk}/", "undo_compensation/", "pay_compensation/"

    def offered(who, act: str) -> bool:
        client.force_login(Account.objects.get(pk=who.account_id))
        return f"{page}{act}" in client.get(page).text

    assert not offered(street.third, undo)
    assert not offered(street.maker, paying)
    topped_up(street, owing)
    assert offered(street.third, undo)
    assert offered(street.maker, paying)
    pay(street, owing)
    assert not offered(street.third, undo)
    assert not offered(street.maker, paying)


def test_a_further_compensation_that_the_bank_has_is_not_taken_back(street, owing):
    topped_up(street, owing)
    pay(street, owing)
    with pytest.raises(operations.CompensationPaidError):
        operations.undo_last_compensation(
            actor=street.third, loan_id=owing.pk, note="误", on=NEXT, at=at(NEXT)
        )


def test_the_loan_ends_when_all_that_the_fund_paid_has_come_back(street, owing):
    topped_up(street, owing)
    pay(street, owing)
    claim_all(street, owing, "ZH-1")
    with pytest.raises(operations.StillOwedError, match=r"80,000\.00"):
        close(street, owing)
    claim_all(street, owing, "ZH-2")
    assert close(street, owing).state == "recovered"
    assert verify_ledger().faults == ()


def test_a_loan_whose_first_compensation_came_back_is_claimed_from_again(street, owing):
    claim_all(street, owing, "ZH-1")
    assert close(street, owing).state == "recovered"
    topped_up(street, owing)
    owing.refresh_from_db()
    assert owing.state == "compensated"
    pay(street, owing)
    claim_all(street, owing, "ZH-2")
    assert close(street, owing).state == "recovered"


def test_a_further_compensation_that_a_restore_lost_is_taken_over(street, owing):
    top_up = topped_up(street, owing)
    paid_and_lost(street, compensation_claim(owing, top_up.claim_key), OWED, NEXT)
    with pytest.raises(PaidByBankError, match="付过"):
        operations.pay_compensation(actor=street.maker, loan_id=owing.pk, on=NEXT, at=at(NEXT))
    taken_over(street, NEXT)
    assert claim_payments([top_up.claim_key])[top_up.claim_key].state == "paid"
    assert len(street.bank.payouts()) == 2
