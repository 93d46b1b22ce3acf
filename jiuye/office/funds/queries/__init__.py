"""Reads of the money: budgets and the ledger in `balances`, batches and claims in `payments`, the proof in `verifying`."""

from jiuye.office.funds.queries.balances import (
    BudgetPosition,
    account_transfers,
    appropriated,
    budget_positions,
    county_shares,
    find_ledger_faults,
    fund_balances,
    funds,
)
from jiuye.office.funds.queries.payments import (
    ClaimPayment,
    batch_acts,
    batch_lines,
    batches,
    claim_payments,
    claim_transfers,
    paid_lines,
    rejected_lines,
    unfinished_batches,
)
from jiuye.office.funds.queries.reconciling import (
    DIFFERENCES,
    Difference,
    Reconciliation,
    reconciliation,
)
from jiuye.office.funds.queries.recoveries import (
    RecoveryPosition,
    owed_back,
    position_of,
    recoveries,
    recovery_of,
    recovery_parts,
)
from jiuye.office.funds.queries.verifying import (
    TrialRow,
    Verification,
    latest_seal,
    trial_balance,
    verify_ledger,
)

__all__ = [
    "DIFFERENCES",
    "BudgetPosition",
    "ClaimPayment",
    "Difference",
    "Reconciliation",
    "RecoveryPosition",
    "TrialRow",
    "Verification",
    "account_transfers",
    "appropriated",
    "batch_acts",
    "batch_lines",
    "batches",
    "budget_positions",
    "claim_payments",
    "claim_transfers",
    "county_shares",
    "find_ledger_faults",
    "fund_balances",
    "funds",
    "latest_seal",
    "owed_back",
    "paid_lines",
    "position_of",
    "reconciliation",
    "recoveries",
    "recovery_of",
    "recovery_parts",
    "rejected_lines",
    "trial_balance",
    "unfinished_batches",
    "verify_ledger",
]
