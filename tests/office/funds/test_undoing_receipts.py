"""A receipt that was entered wrongly: taken back by another officer, once, and out of the ledger; what it had settled is owed again."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from jiuye.office.funds.models import LedgerAccount, RecoveryReceipt
from jiuye.office.funds.operations import (
    MoreThanPaidError,
    ReceiptUndoneError,
    ReceiptUnknownError,
    RecoveryOpenError,
    SameRecorderError,
    UndoingReasonError,
    undo_receipt,
    waive,
)
from jiuye.office.funds.queries import position_of, verify_ledger
from jiuye.office.staff.queries import NotPermittedError
from tests.office.funds.conftest import AT, DAY, claim, officer
from tests.office.funds.test_recovering import MAY, ask_back, receive


@pytest.fixture
def owed(office):
    """100.00 yuan of case 1 are claimed back."""
    office.pay(claim(1), claim(2))
    return ask_back(office)


def undo(office, receipt, *, reason="记错了办件，应记在办件 2", by="checker"):
    return undo_receipt(
        actor=getattr(office, by), recovery_id=receipt.recovery_id, receipt_id=receipt.pk, reason=reason, on=MAY, at=AT,
    )  # fmt: skip


def balances() -> dict[str, int]:
    return {row.code: row.balance_fen for row in LedgerAccount.objects.order_by("code")}


def test_a_receipt_entered_on_the_wrong_claim_is_taken_back_and_entered_where_it_belongs(office, owed):
    before = balances()
    wrong = receive(office, owed, 10_000, "LS-1")
    owed.refresh_from_db()
    assert owed.state == "recovered"
    undone = undo(office, wrong)
    owed.refresh_from_db()
    assert (owed.state, position_of(owed, on=MAY).owed_fen) == ("open", 10_000)
    assert balances() == before | {"recovered:employment-subsidy": 0}
    assert (undone.undone_because, undone.undone_by_id) == (
        "记错了办件，应记在办件 2",
        office.checker.account_id,
    )
    other = ask_back(office, 2)
    receive(office, other, 10_000, "LS-1")
    receive(office, owed, 4_000, "LS-2")
    assert position_of(owed, on=MAY).owed_fen == 6_000
    assert verify_ledger().faults == ()


def test_the_same_reference_is_entered_again_on_the_same_claim_with_the_right_amount(office, owed):
    undo(office, receive(office, owed, 1_000, "LS-1"))
    receive(office, owed, 10_000, "LS-1")
    owed.refresh_from_db()
    assert owed.state == "recovered"
    undo(office, RecoveryReceipt.objects.get())
    receive(office, owed, 2_000, "LS-1")
    owed.refresh_from_db()
    assert position_of(owed, on=MAY).owed_fen == 8_000
    assert verify_ledger().faults == ()


def test_nobody_takes_back_what_they_entered_and_nothing_is_taken_back_twice_or_without_a_reason(
    office, owed
):
    receipt = receive(office, owed, 1_000, "LS-1")
    with pytest.raises(SameRecorderError):
        undo(office, receipt, by="maker")
    with pytest.raises(NotPermittedError):
        undo(office, receipt, by="planner")
    with pytest.raises(UndoingReasonError):
        undo(office, receipt, reason="  ")
    undo(office, receipt)
    with pytest.raises(ReceiptUndoneError):
        undo(office, receipt)
    receipt.pk += 1
    with pytest.raises(ReceiptUnknownError):
        undo(office, receipt)


def test_the_database_keeps_what_was_entered_and_who_took_it_back(office, owed):
    receipt = receive(office, owed, 1_000, "LS-1")
    for change in (
        {"amount_fen": 2_000},
        {"undone_on": DAY},
        {"undone_on": DAY, "undone_by": office.maker.account_id},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            RecoveryReceipt.every.filter(pk=receipt.pk).update(**change)
    undo(office, receipt)
    with pytest.raises(IntegrityError, match="撤销一次"), transaction.atomic():
        RecoveryReceipt.every.filter(pk=receipt.pk).update(undone_because="别的理由")


def test_what_was_given_up_stays_given_up_and_the_receipt_is_claimed_anew(office, owed):
    receipt = receive(office, owed, 4_000, "LS-1")
    waive(actor=officer("另一审批", "approver"), recovery_id=owed.pk, reason="困难", on=MAY, at=AT)
    undo(office, receipt)
    owed.refresh_from_db()
    assert owed.state == "waived"
    with pytest.raises(MoreThanPaidError, match=r"40\.00"):
        ask_back(office, amount_fen=4_001)
    assert ask_back(office, amount_fen=4_000).state == "open"


def test_a_closed_claim_does_not_open_beside_another_one_of_the_same_payment(office):
    office.pay(claim(1))
    first = ask_back(office, amount_fen=4_000)
    receipt = receive(office, first, 4_000, "LS-1")
    ask_back(office, amount_fen=6_000)
    with pytest.raises(RecoveryOpenError):
        undo(office, receipt)
    receipt.refresh_from_db()
    assert receipt.undone_on is None
