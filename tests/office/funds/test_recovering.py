"""Money claimed back: never more than was paid, in instalments, booked as it comes in, waived by another officer only."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connections, transaction

from jiuye.office.funds.models import LedgerAccount, Recovery, RecoveryReceipt
from jiuye.office.funds.operations import (
    Due,
    GroundMissingError,
    MoreThanOwedError,
    MoreThanPaidError,
    NothingOwedError,
    NothingPaidError,
    ReasonMissingError,
    ReceivedAlreadyError,
    RecoveryOpenError,
    ReferenceMissingError,
    ReferenceUsedError,
    SameOfficerError,
    ScheduleError,
    claim_back,
    confirm_claim_back,
    drop_claim_back,
    equal_instalments,
    receive_back,
    undo_receipt,
    waive,
)
from jiuye.office.funds.queries import position_of, recoveries, verify_ledger
from jiuye.office.funds.signing import AlreadySignedError
from jiuye.office.funds.states import WrongFundsStateError
from jiuye.office.staff.queries import NotPermittedError
from tests.office.funds.conftest import AT, DAY, claim, officer

MAY, JUNE, JULY = date(2024, 5, 1), date(2024, 6, 1), date(2024, 7, 1)


def ask_back(
    office, number: int = 1, amount_fen: int = 10_000, days=(MAY, JUNE, JULY), **changes
) -> Recovery:
    fields = {
        "claim_key": f"case:{number}",
        "amount_fen": amount_fen,
        "ground": "就业补助资金管理办法：骗取、冒领的予以追回",
        "document": "扬人社追〔2024〕1号",
        "debtor_name": f"居民{number}",
        "debtor_is_person": True,
        "schedule": equal_instalments(amount_fen, days),
    } | changes
    proposed = claim_back(actor=office.maker, on=DAY, at=AT, **fields)
    return confirm_claim_back(actor=office.approver, recovery_id=proposed.pk, on=DAY, at=AT)


def receive(office, recovery, amount_fen: int, reference: str, on: date = MAY):
    return receive_back(
        actor=office.maker,
        recovery_id=recovery.pk,
        amount_fen=amount_fen,
        bank_reference=reference,
        on=on,
        at=AT,
    )


def test_an_overpayment_comes_back_in_instalments_and_stands_in_the_ledger(office):
    office.pay(claim(1))
    recovery = ask_back(office)
    assert [each.amount_fen for each in recovery.instalments.all()] == [3_334, 3_333, 3_333]
    receive(office, recovery, 3_334, "LS-1")
    receive(office, recovery, 6_666, "LS-2")
    recovery.refresh_from_db()
    assert recovery.state == "recovered"
    accounts = {row.code: row.balance_fen for row in LedgerAccount.objects.order_by("code")}
    assert accounts["recovered:employment-subsidy"] == 10_000
    assert accounts["recipients:employment-subsidy"] == 0
    assert verify_ledger().faults == ()
    assert (
        receive(office, recovery, 6_666, "LS-2").amount_fen == 6_666
    )  # the last, told twice, is booked once
    with pytest.raises(NothingOwedError, match=r"“已追回”，没有欠款；收到的 0\.01 元.*请退回付款人"):
        receive(office, recovery, 1, "LS-3")
    assert sum(row.amount_fen for row in recovery.receipts.all()) == 10_000


def test_money_that_comes_after_the_claim_was_dropped_goes_back_to_whoever_paid_it(office):
    office.pay(claim(1))
    proposed = claim_back(
        actor=office.maker, claim_key="case:1", amount_fen=10_000, ground="不符合条件", document="扬人社追〔2024〕2号",
        debtor_name="居民1", debtor_is_person=True, schedule=[Due(MAY, 10_000)], on=DAY, at=AT,
    )  # fmt: skip
    with pytest.raises(WrongFundsStateError, match="待另一人确认"):  # nothing is owed before it is confirmed
        receive(office, proposed, 10_000, "LS-1")
    drop_claim_back(actor=office.approver, recovery_id=proposed.pk, reason="符合条件", on=DAY, at=AT)
    with pytest.raises(NothingOwedError, match="请退回付款人"):
        receive(office, proposed, 10_000, "LS-1")
    assert not RecoveryReceipt.objects.exists()
    assert verify_ledger().faults == ()


def test_what_is_late_is_shown_with_the_day_since_when(office):
    office.pay(claim(1))
    recovery = ask_back(office)
    receive(office, recovery, 1_000, "LS-1", on=date(2024, 4, 20))
    on_the_day = position_of(recovery, on=MAY)
    assert (on_the_day.late_fen, on_the_day.level, on_the_day.next_due) == (0, "watch", MAY)
    after = position_of(recovery, on=MAY + timedelta(days=1))
    assert (after.late_fen, after.late_since, after.next_due, after.level) == (2_334, MAY, JUNE, "bad")
    much_later = position_of(recovery, on=date(2024, 8, 1))
    assert (much_later.late_fen, much_later.owed_fen, much_later.late_since) == (9_000, 9_000, MAY)


def test_no_more_is_asked_back_than_was_paid_and_has_not_come_back(office):
    with pytest.raises(NothingPaidError):
        ask_back(office)
    office.pay(claim(1))
    with pytest.raises(MoreThanPaidError, match=r"最多可追回 100\.00 元.*不能追回 100\.01 元"):
        ask_back(office, amount_fen=10_001)
    recovery = ask_back(office, amount_fen=4_000)
    with pytest.raises(RecoveryOpenError):
        ask_back(office, amount_fen=1)
    receive(office, recovery, 4_000, "LS-1")
    with pytest.raises(MoreThanPaidError, match=r"最多可追回 60\.00 元"):
        ask_back(office, amount_fen=6_001)
    ask_back(office, amount_fen=6_000)


@pytest.mark.parametrize(
    "schedule",
    [
        [],
        [Due(MAY, 9_999)],
        [Due(JUNE, 5_000), Due(MAY, 5_000)],
        [Due(DAY, 10_000)],
        [Due(MAY, 10_001), Due(JUNE, -1)],
    ],
)
def test_instalments_make_up_the_amount_on_days_that_run_on(office, schedule):
    office.pay(claim(1))
    with pytest.raises(ScheduleError, match=r"应为 100\.00 元"):
        ask_back(office, schedule=schedule)


@pytest.mark.parametrize("field", ["ground", "document", "debtor_name"])
def test_nobody_is_asked_for_money_without_a_ground_in_law(office, field):
    office.pay(claim(1))
    with pytest.raises(GroundMissingError):
        ask_back(office, **{field: "  "})


def test_a_receipt_counts_once_and_never_beyond_what_is_owed(office):
    office.pay(claim(1))
    recovery = ask_back(office)
    first = receive(office, recovery, 1_000, "LS-1")
    assert receive(office, recovery, 1_000, "LS-1") == first
    with pytest.raises(ReferenceUsedError):
        receive(office, recovery, 2_000, "LS-1")
    with pytest.raises(MoreThanOwedError, match=r"还欠 90\.00 元"):
        receive(office, recovery, 9_001, "LS-2")
    with pytest.raises(IntegrityError, match="不能超过应追回的金额"), transaction.atomic():
        RecoveryReceipt.objects.create(
            recovery=recovery, amount_fen=9_001, received_on=MAY, bank_reference="x", posted=first.posted,
            recorded_by_id=office.maker.account_id,
        )  # fmt: skip


def test_the_same_receipt_from_twenty_at_once_is_booked_once(lasting_office):
    office = lasting_office
    office.pay(claim(1))
    recovery = ask_back(office)
    errors = []

    def one() -> None:
        try:
            receive(office, recovery, 1_000, "LS-1")
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert RecoveryReceipt.objects.count() == 1
    assert verify_ledger().faults == ()


def test_money_without_the_banks_reference_is_not_booked(office):
    office.pay(claim(1))
    recovery = ask_back(office)
    with pytest.raises(ReferenceMissingError):
        receive(office, recovery, 1_000, "  ")
    assert RecoveryReceipt.objects.count() == 0


def test_only_another_officer_waives_the_rest_and_says_why(office):
    office.pay(claim(1))
    recovery = ask_back(office)
    receive(office, recovery, 1_000, "LS-1")
    with pytest.raises(NotPermittedError):
        waive(actor=office.maker, recovery_id=recovery.pk, reason="无力偿还", on=JUNE, at=AT)
    other = officer("另一审批", "approver")
    with pytest.raises(SameOfficerError, match="您批准支付的"):
        waive(actor=office.approver, recovery_id=recovery.pk, reason="无力偿还", on=JUNE, at=AT)
    with pytest.raises(ReasonMissingError):
        waive(actor=other, recovery_id=recovery.pk, reason=" ", on=JUNE, at=AT)
    waive(actor=other, recovery_id=recovery.pk, reason="本人死亡，无遗产", on=JUNE, at=AT)
    position = position_of(recoveries(actor=office.maker).get(), on=JULY)
    assert (position.recovery.state, position.owed_fen, position.late_fen) == ("waived", 0, 0)
    with pytest.raises(IntegrityError, match="recovery_waived_by_another"), transaction.atomic():
        Recovery.objects.update(waived_by_id=office.maker.account_id)


def test_a_confirmed_claim_is_withdrawn_by_as_many_as_confirm_one_while_nothing_came_in(office):
    office.pay(claim(1))
    recovery = ask_back(office)
    second, third = officer("另一审批", "approver"), officer("第三审批", "approver")

    def withdraw(actor, reason="银行已退回原付款"):
        return drop_claim_back(
            actor=actor, recovery_id=recovery.pk, reason=reason, on=MAY, at=AT, needed=lambda fen: 2
        )

    receipt = receive(office, recovery, 1, "LS-1")
    with pytest.raises(ReceivedAlreadyError, match=r"0\.01"):
        withdraw(second)
    undo_receipt(
        actor=office.checker, recovery_id=recovery.pk, receipt_id=receipt.pk, reason="记错", on=MAY, at=AT
    )
    with pytest.raises(ReasonMissingError):
        withdraw(second, " ")
    with pytest.raises(NotPermittedError):
        withdraw(office.maker)
    assert withdraw(second).state == "open"
    with pytest.raises(AlreadySignedError):
        withdraw(second)
    with pytest.raises(IntegrityError, match="签批满档次"), transaction.atomic():
        Recovery.objects.update(state="dropped", dropped_because="绕过", decided_by_id=third.account_id)
    assert withdraw(third).state == "dropped"
    recovery.refresh_from_db()
    assert (recovery.dropped_because, recovery.decided_by_id) == ("银行已退回原付款", third.account_id)
    assert ask_back(office).state == "open"  # what was withdrawn was not given up
