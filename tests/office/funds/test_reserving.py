"""Budgets and reservations: money is promised once, and never more than there is."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.utils.translation import override

from jiuye.office.funds.models import Budget, Fund, LedgerAccount, LedgerTransfer, Reservation
from jiuye.office.funds.operations import (
    BudgetExceededError,
    BudgetMissingError,
    ClaimInPaymentError,
    DemonstrationBudgetError,
    DocumentMissingError,
    LedgerRefusalError,
    NothingReservedError,
    ReservedOtherwiseError,
    UnknownFundError,
    appropriate,
    appropriate_for_demonstration,
    record_funds,
    release,
    reserve,
)
from jiuye.office.funds.queries import account_transfers, budget_positions, find_ledger_faults
from jiuye.office.funds.states import WrongFundsStateError
from jiuye.office.staff.queries import NotPermittedError
from tests.office.funds.conftest import AT, DAY, FUND, claim, definition, triggers_off


def position(office):
    (found,) = budget_positions(actor=office.maker, year=2024)
    return found


def test_a_reservation_takes_from_what_is_available(office):
    office.reserve(1, 30_000)
    now = position(office)
    assert (now.appropriated_fen, now.reserved_fen, now.spent_fen, now.available_fen) == (
        100_000,
        30_000,
        0,
        70_000,
    )
    assert find_ledger_faults() == []


def test_the_same_reservation_again_changes_nothing(office):
    first = office.reserve(1, 30_000)
    assert office.reserve(1, 30_000) == first
    assert position(office).reserved_fen == 30_000


@pytest.mark.parametrize("changes", [{"amount_fen": 30_001}, {"line": "见习"}])
def test_a_claim_is_not_reserved_again_for_another_amount_or_line(office, changes):
    office.reserve(1, 30_000)
    appropriate(
        actor=office.planner,
        fund=FUND,
        year=2024,
        line="见习",
        amount_fen=99_000,
        document="文件",
        on=DAY,
        at=AT,
    )
    with pytest.raises(ReservedOtherwiseError, match="case:1"):
        office.reserve(1, **{"amount_fen": 30_000} | changes)


def test_what_the_budget_does_not_hold_is_not_promised(office):
    office.reserve(1, 99_999)
    with pytest.raises(BudgetExceededError, match=r"还差 0\.01 元.*预算审核人员批准"):
        office.reserve(2, 2)
    office.reserve(2, 1)
    assert position(office).available_fen == 0
    assert find_ledger_faults() == []


def test_a_year_without_a_budget_promises_nothing(office):
    with pytest.raises(BudgetMissingError, match=r"2025.*预算审核人员批准"):
        reserve(
            actor=office.approver, fund=FUND, claim_key="case:1", amount_fen=1, on=date(2025, 1, 1), at=AT
        )


def test_an_unknown_fund_names_those_there_are(office):
    with pytest.raises(UnknownFundError, match=FUND):
        office.reserve(1, fund="employment")


@pytest.mark.parametrize("amount_fen", [0, -1])
def test_an_amount_that_is_not_above_zero_is_refused(office, amount_fen):
    with pytest.raises(LedgerRefusalError, match="必须大于零"):
        office.reserve(1, amount_fen)


def test_only_whoever_approves_cases_reserves(office):
    office.approver = office.maker
    with pytest.raises(NotPermittedError):
        office.reserve(1)


def test_releasing_gives_the_money_back_and_the_claim_may_be_reserved_anew(office):
    office.reserve(1, 30_000)
    for _ in range(2):  # twice is the same as once
        released = release(actor=office.approver, claim_key="case:1", on=DAY, at=AT)
    assert released.state == "released"
    assert position(office).available_fen == 100_000
    assert office.reserve(1, 20_000) != released
    assert position(office).reserved_fen == 20_000
    assert find_ledger_faults() == []


def test_what_was_never_reserved_is_not_released(office):
    with pytest.raises(NothingReservedError):
        release(actor=office.approver, claim_key="case:7", on=DAY, at=AT)


def test_a_claim_in_a_batch_is_not_released(office):
    office.reserve(1)
    batch = office.make(claim(1))
    with pytest.raises(ClaimInPaymentError, match=batch.number):
        release(actor=office.approver, claim_key="case:1", on=DAY, at=AT)


def test_what_is_paid_is_not_released(office):
    office.pay(claim(1))
    with pytest.raises(WrongFundsStateError, match="已支付"):
        release(actor=office.approver, claim_key="case:1", on=DAY, at=AT)


def test_a_budget_grows_by_documents_each_once(office):
    for _ in range(2):
        appropriate(
            actor=office.planner,
            fund=FUND,
            year=2024,
            amount_fen=50_000,
            document="追加〔2024〕2号",
            on=DAY,
            at=AT,
        )
    assert position(office).appropriated_fen == 150_000
    with pytest.raises(LedgerRefusalError, match="金额不同"):
        appropriate(
            actor=office.planner,
            fund=FUND,
            year=2024,
            amount_fen=50_001,
            document="追加〔2024〕2号",
            on=DAY,
            at=AT,
        )


def test_a_budget_without_a_document_is_refused(office):
    with pytest.raises(DocumentMissingError):
        appropriate(actor=office.planner, fund=FUND, year=2024, amount_fen=1, document=" ", on=DAY, at=AT)


def test_a_cashier_sets_no_budget(office):
    with pytest.raises(NotPermittedError):
        appropriate(actor=office.maker, fund=FUND, year=2024, amount_fen=1, document="文件", on=DAY, at=AT)


def test_a_demonstration_budget_is_marked_as_such_and_laid_once(office):
    for amount_fen in (500, 900):
        appropriate_for_demonstration(fund=FUND, year=2026, amount_fen=amount_fen, on=DAY, at=AT)
    (found,) = budget_positions(actor=office.maker, year=2026)
    assert found.demonstration
    assert found.appropriated_fen == 500


def test_real_and_pretended_money_do_not_meet_in_one_budget(office):
    assert appropriate_for_demonstration(fund=FUND, year=2024, amount_fen=500, on=DAY, at=AT) is None
    assert not position(office).demonstration
    appropriate_for_demonstration(fund=FUND, year=2026, amount_fen=500, on=DAY, at=AT)
    with pytest.raises(DemonstrationBudgetError, match="演示数据"):
        appropriate(actor=office.planner, fund=FUND, year=2026, amount_fen=1, document="文件", on=DAY, at=AT)


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "必须大于零"), ("en", "more than zero")])
def test_the_ledgers_refusal_is_in_the_users_language(office, language, words):
    with override(language), pytest.raises(LedgerRefusalError, match=words):
        office.reserve(1, 0)


def test_recording_the_packs_funds_twice_changes_nothing_and_a_new_name_is_taken_over(office):
    record_funds(funds=[definition()])
    record_funds(funds=[definition(name="就业补助资金（新）")])
    assert list(Fund.objects.order_by("code").values_list("name", flat=True)) == ["就业补助资金（新）"]
    assert LedgerAccount.objects.count() == 3


def test_an_account_lists_its_entries_newest_first(office):
    office.reserve(1)
    entries = account_transfers(actor=office.maker, code=f"budget:{FUND}:2024:统筹")
    assert [entry.kind for entry in entries] == ["pending", "single"]


def test_the_database_itself_refuses_to_overdraw(office):
    budget = LedgerAccount.objects.get(kind="budget")
    recipients = LedgerAccount.objects.get(kind="recipients")
    with pytest.raises(IntegrityError, match="ledger_account_not_overdrawn"), transaction.atomic():
        LedgerTransfer.objects.create(
            key="around-the-engine",
            kind="single",
            debit=budget,
            credit=recipients,
            amount_fen=100_001,
            on_date=DAY,
            at=AT,
        )


def test_nobody_writes_a_balance_by_hand(office):
    budget = LedgerAccount.objects.get(kind="budget")
    with pytest.raises(IntegrityError, match="只能由转账记录改变"), transaction.atomic():
        LedgerAccount.objects.filter(pk=budget.pk).update(credits_posted_fen=10**9)
    with pytest.raises(IntegrityError, match="必须为零"), transaction.atomic():
        LedgerAccount.objects.create(code="x", kind="budget", limit="credit", credits_posted_fen=5)
    LedgerAccount.objects.filter(pk=budget.pk).update(closed_on=DAY)
    with pytest.raises(LedgerRefusalError, match="已关闭"):
        office.reserve(1)


def test_entries_are_neither_edited_nor_deleted(office):
    for change in (lambda rows: rows.update(amount_fen=1), lambda rows: rows.delete()):
        with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
            change(LedgerTransfer.objects.all())


def test_a_reservation_is_finished_once_whole_and_by_its_own_accounts(office):
    held = office.reserve(1, 30_000).held_by
    fields = {
        "kind": "post", "debit": held.debit, "credit": held.credit, "amount_fen": 30_000, "pending": held,
        "claim_key": "case:1", "on_date": DAY, "at": AT,
    }  # fmt: skip
    for wrong in (
        {"amount_fen": 29_999},
        {"claim_key": "case:2"},
        {"credit": LedgerAccount.objects.get(kind="appropriation")},
    ):
        with pytest.raises(IntegrityError, match="与原预留"), transaction.atomic():
            LedgerTransfer.objects.create(key="wrong", **fields | wrong)
    LedgerTransfer.objects.create(key="right", **fields)
    with pytest.raises(IntegrityError, match="pending_id"), transaction.atomic():
        LedgerTransfer.objects.create(key="again", **fields)


def test_a_reservation_that_moves_outside_the_table_is_refused_by_the_database(office):
    office.pay(claim(1))
    with pytest.raises(ProgrammingError, match="Invalid transition"), transaction.atomic():
        Reservation.objects.update(state="held")
    with pytest.raises(IntegrityError, match="不能修改"), transaction.atomic():
        Reservation.objects.update(amount_fen=1)


def test_a_fault_in_the_books_is_found(office):
    office.pay(claim(1))
    assert find_ledger_faults() == []
    with triggers_off() as cursor:
        cursor.execute(
            "UPDATE funds_ledgeraccount SET credits_posted_fen = credits_posted_fen + 1 WHERE kind = 'budget'"
        )
    assert [fault for fault in find_ledger_faults() if "budget:" in fault]


def test_a_budget_line_exists_once_a_year(office):
    budget = Budget.objects.get()
    with pytest.raises(IntegrityError, match="budget_line_once_a_year"), transaction.atomic():
        Budget.objects.create(
            fund=budget.fund, year=2024, line="统筹", account=LedgerAccount.objects.get(kind="recipients")
        )
