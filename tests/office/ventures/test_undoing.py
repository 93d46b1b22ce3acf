"""A repayment, or a receipt of the fund's claim, that was entered on the wrong loan: taken back by another officer, and the loan goes on."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from jiuye.office.casework import operations as casework
from jiuye.office.casework.operations.claiming_back import DrawnSinceError
from jiuye.office.entitlements.models import Benefit
from jiuye.office.funds.models import RecoveryReceipt
from jiuye.office.funds.operations import Due, waive
from jiuye.office.funds.queries import verify_ledger
from jiuye.office.funds.queries.reconciling import claimed_back
from jiuye.office.messages.models import Message
from jiuye.office.ventures import operations
from jiuye.office.ventures.models import LoanRepayment
from jiuye.office.ventures.operations import undoing
from jiuye.office.ventures.queries import position
from jiuye.office.ventures.states import NoteMissingError
from tests.office.ventures.conftest import at, officer
from tests.office.ventures.test_after_compensation import DAY, NEXT, compensated, paid_and_claimed_back
from tests.office.ventures.test_claims_on_loans import (  # noqa: F401 (the fixture is used by name)
    AUGUST,
    OVER_FEN,
    claim,
    confirm,
    overpaid,
    receive,
)
from tests.office.ventures.test_claims_on_loans_pages import client_of
from tests.office.ventures.test_corrections import AFTER_REPAYMENT_FEN, APRIL, JULY

MAY = date(2024, 5, 6)


def undo(street, loan, repayment, *, by="second", note="记错了贷款，应记在另一笔"):
    return operations.undo_repayment(
        actor=getattr(street, by), loan_id=loan.pk, repayment_id=repayment.pk, note=note, on=MAY, at=at(MAY)
    )


def take_receipt_back(street, recovery, on=AUGUST):
    receipt = RecoveryReceipt.objects.filter(recovery=recovery).order_by("-pk")[0]
    return casework.undo_receipt(
        actor=street.checker,
        recovery_id=recovery.pk,
        receipt_id=receipt.pk,
        reason="记错了",
        on=on,
        at=at(on),
    )


def test_the_whole_principal_entered_on_the_wrong_loan_is_taken_back_and_the_true_repayments_are_taken(
    street,
):
    loan = street.lend()
    wrong = street.repay(loan, 20_000_000, "HK-1", MAY)
    loan.refresh_from_db()
    assert loan.state == "repaid"
    undo(street, loan, wrong)
    loan.refresh_from_db()
    assert (loan.state, position(loan, on=MAY).outstanding_fen) == ("disbursed", 20_000_000)
    street.repay(loan, 1_000_000, "HK-1", MAY)  # the bank's reference is free for the right entry
    assert position(loan, on=MAY).outstanding_fen == 19_000_000
    last = loan.timeline.filter(act="undo_repayment").get()
    assert (last.from_state, last.to_state, last.note) == ("repaid", "disbursed", "记错了贷款，应记在另一笔")


def test_interest_counts_a_repayment_that_was_taken_back_no_more(street):
    loan = street.lend()
    wrong = street.repay(loan, 19_000_000, "HK-1", date(2024, 4, 11))
    undo(street, loan, wrong)
    assert street.reckon(loan, APRIL, JULY).amount_fen == 99_083


def test_nobody_takes_back_what_they_entered_nor_twice_nor_without_words(street):
    loan = street.lend()
    wrong = street.repay(loan, 1_000_000, "HK-1", MAY)
    with pytest.raises(undoing.SameRecorderError):
        undo(street, loan, wrong, by="clerk")
    with pytest.raises(NoteMissingError):
        undo(street, loan, wrong, note=" ")
    undo(street, loan, wrong)
    with pytest.raises(undoing.RepaymentUnknownError):
        undo(street, loan, wrong)
    for change in ({"principal_fen": 1}, {"undone_because": "别的"}):
        with pytest.raises(IntegrityError, match="撤销一次"), transaction.atomic():
            LoanRepayment.every.filter(pk=wrong.pk).update(**change)


def test_a_loan_does_not_run_again_beside_the_one_that_its_founder_has_borrowed_since(street):
    loan = street.lend()
    wrong = street.repay(loan, 20_000_000, "HK-1", MAY)
    later = operations.apply_for(
        actor=street.clerk, kind="personal", employer_id=street.firm.pk, wanted_fen=1_000_000, on=MAY, at=at(MAY)
    )  # fmt: skip
    with pytest.raises(undoing.OtherLoanRunsError, match=later.number):
        undo(street, loan, wrong)
    assert LoanRepayment.objects.get() == wrong


def test_a_receipt_of_overpaid_interest_taken_back_lets_it_stand_as_drawn_again(street, overpaid):  # noqa: F811
    found = confirm(street.third, claim(street, overpaid))
    receive(street, found, OVER_FEN)
    assert Benefit.objects.get().amount_fen == AFTER_REPAYMENT_FEN
    take_receipt_back(street, found)
    found.refresh_from_db()
    assert (found.state, Benefit.objects.get().amount_fen) == ("open", 99_083)
    with pytest.raises(operations.OverpaidInterestError, match=r"929\.81"):
        street.reckon(overpaid.loan, APRIL, AUGUST)
    receive(street, found, OVER_FEN)
    assert Benefit.objects.get().amount_fen == AFTER_REPAYMENT_FEN
    assert verify_ledger().faults == ()


def test_a_loan_that_was_closed_on_a_wrong_receipt_is_claimed_from_again(street):
    loan = compensated(street, 16_000_000)
    recovery = paid_and_claimed_back(street, loan)
    casework.receive_back(
        actor=street.maker, recovery_id=recovery.pk, amount_fen=16_000_000, bank_reference="ZH-1", on=NEXT, at=at(NEXT)
    )  # fmt: skip
    loan = operations.close_recovered(actor=street.clerk, loan_id=loan.pk, on=NEXT, at=at(NEXT))
    assert loan.state == "recovered"
    take_receipt_back(street, recovery, NEXT)
    loan.refresh_from_db()
    recovery.refresh_from_db()
    assert (loan.state, recovery.state) == ("compensated", "open")
    with pytest.raises(operations.StillOwedError, match=r"160,?000\.00"):
        operations.close_recovered(actor=street.clerk, loan_id=loan.pk, on=NEXT, at=at(NEXT))


def test_a_wrong_receipt_beside_a_waiver_is_claimed_anew_and_the_loan_ends_as_written_off(street):
    loan = compensated(street, 16_000_000)
    recovery = paid_and_claimed_back(street, loan)
    casework.receive_back(
        actor=street.maker, recovery_id=recovery.pk, amount_fen=1_000_000, bank_reference="ZH-1", on=NEXT, at=at(NEXT)
    )  # fmt: skip
    waive(actor=street.approver, recovery_id=recovery.pk, reason="借款人死亡，无遗产", on=NEXT, at=at(NEXT))
    loan = operations.close_recovered(actor=street.clerk, loan_id=loan.pk, on=NEXT, at=at(NEXT))
    take_receipt_back(street, recovery, NEXT)
    again = operations.recover_from_borrower(
        actor=street.maker, loan_id=loan.pk, document="扬担追〔2024〕4号", schedule=[Due(date(2025, 1, 15), 1_000_000)],
        on=NEXT, at=at(NEXT),
    )  # fmt: skip
    assert again.amount_fen == 1_000_000
    confirm(street.third, again, NEXT)
    receive(street, again, 1_000_000, "ZH-1")
    loan = operations.close_recovered(actor=street.clerk, loan_id=loan.pk, on=AUGUST, at=at(AUGUST))
    assert loan.state == "written_off"


def test_the_page_of_the_loan_takes_a_repayment_back_and_keeps_it_in_the_list(street, settings):
    settings.OFFICE_DATE = MAY.isoformat()
    loan = street.lend()
    wrong = street.repay(loan, 1_000_000, "HK-1", MAY)
    page, client = f"/desk/loans/{loan.pk}/", client_of(street.second)
    form = {"repayment": wrong.pk, "note": "记错了贷款"}
    own = client_of(street.clerk).post(f"{page}undo_repayment/", form)
    assert (own.status_code, "这笔还款是您登记的" in own.text) == (422, True)
    assert client.post(f"{page}undo_repayment/", form).status_code == 302
    text = client.get(page).text
    assert "已撤销，不再计算：2024年5月6日，记错了贷款" in text
    assert f"{page}undo_repayment/" not in text


def test_a_compensation_that_the_bank_sends_back_after_the_claim_is_paid_anew_and_the_borrower_is_told(
    street,
):
    loan = compensated(street, 16_000_000)
    recovery = paid_and_claimed_back(street, loan)
    withdraw = {"recovery_id": recovery.pk, "reason": "代偿款被银行退回", "on": NEXT, "at": at(NEXT)}
    for who in (street.approver, street.third):  # who guaranteed, and who granted the compensation
        with pytest.raises(operations.GrantedItError):
            casework.drop_claim_back(actor=who, **withdraw)
    for name in ("审批五", "审批六"):
        casework.drop_claim_back(actor=officer(name, "approver"), **withdraw)
    recovery.refresh_from_db()
    loan.refresh_from_db()
    assert (recovery.state, loan.state) == ("dropped", "compensated")
    assert "您不用按它退款" in Message.objects.get(occasion="loan_claim_withdrawn").body
    assert claimed_back([loan.compensation_key]) == set()


def test_a_borrower_who_was_told_that_the_loan_is_closed_is_told_that_it_is_not(street):
    loan = street.lend()
    wrong = street.repay(loan, 20_000_000, "HK-1", MAY)
    undo(street, loan, wrong)
    assert "仍在还款或追偿中" in Message.objects.get(occasion="loan_reopened").body
    undo(street, loan, street.repay(loan, 1_000, "HK-2", MAY))
    assert Message.objects.filter(occasion="loan_reopened").count() == 1


def test_a_repayment_taken_back_after_the_loan_had_ended_is_told_to_the_borrower(street):
    loan = street.lend(plan=[(date(2024, 8, 15), 20_000_000)])
    wrong = street.repay(loan, 4_000_000, "HK-1", MAY)
    loan = street.compensate(loan, 16_000_000, DAY)
    recovery = paid_and_claimed_back(street, loan)
    casework.receive_back(
        actor=street.maker, recovery_id=recovery.pk, amount_fen=16_000_000, bank_reference="ZH-1", on=NEXT, at=at(NEXT)
    )  # fmt: skip
    loan = operations.close_recovered(actor=street.clerk, loan_id=loan.pk, on=NEXT, at=at(NEXT))
    undo(street, loan, wrong)
    assert position(loan, on=NEXT).outstanding_fen == 4_000_000
    assert Message.objects.filter(occasion="loan_reopened").count() == 1


def test_a_receipt_of_interest_is_not_taken_back_where_the_same_days_were_drawn_since(street, overpaid):  # noqa: F811
    found = confirm(street.third, claim(street, overpaid))
    receive(street, found, OVER_FEN)
    Benefit.objects.update(case_key="case:99")  # another door paid the same days
    with pytest.raises(DrawnSinceError, match="又发放过"):
        take_receipt_back(street, found)
    assert RecoveryReceipt.objects.count() == 1
