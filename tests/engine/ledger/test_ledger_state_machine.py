"""The ledger against a naive model that recomputes everything from the list of what was accepted."""

from __future__ import annotations

from datetime import date

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from jiuye.engine.ledger import Applied, Kind, Ledger, Limit, Refusal, Transfer

DAY = date(2024, 1, 2)
LIMITS = {"source": Limit.NONE, "budget-a": Limit.CREDIT, "budget-b": Limit.CREDIT, "cash": Limit.DEBIT}
codes = st.sampled_from([*LIMITS, "unknown"])
amounts = st.integers(min_value=-1, max_value=400)


class NaiveModel:
    """A list of accepted transfers; every question is answered by walking the whole of it."""

    def __init__(self) -> None:
        self.entries: list[Transfer] = []
        self.closed: set[str] = set()

    def finished(self, key: str) -> bool:
        return any(entry.pending_key == key for entry in self.entries)

    def posted(self, code: str, side: str) -> int:
        return sum(
            -entry.amount_fen if entry.kind is Kind.REVERSE else entry.amount_fen
            for entry in self.entries
            if getattr(entry, side) == code and entry.kind in (Kind.SINGLE, Kind.POST, Kind.REVERSE)
        )

    def reserved(self, code: str, side: str) -> int:
        return sum(
            entry.amount_fen
            for entry in self.entries
            if getattr(entry, side) == code and entry.kind is Kind.PENDING and not self.finished(entry.key)
        )

    def room(self, code: str, side: str) -> float:
        """How much that side of the account may still take."""
        if LIMITS[code] is Limit.CREDIT and side == "debit":
            return self.posted(code, "credit") - self.posted(code, "debit") - self.reserved(code, "debit")
        if LIMITS[code] is Limit.DEBIT and side == "credit":
            return self.posted(code, "debit") - self.posted(code, "credit") - self.reserved(code, "credit")
        return float("inf")

    def accepts(self, entry: Transfer) -> bool:
        known = entry.debit in LIMITS and entry.credit in LIMITS
        if entry.amount_fen <= 0 or not known or entry.debit == entry.credit:
            return False
        shut = bool({entry.debit, entry.credit} & self.closed)
        if entry.kind in (Kind.SINGLE, Kind.PENDING):
            fits = entry.amount_fen <= min(self.room(entry.debit, "debit"), self.room(entry.credit, "credit"))
            return fits and not shut
        held = [other for other in self.entries if other.key == entry.pending_key]
        before = Kind.POST if entry.kind is Kind.REVERSE else Kind.PENDING
        if not held or held[0].kind is not before or self.finished(entry.pending_key):
            return False
        whole = (held[0].debit, held[0].credit, held[0].amount_fen, held[0].subject) == (
            entry.debit,
            entry.credit,
            entry.amount_fen,
            entry.subject,
        )
        if entry.kind is Kind.REVERSE:
            room = min(self.left(entry.debit, "debit"), self.left(entry.credit, "credit"))
            return whole and entry.amount_fen <= room
        return whole and (entry.kind is Kind.VOID or not shut)

    def left(self, code: str, side: str) -> float:
        """How much may be taken back from that side of the account before its limit is broken."""
        other = "credit" if side == "debit" else "debit"
        return self.room(code, other) if LIMITS[code].value == side else float("inf")


class LedgerMachine(RuleBasedStateMachine):
    """Random requests, repeated ones and nonsense among them, against both."""

    accepted = Bundle("accepted")
    reserved = Bundle("reserved")

    @initialize(first=st.integers(min_value=1, max_value=1000))
    def open_accounts(self, first: int) -> None:
        self.ledger, self.model, self.count = Ledger(), NaiveModel(), 0
        for code, limit in LIMITS.items():
            self.ledger.open_account(code, limit)
        self.request(Kind.SINGLE, "source", "budget-a", first)

    def request(
        self, kind: Kind, debit: str, credit: str, amount_fen: int, pending_key: str = ""
    ) -> Transfer:
        self.count += 1
        entry = Transfer(f"t{self.count}", kind, debit, credit, amount_fen, DAY, pending_key, "case:1")
        expected = self.model.accepts(entry)
        outcome = self.ledger.apply(entry)
        assert isinstance(outcome, Applied) == expected, outcome
        if expected:
            self.model.entries.append(entry)
        return entry

    @rule(target=accepted, debit=codes, credit=codes, amount_fen=amounts)
    def move(self, debit: str, credit: str, amount_fen: int) -> Transfer:
        return self.request(Kind.SINGLE, debit, credit, amount_fen)

    @rule(target=reserved, debit=codes, credit=codes, amount_fen=amounts)
    def reserve(self, debit: str, credit: str, amount_fen: int) -> Transfer:
        return self.request(Kind.PENDING, debit, credit, amount_fen)

    @rule(
        target=accepted,
        pending=st.one_of(reserved, accepted),
        kind=st.sampled_from([Kind.POST, Kind.VOID, Kind.REVERSE]),
        off_by=st.sampled_from([0, 0, 0, 1]),
    )
    def finish(self, pending: Transfer, kind: Kind, off_by: int) -> Transfer:
        amount_fen = pending.amount_fen + off_by
        return self.request(kind, pending.debit, pending.credit, amount_fen, pending.key)

    @rule(entry=st.one_of(accepted, reserved))
    def repeat(self, entry: Transfer) -> None:
        """The same key twice changes nothing, whether it had been made or refused for a reason that stands."""
        if entry not in self.model.entries:
            return
        before = (self.ledger.accounts, self.ledger.transfers)
        outcome = self.ledger.apply(entry)
        assert isinstance(outcome, Applied)
        assert not outcome.new
        assert (self.ledger.accounts, self.ledger.transfers) == before

    @rule(entry=st.one_of(accepted, reserved), more=st.integers(min_value=1, max_value=9))
    def use_a_key_for_another_amount(self, entry: Transfer, more: int) -> None:
        if entry not in self.model.entries:
            return
        changed = Transfer(
            entry.key,
            entry.kind,
            entry.debit,
            entry.credit,
            entry.amount_fen + more,
            DAY,
            entry.pending_key,
            entry.subject,
        )
        outcome = self.ledger.apply(changed)
        assert isinstance(outcome, Refusal)
        assert outcome.code == "exists-with-different-fields"

    @rule(code=st.sampled_from(["budget-b"]))
    def close(self, code: str) -> None:
        self.ledger.close_account(code)
        self.model.closed.add(code)

    @invariant()
    def the_sum_of_all_balances_is_zero(self) -> None:
        assert sum(account.balance_fen for account in self.ledger.accounts) == 0

    @invariant()
    def nothing_is_lost_and_nothing_is_added(self) -> None:
        assert list(self.ledger.transfers) == self.model.entries
        for account in self.ledger.accounts:
            assert account.debits_posted_fen == self.model.posted(account.code, "debit")
            assert account.credits_posted_fen == self.model.posted(account.code, "credit")
            assert account.debits_pending_fen == self.model.reserved(account.code, "debit")
            assert account.credits_pending_fen == self.model.reserved(account.code, "credit")

    @invariant()
    def no_limited_account_is_below_zero(self) -> None:
        for account in self.ledger.accounts:
            assert account.available_fen is None or account.available_fen >= 0


TestLedgerMachine = LedgerMachine.TestCase
TestLedgerMachine.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
