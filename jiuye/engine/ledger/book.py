"""A whole ledger in memory: for simulation, for checking the one in the database, and for its own tests."""

from __future__ import annotations

from collections.abc import Iterable

from jiuye.engine.ledger.judging import Surroundings, judge
from jiuye.engine.ledger.records import Applied, LedgerAccount, Limit, Outcome, Transfer, moved


class AccountExistsError(ValueError):
    """An account of that code is open with another limit."""

    def __init__(self, code: str) -> None:
        super().__init__(
            f"账户“{code}”已经开立，余额限制不同；请另用一个代码。 "
            f"The account '{code}' is open with another limit; use another code."
        )


class Ledger:
    """Accounts by code and transfers in the order in which they were made. Nothing is ever removed."""

    def __init__(self) -> None:
        self._accounts: dict[str, LedgerAccount] = {}
        self._transfers: dict[str, Transfer] = {}
        self._finish: dict[str, Transfer] = {}  # key of the pending transfer → the one that finished it

    def open_account(self, code: str, limit: Limit = Limit.NONE) -> LedgerAccount:
        """Open an account at zero, or return it where it is open with the same limit. Raises AccountExistsError."""
        found = self._accounts.get(code)
        if found is None:
            found = self._accounts[code] = LedgerAccount(code, limit)
        elif found.limit is not limit:
            raise AccountExistsError(code)
        return found

    def close_account(self, code: str) -> LedgerAccount:
        """Close it: from then on only reservations are voided. Raises KeyError where there is none."""
        account = self._accounts[code]
        closed = LedgerAccount(
            account.code,
            account.limit,
            account.debits_posted_fen,
            account.credits_posted_fen,
            account.debits_pending_fen,
            account.credits_pending_fen,
            closed=True,
        )
        self._accounts[code] = closed
        return closed

    def account(self, code: str) -> LedgerAccount:
        """The account as it stands. Raises KeyError where there is none."""
        return self._accounts[code]

    @property
    def accounts(self) -> tuple[LedgerAccount, ...]:
        return tuple(self._accounts.values())

    @property
    def transfers(self) -> tuple[Transfer, ...]:
        return tuple(self._transfers.values())

    def apply(self, transfer: Transfer) -> Outcome:
        """Make the transfer, or say why not. A refusal and a repeated key change nothing."""
        outcome = judge(
            transfer,
            Surroundings(
                debit=self._accounts.get(transfer.debit),
                credit=self._accounts.get(transfer.credit),
                same_key=self._transfers.get(transfer.key),
                pending=self._transfers.get(transfer.pending_key) if transfer.pending_key else None,
                finish=self._finish.get(transfer.pending_key) if transfer.pending_key else None,
            ),
        )
        if isinstance(outcome, Applied) and outcome.new:
            debit = moved(self._accounts[transfer.debit], transfer)
            credit = moved(self._accounts[transfer.credit], transfer)
            self._accounts[transfer.debit], self._accounts[transfer.credit] = debit, credit
            self._transfers[transfer.key] = transfer
            if transfer.pending_key:
                self._finish[transfer.pending_key] = transfer
            assert sum(account.balance_fen for account in self._accounts.values()) == 0
        return outcome


def replay(accounts: Iterable[tuple[str, Limit]], transfers: Iterable[Transfer]) -> Ledger:
    """A ledger with these transfers made in this order.

    Raises UnreplayableError at the first one that is refused: such a history cannot have come about by the rules.
    """
    ledger = Ledger()
    for code, limit in accounts:
        ledger.open_account(code, limit)
    for transfer in transfers:
        outcome = ledger.apply(transfer)
        if not isinstance(outcome, Applied):
            raise UnreplayableError(transfer.key, outcome.zh, outcome.en)
    return ledger


class UnreplayableError(ValueError):
    """A recorded transfer breaks the rules of the ledger: somebody wrote around them."""

    def __init__(self, key: str, zh: str, en: str) -> None:
        super().__init__(f"账目“{key}”不合记账规则：{zh} Transfer '{key}' breaks the ledger's rules: {en}")
