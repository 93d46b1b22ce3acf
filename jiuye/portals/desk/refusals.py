"""The refusals of money that a desk page shows as a sentence. Whatever else goes wrong is an error of ours."""

from __future__ import annotations

from jiuye.exchange.bank import BankError, UnfitInstructionError
from jiuye.office.funds import operations as funds
from jiuye.office.funds.states import WrongFundsStateError

REFUSALS: tuple[type[Exception], ...] = (
    BankError,
    UnfitInstructionError,
    WrongFundsStateError,
    funds.AlreadyPaidError,
    funds.BankDisagreesError,
    funds.BatchBusyError,
    funds.BudgetExceededError,
    funds.BudgetMissingError,
    funds.ClaimInBatchError,
    funds.ClaimInPaymentError,
    funds.EmptyBatchError,
    funds.LedgerRefusalError,
    funds.MixedFundsError,
    funds.NothingReservedError,
    funds.PayeeIncompleteError,
    funds.PayeeTamperedError,
    funds.ReservedOtherwiseError,
    funds.SamePersonError,
    funds.UnknownFundError,
)
