"""Funds, their budgets, the ledger, reservations, and payment batches with their lines."""

from jiuye.office.funds.models.installation import Installation, Restore
from jiuye.office.funds.models.ledger import LedgerAccount, LedgerSeal, LedgerTransfer
from jiuye.office.funds.models.payments import PaymentBatch, PaymentLine, ReturnFile
from jiuye.office.funds.models.recoveries import Recovery, RecoveryInstalment, RecoveryReceipt
from jiuye.office.funds.models.shares import CountyShare
from jiuye.office.funds.models.signatures import RecoverySignature, SignatureInTurn
from jiuye.office.funds.models.sources import Budget, Fund, Reservation
from jiuye.office.funds.models.unbooked import UnbookedPayment, claim_of_line

__all__ = [
    "Budget",
    "CountyShare",
    "Fund",
    "Installation",
    "LedgerAccount",
    "LedgerSeal",
    "LedgerTransfer",
    "PaymentBatch",
    "PaymentLine",
    "Recovery",
    "RecoveryInstalment",
    "RecoveryReceipt",
    "RecoverySignature",
    "Reservation",
    "Restore",
    "ReturnFile",
    "SignatureInTurn",
    "UnbookedPayment",
    "claim_of_line",
]
