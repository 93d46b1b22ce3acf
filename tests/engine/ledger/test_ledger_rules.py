"""What the ledger allows, and the sentence with which it refuses the rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from jiuye.engine.ledger import (
    AccountExistsError,
    Applied,
    Kind,
    Ledger,
    LedgerAccount,
    Limit,
    Refusal,
    Transfer,
    UnreplayableError,
    replay,
)

DAY = date(2024, 3, 1)
ACCOUNTS = [("appropriation", Limit.NONE), ("budget", Limit.CREDIT), ("recipients", Limit.CREDIT)]


def transfer(key: str, kind: Kind, amount_fen: int, **changes) -> Transfer:
    made = Transfer(key, kind, "budget", "recipients", amount_fen, DAY, subject="case:1")
    return replace(made, **changes)


@pytest.fixture
def ledger() -> Ledger:
    """A budget of 1,000.00 yuan of which 300.00 are reserved for case 1."""
    grant = Transfer("grant", Kind.SINGLE, "appropriation", "budget", 100_000, DAY, document="市财政局批复")
    return replay(ACCOUNTS, [grant, transfer("reserve", Kind.PENDING, 30_000)])


def refused(ledger: Ledger, entry: Transfer) -> Refusal:
    """Apply, expecting a refusal that changes nothing."""
    before = (ledger.accounts, ledger.transfers)
    outcome = ledger.apply(entry)
    assert isinstance(outcome, Refusal)
    assert (ledger.accounts, ledger.transfers) == before
    assert outcome.zh.endswith("。")
    assert outcome.en.endswith(".")
    return outcome


def test_a_reservation_lowers_what_is_available_and_moves_nothing(ledger):
    budget = ledger.account("budget")
    assert (budget.balance_fen, budget.available_fen) == (100_000, 70_000)
    assert ledger.account("recipients").balance_fen == 0


def test_posting_a_reservation_moves_the_money_once(ledger):
    entry = transfer("pay", Kind.POST, 30_000, pending_key="reserve")
    assert ledger.apply(entry) == Applied(entry, new=True)
    assert ledger.account("budget").balance_fen == 70_000
    assert ledger.account("budget").available_fen == 70_000
    assert ledger.account("recipients").balance_fen == 30_000
    again = transfer("pay-again", Kind.POST, 30_000, pending_key="reserve")
    assert refused(ledger, again).code == "already-posted"


def test_voiding_a_reservation_gives_the_money_back(ledger):
    ledger.apply(transfer("give-back", Kind.VOID, 30_000, pending_key="reserve"))
    assert ledger.account("budget").available_fen == 100_000
    late = transfer("pay", Kind.POST, 30_000, pending_key="reserve")
    assert refused(ledger, late).code == "already-voided"


def test_the_same_transfer_twice_is_one_transfer(ledger):
    entry = transfer("reserve", Kind.PENDING, 30_000, on=date(2024, 3, 9))
    before = ledger.accounts
    outcome = ledger.apply(entry)
    assert isinstance(outcome, Applied)
    assert not outcome.new
    assert outcome.transfer.on == DAY
    assert ledger.accounts == before


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"amount_fen": 30_001}, "金额"),
        ({"subject": "case:2"}, "办件"),
        ({"debit": "appropriation"}, "借方"),
        ({"credit": "appropriation"}, "贷方"),
        ({"kind": Kind.SINGLE}, "类别"),
    ],
)
def test_a_key_cannot_be_used_for_another_transfer(ledger, changes, word):
    outcome = refused(ledger, replace(transfer("reserve", Kind.PENDING, 30_000), **changes))
    assert outcome.code == "exists-with-different-fields"
    assert word in outcome.zh


def test_a_budget_is_spent_to_the_last_fen_and_not_one_further(ledger):
    assert isinstance(ledger.apply(transfer("last", Kind.PENDING, 70_000)), Applied)
    outcome = refused(ledger, transfer("one-fen", Kind.PENDING, 1))
    assert outcome.code == "exceeds-available"
    assert "还差 0.01 元" in outcome.zh
    assert "0.01 short" in outcome.en


def test_pending_income_does_not_count_as_available(ledger):
    promise = Transfer("promise", Kind.PENDING, "appropriation", "budget", 50_000, DAY)
    ledger.apply(promise)
    assert refused(ledger, transfer("too-much", Kind.SINGLE, 70_001)).code == "exceeds-available"


def test_a_debit_normal_account_may_not_go_below_zero_either():
    ledger = replay([("cash", Limit.DEBIT), ("grants", Limit.NONE)], [])
    ledger.apply(Transfer("in", Kind.SINGLE, "cash", "grants", 500, DAY))
    out = Transfer("out", Kind.SINGLE, "grants", "cash", 501, DAY)
    assert refused(ledger, out).code == "exceeds-available"
    assert isinstance(ledger.apply(replace(out, amount_fen=500)), Applied)


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (transfer("", Kind.SINGLE, 1), "key-missing"),
        (transfer("x", Kind.SINGLE, 0), "amount-not-positive"),
        (transfer("x", Kind.SINGLE, -5), "amount-not-positive"),
        (transfer("x", Kind.SINGLE, 2**63), "amount-too-large"),
        (transfer("x", Kind.SINGLE, 1, credit="budget"), "same-account"),
        (transfer("x", Kind.SINGLE, 1, credit="nowhere"), "account-not-found"),
        (transfer("x", Kind.SINGLE, 1, pending_key="reserve"), "pending-key-misplaced"),
        (transfer("x", Kind.POST, 30_000), "pending-key-misplaced"),
        (transfer("x", Kind.POST, 30_000, pending_key="nothing"), "pending-not-found"),
        (
            transfer("x", Kind.POST, 100_000, pending_key="grant", debit="appropriation", credit="budget"),
            "not-pending",
        ),
        (transfer("x", Kind.POST, 29_999, pending_key="reserve"), "differs-from-pending"),
        (transfer("x", Kind.POST, 30_000, pending_key="reserve", subject="case:2"), "differs-from-pending"),
        (
            transfer("x", Kind.POST, 30_000, pending_key="reserve", on=date(2024, 2, 29)),
            "dated-before-pending",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(ledger, entry, code):
    assert refused(ledger, entry).code == code


def test_a_sum_that_no_column_can_hold_is_refused(ledger):
    huge = Transfer("huge", Kind.SINGLE, "appropriation", "budget", 2**63 - 1, DAY)
    assert refused(ledger, huge).code == "sum-too-large"


def test_a_closed_account_only_gives_reservations_back(ledger):
    ledger.close_account("budget")
    assert refused(ledger, transfer("pay", Kind.POST, 30_000, pending_key="reserve")).code == "account-closed"
    assert refused(ledger, transfer("new", Kind.PENDING, 1)).code == "account-closed"
    assert isinstance(ledger.apply(transfer("give-back", Kind.VOID, 30_000, pending_key="reserve")), Applied)


def test_an_account_is_not_opened_again_with_another_limit(ledger):
    assert ledger.open_account("budget", Limit.CREDIT).balance_fen == 100_000
    with pytest.raises(AccountExistsError, match="budget"):
        ledger.open_account("budget", Limit.NONE)


def test_an_overdrawn_account_cannot_even_be_written_down():
    with pytest.raises(AssertionError, match="overdrawn by 1"):
        LedgerAccount("budget", Limit.CREDIT, debits_posted_fen=1)


def test_a_history_that_breaks_the_rules_is_not_replayed():
    with pytest.raises(UnreplayableError, match="还差"):
        replay(ACCOUNTS, [transfer("from-nothing", Kind.SINGLE, 1)])
